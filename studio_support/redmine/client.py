"""Redmine's resources by python-redmine, its time entries by page and by CSV. The only importer of redminelib."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from redminelib import Redmine
from redminelib.engines import SyncEngine
from redminelib.exceptions import BaseRedmineError

from studio_support.errors import SourceBroken
from studio_support.redmine.mapping import BrokenRow
from studio_support.redmine.transport import Params, Transport

PAGE_ROWS = 100
TIME_ENTRIES = "/time_entries.json"
TIME_ENTRIES_CSV = "/time_entries.csv"
_T = TypeVar("_T")


class _Engine(SyncEngine):  # type: ignore[misc]  # redminelib ships no types
    """python-redmine's engine on our transport: its own would turn hours into floats and carry the key in errors."""

    transport: Transport

    def request(
        self,
        method: str,
        url: str,
        headers: object = None,
        params: Mapping[str, object] | None = None,
        data: object = None,
    ) -> dict[str, Any]:
        if method != "get":
            raise AssertionError("this client reads only")
        pairs = [(key, str(value)) for key, value in (params or {}).items()]
        return self.transport.json(url.removeprefix(self.transport.url), pairs)


class RedmineClient:
    """Rows of a Redmine as plain dicts, with Decimal numbers. Raises SourceError only."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._redmine = Redmine(transport.url, engine=_Engine)
        self._redmine.engine.transport = transport

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.transport.url}>"

    def address(self, path: str) -> str:
        """The address behind a path, for errors."""
        return self.transport.url + path

    def current_user(self) -> Mapping[str, Any]:
        """The key's owner with memberships."""
        return self._whole(
            "/users/current.json", lambda: self._redmine.user.get("current", include="memberships").raw()
        )

    def role(self, role_id: int) -> Mapping[str, Any]:
        """A role with its permissions and visibilities."""
        return self._whole(f"/roles/{role_id}.json", lambda: self._redmine.role.get(role_id).raw())

    def user(self, user_id: int) -> Mapping[str, Any]:
        """A user by id, locked ones too."""
        return self._whole(f"/users/{user_id}.json", lambda: self._redmine.user.get(user_id).raw())

    def users(self) -> list[Mapping[str, Any]]:
        """Everybody, locked ones too; administrators only."""
        # all() asks with an empty `status`, which means everybody; `status=*` finds nobody on Redmine 5.0.
        return self._listed("/users.json", lambda: self._redmine.user.all())

    def projects(self) -> list[Mapping[str, Any]]:
        """All projects the key sees, closed ones too, with their modules. Archived ones are never shown."""
        # Without `status` the list holds active projects only; `status=*` is answered with 500 by Redmine 5.0.
        return self._listed(
            "/projects.json", lambda: self._redmine.project.all(status="1|5", include=["enabled_modules"])
        )

    def issues(self, ids: Sequence[int]) -> list[Mapping[str, Any]]:
        """At most 100 issues by id, closed ones too, in one request; those that the key may not see are absent."""
        asked = set(ids)
        rows = self._whole(
            "/issues.json",
            lambda: [
                issue.raw()
                for issue in self._redmine.issue.filter(
                    issue_id=",".join(map(str, ids)), status_id="*", limit=PAGE_ROWS, offset=0
                )
            ],
        )
        if any(row.get("id") not in asked for row in rows):
            raise SourceBroken(
                self.address("/issues.json"), "issues came that were not asked for: a filter was ignored"
            )
        return rows

    def newest_issues(self) -> list[Mapping[str, Any]]:
        """Up to 100 issues that the key sees, newest first, closed ones too."""
        return self._whole(
            "/issues.json",
            lambda: [
                issue.raw()
                for issue in self._redmine.issue.filter(status_id="*", sort="id:desc", limit=PAGE_ROWS, offset=0)
            ],
        )

    def time_entries(self, params: Params, offset: int, limit: int = PAGE_ROWS) -> dict[str, Any]:
        """One page of time entries as it came."""
        return self.transport.json(TIME_ENTRIES, [*params, ("limit", str(limit)), ("offset", str(offset))])

    def time_entries_csv(self, params: Params, columns: Iterable[str], rows: int) -> bytes:
        """The CSV of a window. The server is silent until all is computed, hence the longer wait for many rows."""
        asked = [*params, ("encoding", "UTF-8"), *(("c[]", column) for column in columns)]
        return self.transport.long_read(TIME_ENTRIES_CSV, asked, extra_seconds=rows / 150)

    def _listed(self, path: str, ask: Callable[[], Any]) -> list[Mapping[str, Any]]:
        """A whole list: as many different rows as the server counts. A list that shifted is read once more."""
        for _ in range(2):
            found, total = self._whole(path, lambda: _rows_and_total(ask()))
            if len({row.get("id") for row in found}) == len(found) == total:
                return found
        raise SourceBroken(self.address(path), f"{len(found)} rows came, the server counts {total}")

    def _whole(self, path: str, ask: Callable[[], _T]) -> _T:
        with self.expecting(path):
            return ask()

    @contextmanager
    def expecting(self, path: str) -> Iterator[None]:
        """Inside, rows that lack what every row of their kind has are a SourceBroken."""
        try:
            yield
        except (BaseRedmineError, BrokenRow, KeyError, TypeError, AttributeError, ValueError):
            # What python-redmine raises when an answer lacks the part that it takes for granted.
            raise SourceBroken(self.address(path), "the answer is JSON of another kind: no Redmine here?") from None


def _rows_and_total(found: Any) -> tuple[list[Mapping[str, Any]], int]:
    rows = [item.raw() for item in found]
    return rows, int(found.total_count)
