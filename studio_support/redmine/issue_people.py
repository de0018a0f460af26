"""What an issue refers to by number, found by what people call it: project, assignee, priority, status.

Each list is read once. Redmine names an assignee that cannot be one in the language of the key's user, so it is found
out before anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from studio_support.errors import NotSent, RedmineRefused, SourceError, SourceRefused
from studio_support.redmine.client import PAGE_ROWS, RedmineClient
from studio_support.redmine.issue_rows import Priority
from studio_support.redmine.mapping import row_id

_T = TypeVar("_T")

_STATUSES = "/issue_statuses.json"


class ProjectBook:
    """Numbers by names. Raises RedmineRefused with `about` for a name that is nobody's; NotSent where none can be had.

    It serves writes, so a server that gives no answer has not been sent the write.
    """

    def __init__(self, client: RedmineClient) -> None:
        self._client = client
        self._projects: list[Mapping[str, Any]] | None = None
        self._members: dict[int, dict[int, str]] = {}
        self._logins: dict[int, str] = {}
        self._priorities: tuple[Priority, ...] | None = None
        self._statuses: dict[str, int] | None = None

    def project(self, name: str) -> int:
        """A project's id by identifier, "#id" or name; one that several bear is nobody's."""
        if self._projects is None:
            self._projects = self._asked("/projects.json", self._client.projects)
        for key in ("identifier", "id", "name"):
            found = [row for row in self._projects if _called(row.get(key), key, name)]
            if len(found) == 1:
                return row_id(found[0])
            if found:
                raise self._refused("/projects.json", f"{len(found)} projects are called {name!r}", "project")
        raise self._refused("/projects.json", f"the key's user sees no project {name!r}", "project")

    def member(self, project_id: int, name: str) -> int:
        """A member's user id by "#id", full name or login; somebody else's cannot be given an issue."""
        path = f"/projects/{project_id}/memberships.json"
        if project_id not in self._members:
            self._members[project_id] = self._asked(path, lambda: self._members_of(path))
        members = self._members[project_id]
        wanted = name.casefold()
        for number, full_name in members.items():
            if wanted in (f"#{number}", full_name.casefold()):
                return number
        for number in members:
            if self._login(number) == wanted:
                return number
        raise self._refused(path, f"{name!r} is no member of the project", "assignee")

    def priorities(self) -> tuple[Priority, ...]:
        """The priorities in use, in Redmine's order."""
        if self._priorities is None:
            path = "/enumerations/issue_priorities.json"
            rows = self._asked(path, lambda: self._client.transport.json(path)["issue_priorities"])
            self._priorities = tuple(
                Priority(row_id(row), str(row.get("name") or ""), bool(row.get("is_default")))
                for row in rows
                if row.get("active", True)
            )
        return self._priorities

    def status(self, name: str) -> int:
        """A status's id by its name, in any case."""
        known = {one.casefold(): number for one, number in self.statuses().items()}
        if name.casefold() not in known:
            raise self._refused(_STATUSES, f"there is no status {name!r}", "status")
        return known[name.casefold()]

    def statuses(self) -> dict[str, int]:
        """Ids of all statuses by name."""
        if self._statuses is None:
            rows = self._asked(_STATUSES, lambda: self._client.transport.json(_STATUSES)["issue_statuses"])
            self._statuses = {str(row.get("name")): row_id(row) for row in rows}
        return self._statuses

    def _members_of(self, path: str) -> dict[int, str]:
        """Names by user id; members of groups are listed as users of their own."""
        found: dict[int, str] = {}
        offset = 0
        while True:
            answer = self._client.transport.json(path, (("limit", str(PAGE_ROWS)), ("offset", str(offset))))
            rows = answer["memberships"]
            found |= {row_id(row["user"]): str(row["user"].get("name") or "") for row in rows if "user" in row}
            offset += len(rows)
            if not rows or offset >= answer["total_count"]:
                return found

    def _login(self, number: int) -> str:
        if number not in self._logins:
            path = f"/users/{number}.json"
            try:
                row = self._asked(path, lambda: self._client.user(number))
            except SourceRefused:
                row = {}
            self._logins[number] = str(row.get("login") or "").casefold()
        return self._logins[number]

    def _asked(self, path: str, ask: Callable[[], _T]) -> _T:
        try:
            with self._client.expecting(path):
                return ask()
        except SourceRefused:
            raise
        except SourceError as error:
            raise NotSent(error.url, error.reason, error.status) from None

    def _refused(self, path: str, reason: str, about: str) -> RedmineRefused:
        return RedmineRefused(self._client.address(path), reason, about=about)


def _called(value: object, key: str, name: str) -> bool:
    if key == "id":
        return name == f"#{value}"
    return str(value or "").casefold() == name.casefold() if key == "name" else value == name
