"""What RedmineSource promises on any Redmine: this suite runs on the fake here, on the lab's Redmine in tests/live.

`tracker` makes state of its own and gives a month in which nobody else booked anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any

import pytest

from studio_support.errors import OwnEntriesOnly, SourceBroken, SourceRefused
from studio_support.model import Person
from studio_support.redmine.source import RedmineSource

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
# Far in the future: no row of anybody else's is newer, so a read back to it sees the test's own rows only.
BOOKED_LATE = datetime(2045, 1, 1, 8, 0, tzinfo=UTC)
NASTY = (
    "Привет, 😀 «кавычки»",
    'He said "no"; then, again, "no"',
    "first line\nsecond line\r\nthird line\n",
    "\tTabs\tand   spaces  ",
    "שלום עולם \u200f(rtl)",
    "=1+1",
    "<b>bold</b> &amp; *bold* #12",
    "x" * 1024,
    ";;;,,,'''",
    None,
    "",
)

Open = Callable[..., RedmineSource]


@pytest.fixture
def open_source(tracker: Any) -> Iterator[Open]:
    """Opens a source on the tracker, as an administrator unless a key is given."""
    opened: list[RedmineSource] = []

    def make(key: str | None = None, **options: Any) -> RedmineSource:
        source = RedmineSource(
            options.pop("url", tracker.url),
            tracker.admin_key if key is None else key,
            ticket_field="OTRS ticket",
            clock=lambda: NOW,
            **options,
        )
        opened.append(source)
        return source

    yield make
    for source in opened:
        source.close()


def day(tracker: Any, number: int) -> date:
    """A day of the tracker's month."""
    return date(tracker.month.year, tracker.month.number, number)


def test_entries_come_whole_with_minutes_from_rounded_hours(tracker: Any, open_source: Open) -> None:
    """0:20 is stored as 0.3333 and shown as 0.33; whole minutes come back exactly, thirds of a minute rounded."""
    project, anna = tracker.project("Site"), tracker.person("Anna", "Petrova")
    issue = tracker.issue(project, "Fix the form")
    hours = {0: 0, 0.01: 1, 0.33: 20, 1 / 3: 20, 7.25: 435, 1.3333333: 80, 2.504999: 150, 0.016666667: 1, 12: 720}
    ids = [tracker.book(project, anna, value, day(tracker, 3), issue=issue) for value in hours]
    tracker.book(project, anna, 5, tracker.month.first_day - timedelta(days=1))
    tracker.book(project, anna, 5, tracker.month.end)

    reading = open_source().read_month(tracker.month)

    assert [entry.id for entry in reading.entries] == [str(number) for number in sorted(ids)]
    assert [entry.minutes for entry in reading.entries] == list(hours.values())
    assert reading.booked_minutes == 1 + 20 + 20 + 435 + 80 + 150 + 1 + 720
    first = reading.entries[0]
    assert (first.project_id, first.project, first.issue_id, first.user_id, first.user, first.spent_on) == (
        project,
        "Site",
        issue,
        anna,
        "Anna Petrova",
        day(tracker, 3),
    )
    assert reading.started_at == NOW
    assert (reading.source, reading.month, reading.late, reading.problems) == ("redmine", tracker.month, (), ())


@pytest.mark.parametrize("language", ["en", "de", "fr", "ru"])
def test_csv_control_agrees_in_each_language_with_nasty_comments(
    tracker: Any, open_source: Open, language: str
) -> None:
    """Separators, headers and dates follow the key owner's language; comments come through unchanged."""
    project, robot = tracker.project('Größe; «Запятая», "x"'), tracker.person("Rob", "Ot", language=language)
    tracker.member(project, robot, "all")
    issue = tracker.issue(project, 'Bug #7: "quoted"; with: colons', ticket="2026102010000037")
    for number, comment in enumerate(NASTY):
        booked = issue if number % 2 else None
        tracker.book(project, robot, 1.5, day(tracker, 1 + number), issue=booked, comments=comment)

    reading = open_source(tracker.key(robot)).read_month(tracker.month)

    assert reading.control == f"CSV export of the same window: {len(NASTY)} rows compared one by one"
    assert [entry.comments for entry in reading.entries] == [comment or "" for comment in NASTY]
    assert {entry.minutes for entry in reading.entries} == {90}
    assert [issue.subject for issue in reading.issues] == ['Bug #7: "quoted"; with: colons']


def test_an_undisturbed_month_keeps_to_its_requests(tracker: Any, open_source: Open) -> None:
    """205 entries of 3 people on 130 issues: pages of a hundred, batches of a hundred, people one by one."""
    project = tracker.project("Site")
    people = [tracker.person(name, "Tester") for name in ("Anna", "Boris", "Clara")]
    issues = [tracker.issue(project, f"Task {number}") for number in range(130)]
    for number in range(205):
        booked_on = BOOKED_LATE + timedelta(minutes=number)
        spent_on = day(tracker, 1 + number % 28)
        tracker.book(project, people[number % 3], 0.5, spent_on, issue=issues[number % 130], created_on=booked_on)

    reading = open_source().read_month(tracker.month, late_since=BOOKED_LATE)

    assert len(reading.entries) == 205
    assert len(reading.issues) == 130
    created = 205
    most = ceil(205 / 100) + ceil(created / 100) + ceil(130 / 100) + ceil(tracker.projects_seen() / 100) + 3 + 10
    assert reading.requests <= most
    assert 0 < reading.waited_seconds < 120


def test_large_months_are_controlled_in_windows_of_whole_days(tracker: Any, open_source: Open) -> None:
    """Beyond `csv_rows` the CSV is taken in several windows, and still every row is compared."""
    project, anna = tracker.project("Site"), tracker.person("Anna", "Petrova")
    for number in range(24):
        tracker.book(project, anna, 0.25, day(tracker, 1 + number % 6), comments=f"n{number}")

    reading = open_source(csv_rows=10).read_month(tracker.month)

    assert reading.control == "CSV export of the same window, in 3 windows of whole days: 24 rows compared one by one"
    assert [entry.comments for entry in reading.entries] == [f"n{number}" for number in range(24)]


def test_rows_that_come_and_go_while_they_are_read(tracker: Any, open_source: Open) -> None:
    """One deleted and one booked between two pages: totals agree, yet a row was skipped. Read again, it is whole."""
    project, anna = tracker.project("Site"), tracker.person("Anna", "Petrova")
    ids = [tracker.book(project, anna, 0.5, day(tracker, 1 + number % 28)) for number in range(401)]
    added: list[int] = []

    def disturb(stage: str, done: int, _: int) -> None:
        if stage == "time entries" and done == 100 and not added:
            tracker.delete_entry(ids[3])
            added.append(tracker.book(project, anna, 0.5, day(tracker, 9)))

    reading = open_source(progress=disturb).read_month(tracker.month)

    assert [int(entry.id) for entry in reading.entries] == [*ids[:3], *ids[4:], *added]
    assert reading.control == "CSV export of the same window: 401 rows compared one by one"


def test_a_month_without_entries_is_read_whole(tracker: Any, open_source: Open) -> None:
    """Nothing booked is a reading of its own, with a control."""
    reading = open_source().read_month(tracker.month)

    assert reading.entries == ()
    assert reading.control == "CSV export of the same window: 0 rows compared one by one"


def test_a_wrong_key_is_refused_although_lists_answer_200(tracker: Any, open_source: Open) -> None:
    """Redmine answers a wrong key on lists with 200 and nothing: the owner is asked for first."""
    with pytest.raises(SourceRefused) as caught:
        open_source("0" * 40).read_month(tracker.month)

    assert caught.value.status == 401
    assert caught.value.url == f"{tracker.url}/users/current.json"


def test_a_role_that_sees_own_entries_only_is_refused(tracker: Any, open_source: Open) -> None:
    """Others' entries would be missing in silence, so nothing is read."""
    project, olga = tracker.project("Site"), tracker.person("Olga", "Ownova")
    tracker.member(project, olga, "own")
    tracker.book(project, tracker.person("Anna", "Petrova"), 1, day(tracker, 1))

    with pytest.raises(OwnEntriesOnly) as caught:
        open_source(tracker.key(olga)).read_month(tracker.month)

    assert caught.value.roles == ("Own time",)


def test_one_full_role_beside_an_own_one_is_enough(tracker: Any, open_source: Open) -> None:
    """Two roles in one project add up."""
    project, olga = tracker.project("Site"), tracker.person("Olga", "Ownova")
    tracker.member(project, olga, "own")
    tracker.member(project, olga, "all")
    number = tracker.book(project, tracker.person("Anna", "Petrova"), 1, day(tracker, 1))

    reading = open_source(tracker.key(olga)).read_month(tracker.month)

    assert [entry.id for entry in reading.entries] == [str(number)]


def test_projects_with_parents_and_what_cannot_be_read(tracker: Any, open_source: Open) -> None:
    """Closed projects are listed and read, archived ones are gone, a module that is off makes time unreadable."""
    anna = tracker.person("Anna", "Petrova")
    parent = tracker.project("Client")
    child = tracker.project("Relaunch", parent=parent)
    closed, archived = tracker.project("Old site"), tracker.project("Older site")
    silent = tracker.project("Wiki only", modules=("wiki",))
    for project in (child, closed, archived):
        tracker.book(project, anna, 1, day(tracker, 2))
    tracker.close_project(closed)
    tracker.archive_project(archived)

    reading = open_source().read_month(tracker.month)

    projects = {project.id: project for project in reading.projects}
    assert projects[child].parent_id == parent
    assert projects[parent].parent_id is None
    assert (projects[closed].status, projects[closed].readable) == ("closed", True)
    assert (projects[child].status, projects[child].readable) == ("active", True)
    assert projects[silent].readable is False
    assert archived not in projects
    assert [entry.project_id for entry in reading.entries] == [child, closed]


def test_issues_bring_ticket_estimate_and_time_spent(tracker: Any, open_source: Open) -> None:
    """The ticket number comes from its field, else from the text; the time spent is that of all months."""
    project, anna = tracker.project("Site"), tracker.person("Anna", "Petrova")
    by_field = tracker.issue(project, "Form", ticket="2026102010000037", estimated_hours=2.5)
    by_text = tracker.issue(project, "Cart", description="From mail.\n[Ticket#2026102010000045] Cart is empty")
    without = tracker.issue(project, "Own idea")
    for issue in (by_field, by_text, without):
        tracker.book(project, anna, 1.25, day(tracker, 2), issue=issue)
    tracker.book(project, anna, 2, tracker.month.first_day - timedelta(days=40), issue=by_field)

    reading = open_source().read_month(tracker.month)

    issues = {issue.id: issue for issue in reading.issues}
    assert sorted(issues) == sorted([by_field, by_text, without])
    assert {number: issue.ticket for number, issue in issues.items()} == {
        by_field: "2026102010000037",
        by_text: "2026102010000045",
        without: "",
    }
    assert (issues[by_field].estimated_minutes, issues[by_field].spent_minutes) == (150, 195)
    assert issues[without].estimated_minutes is None
    assert issues[by_field].tracker == "Bug"
    assert dict(issues[by_field].fields)["OTRS ticket"] == "2026102010000037"
    assert reading.notices == ()


def test_people_locked_deleted_and_known(tracker: Any, open_source: Open) -> None:
    """A locked person keeps the login, a deleted one's time is Anonymous's, a known one is not asked for again."""
    project = tracker.project("Site")
    locked, deleted, known = (tracker.person(name, "Tester") for name in ("Lara", "Dirk", "Kate"))
    for person in (locked, deleted, known):
        tracker.book(project, person, 1, day(tracker, 2))
    tracker.lock(locked)
    tracker.delete_person(deleted)

    reading = open_source().read_month(tracker.month, known_people=(Person(known, "Kate Oldname", "k.old"),))

    people = {person.id: person for person in reading.people}
    assert people[locked] == Person(locked, "Lara Tester", tracker.login(locked))
    assert people[known] == Person(known, "Kate Tester", "k.old")
    assert deleted not in people
    anonymous = next(person for person in people.values() if person.login is None)
    assert anonymous.name == "Anonymous"
    assert [entry.user for entry in reading.entries] == ["Lara Tester", "Anonymous", "Kate Tester"]


def test_people_that_rate_rows_name_are_looked_up_by_an_administrator(tracker: Any, open_source: Open) -> None:
    """A rate row may name somebody who booked nothing this month; an administrator's key finds him, locked or not."""
    absent = tracker.person("Pavel", "Absent")
    tracker.lock(absent)

    without = open_source().read_month(tracker.month)
    reading = open_source().read_month(tracker.month, wanted_people=(tracker.login(absent),))

    assert absent not in {person.id for person in without.people}
    assert Person(absent, "Pavel Absent", tracker.login(absent)) in reading.people


def test_late_entries_are_those_booked_since_the_mark_for_earlier_months(tracker: Any, open_source: Open) -> None:
    """Whatever earlier month they were booked for; the month's own entries, later months and older bookings are no
    late time."""
    project, anna = tracker.project("Site"), tracker.person("Anna", "Petrova")
    issue = tracker.issue(project, "Late task")
    earlier = tracker.month.first_day - timedelta(days=10)
    eve, long_ago = tracker.month.first_day - timedelta(days=1), tracker.month.first_day - timedelta(days=300)
    too_old = tracker.book(project, anna, 1, earlier, created_on=BOOKED_LATE - timedelta(seconds=1))
    at_mark = tracker.book(project, anna, 2, earlier, issue=issue, created_on=BOOKED_LATE)
    of_next = tracker.book(project, anna, 3, tracker.month.end, created_on=BOOKED_LATE + timedelta(hours=2))
    inside = tracker.book(project, anna, 4, day(tracker, 1), created_on=BOOKED_LATE + timedelta(hours=1))
    of_eve = tracker.book(project, anna, 5, eve, created_on=BOOKED_LATE + timedelta(hours=3))
    of_old = tracker.book(project, anna, 6, long_ago, created_on=BOOKED_LATE + timedelta(hours=4))

    reading = open_source().read_month(tracker.month, late_since=BOOKED_LATE)

    assert [entry.id for entry in reading.late] == [str(at_mark), str(of_eve), str(of_old)]
    assert [entry.minutes for entry in reading.late] == [120, 300, 360]
    assert str(of_next) not in {entry.id for entry in (*reading.late, *reading.entries)}
    assert [entry.id for entry in reading.entries] == [str(inside)]
    assert str(too_old) not in {entry.id for entry in reading.late}
    assert reading.late_since == BOOKED_LATE
    assert [issue.subject for issue in reading.issues] == ["Late task"]


def test_an_address_without_redmine_is_said_to_be_one(tracker: Any, open_source: Open) -> None:
    """The server answers, but it is no Redmine there."""
    with pytest.raises(SourceBroken) as caught:
        open_source(url=f"{tracker.url}/wrong/path").read_month(tracker.month)

    assert caught.value.url == f"{tracker.url}/wrong/path/users/current.json"
    assert tracker.admin_key not in str(caught.value)
