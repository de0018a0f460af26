"""The rules of a page's grids as one path: those that meet from row to row are one rule, without seams on a screen."""

from __future__ import annotations

from collections.abc import Iterable

from studio_invoices.pdf import ru_style as style
from studio_invoices.pdf.shapes import Cells, Shape

_Rule = tuple[float, float, float, float]
_SEAM = style.RULE


def with_joined_rules(shapes: Iterable[Shape]) -> list[Shape]:
    """The shapes of a page, from top to bottom; its rules (cells in points) last, joined."""
    kept: list[Shape] = []
    done: list[_Rule] = []
    open_rules: dict[tuple[float, float], tuple[float, float]] = {}
    for shape in shapes:
        if not isinstance(shape, Cells) or shape.unit != 1.0:
            kept.append(shape)
            continue
        for x, y, width, height in shape.cells:
            left, top = x + shape.x, y + shape.y
            bottom = top + height
            if width > height:
                done.append((left, top, width, height))
                continue
            above = open_rules.get((left, width))
            if above is None or top > above[1] + _SEAM:
                if above is not None:
                    done.append((left, above[0], width, above[1] - above[0]))
                open_rules[left, width] = top, bottom
            else:
                open_rules[left, width] = above[0], max(above[1], bottom)
    done += [(left, top, width, bottom - top) for (left, width), (top, bottom) in open_rules.items()]
    return [*kept, Cells(0.0, 0.0, 1.0, style.INK, tuple(done))] if done else kept
