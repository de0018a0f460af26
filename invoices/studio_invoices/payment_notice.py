"""Why invoices of a seller, or to a client, bear no payment code, where account and currency would let them have one.

A missing code stops nothing: the account is printed. But nobody misses what he never saw, so it is told before issue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from studio_invoices.errors import Problem
from studio_invoices.model import Invoice
from studio_invoices.payment_codes import NoPaymentCode, payment_code

_STEPS: Mapping[str, str] = {
    "seller.bank.holder": (
        "Set `holder` of that account to the name that the bank has for it, short and in Latin letters."
    ),
    "seller.bank.bic": "Set `bic` of that account.",
    "seller.bank.iban": "Set `iban` of that account to its ordinary IBAN: QR references are not made here.",
    "seller.bank.name": "Set `name` of that account.",
    "seller.number_format": "Use Latin letters in `number_format`.",
}
_RUSSIAN_HOLDER = "Set `holder` of that account to the name that the bank has for it, in 160 characters at most."


def payment_notice(invoice: Invoice, number: str) -> Problem | None:
    """Why this invoice will bear no payment code; None where it bears one, or where none is to be expected.

    number: what it would be called, for a draft. source: the field to mend. The message says for which payments.
    """
    if invoice.kind != "invoice":
        return None
    made = payment_code(replace(invoice, number=invoice.number or number))
    if not isinstance(made, NoPaymentCode) or not made.source:
        return None
    whose = "to this client" if made.source.startswith("client:") else f"of {invoice.seller.name}"
    message = f"invoices {whose} in {invoice.currency} bear no payment code: {made.reason}"
    return Problem(made.source, message, _step(made.source, invoice))


def _step(source: str, invoice: Invoice) -> str:
    if source == "seller.bank.holder" and invoice.currency == "RUB":
        return _RUSSIAN_HOLDER
    if source in _STEPS:
        return _STEPS[source]
    where, _, field = source.rpartition(".")
    place = "in [seller]" if where == "seller" else "of that account" if where == "seller.bank" else "in his file"
    return f"Correct `{field}` {place}."
