"""Labels with their values beside them, one pair below the other."""

from __future__ import annotations

from collections.abc import Sequence

from studio_invoices.pdf import style
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.shapes import REGULAR, Shape, Text
from studio_invoices.sheet_types import Pair

_MAX_LABEL_WIDTH = 96.0
_APART = 2.2


def label_width(ruler: Ruler, pairs: Sequence[Pair]) -> float:
    """The room for labels, the space before the values included; long labels are broken."""
    widest = max((ruler.width(label, style.SMALL) for label, _ in pairs), default=0.0)
    return min(widest + style.GAP, _MAX_LABEL_WIDTH)


def pair_column(
    ruler: Ruler, pairs: Sequence[Pair], x: float, y: float, labels: float, width: float
) -> tuple[list[Shape], float]:
    """The pairs from baseline y down, and the baseline of what would follow. labels, width: of both columns."""
    shapes: list[Shape] = []
    for label, value in pairs:
        names = ruler.wrap(label, labels - 6, style.SMALL)
        values = ruler.wrap(ruler.drawable(value), width, style.BODY)
        for i, line in enumerate(names):
            shapes.append(Text(x, y + i * style.SMALL_LEADING, REGULAR, style.SMALL, style.GREY, line))
        for i, line in enumerate(values):
            shapes.append(Text(x + labels, y + i * style.BODY_LEADING, REGULAR, style.BODY, style.INK, line))
        y += max(len(values) * style.BODY_LEADING, len(names) * style.SMALL_LEADING) + _APART
    return shapes, y
