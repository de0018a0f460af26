"""A month is read whole, or it is said that it is not: rows that come, go and change while they are read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from studio_support.errors import IncompleteRead, SourceBroken
from studio_support.period import Month
from studio_support.redmine.source import RedmineSource
from studio_support.testing import FakeRedmine

OCTOBER = Month(2026, 10)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PAGES = "/time_entries.json"
CSV = "/time_entries.csv"


class Studio:
    """A Redmine with 250 entries of a quarter of an hour on two issues, ids 1 to 250."""

    def __init__(self, redmine: FakeRedmine) -> None:
        self.redmine = redmine
        self.project = redmine.add_project("acme", "ACME")
        self.anna = redmine.add_user("a.p", "Anna", "Petrova")
        self.issues = [redmine.add_issue(self.project, f"Task {number}") for number in (1, 2)]
        for number in range(250):
            self.book(1 + number % 31, issue=self.issues[number % 2] if number % 3 else None)

    def book(self, day: int, **facts: Any) -> int:
        """One more entry in October."""
        return self.redmine.book(self.project, self.anna, 0.25, date(2026, 10, day), comments=f"day {day}", **facts)


@pytest.fixture
def studio() -> Iterator[Studio]:
    """See Studio."""
    with FakeRedmine() as redmine:
        yield Studio(redmine)


@pytest.fixture
def read(studio: Studio) -> Iterator[Callable[..., Any]]:
    """Reads October from the studio."""
    opened: list[RedmineSource] = []

    def run(**options: Any) -> Any:
        key = options.pop("key", studio.redmine.admin_key)
        source = RedmineSource(
            studio.redmine.url, key, ticket_field="OTRS ticket", clock=lambda: NOW, backoff_seconds=0.01, **options
        )
        opened.append(source)
        return source.read_month(OCTOBER)

    yield run
    for source in opened:
        source.close()


def ids(reading: Any) -> list[int]:
    """The ids as numbers."""
    return [int(entry.id) for entry in reading.entries]


def test_pages_are_asked_for_in_hundreds_by_id(studio: Studio, read: Callable[..., Any]) -> None:
    """Three pages, one CSV, nothing else of time entries."""
    assert ids(read()) == list(range(1, 251))
    pages = [dict(seen.query) for seen in studio.redmine.asked(PAGES)]
    assert sorted(int(page["offset"]) for page in pages) == [0, 100, 200]
    assert {page["limit"] for page in pages} == {"100"}
    assert {(page["sort"], page["from"], page["to"]) for page in pages} == {("id", "2026-10-01", "2026-10-31")}
    assert len(studio.redmine.asked(CSV)) == 1


def test_no_more_than_two_requests_at_once(studio: Studio, read: Callable[..., Any]) -> None:
    """The server holds pages back until two are under way, and then for a third that must not come."""
    changed, running, most = threading.Condition(), [0], [0]
    answer = studio.redmine._respond

    def held(handler: Any) -> None:
        with changed:
            running[0] += 1
            most[0] = max(most[0], running[0])
            changed.notify_all()
            if handler.path.startswith(PAGES) and "offset=0" not in handler.path:
                changed.wait_for(lambda: running[0] >= 3, timeout=0.3)
        answer(handler)
        with changed:
            running[0] -= 1

    studio.redmine._respond = held  # type: ignore[method-assign]  # watched, not changed
    for _ in range(400):
        studio.book(3)
    read()
    assert most[0] == 2


def test_issues_are_read_once_in_hundreds(studio: Studio, read: Callable[..., Any]) -> None:
    """One batch before the control, which needs the ticket field's id, and the others after it."""
    for number in range(3, 231):
        studio.book(1, issue=studio.redmine.add_issue(studio.project, f"Task {number}"))
    assert len(read().issues) == 230
    asked = [dict(seen.query)["issue_id"].split(",") for seen in studio.redmine.asked("/issues.json")]
    assert [len(ids) for ids in asked] == [100, 100, 30]
    assert sorted(int(number) for ids in asked for number in ids) == list(range(1, 231))


@pytest.mark.parametrize("after_pages", [1, 2])
def test_a_row_deleted_while_paging_leads_to_another_read(
    studio: Studio, read: Callable[..., Any], after_pages: int
) -> None:
    """The deletion shifts the pages; the second read is whole and has every other row once."""
    studio.redmine.fail(PAGES, "do", skip=after_pages, action=lambda: studio.redmine.delete_entry(7))
    reading = read()
    assert ids(reading) == [number for number in range(1, 251) if number != 7]
    assert reading.control == "CSV export of the same window: 249 rows compared one by one"


def test_a_row_booked_while_paging_leads_to_another_read(studio: Studio, read: Callable[..., Any]) -> None:
    """It is in the second read."""
    studio.redmine.fail(PAGES, "do", skip=1, action=lambda: studio.book(9))
    assert ids(read()) == list(range(1, 252))


def test_a_row_deleted_and_one_booked_between_two_pages_is_seen_by_the_csv(
    studio: Studio, read: Callable[..., Any]
) -> None:
    """All pages count 250 and ids ascend, yet row 101 was skipped: only the control shows it."""

    def swap() -> None:
        studio.redmine.delete_entry(7)
        studio.book(9)

    studio.redmine.fail(PAGES, "do", skip=1, action=swap)
    reading = read()
    assert ids(reading) == [*range(1, 7), *range(8, 252)]
    assert 101 in ids(reading)
    assert len(studio.redmine.asked(CSV)) == 2


@pytest.mark.parametrize(
    ("name", "value"), [("hours", 2.0), ("comments", "changed"), ("activity", "Design"), ("issue", 2)]
)
def test_a_row_changed_between_pages_and_control_is_read_again(
    studio: Studio, read: Callable[..., Any], name: str, value: object
) -> None:
    """The reading has the row as the control saw it."""
    studio.redmine.fail(CSV, "do", action=lambda: setattr(studio.redmine.entries[4], name, value))
    entry = read().entries[3]
    seen = {
        "hours": entry.minutes / 60,
        "comments": entry.comments,
        "activity": entry.activity,
        "issue": entry.issue_id,
    }
    assert seen[name] == value
    assert len(studio.redmine.asked(CSV)) == 2


def test_a_month_that_keeps_changing_is_an_error_that_shows_it(studio: Studio, read: Callable[..., Any]) -> None:
    """Read again three times, then given up; the differences name row, entry and both values."""
    quarters = iter(range(2, 100))

    def change() -> None:
        studio.redmine.entries[4].hours = next(quarters) / 4

    studio.redmine.fail(CSV, "do", times=None, action=change)
    with pytest.raises(IncompleteRead) as caught:
        read()
    assert len(studio.redmine.asked(CSV)) == 4
    # The controls show 30, 45, 60 and 75 minutes; the last pages were read after the third of them.
    assert caught.value.differences == ("row 4, entry 4: minutes is '60' in the pages, '75' in the CSV export",)
    assert caught.value.url == studio.redmine.url + PAGES


def test_a_total_that_keeps_changing_is_an_error_too(studio: Studio, read: Callable[..., Any]) -> None:
    """Somebody books before every second page."""
    studio.redmine.fail(PAGES, "do", times=None, action=lambda: studio.book(9))
    with pytest.raises(IncompleteRead, match="the server counted"):
        read()


def test_a_filter_that_is_ignored_stops_the_read(studio: Studio, read: Callable[..., Any]) -> None:
    """Rows of other months come with 200 OK: nothing of the answer is believed."""
    studio.redmine.book(studio.project, studio.anna, 8, date(2026, 9, 30))
    studio.redmine.ignored = {"from"}
    with pytest.raises(SourceBroken, match="of 2026-09-30 came: the filter was ignored"):
        read()


def test_an_ignored_filter_is_seen_on_rows_with_unreadable_hours_too(studio: Studio, read: Callable[..., Any]) -> None:
    """Such a row has a day as well."""
    studio.redmine.book(studio.project, studio.anna, "a lot", date(2026, 11, 1))
    studio.redmine.ignored = {"to"}
    with pytest.raises(SourceBroken, match="of 2026-11-01 came"):
        read()


def test_a_sort_that_is_ignored_never_gives_a_reading(studio: Studio, read: Callable[..., Any]) -> None:
    """Ids that do not ascend strictly cannot be paged through."""
    studio.redmine.fail(PAGES, "status", status=200, times=None, body=_page([2, 1]))
    with pytest.raises(IncompleteRead, match="entry 1 came after entry 2"):
        read()


def test_the_same_row_twice_never_gives_a_reading(studio: Studio, read: Callable[..., Any]) -> None:
    """A duplicate would be billed twice."""
    studio.redmine.fail(PAGES, "status", status=200, times=None, body=_page([1, 1]))
    with pytest.raises(IncompleteRead, match="entry 1 came after entry 1"):
        read()


def test_fewer_rows_than_counted_never_give_a_reading(studio: Studio, read: Callable[..., Any]) -> None:
    """The server counts three and sends two."""
    studio.redmine.fail(PAGES, "status", status=200, times=None, body=_page([1, 2], total=3))
    with pytest.raises(IncompleteRead, match="2 rows came, expected were 3"):
        read()


def test_a_smaller_limit_than_asked_for_is_paged_by(studio: Studio, read: Callable[..., Any]) -> None:
    """A server that caps pages at 40 rows is read in forties."""
    studio.redmine.most_rows = 40
    assert ids(read()) == list(range(1, 251))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("refused", "403 the key's user may not see this, or REST is switched off"),
        ("columns", "it has 7 columns instead of 8"),
        ("slow", "no answer within 0.3 s"),
        ("garbage", "it is not UTF-8"),
    ],
)
def test_without_a_usable_csv_two_paged_reads_must_agree(
    studio: Studio, read: Callable[..., Any], fault: str, reason: str
) -> None:
    """The control says so; the CSV is not asked for again."""
    options: dict[str, Any] = {}
    if fault == "refused":
        studio.redmine.csv = False
    elif fault == "columns":
        studio.redmine.csv_hidden = {"activity"}
    elif fault == "slow":
        while len(studio.redmine.entries) > 10:
            studio.redmine.delete_entry(max(studio.redmine.entries))
        options["timeout_seconds"] = 0.3 - 10 / 150
        studio.redmine.fail(CSV, "hang", times=None)
    else:
        body = "Проект".encode("cp1251")
        studio.redmine.fail(CSV, "status", status=200, body=body, headers={"Content-Type": "text/csv"}, times=None)
    reading = read(**options)
    count = len(studio.redmine.entries)
    assert reading.control == f"two paged reads of {count} rows agree (no usable CSV export: {reason})"
    assert ids(reading) == sorted(studio.redmine.entries)
    assert len(studio.redmine.asked(CSV)) == 1
    assert len(studio.redmine.asked(PAGES)) == 2 * -(-count // 100)


def test_two_paged_reads_that_differ_are_followed_by_another(studio: Studio, read: Callable[..., Any]) -> None:
    """A swap between two pages is invisible to one paged read; the second and third agree."""
    studio.redmine.csv = False

    def swap() -> None:
        studio.redmine.delete_entry(7)
        studio.book(9)

    studio.redmine.fail(PAGES, "do", skip=1, action=swap)
    reading = read()
    assert ids(reading) == [*range(1, 7), *range(8, 252)]
    assert len(studio.redmine.asked(PAGES)) == 9


def test_two_paged_reads_that_never_agree_are_an_error(studio: Studio, read: Callable[..., Any]) -> None:
    """The differences show what became of a row."""
    studio.redmine.csv = False
    comments = iter(range(100))

    def change() -> None:
        studio.redmine.entries[1].comments = f"edit {next(comments)}"

    studio.redmine.fail(PAGES, "do", times=None, action=change)
    with pytest.raises(IncompleteRead) as caught:
        read()
    assert "two paged reads differ" in caught.value.reason
    assert "edit" in caught.value.differences[0]


def test_unreadable_hours_are_a_problem_and_the_others_are_read(studio: Studio, read: Callable[..., Any]) -> None:
    """The control still compares all other rows."""
    studio.redmine.entries[3].hours = "a lot"
    reading = read()
    assert ids(reading) == [number for number in range(1, 251) if number != 3]
    assert [(entry.id, problem.source) for entry, problem in reading.doubtful] == [("3", "entry:3")]


def test_rational_hours_are_read(studio: Studio, read: Callable[..., Any]) -> None:
    """Redmine 6.0.0 sends "1/4"; its CSV has decimals."""
    studio.redmine.rational_hours = True
    studio.redmine.entries[1].hours = 1 / 3
    reading = read()
    assert reading.entries[0].minutes == 20
    assert reading.booked_minutes == 249 * 15 + 20


def test_issues_that_cannot_be_read_are_a_notice_and_come_from_the_csv(
    studio: Studio, read: Callable[..., Any]
) -> None:
    """The whole list of issues is refused: subjects and tickets come with the control."""
    studio.redmine.issues[1].ticket = "2026102010000037"
    studio.redmine.fail("/issues.json", "status", status=403, skip=1, times=None)
    for number in range(3, 150):
        studio.book(1, issue=studio.redmine.add_issue(studio.project, f"Task {number}", ticket=f"20261020{number:08d}"))
    reading = read()
    by_id = {issue.id: issue for issue in reading.issues}
    assert (by_id[149].subject, by_id[149].ticket, by_id[149].status) == ("Task 149", "2026102000000149", "")
    assert by_id[1].status == "New"
    assert len(reading.notices) == 149 - 100
    assert reading.notices[0].source == "issue:101"
    assert "403" in reading.notices[0].message


def test_a_hidden_issue_is_a_notice(studio: Studio, read: Callable[..., Any]) -> None:
    """Its time is seen, the issue is not: the CSV shows its number only."""
    robot = studio.redmine.add_user("robot", "Rob", "Ot")
    studio.redmine.add_member(studio.project, robot, studio.redmine.add_role("Billing"))
    studio.redmine.issues[2].hidden = True
    reading = read(key=studio.redmine.key_of(robot))
    assert [(issue.id, issue.subject) for issue in reading.issues] == [(1, "Task 1"), (2, "")]
    assert [notice.source for notice in reading.notices] == ["issue:2"]


def test_a_project_made_meanwhile_is_listed(studio: Studio, read: Callable[..., Any]) -> None:
    """The list of projects is read after the entries."""

    def open_project() -> None:
        new = studio.redmine.add_project("new", "New")
        studio.redmine.book(new, studio.anna, 1, date(2026, 10, 31))

    studio.redmine.fail(PAGES, "do", action=open_project)
    reading = read()
    assert [(project.name, project.identifier) for project in reading.projects] == [("ACME", "acme"), ("New", "new")]
    assert reading.notices == ()


def test_a_project_archived_meanwhile_is_unreadable_with_a_notice(studio: Studio, read: Callable[..., Any]) -> None:
    """Its entries were still there, its name is gone from the list: nobody is billed for half of it."""
    studio.redmine.fail("/projects.json", "do", action=lambda: studio.redmine.archive(studio.project))
    reading = read()
    assert [(project.name, project.readable) for project in reading.projects] == [("ACME", False)]
    assert [notice.source for notice in reading.notices] == ["project:1"]


def test_issues_that_were_not_asked_for_stop_the_read(studio: Studio, read: Callable[..., Any]) -> None:
    """The filter by id was ignored: what else is wrong?"""
    studio.redmine.add_issue(studio.project, "Not booked on")
    studio.redmine.ignored = {"issue_id"}
    with pytest.raises(SourceBroken, match="a filter was ignored"):
        read()


def test_progress_is_told(studio: Studio) -> None:
    """What is done, how much of how many, in order."""
    told: list[tuple[str, int, int]] = []
    with RedmineSource(
        studio.redmine.url,
        studio.redmine.admin_key,
        ticket_field="OTRS ticket",
        clock=lambda: NOW,
        progress=lambda *step: told.append(step),
    ) as source:
        source.read_month(OCTOBER)
    assert [step for step in told if step[0] == "time entries"] == [
        ("time entries", 100, 250),
        ("time entries", 200, 250),
        ("time entries", 250, 250),
    ]
    assert ("people", 1, 1) in told


def _page(numbers: list[int], total: int | None = None) -> bytes:
    rows = ",".join(
        f'{{"id": {number}, "project": {{"id": 1, "name": "A"}}, "user": {{"id": 3, "name": "B"}},'
        ' "hours": 1, "spent_on": "2026-10-05", "created_on": "2026-10-05T12:00:00Z"}'
        for number in numbers
    )
    counted = len(numbers) if total is None else total
    return f'{{"time_entries": [{rows}], "total_count": {counted}, "offset": 0, "limit": 100}}'.encode()
