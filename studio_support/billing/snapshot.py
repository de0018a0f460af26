"""From a draft to the document: the full snapshot of parties, lines, taxes and rules that is issued and kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from studio_invoices.model import Invoice, Line
from studio_support.billing.month_plan import Draft, DraftLine
from studio_support.billing.rounding import in_words
from studio_support.billing.terms import Client, Seller


def to_invoice(draft: Draft, client: Client, seller: Seller, issue_date: date | None) -> Invoice:
    """The draft as a document without number. issue_date None: as of the period's end (previews only)."""
    dated = issue_date or draft.month.last_day
    lines = tuple(_line(number, line) for number, line in enumerate(draft.lines, start=1))
    return Invoice(
        number=None,
        kind="invoice",
        issue_date=dated,
        due_date=dated + timedelta(days=client.payment_days),
        period_start=min([draft.month.first_day, *(line.first_day for line in lines)]),
        period_end=draft.month.last_day,
        language=client.language,
        currency=draft.currency,
        prices=draft.prices,
        seller=seller.party,
        buyer=client.party,
        bank=seller.bank_for(draft.currency),
        lines=lines,
        taxes=draft.taxes,
        net=draft.net,
        tax=draft.tax,
        gross=draft.gross,
        contract_number=client.contract_number,
        contract_date=client.contract_date,
        buyer_reference=client.buyer_reference,
        order_number=client.order_number,
        rounding_note=in_words(client.rounding, client.language),
        notes=seller.notes,
        profiles=client.profiles,
    )


def _line(number: int, line: DraftLine) -> Line:
    return Line(
        number=number,
        project=line.project,
        title=line.title,
        minutes=line.minutes,
        booked_minutes=line.booked_minutes,
        rate_per_hour=line.rate_per_hour,
        net=line.net,
        tax_category=line.tax_category,
        tax_rate=line.tax_rate,
        first_day=line.first_day,
        last_day=line.last_day,
        gross=line.gross,
        issue=None if line.issue is None else str(line.issue),
        ticket=line.ticket,
        specialist=line.specialist,
        heading=line.heading,
        label=line.label,
        comments=line.comments,
    )


def to_cancellation(original: Invoice, reason: str, issue_date: date) -> Invoice:
    """The document that takes an issued invoice back whole: the same lines and amounts, its number named."""
    assert original.number is not None, "only what was issued can be taken back"
    return replace(
        original,
        number=None,
        kind="cancellation",
        issue_date=issue_date,
        due_date=None,
        corrects=original.number,
        corrects_date=original.issue_date,
        reason=reason,
    )
