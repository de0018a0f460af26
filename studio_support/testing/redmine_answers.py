"""What a fake Redmine answers to a GET: the JSON and CSV forms of Redmine 5.0.4."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from studio_support.testing.redmine_csv import csv_of
from studio_support.testing.redmine_issues import issue_answer
from studio_support.testing.redmine_reply import Answer, Query, as_json, instant, listed
from studio_support.testing.redmine_world import (
    ACTIVE,
    FakeEntry,
    FakeProject,
    FakeUser,
    rounded,
)

if TYPE_CHECKING:
    from studio_support.testing.redmine import FakeRedmine

_DEFAULT_COLUMNS = ("project", "spent_on", "user", "activity", "issue", "comments", "hours")


def answer_of(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer:
    """The answer to a GET by this user (None: no or a wrong key)."""
    if user is None and redmine.login_required:
        return Answer(401)
    routes: dict[str, Callable[[], Answer]] = {
        "/users/current.json": lambda: _current(redmine, user, query),
        "/users.json": lambda: _users(redmine, user, query),
        "/projects.json": lambda: _projects(redmine, user, query),
        "/time_entries.json": lambda: _time_entries(redmine, user, query),
        "/time_entries.csv": lambda: _csv(redmine, user, query),
    }
    if query.path in routes:
        return routes[query.path]()
    about_issues = issue_answer(redmine, user, query)
    if about_issues is not None:
        return about_issues
    match = re.fullmatch(r"/(users|roles)/(\d+)\.json", query.path)
    if match:
        return (_user if match[1] == "users" else _role)(redmine, user, int(match[2]))
    return Answer(404, b"<h1>Page not found</h1>", "text/html; charset=utf-8")


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
    return as_json({"user": row})


def _users(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer:
    if user is None or not user.admin:
        return Answer(403 if user else 401)
    # "*" is no status: nobody has it. An empty one means everybody.
    status = query.one("status")
    wanted = "1" if status is None else status
    rows = [row for row in redmine.users.values() if row.login and wanted in ("", str(row.status))]
    return listed(redmine, "users", sorted(rows, key=lambda row: row.login), query, lambda row: _user_row(row, user))


def _user(redmine: FakeRedmine, user: FakeUser | None, number: int) -> Answer:
    found = redmine.users.get(number)
    if user is None:
        return Answer(401)
    if found is None or (not found.login and not user.admin):
        return Answer(404)
    return as_json({"user": _user_row(found, user)})


def _role(redmine: FakeRedmine, user: FakeUser | None, number: int) -> Answer:
    role = redmine.roles.get(number)
    if user is None or role is None:
        return Answer(404 if user else 401)
    permissions = ["view_issues", *(["view_time_entries"] if role.sees != "nothing" else [])]
    sees = "all" if role.sees == "nothing" else role.sees
    return as_json(
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
    return listed(redmine, "projects", rows, query, lambda row: _project_row(redmine, row, seen, modules))


def _project_row(redmine: FakeRedmine, project: FakeProject, seen: set[int], modules: bool) -> dict[str, object]:
    row: dict[str, object] = {"id": project.id, "name": project.name, "identifier": project.identifier}
    if project.parent in seen:
        row["parent"] = {"id": project.parent, "name": redmine.projects[project.parent or 0].name}
    row |= {"status": project.status, "is_public": project.public}
    if modules:
        row["enabled_modules"] = [{"id": place, "name": name} for place, name in enumerate(project.modules, 1)]
    return row


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
    return listed(redmine, "time_entries", _selected(redmine, user, query), query, lambda row: _entry_row(redmine, row))


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
        "created_on": instant(entry.created_on),
        "updated_on": instant(entry.created_on),
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


def _csv(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer:
    if not redmine.csv:
        return Answer(403, b"", "text/html")
    asked = query.many("c[]") or list(_DEFAULT_COLUMNS)
    columns = [name for name in asked if name not in redmine.csv_hidden]
    body = csv_of(redmine, user, _selected(redmine, user, query), columns, query.one("encoding"))
    return Answer(200, body, "text/csv; header=present")
