"""Pages that go with an invoice or a contract: no address window, a title with a few facts, a table, notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from studio_invoices.pdf import style
from studio_invoices.pdf.flow import Frame, Row, keep_notes, paginate
from studio_invoices.pdf.grid import Grid
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.letterhead import Letter, Letterhead
from studio_invoices.pdf.pages import bookmarks, on_letter
from studio_invoices.pdf.pairs import label_width, pair_column
from studio_invoices.pdf.shapes import REGULAR, SEMIBOLD, Drawing, Shape, Text, fitted
from studio_invoices.sheet_annexes import Annex

_TITLE_TOP = 96.0
_LOGO_TOP = 26.0


def annex_drawing(annex: Annex, grid: Grid, rows: Sequence[Row], kit: Kit, made_on: date) -> Drawing:
    """An annex of these rows below its title."""
    letter = Letter(annex.title, annex.seller_name, (), (), "", (), (), annex.foot, annex.labels["document"]["page"])
    letterhead = Letterhead(letter, kit)
    head, top = _head(annex, kit, letterhead)
    foot, foot_top = letterhead.foot()
    frame = Frame(top, style.NEXT_TOP, foot_top - 6, _opening(grid), _no_sum, 0.0)
    notes = _notes(annex.notes, kit)
    keep_notes([*rows[-1:]], notes)
    pages = paginate([*rows, *notes], frame)
    drawn = on_letter(pages, letterhead, head, (foot, foot_top), kit, kit.watermark or annex.draft_mark)
    return Drawing(drawn, annex.title, annex.seller_name, "", annex.language, made_on, bookmarks(pages))


def _head(annex: Annex, kit: Kit, letterhead: Letterhead) -> tuple[list[Shape], float]:
    ruler = kit.ruler
    name, _title, rule = letterhead.running_head()
    shapes = [name, rule]
    if kit.logo is not None:
        shapes = [fitted(kit.logo, style.LEFT, _LOGO_TOP, 120, 26), rule]
    y = _TITLE_TOP
    for line in ruler.wrap(ruler.on_one_line(annex.title), style.WIDTH, style.TITLE, SEMIBOLD):
        shapes.append(Text(style.LEFT, y, SEMIBOLD, style.TITLE, style.INK, line))
        y += style.TITLE * 1.2
    labels = label_width(ruler, annex.facts)
    facts, bottom = pair_column(ruler, annex.facts, style.LEFT, y + 4, labels, style.WIDTH - labels)
    return [*shapes, *facts], bottom + 4


def _opening(grid: Grid) -> Callable[[Row, Decimal | None], list[Row]]:
    def opening(row: Row, _carried: Decimal | None) -> list[Row]:
        return [grid.head(), *([grid.heading(row.group, row.group)] if row.group else [])]

    return opening


def _no_sum(_carried: Decimal) -> Row:
    return Row(0.0, [])


def _notes(notes: Sequence[str], kit: Kit) -> list[Row]:
    rows = [Row(10, [])] if notes else []
    for note in notes:
        for line in kit.ruler.wrap(kit.ruler.drawable(note), style.WIDTH * 0.92, style.COMMENT):
            shape = Text(style.LEFT, style.COMMENT_LEADING * 0.8, REGULAR, style.COMMENT, style.GREY, line)
            rows.append(Row(style.COMMENT_LEADING, [shape]))
        rows[-1].height += 3
    return rows
