"""Whatever is closed, cancelled and held, in whatever order: the ledger's promises hold after every step."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from studio_support.billing.ledger import Ledger
from studio_support.billing.series_audit import audit_series
from studio_support.billing.terms import Seller
from studio_support.errors import ClientHeld, EntryTaken, InvoiceStateError, IssueDateRefused
from studio_support.period import Month
from studio_support.store.engine import open_store
from studio_support.store.tables import allocations, invoices
from studio_support.testing.drafts import NOW, SELLER, draft, entry, order

CLIENTS = st.sampled_from(["acme", "beta"])
MONTHS = st.sampled_from([Month(2026, 9), Month(2026, 10)])
ENTRIES = st.lists(st.integers(1, 12), max_size=4, unique=True)
DAYS = st.integers(-3, 60)  # from an old date to one of the next year
SELLERS = st.sampled_from(
    [SELLER, Seller("de", SELLER.party, number_format="DE{year}/{number}", cancellation_format="ST{year}/{number}")]
)


def minutes_of(number: int) -> int:
    return 7 * number


class LedgerMachine(RuleBasedStateMachine):
    """A model beside the ledger: which months are closed, where each entry is, what was issued."""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.ledger = Ledger(open_store(f"sqlite:///{self.folder / 'store.db'}"))
        self.closed: dict[tuple[str, Month], str | None] = {}
        self.place: dict[int, tuple[str, Month]] = {}
        self.held: set[tuple[str, Month]] = set()
        self.billed: dict[str, int] = {}
        self.sellers: dict[str, Seller] = {}
        self.cancelled: dict[str, str | None] = {}

    def teardown(self) -> None:
        self.ledger.store.close()
        shutil.rmtree(self.folder)

    @rule(client=CLIENTS, month=MONTHS, billed=ENTRIES, aside=ENTRIES, day=DAYS, seller=SELLERS)
    def issue(self, client: str, month: Month, billed: list[int], aside: list[int], day: int, seller: Seller) -> None:
        key = (client, month)
        aside = [number for number in aside if number not in billed]
        made = draft(
            client,
            *[entry(number, minutes_of(number)) for number in billed],
            month=month,
            set_aside=tuple((entry(number, minutes_of(number)), "goodwill", "") for number in aside),
        )
        wanted = order(made, seller=seller, issue_date=date(2026, 11, 2) + timedelta(days=day))
        try:
            issued = self.ledger.issue(wanted)
        except ClientHeld:
            assert key in self.held
            assert key not in self.closed
        except EntryTaken as refusal:
            assert key not in self.closed
            assert int(refusal.entry) in self.place
        except IssueDateRefused:
            assert key not in self.closed
            assert billed
        else:
            assert issued.created == (key not in self.closed)
            if not issued.created:
                assert issued.number == self.closed[key]
                return
            assert key not in self.held
            assert not set(billed + aside) & set(self.place)
            assert (issued.number is None) == (not billed)
            self.closed[key] = issued.number
            self.place.update(dict.fromkeys([*billed, *aside], key))
            if issued.number is not None:
                assert issued.number not in self.billed
                self.billed[issued.number] = sum(map(minutes_of, billed))
                self.sellers[issued.number] = seller

    @precondition(lambda self: self.billed)
    @rule(data=st.data(), day=DAYS)
    def cancel(self, data: st.DataObject, day: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.billed)))
        when = date(2026, 11, 2) + timedelta(days=day)
        seller = self.sellers[number]
        try:
            done = self.ledger.cancel(number, reason="r", person="a", now=NOW, issue_date=when, seller=seller)
        except IssueDateRefused:
            assert number not in self.cancelled
            return
        assert done.created == (number not in self.cancelled)
        if not done.created:
            assert done.number == self.cancelled[number]
            return
        self.cancelled[number] = done.number
        (key,) = [key for key, issued in self.closed.items() if issued == number]
        del self.closed[key]
        self.place = {one: where for one, where in self.place.items() if where != key}

    @precondition(lambda self: self.cancelled)
    @rule(data=st.data())
    def cancel_a_cancellation(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(map(str, self.cancelled.values()))))
        with pytest.raises(InvoiceStateError):
            self.ledger.cancel(number, reason="r", person="a", now=NOW, issue_date=date(2027, 2, 1), seller=SELLER)

    @rule(client=CLIENTS, month=MONTHS)
    def hold(self, client: str, month: Month) -> None:
        key = (client, month)
        try:
            assert self.ledger.hold(client, month, "r", person="a", now=NOW) == (key not in self.held)
            self.held.add(key)
        except InvoiceStateError:
            assert key in self.closed

    @rule(client=CLIENTS, month=MONTHS)
    def unhold(self, client: str, month: Month) -> None:
        key = (client, month)
        assert self.ledger.unhold(client, month, person="a", now=NOW) == (key in self.held)
        self.held.discard(key)

    @invariant()
    def numbers_run_without_gap_and_in_order(self) -> None:
        assert audit_series(self.ledger.series_rows()) == []

    @invariant()
    def every_entry_stands_where_the_model_says_and_at_most_once(self) -> None:
        with self.ledger.store.reading() as connection:
            rows = connection.execute(select(allocations.c.entry).where(allocations.c.open)).all()
        assert sorted(int(row.entry) for row in rows) == sorted(self.place)
        known = self.ledger.allocations_of([str(number) for number in range(1, 13)])
        assert {int(row.entry): (row.client, row.month) for row in known.values()} == self.place

    @invariant()
    def minutes_on_standing_invoices_are_the_open_billed_ones(self) -> None:
        with self.ledger.store.reading() as connection:
            open_minutes = connection.execute(
                select(func.coalesce(func.sum(allocations.c.minutes), 0)).where(
                    allocations.c.open, allocations.c.placed == "billed"
                )
            ).scalar_one()
            invoiced = connection.execute(
                select(func.coalesce(func.sum(invoices.c.booked_minutes), 0)).where(
                    invoices.c.kind == "invoice", invoices.c.state == "issued"
                )
            ).scalar_one()
        standing = sum(minutes for number, minutes in self.billed.items() if number not in self.cancelled)
        assert open_minutes == invoiced == standing


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
