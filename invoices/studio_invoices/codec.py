"""Invoice <-> plain JSON values: how a snapshot is kept. Decimals are strings, dates ISO 8601."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from studio_invoices.model import BankAccount, Invoice, Line, Party, TaxTotal

_DECIMALS = {"rate_per_hour", "net", "gross", "tax", "tax_rate", "rate", "base"}
_DATES = {
    "issue_date",
    "due_date",
    "period_start",
    "period_end",
    "contract_date",
    "corrects_date",
    "first_day",
    "last_day",
}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Party | BankAccount | Line | TaxTotal | Invoice):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    return value


def _leaf(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DECIMALS:
        return Decimal(value)
    if name in _DATES:
        return date.fromisoformat(value)
    if isinstance(value, list):
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)
    return value


def _leaves(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _leaf(name, value) for name, value in values.items()}


def invoice_to_dict(invoice: Invoice) -> dict[str, Any]:
    """The invoice as JSON-ready values, fields in the order of the model."""
    result = _plain(invoice)
    assert isinstance(result, dict)
    return result


def invoice_from_dict(values: dict[str, Any]) -> Invoice:
    """The inverse of `invoice_to_dict`; raises TypeError or KeyError on values that are no invoice."""
    flat = {k: v for k, v in values.items() if k not in {"seller", "buyer", "bank", "lines", "taxes"}}
    return Invoice(
        seller=Party(**_leaves(values["seller"])),
        buyer=Party(**_leaves(values["buyer"])),
        bank=BankAccount(**_leaves(values["bank"])),
        lines=tuple(Line(**_leaves(line)) for line in values["lines"]),
        taxes=tuple(TaxTotal(**_leaves(row)) for row in values["taxes"]),
        **_leaves(flat),
    )
