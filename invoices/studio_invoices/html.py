"""The page behind the link: one plain HTML file with the words and figures of the PDF.

No script, nothing loaded from anywhere, all text escaped by the template engine; made to be read on a telephone,
in the dark, by a screen reader, and to be printed on A4.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from studio_invoices.freetext import for_page
from studio_invoices.model import Invoice
from studio_invoices.sheet import sheet_of

_TEMPLATE = "invoice.html.jinja"


def render_page(
    invoice: Invoice, *, pdf_name: str | None, watermark: str | None = None, act_name: str | None = None
) -> str:
    """The page of an invoice.

    pdf_name: file name of the PDF beside it, linked to; no link where it is None.
    act_name: file name of the act beside it, likewise.
    watermark: stands above the title; a draft (number None) has its own where none is given.
    """
    sheet = sheet_of(invoice)
    return _template().render(
        sheet=sheet,
        words=sheet.labels,
        mark=watermark or sheet.draft_mark,
        pdf_name=pdf_name,
        act_name=act_name,
        is_draft=invoice.number is None,
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    source = (files("studio_invoices") / "templates" / _TEMPLATE).read_text("utf-8")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=DictLoader({_TEMPLATE: source}),
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters["in_link"] = _in_link
    return environment.get_template(_TEMPLATE)


def _in_link(value: str) -> str:
    """One path segment or address inside a link."""
    return quote(for_page(value), safe="")


def _finalize(value: Any) -> Any:
    """Every string that is not markup of the template itself (a Markup, which has __html__)."""
    return for_page(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
