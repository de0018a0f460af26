"""The chain behind a figure: entries -> minutes -> rate and its row -> rounding -> amount, from the frozen basis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio_support.billing.ledger import Ledger
from studio_support.billing.ledger_types import StoredInvoice
from studio_support.billing.rounding import in_words
from studio_support.billing.terms import Rounding
from studio_support.errors import UnknownEntry, UnknownLine


def explain(ledger: Ledger, what: str) -> dict[str, Any]:
    """INVOICE, INVOICE:LINE or entry:ID as JSON-ready facts.

    Raises UnknownInvoice, UnknownLine, UnknownEntry.
    """
    if what.startswith("entry:"):
        return _entry(ledger, what.removeprefix("entry:"))
    number, colon, text = what.rpartition(":")
    if colon and text.isdecimal():
        stored = ledger.invoice(number)
        count = len(stored.document.lines)
        if not 1 <= int(text) <= count:
            raise UnknownLine(number, int(text), count)
        return {**_head(stored), "lines": [_line(stored, int(text))]}
    stored = ledger.invoice(what)
    return {
        **_head(stored),
        "lines": [_line(stored, number) for number in range(1, len(stored.document.lines) + 1)],
        "totals": _totals(stored),
    }


def _head(stored: StoredInvoice) -> dict[str, Any]:
    row = stored.row
    return {
        "number": row.number,
        "kind": row.kind,
        "client": row.client,
        "month": str(row.month),
        "currency": row.currency,
        "state": row.state,
        "issued_at": row.issued_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "issued_by": row.issued_by,
    }


def _line(stored: StoredInvoice, number: int) -> dict[str, Any]:
    line = stored.document.lines[number - 1]
    basis: Mapping[str, Any] = stored.basis["lines"][number - 1]
    rounding = Rounding(**stored.basis["rounding"])
    entries = [entry for entry in stored.basis["entries"] if entry["line"] == number]
    amount = line.net if line.gross is None else line.gross
    kind = "net" if line.gross is None else "gross"
    sums = f"{line.minutes} min x {line.rate_per_hour} / 60 = {amount} {stored.row.currency} {kind}, half-up"
    if line.gross is not None:
        sums += f"; net {line.net} is its share after the contained tax was taken from the sum"
    return {
        "line": number,
        "project": line.project,
        "title": line.title,
        "issue": line.issue,
        "ticket": line.ticket,
        "entries": [
            {key: entry[key] for key in ("id", "spent_on", "user", "activity", "minutes")} for entry in entries
        ],
        "booked_minutes": line.booked_minutes,
        "rounding": in_words(rounding) or "none",
        "minutes": line.minutes,
        "rate_per_hour": str(line.rate_per_hour),
        "rate_source": basis["rate_source"],
        "net": str(line.net),
        "gross": None if line.gross is None else str(line.gross),
        "label": line.label,
        "arithmetic": "shown, not charged" if line.label is not None else sums,
    }


def _totals(stored: StoredInvoice) -> dict[str, Any]:
    document = stored.document
    return {
        "net": str(document.net),
        "tax": str(document.tax),
        "gross": str(document.gross),
        "taxes": [
            {
                "category": tax.category,
                "rate": str(tax.rate),
                "base": str(tax.base),
                "tax": str(tax.tax),
                "arithmetic": (
                    f"{tax.base} x {tax.rate} % = {tax.tax}, half-up, once"
                    if document.prices == "net"
                    else f"{tax.tax} contained in {tax.base + tax.tax}, half-up, once"
                ),
            }
            for tax in document.taxes
        ],
    }


def _entry(ledger: Ledger, entry: str) -> dict[str, Any]:
    places = ledger.explain_entry(entry)
    if not places:
        raise UnknownEntry(entry)
    shown = []
    for place in places:
        fact: dict[str, Any] = {
            "as": place.placed,
            "client": place.client or None,
            "month": str(place.month),
            "minutes": place.minutes,
            "reason": place.reason,
            "invoice": place.number,
            "line": place.line,
            "open": place.open,
            "closed_by": place.closed_by,
            "closed_at": place.closed_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        if place.number is not None and place.line is not None:
            fact["chain"] = _line(ledger.invoice(place.number), place.line)
        shown.append(fact)
    return {"entry": entry, "places": shown}
