"""QR codes as vectors: a matrix of modules, few rectangles for the PDF, one path for the page.

Made by `studio_invoices.qr_matrix` with a fixed mask: choosing the best of eight takes eight times as long, and any
mask is a valid code. Bytes are encoded as they are, without an ECI header, which readers of banks stumble over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from studio_invoices.qr_matrix import qr_rows

# the white margin that readers need, in modules (ISO/IEC 18004); Swiss QR-bills have 5 mm instead
QUIET_ZONE = 4
SWISS_SIDE_MM = 46
_DARK = re.compile(b"\x01+")


class Rectangle(NamedTuple):
    """x, y from the upper left corner, in modules or millimetres, y downwards; dark: black, else white."""

    x: float
    y: float
    width: float
    height: float
    dark: bool = True


# 7 mm in the middle of a Swiss code: a white square, on it a black one with the white cross of the flag
SWISS_CROSS_MM = (
    Rectangle(19.5, 19.5, 7, 7, dark=False),
    Rectangle(19.75, 19.75, 6.5, 6.5),
    Rectangle(22.42, 21.06, 1.16, 3.88, dark=False),
    Rectangle(21.06, 22.42, 3.88, 1.16, dark=False),
)


@dataclass(frozen=True, slots=True)
class QrCode:
    """A drawn code. rows: one tuple a row of modules, True is dark; no quiet zone. version: 1 to 40."""

    rows: tuple[tuple[bool, ...], ...]
    version: int

    @property
    def size(self) -> int:
        """Modules a side."""
        return len(self.rows)

    def rectangles(self) -> tuple[Rectangle, ...]:
        """Dark rectangles in modules that cover the code without overlapping; runs are joined downwards."""
        return _rectangles(self.rows)

    def svg_path(self) -> str:
        """The `d` of one path with a module as unit, to be filled black in a viewBox of `size` and a quiet zone."""
        return "".join(f"M{box.x} {box.y}h{box.width}v{box.height}h-{box.width}z" for box in self.rectangles())


@lru_cache(maxsize=64)
def qr_code(content: bytes) -> QrCode:
    """The code of these bytes, level M. Raises ValueError where there are too many."""
    rows = qr_rows(content)
    return QrCode(tuple(tuple(map("1".__eq__, row)) for row in rows), (len(rows) - 17) // 4)


def _runs(row: tuple[bool, ...]) -> Iterator[tuple[int, int]]:
    return ((found.start(), found.end() - found.start()) for found in _DARK.finditer(bytes(row)))


@lru_cache(maxsize=64)
def _rectangles(rows: tuple[tuple[bool, ...], ...]) -> tuple[Rectangle, ...]:
    done: list[Rectangle] = []
    open_runs: dict[tuple[int, int], int] = {}
    for y, row in enumerate((*rows, ())):
        found = set(_runs(row))
        for run in sorted(open_runs.keys() - found):
            top = open_runs.pop(run)
            done.append(Rectangle(run[0], top, run[1], y - top))
        for run in found - open_runs.keys():
            open_runs[run] = y
    return tuple(sorted(done, key=lambda box: (box.y, box.x)))
