"""Tables for people: as wide as the terminal, nothing cut. Without a terminal there is no width, and no colour.

Rows keep to one line as long as that fits. Where it does not, wide columns wrap, and where even that leaves too
little room they stand below their row, indented: figures and names stay in line in 80 columns too.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence

from studio_cli.output import Cell, Column, Table

GAP = "  "
INDENT = "    "
NARROWEST, NARROW = 26, 40
Line = list[tuple[str, str]]  # (text, style)


def draw(table: Table, write: Callable[[str], None]) -> None:
    """Draws a table on stdout by means of `write`."""
    if not sys.stdout.isatty():
        write("".join(f"{_text(line)}\n" for line in lines(table, None)))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    with console.capture() as captured:
        for line in lines(table, shutil.get_terminal_size().columns):
            console.print(Text.assemble(*line))
    write(captured.get())


def _text(line: Line) -> str:
    return "".join(text for text, _ in line).rstrip()


def lines(table: Table, width: int | None) -> Iterator[Line]:
    """The lines of a table, none wider than `width` unless a column that cannot wrap is; None: no limit."""
    body = [[_cells(table.columns, row)] + [_detail(table.columns, sub) for sub in subs] for row, subs in _rows(table)]
    foot = [_cells(table.columns, row) for row in table.footer]
    everything = [row for rows in body for row in rows] + foot
    natural = [
        max([_len(column.title), *(_len(row[place]) for row in everything)])
        for place, column in enumerate(table.columns)
    ]
    widths, below = _fit(table.columns, natural, width)
    grid = _Grid(table.columns, widths, below, width)
    if table.title:
        yield [(table.title, "bold")]
    yield from grid.heading()
    for rows in body:
        yield from grid.row(rows[0], "")
        for detail in rows[1:]:
            yield from grid.row(detail, "dim")
    if foot:
        yield grid.rule()
        for row in foot:
            yield from grid.row(row, "bold")


def _rows(table: Table) -> Iterator[tuple[Sequence[Cell], Sequence[Sequence[Cell]]]]:
    for number, row in enumerate(table.rows):
        yield row, table.details[number] if number < len(table.details) else ()


def _cells(columns: Sequence[Column], row: Sequence[Cell]) -> list[str]:
    return [column.shown(cell) for column, cell in zip(columns, row, strict=True)]


def _detail(columns: Sequence[Column], row: Sequence[Cell]) -> list[str]:
    cells = _cells(columns, row)
    return [GAP + cells[0], *cells[1:]]


def _len(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _fit(columns: Sequence[Column], natural: Sequence[int], width: int | None) -> tuple[list[int], list[int]]:
    """The width of each column, and the places of those that stand below their row."""
    widths = list(natural)
    inline = list(range(len(columns)))
    if width is None:
        return widths, []
    first_to_go = [p for p in inline[::-1] if columns[p].wide] + [p for p in inline[::-1] if columns[p].minor]
    while True:
        flexible = [place for place in inline if columns[place].wide]
        fixed = sum(natural[place] for place in inline if place not in flexible)
        room = width - len(GAP) * (len(inline) - 1) - fixed
        least = {place: _least(columns[place], natural[place]) for place in flexible}
        if sum(least.values()) <= room or not first_to_go:
            break
        inline.remove(first_to_go.pop(0))
    spare = room - sum(least.values())
    for place in sorted(flexible, key=lambda place: natural[place] - least[place]):
        more = max(0, min(natural[place] - least[place], spare))
        widths[place] = least[place] + more
        spare -= more
    return widths, [place for place in range(len(columns)) if place not in inline]


def _least(column: Column, natural: int) -> int:
    """The room that a wide column needs to stay in line: two lines a cell, or at least NARROW."""
    if column.whole:
        return natural
    return min(natural, max(NARROWEST, min(NARROW, -(-natural // 2))))


class _Grid:
    """Puts cells into their columns."""

    def __init__(self, columns: Sequence[Column], widths: Sequence[int], below: Sequence[int], width: int | None):
        self._columns = columns
        self._widths = widths
        self._below = below
        self._width = width
        self._inline = [place for place in range(len(columns)) if place not in below]

    def rule(self) -> Line:
        return [(GAP.join("─" * self._widths[place] for place in self._inline), "dim")]

    def heading(self) -> Iterator[Line]:
        titles = [column.title for column in self._columns]
        yield [(text, "bold") for text, _ in self._line([titles[place] for place in self._inline], "")]
        if self._below:
            yield [(INDENT + ", ".join(titles[place] for place in self._below), "bold")]
        yield self.rule()

    def row(self, cells: Sequence[str], style: str) -> Iterator[Line]:
        wrapped = {place: self._wrap(place, cells[place]) for place in self._inline}
        for number in range(max(len(parts) for parts in wrapped.values())):
            parts = [wrapped[place][number] if number < len(wrapped[place]) else "" for place in self._inline]
            yield self._line(parts, style)
        yield from self._under(cells, style)

    def _under(self, cells: Sequence[str], style: str) -> Iterator[Line]:
        """What stands below its row: minor cells on one line, each wide one on lines of its own."""
        room = None if self._width is None else max(self._width - len(INDENT), NARROWEST)
        minor = ", ".join(cells[place] for place in self._below if self._columns[place].minor and cells[place])
        wide = [(cells[place], self._columns[place]) for place in self._below if not self._columns[place].minor]
        for part in _wrapped(minor, room) if minor else []:
            yield [(INDENT + part, style)]
        for text, column in wide:
            for part in _wrapped(text, None if column.whole else room) if text else []:
                yield [(INDENT + part, style or column.style)]

    def _wrap(self, place: int, text: str) -> list[str]:
        column = self._columns[place]
        return _wrapped(text, self._widths[place] if column.wide and not column.whole else None)

    def _line(self, parts: Sequence[str], style: str) -> Line:
        line: Line = []
        for place, part in zip(self._inline, parts, strict=True):
            column = self._columns[place]
            space = " " * (self._widths[place] - _len(part))
            padded = space + part if column.right else part + space
            last = place == self._inline[-1]
            line.append((padded.rstrip() if last else padded + GAP, style or column.style))
        return line


def _wrapped(text: str, width: int | None) -> list[str]:
    """A text in lines of at most this width, broken at spaces; a longer word is broken anywhere.

    All lines are indented as the first one.
    """
    if width is None or _len(text) <= width:
        return [text]
    words = text.split()
    indent = " " * (len(text) - len(text.lstrip()))
    found: list[str] = []
    line = indent
    for word in words:
        joined = f"{line} {word}" if line != indent else indent + word
        if _len(joined) <= width:
            line = joined
            continue
        if line != indent:
            found.append(line)
        line = indent + word
        while _len(line) > width:
            head = line[:width]
            while _len(head) > width:
                head = head[:-1]
            found.append(head)
            line = indent + line[len(head) :]
    return [*found, line]
