"""Reading issues: pages that nothing shifts, filters that may be ignored, what does not come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from studio_support.errors import SourceBroken, SourceRefused, SourceUnreachable
from studio_support.redmine.issues import RedmineIssues
from studio_support.testing import FakeRedmine

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
Open = Callable[..., RedmineIssues]


@pytest.fixture
def redmine() -> Iterator[FakeRedmine]:
    """A Redmine with a project and nobody at work."""
    with FakeRedmine() as made:
        made.add_project("site", "Site")
        yield made


@pytest.fixture
def open_issues(redmine: FakeRedmine) -> Iterator[Open]:
    """Opens the edge as an administrator."""
    opened: list[RedmineIssues] = []

    def make(**options: Any) -> RedmineIssues:
        told = {"ticket_field": "OTRS ticket", "timeout_seconds": 5, "backoff_seconds": 0.001, **options}
        opened.append(RedmineIssues(redmine.url, redmine.admin_key, **told))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_a_thousand_changes_cost_ten_pages(redmine: FakeRedmine, open_issues: Open) -> None:
    old = [redmine.add_issue(1, "Old") for _ in range(5)]
    redmine.advance(hours=1)
    new = [redmine.add_issue(1, f"New {number}") for number in range(1000)]
    issues = open_issues()
    found = [one.id for one in issues.changed_since(NOON + timedelta(seconds=1))]
    assert found == new
    assert issues.requests == 11
    redmine.change_issue(old[2], status="Closed")
    assert [one.id for one in issues.changed_since(NOON + timedelta(seconds=1))] == [old[2], *new]


def test_an_instant_counts_from_its_second_on(redmine: FakeRedmine, open_issues: Open) -> None:
    issue = redmine.add_issue(1, "At noon")
    issues = open_issues()
    assert [one.id for one in issues.changed_since(NOON + timedelta(milliseconds=900))] == [issue]
    assert issues.changed_since(NOON + timedelta(seconds=1)) == ()


def test_issues_that_come_and_go_between_pages_lose_no_other(redmine: FakeRedmine, open_issues: Open) -> None:
    """By offset, a deletion on the first page would hide the first row of the second."""
    made = [redmine.add_issue(1, f"{number}") for number in range(250)]

    def meanwhile() -> None:
        redmine.delete_issue(made[10])
        redmine.add_issue(1, "New")

    redmine.fail("/issues.json", "do", skip=1, action=meanwhile)
    found = [one.id for one in open_issues().changed_since(NOON)]
    assert found == [*made, made[-1] + 1]


@pytest.mark.parametrize("ignored", ["updated_on", "issue_id", "sort"])
def test_what_the_server_ignores_is_seen(redmine: FakeRedmine, open_issues: Open, ignored: str) -> None:
    for number in range(150):
        redmine.add_issue(1, f"{number}")
    redmine.advance(hours=1)
    redmine.ignored.add(ignored)
    since = NOON + timedelta(minutes=30) if ignored == "updated_on" else NOON
    with pytest.raises(SourceBroken, match="ignored"):
        open_issues().changed_since(since)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"issues": {}, "total_count": 0}',
        b'{"issues": [], "total_count": null}',
        b'{"issues": [], "total_count": 3}',
        b'{"issues": [{"id": 1}], "total_count": 1}',
        b'{"issues": ["x"], "total_count": 1}',
        b'{"issues": [{"id": 1, "custom_fields": [{"name": "OTRS ticket"}]}], "total_count": 1}',
    ],
)
def test_an_answer_that_is_no_page_of_issues_is_broken(redmine: FakeRedmine, open_issues: Open, body: bytes) -> None:
    redmine.fail("/issues.json", "status", status=200, body=body)
    with pytest.raises(SourceBroken):
        open_issues().changed_since(NOON)


def test_a_read_is_repeated_and_then_unreachable(redmine: FakeRedmine, open_issues: Open) -> None:
    issue = redmine.add_issue(1, "One")
    redmine.fail("/issues.json", "status", status=502)
    redmine.fail("/issues.json", "drop")
    redmine.fail("/issues.json", "cut")
    assert [one.id for one in open_issues().changed_since(NOON)] == [issue]
    redmine.fail("/issues.json", "status", status=500, times=None)
    with pytest.raises(SourceUnreachable):
        open_issues().changed_since(NOON)


def test_ids_come_in_batches_of_a_hundred(redmine: FakeRedmine, open_issues: Open) -> None:
    made = [redmine.add_issue(1, f"{number}") for number in range(250)]
    issues = open_issues()
    assert [one.id for one in issues.issues([*reversed(made), made[0]])] == made
    assert len(redmine.asked("/issues.json")) == 3
    redmine.ignored.add("issue_id")
    with pytest.raises(SourceBroken):
        issues.issues([made[3]])
    for wrong in (0, -1):
        with pytest.raises(ValueError, match="1 or more"):
            issues.issues([wrong])


def test_reasons_are_looked_for_twenty_times_at_most(redmine: FakeRedmine, open_issues: Open) -> None:
    kept = redmine.add_issue(1, "Kept")
    read = open_issues().by_ids([kept, *range(1000, 1030)])
    assert [one.id for one in read.issues] == [kept]
    assert [one.why for one in read.missing] == ["gone"] * 20 + ["unknown"] * 10
    assert read.gone == frozenset(range(1000, 1020))
    assert len(redmine.asked("/issues/")) == 20


def test_without_reasons_nothing_more_is_asked_while_others_come(redmine: FakeRedmine, open_issues: Open) -> None:
    kept = redmine.add_issue(1, "Kept")
    issues = open_issues()
    assert [one.id for one in issues.issues([kept, 999])] == [kept]
    assert redmine.asked("/issues/") == []
    assert issues.issues([999]) == ()
    assert len(redmine.asked("/issues/")) == 1


def test_one_that_comes_at_the_second_asking_is_there(redmine: FakeRedmine, open_issues: Open) -> None:
    """Moved out of sight and back between the two questions."""
    issue = redmine.add_issue(1, "Here")
    empty = b'{"issues": [], "total_count": 0, "offset": 0, "limit": 100}'
    redmine.fail("/issues.json", "status", status=200, body=empty)
    read = open_issues().by_ids([issue])
    assert ([one.id for one in read.issues], read.missing) == ([issue], ())


def test_hidden_is_not_gone(redmine: FakeRedmine) -> None:
    robot = redmine.add_user("bridge", "Bridge", "Robot")
    redmine.add_issue(1, "Not for the robot")
    with RedmineIssues(redmine.url, redmine.key_of(robot), ticket_field="OTRS ticket") as issues:
        [missing] = issues.by_ids([1]).missing
        assert missing.why == "hidden"
        with pytest.raises(SourceRefused):
            issues.with_notes(1)


def test_an_issue_that_is_another_is_broken(redmine: FakeRedmine, open_issues: Open) -> None:
    issue = redmine.add_issue(1, "One")
    redmine.fail("/issues/", "status", status=200, body=b'{"issue": {"id": 99}}')
    with pytest.raises(SourceBroken, match="something else came"):
        open_issues().with_notes(issue)


def test_notes_of_others_are_not_ours(redmine: FakeRedmine, open_issues: Open) -> None:
    other = redmine.add_user("anna", "Anna", "P")
    issue = redmine.add_issue(1, "One")
    redmine.change_issue(issue, note="The same words", author=other)
    issues = open_issues()
    assert not issues.has_note(issue, "The same words")
    redmine.change_issue(issue, note="The same\r\nwords  ", author=1)
    assert issues.has_note(issue, "\nThe same\nwords")


def test_times_come_in_minutes(redmine: FakeRedmine, open_issues: Open) -> None:
    one = redmine.add_issue(1, "One", estimated_hours=1.5)
    other = redmine.add_issue(1, "Other")
    redmine.book(1, 1, 0.3333333, date(2026, 11, 21), issue=one)
    assert open_issues().times([one, other, 999]) == {one: (90, 20), other: (None, 0)}


def test_the_field_is_looked_for_once(redmine: FakeRedmine, open_issues: Open) -> None:
    issue = redmine.add_issue(1, "One", ticket="2026112110000015")
    issues = open_issues()
    for _ in range(3):
        assert [one.id for one in issues.by_ticket(["2026112110000015"])] == [issue]
    sorts = [dict(seen.query).get("sort") for seen in redmine.asked("/issues.json")]
    assert sorts == ["id:desc", "id", "id", "id"]
