"""Closing one client's month in the ledger: one transaction, one number, one place for every entry."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import func, select

from studio_support.billing.ledger import Ledger
from studio_support.billing.ledger_view import Allocation, PastMonth
from studio_support.period import Month
from studio_support.store.tables import allocations, invoices, outbox
from studio_support.testing.drafts import NOW, OCTOBER, draft, entry, order


def test_issue_numbers_the_invoice_and_places_every_entry(ledger: Ledger) -> None:
    made = draft("acme", entry(1, 90), entry(2, 30), set_aside=((entry(3, 15), "non_billable", "a call"),))
    issued = ledger.issue(order(made))
    assert (issued.number, issued.created, issued.client, issued.supplement) == ("2026-0001", True, "acme", 0)
    known = ledger.view(OCTOBER, ["acme"], ["1", "2", "3", "4"])
    assert known.allocations["1"] == Allocation(
        "1", "acme", OCTOBER, "2026-0001", 1, 90, date(2026, 10, 5), known.allocations["1"].fingerprint
    )
    assert set(known.allocations) == {"1", "2"}
    aside = known.dispositions["3"]
    assert (aside.client, aside.disposed, aside.reason, aside.minutes) == ("acme", "non_billable", "a call", 15)
    assert set(known.dispositions) == {"3"}
    (closed,) = known.closed["acme"]
    assert (closed.month, closed.source, closed.number, closed.supplement) == (OCTOBER, "redmine", "2026-0001", 0)


def test_issuing_twice_returns_the_first(ledger: Ledger) -> None:
    first = ledger.issue(order(draft("acme", entry(1))))
    again = ledger.issue(order(draft("acme", entry(1), entry(2))))
    assert (again.number, again.invoice_id, again.created) == (first.number, first.invoice_id, False)
    with ledger.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(invoices)).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(allocations)).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == 1


def test_nothing_to_bill_closes_the_month_without_a_number(ledger: Ledger) -> None:
    made = draft("acme", set_aside=((entry(1, 15), "goodwill", "gift"),))
    assert ledger.issue(order(made)).number is None
    assert ledger.issue(order(draft("beta", entry(2)))).number == "2026-0001"
    known = ledger.view(OCTOBER, ["acme"], ["1"])
    assert known.closed["acme"][0].number is None
    assert known.dispositions["1"].disposed == "goodwill"


def test_the_mark_is_the_oldest_last_close_of_the_asked_clients(ledger: Ledger) -> None:
    early, late = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    september = Month(2026, 9)
    ledger.issue(order(draft("acme", entry(1, spent_on=date(2026, 9, 5)), month=september), read_started_at=early))
    ledger.issue(order(draft("acme", entry(2)), read_started_at=late))
    ledger.issue(order(draft("beta", month=september), read_started_at=early))
    assert ledger.oldest_mark(["acme"]) == late
    assert ledger.oldest_mark(["acme", "beta"]) == early
    assert ledger.oldest_mark(["gamma"]) is None
    assert ledger.oldest_mark([]) is None


def test_past_months_are_the_three_before_newest_first(ledger: Ledger) -> None:
    for number, month in enumerate((Month(2026, 6), Month(2026, 7), Month(2026, 9), OCTOBER)):
        ledger.issue(order(draft("acme", entry(number, 60 + number, month.first_day), month=month)))
    assert ledger.view(OCTOBER, ["acme"], []).past["acme"] == (
        PastMonth(Month(2026, 9), 62, Decimal("62.00")),
        PastMonth(Month(2026, 7), 61, Decimal("61.00")),
    )


def test_the_first_close_records_where_the_store_begins(ledger: Ledger) -> None:
    assert ledger.view(OCTOBER, [], []).first_month is None
    ledger.issue(order(draft("acme", entry(1)), first_month=OCTOBER))
    ledger.issue(order(draft("beta", entry(2)), first_month=Month(2026, 9)))
    assert ledger.view(OCTOBER, [], []).first_month == OCTOBER


def test_now_is_what_the_run_says(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1))))
    with ledger.store.reading() as connection:
        assert connection.execute(select(invoices.c.issued_at)).scalar_one() == NOW
