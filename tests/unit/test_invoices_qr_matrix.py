"""Our QR encoder: the modules of another encoder where a code is full, and read back by a decoder in any case.

The other encoder puts a superfluous zero byte before its padding, which no reader minds; so codes with padding differ.
"""

from __future__ import annotations

import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studio_invoices.qr_matrix import qr_rows

# ISO/IEC 18004, table 7: bytes that a code of level M holds, by version
CAPACITY = {1: 14, 2: 26, 6: 106, 7: 122, 9: 180, 10: 213, 13: 331, 16: 450, 20: 666, 27: 1125, 32: 1538, 40: 2331}


def theirs(content: bytes) -> tuple[str, ...]:
    made = segno.make_qr(content, error="M", mask=3, boost_error=False, mode="byte")
    return tuple("".join("1" if module else "0" for module in row) for row in made.matrix)


def read(rows: tuple[str, ...]) -> list[bytes]:
    side = len(rows) + 8
    pixels = bytes(0 if dark else 255 for row in framed(rows) for dark in row)
    image = Image.frombytes("L", (side, side), pixels).resize((side * 4, side * 4), Image.Resampling.NEAREST)
    return [found.bytes for found in zxingcpp.read_barcodes(image)]


def framed(rows: tuple[str, ...]) -> list[list[bool]]:
    side = len(rows) + 8
    quiet = [[False] * side for _ in range(4)]
    return [*quiet, *([False] * 4 + [module == "1" for module in row] + [False] * 4 for row in rows), *quiet]


@pytest.mark.parametrize(("version", "capacity"), CAPACITY.items())
def test_full_codes_are_as_another_encoder_makes_them(version: int, capacity: int) -> None:
    """One byte more takes the next version."""
    content = bytes((7 * i + version) % 256 for i in range(capacity))
    rows = qr_rows(content)
    assert len(rows) == 17 + 4 * version
    assert rows == theirs(content)
    if version < 40:
        assert len(qr_rows(content + b"x")) == len(rows) + 4


@pytest.mark.parametrize("version", range(1, 41))
def test_every_version_is_read_back(version: int) -> None:
    """Half full: sizes between the capacities are found by trying."""
    length = next(n for n in range(0, 2332, 3) if len(qr_rows(bytes(n))) == 17 + 4 * version)
    content = bytes((31 * i + version) % 256 for i in range(length + 1))
    assert read(qr_rows(content)) == [content]


@settings(max_examples=60)
@given(st.binary(min_size=1, max_size=450))
def test_any_bytes_are_read_back(content: bytes) -> None:
    """As they are, without a hint of an encoding."""
    assert read(qr_rows(content)) == [content]


def test_too_many_bytes_are_refused() -> None:
    """Version 40 is the largest."""
    with pytest.raises(ValueError, match="2332 bytes are too many"):
        qr_rows(bytes(2332))
