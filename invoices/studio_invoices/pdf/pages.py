"""What all layouts do with pages: rows to shapes, the mark across the page."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin

from studio_invoices.pdf import style
from studio_invoices.pdf.flow import Placed
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.shapes import PAGE_HEIGHT, PAGE_WIDTH, SEMIBOLD, Shape, Text, lowered

_WATERMARK_ANGLE = 54.0
_WATERMARK_LENGTH = 640.0
_WATERMARK_SIZE = 120.0


def shapes_on(page: Sequence[Placed]) -> list[Shape]:
    """The shapes of placed rows, where they stand on the page."""
    return [lowered(shape, placed.y) for placed in page for shape in placed.row.shapes]


def watermark(kit: Kit, text: str) -> list[Shape]:
    """The mark across the page, to be drawn below all else; as large as the diagonal has room for."""
    content = kit.ruler.on_one_line(text)
    width = kit.ruler.width(content, 1.0, SEMIBOLD)
    if not width:
        return []
    size = min(_WATERMARK_SIZE, _WATERMARK_LENGTH / width)
    turn = radians(_WATERMARK_ANGLE)
    x = PAGE_WIDTH / 2 - cos(turn) * width * size / 2 + sin(turn) * size * 0.35
    y = PAGE_HEIGHT / 2 + 20 + sin(turn) * width * size / 2 + cos(turn) * size * 0.35
    return [Text(x, y, SEMIBOLD, size, style.WATERMARK, content, _WATERMARK_ANGLE)]
