"""A plain table: columns as wide as what stands in them, one of them taking the rest; rows that break well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from studio_invoices.pdf import style
from studio_invoices.pdf.flow import Row
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.shapes import REGULAR, SEMIBOLD, Box, Colour, Shape, Text

_TOP = 4.6
_BOTTOM = 4.4
_BASELINE = 0.8
_WHOLE = 14  # lines of a row that stay together
_MOST = 0.34  # of the width: how wide a column may become that does not take the rest
_LEAST = 30.0
_HEAD_WIDTH = 80.0
_APART = 2.0  # between a text and what was said of it


class Look(NamedTuple):
    """How a line of a cell is set."""

    size: float
    leading: float
    colour: Colour
    weight: int = REGULAR


BODY = Look(style.BODY, style.BODY_LEADING, style.INK)
STRONG = Look(style.BODY, style.BODY_LEADING, style.INK, SEMIBOLD)
DETAIL = Look(style.SMALL, style.SMALL_LEADING, style.GREY)
COMMENT = Look(style.COMMENT, style.COMMENT_LEADING, style.GREY)

Cell = Sequence[tuple[str, Look]]


class Column(NamedTuple):
    """Its head; whether it is set to the right; whether it takes what the others leave."""

    head: str
    right: bool = False
    rest: bool = False


class Grid:
    """Makes the rows of one table. `samples`: all cells, by column, that decide how wide it is."""

    def __init__(self, ruler: Ruler, columns: Sequence[Column], samples: Sequence[Sequence[str]]) -> None:
        self._ruler = ruler
        self._columns = columns
        self._edges = self._fit(samples)

    def head(self) -> Row:
        """The column heads, over a rule."""
        fitted = [
            self._ruler.wrap(column.head, right - left + 0.1, style.SMALL, SEMIBOLD)
            for column, (left, right) in zip(self._columns, self._edges, strict=True)
        ]
        deepest = max(map(len, fitted))
        shapes: list[Shape] = []
        for column, (left, right), lines in zip(self._columns, self._edges, fitted, strict=True):
            for i, line in enumerate(lines):
                x = right - self._ruler.width(line, style.SMALL, SEMIBOLD) if column.right else left
                y = 7.5 + (deepest - len(lines) + i) * style.SMALL_LEADING
                shapes.append(Text(x, y, SEMIBOLD, style.SMALL, style.GREY, line))
        height = 7.5 + (deepest - 1) * style.SMALL_LEADING + 7
        shapes.append(Box(style.LEFT, height - style.RULE, style.WIDTH, style.RULE, style.INK))
        return Row(height, shapes, glued=True, in_table=True)

    def heading(self, text: str, group: str = "") -> Row:
        """A heading over all columns; with a group, the smaller one on a page where that goes on."""
        look = COMMENT if group else Look(style.BODY + 0.5, 12.5, style.INK, SEMIBOLD)
        lines = self._ruler.wrap(self._ruler.on_one_line(text), style.WIDTH, look.size, look.weight)
        shapes: list[Shape] = [
            Text(style.LEFT, (13 if group else 19) + i * 12.5, look.weight, look.size, look.colour, line)
            for i, line in enumerate(lines)
        ]
        height = (7 if group else 12) + 12.5 * len(lines)
        if not group:
            shapes.append(Box(style.LEFT, height - style.HAIR, style.WIDTH, style.HAIR, style.LINE))
        return Row(height, shapes, glued=not group, in_table=True, mark="" if group else text)

    def row(self, cells: Sequence[Cell], group: str = "", ruled: bool = True) -> list[Row]:
        """One row; what is very long in the column that takes the rest goes on in rows of its own."""
        shapes, bottom, left_over = self._set(cells, _TOP)
        rows = [Row(bottom, shapes, in_table=True, group=group)]
        at = next(i for i, column in enumerate(self._columns) if column.rest)
        for line, look in left_over:
            x = self._edges[at][0]
            shape = Text(x, look.leading * _BASELINE, look.weight, look.size, look.colour, line)
            rows.append(Row(look.leading, [shape], in_table=True, group=group))
        if len(rows) > 1:
            rows[0].glued = rows[-2].glued = True
        last = rows[-1]
        last.height += _BOTTOM
        if ruled:
            last.shapes = [*last.shapes, Box(style.LEFT, last.height - style.HAIR, style.WIDTH, style.HAIR, style.LINE)]
        return rows

    def _set(self, cells: Sequence[Cell], top: float) -> tuple[list[Shape], float, list[tuple[str, Look]]]:
        """The shapes of a row, where it ends, and the lines that are too many for it."""
        ruler = self._ruler
        shapes: list[Shape] = []
        bottom = top
        left_over: list[tuple[str, Look]] = []
        for column, (left, right), cell in zip(self._columns, self._edges, cells, strict=True):
            lines = [
                (line, look)
                for text, look in cell
                if text
                for line in ruler.wrap(ruler.drawable(text), right - left, look.size, look.weight)
            ]
            if column.rest:
                lines, left_over = lines[:_WHOLE], lines[_WHOLE:]
            y = top
            last = cell[0][1] if cell else BODY
            for line, look in lines:
                y += _APART if look is COMMENT and last is not COMMENT else 0.0
                last = look
                x = right - ruler.width(line, look.size, look.weight) if column.right else left
                shapes.append(Text(x, y + _base(y == top, look), look.weight, look.size, look.colour, line))
                y += look.leading
            bottom = max(bottom, y)
        return shapes, bottom, left_over

    def _fit(self, samples: Sequence[Sequence[str]]) -> list[tuple[float, float]]:
        """Left and right edge of each column."""
        widths = []
        for column, texts in zip(self._columns, samples, strict=True):
            words = max(self._ruler.width(word, style.SMALL, SEMIBOLD) for word in column.head.split(" "))
            head = max(words, min(self._ruler.width(column.head, style.SMALL, SEMIBOLD), _HEAD_WIDTH))
            wide = max(
                (self._ruler.width(self._ruler.on_one_line(text), style.BODY, SEMIBOLD) for text in texts), default=0
            )
            widths.append(0.0 if column.rest else max(min(max(wide, head), style.WIDTH * _MOST), _LEAST))
        gap = style.GAP * 1.4
        spare = style.WIDTH - sum(widths) - gap * (len(widths) - 1)
        edges = []
        x = style.LEFT
        for column, width in zip(self._columns, widths, strict=True):
            right = x + (spare if column.rest else width)
            edges.append((x, right))
            x = right + gap
        return edges


def _base(first: bool, look: Look) -> float:
    """First lines of all cells stand on one baseline, whatever their size."""
    return style.BODY_LEADING * _BASELINE if first else look.leading * _BASELINE
