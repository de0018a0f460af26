"""Issues read for the bridge: changed since an instant, by id, by ticket, with their notes.

Redmine ignores filters that it does not understand and answers with everything, so every row is checked against what
was asked. Pages go by id (`issue_id=>=`), not by offset: rows that come or go meanwhile move no others across the edge
of a page. A wrong key gets empty lists, so it is asked once whose it is before an empty list is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from studio_support.errors import SourceBroken, SourceRefused
from studio_support.redmine.client import PAGE_ROWS, RedmineClient
from studio_support.redmine.issue_rows import (
    Note,
    author_of,
    begins_with_number,
    instant_text,
    issue_seen,
    notes_of,
    said_field,
    stands_alone,
    times_of,
)
from studio_support.redmine.mapping import BrokenRow, row_id
from studio_support.redmine.transport import Params
from studio_support.sync.model import IssueSeen

_ISSUES = "/issues.json"
_NAMED_MISSING = 20
_A_SECOND = timedelta(seconds=1)
Why = Literal["gone", "hidden", "unknown"]


@dataclass(frozen=True, slots=True)
class Missing:
    """An issue that was asked for and did not come. why: gone (deleted), hidden (the key may not see it), unknown."""

    id: int
    why: Why


@dataclass(frozen=True, slots=True)
class IssuesRead:
    """Issues by ascending id, and those that did not come."""

    issues: tuple[IssueSeen, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def gone(self) -> frozenset[int]:
        """Ids of issues that are deleted."""
        return frozenset(one.id for one in self.missing if one.why == "gone")


@dataclass(frozen=True, slots=True)
class WithNotes:
    """An issue with its notes, oldest first, and the names of its files."""

    issue: IssueSeen
    notes: tuple[Note, ...]
    files: tuple[str, ...]


class IssueReads:
    """What reads issues. Raises SourceError only."""

    def __init__(self, client: RedmineClient, ticket_field: str) -> None:
        self.client = client
        self.ticket_field = ticket_field
        self._field_id: int | None = None
        self._me: int | None = None

    def me(self) -> int:
        """Id of the key's owner, asked once. Raises SourceRefused for a wrong key."""
        if self._me is None:
            row = self.client.current_user()
            with self.client.expecting("/users/current.json"):
                self._me = row_id(row)
        return self._me

    def changed_since(self, since: datetime) -> tuple[IssueSeen, ...]:
        """Issues of any status changed at or after an instant (whole seconds), ids ascending."""
        asked = instant_text(since)
        found = tuple(issue for issue, _ in self._listed([("updated_on", f">={asked}")]))
        early = next((one for one in found if one.updated_at < since - _A_SECOND), None)
        if early is not None:
            reason = f"asked for changes since {asked}, issue {early.id} of {early.updated_at} came: ignored filter"
            raise self._broken(reason)
        return found

    def by_ids(self, ids: Iterable[int], *, reasons: bool) -> IssuesRead:
        """Issues by id, in batches. reasons: the first twenty that do not come are asked for one by one, why."""
        wanted = sorted(set(ids))
        if any(number < 1 for number in wanted):
            raise ValueError("ids of issues are 1 or more")
        found: dict[int, IssueSeen] = {}
        for start in range(0, len(wanted), PAGE_ROWS):
            self.me()
            found |= {one.id: one for one in self._seen(self.client.issues(wanted[start : start + PAGE_ROWS]))}
        absent = [number for number in wanted if number not in found]
        # A key that has lost its rights meanwhile gets no rows either: where nothing at all came, one is looked into.
        asked = _NAMED_MISSING if reasons else 0 if found else 1
        missing = []
        for place, number in enumerate(absent):
            why, late = self._why(number) if place < asked else ("unknown", None)
            if late is not None:
                found[number] = late
            else:
                missing.append(Missing(number, why))
        return IssuesRead(tuple(found[number] for number in sorted(found)), tuple(missing))

    def by_ticket(self, numbers: Iterable[str]) -> tuple[IssueSeen, ...]:
        """Issues of any status that belong to tickets, ids ascending: the number stands in the ticket field.

        Where no field holds it, an issue counts that our own user has made with the number in the first
        line of its description: its tracker may have no such field. That a text mentions a number says nothing.
        """
        found: dict[int, IssueSeen] = {}
        for number in sorted(set(numbers)):
            if not number.isascii() or not number.isdigit():
                raise ValueError(f"no ticket number: {number[:40]!r}")
            issues = self._by_field(number) or self._by_first_line(number)
            found |= {issue.id: issue for issue in issues}
        return tuple(found[one] for one in sorted(found))

    def _by_field(self, number: str) -> list[IssueSeen]:
        field_id = self.field_id()
        if field_id is None:
            return []
        found = [issue for issue, _ in self._listed([(f"cf_{field_id}", f"~{number}")])]
        for issue in found:
            if number not in issue.ticket_field:
                why = f"let the field {self.ticket_field!r} be used as a filter"
                raise self._broken(f"asked for ticket {number}, issue {issue.id} without it came: {why}")
        return [issue for issue in found if stands_alone(issue.ticket_field, number)]

    def _by_first_line(self, number: str) -> list[IssueSeen]:
        me = self.me()
        rows = self._listed([("author_id", str(me)), ("description", f"~{number}")])
        return [issue for issue, row in rows if author_of(row) == me and begins_with_number(issue.description, number)]

    def with_notes(self, issue_id: int) -> WithNotes | None:
        """An issue with its notes; None where it is deleted. Raises SourceRefused where the key may not see it."""
        row = self._one(issue_id, include="journals,attachments")
        if row is None:
            return None
        with self.client.expecting(_ISSUES):
            files = tuple(str(file["filename"]) for file in row.get("attachments") or ())
            return WithNotes(self._seen([row])[0], notes_of(row), files)

    def field_id(self) -> int | None:
        """Id of the ticket field, looked up by name once; None where no issue shows it yet.

        Only administrators may list fields, so it is taken from the issues themselves.
        """
        if self._field_id is None and self.ticket_field:
            self._noted(self.client.newest_issues())
        return self._field_id

    def learn(self, row: Mapping[str, Any]) -> tuple[int | None, str]:
        """Id and value of the ticket field on an issue's row, which is remembered."""
        field_id, value = said_field(row, self.ticket_field)
        self._field_id = self._field_id or field_id
        return field_id, value

    def times(self, ids: Iterable[int]) -> dict[int, tuple[int | None, int | None]]:
        """Estimated and booked minutes by issue."""
        wanted = sorted(set(ids))
        found: dict[int, tuple[int | None, int | None]] = {}
        for start in range(0, len(wanted), PAGE_ROWS):
            self.me()
            with self.client.expecting(_ISSUES):
                found |= {row_id(row): times_of(row) for row in self.client.issues(wanted[start : start + PAGE_ROWS])}
        return found

    def _listed(self, filters: Params) -> list[tuple[IssueSeen, Mapping[str, Any]]]:
        """All issues that pass some filters, with their rows, page by page."""
        self.me()
        found: list[tuple[IssueSeen, Mapping[str, Any]]] = []
        last = 0
        while True:
            params = [*filters, ("status_id", "*"), ("sort", "id"), ("limit", str(PAGE_ROWS))]
            if last:
                params.append(("issue_id", f">={last + 1}"))
            answer = self.client.transport.json(_ISSUES, params)
            rows, total = answer.get("issues"), answer.get("total_count")
            if not isinstance(rows, list) or not isinstance(total, int):
                raise self._broken("the answer is no page of issues")
            page = self._seen(rows)
            for issue in page:
                if issue.id <= last:
                    raise self._broken(f"issue {issue.id} came after issue {last}: a filter or the order was ignored")
                last = issue.id
            found += zip(page, rows, strict=True)
            if len(rows) >= total:
                return found
            if not rows:
                raise self._broken(f"no issue came, the server counts {total}")

    def _seen(self, rows: Sequence[Mapping[str, Any]]) -> list[IssueSeen]:
        self._noted(rows)
        try:
            return [issue_seen(row, self.ticket_field) for row in rows]
        except (BrokenRow, TypeError, AttributeError) as broken:
            raise self._broken(str(broken)) from None

    def _noted(self, rows: Iterable[Mapping[str, Any]]) -> None:
        if self._field_id is None and self.ticket_field:
            with self.client.expecting(_ISSUES):
                known = (said_field(row, self.ticket_field)[0] for row in rows)
                self._field_id = next((number for number in known if number is not None), None)

    def _why(self, issue_id: int) -> tuple[Why, IssueSeen | None]:
        try:
            row = self._one(issue_id)
        except SourceRefused as error:
            if error.status == 403:
                return "hidden", None
            raise
        return ("gone", None) if row is None else ("unknown", self._seen([row])[0])

    def _one(self, issue_id: int, include: str = "") -> Mapping[str, Any] | None:
        path = f"/issues/{issue_id}.json"
        try:
            row = self.client.transport.json(path, [("include", include)] if include else []).get("issue")
        except SourceRefused as error:
            if error.status == 404:
                return None
            raise
        if not isinstance(row, Mapping) or row.get("id") != issue_id:
            raise self._broken(f"issue {issue_id} was asked for, something else came")
        return row

    def _broken(self, reason: str) -> SourceBroken:
        return SourceBroken(self.client.address(_ISSUES), reason, 200)
