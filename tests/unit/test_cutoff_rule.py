"""The rule of the promise on calendars made by hand, and what holds for any arrival."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.errors import NoCalendarYear
from studio_support.tickets.calendar import Calendar, CalendarYear
from studio_support.tickets.calendar_data import StudioDays, load_calendar
from studio_support.tickets.cutoff import CLOCKS, Policy, promise

BERLIN = ZoneInfo("Europe/Berlin")
TWO_HOURS = Policy(max_wait_minutes=120, wait_why="agreed with acme")


def calendar(zone: str = "Europe/Berlin", opens: time = time(9), closes: time = time(18), **days: object) -> Calendar:
    """2026 without holidays, unless they are given."""
    return Calendar("XX", ZoneInfo(zone), opens, closes, {2026: CalendarYear("XX-2026-1", **days)})  # type: ignore[arg-type]  # days of any kind


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


# 15 June 2026 is a Monday.
def test_grace_lets_a_late_fetch_count_as_before_the_cutoff() -> None:
    """11:55 fetched at 12:02 is in time; the minutes of grace end sharply, like the cutoff."""
    graceful = Policy(grace_minutes=10)
    assert promise(local("2026-06-15T12:09:59"), calendar(), graceful).due_local == local("2026-06-15T18:00")
    assert promise(local("2026-06-15T12:10:00"), calendar(), graceful).due_local == local("2026-06-16T12:00")
    assert "within 10 minutes of grace" in promise(local("2026-06-15T12:02:00"), calendar(), graceful).reasons[1]


def test_another_cutoff_is_the_hour_of_the_next_day_too() -> None:
    early = Policy(cutoff=time(11, 0))
    assert promise(local("2026-06-15T11:00"), calendar(), early).due_local == local("2026-06-16T11:00")


def test_a_short_day_that_closes_before_the_cutoff() -> None:
    """Closing at 11:30: 11:29 is due 11:30; 11:30 is late; and nobody is told noon of a day that ends before."""
    days = calendar(closes=time(12, 30), short={date(2026, 6, 16): "before a feast"})
    assert promise(local("2026-06-16T11:29"), days, Policy()).due_local == local("2026-06-16T11:30")
    late = promise(local("2026-06-16T11:30"), days, Policy())
    assert late.due_local == local("2026-06-17T12:00")
    assert late.reasons[1] == "The studio had closed at 11:30: it counts as late."
    assert promise(local("2026-06-15T12:00"), days, Policy()).due_local == local("2026-06-16T11:30")


def test_a_holiday_counts_as_late_whatever_the_hour() -> None:
    days = calendar(off={date(2026, 6, 16): "Feast"})
    early = promise(local("2026-06-16T00:00:01"), days, Policy())
    assert early.due_local == local("2026-06-17T12:00")
    assert early.reasons[1] == "Not a working day (Feast): it counts as late."


@pytest.mark.parametrize(
    ("arrival", "due"),
    [
        ("2026-06-15T10:00:00", "2026-06-15T12:00:00"),  # within the day
        ("2026-06-15T07:30:00", "2026-06-15T11:00:00"),  # the wait begins when the studio opens
        ("2026-06-15T11:59:30", "2026-06-15T13:59:30"),
        ("2026-06-15T16:00:00", "2026-06-15T18:00:00"),  # ends with the day, not at the next opening
        ("2026-06-15T17:00:00", "2026-06-16T10:00:00"),  # an hour today, an hour tomorrow
        ("2026-06-15T18:00:00", "2026-06-16T11:00:00"),
        ("2026-06-19T17:30:00", "2026-06-22T10:30:00"),  # over a weekend
        ("2026-06-20T10:00:00", "2026-06-22T11:00:00"),
    ],
)
def test_a_wait_counts_within_opening_hours_over_days(arrival: str, due: str) -> None:
    assert promise(local(arrival), calendar(), TWO_HOURS).due_local == local(due)


def test_a_wait_can_only_make_it_earlier() -> None:
    long = Policy(max_wait_minutes=540, wait_why="agreed with acme")
    found = promise(local("2026-06-15T11:00"), calendar(), long)
    assert found.due_local == local("2026-06-15T18:00")
    assert found.reasons[-1] == (
        "At most 540 working minutes (agreed with acme): they end no earlier, so nothing changes."
    )
    short = promise(local("2026-06-15T11:00"), calendar(), TWO_HOURS)
    assert short.reasons[-1] == (
        "At most 120 working minutes (agreed with acme): they end Mon 2026-06-15 13:00:00, so it is due then."
    )


def test_a_wait_over_a_change_of_clocks_is_counted_in_minutes_that_pass() -> None:
    """Open from 00:00 on a worked Sunday on which 02:00 becomes 03:00: two hours after 01:00 it is 04:00."""
    days = calendar(opens=time(0), working={date(2026, 3, 29): "a try"})
    assert promise(local("2026-03-29T01:00"), days, TWO_HOURS).due_local == local("2026-03-29T04:00")


def test_closing_in_the_hour_that_is_skipped_or_repeated() -> None:
    """Closing 02:30 in Berlin: skipped on 29 March, meant as 03:30; repeated on 25 October, meant as the first."""
    days = calendar(
        opens=time(0),
        closes=time(2, 30),
        working={date(2026, 3, 29): "a try", date(2026, 10, 25): "a try"},
    )
    policy = Policy(cutoff=time(1))
    assert promise(local("2026-03-29T00:30"), days, policy).due_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert promise(local("2026-10-25T00:30"), days, policy).due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_both_clocks_run_against_the_one_due() -> None:
    found = promise(local("2026-06-15T11:00"), calendar(), TWO_HOURS)
    assert {found.due_for(clock) for clock in CLOCKS} == {found.due_at}
    with pytest.raises(ValueError, match="no clock"):
        found.due_for("done")  # type: ignore[arg-type]  # what a caller without types may ask


def test_a_year_without_data_is_named() -> None:
    """Late on the last working day of a year needs the next one; in time on it does not."""
    last = local("2026-12-31T11:59")
    assert promise(last, calendar(), Policy()).due_local == local("2026-12-31T18:00")
    with pytest.raises(NoCalendarYear) as caught:
        promise(last + timedelta(minutes=1), calendar(), Policy())
    assert (caught.value.calendar, caught.value.year, caught.value.known) == ("XX", 2027, (2026,))
    with pytest.raises(NoCalendarYear) as caught:
        promise(local("2025-12-31T10:00"), calendar(), Policy())
    assert caught.value.year == 2025


def test_what_a_promise_keeps() -> None:
    """Rule, zone and version of the data, so that it never has to be computed again."""
    found = promise(local("2026-06-15T11:00"), calendar(), Policy())
    assert found.as_dict() == {
        "arrived_at": "2026-06-15T09:00:00Z",
        "zone": "Europe/Berlin",
        "intake_day": "2026-06-15",
        "due_at": "2026-06-15T16:00:00Z",
        "due_local": "2026-06-15T18:00:00+02:00",
        "reasons": [
            "Arrived Mon 2026-06-15 11:00:00 in Europe/Berlin.",
            "A working day, before the cutoff at 12:00: it belongs to that day.",
            "Due the same day by closing time, 18:00.",
        ],
        "rule": "noon-1",
        "calendar": "XX-2026-1",
    }


def test_the_version_names_both_years_where_two_were_needed() -> None:
    years = {year: CalendarYear(f"XX-{year}-1", off={date(2027, 1, 1): "New Year"}) for year in (2026, 2027)}
    both = Calendar("XX", BERLIN, time(9), time(18), years)
    assert promise(local("2026-12-31T13:00"), both, Policy()).calendar == "XX-2026-1 + XX-2027-1"


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        promise(datetime(2026, 6, 15, 11), calendar(), Policy())  # noqa: DTZ001 - a naive time is what is refused
    with pytest.raises(ValueError, match="minutes"):
        Policy(grace_minutes=-1)
    with pytest.raises(ValueError, match="minutes"):
        Policy(max_wait_minutes=0)
    with pytest.raises(ValueError, match="no working time"):
        calendar(opens=time(9), closes=time(10))
    with pytest.raises(ValueError, match="no working time"):
        Calendar("XX", BERLIN, time(9), time(18), {}, short_minutes=-1)


RUSSIA = load_calendar(StudioDays("Europe/Moscow", "RU", time(9), time(18)), date(2026, 11, 21))
GERMANY = load_calendar(StudioDays("Europe/Berlin", "DE", time(9), time(18), "BE"), date(2026, 11, 21))
YEARS = {year: CalendarYear(f"XX-{year}-1") for year in range(2024, 2029)}
ZONES = ["America/New_York", "Pacific/Auckland", "Australia/Lord_Howe", "Asia/Kolkata", "Atlantic/Azores", "UTC"]
FIRST, LAST = datetime(2025, 1, 2, tzinfo=UTC), datetime(2027, 12, 20, tzinfo=UTC)
arrivals = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC))
policies = st.builds(
    Policy,
    cutoff=st.sampled_from([time(11), time(12), time(13, 30)]),
    grace_minutes=st.sampled_from([0, 10, 240]),
    max_wait_minutes=st.none() | st.integers(1, 3000),
)
# Open around the clock, too: then changes of clocks fall into the hours.
hours = st.sampled_from([(time(9), time(18)), (time(0), time(23, 59)), (time(10, 30), time(14, 45))])


@st.composite
def made_by_hand(draw: st.DrawFn) -> Calendar:
    opens, closes = draw(hours)
    return Calendar("XX", ZoneInfo(draw(st.sampled_from(ZONES))), opens, closes, YEARS, short_minutes=0)


calendars = st.sampled_from([RUSSIA, GERMANY]) | made_by_hand()


@given(arrivals, calendars, policies)
def test_due_is_not_before_arrival_and_on_a_working_day(arrived: datetime, days: Calendar, policy: Policy) -> None:
    found = promise(arrived, days, policy)
    assert found.due_at >= found.received_at == arrived
    assert days.is_working_day(found.due_local.date())
    assert days.is_working_day(found.intake_day)
    assert days.opens <= found.due_local.time() <= days.closes_on(found.due_local.date())


@given(arrivals, st.timedeltas(timedelta(), timedelta(days=12)), calendars, policies)
def test_a_later_arrival_is_never_due_earlier(
    arrived: datetime, later: timedelta, days: Calendar, policy: Policy
) -> None:
    then = min(arrived + later, LAST)  # what follows would need 2028, which Russia has no data for
    assert promise(arrived, days, policy).due_at <= promise(then, days, policy).due_at


@given(arrivals, calendars, policies, st.integers(-14 * 60, 14 * 60))
def test_the_same_instant_in_another_zone_is_the_same_promise(
    arrived: datetime, days: Calendar, policy: Policy, offset: int
) -> None:
    elsewhere = arrived.astimezone(timezone(timedelta(minutes=offset)))
    assert promise(elsewhere, days, policy) == promise(arrived, days, policy)


@given(arrivals, calendars, policies, st.integers(1, 3000), st.integers(0, 3000))
def test_a_stricter_wait_is_never_later(
    arrived: datetime, days: Calendar, policy: Policy, minutes: int, more: int
) -> None:
    plain = Policy(policy.cutoff, policy.grace_minutes)
    strict = Policy(policy.cutoff, policy.grace_minutes, minutes)
    loose = Policy(policy.cutoff, policy.grace_minutes, minutes + more)
    dues = [promise(arrived, days, one).due_at for one in (strict, loose, plain)]
    assert dues == sorted(dues)
