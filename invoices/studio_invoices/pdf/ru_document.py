"""The Russian layout: «Счёт на оплату» and «Акт», blocks and table on pages, then what every page bears."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from studio_invoices.model import Act, Invoice
from studio_invoices.pdf import ru_style as style
from studio_invoices.pdf.codes import code_of
from studio_invoices.pdf.flow import Frame, Row, keep_notes, paginate
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.pages import bookmarks, shapes_on, watermark
from studio_invoices.pdf.ru_blocks import RuBlocks
from studio_invoices.pdf.ru_rules import with_joined_rules
from studio_invoices.pdf.ru_sheet import act_sheet, bill_sheet
from studio_invoices.pdf.ru_signatures import RuSignatures
from studio_invoices.pdf.ru_table import RuTable
from studio_invoices.pdf.shapes import Drawing, Image


def lay_out(document: Invoice | Act, kit: Kit) -> Drawing:
    """The display list of a bill, of what takes one back, or of an act."""
    if isinstance(document, Act):
        sheet, made_on, code = act_sheet(document, kit.texts), document.act_date, None
    else:
        sheet, made_on = bill_sheet(document, kit.texts), document.issue_date
        code = code_of(document) if kit.payable else None
    mark = watermark(kit, kit.watermark or sheet.draft_mark)
    blocks = RuBlocks(sheet, kit.ruler)
    table = RuTable(sheet, kit.ruler)
    signatures = RuSignatures(sheet, kit.ruler, {} if mark else _pictures(kit))
    signed, notes = [*blocks.terms(), signatures.row()], blocks.notes()
    keep_notes(signed, notes)
    rows = [
        *blocks.bank(code),
        *blocks.title(),
        *blocks.parties(),
        *table.rows(),
        *blocks.sums(table.edges),
        *signed,
        *notes,
    ]
    # a single page needs no page number, so its last lines may stand where that would
    single = sum(row.height for row in rows) <= style.SINGLE_BOTTOM - style.FIRST_TOP
    pages = paginate(rows, _frame(table, style.SINGLE_BOTTOM if single else style.BOTTOM))
    head = blocks.running_head()
    drawn = tuple(
        (
            *mark,
            *(head if number > 1 else ()),
            *with_joined_rules(shapes_on(page)),
            *blocks.page_number(number, len(pages)),
        )
        for number, page in enumerate(pages, start=1)
    )
    return Drawing(drawn, sheet.title, sheet.author, sheet.subject, sheet.language, made_on, bookmarks(pages))


def _pictures(kit: Kit) -> Mapping[str, Image]:
    """Of the look; a draft bears neither stamp nor signature."""
    named = (
        ("stamp", kit.stamp),
        ("signature", kit.signature),
        ("accountant_signature", kit.accountant_signature),
    )
    return {name: image for name, image in named if image is not None}


def _frame(table: RuTable, bottom: float) -> Frame:
    head = table.head
    closing, nothing = table.closing(), Row(0.0, [])

    def opening(row: Row, _: Decimal | None) -> list[Row]:
        return [head, table.continued(row.group)] if row.group else [head]

    return Frame(
        first_top=style.FIRST_TOP,
        next_top=style.NEXT_TOP,
        bottom=bottom,
        opening=opening,
        closing=lambda unfinished: closing if unfinished else nothing,
        closing_height=0.0,
    )
