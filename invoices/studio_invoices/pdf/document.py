"""The international layout: blocks and table on pages, then what every page bears."""

from __future__ import annotations

from decimal import Decimal

from studio_invoices.model import Invoice
from studio_invoices.pdf import style
from studio_invoices.pdf.blocks import Blocks
from studio_invoices.pdf.flow import Frame, Row, paginate
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.pages import shapes_on, watermark
from studio_invoices.pdf.shapes import Drawing
from studio_invoices.pdf.table import Table
from studio_invoices.sheet import Sheet, sheet_of


def lay_out(invoice: Invoice, kit: Kit) -> Drawing:
    """The display list of an invoice, cancellation or credit note."""
    sheet = sheet_of(invoice, kit.texts)
    blocks = Blocks(sheet, kit)
    table = Table(sheet, kit)
    head, head_bottom = blocks.letter_head()
    foot, foot_top = blocks.foot()
    body = table.rows()
    body[-1].glued = True
    rows = [*blocks.statements(), *body, *blocks.sums(), *blocks.payment(), *blocks.notes()]
    pages = paginate(rows, _frame(sheet, table, head_bottom, foot_top))
    running_head = blocks.running_head()
    mark = watermark(kit, kit.watermark or sheet.draft_mark)
    drawn = tuple(
        (
            *mark,
            *(running_head if number > 1 else head),
            *shapes_on(page),
            *foot,
            blocks.page_number(number, len(pages), foot_top),
        )
        for number, page in enumerate(pages, start=1)
    )
    return Drawing(
        pages=drawn,
        title=sheet.title,
        author=sheet.seller_name,
        subject="",
        language=sheet.language,
        made_on=invoice.issue_date,
    )


def _frame(sheet: Sheet, table: Table, head_bottom: float, foot_top: float) -> Frame:
    words = sheet.labels["table"]

    def opening(row: Row, carried: Decimal | None) -> list[Row]:
        rows = [table.head()]
        if carried is not None:
            rows.append(table.carried(words["brought_forward"], carried))
        if row.group:
            rows.append(table.continued(row.group))
        return rows

    return Frame(
        first_top=head_bottom,
        next_top=style.NEXT_TOP,
        bottom=foot_top - 10,
        opening=opening,
        closing=lambda carried: table.carried(words["carried_forward"], carried),
        closing_height=15.0,
    )
