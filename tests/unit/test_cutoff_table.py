"""The table of promises that the practice was settled with: Moscow with its decrees, Berlin and Bavaria with DST."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, datetime, time

import pytest

from studio_support.tickets.calendar import Calendar
from studio_support.tickets.calendar_data import StudioDays, load_calendar
from studio_support.tickets.cutoff import Policy, promise

TODAY = date(2026, 11, 21)

# name, arrival, intake day, due on the studio's clock, due in UTC
MOSCOW = [
    ("M1", "2026-06-16T08:59:59Z", "2026-06-16", "2026-06-16 18:00", "2026-06-16T15:00Z"),
    ("M2", "2026-06-16T09:00:00Z", "2026-06-17", "2026-06-17 12:00", "2026-06-17T09:00Z"),
    ("M3", "2026-06-16T09:00:01Z", "2026-06-17", "2026-06-17 12:00", "2026-06-17T09:00Z"),
    ("M6", "2026-06-19T09:30:00Z", "2026-06-22", "2026-06-22 12:00", "2026-06-22T09:00Z"),
    ("M7", "2026-06-20T07:00:00Z", "2026-06-22", "2026-06-22 12:00", "2026-06-22T09:00Z"),
    ("M9", "2026-06-11T08:00:00Z", "2026-06-11", "2026-06-11 17:00", "2026-06-11T14:00Z"),
    ("M10", "2026-06-11T09:00:00Z", "2026-06-15", "2026-06-15 12:00", "2026-06-15T09:00Z"),
    ("M14", "2026-03-06T10:00:00Z", "2026-03-10", "2026-03-10 12:00", "2026-03-10T09:00Z"),
    ("M17", "2026-12-30T09:00:00Z", "2027-01-11", "2027-01-11 12:00", "2027-01-11T09:00Z"),
    ("M20", "2027-02-19T10:00:00Z", "2027-02-20", "2027-02-20 12:00", "2027-02-20T09:00Z"),
    ("M22", "2027-02-20T09:30:00Z", "2027-02-24", "2027-02-24 12:00", "2027-02-24T09:00Z"),
    ("M26", "2026-06-16T11:30:00+02:00", "2026-06-17", "2026-06-17 12:00", "2026-06-17T09:00Z"),
]
BERLIN = [
    ("B1", "2026-06-16T09:59:59Z", "2026-06-16", "2026-06-16 18:00", "2026-06-16T16:00Z"),
    ("B2", "2026-06-16T10:00:00Z", "2026-06-17", "2026-06-17 12:00", "2026-06-17T10:00Z"),
    ("B3", "2026-03-27T11:30:00Z", "2026-03-30", "2026-03-30 12:00", "2026-03-30T10:00Z"),
    ("B5", "2026-10-23T10:30:00Z", "2026-10-26", "2026-10-26 12:00", "2026-10-26T11:00Z"),
    ("B6", "2026-04-02T10:00:00Z", "2026-04-07", "2026-04-07 12:00", "2026-04-07T10:00Z"),
    ("B10", "2026-12-23T11:00:00Z", "2026-12-24", "2026-12-24 12:00", "2026-12-24T11:00Z"),
    ("B15", "2027-03-05T13:00:00Z", "2027-03-09", "2027-03-09 12:00", "2027-03-09T11:00Z"),
    ("B20", "2026-10-25T00:30:00Z", "2026-10-26", "2026-10-26 12:00", "2026-10-26T11:00Z"),
]
BAVARIA = [("B16", "2027-03-05T13:00:00Z", "2027-03-08", "2027-03-08 12:00", "2027-03-08T11:00Z")]
ROWS = [
    *(("RU", "", "Europe/Moscow", *row) for row in MOSCOW),
    *(("DE", "BE", "Europe/Berlin", *row) for row in BERLIN),
    *(("DE", "BY", "Europe/Berlin", *row) for row in BAVARIA),
]


def calendar_of(country: str, subdivision: str, zone: str) -> Calendar:
    return load_calendar(StudioDays(zone, country, time(9), time(18), subdivision), TODAY)


@pytest.mark.parametrize("row", ROWS, ids=[row[3] for row in ROWS])
def test_each_row_of_the_table(row: tuple[str, ...]) -> None:
    country, subdivision, zone, _, arrival, intake, due_local, due = row
    found = promise(datetime.fromisoformat(arrival), calendar_of(country, subdivision, zone), Policy())
    assert found.intake_day.isoformat() == intake
    assert f"{found.due_local:%Y-%m-%d %H:%M}" == due_local
    assert found.due_at == datetime.fromisoformat(due)
    assert found.due_local == found.due_at


def test_the_reasons_tell_the_story() -> None:
    """What a person reads who asks why: arrival, the rule, what was skipped, the due, and what is not certain."""
    moscow = calendar_of("RU", "", "Europe/Moscow")
    assert promise(datetime.fromisoformat("2026-06-11T09:00Z"), moscow, Policy()).reasons == (
        "Arrived Thu 2026-06-11 12:00:00 in Europe/Moscow.",
        "A working day, but not before the cutoff at 12:00: late, it belongs to the next one.",
        "Not worked: Fri 2026-06-12 (Russia Day), Sat 2026-06-13 to Sun 2026-06-14 (weekend).",
        "Due on the next working day, Mon 2026-06-15, by 12:00.",
    )
    assert promise(datetime.fromisoformat("2026-06-11T08:00Z"), moscow, Policy()).reasons[-1] == (
        "Due the same day by closing time, 17:00 (a short day: before Russia Day)."
    )
    moved = promise(datetime.fromisoformat("2027-02-19T10:00Z"), moscow, Policy()).reasons
    assert "Sat 2027-02-20 is worked (instead of Mon 22 February)." in moved
    assert moved[-1].startswith("Not certain for Sat 2027-02-20: that it is a short day")


SCRIPT = """
import json, sys
from datetime import date, datetime, time
from studio_support.tickets.calendar_data import StudioDays, load_calendar
from studio_support.tickets.cutoff import Policy, promise
for country, subdivision, zone, arrival in json.loads(sys.argv[1]):
    calendar = load_calendar(StudioDays(zone, country, time(9), time(18), subdivision), date(2026, 11, 21))
    print(json.dumps(promise(datetime.fromisoformat(arrival), calendar, Policy()).as_dict()))
"""


def test_the_machines_zone_changes_nothing() -> None:
    asked = json.dumps([[*row[:3], row[4]] for row in ROWS])
    printed = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, asked],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("UTC", "Asia/Kamchatka", "America/Los_Angeles", "Europe/Berlin")
    }
    assert len(printed) == 1
    dues = [json.loads(line)["due_at"] for line in printed.pop().splitlines()]
    assert dues == [row[7].replace("Z", ":00Z") for row in ROWS]
