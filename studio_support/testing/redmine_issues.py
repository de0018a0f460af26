"""What a fake Redmine answers about issues: filters as lenient as Redmine 5.0.4's, rows, lists that issues refer to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from studio_support.testing.redmine_reply import Answer, Query, as_json, instant, listed
from studio_support.testing.redmine_world import (
    CLOSED_STATUSES,
    NORMAL_PRIORITY,
    PRIORITIES,
    STATUS_IDS,
    TICKET_FIELD_ID,
    FakeIssue,
    FakeUser,
)

if TYPE_CHECKING:
    from studio_support.testing.redmine import FakeRedmine

_MEMBERSHIPS = re.compile(r"/projects/(\d+)/memberships\.json")
_ONE = re.compile(r"/issues/(\d+)\.json")
_FIRST_FURTHER_FIELD = 2


def issue_answer(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer | None:
    """The answer to a GET about issues; None for another path."""
    if query.path == "/issues.json":
        return _issues(redmine, user, query)
    if query.path == "/enumerations/issue_priorities.json":
        rows: list[dict[str, object]] = [
            {"id": number, "name": name, "is_default": number == NORMAL_PRIORITY, "active": True}
            for number, name in PRIORITIES.items()
        ]
        return as_json({"issue_priorities": rows}) if user else Answer(401)
    if query.path == "/issue_statuses.json":
        rows = [
            {"id": number, "name": name, "is_closed": name in CLOSED_STATUSES} for name, number in STATUS_IDS.items()
        ]
        return as_json({"issue_statuses": rows}) if user else Answer(401)
    if match := _MEMBERSHIPS.fullmatch(query.path):
        return _memberships(redmine, user, int(match[1]), query)
    if match := _ONE.fullmatch(query.path):
        return _one(redmine, user, int(match[1]), query)
    return None


def _issues(redmine: FakeRedmine, user: FakeUser | None, query: Query) -> Answer:
    for name in ("issue_id", "updated_on"):
        told = query.one(name)
        if told is not None and _test_of(redmine, name, told) is None:
            return Answer(422, json.dumps({"errors": [f"{name} is invalid"]}).encode())
    tests = [
        test
        for name, told in dict(query.pairs).items()
        if name not in redmine.ignored and (test := _test_of(redmine, name, told)) is not None
    ]
    everything = query.one("status_id") == "*"
    rows = [
        issue
        for issue in redmine.issues.values()
        if redmine.issue_seen(user, issue)
        and (everything or issue.status not in CLOSED_STATUSES)
        and all(test(issue) for test in tests)
    ]
    ascending = query.one("sort") == "id" and "sort" not in redmine.ignored
    rows.sort(key=lambda issue: issue.id if ascending else -issue.id)
    spent = redmine.spent()
    return listed(redmine, "issues", rows, query, lambda issue: issue_row(redmine, issue, spent))


def _test_of(redmine: FakeRedmine, name: str, told: str) -> Callable[[FakeIssue], bool] | None:
    """What a filter lets pass; None for one that Redmine does not know or cannot read."""
    if name == "issue_id":
        if re.fullmatch(r"\d+(,\d+)*", told):
            ids = set(map(int, told.split(",")))
            return lambda issue: issue.id in ids
        match = re.fullmatch(r">=(\d+)", told)
        least = int(match[1]) if match else 0
        return (lambda issue: issue.id >= least) if match else None
    if name == "updated_on":
        try:
            since = datetime.strptime(told, ">=%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            return None
        return lambda issue: issue.updated_on >= since
    if name == f"cf_{TICKET_FIELD_ID}":
        part = told.removeprefix("~")
        return lambda issue: part in issue.ticket if told.startswith("~") else issue.ticket == told
    if name == "author_id" and told.isdigit():
        return lambda issue: issue.author == int(told)
    if name in ("subject", "description") and told.startswith("~"):
        part = told[1:].casefold()
        return lambda issue: part in str(getattr(issue, name)).casefold()
    return None


def _one(redmine: FakeRedmine, user: FakeUser | None, number: int, query: Query) -> Answer:
    issue = redmine.issues.get(number)
    if issue is None:
        return Answer(404)
    if not redmine.issue_seen(user, issue):
        return Answer(403 if user else 401)
    row = issue_row(redmine, issue, redmine.spent())
    asked = (query.one("include") or "").split(",")
    if "attachments" in asked:
        row["attachments"] = [
            {"id": file.id, "filename": file.name, "filesize": len(file.content)} for file in issue.files
        ]
    if "journals" in asked:
        row["journals"] = [
            {
                "id": note.id,
                "user": {"id": note.author, "name": redmine.users[note.author].name},
                "notes": note.text,
                "created_on": instant(note.created_on),
                "private_notes": False,
                "details": [],
            }
            for note in issue.notes
        ]
    return as_json({"issue": row})


def issue_row(redmine: FakeRedmine, issue: FakeIssue, spent: Mapping[int | None, float]) -> dict[str, object]:
    """An issue as Redmine shows it; spent: hours by issue."""
    fields: list[dict[str, object]] = []
    if redmine.has_ticket_field(issue.project):
        fields.append({"id": TICKET_FIELD_ID, "name": redmine.ticket_field, "value": issue.ticket or None})
    fields += [
        {"id": place, "name": name, "value": value}
        for place, (name, value) in enumerate(issue.fields.items(), _FIRST_FURTHER_FIELD)
    ]
    row: dict[str, object] = {
        "id": issue.id,
        "project": {"id": issue.project, "name": redmine.projects[issue.project].name},
        "tracker": {"id": 1, "name": issue.tracker},
        "status": {
            "id": STATUS_IDS.get(issue.status, 1),
            "name": issue.status,
            "is_closed": issue.status in CLOSED_STATUSES,
        },
        "priority": {"id": issue.priority, "name": PRIORITIES[issue.priority]},
        "author": {"id": issue.author, "name": redmine.users[issue.author].name},
        "subject": issue.subject,
        "description": issue.description,
        "estimated_hours": issue.estimated_hours,
        "spent_hours": spent.get(issue.id, 0.0),
        "custom_fields": fields,
        "created_on": instant(issue.created_on),
        "updated_on": instant(issue.updated_on),
    }
    if issue.assignee is not None:
        row["assigned_to"] = {"id": issue.assignee, "name": redmine.users[issue.assignee].name}
    return row


def _memberships(redmine: FakeRedmine, user: FakeUser | None, number: int, query: Query) -> Answer:
    if number not in redmine.project_ids_seen(user):
        return Answer(404 if user else 401)
    members = sorted(redmine.projects[number].members)
    return listed(
        redmine,
        "memberships",
        members,
        query,
        lambda member: {"id": member, "user": {"id": member, "name": redmine.users[member].name}, "roles": []},
    )
