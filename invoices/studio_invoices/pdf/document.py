"""The international layout of an invoice, cancellation or credit note: a letter with a table."""

from __future__ import annotations

from decimal import Decimal

from studio_invoices.model import Invoice
from studio_invoices.pdf import style
from studio_invoices.pdf.blocks import Blocks
from studio_invoices.pdf.codes import code_of
from studio_invoices.pdf.flow import Frame, Placed, Row, keep_notes, paginate
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.letterhead import Letter, Letterhead
from studio_invoices.pdf.pages import bookmarks, on_letter
from studio_invoices.pdf.shapes import Drawing
from studio_invoices.pdf.swiss import swiss_page
from studio_invoices.pdf.table import Table
from studio_invoices.sheet import sheet_of
from studio_invoices.sheet_types import Sheet

_TALL_END = 200.0


def lay_out(invoice: Invoice, kit: Kit) -> Drawing:
    """The display list of an invoice, cancellation or credit note."""
    sheet = sheet_of(invoice, kit.texts)
    letterhead = Letterhead(letter_of(sheet), kit)
    blocks = Blocks(sheet, kit)
    table = Table(sheet, kit)
    head, head_bottom = letterhead.first_page()
    foot, foot_top = letterhead.foot()
    frame = _frame(sheet, table, head_bottom, foot_top)
    body = [*blocks.statements(), *table.rows()]
    code = code_of(invoice) if kit.payable else None
    on_own_page = code is not None and code.scheme == "swiss"
    payment = blocks.payment(None if on_own_page else code)
    pages = on_pages(body, blocks.sums(), payment, blocks.notes(), frame)
    drawn = on_letter(pages, letterhead, head, (foot, foot_top), kit, kit.watermark or sheet.draft_mark)
    if code is not None and on_own_page:
        slip = (*letterhead.running_head(), *swiss_page(code, code.payload, sheet.language, kit))
        drawn = (*drawn, slip)
    return Drawing(
        pages=drawn,
        title=sheet.title,
        author=sheet.seller_name,
        subject=sheet.period,
        language=sheet.language,
        made_on=invoice.issue_date,
        bookmarks=bookmarks(pages),
    )


def letter_of(sheet: Sheet) -> Letter:
    """Head and foot of an invoice."""
    numbers = tuple(f"{label} {value}" for label, value in sheet.seller_numbers)
    # the bank's name speaks for itself
    bank = tuple(f"{label} {value}" for label, value in sheet.bank if value != sheet.bank_name)
    return Letter(
        title=sheet.title,
        seller_name=sheet.seller_name,
        seller_address=sheet.seller_address,
        seller_contact=sheet.seller_contact,
        buyer_name=sheet.buyer_name,
        buyer_address=sheet.buyer_address,
        meta=sheet.meta,
        foot=((sheet.seller_name, *sheet.seller_address), sheet.seller_legal, numbers, (sheet.bank_name, *bank)),
        page=sheet.labels["document"]["page"],
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
        bottom=foot_top - 6,
        opening=opening,
        closing=lambda carried: table.carried(words["carried_forward"], carried),
        closing_height=15.0,
    )


def on_pages(
    body: list[Row], sums: list[Row], payment: list[Row], notes: list[Row], frame: Frame
) -> list[list[Placed]]:
    """The rows of a document on pages; marks those as glued that must not be parted.

    The sums stand below the last two lines. Payment and short notes are one block, which goes to the next page
    where it has no room below the sums: its sentence repeats the amount. Long notes run on from wherever payment
    stands. Without payment, short notes stay with the sums, or they would have a page to themselves.
    """
    _keep_last_lines(body)
    keep_notes(payment or sums, notes)
    return paginate([*body, *sums, *payment, *notes], frame)


def _keep_last_lines(body: list[Row]) -> None:
    """The last two lines stay with the sums, as long as they are not tall; else the end of the last one."""
    lines = [i for i, row in enumerate(body) if row.value is not None]
    tail = body[lines[-2] :] if len(lines) > 1 else body[-1:]
    if sum(row.height for row in tail) > _TALL_END:
        tail = body[-1:]
    for row in tail:
        row.glued = True
