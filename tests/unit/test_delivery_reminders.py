"""Which reminders are due: each step once, the latest alone, none that is long over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.delivery.reminders import OpenInvoice, plan_reminders

DUE = date(2026, 11, 12)


def invoice(delivered: bool = True, reminded: tuple[int, ...] = ()) -> OpenInvoice:
    return OpenInvoice(7, "2026-0007", "acme", DUE, Decimal("119.00"), delivered, reminded)


def steps(days: int, *configured: int, reminded: tuple[int, ...] = ()) -> list[int]:
    plan = plan_reminders([invoice(reminded=reminded)], DUE + timedelta(days=days), configured)
    return [reminder.step for reminder in plan.reminders]


@pytest.mark.parametrize(
    ("days", "reminded", "expected"),
    [
        (-1, (), []),
        (0, (), [0]),
        (0, (0,), []),
        (3, (), [0]),
        (6, (0,), []),
        (7, (0,), [7]),
        (7, (), [7]),  # the run of the due date was missed: one letter, not two
        (8, (7,), []),  # an earlier step is not made up for
        (21, (0, 7), [21]),
        (35, (0, 7), [21]),
        (36, (0, 7), []),  # 15 days after the last step
        (400, (), []),
    ],
)
def test_the_latest_step_reached_is_due_once(days: int, reminded: tuple[int, ...], expected: list[int]) -> None:
    assert steps(days, 0, 7, 21, reminded=reminded) == expected


def test_days_overdue_are_those_of_today() -> None:
    [reminder] = plan_reminders([invoice()], DUE + timedelta(days=9), (7,)).reminders
    assert (reminder.step, reminder.days_overdue, reminder.number, reminder.invoice_id) == (7, 9, "2026-0007", 7)


def test_without_steps_nobody_is_reminded() -> None:
    assert plan_reminders([invoice()], DUE + timedelta(days=9), ()).reminders == ()


def test_what_is_overdue_beyond_the_last_step_is_named() -> None:
    assert plan_reminders([invoice()], DUE + timedelta(days=36), (0, 7, 21)).beyond == ("2026-0007",)
    assert plan_reminders([invoice(reminded=(21,))], DUE + timedelta(days=36), (0, 7, 21)).beyond == ()


@pytest.mark.parametrize(
    ("gross", "reminded"), [("0.01", True), ("0.00", False), ("-0.01", False), ("-963.02", False), ("0", False)]
)
@pytest.mark.parametrize("days", [0, 7, 36])
def test_where_nothing_is_owed_nobody_is_reminded_or_named(gross: str, reminded: bool, days: int) -> None:
    """Neither as a reminder, nor as a problem, nor as overdue beyond the last one."""
    for delivered in (True, False):
        owed = replace(invoice(delivered), gross=Decimal(gross))
        plan = plan_reminders([owed], DUE + timedelta(days=days), (0, 7, 21))
        assert bool(plan.reminders or plan.problems or plan.beyond) is reminded


def test_who_never_got_the_invoice_is_not_reminded_of_it() -> None:
    plan = plan_reminders([invoice(delivered=False)], DUE, (0,))
    assert plan.reminders == ()
    [problem] = plan.problems
    assert (problem.source, problem.client) == ("invoice:2026-0007", "acme")
    assert "invoice show 2026-0007" in problem.next_step


@given(
    st.lists(st.integers(0, 60), unique=True, max_size=4).map(sorted),
    st.lists(st.integers(0, 90), min_size=1, max_size=40).map(sorted),
)
def test_however_often_it_runs_each_step_goes_at_most_once_and_in_order(configured: list[int], days: list[int]) -> None:
    sent: list[int] = []
    for day in days:
        sent += steps(day, *configured, reminded=tuple(sent))
    assert len(sent) == len(set(sent))
    assert sent == sorted(sent)
    assert set(sent) <= set(configured)
