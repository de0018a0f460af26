"""Working time left until a due, and gone since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.errors import NoCalendarYear
from studio_support.tickets.remaining import working_minutes
from tests.bridge_world import CALENDAR

MOMENTS = st.integers(0, 60 * 24 * 3600).map(
    lambda seconds: datetime(2026, 10, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def utc(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """November 2026 on Moscow's clock, three hours ahead of UTC."""
    return datetime(2026, 11, day, hour - 3, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start_at", "end_at", "minutes"),
    [
        (utc(23, 10), utc(23, 18), 480),
        (utc(23, 10, 0, 1), utc(23, 18), 479),
        (utc(20, 17), utc(23, 10), 120),  # Friday to Monday: an hour each
        (utc(23, 7), utc(23, 9, 30), 30),  # before opening
        (utc(21, 12), utc(22, 12), 0),  # a weekend
        (utc(23, 18), utc(23, 18), 0),
        (utc(23, 18, 0, 30), utc(23, 18), -1),
        (utc(24, 9, 45), utc(23, 18), -45),
        (utc(3, 12), utc(2, 12), -540),  # Monday noon to 18:00, and Tuesday 9:00 to noon
        (utc(5, 10), utc(3, 16), -120),  # Tuesday is short (17:00), Wednesday is Unity Day
    ],
)
def test_minutes_within_opening_hours(start_at: datetime, end_at: datetime, minutes: int) -> None:
    assert working_minutes(CALENDAR, start_at, end_at) == minutes


def test_a_year_without_data_is_named() -> None:
    with pytest.raises(NoCalendarYear):
        working_minutes(CALENDAR, datetime(2019, 1, 1, tzinfo=UTC), datetime(2019, 1, 2, tzinfo=UTC))


@given(MOMENTS, MOMENTS)
def test_it_is_no_more_than_what_passes_and_loses_its_sign_never(start_at: datetime, end_at: datetime) -> None:
    minutes = working_minutes(CALENDAR, start_at, end_at)
    assert (minutes < 0) == (end_at < start_at)
    assert abs(minutes) <= abs((end_at - start_at).total_seconds()) / 60 + 1
