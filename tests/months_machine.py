"""Months on end with everything people do to booked time in between, as a machine that hypothesis drives.

A pretended Redmine, the real plan and the real ledger. Time is booked early, late and in advance, edited, moved to
other projects and days, deleted; months are closed in and out of order, for some clients or all, supplemented,
cancelled and closed again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from studio_invoices.ids import fault
from studio_support.billing.close import MonthEnd
from studio_support.billing.fingerprint import fingerprint
from studio_support.billing.ledger import Ledger
from studio_support.billing.month_plan import MonthPlan
from studio_support.billing.terms import RateRow
from studio_support.model import Person, Project, Reading, TimeEntry
from studio_support.period import Month
from studio_support.store.engine import open_store
from tests.months import JANUARY_1, OTHER, SELLER, SITE, D, client, entry, terms

START = Month(2026, 8)
NEW, OFFICE = Project(4, "new", "New"), Project(5, "office", "Office")
PROJECTS = (SITE, OTHER, NEW, OFFICE)
RULES = terms(first_month=START, internal_projects=("office",), non_billable_activities=("Consultation",))
BOOK = {
    "a": client("a", "site", "new", rates=(RateRow(JANUARY_1, D("95.00")),)),
    "b": client("b", "other", rates=(RateRow(JANUARY_1, D("61.00")),)),
}
UNLISTED = {**BOOK, "a": client("a", "site", rates=(RateRow(JANUARY_1, D("95.00")),))}
BOOKINGS = st.lists(
    st.tuples(
        st.integers(-50, 4),
        st.sampled_from([0, 1, 45, 480]),
        st.sampled_from([SITE, SITE, OTHER, NEW, OFFICE]),
        st.sampled_from(["Development", "Development", "Consultation"]),
    ),
    min_size=1,
    max_size=8,
)
CHOICES = st.sampled_from([("a", "b"), ("a", "b"), ("a",), ("b",)])


class Redmine:
    """What is booked, and the reads of it: the month whole, and what was created since a mark for other months."""

    def __init__(self) -> None:
        self.entries: dict[str, TimeEntry] = {}
        self.now = datetime(2026, 9, 2, 6, tzinfo=UTC)

    def read_month(
        self,
        month: Month,
        *,
        late_since: datetime | None = None,
        known_people: tuple[Person, ...] = (),
        wanted_people: tuple[str, ...] = (),
    ) -> Reading:
        late = [
            row
            for row in self.entries.values()
            if late_since is not None and row.created_on and row.created_on >= late_since
        ]
        return Reading(
            source="redmine",
            month=month,
            started_at=self.now,
            entries=tuple(row for row in self.entries.values() if row.spent_on in month),
            projects=PROJECTS,
            issues=(),
            people=known_people,
            control="pretended",
            late=tuple(row for row in late if row.spent_on not in month),
            late_since=late_since,
        )


@cache
def empty_store() -> Path:
    path = Path(tempfile.mkdtemp()) / "store.db"
    open_store(f"sqlite:///{path}").close()
    return path


class Months(RuleBasedStateMachine):
    """promised: entry -> (client, month, fingerprint) of time that a plan said goes on the next invoice."""

    @initialize(history=st.lists(BOOKINGS, max_size=4))
    def begin(self, history: list[list[tuple[int, int, Project, str]]]) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(empty_store(), self.folder / "store.db")
        self.store = open_store(f"sqlite:///{self.folder / 'store.db'}")
        self.ledger = Ledger(self.store)
        self.redmine = Redmine()
        self.clients = UNLISTED
        self.numbers: list[str] = []
        self.promised: dict[str, tuple[str, Month, str]] = {}
        self.booked = self.steps = 0
        for rows in history:
            self.book(rows)
            self.month_end(("a", "b"))

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.settle()
            self.store.close()
            shutil.rmtree(self.folder)

    # what people do

    @rule(rows=BOOKINGS)
    def book(self, rows: list[tuple[int, int, Project, str]]) -> None:
        for days, minutes, project, activity in rows:
            self.booked += 1
            day = self.redmine.now.date() + timedelta(days=days)
            row = entry(self.booked, minutes, day, in_project=project, activity=activity, created_on=self.redmine.now)
            self.redmine.entries[row.id] = row

    @precondition(lambda self: self.redmine.entries)
    @rule(which=st.integers(0), what=st.sampled_from(["time", "project", "day", "delete"]), amount=st.integers(-40, 40))
    def change(self, which: int, what: str, amount: int) -> None:
        rows = sorted(self.redmine.entries)
        row = self.redmine.entries[rows[which % len(rows)]]
        project = PROJECTS[amount % len(PROJECTS)]
        if what == "delete":
            del self.redmine.entries[row.id]
            return
        edits = {
            "time": replace(row, minutes=max(0, row.minutes + amount)),
            "project": replace(row, project_id=project.id, project=project.name),
            "day": replace(row, spent_on=row.spent_on + timedelta(days=amount)),
        }
        self.redmine.entries[row.id] = edits[what]

    @rule(hours=st.sampled_from([1, 30, 24 * 9]))
    def wait(self, hours: int) -> None:
        self.redmine.now += timedelta(hours=hours)

    @rule(ids=CHOICES)
    def month_end(self, ids: Sequence[str]) -> None:
        """The ordinary case: in the morning of the second day after it, the month is closed."""
        month = Month.of(self.redmine.now.date())
        self.redmine.now = datetime(month.next.year, month.next.number, 2, 6, tzinfo=UTC)
        self.close_month(month, ids)

    @rule()
    def list_the_new_project(self) -> None:
        self.clients = BOOK

    # what the studio does

    def months_over(self) -> list[Month]:
        months = [START]
        while months[-1].next.end <= self.redmine.now.date():
            months.append(months[-1].next)
        return months

    def end(self) -> MonthEnd:
        return MonthEnd(
            terms=RULES,
            clients=self.clients,
            config_problems=(),
            config_notices=(),
            ledger=self.ledger,
            ids=fault,
            glyphs_of=lambda seller: lambda text: (),
            files=self.folder / "files",
            now=self.redmine.now,
            person="tester",
        )

    def close_month(self, month: Month, ids: Sequence[str], *, supplement: bool = False) -> MonthPlan:
        self.redmine.now += timedelta(minutes=1)
        end = self.end()
        reading = end.read(self.redmine, month, frozenset(ids))
        plan, _ = end.plan(reading, frozenset(ids), supplement=supplement)
        day = max(self.redmine.now.date(), month.last_day)
        plan, issued = end.close(self.ledger, reading, plan, plan_hash=plan.plan, day=day)
        assert not [
            problem
            for problem in plan.problems
            if problem.client in plan.clients and problem.client not in plan.already
        ]
        self.numbers += [row.number for row in issued if row.number is not None and row.created]
        self.check_promises({row.client for row in issued if row.created}, month, supplement)
        again, _ = end.plan(end.read(self.redmine, month, frozenset(ids)), frozenset(ids), supplement=supplement)
        assert (again.drafts, again.empty_drafts) == ((), ())
        return plan

    @rule(back=st.integers(0, 3), ids=CHOICES)
    def close(self, back: int, ids: Sequence[str]) -> None:
        self.close_month(self.months_over()[-1 - min(back, len(self.months_over()) - 1)], ids)

    @rule(back=st.integers(0, 3), ids=CHOICES)
    def supplement(self, back: int, ids: Sequence[str]) -> None:
        self.close_month(self.months_over()[-1 - min(back, len(self.months_over()) - 1)], ids, supplement=True)

    @precondition(lambda self: self.numbers)
    @rule(which=st.integers(0), close_again=st.booleans())
    def cancel(self, which: int, close_again: bool) -> None:
        number = self.numbers.pop(which % len(self.numbers))
        stored = self.ledger.invoice(number)
        self.ledger.cancel(
            number,
            reason="a mistake",
            person="tester",
            now=self.redmine.now,
            issue_date=self.redmine.now.date(),
            seller=SELLER,
        )
        self.promised.clear()  # they were made of what stood then
        if close_again:
            freed = {facts["id"]: facts["fingerprint"] for facts in stored.basis["entries"]}
            self.bill_again(stored.row.client, stored.row.month, stored.row.supplement, freed)

    def bill_again(self, owner: str, month: Month, supplement: int, freed: Mapping[str, str]) -> None:
        """Closed again, a cancelled month has all it had, the late time of other months too."""
        before = self.closed_months(owner)
        if supplement and month not in before:
            return  # the month itself is open: what the supplement had is billed with it
        self.close_month(month, (owner,), supplement=bool(supplement))
        placed = self.placed()
        for id, state in freed.items():
            row = self.redmine.entries.get(id)
            if row is None or fingerprint(row) != state or (row.project == "New" and self.clients is UNLISTED):
                continue
            day_month = Month.of(row.spent_on)
            if day_month == month or (day_month < month and day_month in before):
                assert id in placed, f"entry {id} of {day_month}, freed with {month} of {owner}, was not billed again"

    def closed_months(self, owner: str) -> set[Month]:
        view = self.ledger.view(START, [owner], ())
        return {row.month for row in view.closed.get(owner, ()) if row.supplement == 0}

    @rule()
    def look(self) -> None:
        """Remembers what the plans of closed months say of open time."""
        self.promised.clear()
        for month in self.months_over():
            for row in self.plan_of(month).skipped:
                if "next invoice" in row.reason:
                    assert row.client is not None
                    self.promised[row.entry] = (row.client, month, fingerprint(self.redmine.entries[row.entry]))

    def plan_of(self, month: Month) -> MonthPlan:
        end = self.end()
        return end.plan(end.read(self.redmine, month, None), None)[0]

    def placed(self) -> set[str]:
        return set(self.ledger.allocations_of(self.redmine.entries))

    def check_promises(self, clients: set[str], month: Month, supplement: bool) -> None:
        """What goes on the next invoice is there once a later month of the client is closed for the first time."""
        for id, (owner, booked_for, state) in list(self.promised.items()):
            row = self.redmine.entries.get(id)
            if row is None or fingerprint(row) != state:
                del self.promised[id]
            elif owner in clients and month > booked_for and not supplement and self.is_newest(owner, month):
                assert id in self.placed(), f"entry {id} was promised for {owner}'s next invoice after {booked_for}"
                del self.promised[id]

    def is_newest(self, owner: str, month: Month) -> bool:
        return month == max(self.closed_months(owner))

    # what must hold

    @invariant()
    def certificate_balances(self) -> None:
        """That of each month in turn, though entries were changed or deleted after they were placed."""
        if not hasattr(self, "ledger"):
            return
        self.steps += 1
        months = self.months_over()
        month = months[self.steps % len(months)]
        end = self.end()
        made = end.certify(end.read(self.redmine, month, None))
        assert made.booked == sum(row.minutes for row in self.redmine.entries.values() if row.spent_on in month)
        assert made.booked == sum(row.minutes for row in made.rows)
        placed = self.ledger.allocations_of(self.redmine.entries)
        for row in made.rows:
            if row.placed == "billed":
                assert row.entry not in placed or row.minutes == placed[row.entry].minutes

    def settle(self) -> None:
        """Closing every month and doing what the problems say leaves no time unplaced: nothing was lost for good."""
        self.clients = BOOK
        self.redmine.now += timedelta(days=40)
        last = self.months_over()[-1]
        for month in self.months_over():
            self.close_month(month, ("a", "b"))
        for month in self.months_over():
            for problem in self.plan_of(month).problems:
                assert "--supplement" in problem.next_step, problem
                assert problem.client is not None
                self.close_month(month, (problem.client,), supplement=True)
        self.redmine.now += timedelta(days=31)
        self.close_month(last.next, ("a", "b"))
        placed = self.placed()
        for row in self.redmine.entries.values():
            if START <= Month.of(row.spent_on) <= last and row.project != "Office":
                assert row.id in placed, f"{row} was lost"
