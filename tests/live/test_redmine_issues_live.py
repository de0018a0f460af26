"""The contract suite of RedmineIssues on the lab's real Redmine, and what only a real one can show: its pages."""

from __future__ import annotations

import importlib.util
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from studio_support.redmine.issues import RedmineIssues

_ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.live

_spec = importlib.util.spec_from_file_location(
    "redmine_issues_suite", _ROOT / "tests" / "contract" / "test_redmine_issues_contract.py"
)
assert _spec is not None and _spec.loader is not None
_suite = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_suite)
# The suite becomes this module's own; `board` is the one below.
TestRedmineIssuesContract = _suite.TestRedmineIssuesContract
new = _suite.new


def test_the_whole_suite_is_here() -> None:
    """A suite that was not found would pass in silence."""
    assert sum(name.startswith("test_") for name in vars(TestRedmineIssuesContract)) > 15


class LabBoard:
    """The lab's Redmine behind the handles of the suite. Projects and people of its own making are deleted."""

    def __init__(self, info: dict[str, Any], database: psycopg.Connection[Any]) -> None:
        self.url = info["redmine"]["url"]
        self._key = info["redmine"]["api_keys"]["bridge"]
        self._database = database
        self.session = requests.Session()
        self.session.headers["X-Redmine-API-Key"] = info["redmine"]["api_keys"]["admin"]
        self.opened: list[RedmineIssues] = []
        self._projects: list[int] = []
        self._people: list[int] = []
        self._tracker: int | None = None
        self.robot = self._as_robot("/users/current.json")["user"]["id"]
        roles = self.call("GET", "/roles.json")["roles"]
        self._role = next(row["id"] for row in roles if row["name"] == "Bridge")
        fields = self.call("GET", "/custom_fields.json")["custom_fields"]
        self._field = next(row["id"] for row in fields if row["name"] == "OTRS ticket")

    def close(self) -> None:
        """Takes away all that was made."""
        for issues in self.opened:
            issues.close()
        for project in self._projects:
            self._database.execute("update projects set status = 1 where id = %s", (project,))
            self.call("DELETE", f"/projects/{project}.json")
        for person in self._people:
            self.call("DELETE", f"/users/{person}.json")
        if self._tracker is not None:
            self._database.execute("delete from trackers where id = %s", (self._tracker,))
        self.session.close()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """A request of an administrator's."""
        answer = self.session.request(method, self.url + path, json=body, timeout=60)
        assert answer.status_code in (200, 201, 204), f"{method} {path}: {answer.status_code} {answer.text[:200]}"
        return answer.json() if answer.content.strip() else None

    def _as_robot(self, path: str) -> Any:
        return requests.get(self.url + path, headers={"X-Redmine-API-Key": self._key}, timeout=60).json()

    def issues(self, key: str = "", **options: Any) -> RedmineIssues:
        """The edge, as the bridge's own user."""
        told = {"ticket_field": "OTRS ticket", "timeout_seconds": 60, "backoff_seconds": 0.01, **options}
        made = RedmineIssues(told.pop("url", self.url), key or self._key, **told)
        self.opened.append(made)
        return made

    def project(self, *, member: bool = True, ticket_field: bool = True) -> tuple[int, str]:
        """A project that the bridge's user may write to; id and identifier."""
        identifier = f"t-{secrets.token_hex(6)}"
        told: dict[str, Any] = {"name": f"Site {identifier}", "identifier": identifier, "is_public": False}
        told |= {"enabled_module_names": ["issue_tracking", "time_tracking"], "tracker_ids": [1, 2, 3]}
        number = int(self.call("POST", "/projects.json", {"project": told})["project"]["id"])
        self._projects.append(number)
        if member:
            self._join(number, self.robot)
        if not ticket_field:
            # A tracker of its own, which has no custom fields.
            self._database.execute("delete from projects_trackers where project_id = %s", (number,))
            self._database.execute(
                "insert into projects_trackers (project_id, tracker_id) values (%s, %s)", (number, self._bare_tracker())
            )
        return number, identifier

    def _bare_tracker(self) -> int:
        if self._tracker is None:
            name = f"t-{secrets.token_hex(6)}"
            found = self._database.execute(
                "insert into trackers (name, position, default_status_id) values (%s, 99, 1) returning id", (name,)
            ).fetchone()
            assert found is not None
            self._tracker = int(found[0])
        return self._tracker

    def member(self, project: int, first: str, last: str) -> tuple[int, str]:
        """Somebody who may be given issues of a project; id and login."""
        login = f"t-{secrets.token_hex(6)}"
        told = {"login": login, "firstname": first, "lastname": last}
        told |= {"mail": f"{login}@studio.example", "password": secrets.token_hex(12)}
        number = int(self.call("POST", "/users.json", {"user": told})["user"]["id"])
        self._people.append(number)
        self._join(project, number)
        return number, login

    def _join(self, project: int, person: int) -> None:
        told = {"membership": {"user_id": person, "role_ids": [self._role]}}
        self.call("POST", f"/projects/{project}/memberships.json", told)

    def by_hand(self, project: int, subject: str, *, ticket: str = "", description: str = "") -> int:
        """An issue that an administrator makes."""
        told: dict[str, Any] = {"project_id": project, "subject": subject, "description": description}
        told["custom_fields"] = [{"id": self._field, "value": ticket}]
        return int(self.call("POST", "/issues.json", {"issue": told})["issue"]["id"])

    def status_by_hand(self, issue: int, status: str) -> None:
        """An administrator sets a status."""
        rows = self.call("GET", "/issue_statuses.json")["issue_statuses"]
        number = next(row["id"] for row in rows if row["name"] == status)
        self.call("PUT", f"/issues/{issue}.json", {"issue": {"status_id": number}})
        if self.call("GET", f"/issues/{issue}.json")["issue"]["status"]["name"] != status:
            # No role of an administrator's in this project, so no workflow: put it where a person would have.
            self._database.execute("update issues set status_id = %s where id = %s", (number, issue))

    def delete(self, issue: int) -> None:
        """An administrator deletes an issue."""
        self.call("DELETE", f"/issues/{issue}.json")

    def close_project(self, project: int) -> None:
        """Closes a project: readable, no longer writable."""
        self._database.execute("update projects set status = 5 where id = %s", (project,))

    def shown(self, issue: int) -> dict[str, Any]:
        """What stands in Redmine: priority and assignee by name, estimate in minutes, files with their content."""
        row = self.call("GET", f"/issues/{issue}.json?include=attachments")["issue"]
        hours = row.get("estimated_hours")
        return {
            "priority": row["priority"]["name"],
            "assignee": row.get("assigned_to", {}).get("id"),
            "minutes": None if hours is None else round(hours * 60),
            "files": [
                (file["filename"], self.session.get(file["content_url"], timeout=60).content)
                for file in row["attachments"]
            ],
            "author": row["author"]["id"],
        }

    def now(self) -> datetime:
        """The server's clock, which is this machine's."""
        return datetime.now(UTC)

    def number(self) -> str:
        """A ticket number that nobody else uses."""
        return f"2026112110{secrets.randbelow(10**9):09d}"


@pytest.fixture
def board(lab_info: dict[str, Any]) -> Iterator[LabBoard]:
    """The lab's Redmine; what the test makes there is taken away afterwards."""
    with psycopg.connect(lab_info["postgres"]["redmine_dsn"], autocommit=True) as database:
        made = LabBoard(lab_info, database)
        try:
            yield made
        finally:
            made.close()
