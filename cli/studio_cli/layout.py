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
NARROWEST = 26
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
    """The width of each column, and the places of those that stand below their row (width 0)."""
    widths = list(natural)
    below: list[int] = []
    if width is None:
        return widths, below
    wide = [place for place, column in enumerate(columns) if column.wide]
    while True:
        inline = [place for place in range(len(columns)) if place not in below]
        room = width - len(GAP) * (len(inline) - 1) - sum(natural[p] for p in inline if p not in wide)
        flexible = [place for place in inline if place in wide]
        least = {p: natural[p] if columns[p].whole else min(natural[p], NARROWEST) for p in flexible}
        if not flexible or sum(least.values()) <= room:
            break
        below.insert(0, flexible[-1])
        widths[flexible[-1]] = 0
    spare = room - sum(least.values())
    for place in sorted(flexible, key=lambda place: natural[place] - least[place]):
        more = min(natural[place] - least[place], spare)
        widths[place] = least[place] + more
        spare -= more
    return widths, below


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
        for place in self._below:
            room = None if self._width is None else max(self._width - len(INDENT), NARROWEST)
            for part in _wrapped(cells[place], None if self._columns[place].whole else room):
                if part:
                    yield [(INDENT + part, style or self._columns[place].style)]

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
    """A text in lines of at most this width, broken at spaces; a longer word is broken anywhere."""
    if width is None or _len(text) <= width:
        return [text]
    found: list[str] = []
    line = ""
    for word in text.split(" "):
        if line and _len(line) + 1 + _len(word) <= width:
            line += f" {word}"
            continue
        if line:
            found.append(line)
        while _len(word) > width:
            head = word[:width]
            while _len(head) > width:
                head = head[:-1]
            found.append(head)
            word = word[len(head) :]
        line = word
    return [*found, line] if line else found
