"""Every entry in exactly one place, whatever the month holds; and no order of things changes the plan."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from studio_support.billing.ledger_view import Allocation, Disposition, LedgerView
from studio_support.billing.month_plan import MonthPlan
from studio_support.billing.plan import PlanInput, plan_month
from studio_support.billing.reconcile import certify
from studio_support.billing.terms import Only, RateRow, Rule, TaxRow
from studio_support.model import Project, TimeEntry
from studio_support.period import Month
from tests.months import (
    ANN,
    AUGUST,
    BOB,
    GENERAL,
    JANUARY_1,
    OCTOBER,
    OTHER,
    SEPTEMBER,
    SHOP,
    SITE,
    D,
    billed,
    changed,
    client,
    closing,
    entry,
    issue,
    ledger,
    plan_input,
    read_at,
    set_aside,
    terms,
)

OFFICE, NEW, SHARED = Project(4, "office", "Office"), Project(5, "new", "New"), Project(6, "shared", "Shared")
PROJECTS = (SITE, SHOP, OTHER, OFFICE, NEW, SHARED)
BOOK = (
    client("acme", "site", rates=(GENERAL, RateRow(JANUARY_1, D(120), "a.able"))),
    client("b", "other", rates=(RateRow(date(2026, 10, 10), D(80)),), tax=(TaxRow(JANUARY_1, "S", D(7), "gross"),)),
    client("c", "shop"),
    client("d", "shared", only=Only("issue_field", "Payer", "D")),
    client("e", "shared", only=Only("issue_field", "Payer", "E")),
)
TASKS = tuple(issue(n, fields=(("Payer", payer),)) for n, payer in enumerate(("D", "E", ""), start=1))
RULES = terms(
    rules=(Rule("fixed", activity="Design", show=True), Rule("non_billable", tracker="Bug")),
    non_billable_activities=("Consultation",),
    internal_projects=("office",),
)


def rows_of(*minutes: int) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    return st.lists(
        st.tuples(
            st.sampled_from(minutes),
            st.integers(-70, 40),
            st.sampled_from(PROJECTS),
            st.sampled_from([None, 1, 2, 3]),
            st.sampled_from([ANN, BOB]),
            st.sampled_from(["Development", "Design", "Consultation"]),
            st.sampled_from(["free", "free", "free", "billed", "aside", "edited", "moved", "gone"]),
            st.integers(-40, 5),
        ),
        max_size=30,
    )


ENTRIES = st.one_of(rows_of(0, 1, 20, 60, 480), rows_of(0, 60, -5, 2000))  # the latter park nearly everybody
CLOSED = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from([AUGUST, SEPTEMBER, OCTOBER])), max_size=6, unique=True
)


def world(rows: list[tuple[Any, ...]], closed: list[tuple[str, Any]], **more: Any) -> tuple[PlanInput, list[Any]]:
    """A month in which some entries were placed before, edited or moved since, or deleted; with all places of it."""
    entries: list[TimeEntry] = []
    placed: list[Allocation | Disposition] = []
    for number, (minutes, day, project, task, person, activity, past, booked) in enumerate(rows, start=1):
        row = entry(
            number,
            minutes,
            date(2026, 10, 1) + timedelta(days=day),
            in_project=project,
            issue_id=task,
            by=person,
            activity=activity,
        )
        row = replace(row, created_on=read_at(OCTOBER) + timedelta(days=booked))
        if past in ("billed", "edited", "gone"):
            placed.append(billed(row))
        if past in ("aside", "moved"):
            placed.append(set_aside(row, "b"))
        if past == "edited":
            row = changed(row, minutes=abs(minutes) + 1)
        if past == "moved":
            row = changed(row, project_id=SHOP.id, project=SHOP.name, spent_on=row.spent_on + timedelta(days=9))
        if past != "gone":
            entries.append(row)
    names = {"a": "acme"}
    known = ledger(*(closing(names.get(id, id), month) for id, month in closed), placed=placed)
    values: dict[str, Any] = {"clients": BOOK, "terms": RULES, "issues": TASKS, "projects": PROJECTS}
    return plan_input(*entries, ledger=known, **(values | more)), placed


def places(plan: MonthPlan) -> list[str]:
    """The entries on charged lines and those skipped, each as often as it is there."""
    lines = [line for draft in (*plan.drafts, *plan.empty_drafts) for line in draft.lines if line.charged]
    return [row.id for line in lines for row in line.entries] + [row.entry for row in plan.skipped]


@given(ENTRIES, CLOSED, st.booleans())
def test_every_entry_of_the_month_is_in_exactly_one_place(
    rows: list[tuple[Any, ...]], closed: list[tuple[str, Any]], supplement: bool
) -> None:
    """On a charged line, or skipped with a place and a reason; of other months nothing is there twice."""
    given_input, _ = world(rows, closed, supplement=supplement)
    plan = plan_month(given_input)
    found = places(plan)
    assert len(found) == len(set(found))
    assert {row.id for row in given_input.reading.entries} <= set(found)
    assert set(found) <= {row.id for row in (*given_input.reading.entries, *given_input.reading.late)}
    assert all(row.reason for row in plan.skipped)


@given(ENTRIES, CLOSED)
def test_what_is_on_a_line_is_open_time_of_its_own_client(
    rows: list[tuple[Any, ...]], closed: list[tuple[str, Any]]
) -> None:
    """Never an entry that stands somewhere already, never of a month that is not this one or a closed one."""
    given_input, placed = world(rows, closed)
    plan = plan_month(given_input)
    taken = {row.entry for row in placed}
    for draft in plan.drafts:
        months = {row.month for row in given_input.ledger.closed.get(draft.client, ())}
        assert OCTOBER not in months
        for line in draft.lines:
            for row in line.entries:
                month = Month.of(row.spent_on)
                assert row.id not in taken
                assert (month == OCTOBER) is (line.heading is None)
                assert line.heading is None or month in months
        aside = [row.entry.id for row in draft.set_aside]
        on_lines = {row.id for line in draft.lines if line.charged for row in line.entries}
        assert len(aside) == len(set(aside))
        assert not on_lines & set(aside)


@given(ENTRIES, CLOSED)
def test_the_certificate_balances_on_any_ledger(rows: list[tuple[Any, ...]], closed: list[tuple[str, Any]]) -> None:
    """Booked equals the places in sum, by client and by entry, though entries were edited, moved and deleted."""
    given_input, placed = world(rows, closed)
    view = given_input.ledger
    here = [row for row in placed if row.spent_on in OCTOBER]
    reading = given_input.reading
    certificate = certify(reading, plan_month(given_input), view.allocations, view.dispositions, here)
    facts = certificate.as_dict()
    totals = facts["minutes"]
    booked = sum(row.minutes for row in reading.entries)
    assert totals["booked"] == booked == sum(value for key, value in totals.items() if key != "booked")
    for key in totals:
        assert sum(part[key] for part in facts["clients"]) == totals[key]
    by_entry: dict[str, int] = {}
    for row in facts["entries"]:
        by_entry[row["entry"]] = by_entry.get(row["entry"], 0) + row["minutes"]
    now = {row.id: row.minutes for row in reading.entries}
    assert by_entry == {**dict.fromkeys((row.entry for row in here), 0), **now}
    held = {row.entry: row.minutes for row in placed}
    empty = {row.entry for row in placed if isinstance(row, Disposition) and not row.minutes}
    edited = {id for id, minutes in now.items() if held.get(id, minutes) != minutes} - empty
    lost = {row.entry for row in here if row.minutes} - set(now)
    assert set(certificate.changed) == edited | lost
    assert certificate.balanced is (not edited | lost)


@given(ENTRIES, CLOSED, st.randoms(use_true_random=False))
def test_no_order_changes_the_plan(
    rows: list[tuple[Any, ...]], closed: list[tuple[str, Any]], chance: random.Random
) -> None:
    given_input, _ = world(rows, closed)
    reading, view = given_input.reading, given_input.ledger

    def mixed(values: Any) -> Any:
        return tuple(chance.sample(list(values), len(values)))

    other = replace(
        given_input,
        clients=mixed(given_input.clients),
        reading=replace(
            reading,
            entries=mixed(reading.entries),
            late=mixed(reading.late),
            projects=mixed(reading.projects),
            issues=mixed(reading.issues),
            people=mixed(reading.people),
        ),
        ledger=replace(view, closed={client: mixed(view.closed[client]) for client in mixed(view.closed)}),
    )
    assert plan_month(other) == plan_month(given_input)


@given(ENTRIES, CLOSED)
def test_a_chosen_client_is_planned_as_it_would_be_among_all(
    rows: list[tuple[Any, ...]], closed: list[tuple[str, Any]]
) -> None:
    given_input, _ = world(rows, closed)
    whole = plan_month(given_input)
    for made in BOOK:
        alone = plan_month(replace(given_input, selected=frozenset({made.id})))
        assert alone.drafts == tuple(draft for draft in whole.drafts if draft.client == made.id)
        assert alone.empty_drafts == tuple(draft for draft in whole.empty_drafts if draft.client == made.id)
        assert alone.skipped == tuple(row for row in whole.skipped if row.client == made.id)
        assert (made.id in alone.parked) is (made.id in whole.parked)


@given(ENTRIES)
def test_closing_and_planning_again_leaves_nothing_to_bill(rows: list[tuple[Any, ...]]) -> None:
    """What the drafts hold is what the ledger would hold: the second plan has no draft and the same hash."""
    given_input, _ = world([row for row in rows if row[6] == "free"], [])
    first = plan_month(given_input)
    drafts = (*first.drafts, *first.empty_drafts)
    done = LedgerView(
        closed={draft.client: (closing(draft.client, OCTOBER, plan_hash=draft.plan),) for draft in drafts},
        allocations={
            row.id: billed(row, draft.client)
            for draft in drafts
            for line in draft.lines
            if line.charged
            for row in line.entries
        },
        dispositions={
            row.entry.id: set_aside(row.entry, draft.client, disposed=row.disposed)
            for draft in drafts
            for row in draft.set_aside
        },
    )
    second = plan_month(replace(given_input, ledger=done))
    assert second.plan == first.plan
    assert (second.drafts, second.empty_drafts) == ((), ())
    assert set(second.already) == {draft.client for draft in drafts}
