"""Write a world into a copy of the base, in bulk: one script of COPY statements.

Redmine's own code is not asked, so what it would keep in order is kept here: the projects' nested set (lft, rgt), the
issues' one (root_id, lft, rgt), members with their roles, modules, trackers, the sequences.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, time

from studio_lab import people, sql, templates
from studio_lab.state import Lab

from .world import CLOSED_STATUSES, DELETED, LOCKED, NEW_LAST_NAME, RENAMED, Entry, Project, World

Value = str | int | float | bool | None


def load(lab: Lab, world: World) -> str:
    """Make the template of this world, from the base; returns its name."""
    template, made_from = templates.SEEDED + world.size.key(), json.dumps(asdict(world.size))
    for name, made in templates.kept(lab).items():
        if made == made_from:
            templates.drop(lab, name)  # of an older version of this code
    templates.begin(lab, template, templates.BASE)
    sql.execute(lab, template, "begin;\n" + "".join(_script(world, _Names(lab))) + "commit;\n")
    templates.finish(lab, template, made_from)
    return template


class _Names:
    """Ids of what the base has, by name."""

    def __init__(self, lab: Lab) -> None:
        def ids(select: str) -> dict[str, int]:
            return {row["name"]: row["id"] for row in sql.query(lab, templates.BASE, select)}

        self.users = ids("select id, login as name from users where login <> ''")
        self.anonymous = ids("select id, type as name from users where type = 'AnonymousUser'")["AnonymousUser"]
        self.activities = ids("select id, name from enumerations where type = 'TimeEntryActivity'")
        self.trackers = ids("select id, name from trackers")
        self.statuses = ids("select id, name from issue_statuses")
        self.roles = ids("select id, name from roles")
        self.fields = ids("select id, name from custom_fields")
        self.priority = ids("select id, name from enumerations where type = 'IssuePriority'")["Normal"]

    def booked_by(self, login: str) -> int:
        """Whose entries they are by now: a deleted user's became Anonymous's."""
        return self.anonymous if login == DELETED else self.users[login]


def _field(value: Value) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    text = repr(value) if isinstance(value, float) else str(value)
    text = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    return text.replace("\r", "\\r")


def _copy(table: str, columns: str, rows: Iterable[Sequence[Value]]) -> str:
    lines = "".join("\t".join(map(_field, row)) + "\n" for row in rows)
    return f"copy {table} ({columns}) from stdin;\n{lines}\\.\n"


def _script(world: World, names: _Names) -> Iterable[str]:
    ids = {project.identifier: number for number, project in enumerate(world.projects, 1)}
    began = datetime.combine(world.size.window()[0], time(8)).isoformat()
    yield from _projects(world, names, ids, began)
    yield from _members(names, ids, began)
    yield from _issues(world, names, ids)
    yield from _entries(world, names, ids)
    yield from _people(names, began)
    for table in ("projects", "enumerations", "members", "issues", "time_entries"):
        yield f"select setval('{table}_id_seq', (select max(id) from {table}));\n"


def nested_set(projects: Sequence[Project]) -> dict[str, tuple[int, int]]:
    """lft and rgt by identifier: siblings by name, as Redmine orders them."""
    children: dict[str | None, list[Project]] = {}
    for project in projects:
        children.setdefault(project.parent, []).append(project)
    bounds: dict[str, tuple[int, int]] = {}

    def visit(parent: str | None, edge: int) -> int:
        for project in sorted(children.get(parent, []), key=lambda project: (project.name, project.identifier)):
            inner = visit(project.identifier, edge + 1)
            bounds[project.identifier] = (edge, inner)
            edge = inner + 1
        return edge

    visit(None, 1)
    return bounds


def _projects(world: World, names: _Names, ids: dict[str, int], began: str) -> Iterable[str]:
    bounds = nested_set(world.projects)
    yield _copy(
        "projects",
        "id, name, description, identifier, is_public, parent_id, status, lft, rgt, created_on, updated_on",
        (
            (
                *(ids[one.identifier], one.name, "", one.identifier, False, ids[one.parent] if one.parent else None),
                *(one.status, *bounds[one.identifier], began, began),
            )
            for one in world.projects
        ),
    )
    modules = ("issue_tracking", "time_tracking")
    yield _copy("enabled_modules", "project_id, name", ((ids[key], module) for key in ids for module in modules))
    yield _copy(
        "projects_trackers", "project_id, tracker_id", ((ids[key], id) for key in ids for id in names.trackers.values())
    )
    if world.own_activity_project:
        # A project that changes its activities gets copies of them, with ids of their own and the same names.
        yield (
            "insert into enumerations (name, position, type, active, project_id, parent_id)"
            f" select name, position, type, true, {ids[world.own_activity_project]}, id from enumerations"
            " where type = 'TimeEntryActivity' and name = 'Development';\n"
        )


def _members(names: _Names, ids: dict[str, int], began: str) -> Iterable[str]:
    roles = dict.fromkeys(people.BOOKING, "Developer") | {people.BILLING: "Billing", people.OWN: "Own time"}
    if people.BRIDGE in names.users:  # not in bases of older versions
        roles[people.BRIDGE] = "Bridge"
    pairs = [(login, project) for project in ids.values() for login in roles if login != DELETED]
    yield _copy(
        "members",
        "id, user_id, project_id, created_on, mail_notification",
        ((number, names.users[login], project, began, False) for number, (login, project) in enumerate(pairs, 1)),
    )
    yield _copy(
        "member_roles",
        "member_id, role_id",
        ((number, names.roles[roles[login]]) for number, (login, _) in enumerate(pairs, 1)),
    )


def _issues(world: World, names: _Names, ids: dict[str, int]) -> Iterable[str]:
    place = {}
    for issue in world.issues:
        if issue.parent is None:
            place[issue.number] = (issue.number, 1, 2 + 2 * len(issue.children))
        for position, child in enumerate(issue.children):
            place[child] = (issue.number, 2 + 2 * position, 3 + 2 * position)
    yield _copy(
        "issues",
        "id, tracker_id, project_id, subject, description, status_id, priority_id, author_id, created_on, updated_on,"
        " start_date, estimated_hours, parent_id, root_id, lft, rgt, closed_on",
        (
            (
                *(issue.number, names.trackers[issue.tracker], ids[issue.project], issue.subject, issue.description),
                *(names.statuses[issue.status], names.priority, names.booked_by(issue.author)),
                *(issue.created_at.isoformat(), issue.created_at.isoformat(), issue.created_at.date().isoformat()),
                *(issue.estimated_hours, issue.parent, *place[issue.number]),
                issue.created_at.isoformat() if issue.status in CLOSED_STATUSES else None,
            )
            for issue in world.issues
        ),
    )
    yield _copy(
        "custom_values",
        "customized_type, customized_id, custom_field_id, value",
        (
            ("Issue", issue.number, names.fields[field], value)
            for issue in world.issues
            for field, value in (("OTRS ticket", issue.ticket_in_field), ("Payer", issue.payer))
        ),
    )


def _entries(world: World, names: _Names, ids: dict[str, int]) -> Iterable[str]:
    def row(number: int, entry: Entry) -> tuple[Value, ...]:
        day, created = entry.spent_on, entry.created_at.isoformat()
        return (
            *(number, ids[entry.project], names.booked_by(entry.login), names.users[entry.login], entry.issue),
            *(entry.hours, entry.comment, names.activities[entry.activity], day.isoformat(), day.year, day.month),
            *(day.isocalendar().week, created, created),
        )

    yield _copy(
        "time_entries",
        "id, project_id, user_id, author_id, issue_id, hours, comments, activity_id, spent_on, tyear, tmonth, tweek,"
        " created_on, updated_on",
        (row(number, entry) for number, entry in enumerate(world.entries, 1)),
    )
    yield _copy(
        "custom_values",
        "customized_type, customized_id, custom_field_id, value",
        (
            ("TimeEntry", number, names.fields[field], value)
            for number, entry in enumerate(world.entries, 1)
            for field, value in (
                ("Billable", "" if entry.billable is None else str(int(entry.billable))),
                ("Invoice", entry.invoice),
            )
            if value
        ),
    )
    if world.own_activity_project:
        project = ids[world.own_activity_project]
        yield (
            f"update time_entries set activity_id = (select id from enumerations where project_id = {project})"
            f" where project_id = {project} and activity_id = {names.activities['Development']};\n"
        )


def _people(names: _Names, began: str) -> Iterable[str]:
    gone = names.users[DELETED]
    yield f"update users set lastname = '{NEW_LAST_NAME}', updated_on = '{began}' where id = {names.users[RENAMED]};\n"
    yield f"update users set status = 3 where id = {names.users[LOCKED]};\n"
    for table in ("email_addresses", "user_preferences", "tokens"):
        yield f"delete from {table} where user_id = {gone};\n"
    yield f"delete from users where id = {gone};\n"
