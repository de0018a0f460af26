"""Time that is not billed by the hour: rules in their order, then activities; shown or not, always in a place."""

from __future__ import annotations

from typing import Any

import pytest

from studio_support.billing.terms import Rule
from studio_support.model import Project
from tests.months import OTHER, SHOP, SITE, charged, client, draft_of, entry, issue, planned, terms

BUG = issue(5, tracker="Bug", fields=(("Payer", "Us"), ("Free", "no")))
ROW = entry(1, issue_id=5, activity="Design", in_project=SHOP, fields=(("Goodwill", "1"),))


def reason(rule: Rule, row: Any = ROW, **more: Any) -> str | None:
    """Why the entry is set aside, None where it is charged."""
    plan = planned(row, terms=terms(rules=(rule,)), issues=(BUG,), **more)
    assert plan.problems == ()
    assert charged(plan) == ({} if plan.skipped else {"1": "acme"})
    return next((skip.reason for skip in plan.skipped), None)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (Rule("fixed", activity="DESIGN"), 'activity "DESIGN"'),
        (Rule("fixed", activity="Testing"), None),
        (Rule("fixed", tracker="bug"), 'tracker "bug"'),
        (Rule("fixed", tracker="Feature"), None),
        (Rule("fixed", project="shop"), 'project "shop"'),
        (Rule("fixed", project="Shop"), 'project "Shop"'),
        (Rule("fixed", project="site"), 'project "site"'),
        (Rule("fixed", project="Site"), 'project "Site"'),
        (Rule("fixed", project="other"), None),
        (Rule("fixed", issue_field=("Payer", "Us")), '"Payer" is "Us"'),
        (Rule("fixed", issue_field=("Payer", "They")), None),
        (Rule("fixed", entry_field=("Goodwill", "1")), '"Goodwill" is "1"'),
        (Rule("fixed", entry_field=("Goodwill", "0")), None),
        (Rule("fixed", activity="Design", tracker="Bug"), 'activity "Design" and tracker "Bug"'),
        (Rule("fixed", activity="Design", tracker="Feature"), None),
        (Rule("fixed", activity="Testing", tracker="Bug"), None),
    ],
)
def test_all_conditions_of_a_rule_must_hold(rule: Rule, told: str | None) -> None:
    """A project's rule holds for its subprojects; names of activities and trackers in any case."""
    assert reason(rule) == told


def test_time_without_a_task_has_no_tracker_and_no_field_of_one() -> None:
    alone = entry(1)
    assert reason(Rule("fixed", tracker="Bug"), alone) is None
    assert reason(Rule("fixed", issue_field=("Payer", "Us")), alone) is None
    assert reason(Rule("fixed", tracker="Bug"), entry(1, issue_id=99)) is None


def test_a_projects_rule_ends_where_parents_do() -> None:
    ring = (Project(1, "site", "Site", 2), Project(2, "shop", "Shop", 1), OTHER)
    owned = {"projects": (SITE, SHOP, OTHER)}
    assert reason(Rule("fixed", project="far"), **owned) is None
    plan = planned(ROW, projects=ring, terms=terms(rules=(Rule("fixed", project="far"),)), issues=(BUG,))
    assert charged(plan) == {"1": "acme"}


def test_the_first_rule_that_holds_decides_before_activities() -> None:
    rules = (Rule("fixed", tracker="Bug"), Rule("non_billable", activity="Design"))
    plan = planned(ROW, terms=terms(rules=rules, non_billable_activities=("Design",)), issues=(BUG,))
    assert [(skip.disposed, skip.reason) for skip in plan.skipped] == [("fixed", 'tracker "Bug"')]


def test_activities_free_of_charge_are_known_in_any_case() -> None:
    rows = (entry(1, activity="consultation"), entry(2))
    plan = planned(*rows, terms=terms(non_billable_activities=("Consultation",)))
    assert charged(plan) == {"2": "acme"}
    assert plan.skipped[0].reason == 'activity "consultation"'


def test_what_is_set_aside_is_handed_to_the_ledger_with_its_place() -> None:
    rows = (entry(1, 0), entry(2, 30, activity="Design"), entry(3))
    draft = draft_of(planned(*rows, terms=terms(rules=(Rule("fixed", activity="Design"),))))
    assert [(row.entry.id, row.client, row.disposed) for row in draft.set_aside] == [
        ("1", "acme", "non_billable"),
        ("2", "acme", "fixed"),
    ]


def test_free_time_needs_no_rate() -> None:
    """Nobody agreed a price for it, and none is asked for."""
    free = terms(non_billable_activities=("Design",))
    plan = planned(entry(1, activity="Design"), terms=free, clients=(client(rates=()),))
    assert plan.problems == ()
    assert [skip.entry for skip in plan.skipped] == ["1"]
