"""Clocks that lie behind ours: how far, where reading begins then, and what people are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from studio_support.sync.clocks import (
    again_from,
    ahead_seconds,
    apart,
    begun_at,
    behind_seconds,
    clock_warnings,
    lag,
)
from studio_support.sync.model import Cursor, Servers

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
START = datetime(2026, 11, 20, tzinfo=UTC)
OVERLAP = timedelta(minutes=10)


def ago(**by: float) -> datetime:
    return NOON - timedelta(**by)


@pytest.mark.parametrize(
    ("told", "took", "seconds"),
    [
        (ago(seconds=0), 0.0, 0),
        (ago(seconds=1), 0.0, 0),  # 11:59:59.9, cut to the second
        (ago(seconds=2), 0.0, 2),
        (ago(minutes=20), 0.3, 1201),  # at most: it may have looked at its clock at the very end
        (ago(seconds=2), 30.0, 32),
        (ago(seconds=0), 30.0, 0),  # a slow answer alone is no clock that is behind
        (ago(minutes=-5), 0.0, 0),
    ],
)
def test_a_clock_is_behind_by_what_it_told_and_how_long_the_answer_took(
    told: datetime, took: float, seconds: int
) -> None:
    assert behind_seconds(NOON, told, NOON + timedelta(seconds=took)) == seconds


@pytest.mark.parametrize(("told", "seconds"), [(ago(minutes=-5), 300), (ago(seconds=0), 0), (ago(minutes=5), 0)])
def test_a_clock_is_ahead_by_what_lies_behind_the_answer(told: datetime, seconds: int) -> None:
    assert ahead_seconds(told, NOON) == seconds


def test_a_store_begins_by_the_clock_of_otrs() -> None:
    assert begun_at(NOON, Servers(otrs_behind_seconds=900)) == ago(minutes=15)


def test_the_side_that_lies_further_behind_sets_how_far_passes_look_back() -> None:
    assert lag(Servers(otrs_behind_seconds=60, redmine_behind_seconds=90)) == timedelta(seconds=90)


def test_what_a_clock_hid_since_it_was_looked_at_last_is_read_again() -> None:
    """At 11:00 it was right, now it lies 30 minutes behind: it may have been set back at 11:00 already."""
    cursor = Cursor(START, ago(minutes=20))
    before, now = Servers(ago(hours=1), 0), Servers(NOON, 1800)
    assert again_from(cursor, before, now, OVERLAP).since == ago(hours=1, minutes=40)


def test_a_clock_that_lies_behind_no_further_than_passes_overlap_has_hidden_nothing() -> None:
    cursor = Cursor(START, ago(minutes=20))
    assert again_from(cursor, Servers(ago(hours=1), 0), Servers(NOON, 600), OVERLAP) == cursor
    assert again_from(cursor, Servers(ago(hours=1), 1200), Servers(NOON, 1800), OVERLAP) == cursor
    assert again_from(cursor, Servers(), Servers(None, 9000), OVERLAP) == cursor


def test_where_the_clock_was_never_looked_at_a_day_is_read_again_and_nothing_from_before_the_start() -> None:
    cursor = Cursor(START, ago(minutes=20))
    now = Servers(NOON, 1800)
    assert again_from(cursor, Servers(), now, OVERLAP).since == ago(days=1, minutes=40)
    late = Cursor(ago(hours=2), ago(minutes=20))
    assert again_from(late, Servers(), now, OVERLAP).since == ago(hours=2)
    far = Cursor(START, ago(days=2))
    assert again_from(far, Servers(), now, OVERLAP).since == ago(days=2)


def test_people_are_told_of_a_minute_and_more() -> None:
    assert clock_warnings(Servers(otrs_behind_seconds=60, redmine_behind_seconds=60)) == {}
    told = clock_warnings(Servers(otrs_behind_seconds=61, redmine_behind_seconds=1200))
    assert list(told) == ["clock:otrs", "clock:redmine"]
    assert "61 seconds behind" in told["clock:otrs"][0] and "[otrs]" in told["clock:otrs"][1]
    assert "20 minutes behind" in told["clock:redmine"][0] and "[otrs]" not in told["clock:redmine"][1]


@pytest.mark.parametrize(
    ("seconds", "words"), [(119, "119 seconds"), (150, "2 minutes"), (7199, "120 minutes"), (10800, "3.0 hours")]
)
def test_differences_are_told_in_words(seconds: int, words: str) -> None:
    assert apart(seconds) == words
