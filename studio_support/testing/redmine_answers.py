"""What a fake Redmine answers to a GET: the JSON and CSV forms of Redmine 5.0.4."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from studio_support.testing.redmine_csv import csv_of
from studio_support.testing.redmine_world import (
    ACTIVE,
    CLOSED_STATUSES,
    TICKET_FIELD_ID,
    FakeEntry,
    FakeIssue,
    FakeProject,
    FakeUser,
    rounded,
)

if TYPE_CHECKING:
    from studio_support.testing.redmine import FakeRedmine

JSON = "application/json; charset=utf-8"
_DEFAULT_COLUMNS = ("project", "spent_on", "user", "activity", "issue", "comments", "hours")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body, content type and further headers."""

    status: int
    body: bytes = b""
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class Query:
    """A path and its parameters, read as leniently as Redmine does."""

    def __init__(self, path: str, pairs: Iterable[tuple[str, str]]) -> None:
        self.path = path
        self.pairs = tuple(pairs)

    def one(self, name: str) -> str | None:
        """The last value of a parameter, None if it is absent."""
        return next((value for key, value in reversed(self.pairs) if key == name), None)

    def many(self, name: str) -> list[str]:
        """All values of a parameter."""
        return [value for key, value in self.pairs if key == name]

    def day(self, name: str) -> date | None:
        """A date; a malformed one counts as absent: that is the trap."""
        try:
            return date.fromisoformat(self.one(name) or "")
        except ValueError:
            return None

    def page(self, most_rows: int) -> tuple[int, int]:
        """Offset and limit: 25 by default, never more than 100, whatever is asked."""
        limit = _whole(self.one("limit"))
        return max(0, _whole(self.one("offset"))), min(25 if limit < 1 else limit, most_rows)


def _whole(text: str | None) -> int:
    match = re.match(r"-?\d+", text or "")
    return int(match[0]) if match else 0


def answer_of(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer:
    """The answer to a GET by this user (None: no or a wrong key)."""
    if user is None and redmine.login_required:
        return Answer(401)
    routes: dict[str, Callable[[], Answer]] = {
        "/users/current.json": lambda: _current(redmine, user, query),
        "/users.json": lambda: _users(redmine, user, query),
        "/projects.json": lambda: _projects(redmine, user, query),
        "/issues.json": lambda: _issues(redmine, user, query),
        "/time_entries.json": lambda: _time_entries(redmine, user, query),
        "/time_entries.csv": lambda: _csv(redmine, user, query),
    }
    if query.path in routes:
        return routes[query.path]()
    match = re.fullmatch(r"/(users|roles)/(\d+)\.json", query.path)
    if match:
        return (_user if match[1] == "users" else _role)(redmine, user, int(match[2]))
    return Answer(404, b"<h1>Page not found</h1>", "text/html; charset=utf-8")


def _json(value: object) -> Answer:
    return Answer(200, json.dumps(value, ensure_ascii=False).encode())


def _listed(redmine: FakeRedmine, name: str, rows: list[Any], query: Query, shown: Callable[[Any], object]) -> Answer:
    offset, limit = query.page(redmine.most_rows)
    part = [shown(row) for row in rows[offset : offset + limit]]
    return _json({name: part, "total_count": len(rows), "offset": offset, "limit": limit})


def _user_row(user: FakeUser, asker: FakeUser) -> dict[str, object]:
    row: dict[str, object] = {"id": user.id, "login": user.login, "firstname": user.first, "lastname": user.last}
    if asker.admin or asker.id == user.id:
        row |= {"admin": user.admin, "api_key": user.key}
    return row


def _current(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer:
    if user is None:
        return Answer(401 if redmine.rest else 403)
    row = _user_row(user, user)
    if "memberships" in (query.one("include") or ""):
        held = [project for project in redmine.projects.values() if user.id in project.members]
        row["memberships"] = [
            {
                "id": project.id,
                "project": {"id": project.id, "name": project.name},
                "roles": [{"id": role, "name": redmine.roles[role].name} for role in project.members[user.id]],
            }
            for project in held
            if project.id in redmine.project_ids_seen(user)
        ]
    return _json({"user": row})


def _users(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer:
    if user is None or not user.admin:
        return Answer(403 if user else 401)
    # "*" is no status: nobody has it. An empty one means everybody.
    status = query.one("status")
    wanted = "1" if status is None else status
    rows = [row for row in redmine.users.values() if row.login and wanted in ("", str(row.status))]
    return _listed(redmine, "users", sorted(rows, key=lambda row: row.login), query, lambda row: _user_row(row, user))


def _user(redmine: FakeRedmine, user: FakeUser | None, number: int) -> Answer:
    found = redmine.users.get(number)
    if user is None:
        return Answer(401)
    if found is None or (not found.login and not user.admin):
        return Answer(404)
    return _json({"user": _user_row(found, user)})


def _role(redmine: FakeRedmine, user: FakeUser | None, number: int) -> Answer:
    role = redmine.roles.get(number)
    if user is None or role is None:
        return Answer(404 if user else 401)
    permissions = ["view_issues", *(["view_time_entries"] if role.sees != "nothing" else [])]
    sees = "all" if role.sees == "nothing" else role.sees
    return _json(
        {"role": {"id": role.id, "name": role.name, "time_entries_visibility": sees, "permissions": permissions}}
    )


def _projects(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer:
    status = query.one("status")
    if status == "*":
        return Answer(500, b'{"status":500,"error":"Internal Server Error"}')
    wanted = {int(part) for part in status.split("|") if part.isdigit()} if status else {ACTIVE}
    seen = redmine.project_ids_seen(user)
    rows = [row for row in redmine.projects.values() if row.id in seen and row.status in wanted]
    modules = "enabled_modules" in (query.one("include") or "")
    return _listed(redmine, "projects", rows, query, lambda row: _project_row(redmine, row, seen, modules))


def _project_row(redmine: FakeRedmine, project: FakeProject, seen: set[int], modules: bool) -> dict[str, object]:
    row: dict[str, object] = {"id": project.id, "name": project.name, "identifier": project.identifier}
    if project.parent in seen:
        row["parent"] = {"id": project.parent, "name": redmine.projects[project.parent or 0].name}
    row |= {"status": project.status, "is_public": project.public}
    if modules:
        row["enabled_modules"] = [{"id": place, "name": name} for place, name in enumerate(project.modules, 1)]
    return row


def _issues(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer:
    wanted = query.one("issue_id")
    if wanted is not None and not re.fullmatch(r"\d+(,\d+)*", wanted):
        return Answer(422, b'{"errors":["Issue is invalid"]}')
    ids = None if wanted is None or "issue_id" in redmine.ignored else set(map(int, wanted.split(",")))
    everything = query.one("status_id") == "*"
    rows = [
        issue
        for issue in redmine.issues.values()
        if (ids is None or issue.id in ids)
        and redmine.issue_seen(user, issue)
        and (everything or issue.status not in CLOSED_STATUSES)
    ]
    spent: dict[int | None, float] = {}
    for entry in redmine.entries.values():
        if isinstance(entry.hours, float | int):
            spent[entry.issue] = spent.get(entry.issue, 0.0) + entry.hours
    rows.sort(key=lambda issue: -issue.id)
    return _listed(redmine, "issues", rows, query, lambda issue: _issue_row(redmine, issue, spent))


def _issue_row(redmine: FakeRedmine, issue: FakeIssue, spent: Mapping[int | None, float]) -> dict[str, object]:
    return {
        "id": issue.id,
        "project": {"id": issue.project, "name": redmine.projects[issue.project].name},
        "tracker": {"id": 1, "name": issue.tracker},
        "status": {"id": 1, "name": issue.status, "is_closed": issue.status in CLOSED_STATUSES},
        "subject": issue.subject,
        "description": issue.description,
        "estimated_hours": issue.estimated_hours,
        "spent_hours": spent.get(issue.id, 0.0),
        "custom_fields": [{"id": TICKET_FIELD_ID, "name": redmine.ticket_field, "value": issue.ticket}],
    }


def _selected(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> list[FakeEntry]:
    first = None if "from" in redmine.ignored else query.day("from")
    last = None if "to" in redmine.ignored else query.day("to")
    rows = [
        entry
        for entry in redmine.entries_seen(user)
        if (first is None or entry.spent_on >= first) and (last is None or entry.spent_on <= last)
    ]
    sort = query.one("sort") if "sort" not in redmine.ignored else None
    rows.sort(key=lambda entry: entry.id)
    if sort == "created_on:desc":
        rows.sort(key=lambda entry: entry.created_on, reverse=True)
    elif sort is None:
        rows.sort(key=lambda entry: entry.spent_on, reverse=True)
    return rows


def _time_entries(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer:
    return _listed(
        redmine, "time_entries", _selected(redmine, user, query), query, lambda row: _entry_row(redmine, row)
    )


def _entry_row(redmine: FakeRedmine, entry: FakeEntry) -> dict[str, object]:
    row: dict[str, object] = {
        "id": entry.id,
        "project": {"id": entry.project, "name": redmine.projects[entry.project].name},
    }
    if entry.issue is not None:
        row["issue"] = {"id": entry.issue}
    return row | {
        "user": {"id": entry.user, "name": redmine.users[entry.user].name},
        "activity": {"id": redmine.activity_id(entry.activity), "name": entry.activity},
        "hours": _hours(entry.hours, redmine.rational_hours),
        "comments": entry.comments,
        "spent_on": entry.spent_on.isoformat(),
        "created_on": _instant(entry.created_on),
        "updated_on": _instant(entry.created_on),
        "custom_fields": [
            {"id": place, "name": name, "value": value} for place, (name, value) in enumerate(entry.fields.items(), 2)
        ],
    }


def _hours(hours: float | str, rational: bool) -> object:
    if isinstance(hours, str):
        return hours
    if rational:
        exact = Fraction(round(hours * 60), 60)
        return f"{exact.numerator}/{exact.denominator}"
    return rounded(hours)


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _csv(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer:
    if not redmine.csv:
        return Answer(403, b"", "text/html")
    asked = query.many("c[]") or list(_DEFAULT_COLUMNS)
    columns = [name for name in asked if name not in redmine.csv_hidden]
    body = csv_of(redmine, user, _selected(redmine, user, query), columns, query.one("encoding"))
    return Answer(200, body, "text/csv; header=present")
