"""Months are half-open windows of dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.period import Month

months = st.builds(Month, st.integers(1901, 9997), st.integers(1, 12))
days = st.dates(min_value=date(1901, 1, 1), max_value=date(9997, 12, 31))


def test_a_month_is_read_as_year_and_two_digits() -> None:
    assert Month.parse("2026-10") == Month(2026, 10)
    assert Month.parse("2026-01") == Month(2026, 1)


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-1", "2026-001", "26-10", "2026-10-01", " 2026-10", "2026-10\n", "2026/10", "٢٠٢٦-١٠", "last"],
)
def test_other_forms_are_no_months(text: str) -> None:
    with pytest.raises(ValueError, match="not a month like 2026-10"):
        Month.parse(text)


@pytest.mark.parametrize("text", ["2026-00", "2026-13", "1899-12", "9999-01"])
def test_months_that_do_not_exist_or_lie_out_of_reach_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no such month"):
        Month.parse(text)


def test_the_outermost_months_are_whole() -> None:
    """9998-12 is the last one, so that the first day after it is still a date."""
    assert Month(1900, 1).first_day == date(1900, 1, 1)
    assert Month(9998, 12).end == date(9999, 1, 1)


@pytest.mark.parametrize(
    ("text", "today", "month"),
    [
        ("this", date(2026, 11, 30), Month(2026, 11)),
        ("this", date(2026, 12, 1), Month(2026, 12)),
        ("last", date(2026, 11, 1), Month(2026, 10)),
        ("last", date(2026, 1, 31), Month(2025, 12)),
        ("2024-02", date(2026, 1, 31), Month(2024, 2)),
    ],
)
def test_last_and_this_are_seen_from_today(text: str, today: date, month: Month) -> None:
    assert Month.resolve(text, today) == month


@pytest.mark.parametrize("text", ["next", "This", "LAST"])
def test_other_words_are_no_months(text: str) -> None:
    with pytest.raises(ValueError, match="not a month"):
        Month.resolve(text, date(2026, 11, 21))


@pytest.mark.parametrize(
    ("month", "first", "last", "end"),
    [
        (Month(2026, 2), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1)),
        (Month(2024, 2), date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 1)),
        (Month(2026, 12), date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1)),
        (Month(2026, 4), date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1)),
    ],
)
def test_a_month_ends_where_the_next_begins(month: Month, first: date, last: date, end: date) -> None:
    assert (month.first_day, month.last_day, month.end) == (first, last, end)
    assert first in month
    assert last in month
    assert first - timedelta(days=1) not in month
    assert end not in month


def test_neighbours_cross_the_year() -> None:
    assert Month(2026, 12).next == Month(2027, 1)
    assert Month(2026, 11).next == Month(2026, 12)
    assert Month(2026, 1).previous == Month(2025, 12)
    assert Month(2026, 12).previous == Month(2026, 11)


def test_months_are_in_order_of_time() -> None:
    assert sorted([Month(2026, 2), Month(2025, 12), Month(2026, 1)]) == [
        Month(2025, 12),
        Month(2026, 1),
        Month(2026, 2),
    ]


@given(months)
def test_a_month_is_written_as_it_is_read(month: Month) -> None:
    assert Month.parse(str(month)) == month


@given(months)
def test_there_and_back_is_the_same_month(month: Month) -> None:
    assert month.next.previous == month
    assert month.previous.next == month


@given(days)
def test_every_day_lies_in_exactly_one_month(day: date) -> None:
    month = Month.of(day)
    assert day in month
    assert day not in month.next
    assert day not in month.previous


@given(months)
def test_months_leave_no_gap_and_do_not_overlap(month: Month) -> None:
    assert month.end == month.next.first_day
    assert 28 <= (month.end - month.first_day).days <= 31
