"""What the ledger refuses, in words, and that a refusal leaves nothing behind, not even a number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from studio_support.billing.ledger import Ledger
from studio_support.billing.terms import Seller
from studio_support.errors import (
    ClientHeld,
    EntryTaken,
    InvoiceStateError,
    IssueDateRefused,
    NumberTaken,
    SourceKindMixed,
)
from studio_support.period import Month
from studio_support.testing.drafts import NOW, OCTOBER, SELLER, draft, entry, order

SEPTEMBER = Month(2026, 9)


@pytest.fixture(autouse=True)
def nothing_is_left_behind(ledger: Ledger, store_url: str) -> Iterator[None]:
    """After every test: as many numbers given as documents, and the next close gets the next number."""
    yield
    before = len(ledger.invoices())
    numbered = ledger.issue(order(draft("next", entry("next")), issue_date=date(2026, 12, 1)))
    assert numbered.number == f"2026-{before + 1:04d}"
    assert ledger.series_rows()[0].next_number == before + 2


def test_a_held_client_is_not_closed_until_the_hold_is_lifted(ledger: Ledger) -> None:
    assert ledger.hold("acme", OCTOBER, "wait for the contract", person="a", now=NOW)
    with pytest.raises(ClientHeld, match="wait for the contract") as caught:
        ledger.issue(order(draft("acme", entry(1))))
    assert "bill unhold 2026-10 --client acme" in caught.value.next_step
    assert ledger.issue(order(draft("acme", entry(0, spent_on=date(2026, 9, 1)), month=SEPTEMBER))).created
    assert ledger.unhold("acme", OCTOBER, person="a", now=NOW)
    assert ledger.issue(order(draft("acme", entry(1)))).created


def test_holding_twice_and_lifting_twice_changes_nothing(ledger: Ledger) -> None:
    assert ledger.hold("acme", OCTOBER, "", person="a", now=NOW)
    assert not ledger.hold("acme", OCTOBER, "", person="b", now=NOW)
    assert ledger.hold("acme", OCTOBER, "a reason after all", person="b", now=NOW)
    assert ledger.view(OCTOBER, ["acme"], []).held == {"acme": "a reason after all"}
    assert ledger.unhold("acme", OCTOBER, person="a", now=NOW)
    assert not ledger.unhold("acme", OCTOBER, person="a", now=NOW)
    assert [row.verb for row in ledger.audit_rows("client:acme")] == ["hold", "hold", "unhold"]


def test_a_closed_month_cannot_be_held(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1))))
    with pytest.raises(InvoiceStateError, match="closed already with invoice 2026-0001") as caught:
        ledger.hold("acme", OCTOBER, "", person="a", now=NOW)
    assert "invoice cancel 2026-0001" in caught.value.next_step
    ledger.issue(order(draft("beta")))
    with pytest.raises(InvoiceStateError, match="beta is closed already"):
        ledger.hold("beta", OCTOBER, "", person="a", now=NOW)


def test_an_entry_that_stands_elsewhere_is_named_with_its_place(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1), set_aside=((entry(2), "non_billable", ""),))))
    with pytest.raises(EntryTaken) as billed:
        ledger.issue(order(draft("beta", entry(3), entry(1))))
    assert (billed.value.entry, billed.value.where) == ("1", "on invoice 2026-0001 (acme, 2026-10)")
    with pytest.raises(EntryTaken) as aside:
        ledger.issue(order(draft("beta", set_aside=((entry(2), "goodwill", ""),))))
    assert aside.value.where == "as non-billable (acme, 2026-10)"
    assert ledger.view(OCTOBER, ["beta"], ["3"]).closed == {}
    assert ledger.allocations_of(["3"]) == {}


def test_the_issue_date_never_goes_back_in_a_series(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1)), issue_date=date(2026, 11, 5)))
    with pytest.raises(IssueDateRefused, match="before 2026-11-05"):
        ledger.issue(order(draft("beta", entry(2)), issue_date=date(2026, 11, 4)))
    assert ledger.issue(order(draft("beta", entry(2)), issue_date=date(2026, 11, 5))).number == "2026-0002"


def test_closing_with_nothing_to_bill_needs_no_date(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1)), issue_date=date(2026, 11, 5)))
    assert ledger.issue(order(draft("beta"), issue_date=date(2026, 11, 4))).created


def test_a_number_that_would_be_printed_twice_is_refused(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1))))
    other = Seller("de", SELLER.party)
    with pytest.raises(NumberTaken) as caught:
        ledger.issue(order(draft("beta", entry(2)), seller=other))
    assert caught.value.number == "2026-0001"
    assert "[sellers.de]" in caught.value.next_step


def test_one_clients_month_never_comes_from_two_kinds_of_source(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1))))
    with pytest.raises(SourceKindMixed):
        ledger.issue(order(draft("acme", entry("csv:1"), supplement=1), source="csv"))


def test_late_time_of_a_month_closed_from_another_source_is_refused(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1, spent_on=date(2026, 9, 9)), month=SEPTEMBER)))
    late = draft("acme", entry("csv:2"), entry("csv:3", spent_on=date(2026, 9, 9)))
    with pytest.raises(SourceKindMixed) as caught:
        ledger.issue(order(late, source="csv"))
    assert (caught.value.client, caught.value.month) == ("acme", "2026-09")
    assert ledger.issue(order(draft("acme", entry("csv:2")), source="csv")).created


def test_a_month_whose_late_time_stands_on_another_sources_invoice_is_refused(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1), entry(2, spent_on=date(2026, 9, 9)))))
    with pytest.raises(SourceKindMixed) as caught:
        ledger.issue(order(draft("acme", entry("csv:2", spent_on=date(2026, 9, 9)), month=SEPTEMBER), source="csv"))
    assert caught.value.month == "2026-09"


def test_after_a_cancellation_the_other_source_may_be_used(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1))))
    ledger.cancel("2026-0001", reason="r", person="a", now=NOW, issue_date=date(2026, 11, 2), seller=SELLER)
    assert ledger.issue(order(draft("acme", entry("csv:1")), source="csv")).created


def test_other_clients_may_come_from_another_source(ledger: Ledger) -> None:
    ledger.issue(order(draft("acme", entry(1))))
    assert ledger.issue(order(draft("beta", entry("csv:1")), source="csv")).created


def test_an_order_that_contradicts_itself_is_a_mistake_of_the_program(ledger: Ledger) -> None:
    good = draft("acme", entry(1), set_aside=((entry(2), "goodwill", ""),))
    line = good.lines[0]
    wrong = [
        order(replace(good, set_aside=(replace(good.set_aside[0], entry=entry(1)),))),
        order(replace(good, booked_minutes=61)),
        order(replace(good, lines=(replace(line, booked_minutes=61),))),
        order(replace(good, lines=(line, replace(line, label="free", entries=(entry(3),))))),
        order(good, invoice=None),
        replace(order(good), issue_date=date(2026, 11, 3)),
        replace(order(good), draft=replace(good, net=Decimal("61.00"))),
        order(good, person=" "),
    ]
    for one in wrong:
        with pytest.raises(ValueError, match=r"acme|person"):
            ledger.issue(one)
    assert ledger.invoices() == []
    assert ledger.allocations_of(["1", "2", "3"]) == {}


def test_a_label_line_is_shown_and_its_entries_are_set_aside(ledger: Ledger) -> None:
    good = draft("acme", entry(1), set_aside=((entry(2), "fixed", "package"),))
    shown = replace(
        good.lines[0], label="included", entries=(entry(2),), minutes=0, net=Decimal("0.00"), booked_minutes=60
    )
    made = replace(good, lines=(*good.lines, shown))
    issued = ledger.issue(order(made))
    assert issued.number is not None
    assert [line.label for line in ledger.invoice(issued.number).document.lines] == [None, "included"]
    known = ledger.view(OCTOBER, [], ["1", "2"])
    assert (known.allocations["1"].line, known.dispositions["2"].disposed) == (1, "fixed")
