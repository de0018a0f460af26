"""Codes as vectors: what is drawn is read back by a decoder of another make."""

from __future__ import annotations

import re

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from studio_invoices.qr import QUIET_ZONE, SWISS_CROSS_MM, SWISS_SIDE_MM, QrCode, Rectangle, qr_code

CONTENT = b"BCD\n002\n1\nSCT\n\nWebwerk Studio GmbH\nDE89370400440532013000\nEUR113.05\n\n\nRechnung 2026-0117"


def picture(boxes: list[Rectangle], side: float, pixels: int, margin: float) -> Image.Image:
    """The rectangles on white paper, `pixels` to their unit."""
    edge = round((side + 2 * margin) * pixels)
    image = Image.new("L", (edge, edge), 255)
    pen = ImageDraw.Draw(image)
    for x, y, width, height, dark in boxes:
        left, top = round((x + margin) * pixels), round((y + margin) * pixels)
        right, bottom = round((x + width + margin) * pixels), round((y + height + margin) * pixels)
        pen.rectangle((left, top, right - 1, bottom - 1), fill=0 if dark else 255)
    return image


def read(image: Image.Image) -> list[bytes]:
    return [found.bytes for found in zxingcpp.read_barcodes(image)]


def from_path(path: str) -> list[Rectangle]:
    """The rectangles of an SVG path, by its own words."""
    steps = re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z", path)
    assert all(width == back for _, _, width, _, back in steps)
    return [Rectangle(int(x), int(y), int(width), int(height)) for x, y, width, height, _ in steps]


def test_rectangles_and_path_are_read_back() -> None:
    """Both say the very same bytes."""
    code = qr_code(CONTENT)
    assert read(picture(list(code.rectangles()), code.size, 3, QUIET_ZONE)) == [CONTENT]
    assert from_path(code.svg_path()) == list(code.rectangles())
    assert not re.sub(r"M\d+ \d+h\d+v\d+h-\d+z", "", code.svg_path())


@settings(max_examples=25)
@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_are_read_back(content: bytes) -> None:
    """With one mask for all of them, at the size of a good print."""
    code = qr_code(content)
    assert read(picture(list(code.rectangles()), code.size, 4, QUIET_ZONE)) == [content]


@given(st.binary(min_size=1, max_size=60))
def test_rectangles_cover_the_dark_modules_once(content: bytes) -> None:
    """Every dark module lies in one rectangle, no light one in any, and there are fewer rectangles than modules."""
    code = qr_code(content)
    covered: list[tuple[int, int]] = []
    for x, y, width, height, dark in code.rectangles():
        assert dark
        covered += [(int(y) + dy, int(x) + dx) for dy in range(int(height)) for dx in range(int(width))]
    wanted = [(y, x) for y, row in enumerate(code.rows) for x, module in enumerate(row) if module]
    assert sorted(covered) == wanted
    assert len(code.rectangles()) < len(wanted)


def test_a_run_that_is_repeated_becomes_one_rectangle() -> None:
    """Joined downwards; a run of another width ends it."""
    rows = ((True, True, False), (True, True, False), (True, True, True), (False, False, False))
    assert QrCode(rows, 1).rectangles() == (Rectangle(0, 0, 2, 2), Rectangle(0, 2, 3, 1))


def test_a_swiss_code_is_read_under_its_cross() -> None:
    """46 mm wide, 300 dpi, the cross on the middle of 7 mm covers what level M repairs."""
    content = "\n".join(["SPC", "0200", "1", "CH9300762011623852957", *["x" * 20] * 12]).encode()
    code = qr_code(content)
    module = SWISS_SIDE_MM / code.size
    boxes = [Rectangle(x * module, y * module, w * module, h * module) for x, y, w, h, _ in code.rectangles()]
    assert read(picture([*boxes, *SWISS_CROSS_MM], SWISS_SIDE_MM, 12, 5)) == [content]


def test_the_cross_is_in_the_middle() -> None:
    """Each of its parts has the same centre as the code."""
    for x, y, width, height, _ in SWISS_CROSS_MM:
        assert (x + width / 2, y + height / 2) == pytest.approx((SWISS_SIDE_MM / 2, SWISS_SIDE_MM / 2))


def test_a_code_is_the_same_every_time() -> None:
    """Version 6, 41 modules, for its 88 bytes (85 to 106 at level M); too many for any version are refused."""
    assert (qr_code(CONTENT).size, qr_code(CONTENT).version) == (41, 6)
    qr_code.cache_clear()
    assert qr_code(CONTENT) == qr_code(CONTENT)
    with pytest.raises(ValueError, match="too many"):
        qr_code(b"x" * 2400)
