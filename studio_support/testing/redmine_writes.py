"""What a fake Redmine does with a POST or PUT: makes issues, changes them, takes files. Habits of Redmine 5.0.4:

a status that the workflow does not allow and a field that there is not are ignored (204); a NUL is a 500; line ends
become CRLF; a token serves once; errors are 422 with words, and 403 and 404 have no body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studio_support.testing.redmine_issues import issue_row
from studio_support.testing.redmine_reply import Answer, Query, as_json
from studio_support.testing.redmine_world import (
    ACTIVE,
    NORMAL_PRIORITY,
    STATUS_IDS,
    TICKET_FIELD_ID,
    FakeFile,
    FakeIssue,
    FakeUser,
)

if TYPE_CHECKING:
    from studio_support.testing.redmine import FakeRedmine

_ONE = re.compile(r"/issues/(\d+)\.json")
_LONGEST_SUBJECT = 255


def write_answer(redmine: FakeRedmine, user: FakeUser | None, method: str, query: Query, body: bytes) -> Answer:
    """The answer to a write by this user, which is done."""
    if query.path == "/uploads.json" and method == "POST":
        return _upload(redmine, user, query, body)
    try:
        told = json.loads(body)["issue"]
    except (ValueError, KeyError, TypeError):
        return Answer(400)
    if "\\u0000" in body.decode():
        return as_json({"status": 500, "error": "Internal Server Error"}, 500)
    if query.path == "/issues.json" and method == "POST":
        return _create(redmine, user, told)
    match = _ONE.fullmatch(query.path)
    if match and method == "PUT":
        return _update(redmine, user, int(match[1]), told)
    return Answer(404, b"<h1>Page not found</h1>", "text/html; charset=utf-8")


def _refused(*errors: str) -> Answer:
    return as_json({"errors": list(errors)}, 422)


def _upload(redmine: FakeRedmine, user: FakeUser | None, query: Query, body: bytes) -> Answer:
    if user is None:
        return Answer(401)
    if len(body) > redmine.largest_file:
        most = redmine.largest_file
        return _refused(f"This file cannot be uploaded because it exceeds the maximum allowed file size ({most})")
    file = redmine.add_file(query.one("filename") or "", body)
    redmine.uploads[file.token] = file
    return as_json({"upload": {"id": file.id, "token": file.token}}, 201)


def _create(redmine: FakeRedmine, user: FakeUser | None, told: Mapping[str, Any]) -> Answer:
    if user is None:
        return Answer(401)
    wanted = str(told.get("project_id"))
    writable = {
        name: row.id
        for row in redmine.projects.values()
        if row.status == ACTIVE and (user.admin or user.id in row.members)
        for name in (str(row.id), row.identifier)
    }
    if wanted not in writable:
        return _refused("Project cannot be blank", "Tracker cannot be blank", "Status cannot be blank")
    project = writable[wanted]
    errors = _errors(redmine, project, told, new=True)
    files = _files(redmine, told)
    if errors or files is None:
        return _refused(*(errors or ["1 file(s) could not be saved."]))
    number = redmine.add_issue(project, str(told["subject"]), author=user.id)
    issue = redmine.issues[number]
    _apply(redmine, issue, {"priority_id": NORMAL_PRIORITY, **told}, files)
    return as_json({"issue": issue_row(redmine, issue, {})}, 201)


def _update(redmine: FakeRedmine, user: FakeUser | None, number: int, told: Mapping[str, Any]) -> Answer:
    issue = redmine.issues.get(number)
    if issue is None:
        return Answer(404)
    if not redmine.issue_seen(user, issue) or redmine.projects[issue.project].status != ACTIVE:
        return Answer(403 if user else 401)
    errors = _errors(redmine, issue.project, told, new=False)
    files = _files(redmine, told)
    if errors or files is None:
        return _refused(*(errors or ["1 file(s) could not be saved."]))
    before = (issue.status, issue.ticket, issue.assignee, issue.priority, len(issue.files))
    _apply(redmine, issue, told, files)
    changed = before != (issue.status, issue.ticket, issue.assignee, issue.priority, len(issue.files))
    if told.get("notes") or changed:
        redmine.change_issue(number, note=_crlf(str(told.get("notes") or "")), author=user.id if user else 1)
    return Answer(204)


def _errors(redmine: FakeRedmine, project: int, told: Mapping[str, Any], *, new: bool) -> list[str]:
    found = []
    if new or "subject" in told:
        subject = str(told.get("subject") or "")
        if not subject.strip():
            found.append("Subject cannot be blank")
        if len(subject) > _LONGEST_SUBJECT:
            found.append(f"Subject is too long (maximum is {_LONGEST_SUBJECT} characters)")
    if told.get("assigned_to_id") and told["assigned_to_id"] not in redmine.projects[project].members:
        found.append("Assignee is invalid")
    if new:
        found += [f"{name} cannot be blank" for name in sorted(redmine.required_fields)]
    return found


def _files(redmine: FakeRedmine, told: Mapping[str, Any]) -> list[FakeFile] | None:
    """The files of the tokens, which are used up; None where one is unknown or used."""
    asked = [(str(row["token"]), str(row.get("filename") or "")) for row in told.get("uploads") or ()]
    if any(token not in redmine.uploads for token, _ in asked):
        return None
    found = []
    for token, name in asked:
        file = redmine.uploads.pop(token)
        found.append(FakeFile(file.id, name or file.name, file.content, token))
    return found


def _apply(redmine: FakeRedmine, issue: FakeIssue, told: Mapping[str, Any], files: list[FakeFile]) -> None:
    if "description" in told:
        issue.description = _crlf(str(told["description"] or ""))
    if "priority_id" in told:
        issue.priority = int(told["priority_id"])
    if "assigned_to_id" in told:
        issue.assignee = told["assigned_to_id"] or None
    if "estimated_hours" in told:
        issue.estimated_hours = _hours(told["estimated_hours"])
    for row in told.get("custom_fields") or ():
        if row["id"] == TICKET_FIELD_ID and redmine.has_ticket_field(issue.project):
            issue.ticket = str(row["value"])
    wanted = next((name for name, number in STATUS_IDS.items() if number == told.get("status_id")), issue.status)
    if redmine.workflow is None or (issue.status, wanted) in redmine.workflow:
        issue.status = wanted
    issue.files += files


def _hours(text: object) -> float | None:
    match = re.fullmatch(r"(\d+):([0-5]\d)", str(text))
    return int(match[1]) + int(match[2]) / 60 if match else None if text is None else float(str(text))


def _crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")
