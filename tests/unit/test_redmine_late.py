"""Late entries are found back to the mark, none missed while others book and delete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any

import pytest

from studio_support.errors import IncompleteRead, SourceBroken
from studio_support.period import Month
from studio_support.redmine.source import RedmineSource
from studio_support.testing import FakeRedmine

OCTOBER = Month(2026, 10)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
MARK = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
PAGES = "/time_entries.json"


class Studio:
    """A Redmine with 350 entries for September, booked minute by minute from 100 minutes before the mark on."""

    def __init__(self, redmine: FakeRedmine) -> None:
        self.redmine = redmine
        self.project = redmine.add_project("acme", "ACME")
        self.anna = redmine.add_user("a.p", "Anna", "Petrova")
        for number in range(1, 351):
            self.book(MARK + timedelta(minutes=number - 101))

    def book(self, created_on: datetime, spent_on: date = date(2026, 9, 30)) -> int:
        """A quarter of an hour."""
        return self.redmine.book(self.project, self.anna, 0.25, spent_on, created_on=created_on)

    def late_pages(self) -> list[int]:
        """Offsets asked for, newest first."""
        seen = [dict(request.query) for request in self.redmine.asked(PAGES)]
        return [int(query["offset"]) for query in seen if query["sort"] == "created_on:desc"]


@pytest.fixture
def studio() -> Iterator[Studio]:
    """See Studio."""
    with FakeRedmine() as redmine:
        yield Studio(redmine)


@pytest.fixture
def late(studio: Studio) -> Iterator[Callable[..., Any]]:
    """Reads October and gives the ids of the late entries."""
    opened: list[RedmineSource] = []

    def run(since: datetime = MARK) -> list[int]:
        source = RedmineSource(
            studio.redmine.url,
            studio.redmine.admin_key,
            ticket_field="",
            clock=lambda: NOW,
            backoff_seconds=0.01,
        )
        opened.append(source)
        reading = source.read_month(OCTOBER, late_since=since)
        assert reading.late_since == since
        return [int(entry.id) for entry in reading.late]

    yield run
    for source in opened:
        source.close()


def test_late_entries_go_back_to_the_mark_itself(studio: Studio, late: Callable[..., Any]) -> None:
    """Entry 101 was booked in the mark's own second, 100 a minute before."""
    assert late() == list(range(101, 351))
    assert studio.late_pages() == [0, 100, 200]


def test_the_mark_s_own_second_is_included(late: Callable[..., Any]) -> None:
    """Redmine shows whole seconds: 06:00:00 may have been 06:00:00.9."""
    assert late(MARK + timedelta(microseconds=700_000))[0] == 101


def test_reading_stops_after_an_older_row_was_seen(studio: Studio, late: Callable[..., Any]) -> None:
    """Exactly 100 entries since the mark: one page more shows that there are no others."""
    assert late(MARK + timedelta(minutes=150)) == list(range(251, 351))
    assert studio.late_pages() == [0, 100]
    assert len(studio.late_pages()) <= ceil(100 / 100) + 1


def test_reading_stops_at_the_last_row(studio: Studio, late: Callable[..., Any]) -> None:
    """Everything is newer than the mark."""
    assert late(MARK - timedelta(days=40)) == list(range(1, 351))
    assert studio.late_pages() == [0, 100, 200, 300]


def test_nothing_booked_at_all(studio: Studio, late: Callable[..., Any]) -> None:
    """An empty Redmine has no late time."""
    studio.redmine.entries.clear()
    assert late() == []


def test_entries_of_the_same_second_come_all(studio: Studio, late: Callable[..., Any]) -> None:
    """Ties are ordered by ascending id: no sign of a broken sort."""
    for entry in studio.redmine.entries.values():
        entry.created_on = MARK
    assert late() == list(range(1, 351))


def test_a_booking_while_paging_misses_and_doubles_nothing(studio: Studio, late: Callable[..., Any]) -> None:
    """The new row pushes the others down; read again with an overlap, it is there too."""
    studio.redmine.fail(PAGES, "do", skip=2, action=lambda: studio.book(NOW))
    assert late() == list(range(101, 352))


def test_bookings_before_each_page_are_no_hindrance(studio: Studio, late: Callable[..., Any]) -> None:
    """At the end of a working day somebody books all the time: what was there from the start is read whole."""
    minute = iter(range(1000))
    action = lambda: studio.book(NOW + timedelta(minutes=next(minute)))  # noqa: E731  # one line of a table of faults
    studio.redmine.fail(PAGES, "do", skip=1, times=None, action=action)
    found = late()
    assert set(found) >= set(range(101, 351))
    assert len(found) == len(set(found))


@pytest.mark.parametrize("deleted", [349, 240, 200, 150])
def test_a_deletion_while_paging_hides_nothing(studio: Studio, late: Callable[..., Any], deleted: int) -> None:
    """The deleted row pulls the others up by one; none of them is skipped."""
    studio.redmine.fail(PAGES, "do", skip=3, action=lambda: studio.redmine.delete_entry(deleted))
    assert late() == [number for number in range(101, 351) if number != deleted]


def test_rows_that_keep_vanishing_are_an_error(studio: Studio, late: Callable[..., Any]) -> None:
    """The last row of each page is gone when the next one is asked for."""

    def delete_the_last_seen() -> None:
        offset = (studio.late_pages() or [0])[-1]
        rows = sorted(studio.redmine.entries.values(), key=lambda entry: entry.created_on, reverse=True)
        if offset:
            studio.redmine.delete_entry(rows[offset].id)

    studio.redmine.fail(PAGES, "do", skip=1, times=None, action=delete_the_last_seen)
    with pytest.raises(IncompleteRead) as caught:
        late()
    assert "2026-11-02" in caught.value.reason


def test_a_sort_that_is_ignored_stops_the_read(studio: Studio, late: Callable[..., Any]) -> None:
    """Oldest first instead of newest first: reading would stop at once and find nothing."""
    studio.redmine.ignored = {"sort"}
    with pytest.raises(SourceBroken, match="came out of order"):
        late(MARK - timedelta(days=40))


def test_a_row_without_time_of_booking_stops_the_read(studio: Studio, late: Callable[..., Any]) -> None:
    """Whether it is late cannot be known."""
    body = (
        b'{"time_entries": [{"id": 1, "project": {"id": 1, "name": "A"}, "user": {"id": 3, "name": "B"},'
        b' "hours": 1, "spent_on": "2026-09-05"}], "total_count": 1, "offset": 0, "limit": 100}'
    )
    studio.redmine.fail(PAGES, "status", status=200, body=body, skip=1)
    with pytest.raises(SourceBroken, match="came out of order"):
        late()


def test_a_page_that_is_too_short_is_read_again(studio: Studio, late: Callable[..., Any]) -> None:
    """The server counts 350 and sends none: not the end of the list."""
    body = b'{"time_entries": [], "total_count": 350, "offset": 0, "limit": 100}'
    studio.redmine.fail(PAGES, "status", status=200, body=body, skip=1, times=2)
    assert late() == list(range(101, 351))


def test_a_page_with_fewer_rows_than_counted_is_read_again(studio: Studio, late: Callable[..., Any]) -> None:
    """One row of 350 comes: the others are asked for again."""
    row = (
        b'{"id": 350, "project": {"id": 1, "name": "ACME"}, "user": {"id": 3, "name": "Anna Petrova"}, "hours": 0.25,'
        b' "spent_on": "2026-09-30", "created_on": "2026-11-02T10:09:00Z"}'
    )
    body = b'{"time_entries": [' + row + b'], "total_count": 350, "offset": 0, "limit": 100}'
    studio.redmine.fail(PAGES, "status", status=200, body=body, skip=1)
    assert late() == list(range(101, 351))


def test_unreadable_hours_of_a_late_row_are_a_problem_once(studio: Studio) -> None:
    """A broken row of the month itself is met twice and reported once."""
    studio.redmine.entries[350].hours = "a lot"
    inside = studio.book(NOW, date(2026, 10, 5))
    studio.redmine.entries[inside].hours = "much"
    with RedmineSource(studio.redmine.url, studio.redmine.admin_key, ticket_field="", clock=lambda: NOW) as source:
        reading = source.read_month(OCTOBER, late_since=MARK)
    assert sorted(problem.source for _, problem in reading.doubtful) == ["entry:350", f"entry:{inside}"]
    assert reading.entries == ()
    assert len(reading.late) == 249


def test_a_window_that_is_ignored_stops_the_read(studio: Studio, late: Callable[..., Any]) -> None:
    """Asked for days before October; the month's own entries must not come as late ones."""
    studio.book(MARK + timedelta(days=1), spent_on=date(2026, 10, 5))
    studio.redmine.ignored = {"to"}
    with pytest.raises(SourceBroken) as caught:
        late()
    assert "asked for days before 2026-10" in caught.value.reason


def test_what_was_booked_for_the_month_itself_costs_no_page(studio: Studio, late: Callable[..., Any]) -> None:
    """300 entries booked in October for October, newer than all late ones: the month's own read has them already."""
    for minute in range(300):
        studio.book(MARK + timedelta(days=1, minutes=minute), spent_on=date(2026, 10, 5))
    assert late() == list(range(101, 351))
    assert studio.late_pages() == [0, 100, 200]
