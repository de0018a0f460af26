"""The table of the Russian forms: a full grid, its head repeated on every page, rows that break well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from studio_invoices.pdf import ru_style as style
from studio_invoices.pdf.flow import Row
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.ru_types import RuGroup, RuRow, RuSheet
from studio_invoices.pdf.shapes import REGULAR, SEMIBOLD, Box, Cells, Colour, Shape, Text

_MAX_TITLE_LINES = 30
_TALL = 110.0
_TOP = 3.4
_FOOT = 3.6
_OVERLAP = 0.3
_LEAST = (20.0, 90.0, 42.0, 24.0, 52.0, 62.0)
_WORDS = re.compile("[ \n]")


class _Type(NamedTuple):
    size: float
    leading: float
    colour: Colour
    indent: float = 0.0


_TITLE = _Type(style.BODY, style.LEADING, style.INK)
_DETAIL = _Type(style.SMALL, style.SMALL_LEADING, style.GREY)
_COMMENT = _Type(style.HEAD, style.HEAD_LEADING, style.GREY, 7.0)


class RuTable:
    """Makes the rows of the table of one form. edges: the seven vertical rules, from left to right."""

    def __init__(self, sheet: RuSheet, ruler: Ruler) -> None:
        self._sheet = sheet
        self._ruler = ruler
        self.edges = self._fit_columns()
        self._title_width = self.edges[2] - self.edges[1] - 2 * style.PAD

    def rows(self) -> list[Row]:
        """Head and all lines; the last ones are glued to what follows the table."""
        rows = [self.head]
        groups = self._sheet.groups
        named = len(groups) > 1 or any(group.heading for group in groups)
        for number, group in enumerate(groups, start=1):
            before = len(rows)
            rows += self._group(group, named, number == len(groups))
        rows[-1].glued = True
        if len(groups) > 1 and len(groups[-1].rows) == 1:
            # the last project has one line: that of the project before comes with it, as long as they are not tall
            block = _last_line(rows[:before])
            if _height(block) + _height(rows[before:]) < _TALL:
                block[-1].glued = True
        return rows

    @cached_property
    def head(self) -> Row:
        """The names of the columns, the same row each time."""
        cells = [
            self._ruler.wrap(label, right - left - 5, style.HEAD, SEMIBOLD)
            for label, (left, right) in zip(self._sheet.columns, pairwise(self.edges), strict=True)
        ]
        deepest = max(len(lines) for lines in cells)
        height = deepest * style.HEAD_LEADING + 8
        shapes: list[Shape] = [Box(style.LEFT, 0, style.WIDTH, height, style.TINT)]
        for lines, (left, right) in zip(cells, pairwise(self.edges), strict=True):
            y = (height - len(lines) * style.HEAD_LEADING) / 2 + style.HEAD_LEADING * style.BASELINE
            for i, line in enumerate(lines):
                x = (left + right - self._ruler.width(line, style.HEAD, SEMIBOLD)) / 2
                at = y + i * style.HEAD_LEADING
                shapes.append(Text(x, at, SEMIBOLD, style.HEAD, style.INK, line))
        shapes.append(self._grid(height, self.edges, top=True))
        return Row(height, shapes, glued=True, in_table=True)

    def continued(self, heading: str) -> Row:
        """The heading of a project that goes on, on the page where it goes on."""
        line = self._ruler.shortened(self._ruler.on_one_line(heading), style.WIDTH - 2 * style.PAD, style.SMALL)
        height = style.SMALL_LEADING + 4
        shapes: list[Shape] = [
            Text(
                style.LEFT + style.PAD, 2 + style.SMALL_LEADING * style.BASELINE, REGULAR, style.SMALL, style.GREY, line
            ),
            self._grid(height, (style.LEFT, style.RIGHT)),
        ]
        return Row(height, shapes, in_table=True)

    def closing(self) -> Row:
        """The rule that closes the grid where a line goes on overleaf."""
        return Row(0.0, [Box(style.LEFT, -style.RULE, style.WIDTH, style.RULE, style.INK)], in_table=True)

    def _fit_columns(self) -> tuple[float, ...]:
        """As wide as what stands in them; the rest is for the name of the work."""
        ruler = self._ruler
        widths = list(_LEAST)
        for i, label in enumerate(self._sheet.columns):
            words = _WORDS.split(label)
            widths[i] = max(widths[i], *(ruler.width(word, style.HEAD, SEMIBOLD) + 7 for word in words))
        for group in self._sheet.groups:
            for row in group.rows:
                for i, text in ((0, row.number), (2, row.quantity), (4, row.price), (5, row.amount)):
                    widths[i] = max(widths[i], ruler.width(text, style.BODY) + 2 * style.PAD)
        total = ruler.width(self._sheet.grand_total.amount, style.BODY + 1, SEMIBOLD)
        widths[5] = max(widths[5], total + 2 * style.PAD)
        x = style.RIGHT
        edges = [x]
        for width in (widths[5], widths[4], widths[3], widths[2]):
            x -= width
            edges.append(x)
        return tuple(reversed([*edges, style.LEFT + widths[0], style.LEFT]))

    def _grid(self, height: float, edges: tuple[float, ...], top: bool = False) -> Cells:
        """The rules of one row: one at each edge, one below."""
        half, rule = style.RULE / 2, style.RULE
        left, right = edges[0] - half, edges[-1] + half
        cells = [(x - half, -rule if top else 0.0, rule, height + (rule if top else 0.0)) for x in edges]
        cells.append((left, height - rule, right - left, rule))
        if top:
            cells.append((left, -rule, right - left, rule))
        return Cells(0.0, 0.0, 1.0, style.INK, tuple(cells))

    def _sides(self, height: float, edges: tuple[float, ...]) -> Cells:
        """The rules of a row that goes on in the next one; they overlap a little, so that no screen shows a gap."""
        half = style.RULE / 2
        return Cells(0.0, 0.0, 1.0, style.INK, tuple((x - half, 0.0, style.RULE, height + _OVERLAP) for x in edges))

    def _group(self, group: RuGroup, named: bool, is_last: bool) -> Iterator[Row]:
        if named:
            yield self._heading(group.heading)
        blocks = [self._line(row, group.continued if named else "") for row in group.rows]
        last = len(blocks) - 1
        for i, block in enumerate(blocks):
            # two lines stay with the heading and two with the sums, as long as they are not tall and not the same
            close = i < last and _height(block) + _height(blocks[i + 1]) < _TALL
            if close and ((i == 0 and last > 2) or (is_last and i == last - 1)):
                block[-1].glued = True
            yield from block

    def _heading(self, heading: str) -> Row:
        text = self._ruler.on_one_line(heading)
        lines = self._ruler.wrap(text, style.WIDTH - 2 * style.PAD, style.BODY, SEMIBOLD)
        shapes: list[Shape] = []
        y = self._stack(shapes, lines, style.LEFT + style.PAD, _TOP, _TITLE, SEMIBOLD)
        height = y + _FOOT
        rules = self._grid(height, (style.LEFT, style.RIGHT))
        return Row(height, [*shapes, rules], glued=True, in_table=True, mark=text)

    def _line(self, row: RuRow, group: str) -> list[Row]:
        """One line: a block that stays whole, then what may break overleaf: a very long title, comments."""
        x = self.edges[1] + style.PAD
        title = self._ruler.wrap(self._ruler.drawable(row.title), self._title_width, style.BODY)
        details = self._details(row)
        shapes: list[Shape] = []
        y = self._stack(shapes, title[:_MAX_TITLE_LINES], x, _TOP, _TITLE)
        rest = title[_MAX_TITLE_LINES:]
        if not rest:
            y = self._stack(shapes, details, x, y, _DETAIL)
        edges, figures, end = self._figures(row)
        parts = [_Part(max(y, end), [*shapes, *figures])]
        if rest:
            parts += [*self._parts(rest, _TITLE, 0.0), *self._parts(details, _DETAIL, 0.0)]
        comments = [part for comment in row.comments for part in self._comment(comment)]
        return self._framed([*parts, *comments], edges, group)

    def _framed(self, parts: list[_Part], edges: tuple[float, ...], group: str) -> list[Row]:
        rows = []
        for i, part in enumerate(parts):
            is_last = i == len(parts) - 1
            height = part.height + (_FOOT if is_last else 0.0)
            rules = self._grid(height, edges) if is_last else self._sides(height, edges)
            glued = part.glued or (len(parts) > 1 and i in (0, len(parts) - 2))
            # the sum that the flow carries over is the number of strips of a line that is not finished
            unfinished = Decimal(-i if is_last else 1)
            rows.append(Row(height, [*part.shapes, rules], glued, True, group, unfinished))
        return rows

    def _stack(
        self, shapes: list[Shape], lines: list[str], x: float, y: float, look: _Type, weight: int = REGULAR
    ) -> float:
        """Adds lines of text below each other; where the last one ends."""
        for line in lines:
            baseline = y + look.leading * style.BASELINE
            shapes.append(Text(x + look.indent, baseline, weight, look.size, look.colour, line))
            y += look.leading
        return y

    def _details(self, row: RuRow) -> list[str]:
        """References, people and dates: as many on a line as fit, a long one broken."""
        lines: list[str] = []
        line = ""
        for detail in row.details:
            text = self._ruler.on_one_line(detail)
            joined = f"{line} · {text}" if line else text
            if line and self._ruler.width(joined, style.SMALL) > self._title_width:
                lines.append(line)
                joined = text
            *broken, line = self._ruler.wrap(joined, self._title_width, style.SMALL)
            lines += broken
        return [*lines, line] if line else lines

    def _figures(self, row: RuRow) -> tuple[tuple[float, ...], list[Shape], float]:
        """The rules that this line needs, what stands in its columns of figures, and where that ends."""
        edges = self.edges
        y = _TOP + style.LEADING * style.BASELINE
        shapes = [
            self._centred(row.number, edges[0], edges[1], y),
            self._to_the_right(row.quantity, edges[3], y),
            self._centred(row.unit, edges[3], edges[4], y),
        ]
        if not row.label:
            shapes += [self._to_the_right(row.price, edges[5], y), self._to_the_right(row.amount, edges[6], y)]
            return edges, shapes, _TOP + style.LEADING
        # said in place of price and amount, across both columns
        lines = self._ruler.wrap(self._ruler.drawable(row.label), edges[6] - edges[4] - 2 * style.PAD, style.BODY)
        for i, line in enumerate(lines):
            shapes.append(self._to_the_right(line, edges[6], y + i * style.LEADING, style.GREY))
        return (*edges[:5], edges[6]), shapes, _TOP + style.LEADING * len(lines)

    def _to_the_right(self, text: str, edge: float, y: float, colour: Colour = style.INK) -> Shape:
        x = edge - style.PAD - self._ruler.width(text, style.BODY)
        return Text(x, y, REGULAR, style.BODY, colour, text)

    def _centred(self, text: str, left: float, right: float, y: float) -> Shape:
        x = (left + right - self._ruler.width(text, style.BODY)) / 2
        return Text(x, y, REGULAR, style.BODY, style.INK, text)

    def _parts(self, lines: list[str], look: _Type, before: float) -> list[_Part]:
        parts = []
        for i, line in enumerate(lines):
            shapes: list[Shape] = []
            height = self._stack(shapes, [line], self.edges[1] + style.PAD, before if i == 0 else 0.0, look)
            parts.append(_Part(height, shapes))
        return parts

    def _comment(self, comment: str) -> list[_Part]:
        text = self._ruler.drawable(comment).strip("\n ")
        lines = self._ruler.wrap(text, self._title_width - _COMMENT.indent, _COMMENT.size)
        parts = self._parts(lines, _COMMENT, 2.0)
        # no single line of a comment alone at the foot or the head of a page
        if len(parts) > 1:
            parts[0].glued = parts[-2].glued = True
        return parts


class _Part:
    """A strip of one line of the table, before its rules are drawn."""

    __slots__ = ("glued", "height", "shapes")

    def __init__(self, height: float, shapes: list[Shape]) -> None:
        self.height = height
        self.shapes = shapes
        self.glued = False


def _last_line(rows: list[Row]) -> list[Row]:
    """The strips of the last line: the one that finishes it, and those before it that do not (see _framed)."""
    start = len(rows) - 1
    while start and (rows[start - 1].value or 0) > 0:
        start -= 1
    return rows[start:]


def _height(rows: list[Row]) -> float:
    return sum(row.height for row in rows)
