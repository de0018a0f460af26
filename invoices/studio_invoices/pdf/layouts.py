"""Which layout draws which document.

A layout is a function of the document and a `Kit` that returns a `Drawing`; it stands in one line of `_HOMES` and
is imported when it is first asked for. A family that has no layout of a kind leaves it to "international".
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Literal

from studio_invoices.look import PLAIN, Look
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.shapes import Drawing

Kind = Literal["invoice", "act", "timesheet", "prices"]
Layout = Callable[[Any, Kit], Drawing]

_HOMES: dict[tuple[str, Kind], str] = {
    ("international", "invoice"): "studio_invoices.pdf.document",
    ("international", "timesheet"): "studio_invoices.pdf.timesheet",
    ("international", "prices"): "studio_invoices.pdf.prices",
    ("ru", "invoice"): "studio_invoices.pdf.ru_document",
    ("ru", "act"): "studio_invoices.pdf.ru_document",
    ("international", "act"): "studio_invoices.pdf.ru_document",  # there is no other form of an act
}


def family_of(document: Any, look: Look = PLAIN) -> str:
    """The family a document is laid out in: "ru" for one in Russian and rubles of a seller in Russia."""
    if look.layout != "auto":
        return look.layout
    invoice = getattr(document, "invoice", document)  # an act is laid out like the invoice it belongs to
    in_russian = invoice.language.replace("_", "-").split("-")[0].lower() == "ru"
    domestic = invoice.seller.country == "RU" and getattr(invoice, "currency", "") == "RUB"
    return "ru" if domestic and in_russian else "international"


def layout_for(document: Any, kind: Kind = "invoice", look: Look = PLAIN) -> Layout:
    """The function ``lay_out`` of the module that lays out this kind of document in its family."""
    home = _HOMES.get((family_of(document, look), kind)) or _HOMES[("international", kind)]
    layout: Layout = import_module(home).lay_out
    return layout
