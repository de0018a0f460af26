"""Calendars from yearly files, the library of holidays and a studio's own days, held against each other."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import holidays
import pytest

from studio_support.errors import InputFileError, NoCalendar, NoCalendarYear
from studio_support.tickets.calendar import Calendar
from studio_support.tickets.calendar_data import DECREED, StudioDays, load_calendar

TODAY = date(2026, 11, 21)
STATES = ["BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"]


def load(
    country: str, subdivision: str = "", *, today: date = TODAY, folder: Path | None = None, **own: object
) -> Calendar:
    studio = StudioDays("UTC", country, time(9), time(18), subdivision, **own)  # type: ignore[arg-type]  # days of any kind
    return load_calendar(studio, today, folder)


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_our_russian_files_and_the_library_agree_on_every_day(year: int) -> None:
    """Two sources: the decrees as written down here, and the library, which knows moved days but no short ones."""
    ours, theirs = load("RU"), holidays.country_holidays("RU", years=year)
    assert [day for day in days_of(year) if ours.is_working_day(day) != theirs.is_working_day(day)] == []
    assert sum(map(ours.is_working_day, days_of(year))) == 247


def test_russian_short_days_are_the_official_ones() -> None:
    """The day before a holiday of art. 112 if it is worked; a moved Saturday is as short as the day it stands for."""
    short = {day for year in load("RU").years.values() for day in year.short}
    assert sorted(day.isoformat() for day in short) == [
        *("2025-03-07", "2025-04-30", "2025-06-11", "2025-11-01"),
        *("2026-04-30", "2026-05-08", "2026-06-11", "2026-11-03"),
        *("2027-02-20", "2027-04-30", "2027-06-11", "2027-11-03"),
    ]
    assert load("RU").closes_on(date(2026, 6, 11)) == time(17)
    assert load("RU").closes_on(date(2026, 6, 10)) == time(18)


def test_russian_short_days_follow_from_the_rule() -> None:
    calendar = load("RU")
    for number, year in calendar.years.items():
        fixed = [(1, 1), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)]
        before = {date(number, month, day) - timedelta(days=1) for month, day in fixed}
        worked = {day for day in before if day.year == number and calendar.is_working_day(day)}
        moved = {day for day in year.working if day in year.short}
        assert set(year.short) == worked | moved


@pytest.mark.parametrize("state", STATES)
def test_german_holidays_of_the_whole_country(state: str) -> None:
    """The days that no state leaves out, Saturdays and Sundays apart, by hand."""
    off = ["2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-12-25"]
    off += ["2027-01-01", "2027-03-26", "2027-03-29", "2027-05-06", "2027-05-17"]
    calendar = load("DE", state)
    assert [day for day in off if calendar.is_working_day(date.fromisoformat(day))] == []
    assert all(calendar.is_working_day(date(2026, 12, day)) for day in (24, 31))  # not statutory


@pytest.mark.parametrize(
    ("day", "off"),
    [
        ("2026-01-06", {"BW", "BY", "ST"}),
        ("2027-03-08", {"BE", "MV"}),
        ("2026-06-04", {"BW", "BY", "HE", "NW", "RP", "SL"}),
        ("2027-09-20", {"TH"}),
        ("2025-10-31", {"BB", "HB", "HH", "MV", "NI", "SH", "SN", "ST", "TH"}),
        ("2027-11-01", {"BW", "BY", "NW", "RP", "SL"}),
        ("2026-11-18", {"SN"}),
    ],
)
def test_german_holidays_of_some_states(day: str, off: set[str]) -> None:
    """Epiphany, Women's Day, Corpus Christi, Children's Day, Reformation, All Saints, Repentance: by hand."""
    found = {state for state in STATES if not load("DE", state).is_working_day(date.fromisoformat(day))}
    assert found == off


def test_years_end_where_nobody_knows_them() -> None:
    """Where days are decreed only years with a file count; elsewhere those up to next year, seen from today."""
    assert sorted(load("RU", today=date(2031, 5, 1)).years) == [2025, 2026, 2027]
    assert sorted(load("DE").years)[-1] == 2027
    assert sorted(load("DE", today=date(2027, 1, 1)).years)[-1] == 2028
    with pytest.raises(NoCalendarYear) as caught:
        load("DE").is_working_day(date(2028, 1, 3))
    assert (caught.value.year, caught.value.decreed) == (2028, False)


@pytest.mark.parametrize("country", sorted(DECREED - {"RU"}))
def test_a_country_of_decrees_without_a_file_is_an_error_that_names_the_year(country: str) -> None:
    with pytest.raises(NoCalendarYear) as caught:
        load(country).is_working_day(date(2026, 6, 1))
    assert (caught.value.calendar, caught.value.year, caught.value.known) == (country, 2026, ())
    assert caught.value.decreed


def test_a_week_may_end_on_other_days() -> None:
    """In Israel Friday and Saturday are off and Sunday, 14 June 2026, is worked."""
    israel = load("IL")
    assert [israel.is_working_day(date(2026, 6, day)) for day in (11, 12, 13, 14)] == [True, False, False, True]


def test_what_nobody_knows_is_named() -> None:
    with pytest.raises(NoCalendar) as caught:
        load("DE", "XX")
    assert (caught.value.country, caught.value.subdivision) == ("DE", "XX")
    assert set(STATES) <= set(caught.value.known)
    with pytest.raises(NoCalendar) as caught:
        load("ZZ")
    assert (caught.value.country, caught.value.subdivision, caught.value.known) == ("ZZ", "", ())


def test_every_country_that_works_on_weekends_by_decree_is_one_of_decrees() -> None:
    """Where the library ever had to write down a worked weekend, the next one is known to nobody yet."""
    codes = [code for code in holidays.list_supported_countries(include_aliases=False) if len(code) == 2]
    assert len(codes) > 200
    found = {
        code
        for code in codes
        if any(day.year >= 2020 for day in holidays.country_holidays(code, years=range(2020, 2028)).weekend_workdays)
    }
    assert {"RU", "CN"} <= found
    assert found <= DECREED


def test_feasts_whose_date_is_estimated_are_marked() -> None:
    """In Morocco the end of Ramadan, 9 March 2027, follows the moon; the day of independence, 11 January, does not."""
    morocco = load("MA").years[2027]
    assert {date(2027, 1, 11), date(2027, 3, 9)} <= set(morocco.off)
    assert (date(2027, 1, 11) in morocco.unsure, date(2027, 3, 9) in morocco.unsure) == (False, True)


def test_a_year_in_which_the_library_has_no_holiday_is_no_year() -> None:
    """Heard Island has none on its list: that is a gap, and not a country without holidays."""
    assert load("HM").years == {}


def test_own_days_win_over_the_calendar() -> None:
    own = load(
        "RU",
        closed=[date(2026, 12, 30), date(2027, 2, 20)],
        working=[date(2026, 6, 13), date(2026, 6, 12), date(2026, 6, 10)],
        short=[date(2026, 6, 15)],
        short_minutes=90,
    )
    assert own.why_off(date(2026, 12, 30)) == "[studio] closed"
    assert own.why_off(date(2027, 2, 20)) == "[studio] closed"  # though the decree has it worked
    assert own.is_working_day(date(2026, 6, 13))
    assert own.is_working_day(date(2026, 6, 12))
    assert own.closes_on(date(2026, 6, 15)) == time(16, 30)
    plain = load("RU")
    assert own.years[2025].version == plain.years[2025].version
    assert own.years[2026].version != plain.years[2026].version


def test_the_version_tells_data_apart_and_nothing_else() -> None:
    assert load("RU").years[2026].version == load("RU", today=date(2027, 5, 1)).years[2026].version
    assert load("DE", "BE").years[2026].version.startswith("DE-BE-2026-")
    versions = {year.version for state in ("BE", "BY") for year in load("DE", state).years.values()}
    assert len(versions) == 2 * len(load("DE").years)


GOOD = """
source = "decree 1"
working_days = 261
[off]
2028-01-03 = "New Year"
[working]
2028-01-08 = "instead of 10 January"
2028-01-09 = "a try"
[short]
[unsure]
"""


def test_a_file_of_the_studios_own_adds_a_year_and_replaces_ours(tmp_path: Path) -> None:
    """2028 has 260 days from Monday to Friday; one off, two worked."""
    (tmp_path / "RU-2028.toml").write_text(GOOD)
    (tmp_path / "RU-2026.toml").write_text('source = "none"\nworking_days = 261\n')
    for other in ("RU-TA-2028.toml", "BY-2028.toml", "RU-28.toml", "notes.txt", "RU-2029.toml~"):
        (tmp_path / other).write_text("neither read")
    calendar = load("RU", folder=tmp_path)
    assert sorted(calendar.years) == [2025, 2026, 2027, 2028]
    assert not calendar.is_working_day(date(2028, 1, 3))
    assert calendar.is_working_day(date(2028, 1, 8))
    assert calendar.is_working_day(date(2026, 1, 1))
    assert sorted(load("RU", folder=tmp_path / "absent").years) == [2025, 2026, 2027]


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("261", "260", "says 260 working days, but has 261"),
        ("working_days = 261", "", "says None working days"),
        ('source = "decree 1"', "", "names no source"),
        ('source = "decree 1"', 'source = " "', "names no source"),
        ("[short]", "[shorts]", "unknown key shorts"),
        ("2028-01-03", "2027-01-03", "in off the line 2027-01-03"),
        ("2028-01-03", "Monday", "in off the line Monday"),
        ('"New Year"', '""', "in off the line 2028-01-03 = ''"),
        ("[short]", "[[short]]", "short that is no table"),
        ("[off]", "[off", "is not TOML"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(tmp_path: Path, old: str, new: str, wrong: str) -> None:
    """The count of working days catches a day that was forgotten or mistyped."""
    assert GOOD.count(old) == 1
    (tmp_path / "RU-2028.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(InputFileError) as caught:
        load("RU", folder=tmp_path)
    assert wrong in caught.value.wrong
    assert caught.value.file.endswith("RU-2028.toml")


def test_a_file_that_is_no_file_or_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "RU-2028.toml").mkdir()
    with pytest.raises(InputFileError, match="cannot be read"):
        load("RU", folder=tmp_path)
    (tmp_path / "RU-2028.toml").rmdir()
    (tmp_path / "RU-2028.toml").write_bytes(b"source = '\xff'")
    with pytest.raises(InputFileError, match="is not TOML in UTF-8"):
        load("RU", folder=tmp_path)
