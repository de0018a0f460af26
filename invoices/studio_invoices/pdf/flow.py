"""Pagination: rows that must not be parted are kept together, heads are repeated, sums carried over.

Pure but for being handed the rows; knows heights, not looks. Linear in the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from studio_invoices.pdf.shapes import Shape


@dataclass(slots=True)
class Row:
    """A horizontal strip of the page: shapes relative to its upper edge.

    glued: must stand on one page with the next row, as far as a page can hold them all. in_table: below the
    column heads, which are then repeated on each new page. group: what is continued when a page begins with
    this row, empty on a row that opens a group. value: added to the sum that is carried over. mark: what the
    outline of a long document calls this place.
    """

    height: float
    shapes: Sequence[Shape]
    glued: bool = False
    in_table: bool = False
    group: str = ""
    value: Decimal | None = None
    mark: str = ""


@dataclass(slots=True)
class Placed:
    """A row and the distance of its upper edge from the top of the page."""

    y: float
    row: Row


@dataclass(frozen=True, slots=True)
class Frame:
    """Where rows may stand, and what begins and ends a page that continues the table."""

    first_top: float
    next_top: float
    bottom: float
    opening: Callable[[Row, Decimal | None], list[Row]]
    closing: Callable[[Decimal], Row]
    closing_height: float


@dataclass(slots=True)
class _Pages:
    """fresh: nothing has been placed on this page, and a further one would have no more room."""

    frame: Frame
    pages: list[list[Placed]] = field(default_factory=lambda: [[]])
    y: float = 0.0
    fresh: bool = False
    carried: Decimal | None = None

    def place(self, row: Row) -> None:
        self.pages[-1].append(Placed(self.y, row))
        self.y += row.height
        self.fresh = False
        if row.value is not None:
            self.carried = row.value if self.carried is None else self.carried + row.value

    def room(self, row: Row) -> float:
        kept_free = self.frame.closing_height if row.in_table else 0.0
        return self.frame.bottom - kept_free - self.y

    def turn(self, row: Row) -> None:
        """A new page that begins with this row."""
        carried = self.carried if row.in_table else None
        if carried is not None:
            self.pages[-1].append(Placed(self.y, self.frame.closing(carried)))
        self.pages.append([])
        self.y = self.frame.next_top
        self.fresh = True
        for opening in self.frame.opening(row, carried) if row.in_table else []:
            if opening is row:  # the column heads themselves: a table that begins on this page
                continue
            self.pages[-1].append(Placed(self.y, opening))
            self.y += opening.height


def paginate(rows: Sequence[Row], frame: Frame) -> list[list[Placed]]:
    """The rows on pages, in order, each exactly once.

    A glued run moves to the next page whole; a run that no page could hold is broken between its rows.
    """
    state = _Pages(frame, y=frame.first_top, fresh=frame.first_top <= frame.next_top)
    fresh = frame.bottom - frame.next_top
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) - 1 and rows[end].glued:
            end += 1
        run = rows[start : end + 1]
        height = sum(row.height for row in run)
        if height > state.room(run[-1]):
            opening = frame.opening(run[0], state.carried) if run[0].in_table else []
            kept = height <= fresh - sum(row.height for row in opening) - frame.closing_height
            if kept and not state.fresh:
                state.turn(run[0])
        else:
            kept = True
        for row in run:
            if not kept and row.height > state.room(row) and not state.fresh:
                state.turn(row)
            state.place(row)
        start = end + 1
    return state.pages


_SHORT_NOTES = 120.0
_LEAST_ALONE = 80.0


def keep_notes(before: list[Row], notes: list[Row]) -> None:
    """Glues notes so that no page bears a few lines of them and nothing else.

    Short notes, up to 120 points, stay with `before`: the block above them. Of long ones the last 80 points stay
    together.
    """
    if sum(row.height for row in notes) <= _SHORT_NOTES:
        block = [*before, *notes]
        for row in block[:-1]:
            row.glued = True
        return
    height = 0.0
    for row, following in zip(notes[-2::-1], notes[:0:-1], strict=True):
        height += following.height
        if height >= _LEAST_ALONE:
            return
        row.glued = True
