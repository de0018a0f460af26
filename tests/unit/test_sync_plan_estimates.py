"""Booked time against estimates: who is told, at which mark, and how often."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from studio_support.sync.model import Cursor, Known, Link, Rules
from studio_support.sync.plan_estimates import overspent
from studio_support.sync.world import Spent, World

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def keys(spent: Spent) -> list[str]:
    world = World(
        NOW,
        "2026-11-23",
        Cursor(NOW, NOW),
        Rules(queues=("Support",), language="en", trigger=("queue", "To Redmine")),
        known={1: Known(1, "2026112310000013", adopted=True)},
        spent={7: spent},
        going_on=(Link(1, 7, 1, 1, "created"),),
    )
    return [warning.key for warning in overspent(world)]


@pytest.mark.parametrize(
    ("spent", "told"),
    [
        ((600, 479), []),
        ((600, 480), ["spent:7:600:80"]),
        ((600, 599), ["spent:7:600:80"]),
        ((600, 600), ["spent:7:600:100"]),
        ((600, 900), ["spent:7:600:100"]),
        ((None, 900), []),
        ((0, 900), []),
        ((600, None), []),
    ],
)
def test_the_manager_is_told_at_four_fifths_and_at_the_end(spent: Spent, told: list[str]) -> None:
    assert keys(spent) == told


def test_an_issue_whose_time_was_not_read_says_nothing() -> None:
    world = World(
        NOW,
        "2026-11-23",
        Cursor(NOW, NOW),
        Rules(queues=("Support",), language="en", trigger=("queue", "To Redmine")),
        going_on=(Link(1, 7, 1, 1, "created"),),
    )
    assert list(overspent(world)) == []


def test_the_sentence_names_ticket_issue_and_both_times() -> None:
    world = World(
        NOW,
        "2026-11-23",
        Cursor(NOW, NOW),
        Rules(queues=("Support",), language="en", trigger=("queue", "To Redmine")),
        known={1: Known(1, "2026112310000013", adopted=True)},
        spent={7: (150, 125)},
        going_on=(Link(1, 7, 1, 1, "created"),),
    )
    [warning] = overspent(world)
    assert warning.message == (
        "ticket 2026112310000013: 2:05 h of the estimated 2:30 h are booked on its issue #7 (83 %)"
    )
