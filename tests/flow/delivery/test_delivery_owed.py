"""Which invoices of a store may be reminded of: those that stand, are due, and over which money is owed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from studio_support.delivery.outbox_reminders import open_invoices
from studio_support.delivery.reminders import plan_reminders
from tests.flow.delivery.hands import Scripted, hand

DUE = date(2026, 11, 12)


def reminded_of(books: Any, today: date = DUE) -> list[str]:
    plan = plan_reminders(open_invoices(books.store, today), today, (0, 7))
    return [reminder.number for reminder in plan.reminders]


@pytest.mark.parametrize(
    ("net", "tax", "gross", "expected"),
    [
        ("950.00", "180.50", "1130.50", ["2026-0001"]),
        ("0.01", "0.00", "0.01", ["2026-0001"]),
        ("0.00", "0.00", "0.00", []),  # hours of a package that is paid for
        ("-10.00", "-1.90", "-11.90", []),  # more was taken back than billed
    ],
)
def test_where_nothing_is_owed_nobody_is_reminded(
    books: Any, net: str, tax: str, gross: str, expected: list[str]
) -> None:
    books.issue("acme", net=net, tax=tax, gross=gross, due_date=DUE)
    hand(books, Scripted())
    [invoice] = open_invoices(books.store, DUE)
    assert (invoice.gross, invoice.delivered) == (Decimal(gross), True)
    assert reminded_of(books) == expected


def test_a_cancelled_invoice_and_its_cancellation_are_not_reminded_of(books: Any) -> None:
    first = books.issue("acme", due_date=DUE)
    hand(books, Scripted())
    assert reminded_of(books) == ["2026-0001"]
    books.cancel(first)
    books.issue("acme", kind="cancellation", cancels_id=first, net="-950.00", tax="-180.50", gross="-1130.50")
    assert reminded_of(books) == []


def test_the_day_before_it_is_due_nobody_is_reminded(books: Any) -> None:
    books.issue("acme", due_date=DUE)
    hand(books, Scripted())
    assert reminded_of(books, date(2026, 11, 11)) == []
