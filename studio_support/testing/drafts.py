"""Drafts and orders for tests of the ledger: consistent by construction, small, and the same every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from studio_invoices.model import BankAccount, Party, TaxTotal
from studio_support.billing.ledger_types import IssueOrder
from studio_support.billing.ledger_view import Disposed
from studio_support.billing.month_plan import Draft, DraftLine, SetAside
from studio_support.billing.snapshot import to_invoice
from studio_support.billing.terms import Client, Seller
from studio_support.model import TimeEntry
from studio_support.period import Month

OCTOBER = Month(2026, 10)
SELLER = Seller("", Party("Web Studio", ("Lenina 1",), "RU", inn="7802895380", kpp="780201001"), (BankAccount("Bank"),))
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def entry(id: str | int, minutes: int = 60, spent_on: date = date(2026, 10, 5), **more: Any) -> TimeEntry:
    """A booking of ann's on project site."""
    values: dict[str, Any] = {
        "project_id": 1,
        "project": "site",
        "issue_id": None,
        "user_id": 7,
        "user": "Ann",
        "activity": "Development",
    }
    return TimeEntry(id=str(id), minutes=minutes, spent_on=spent_on, **(values | more))


def draft(
    client: str,
    *entries: TimeEntry,
    month: Month = OCTOBER,
    set_aside: tuple[tuple[TimeEntry, Disposed, str], ...] = (),
    supplement: int = 0,
) -> Draft:
    """A draft with one line for all given entries at 60.00 an hour, so a minute is 1.00 net; tax 10 %."""
    minutes = sum(row.minutes for row in entries)
    net = Decimal(minutes).quantize(Decimal("0.01"))
    tax = (net / 10).quantize(Decimal("0.01"))
    line = DraftLine(
        project="site",
        issue=None,
        ticket=None,
        title="Development",
        specialist="Ann",
        minutes=minutes,
        booked_minutes=minutes,
        rate_per_hour=Decimal("60.00"),
        net=net,
        gross=None,
        tax_category="S",
        tax_rate=Decimal(10),
        entries=entries,
        first_day=min((row.spent_on for row in entries), default=month.first_day),
        last_day=max((row.spent_on for row in entries), default=month.first_day),
        rate_source="clients/x.toml: rates[1]",
        people=("Ann",),
    )
    return Draft(
        client=client,
        month=month,
        currency="EUR",
        prices="net",
        minutes=minutes,
        booked_minutes=minutes,
        net=net if entries else Decimal("0.00"),
        tax=tax if entries else Decimal("0.00"),
        gross=net + tax,
        plan="0123456789abcdef",
        lines=(line,) if entries else (),
        taxes=(TaxTotal("S", Decimal(10), net, tax),) if entries else (),
        set_aside=tuple(SetAside(row, client, disposed, reason) for row, disposed, reason in set_aside),
        supplement=supplement,
    )


def order(made: Draft, *, seller: Seller = SELLER, issue_date: date = date(2026, 11, 2), **more: Any) -> IssueOrder:
    """The order that closes the draft; `more` replaces fields of IssueOrder."""
    client = Client(made.client, Party(f"Client {made.client}", ("Street 1",), "DE"), "en", made.currency)
    base = IssueOrder(
        draft=made,
        invoice=to_invoice(made, client, seller, issue_date) if made.billable else None,
        seller=seller,
        source="redmine",
        read_started_at=NOW - timedelta(minutes=5),
        late_since=None,
        read_id=None,
        issue_date=issue_date,
        person="i.petrova",
        now=NOW,
    )
    return replace(base, **more)
