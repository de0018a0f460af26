"""Months on end, with everything people do to booked time in between: no minute is billed twice or silently lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from studio_support.model import Project
from studio_support.period import Month
from tests.months import SITE
from tests.months_machine import NEW, Months

Months.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestMonths = Months.TestCase


@pytest.fixture
def months() -> Iterator[Months]:
    """The same world, led by hand: it stands in the morning of 2 September 2026."""
    made = Months()
    made.begin([])
    yield made
    made.teardown()


def hour(days: int, project: Project = SITE) -> list[tuple[int, int, Project, str]]:
    """An hour of work so many days from now."""
    return [(days, 60, project, "Development")]


def on_invoice(months: Months, number: str) -> set[str]:
    return {facts["id"] for facts in months.ledger.invoice(number).basis["entries"]}


def test_late_time_of_a_cancelled_invoice_is_found_again_after_later_months_were_closed(months: Months) -> None:
    """August's hour, booked in September, stood on September's invoice; October is closed since, its mark is newer."""
    months.close_month(Month(2026, 8), ("a", "b"))
    months.book(hour(-10))
    months.month_end(("a", "b"))
    months.book(hour(0))
    months.month_end(("a", "b"))
    september = months.numbers[0]
    assert on_invoice(months, september) == {"1"}
    months.cancel(0, close_again=True)
    assert on_invoice(months, months.numbers[-1]) == {"1"}
    assert months.numbers[-1] != september


def test_late_time_freed_by_two_cancellations_is_found_again_whichever_month_is_closed_first(months: Months) -> None:
    """An hour for October stood on November's invoice; re-closing August, which looks far back, cannot take it."""
    months.close_month(Month(2026, 8), ("a", "b"))
    months.book(hour(-10))
    months.month_end(("a", "b"))  # September's invoice, with August's late hour
    months.month_end(("a", "b"))
    months.book(hour(-20))
    months.month_end(("a", "b"))  # November's invoice, with October's late hour
    months.month_end(("a", "b"))
    months.cancel(1, close_again=False)
    months.cancel(0, close_again=True)
    assert on_invoice(months, months.numbers[-1]) == {"1"}
    months.close_month(Month(2026, 11), ("a",))
    assert on_invoice(months, months.numbers[-1]) == {"2"}


def test_a_month_closed_out_of_order_hides_nothing_booked_before_it(months: Months) -> None:
    """September is closed after October; an hour for October, booked between the two, goes on November's invoice."""
    months.close_month(Month(2026, 8), ("a", "b"))
    months.month_end(("b",))
    months.month_end(("a", "b"))
    months.wait(24 * 9)
    months.book(hour(-30))
    months.wait(24 * 3)
    months.close_month(Month(2026, 9), ("a",))
    months.month_end(("a", "b"))
    assert on_invoice(months, months.numbers[-1]) == {"1"}


def test_a_month_is_billed_again_though_its_supplement_stands(months: Months) -> None:
    months.book(hour(0))
    months.month_end(("a", "b"))
    months.book(hour(-20))
    months.close_month(Month(2026, 9), ("a",), supplement=True)
    first, extra = months.numbers
    months.cancel(0, close_again=True)
    assert (on_invoice(months, first), on_invoice(months, months.numbers[-1])) == ({"1"}, {"1"})
    assert on_invoice(months, extra) == {"2"}


def test_a_project_listed_after_the_month_was_closed_asks_for_a_supplement(months: Months) -> None:
    """Its time was booked before the mark: no later close would find it, and the plan says so."""
    months.book(hour(0, NEW))
    months.month_end(("a", "b"))
    september = Month(2026, 9)
    assert 'No client lists the project "New"' in months.plan_of(september).problems[0].message
    months.list_the_new_project()
    months.wait(24)
    months.month_end(("a", "b"))
    assert months.numbers == []
    (problem,) = months.plan_of(september).problems
    assert "--supplement" in problem.next_step
    months.close_month(september, ("a",), supplement=True)
    assert on_invoice(months, months.numbers[-1]) == {"1"}


def test_time_moved_into_a_closed_month_from_an_open_one_is_late_time(months: Months) -> None:
    """Booked on the 5th for the 5th, moved to the month before on the 20th: it goes on this month's invoice."""
    months.month_end(("a", "b"))
    months.wait(24 * 3)
    months.book(hour(0))
    months.change(0, "day", -20)
    months.month_end(("a", "b"))
    assert on_invoice(months, months.numbers[-1]) == {"1"}
