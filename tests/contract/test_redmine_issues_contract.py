"""What RedmineIssues promises on any Redmine: this suite runs on the fake here, on the lab's Redmine in tests/live.

`board` makes projects of the test's own; others may work on the same server meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from studio_support.errors import NotSent, RedmineRefused, SourceRefused
from studio_support.otrs.model import Attachment
from studio_support.redmine.issues import RedmineIssues
from studio_support.sync.actions import NewIssue
from studio_support.testing import FakeRedmine

ODD = "Grüße <b>&amp; 😀\n  שלום עולם «ёлки»\n'\"--> <script>x</script>\t{{macro}} #1 |a|"
NUMBER = "2026112110000015"


class FakeBoard:
    """The fake behind the handles that the suite asks for; tests/live has the same for the lab."""

    def __init__(self, redmine: FakeRedmine) -> None:
        self.redmine = redmine
        self.robot = redmine.add_user("bridge", "Bridge", "Robot")
        self.role = redmine.add_role("Bridge")
        self.opened: list[RedmineIssues] = []
        self._count = 0

    def issues(self, key: str = "", **options: Any) -> RedmineIssues:
        """The edge, as the bridge's own user."""
        told = {"ticket_field": "OTRS ticket", "timeout_seconds": 20, "backoff_seconds": 0.01, **options}
        made = RedmineIssues(told.pop("url", self.redmine.url), key or self.redmine.key_of(self.robot), **told)
        self.opened.append(made)
        return made

    def project(self, *, member: bool = True, ticket_field: bool = True) -> tuple[int, str]:
        """A project that the bridge's user may write to; id and identifier."""
        self._count += 1
        number = self.redmine.add_project(f"site-{self._count}", f"Site {self._count}")
        if member:
            self.redmine.add_member(number, self.robot, self.role)
        if not ticket_field:
            self.redmine.without_ticket_field.add(number)
        return number, f"site-{self._count}"

    def member(self, project: int, first: str, last: str) -> tuple[int, str]:
        """Somebody who may be given issues of a project; id and login."""
        self._count += 1
        login = f"person{self._count}"
        number = self.redmine.add_user(login, first, last)
        self.redmine.add_member(project, number, self.role)
        return number, login

    def by_hand(self, project: int, subject: str, *, ticket: str = "", description: str = "") -> int:
        """An issue that an administrator makes."""
        return self.redmine.add_issue(project, subject, ticket=ticket, description=description)

    def status_by_hand(self, issue: int, status: str) -> None:
        """An administrator sets a status."""
        self.redmine.change_issue(issue, status=status)

    def delete(self, issue: int) -> None:
        """An administrator deletes an issue."""
        self.redmine.delete_issue(issue)

    def close_project(self, project: int) -> None:
        """Closes a project: readable, no longer writable."""
        self.redmine.projects[project].status = 5

    def shown(self, issue: int) -> dict[str, Any]:
        """What stands in Redmine: priority and assignee by name, estimate in minutes, files with their content."""
        row = self.redmine.issues[issue]
        return {
            "priority": {1: "Low", 2: "Normal", 3: "High", 4: "Urgent", 5: "Immediate"}[row.priority],
            "assignee": row.assignee,
            "minutes": None if row.estimated_hours is None else round(row.estimated_hours * 60),
            "files": [(file.name, file.content) for file in row.files],
            "author": row.author,
        }

    def now(self) -> datetime:
        """The server's clock."""
        return self.redmine.now()

    def number(self) -> str:
        """A ticket number that nobody else uses."""
        self._count += 1
        return f"2026112110{self._count:05d}5"


@pytest.fixture
def board() -> Iterator[FakeBoard]:
    """A Redmine of the test's own."""
    with FakeRedmine() as redmine:
        made = FakeBoard(redmine)
        yield made
        for issues in made.opened:
            issues.close()


def new(project: str, ticket: str, **told: Any) -> NewIssue:
    """An issue to be made."""
    text = {"subject": "Fix the shop", "description": f"Ticket#{ticket}\n\nWords of the client.\n", **told}
    return NewIssue(project=project, ticket=ticket, **text)


class TestRedmineIssuesContract:
    """The suite."""

    def test_an_issue_is_made_with_all_that_was_told_and_found_by_its_ticket(self, board: Any) -> None:
        project, identifier = board.project()
        person, login = board.member(project, "Анна", "Петрова")
        ticket = board.number()
        files = (
            Attachment("Счёт 1.pdf", "application/pdf", 5, b"%PDF\x00"),
            Attachment("empty.txt", "text/plain", 0, b""),
        )
        issues = board.issues()
        told = new(identifier, ticket, subject=f" {ODD}\n ", priority=5, assignee=login, estimate_minutes=80)
        made = issues.create(told, files)
        assert made.left_out == ()
        [seen] = issues.by_ticket([ticket])
        assert (seen.id, seen.ticket_field, seen.status) == (made.id, ticket, "New")
        assert seen.subject == " ".join(ODD.split())
        assert seen.description.rstrip() == f"Ticket#{ticket}\n\nWords of the client."
        shown = board.shown(made.id)
        assert (shown["priority"], shown["assignee"], shown["minutes"]) == ("Urgent", person, 80)
        assert shown["files"] == [("Счёт 1.pdf", b"%PDF\x00"), ("empty.txt", b"")]
        assert shown["author"] == board.robot
        assert abs(seen.created_at - board.now()) < timedelta(minutes=2)
        assert issues.times([made.id]) == {made.id: (80, 0)}

    def test_texts_come_back_as_written(self, board: Any) -> None:
        _, identifier = board.project()
        issues = board.issues()
        ticket = board.number()
        made = issues.create(new(identifier, ticket, description=f"Ticket#{ticket}\n\n{ODD}\x00"), ())
        [seen] = issues.issues([made.id])
        assert seen.description.rstrip() == f"Ticket#{ticket}\n\n{ODD}"

    def test_a_project_is_found_by_its_name_too(self, board: Any) -> None:
        project, _ = board.project()
        issues = board.issues()
        ticket = board.number()
        made = issues.create(new(f"#{project}", ticket), ())
        [seen] = issues.issues([made.id])
        again = issues.create(new(seen.project, board.number()), ())
        assert issues.issues([again.id])[0].project == seen.project

    def test_a_normal_priority_is_left_to_the_server(self, board: Any) -> None:
        _, identifier = board.project()
        issues = board.issues()
        shown = [
            board.shown(issues.create(new(identifier, board.number(), priority=level), ()).id)["priority"]
            for level in (1, 2, 3, 4)
        ]
        assert shown == ["Low", "Low", "Normal", "High"]

    def test_changes_are_found_from_the_second_on_whatever_the_status(self, board: Any) -> None:
        project, identifier = board.project()
        issues = board.issues()
        first = issues.create(new(identifier, board.number()), ()).id
        since = issues.issues([first])[0].updated_at
        assert first in [one.id for one in issues.changed_since(since)]
        board.status_by_hand(first, "Closed")
        second = board.by_hand(project, "By hand")
        seen = {one.id: one for one in issues.changed_since(since)}
        assert (seen[first].status, seen[second].subject) == ("Closed", "By hand")
        ids = [one.id for one in issues.changed_since(since)]
        assert ids == sorted(ids)

    def test_a_quiet_look_costs_two_requests_and_then_one(self, board: Any) -> None:
        issues = board.issues()
        assert issues.changed_since(board.now() + timedelta(hours=1)) == ()
        assert issues.requests == 2
        assert issues.changed_since(board.now() + timedelta(hours=1)) == ()
        assert issues.requests == 3

    def test_a_wrong_key_is_an_error_and_no_empty_list(self, board: Any) -> None:
        wrong = board.issues(key="0" * 40)
        with pytest.raises(SourceRefused) as refused:
            wrong.changed_since(board.now())
        assert refused.value.status == 401
        with pytest.raises(SourceRefused):
            wrong.issues([1])
        with pytest.raises(SourceRefused):
            wrong.by_ticket([NUMBER])

    def test_what_is_deleted_or_hidden_is_absent_and_its_reason_told_when_asked(self, board: Any) -> None:
        _, identifier = board.project()
        hidden_project, _ = board.project(member=False)
        issues = board.issues()
        kept, gone = (issues.create(new(identifier, board.number()), ()).id for _ in range(2))
        hidden = board.by_hand(hidden_project, "Not for the bridge")
        board.delete(gone)
        assert [one.id for one in issues.issues([gone, kept, hidden, kept])] == [kept]
        read = issues.by_ids([gone, kept, hidden])
        assert [one.id for one in read.issues] == [kept]
        assert {one.id: one.why for one in read.missing} == {gone: "gone", hidden: "hidden"}
        assert read.gone == {gone}
        assert issues.issues([]) == ()
        assert issues.with_notes(gone) is None

    def test_only_issues_of_the_ticket_are_found_by_it(self, board: Any) -> None:
        """Not those of a number that begins alike, nor those that speak of it."""
        project, _ = board.project()
        ticket = board.number()
        issues = board.issues()
        assert issues.by_ticket([ticket]) == ()
        board.by_hand(project, f"Ticket#{ticket}", description=f"Ticket#{ticket}")
        board.by_hand(project, "Longer", ticket=f"{ticket}1")
        assert issues.by_ticket([ticket]) == ()
        first = board.by_hand(project, "One", ticket=ticket)
        closed = board.by_hand(project, "Two tickets", ticket=f"{ticket}, {board.number()}")
        board.status_by_hand(closed, "Closed")
        assert [one.id for one in issues.by_ticket([ticket])] == [first, closed]
        assert issues.by_ticket([]) == ()

    def test_where_the_ticket_field_is_not_there_it_is_named_and_the_issue_found_all_the_same(self, board: Any) -> None:
        """By our own user and the number in the first line: not an issue that somebody else made so."""
        project, identifier = board.project(ticket_field=False)
        ticket = board.number()
        issues = board.issues()
        made = issues.create(new(identifier, ticket), ())
        assert len(made.left_out) == 1 and "OTRS ticket" in made.left_out[0]
        board.by_hand(project, "Another", description=f"Ticket#{ticket}")
        issues.create(new(identifier, board.number(), description=f"Ticket#1\n\nas in Ticket#{ticket}"), ())
        assert [one.id for one in issues.by_ticket([ticket])] == [made.id]

    def test_a_number_is_written_into_the_field_of_an_issue_that_lacks_it(self, board: Any) -> None:
        _, identifier = board.project()
        issues, ticket = board.issues(), board.number()
        made = issues.create(new(identifier, "", description=f"Ticket#{ticket}"), ())
        assert issues.by_ticket([ticket])[0].ticket_field == ""
        issues.keep_ticket(made.id, ticket)
        assert [(one.id, one.ticket_field) for one in issues.by_ticket([ticket])] == [(made.id, ticket)]

    def test_a_note_is_ours_and_found_by_its_text(self, board: Any) -> None:
        _, identifier = board.project()
        issues = board.issues()
        made = issues.create(new(identifier, board.number()), ())
        before = issues.issues([made.id])[0]
        assert not issues.has_note(made.id, ODD)
        issues.add_note(made.id, f"{ODD}  \n")
        assert issues.has_note(made.id, ODD)
        assert not issues.has_note(made.id, f"{ODD}x")
        seen = issues.with_notes(made.id)
        assert [note.text for note in seen.notes] == [f"{ODD}  \n"] or [note.text for note in seen.notes] == [ODD]
        assert seen.notes[0].author == board.robot
        assert seen.issue.updated_at >= before.updated_at
        assert issues.with_notes(made.id).issue.id == made.id

    def test_files_that_cannot_be_taken_are_left_out_and_named(self, board: Any) -> None:
        """Ours is the limit that is asked first; the server has one of its own (5 MB by default)."""
        _, identifier = board.project()
        issues = board.issues(largest_file_bytes=7 * 1024 * 1024)
        files = (
            Attachment("small.txt", "text/plain", 2, b"ok"),
            Attachment("film.bin", "application/octet-stream", 8, bytes(8 * 1024 * 1024)),
            Attachment("book.bin", "application/octet-stream", 6, bytes(6 * 1024 * 1024)),
            Attachment("not read.txt", "text/plain", 6),
        )
        made = issues.create(new(identifier, board.number()), files)
        assert made.left_out[0] == "film.bin (8.0 MB): larger than 7.0 MB"
        assert made.left_out[1].startswith("book.bin (6.0 MB): ") and "5242880" in made.left_out[1]
        assert made.left_out[2] == "not read.txt: its content was not read"
        assert board.shown(made.id)["files"] == [("small.txt", b"ok")]
        assert issues.attach(made.id, files[:2]) == ("film.bin (8.0 MB): larger than 7.0 MB",)
        assert board.shown(made.id)["files"] == [("small.txt", b"ok"), ("small.txt", b"ok")]

    def test_somebody_who_is_no_member_is_left_out_and_named(self, board: Any) -> None:
        project, identifier = board.project()
        other, _ = board.project()
        _, login = board.member(other, "Zoe", "Elsewhere")
        person, _ = board.member(project, "Pavel", "Member")
        issues = board.issues()
        made = issues.create(new(identifier, board.number(), assignee=login), ())
        assert made.left_out == (f"assignee {login}: {login!r} is no member of the project",)
        assert board.shown(made.id)["assignee"] is None
        named = issues.create(new(identifier, board.number(), assignee="pavel member"), ())
        assert board.shown(named.id)["assignee"] == person
        by_id = issues.create(new(identifier, board.number(), assignee=f"#{person}"), ())
        assert board.shown(by_id.id)["assignee"] == person

    def test_a_project_that_is_not_there_is_told_apart_and_nothing_is_made(self, board: Any) -> None:
        hidden, _ = board.project(member=False)
        issues = board.issues()
        for name in ("no such project", f"#{hidden}"):
            with pytest.raises(RedmineRefused) as refused:
                issues.create(new(name, board.number()), ())
            assert refused.value.about == "project"

    def test_a_closed_project_takes_nothing_and_says_so(self, board: Any) -> None:
        project, identifier = board.project()
        issues = board.issues()
        made = issues.create(new(identifier, board.number()), ())
        board.close_project(project)
        ticket = board.number()
        with pytest.raises(RedmineRefused) as refused:
            issues.create(new(identifier, ticket), ())
        assert refused.value.status == 422 and refused.value.errors
        with pytest.raises(RedmineRefused) as refused:
            issues.add_note(made.id, "x")
        assert refused.value.status == 403
        assert [one.id for one in issues.issues([made.id])] == [made.id]

    def test_the_server_s_own_words_come_with_a_refusal(self, board: Any) -> None:
        _, identifier = board.project()
        issues = board.issues()
        with pytest.raises(RedmineRefused) as refused:
            issues.create(new(identifier, board.number(), subject="x" * 256), ())
        assert refused.value.errors == ("Subject is too long (maximum is 255 characters)",)
        assert refused.value.status == 422

    def test_a_note_on_an_issue_that_is_gone_is_refused_as_such(self, board: Any) -> None:
        _, identifier = board.project()
        issues = board.issues()
        made = issues.create(new(identifier, board.number()), ())
        board.delete(made.id)
        with pytest.raises(RedmineRefused) as refused:
            issues.add_note(made.id, "x")
        assert (refused.value.status, refused.value.about) == (404, "issue")
        assert not issues.has_note(made.id, "x")

    def test_a_status_is_set_only_where_the_workflow_lets_it(self, board: Any) -> None:
        _, identifier = board.project()
        board_issues = board.issues()
        made = board_issues.create(new(identifier, board.number()), ())
        with pytest.raises(RedmineRefused) as refused:
            board_issues.set_status(made.id, "No such status")
        assert refused.value.about == "status"

    def test_a_server_that_is_not_there_has_been_sent_nothing(self, board: Any) -> None:
        """Connection refused: the port is one that was free a moment ago."""
        away = board.issues(url="http://127.0.0.1:9", backoff_seconds=0.001)
        with pytest.raises(NotSent):
            away.add_note(1, "x")
        with pytest.raises(NotSent):
            away.create(new("site", NUMBER), ())
