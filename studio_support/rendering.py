"""Issued documents drawn: as originals, the same bytes each time, and as copies that say what was cancelled."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

from studio_invoices.look import PLAIN, Look
from studio_invoices.model import Act
from studio_support.beside import page_names, render_sheet
from studio_support.delivery.links import ACT_NAME, PDF_NAME
from studio_support.delivery.stored import StoredInvoice

if TYPE_CHECKING:
    from studio_invoices.annexes import TimeSheet

Which = Literal["invoice", "act", "timesheet"]


def render(
    invoice: StoredInvoice, look: Look = PLAIN, *, has_act: bool = False, beside: Collection[str] = ()
) -> tuple[bytes, str]:
    """(PDF, page) of an issued document: the same bytes each time. has_act, beside: the page names the act, and these
    files beside it."""
    from studio_invoices.html import render_page
    from studio_invoices.pdf import render_pdf

    document = invoice.document
    archive = None
    if "facturx" in document.profiles:
        from studio_invoices.einvoice.hybrid import archive_for

        archive = archive_for(document)
    act_name = ACT_NAME if has_act else None
    page = render_page(document, pdf_name=PDF_NAME, act_name=act_name, look=look, **page_names(beside))
    return render_pdf(document, look=look, archive=archive), page


def render_act(act: Act, look: Look = PLAIN, mark: str | None = None) -> bytes:
    """The PDF of an act: the same bytes each time. mark: drawn across it."""
    from studio_invoices.pdf import render_pdf

    return render_pdf(act, "act", look=look, watermark=mark)


def render_cancelled(document: StoredInvoice | Act | TimeSheet, look: Look = PLAIN) -> bytes:
    """The PDF of what was taken back: that is written across every page, and there is no code to pay it by.

    No original: its bytes are not recorded, and no e-invoice lies within, which a program would book.
    """
    from studio_invoices.pdf import render_pdf
    from studio_invoices.wording import cancelled_mark

    if isinstance(document, Act):
        return render_act(document, look, cancelled_mark("ru"))
    if isinstance(document, StoredInvoice):
        invoice = document.document
        return render_pdf(invoice, look=look, watermark=cancelled_mark(invoice.language), payable=False)
    return render_sheet(document, look, cancelled_mark(document.language))
