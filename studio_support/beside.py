"""What lies beside an invoice, besides its act: the time sheet as PDF and CSV, the e-invoice as XML."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from studio_invoices.annexes import TimeSheet
from studio_invoices.errors import Problem
from studio_invoices.look import PLAIN, Look
from studio_support.delivery.links import ROWS_NAME, SHEET_NAME, XML_NAME
from studio_support.delivery.stored import StoredInvoice

if TYPE_CHECKING:
    from studio_support.billing.ledger import Ledger


def page_names(names: Collection[str]) -> dict[str, str | None]:
    """Which of these files a page links to, as `render_page` takes them."""
    wanted = (("time_sheet_name", SHEET_NAME), ("rows_name", ROWS_NAME), ("xml_name", XML_NAME))
    return {argument: name if name in names else None for argument, name in wanted}


def render_sheet(sheet: TimeSheet, look: Look = PLAIN, mark: str | None = None) -> bytes:
    """The PDF of a time sheet: the same bytes each time. mark: drawn across it."""
    from studio_invoices.pdf import render_pdf

    return render_pdf(sheet, "timesheet", look=look, watermark=mark)


def sheet_csv(sheet: TimeSheet) -> bytes:
    """The time sheet for spreadsheets: UTF-8 with the mark by which they know it."""
    from studio_invoices.timesheet_csv import time_sheet_csv

    return time_sheet_csv(sheet).encode("utf-8-sig")


def files_beside(ledger: Ledger, invoice: StoredInvoice, look: Look) -> tuple[Mapping[str, bytes], tuple[Problem, ...]]:
    """All files that belong beside a document, by their names behind its link, and why one is not made."""
    from studio_support.einvoices import e_invoice

    files: dict[str, bytes] = {}
    sheet = ledger.time_sheet(invoice.id)
    if sheet is not None:
        files[SHEET_NAME] = render_sheet(sheet, look)
        files[ROWS_NAME] = sheet_csv(sheet)
    document = invoice.document
    if not document.profiles:
        return files, ()
    made = e_invoice(document, invoice.client)
    if not made.problems:
        files[XML_NAME] = made.xml
    return files, made.problems
