"""What a manager should look at first; the figures are hours of earlier invoices."""

from __future__ import annotations

from datetime import date

import pytest

from studio_support.billing.flags import hours
from studio_support.billing.ledger_view import PastMonth
from studio_support.billing.month_plan import MonthPlan
from studio_support.billing.terms import RateRow
from studio_support.model import Project
from tests.months import (
    ANN,
    AUGUST,
    GENERAL,
    SEPTEMBER,
    D,
    client,
    closing,
    draft_of,
    entry,
    issue,
    ledger,
    planned,
    texts,
)


@pytest.mark.parametrize(
    ("minutes", "shown"), [(455, "7:35"), (0, "0:00"), (5, "0:05"), (60, "1:00"), (-90, "-1:30"), (6000, "100:00")]
)
def test_hours_are_shown_with_minutes(minutes: int, shown: str) -> None:
    assert hours(minutes) == shown


def past(*minutes: int) -> dict[str, tuple[PastMonth, ...]]:
    """So many minutes in September, in August, ..."""
    months = (SEPTEMBER, AUGUST)
    return {"acme": tuple(PastMonth(m, n, D(n)) for m, n in zip(months, minutes, strict=False))}


def plan_with(minutes: int, *earlier: int) -> MonthPlan:
    rows = [entry(1, minutes)] if minutes else []
    return planned(*rows, ledger=ledger(closing(month=AUGUST), closing(), past=past(*earlier)))


@pytest.mark.parametrize(
    ("minutes", "earlier", "flags"),
    [
        (400, (200,), ()),
        (401, (200,), ("much more than usual (3:20)",)),
        (100, (200,), ()),
        (99, (200,), ("much less than usual (3:20)",)),
        (250, (100, 300), ()),
        (401, (100, 300), ("much more than usual (3:20)",)),
        (60, (), ()),
    ],
)
def test_twice_or_half_the_mean_of_the_last_months_is_much(
    minutes: int, earlier: tuple[int, ...], flags: tuple[str, ...]
) -> None:
    """Exactly twice, or half, is not worth a look; without a past nothing is usual."""
    assert draft_of(plan_with(minutes, *earlier)).flags == flags


def test_a_client_without_time_after_a_month_with_time_is_a_notice() -> None:
    """Nothing is billed, so no draft is shown: the notice must say it."""
    plan = plan_with(0, 200)
    assert draft_of(plan).flags == ("none this month, 3:20 in 2026-09",)
    assert "acme: acme: none this month, 3:20 in 2026-09. Ask the team whether time is missing." in texts(plan.notices)
    assert plan.drafts == ()


def test_a_quiet_client_who_had_nothing_before_is_no_news() -> None:
    plan = plan_with(0)
    assert draft_of(plan).flags == ()
    assert plan.notices == ()


def test_a_client_never_billed_is_new() -> None:
    """Be it that earlier months of his were closed with nothing in them."""
    empty = ledger(closing(month=AUGUST, number=None), closing(number=None))
    assert draft_of(planned(entry(1), ledger=empty)).flags == ("new client",)
    assert draft_of(planned(entry(1), ledger=ledger(closing(month=AUGUST), closing(number=None)))).flags == ()
    assert draft_of(planned(entry(1))).flags == ("new client",)
    assert draft_of(planned()).flags == ()


@pytest.mark.parametrize(
    ("begins", "flags"),
    [
        (date(2026, 10, 1), ("new rate",)),
        (date(2026, 10, 31), ()),
        (date(2026, 9, 30), ()),
    ],
)
def test_a_rate_that_begins_in_the_month_and_is_used_is_new(begins: date, flags: tuple[str, ...]) -> None:
    """Work of the 5th: a row of the 31st is not used."""
    made = client(rates=(GENERAL, RateRow(begins, D(99))))
    plan = planned(entry(1), clients=(made,), ledger=ledger(closing(month=AUGUST), closing()))
    assert draft_of(plan).flags == flags


def test_the_first_rate_of_all_is_not_new() -> None:
    """A new client is flagged as such; its only price is no change."""
    made = client(rates=(RateRow(date(2026, 10, 1), D(99)),))
    assert draft_of(planned(entry(1), clients=(made,))).flags == ("new client",)


def test_tasks_over_their_estimate_are_named_with_both_times() -> None:
    """Redmine's sum over all months counts where it is more than what the month shows."""
    tasks = (
        issue(1, estimated_minutes=60, spent_minutes=300),
        issue(2, estimated_minutes=60),
        issue(3, estimated_minutes=90, spent_minutes=90),
        issue(4, estimated_minutes=0, spent_minutes=90),
        issue(5),
    )
    rows = [entry(number, 45, issue_id=number) for number in range(1, 7)]
    rows += [entry(12, 16, issue_id=2), entry(13, 45, issue_id=3)]
    plan = planned(*rows, issues=tasks, ledger=ledger(closing(month=AUGUST), closing()))
    assert draft_of(plan).flags == ("over estimate: #1 5:00 of 1:00, #2 1:01 of 1:00",)
    assert draft_of(plan).suspicion == 20


def test_of_many_tasks_over_their_estimate_the_worst_are_named() -> None:
    """Five tasks of 1:00 that took 1:01 to 1:05: a flag that can be read at a glance."""
    tasks = [issue(number, estimated_minutes=60) for number in range(1, 6)]
    rows = [entry(number, 60 + number, issue_id=number) for number in range(1, 6)]
    plan = planned(*rows, issues=tasks, ledger=ledger(closing(month=AUGUST), closing()))
    assert draft_of(plan).flags == ("over estimate: #5 1:05 of 1:00, #4 1:04 of 1:00, #3 1:03 of 1:00 and 2 more",)
    assert draft_of(plan).suspicion == 30


def test_late_time_is_flagged_with_its_sum() -> None:
    late = entry(1, 90, date(2026, 9, 30))
    plan = planned(late, entry(2), ledger=ledger(closing(month=AUGUST), closing()))
    assert draft_of(plan).flags == ("1:30 booked late",)


def test_the_most_suspicious_drafts_come_first_then_the_largest_then_by_name() -> None:
    """b and d are new and d bills more; c and a are known, alike, and come by name."""
    books = [client(id, id) for id in "abcd"]
    projects = tuple(Project(number, id, id.upper()) for number, id in enumerate("abcd", start=1))
    rows = [entry(number, 60, in_project=project) for number, project in enumerate(projects, start=1)]
    rows.append(entry(9, 30, in_project=projects[3]))
    known = ledger(*(closing(id, month) for id in "ac" for month in (AUGUST, SEPTEMBER)))
    plan = planned(*rows, clients=books, projects=projects, ledger=known, people=(ANN,))
    assert [draft.client for draft in plan.drafts] == ["d", "b", "a", "c"]
    assert [draft.suspicion for draft in plan.drafts] == [20, 20, 0, 0]


def test_last_month_stands_beside_the_draft_only_if_it_was_the_month_before() -> None:
    last = draft_of(plan_with(60, 200))
    assert (last.last_minutes, last.last_net) == (200, D(200))
    older = ledger(closing(month=AUGUST), past={"acme": (PastMonth(AUGUST, 200, D(200)),)})
    draft = draft_of(planned(entry(1), ledger=older))
    assert (draft.last_minutes, draft.last_net) == (None, None)
