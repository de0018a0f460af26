"""The plan's hash: changes with whatever changes the money or the documents, and with nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from studio_invoices.model import Party
from studio_support.billing.hashing import LENGTH, month_hash
from studio_support.billing.month_plan import MonthPlan
from studio_support.billing.terms import Only, RateRow, Rounding, Rule, TaxRow
from studio_support.model import Person
from tests.months import (
    ANN,
    AUGUST,
    BOB,
    GENERAL,
    JANUARY_1,
    NOVEMBER,
    OCTOBER,
    OTHER,
    SELLER,
    SEPTEMBER,
    SHOP,
    SITE,
    D,
    billed,
    client,
    closing,
    draft_of,
    entry,
    issue,
    ledger,
    planned,
    read_at,
    terms,
)

ROW = entry(1, issue_id=5, fields=(("Note", "x"), ("Free", "no")))
TASK = issue(5, ticket="2026100510000014", fields=(("Payer", "A"), ("Mood", "good")))
FIELD_RULE = Rule("non_billable", entry_field=("Free", "yes"))
LOOKING = terms(rules=(FIELD_RULE,))
B = client("b", "other")


def base(**more: Any) -> MonthPlan:
    values: dict[str, Any] = {"issues": (TASK,), "clients": (client(), B), "terms": LOOKING}
    rows = more.pop("rows", (ROW, entry(2, in_project=OTHER)))
    return planned(*rows, **(values | more))


BASE = base()


def acme(**more: Any) -> dict[str, Any]:
    return {"clients": (client(**more), B)}


def row(**more: Any) -> dict[str, Any]:
    return {"rows": (replace(ROW, **more), entry(2, in_project=OTHER))}


CHANGES: dict[str, dict[str, Any]] = {
    "minutes": row(minutes=61),
    "day": row(spent_on=date(2026, 10, 6)),
    "person": row(user_id=8, user="Bob Best"),
    "name": row(user="Ann Baker"),
    "activity": row(activity="Design"),
    "project": row(project_id=2, project="Shop"),
    "project's name": row(project="New site"),
    "task": row(issue_id=6),
    "a field that a rule looks at": row(fields=(("Note", "x"), ("Free", "later"))),
    "one more entry": {"rows": (ROW, entry(2, in_project=OTHER), entry(3))},
    "subject": {"issues": (replace(TASK, subject="Other words"),)},
    "ticket": {"issues": (replace(TASK, ticket=""),)},
    "rate": acme(rates=(replace(GENERAL, per_hour=D("95.01")),)),
    "price list": acme(price_list=(GENERAL,)),
    "own tax": acme(tax=(TaxRow(JANUARY_1, "S", D(7)),)),
    "rounding": acme(rounding=Rounding(15)),
    "currency": acme(currency="USD"),
    "language": acme(language="de"),
    "address": acme(party=Party("Client acme", ("Street 2",), "DE")),
    "days to pay": acme(payment_days=30),
    "comments wanted": acme(comments=True),
    "studio's tax": {"terms": replace(LOOKING, tax=(TaxRow(JANUARY_1, "S", D(20)),))},
    "rule": {"terms": terms(rules=(FIELD_RULE, Rule("fixed", activity="Design")))},
    "activity free of charge": {"terms": replace(LOOKING, non_billable_activities=("Design",))},
    "longest entry": {"terms": replace(LOOKING, max_hours_per_entry=12)},
    "first month": {"terms": replace(LOOKING, first_month=SEPTEMBER)},
    "seller": {"terms": replace(LOOKING, sellers={"": replace(SELLER, party=Party("Other"))})},
}
NO_CHANGES: dict[str, dict[str, Any]] = {
    "comment that is not printed": row(comments="typo mended"),
    "time of booking": row(created_on=datetime(2026, 10, 9, tzinfo=UTC)),
    "a field that nobody looks at": row(fields=(("Note", "y"), ("Free", "no"))),
    "order of fields": row(fields=ROW.fields[::-1]),
    "status of the task": {"issues": (replace(TASK, status="Closed"),)},
    "tracker where no rule asks": {"issues": (replace(TASK, tracker="Bug"),)},
    "estimate": {"issues": (replace(TASK, estimated_minutes=5, spent_minutes=9),)},
    "the task's other fields": {"issues": (replace(TASK, fields=(("Mood", "bad"),)),)},
    "a task of nobody's": {"issues": (TASK, issue(99))},
    "place of the file": acme(file="elsewhere/acme.toml", rates=(replace(GENERAL, where="elsewhere"),)),
    "place of the tax": {"terms": replace(LOOKING, tax=(replace(LOOKING.tax[0], where="elsewhere"),))},
    "order of clients": {"clients": (B, client())},
    "order of entries": {"rows": (entry(2, in_project=OTHER), ROW)},
    "order of projects": {"projects": (OTHER, SHOP, SITE)},
    "order of people": {"people": (BOB, ANN)},
    "time of reading": {"started_at": read_at(NOVEMBER), "requests": 9, "waited_seconds": 1.5},
    "control": {"control": "two paged reads"},
    "zone": {"terms": replace(LOOKING, timezone="Europe/Berlin")},
    "people.toml of others": {"terms": replace(LOOKING, people_aliases={"x": "#9"})},
    "a project above that no rule names": {"projects": (replace(SITE, parent_id=3), SHOP, OTHER)},
    "figures of past months": {"ledger": ledger(first_month=AUGUST)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changes_the_document_changes_the_hash(change: dict[str, Any]) -> None:
    assert base(**change).plan != BASE.plan


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_what_changes_nothing_leaves_the_hash_alone(change: dict[str, Any]) -> None:
    assert base(**change).plan == BASE.plan
    assert draft_of(base(**change)).plan == draft_of(BASE).plan


def test_hashes_are_short_and_told_apart_by_month_and_client() -> None:
    assert len(BASE.plan) == LENGTH == 16
    assert len({BASE.plan, draft_of(BASE).plan, draft_of(BASE, "b").plan}) == 3
    empty = (base(rows=()), base(rows=(), month=NOVEMBER))
    assert empty[0].plan != empty[1].plan
    assert month_hash("2026-10", {"a": "1", "b": "2"}) == month_hash("2026-10", {"b": "2", "a": "1"})
    assert month_hash("2026-10", {"a": "1"}) != month_hash("2026-11", {"a": "1"})


def test_a_clients_hash_is_its_own_affair() -> None:
    """Another client's entries and files leave it as it is; the month's hash follows either."""
    other = base(clients=(client(), replace(B, payment_days=30)))
    assert draft_of(other).plan == draft_of(BASE).plan
    assert draft_of(other, "b").plan != draft_of(BASE, "b").plan
    assert other.plan != BASE.plan


def test_a_comment_counts_where_it_is_printed() -> None:
    wants = (client(comments=True), B)
    assert base(clients=wants, **row(comments="one")).plan != base(clients=wants, **row(comments="two")).plan


def test_fields_and_trackers_count_where_a_rule_or_an_only_looks_at_them() -> None:
    payer = (client(only=Only("issue_field", "Payer", "A")), B)
    mood = (replace(TASK, fields=(("Payer", "A"), ("Mood", "bad"))),)
    assert base(clients=payer).plan == base(clients=payer, issues=mood).plan
    by_mood = terms(rules=(Rule("fixed", issue_field=("Mood", "awful")),))
    assert base(terms=by_mood).plan != base(terms=by_mood, issues=mood).plan
    by_tracker = terms(rules=(Rule("fixed", tracker="Internal"),))
    bug = (replace(TASK, tracker="Bug"),)
    assert base(terms=by_tracker).plan != base(terms=by_tracker, issues=bug).plan
    by_entry = (client(only=Only("entry_field", "Note", "x")), B)
    assert base(clients=by_entry).plan != base(clients=by_entry, **row(fields=(("Note", "x"), ("Free", "oh")))).plan


def test_a_project_above_counts_where_a_rule_names_a_project() -> None:
    """Moved under "other", the client's time becomes free of charge: another plan."""
    rule = terms(rules=(Rule("fixed", project="other"),))
    moved = (replace(SITE, parent_id=3), SHOP, OTHER)
    ring = (replace(SITE, parent_id=1), SHOP, OTHER)
    assert base(terms=rule).plan != base(terms=rule, projects=moved).plan
    assert base(terms=rule).plan == base(terms=rule, projects=ring).plan
    assert draft_of(base(terms=rule, projects=moved)).billable is False


def test_a_login_that_means_somebody_else_changes_the_hash() -> None:
    """The entries are the same, the rate rows too; but 120.00 is another person's price now."""
    rates = (GENERAL, RateRow(JANUARY_1, D(120), "lead"))
    lead = {"people": (Person(7, "Ann Able", "lead"), BOB), **acme(rates=rates)}
    follower = {"people": (ANN, Person(8, "Bob Best", "lead")), **acme(rates=rates)}
    assert draft_of(base(**lead)).net != draft_of(base(**follower)).net
    assert base(**lead).plan != base(**follower).plan


def test_the_months_hash_stays_while_its_clients_are_closed_one_by_one() -> None:
    """A close that is repeated with the hash of the preview goes on: closed clients contribute what they were."""
    done = closing("acme", OCTOBER, plan_hash=draft_of(BASE).plan)
    half = base(ledger=ledger(done, placed=(billed(ROW),)))
    assert half.plan == BASE.plan
    assert half.already == ("acme",)
    both = ledger(done, closing("b", OCTOBER, plan_hash=draft_of(BASE, "b").plan))
    assert base(ledger=both).plan == BASE.plan
    later = base(ledger=both, rows=(ROW, entry(2, in_project=OTHER), entry(3)))
    assert later.plan == BASE.plan


def test_a_supplements_hash_is_another_and_stays_once_it_is_issued() -> None:
    month = closing("acme", OCTOBER, plan_hash="a" * 16)
    new = entry(3, 15)
    plan = base(supplement=True, rows=(ROW, new), ledger=ledger(month, placed=(billed(ROW),)))
    draft = draft_of(plan)
    assert draft.plan not in ("a" * 16, draft_of(BASE).plan)
    issued = ledger(
        month, closing("acme", OCTOBER, supplement=1, plan_hash=draft.plan), placed=(billed(ROW), billed(new))
    )
    again = base(supplement=True, rows=(ROW, new), ledger=issued)
    assert (again.plan, again.already) == (plan.plan, ("acme",))
    plain = base(rows=(ROW, new), ledger=issued)
    assert plain.plan == base(rows=(ROW,), ledger=ledger(month, placed=(billed(ROW),))).plan


def test_a_supplement_of_nothing_has_the_months_hash() -> None:
    month = closing("acme", OCTOBER, plan_hash="a" * 16)
    one = base(supplement=True, rows=(ROW,), ledger=ledger(month, placed=(billed(ROW),)))
    two = base(rows=(ROW,), ledger=ledger(month, placed=(billed(ROW),)))
    assert one.already == two.already == ("acme",)
    assert one.plan != two.plan, "b is not closed: its hash is that of a supplement that there cannot be"
