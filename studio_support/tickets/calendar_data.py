"""Where a calendar's days come from: yearly files of ours, else the `holidays` library, and the studio's own days.

Sources: labour law and the yearly decree that each file names; the library where no decree moves days. `holidays` 0.107
and later was checked against the Russian files and against the statutory days of the German states; it has no short
days. The library is imported only when a country without a file is asked for.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import partial
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from studio_support.errors import InputFileError, NoCalendar
from studio_support.tickets.calendar import WEEKEND, Calendar, CalendarYear

DECREED: Final = frozenset(
    [
        "AM",
        "AZ",
        "BY",
        "CN",
        "GE",
        "HU",
        "ID",
        "KG",
        "KZ",
        "LV",
        "MD",
        "MM",
        "RU",
        "TH",
        "TJ",
        "TM",
        "TW",
        "UA",
        "UZ",
        "VN",
    ]
)
"""Countries whose days are moved by yearly decree (ISO 3166): the library's year may be a forecast there.

Every country for which the library has known a worked weekend since 2020 is among them; a test holds that.
"""

FIRST_LIBRARY_YEAR: Final = 2020
"""Requests are not promised anything for earlier years; every year costs a few milliseconds."""

_OWN = resources.files("studio_support.tickets") / "calendars"
_TABLES = ("off", "working", "short", "unsure")


@dataclass(frozen=True, slots=True)
class StudioDays:
    """What [studio] says of days: where it is, its hours (wall time), and days of its own over the calendar's."""

    timezone: str
    country: str
    opens: time
    closes: time
    subdivision: str = ""
    short_minutes: int = 60
    closed: Collection[date] = ()
    working: Collection[date] = ()
    short: Collection[date] = ()

    @property
    def name(self) -> str:
        """As files are named: RU, DE-BE."""
        return f"{self.country}-{self.subdivision}" if self.subdivision else self.country


def load_calendar(studio: StudioDays, today: date, folder: Path | None = None) -> Calendar:
    """The studio's calendar as known on `today`, a day in its zone.

    Years: those with a file, in `folder` (the studio's, preferred) or in this package; where days are not set by
    decree also those of the library, up to next year. Raises NoCalendar for a country or subdivision that nobody knows,
    InputFileError for a file that cannot be used.
    """
    decreed = studio.country in DECREED
    weekend, years = WEEKEND, dict[int, CalendarYear]()
    if not decreed:
        weekend, years = _library(studio, range(FIRST_LIBRARY_YEAR, today.year + 2))
    years |= _files(studio.name, _OWN, weekend)
    if folder is not None and folder.is_dir():
        years |= _files(studio.name, folder, weekend)
    return Calendar(
        name=studio.name,
        zone=ZoneInfo(studio.timezone),
        opens=studio.opens,
        closes=studio.closes,
        years={number: _with_own(studio, number, year, weekend) for number, year in sorted(years.items())},
        weekend=weekend,
        short_minutes=studio.short_minutes,
        decreed=decreed,
    )


def _files(name: str, folder: Traversable, weekend: frozenset[int]) -> dict[int, CalendarYear]:
    """NAME-YYYY.toml of a folder, by year."""
    found: dict[int, CalendarYear] = {}
    for file in folder.iterdir():
        stem, dash, number = file.name.removesuffix(".toml").rpartition("-")
        if dash and stem == name and file.name.endswith(".toml") and len(number) == 4 and number.isdecimal():
            found[int(number)] = _read(file, name, int(number), weekend)
    return found


def _read(file: Traversable, name: str, number: int, weekend: frozenset[int]) -> CalendarYear:
    broken = partial(InputFileError, str(file), None)
    try:
        raw = file.read_bytes()
        table = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        raise broken(f"cannot be read ({error.strerror})", "Check that it is a file that you may read.") from None
    except ValueError as error:  # not UTF-8, or not TOML
        raise broken(f"is not TOML in UTF-8: {error}", "Write it like the example in docs/configuration.md.") from None
    unknown = sorted(table.keys() - {*_TABLES, "source", "working_days"})
    if unknown:
        raise broken(f"has the unknown key {unknown[0]}", f"Known: source, working_days, {', '.join(_TABLES)}.")
    days = {key: _days(table.get(key, {}), number, key, broken) for key in _TABLES}
    if not isinstance(table.get("source"), str) or not table["source"].strip():
        raise broken("names no source", 'Write source = "…", the law or decree by which the days are set.')
    year = CalendarYear(version=_version(name, number, *(days[key] for key in _TABLES)), **days)
    expected, counted = table.get("working_days"), _count(number, year, weekend)
    if expected != counted:
        right = f"Compare it with the official list; working_days = {counted} is what its days come to."
        raise broken(f"says {expected} working days, but has {counted}", right)
    return year


def _days(table: Any, number: int, key: str, broken: Any) -> dict[date, str]:
    example = f'Write a day a line below [{key}], like {number}-05-01 = "Labour Day".'
    if not isinstance(table, dict):
        raise broken(f"has {key} that is no table", example)
    days: dict[date, str] = {}
    for text, why in table.items():
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if day.year != number or not isinstance(why, str) or not why.strip():
            raise broken(f"has in {key} the line {text} = {why!r}", example)
        days[day] = why.strip()
    return days


def _each_day(number: int) -> Iterable[date]:
    first = date(number, 1, 1)
    return (first + timedelta(days=days) for days in range((date(number + 1, 1, 1) - first).days))


def _count(number: int, year: CalendarYear, weekend: frozenset[int]) -> int:
    return sum(
        day in year.working or (day not in year.off and day.weekday() not in weekend) for day in _each_day(number)
    )


def _library(studio: StudioDays, wanted: Iterable[int]) -> tuple[frozenset[int], dict[int, CalendarYear]]:
    """The weekend and the years of the library."""
    import holidays

    subdivisions = holidays.list_supported_countries(include_aliases=True).get(studio.country)
    if subdivisions is None:
        raise NoCalendar(studio.country, "", ())
    if studio.subdivision and studio.subdivision not in subdivisions:
        raise NoCalendar(studio.country, studio.subdivision, subdivisions)
    known = holidays.country_holidays(studio.country, subdiv=studio.subdivision or None, language="en_US")
    weekend = frozenset(known.weekend)
    years: dict[int, CalendarYear] = {}
    for number in wanted:
        if not known.start_year <= number <= known.end_year:
            continue
        off: dict[date, str] = {}
        working: dict[date, str] = {}
        unsure: dict[date, str] = {}
        for day in _each_day(number):
            at_work = known.is_working_day(day)
            if not at_work and day.weekday() not in weekend:
                off[day] = str(known.get(day))
                if "estimated)" in off[day]:  # feasts by the moon
                    unsure[day] = "its date is estimated"
            elif at_work and day.weekday() in weekend:
                working[day] = "moved"
        if off:  # a year without any holiday is one that the library does not know
            version = _version(studio.name, number, off, working)
            years[number] = CalendarYear(version, off, working, unsure=unsure)
    return weekend, years


def _with_own(studio: StudioDays, number: int, year: CalendarYear, weekend: frozenset[int]) -> CalendarYear:
    """The year with the studio's own days, which win over the calendar's."""
    closed, working, short = (
        sorted(day for day in days if day.year == number) for days in (studio.closed, studio.working, studio.short)
    )
    if not (closed or working or short):
        return year
    at_work = {day: why for day, why in year.working.items() if day not in closed}
    at_work |= {day: "[studio] working" for day in working if day in year.off or day.weekday() in weekend}
    return replace(
        year,
        version=f"{year.version}+{_digest((closed, working, short))}",
        off={**year.off, **dict.fromkeys(closed, "[studio] closed")},
        working=at_work,
        short={**year.short, **dict.fromkeys(short, "[studio] short")},
    )


def _version(name: str, number: int, *tables: dict[date, str]) -> str:
    """The same days have the same version, wherever they came from."""
    return f"{name}-{number}-{_digest([sorted(table.items()) for table in tables if table])}"


def _digest(content: object) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:8]
