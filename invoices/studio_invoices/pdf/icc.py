"""The colour profile of sRGB (IEC 61966-2-1) as an ICC file of version 4, written here so that it is the same bytes
everywhere: libraries that make one put the clock into it.

Numbers: primaries adapted to D50 and the parametric curve, as ICC publishes them for sRGB.
"""

from __future__ import annotations

import struct
from functools import cache

_D50 = (0.9642, 1.0, 0.8249)
_PRIMARIES = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
_ADAPTATION = (1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707, -0.00925, 0.01508, 0.75168)
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_HEADER_BYTES, _ENTRY_BYTES = 128, 12


@cache
def srgb_profile() -> bytes:
    """The profile's bytes."""
    curve = b"para" + struct.pack(">IHH", 0, 3, 0) + _fixed(_CURVE)
    tags = {
        b"desc": _text("sRGB"),
        b"cprt": _text("No copyright, use freely"),
        b"wtpt": _xyz(_D50),
        b"chad": b"sf32" + bytes(4) + _fixed(_ADAPTATION),
        **{name: _xyz(value) for name, value in _PRIMARIES.items()},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    start = _HEADER_BYTES + 4 + _ENTRY_BYTES * len(tags)
    table, data, places = struct.pack(">I", len(tags)), b"", dict[bytes, int]()
    for name, content in tags.items():
        if content not in places:  # the three curves are one
            places[content] = start + len(data)
            data += content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", places[content], len(content))
    return _header(start + len(data)) + table + data


def _header(size: int) -> bytes:
    """Version 4.2, a display, RGB to XYZ; the day is that of the standard's publication."""
    return b"".join(
        (
            struct.pack(">I4sI", size, bytes(4), 0x04200000),
            b"mntrRGB XYZ ",
            struct.pack(">6H", 1999, 10, 18, 0, 0, 0),
            b"acsp",
            bytes(28),
            _fixed(_D50),
            bytes(48),
        )
    )


def _fixed(numbers: tuple[float, ...]) -> bytes:
    """s15Fixed16Number."""
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(value)


def _text(content: str) -> bytes:
    """multiLocalizedUnicodeType with one record, English."""
    encoded = content.encode("utf-16-be")
    return b"mluc" + struct.pack(">III2s2sII", 0, 1, 12, b"en", b"US", len(encoded), 28) + encoded
