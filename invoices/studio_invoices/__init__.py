"""The invoice as a document: model, arithmetic, PDF and page. Knows nothing of Redmine or OTRS.

Everything public is listed in ``__all__`` and loaded when first asked for, so that importing this
package loads neither reportlab nor jinja2.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio_invoices.annexes import PriceList, PriceRow, TimeRow, TimeSheet
    from studio_invoices.check import jurisdiction_of, notices
    from studio_invoices.credit import credit_note
    from studio_invoices.einvoice.hybrid import render_facturx
    from studio_invoices.einvoice.profiles import to_xml
    from studio_invoices.einvoice.validation import validate
    from studio_invoices.errors import Problem, StudioError
    from studio_invoices.html import render_page
    from studio_invoices.model import Act, BankAccount, CreditNote, Invoice, Line, Party, TaxTotal
    from studio_invoices.money import Money
    from studio_invoices.payment_codes import payment_code
    from studio_invoices.pdf import render_pdf
    from studio_invoices.qr import qr_code
    from studio_invoices.totals import with_totals
    from studio_invoices.words import amount_in_words

_HOMES = {
    "Act": "studio_invoices.model",
    "BankAccount": "studio_invoices.model",
    "CreditNote": "studio_invoices.model",
    "Invoice": "studio_invoices.model",
    "Line": "studio_invoices.model",
    "Money": "studio_invoices.money",
    "Party": "studio_invoices.model",
    "PriceList": "studio_invoices.annexes",
    "PriceRow": "studio_invoices.annexes",
    "Problem": "studio_invoices.errors",
    "StudioError": "studio_invoices.errors",
    "TaxTotal": "studio_invoices.model",
    "TimeRow": "studio_invoices.annexes",
    "TimeSheet": "studio_invoices.annexes",
    "amount_in_words": "studio_invoices.words",
    "credit_note": "studio_invoices.credit",
    "jurisdiction_of": "studio_invoices.check",
    "notices": "studio_invoices.check",
    "payment_code": "studio_invoices.payment_codes",
    "qr_code": "studio_invoices.qr",
    "render_facturx": "studio_invoices.einvoice.hybrid",
    "render_page": "studio_invoices.html",
    "render_pdf": "studio_invoices.pdf",
    "to_xml": "studio_invoices.einvoice.profiles",
    "validate": "studio_invoices.einvoice.validation",
    "with_totals": "studio_invoices.totals",
}

__all__ = [
    "Act",
    "BankAccount",
    "CreditNote",
    "Invoice",
    "Line",
    "Money",
    "Party",
    "PriceList",
    "PriceRow",
    "Problem",
    "StudioError",
    "TaxTotal",
    "TimeRow",
    "TimeSheet",
    "amount_in_words",
    "credit_note",
    "jurisdiction_of",
    "notices",
    "payment_code",
    "qr_code",
    "render_facturx",
    "render_page",
    "render_pdf",
    "to_xml",
    "validate",
    "with_totals",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
