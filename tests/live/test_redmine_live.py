"""The contract suite of RedmineSource on the lab's real Redmine."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from studio_support.period import Month
from studio_support.redmine.export_csv import read_export
from studio_support.redmine.source import RedmineSource
from tests.live_studio import Lab

_SUITE = Path(__file__).parents[1] / "contract" / "test_redmine_contract.py"

pytestmark = pytest.mark.live

_spec = importlib.util.spec_from_file_location("redmine_contract_suite", _SUITE)
assert _spec is not None and _spec.loader is not None
_suite = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_suite)
# Tests and fixtures become this module's own; `tracker` is the one of tests/live/conftest.py.
globals().update({name: value for name, value in vars(_suite).items() if name.startswith(("test_", "open_source"))})


def test_the_whole_suite_is_here() -> None:
    """A suite that was not found would pass in silence."""
    assert sum(name.startswith("test_") for name in globals()) > 12


def read(tracker: Any, key: str, month: Month, **options: Any) -> Any:
    """One read with a source of its own."""
    with RedmineSource(
        tracker.url, key, ticket_field="OTRS ticket", clock=lambda: datetime(2026, 11, 21, tzinfo=UTC)
    ) as source:
        return source.read_month(month, **options)


@pytest.fixture
def seeded(lab_info: dict[str, Any]) -> None:
    """A lab that has no time yet is filled. To come before `tracker`, whose connection to the database that ends."""
    lab = Lab(lab_info)
    if not lab.rows("select from time_entries limit 1"):
        lab.script("seed", "--clients", "12", "--entries", "1800")


def test_the_lab_s_own_month_agrees_with_its_database(seeded: None, tracker: Any, lab_info: dict[str, Any]) -> None:
    """Redmine's database, asked for the minutes that its API shows, has the reading's sum, in all and by project."""
    counted = tracker.rows("select tyear, tmonth from time_entries group by 1, 2 order by count(*) desc limit 1")
    month = Month(*counted[0])
    reading = read(tracker, lab_info["redmine"]["api_keys"]["billing"], month)
    expected = tracker.rows(
        "select e.project_id, count(*), sum(round(round(e.hours::numeric, 2) * 60))::int from time_entries e"
        " join projects p on p.id = e.project_id where p.status <> 9 and e.spent_on between %s and %s group by 1",
        *(month.first_day, month.last_day),
    )
    found: dict[int, list[int]] = {}
    for entry in reading.entries:
        found.setdefault(entry.project_id, []).append(entry.minutes)
    assert {(project, len(minutes), sum(minutes)) for project, minutes in found.items()} == set(expected)
    assert reading.booked_minutes == sum(minutes for _, _, minutes in expected)
    assert reading.control.startswith("CSV export of the same window")
    assert (reading.problems, reading.notices) == ((), ())


def test_requests_are_counted_as_the_server_counts_them(tracker: Any, lab_info: dict[str, Any]) -> None:
    """Redmine's log has as many requests more as the reading says, and never the key."""
    log = Path(lab_info["redmine"]["log"])
    project, anna = tracker.project("Site"), tracker.person("Anna", "Petrova")
    for number in range(120):
        tracker.book(project, anna, 0.5, date(tracker.month.year, tracker.month.number, 1 + number % 28))
    before = log.stat().st_size
    reading = read(tracker, tracker.admin_key, tracker.month)
    with log.open("rb") as lines:
        lines.seek(before)
        added = lines.read().decode("utf-8", "replace")
    assert added.count("Started GET ") == reading.requests
    assert tracker.admin_key not in added


@pytest.mark.parametrize("language", ["en", "de", "fr", "ru"])
def test_an_export_given_by_a_person_is_read(tracker: Any, tmp_path: Path, language: str) -> None:
    """As the web dialog gives it: the language's own encoding, separators, dates and headers."""
    project, robot = tracker.project("Größe"), tracker.person("Rob", "Ot", language=language)
    tracker.member(project, robot, "all")
    issue = tracker.issue(project, 'Über; "alles"', ticket="2026102010000037")
    month = tracker.month
    for number, comment in enumerate(("a;b", 'c,"d"', "zwei\r\nZeilen", "")):
        spent_on = date(month.year, month.number, 12 + number)
        tracker.book(project, robot, number / 3, spent_on, issue=issue if number else None, comments=comment)
    asked = [("from", str(month.first_day)), ("to", str(month.last_day))]
    columns = ("project", "spent_on", "created_on", "user", "activity", "issue", "comments", "hours", "issue.cf_1")
    answer = requests.get(
        f"{tracker.url}/time_entries.csv",
        params=[*asked, *(("c[]", column) for column in columns)],
        headers={"X-Redmine-API-Key": tracker.key(robot)},
        timeout=60,
    )
    path = tmp_path / "timelog.csv"
    path.write_bytes(answer.content)

    export = read_export(
        path, month, date_order=None, ticket_field="OTRS ticket", now=datetime(2026, 11, 21, tzinfo=UTC)
    )

    read_online = read(tracker, tracker.key(robot), month)
    shown = [(e.project, e.user, e.activity, e.issue_id, e.minutes, e.spent_on, e.comments) for e in export.entries]
    online = [
        (e.project, e.user, e.activity, e.issue_id, e.minutes, e.spent_on, e.comments) for e in read_online.entries
    ]
    assert sorted(shown, key=str) == sorted(online, key=str)
    assert [entry.minutes for entry in sorted(export.entries, key=lambda e: e.spent_on)] == [0, 20, 40, 60]
    assert [(found.subject, found.ticket) for found in export.issues] == [('Über; "alles"', "2026102010000037")]


def test_doctor_s_checks_pass_on_the_lab(lab_info: dict[str, Any]) -> None:
    """With the minimal role of the lab's billing user."""
    with RedmineSource(
        lab_info["redmine"]["url"],
        lab_info["redmine"]["api_keys"]["billing"],
        ticket_field="OTRS ticket",
        clock=lambda: datetime.now(UTC),
    ) as source:
        assert [check for check in source.check() if not check.ok] == []
