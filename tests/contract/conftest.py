"""The fake Redmine behind the same handles as the lab's real one (tests/live/conftest.py)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from studio_support.period import Month
from studio_support.testing import FakeRedmine


class FakeTracker:
    """What a contract test may do to a Redmine: make its own state, hold keys, count requests."""

    def __init__(self, redmine: FakeRedmine) -> None:
        self.redmine = redmine
        self.url = redmine.url
        self.admin_key = redmine.admin_key
        self.month = Month(2026, 10)
        self.billing = redmine.add_role("Billing", "all")
        self.own = redmine.add_role("Own time", "own")
        self._people = 0

    def person(self, first: str, last: str, *, language: str = "en") -> int:
        """A user; gives the id."""
        self._people += 1
        return self.redmine.add_user(f"u{self._people}", first, last, language=language)

    def login(self, person: int) -> str:
        """A user's login."""
        return self.redmine.users[person].login

    def key(self, person: int) -> str:
        """A user's API key."""
        return self.redmine.key_of(person)

    def lock(self, person: int) -> None:
        """Locks a user."""
        self.redmine.users[person].status = 3

    def delete_person(self, person: int) -> None:
        """Deletes a user; his time becomes Anonymous's."""
        self.redmine.delete_user(person)

    def project(self, name: str, *, parent: int | None = None, modules: tuple[str, ...] | None = None) -> int:
        """A project; gives the id."""
        number = len(self.redmine.projects) + 1
        chosen = modules if modules is not None else ("issue_tracking", "time_tracking")
        return self.redmine.add_project(f"p-{number}", name, parent=parent, modules=chosen)

    def close_project(self, project: int) -> None:
        """Closes a project: readable, no longer writable."""
        self.redmine.projects[project].status = 5

    def archive_project(self, project: int) -> None:
        """Archives a project."""
        self.redmine.archive(project)

    def member(self, project: int, person: int, sees: str) -> None:
        """Makes a user a member; sees: "all" or "own"."""
        self.redmine.add_member(project, person, self.billing if sees == "all" else self.own)

    def issue(
        self,
        project: int,
        subject: str,
        *,
        ticket: str = "",
        description: str = "",
        estimated_hours: float | None = None,
    ) -> int:
        """An issue; gives the id."""
        return self.redmine.add_issue(
            project, subject, ticket=ticket, description=description, estimated_hours=estimated_hours
        )

    def book(
        self,
        project: int,
        person: int,
        hours: float,
        spent_on: date,
        *,
        issue: int | None = None,
        comments: str | None = "",
        created_on: datetime | None = None,
    ) -> int:
        """A time entry with hours stored as given; gives the id."""
        return self.redmine.book(
            project, person, hours, spent_on, issue=issue, comments=comments, created_on=created_on
        )

    def delete_entry(self, entry: int) -> None:
        """Deletes a time entry."""
        self.redmine.delete_entry(entry)

    def projects_seen(self) -> int:
        """How many projects an administrator sees, closed ones too."""
        return sum(project.status != 9 for project in self.redmine.projects.values())


@pytest.fixture
def tracker() -> Iterator[FakeTracker]:
    """A Redmine of the test's own."""
    with FakeRedmine() as redmine:
        yield FakeTracker(redmine)
