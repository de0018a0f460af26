"""The page behind the link: one plain HTML file with the words and figures of the PDF.

No script, nothing loaded from anywhere, all text escaped by the template engine; made to be read on a telephone,
in the dark, by a screen reader, and to be printed on A4. Russian bills have the words of their form.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader, StrictUndefined

from studio_invoices.freetext import for_page
from studio_invoices.html_code import code_for_page
from studio_invoices.html_look import page_style
from studio_invoices.look import PLAIN, Look
from studio_invoices.model import Invoice
from studio_invoices.sheet import sheet_of
from studio_invoices.sheet_types import Pair, Sheet, Sum

_LEAST_KEPT, _MOST_KEPT = 2, 8  # the classes that page.css has


def render_page(
    invoice: Invoice,
    *,
    pdf_name: str | None,
    act_name: str | None = None,
    xml_name: str | None = None,
    time_sheet_name: str | None = None,
    rows_name: str | None = None,
    watermark: str | None = None,
    look: Look = PLAIN,
) -> str:
    """The page of an invoice, a cancellation or a credit note; the same document gives the same page.

    pdf_name, act_name, xml_name, time_sheet_name, rows_name (the time sheet as CSV): names of the files beside it,
    which it links to; None: there is none. watermark: stands beside the title; a draft (number None) has its own
    where none is given.
    look: its layout, accent, logo and texts. Raises LookUnusable.
    """
    sheet = sheet_of(invoice, look.texts)
    bill = _bill(invoice, look)
    words = sheet.labels
    named = (("pdf", pdf_name), ("act", act_name), ("timesheet", time_sheet_name))
    later = (("rows", rows_name), ("xml", xml_name))
    values: dict[str, Any] = {
        "sheet": sheet,
        "words": words,
        "title": sheet.title,
        "statements": sheet.statements,
        "logo": _logo(look),
        "contact": sheet.seller_contact,
        "mark": watermark or sheet.draft_mark,
        "summary": _summary(sheet),
        "files": [
            (words["document"][f"open_{kind}"], f"./{_in_link(name)}") for kind, name in (*named, *later) if name
        ],
        "mail": f"mailto:{_in_link(sheet.seller_email)}" if sheet.seller_email else "",
        "code": code_for_page(invoice),
        "style": page_style(look.accent),
    }
    values["kept"] = _kept(*((sheet.sums, sheet.grand_total) if bill is None else (bill.sums[1:], bill.grand_total)))
    if bill is not None:
        account = sheet.payment.rows if sheet.payment else ()
        values |= {
            "bill": bill,
            "title": bill.title,
            "statements": bill.statements,
            "contact": (),  # the parties' particulars have it
            "account": [pair for pair in account if pair[0] != words["payment"]["reference"]],  # the terms have it
        }
    return _environment().get_template("invoice.html.jinja" if bill is None else "bill.html.jinja").render(values)


def _kept(sums: Sequence[Sum], total: Sum) -> int:
    """How many rows of paper are kept free below the last line, so that a browser never parts the sums from it: a note
    takes two."""
    rows = sum(3 if item.note else 1 for item in (*sums, total))
    return min(max(rows, _LEAST_KEPT), _MOST_KEPT)


def _logo(look: Look) -> Any:
    """The studio's logo. Raises LookUnusable where the look cannot be used, as the PDF does."""
    if look == PLAIN:
        return None
    from studio_invoices.pdf.kit import kit_for

    logo = kit_for(look).logo
    if logo is None:
        return None
    from studio_invoices.pdf.page_logo import logo_for_page

    return logo_for_page(logo)


def _bill(invoice: Invoice, look: Look) -> Any:
    """The words of the Russian form, where the PDF is in that form."""
    from studio_invoices.pdf.layouts import family_of

    if family_of(invoice, look) != "ru":
        return None
    from studio_invoices.pdf.ru_sheet import bill_sheet

    return bill_sheet(invoice, look.texts)


def _summary(sheet: Sheet) -> list[Pair]:
    """What most readers come for: how much, until when."""
    due = sheet.labels["meta"]["due"]
    return [(sheet.grand_total.label, sheet.grand_total.amount), *(pair for pair in sheet.meta if pair[0] == due)]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(lambda name: (files("studio_invoices") / "templates" / name).read_text("utf-8")),
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )


def _in_link(value: str) -> str:
    """One path segment or address inside a link."""
    return quote(for_page(value), safe="")


def _finalize(value: Any) -> Any:
    """Every string that is not markup of the template itself (a Markup, which has __html__)."""
    return for_page(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
