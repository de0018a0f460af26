"""Subtotals of a draft: per project, task and person, summing to the draft's own figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.money import amount_for_minutes
from studio_support.billing.month_plan import Draft, DraftLine
from studio_support.billing.subtotals import Subtotal, subtotals
from studio_support.model import TimeEntry
from studio_support.period import Month

OCTOBER = Month(2026, 10)
DAY = date(2026, 10, 5)


def entry(number: int, user: str, minutes: int) -> TimeEntry:
    return TimeEntry(str(number), 1, "Site", None, 1, user, "Development", minutes, DAY)


def line(project: str, title: str, booked: dict[str, int], *, issue: int | None = None, label: str = "") -> DraftLine:
    """A line at 60.00 an hour: a euro a minute."""
    minutes = sum(booked.values())
    return DraftLine(
        project=project,
        issue=issue,
        ticket=None,
        title=title,
        specialist=None,
        minutes=0 if label else minutes,
        booked_minutes=minutes,
        rate_per_hour=Decimal("60.00"),
        net=Decimal("0.00") if label else amount_for_minutes(minutes, Decimal("60.00"), "EUR"),
        gross=None,
        tax_category="S",
        tax_rate=Decimal(19),
        entries=tuple(entry(number, user, spent) for number, (user, spent) in enumerate(booked.items())),
        first_day=DAY,
        last_day=DAY,
        rate_source="",
        label=label or None,
    )


def draft(*lines: DraftLine) -> Draft:
    net = sum((row.net for row in lines), Decimal(0))
    minutes = sum(row.minutes for row in lines)
    return Draft("acme", OCTOBER, "EUR", "net", minutes, minutes, net, Decimal(0), net, "", lines, ())


def test_lines_are_summed_by_project_the_largest_first() -> None:
    made = draft(line("Shop", "a", {"Anna": 10}), line("Site", "b", {"Anna": 30}), line("Shop", "c", {"Boris": 15}))
    assert subtotals(made, "project") == [
        Subtotal("Site", 30, Decimal("30.00")),
        Subtotal("Shop", 25, Decimal("25.00")),
    ]


def test_tasks_bear_their_project_and_number() -> None:
    made = draft(line("Shop", "Basket", {"Anna": 10}, issue=7), line("Shop", "Development", {"Anna": 5}))
    assert [row.as_dict() for row in subtotals(made, "task")] == [
        {"name": "Shop: #7 Basket", "minutes": 10, "net": "10.00"},
        {"name": "Shop: Development", "minutes": 5, "net": "5.00"},
    ]


def test_people_share_a_line_by_what_they_booked() -> None:
    """15 minutes at 1.00 each: 10.00 of Anna and 5.00 of Boris; alone Anna has 30.00 more."""
    made = draft(line("Shop", "a", {"Anna": 10, "Boris": 5}), line("Site", "b", {"Anna": 30}))
    assert subtotals(made, "person") == [
        Subtotal("Anna", 40, Decimal("40.00")),
        Subtotal("Boris", 5, Decimal("5.00")),
    ]


def test_what_is_shown_and_not_charged_counts_nowhere() -> None:
    made = draft(line("Shop", "a", {"Anna": 10}), line("Shop", "b", {"Boris": 60}, label="free of charge"))
    assert subtotals(made, "person") == [Subtotal("Anna", 10, Decimal("10.00"))]


@given(st.lists(st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 600), min_size=1), min_size=1, max_size=5))
def test_shares_always_meet_the_drafts_own_sum(booked: list[dict[str, int]]) -> None:
    made = draft(*(line("Shop", str(number), people) for number, people in enumerate(booked)))
    for by in ("project", "task", "person"):
        assert sum(row.net for row in subtotals(made, by)) == made.net  # type: ignore[arg-type] # one of the three
        assert sum(row.minutes for row in subtotals(made, by)) == made.minutes  # type: ignore[arg-type] # likewise
