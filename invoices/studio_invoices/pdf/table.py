"""The table of lines: column widths from what stands in them, rows that break well across pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from studio_invoices import sheet_types as words
from studio_invoices.pdf import style
from studio_invoices.pdf.flow import Row
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.shapes import REGULAR, SEMIBOLD, Box, Colour, Shape, Text

_MAX_TITLE_LINES = 30
_HEAD_WIDTH = 60.0
_TALL = 110.0
_TOP = 4.2
_BOTTOM = 4.0
_BASELINE = 0.8  # of the leading: where the baseline stands in a line


@dataclass(frozen=True, slots=True)
class Columns:
    """Left edge of the task column, its width, and the right edges of the columns of figures."""

    task: float
    task_width: float
    time: float
    rate: float
    amount: float


class _Look(NamedTuple):
    size: float
    leading: float
    colour: Colour


_TITLE = _Look(style.BODY, style.BODY_LEADING, style.INK)
_DETAIL = _Look(style.SMALL, style.SMALL_LEADING, style.GREY)


class Table:
    """Makes the rows of the table of one document."""

    def __init__(self, sheet: words.Sheet, kit: Kit) -> None:
        self._sheet = sheet
        self._accent = kit.accent
        self._ruler = kit.ruler
        self._columns = self._fit_columns()
        self._head: Row | None = None

    def rows(self) -> list[Row]:
        """Column heads, then all sections; the last rows are glued to what follows the table."""
        rows = [self.head()]
        for section in self._sheet.sections:
            if section.heading:
                rows.append(self._section_heading(section.heading))
            for project in section.projects:
                rows += self._project(project)
        return rows

    def head(self) -> Row:
        """The column heads, the same row each time."""
        if self._head is None:
            self._head = self._make_head()
        return self._head

    def _make_head(self) -> Row:
        columns = self._columns
        number, task, time, rate, amount = self._sheet.columns
        fitted = [
            (style.LEFT, [number], False),
            (columns.task, [task], False),
            (columns.time, self._head_lines(time, columns.time - columns.task - columns.task_width), True),
            (columns.rate, self._head_lines(rate, columns.rate - columns.time - style.GAP), True),
            (columns.amount, self._head_lines(amount, columns.amount - columns.rate - style.GAP), True),
        ]
        deepest = max(len(lines) for _, lines, _ in fitted)
        shapes: list[Shape] = []
        for x, lines, to_the_right in fitted:
            for i, line in enumerate(lines):
                y = 7.5 + (deepest - len(lines) + i) * style.SMALL_LEADING
                shapes.append(self._text(x, y, line, SEMIBOLD, style.SMALL, style.GREY, to_the_right))
        height = 7.5 + (deepest - 1) * style.SMALL_LEADING + 7
        shapes.append(Box(style.LEFT, height - style.RULE, style.WIDTH, style.RULE, style.INK))
        return Row(height, shapes, glued=True, in_table=True)

    def continued(self, name: str) -> Row:
        """The heading of a project that goes on, on the page where it goes on."""
        room = style.RIGHT - self._columns.task
        line = self._ruler.shortened(self._ruler.on_one_line(name), room, style.COMMENT)
        shape = Text(self._columns.task, 14, REGULAR, style.COMMENT, style.GREY, line)
        return Row(20, [shape], in_table=True)

    def carried(self, label: str, amount: Decimal) -> Row:
        """The running sum, at the foot of a page or at the head of the next."""
        figure = self._sheet.decimal(amount)
        x = self._columns.amount - self._ruler.width(figure, style.SMALL) - style.GAP
        return Row(
            15,
            [
                self._text(x, 10.5, label, REGULAR, style.SMALL, style.GREY, True),
                self._text(self._columns.amount, 10.5, figure, REGULAR, style.SMALL, style.GREY, True),
            ],
            in_table=True,
        )

    def _fit_columns(self) -> Columns:
        ruler = self._ruler
        times, rates, amounts, numbers = [24.0], [24.0], [40.0], [12.0]
        for section in self._sheet.sections:
            for project in section.projects:
                times.append(ruler.width(project.subtotal_time, style.BODY, SEMIBOLD))
                amounts.append(ruler.width(project.subtotal_amount, style.BODY, SEMIBOLD))
                for row in project.rows:
                    times += [ruler.width(row.time, style.BODY), ruler.width(row.booked, style.SMALL)]
                    rates.append(ruler.width(row.rate, style.BODY))
                    amounts.append(ruler.width(row.amount, style.BODY))
                    numbers.append(ruler.width(row.number, style.SMALL))
        head = [self._head_width(label) for label in self._sheet.columns]
        amount = style.RIGHT
        rate = amount - max(*amounts, head[4]) - style.GAP * 1.4
        time = rate - max(*rates, head[3]) - style.GAP * 1.4
        task = style.LEFT + max(*numbers, head[0]) + style.GAP * 0.7
        task_end = time - max(*times, head[2]) - style.GAP * 1.4
        return Columns(task, max(task_end - task, 90.0), time, rate, amount)

    def _head_width(self, label: str) -> float:
        """A short head stands on one line, a long one breaks into its words."""
        words_wide = max(self._ruler.width(word, style.SMALL, SEMIBOLD) for word in label.split(" "))
        return max(words_wide, min(self._ruler.width(label, style.SMALL, SEMIBOLD), _HEAD_WIDTH))

    def _head_lines(self, label: str, width: float) -> list[str]:
        return self._ruler.wrap(label, max(width, 30.0), style.SMALL, SEMIBOLD)

    def _text(
        self, x: float, y: float, text: str, weight: int, size: float, colour: Colour, to_the_right: bool
    ) -> Text:
        left = x - self._ruler.width(text, size, weight) if to_the_right else x
        return Text(left, y, weight, size, colour, text)

    def _section_heading(self, heading: str) -> Row:
        lines = self._ruler.wrap(self._ruler.on_one_line(heading), style.WIDTH, 10.5, SEMIBOLD)
        shapes = [Text(style.LEFT, 24 + i * 13.5, SEMIBOLD, 10.5, self._accent, line) for i, line in enumerate(lines)]
        return Row(16 + 13.5 * len(lines), shapes, glued=True, in_table=True, mark=self._ruler.on_one_line(heading))

    def _project(self, project: words.Project) -> Iterator[Row]:
        yield self._project_heading(project.name)
        blocks = [self._line(row, project.continued) for row in project.rows]
        last = len(blocks) - 1
        for i, block in enumerate(blocks):
            # two lines stay with the heading and two with the subtotal, as long as they are not tall
            if i == last:
                block[-1].glued = bool(project.subtotal_label)
            elif i in (0, last - 1) and _height(block) + _height(blocks[i + 1]) < _TALL:
                block[-1].glued = True
            yield from block
        if project.subtotal_label:
            yield self._subtotal(project)

    def _project_heading(self, name: str) -> Row:
        text = self._ruler.on_one_line(name)
        lines = self._ruler.wrap(text, style.RIGHT - self._columns.task, style.BODY + 0.5, SEMIBOLD)
        shapes = [
            Text(self._columns.task, 17 + i * 12.5, SEMIBOLD, style.BODY + 0.5, style.INK, line)
            for i, line in enumerate(lines)
        ]
        height = 10 + 12.5 * len(lines)
        rule = Box(self._columns.task, height - style.HAIR, style.RIGHT - self._columns.task, style.HAIR, style.LINE)
        return Row(height, [*shapes, rule], glued=True, in_table=True, mark=text)

    def _subtotal(self, project: words.Project) -> Row:
        columns, ruler = self._columns, self._ruler
        text = ruler.on_one_line(project.subtotal_label)
        lines = ruler.wrap(text, columns.task_width, style.BODY, SEMIBOLD)
        shapes: list[Shape] = [
            Text(columns.task, 15 + i * style.BODY_LEADING, SEMIBOLD, style.BODY, style.INK, line)
            for i, line in enumerate(lines)
        ]
        y = 15 + (len(lines) - 1) * style.BODY_LEADING
        shapes.append(self._text(columns.time, y, project.subtotal_time, SEMIBOLD, style.BODY, style.INK, True))
        shapes.append(self._text(columns.amount, y, project.subtotal_amount, SEMIBOLD, style.BODY, style.INK, True))
        return Row(y + 8, shapes, in_table=True, group=project.continued)

    def _line(self, row: words.Row, group: str) -> list[Row]:
        """One line: a block that stays whole, then its comments, which may break after two of their lines."""
        columns, ruler = self._columns, self._ruler
        title = ruler.wrap(ruler.drawable(row.title), columns.task_width, style.BODY)
        details = self._details(row)
        baseline = _TOP + style.BODY_LEADING * _BASELINE
        shapes: list[Shape] = [Text(style.LEFT, baseline, REGULAR, style.SMALL, style.GREY, row.number)]
        y = self._stack(shapes, title[:_MAX_TITLE_LINES], _TOP, _TITLE)
        rest = title[_MAX_TITLE_LINES:]
        if not rest:
            y = self._stack(shapes, details, y, _DETAIL)
        figures, figures_end = self._figures(row, baseline)
        shapes += figures
        parts = [Row(max(y, figures_end), shapes, in_table=True, group=group, value=row.value)]
        if rest:
            parts += [*self._lines(rest, _TITLE, group), *self._lines(details, _DETAIL, group)]
        for comment in row.comments:
            parts += self._comment(comment, group)
        parts[-1] = self._closed(parts[-1])
        _glue_ends(parts)
        return parts

    def _stack(self, shapes: list[Shape], lines: list[str], y: float, look: _Look) -> float:
        """Adds lines of text below each other in the task column; where the last one ends."""
        for line in lines:
            baseline = y + look.leading * _BASELINE
            shapes.append(Text(self._columns.task, baseline, REGULAR, look.size, look.colour, line))
            y += look.leading
        return y

    def _closed(self, row: Row) -> Row:
        height = row.height + _BOTTOM
        rule = Box(self._columns.task, height - style.HAIR, style.RIGHT - self._columns.task, style.HAIR, style.LINE)
        return Row(height, [*row.shapes, rule], row.glued, True, row.group, row.value)

    def _details(self, row: words.Row) -> list[str]:
        """References, people and dates: as many on a line as fit, a long one broken."""
        lines: list[str] = []
        line = ""
        for detail in row.details:
            text = self._ruler.on_one_line(detail)
            joined = f"{line} · {text}" if line else text
            if line and self._ruler.width(joined, style.SMALL) > self._columns.task_width:
                lines.append(line)
                joined = text
            *broken, line = self._ruler.wrap(joined, self._columns.task_width, style.SMALL)
            lines += broken
        return [*lines, line] if line else lines

    def _figures(self, row: words.Row, y: float) -> tuple[list[Shape], float]:
        """Time, rate and amount on the first baseline, and where what stands below them ends."""
        columns, ruler = self._columns, self._ruler
        shapes = [self._text(columns.time, y, row.time, REGULAR, style.BODY, style.INK, True)]
        end = y
        if row.booked:
            end = y + style.SMALL_LEADING + 1
            shapes.append(self._text(columns.time, end, row.booked, REGULAR, style.SMALL, style.GREY, True))
        if row.label:
            width = columns.amount - columns.time - style.GAP
            for i, line in enumerate(ruler.wrap(ruler.drawable(row.label), width, style.BODY)):
                at = y + i * style.BODY_LEADING
                end = max(end, at)
                shapes.append(self._text(columns.amount, at, line, REGULAR, style.BODY, style.GREY, True))
        else:
            shapes.append(self._text(columns.rate, y, row.rate, REGULAR, style.BODY, style.INK, True))
            shapes.append(self._text(columns.amount, y, row.amount, REGULAR, style.BODY, style.INK, True))
        return list(shapes), end + style.BODY_LEADING * (1 - _BASELINE)

    def _lines(self, lines: list[str], look: _Look, group: str) -> list[Row]:
        rows = []
        for line in lines:
            shapes: list[Shape] = []
            height = self._stack(shapes, [line], 0.0, look)
            rows.append(Row(height, shapes, in_table=True, group=group))
        return rows

    def _comment(self, comment: str, group: str) -> list[Row]:
        indent = 7.0
        leading = style.COMMENT_LEADING
        text = self._ruler.drawable(comment).strip("\n ")
        lines = self._ruler.wrap(text, self._columns.task_width - indent, style.COMMENT)
        rows = []
        for i, line in enumerate(lines):
            top = 2.5 if i == 0 else 0.0
            x, y = self._columns.task, top + leading * _BASELINE
            shapes: list[Shape] = [
                Box(x, top, 1.0, leading, style.LINE),
                Text(x + indent, y, REGULAR, style.COMMENT, style.GREY, line),
            ]
            rows.append(Row(leading + top, shapes, in_table=True, group=group))
        _glue_ends(rows)
        return rows


def _height(rows: list[Row]) -> float:
    return sum(row.height for row in rows)


def _glue_ends(rows: list[Row]) -> None:
    """No single line of a paragraph alone at the foot or the head of a page."""
    if len(rows) > 1:
        rows[0].glued = rows[-2].glued = True
