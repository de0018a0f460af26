"""Working time between two instants: how much is left until a due, or how long ago it passed."""

from __future__ import annotations

from datetime import datetime, timedelta

from studio_support.tickets.calendar import A_DAY, Calendar


def working_minutes(calendar: Calendar, start_at: datetime, end_at: datetime) -> int:
    """Whole minutes within opening hours from one aware instant to another, rounded down; negative if it lies before.

    A due that has passed by less than a minute of working time, or out of hours, counts as one minute ago. Raises
    NoCalendarYear.
    """
    if end_at < start_at:
        return min(-1, -_between(calendar, end_at, start_at))
    return _between(calendar, start_at, end_at)


def _between(calendar: Calendar, start_at: datetime, end_at: datetime) -> int:
    worked = timedelta()
    day, last = calendar.local(start_at).date(), calendar.local(end_at).date()
    while day <= last:
        if calendar.is_working_day(day):
            begins_at = max(start_at, calendar.instant(day, calendar.opens))
            ends_at = min(end_at, calendar.instant(day, calendar.closes_on(day)))
            worked += max(ends_at - begins_at, timedelta())
        day += A_DAY
    return worked // timedelta(minutes=1)
