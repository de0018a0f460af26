"""A business calendar as plain values: which days are worked, from when to when, in which zone.

It knows whole years only. A day of any other year is an error that names the year, never a guess: in many countries
days are moved by decree, and an unknown year would look like a plausible wrong answer. The data come from
calendar_data.py or from a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from studio_support.errors import NoCalendarYear

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo  # a value here: whoever makes one reads the zone database

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKEND = frozenset({5, 6})
A_DAY = timedelta(days=1)


def shown_day(day: date) -> str:
    """A day for reasons, in the same words on every machine: "Fri 2026-06-12"."""
    return f"{WEEKDAYS[day.weekday()]} {day.isoformat()}"


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One year: what differs from its weeks. Each day has the words by which reasons name it.

    version: identifies these data. off: days off, the weekend apart (a holiday on a weekend may stand here too).
    working: days of the weekend that are worked. short: working days that close earlier. unsure: days whose kind
    is not certain, and why.
    """

    version: str
    off: Mapping[date, str] = field(default_factory=dict)
    working: Mapping[date, str] = field(default_factory=dict)
    short: Mapping[date, str] = field(default_factory=dict)
    unsure: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a studio. name: "RU", "DE-BE". opens, closes: wall time in `zone`; closes is later.

    short_minutes: how much earlier a short day closes. weekend: as date.weekday() counts. decreed: only years with a
    file of their own count, because days are set by yearly decree. Raises ValueError for hours that leave no day.
    """

    name: str
    zone: ZoneInfo
    opens: time
    closes: time
    years: Mapping[int, CalendarYear]
    weekend: frozenset[int] = WEEKEND
    short_minutes: int = 60
    decreed: bool = False

    def __post_init__(self) -> None:
        if _minutes(self.opens) >= _minutes(self.closes) - self.short_minutes or self.short_minutes < 0:
            raise ValueError(f"no working time between {self.opens} and {self.closes} on a short day")

    def year_of(self, day: date) -> CalendarYear:
        """The data of the day's year; raises NoCalendarYear."""
        known = self.years.get(day.year)
        if known is None:
            raise NoCalendarYear(self.name, day.year, sorted(self.years), decreed=self.decreed)
        return known

    def why_off(self, day: date) -> str:
        """Why a day is not worked: the holiday's name, or "weekend"; "" for a working day. Raises NoCalendarYear."""
        year = self.year_of(day)
        if day in year.working:
            return ""
        return year.off.get(day, "weekend" if day.weekday() in self.weekend else "")

    def is_working_day(self, day: date) -> bool:
        """Raises NoCalendarYear."""
        return not self.why_off(day)

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`. Raises NoCalendarYear where that needs a year without data."""
        found = day + A_DAY
        while not self.is_working_day(found):
            found += A_DAY
        return found

    def closes_on(self, day: date) -> time:
        """Closing time of a working day as wall time, earlier on short days."""
        if day not in self.year_of(day).short:
            return self.closes
        minutes = _minutes(self.closes) - self.short_minutes
        return time(minutes // 60, minutes % 60)

    def instant(self, day: date, wall: time) -> datetime:
        """The UTC instant of a wall time. What a change of clocks repeats means the first time; what it skips means
        as much after the change."""
        return datetime.combine(day, wall.replace(fold=0), tzinfo=self.zone).astimezone(UTC)

    def local(self, instant: datetime) -> datetime:
        """An aware instant as the studio's wall clock shows it."""
        return instant.astimezone(self.zone)

    def version_of(self, days: Iterable[date]) -> str:
        """Which data an answer about these days rests on: the versions of their years, joined by " + "."""
        return " + ".join(dict.fromkeys(self.year_of(day).version for day in sorted(days)))

    def after_working_minutes(self, start_at: datetime, minutes: int, last_day: date) -> datetime | None:
        """The UTC instant at which so many minutes within opening hours have passed since `start_at` (UTC).

        None if that is after the closing of `last_day`. A wait that ends with a day ends at closing time, not at the
        next opening.
        """
        left = timedelta(minutes=minutes)
        day = self.local(start_at).date()
        while day <= last_day:
            if self.is_working_day(day):
                begins_at = max(start_at, self.instant(day, self.opens))
                worked = max(self.instant(day, self.closes_on(day)) - begins_at, timedelta())
                if left <= worked:
                    return begins_at + left
                left -= worked
            day += A_DAY
        return None


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute
