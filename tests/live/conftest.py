"""The lab's Redmine behind the handles of the contract suite. Everything it makes it takes away again.

STUDIO_LAB_INFO names the file that `lab/info` printed. Without it live tests fail: a skipped check is no check.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from studio_support.period import Month


@pytest.fixture(scope="session")
def lab_info() -> dict[str, Any]:
    """Addresses and throw-away credentials of the running lab."""
    named = os.environ.get("STUDIO_LAB_INFO", "")
    if not named:
        pytest.fail("STUDIO_LAB_INFO is not set: live tests need a running lab (make test-live)")
    info = json.loads(Path(named).read_text("utf-8"))
    assert isinstance(info, dict)
    return info


class LabTracker:
    """What a contract test may do to the lab's Redmine: over REST where REST can, else in its database."""

    def __init__(self, info: dict[str, Any], database: psycopg.Connection[Any]) -> None:
        self.url = info["redmine"]["url"]
        self.admin_key = info["redmine"]["api_keys"]["admin"]
        self.month = _unused_month(database)
        self._database = database
        self._session = requests.Session()
        self._session.headers["X-Redmine-API-Key"] = self.admin_key
        self._projects: list[int] = []
        self._people: dict[int, tuple[str, str]] = {}

    def close(self) -> None:
        """Takes away all that was made."""
        for project in reversed(self._projects):
            self._rows("update projects set status = 1 where id = %s", project)
            self._call("DELETE", f"/projects/{project}.json")
        for person in self._people:
            self._call("DELETE", f"/users/{person}.json", allowed=(200, 204, 404))
        self._session.close()

    def person(self, first: str, last: str, *, language: str = "en") -> int:
        """A user; gives the id."""
        login = f"t-{secrets.token_hex(6)}"
        told = {"login": login, "firstname": first, "lastname": last, "language": language}
        told |= {"mail": f"{login}@studio.example", "password": secrets.token_hex(12)}
        user = self._call("POST", "/users.json", {"user": told})["user"]
        self._people[user["id"]] = (login, user["api_key"])
        return int(user["id"])

    def login(self, person: int) -> str:
        """A user's login."""
        return self._people[person][0]

    def key(self, person: int) -> str:
        """A user's API key."""
        return self._people[person][1]

    def lock(self, person: int) -> None:
        """Locks a user."""
        self._rows("update users set status = 3 where id = %s", person)

    def delete_person(self, person: int) -> None:
        """Deletes a user; his time becomes Anonymous's."""
        self._call("DELETE", f"/users/{person}.json")

    def project(self, name: str, *, parent: int | None = None, modules: tuple[str, ...] | None = None) -> int:
        """A project; gives the id."""
        chosen = modules if modules is not None else ("issue_tracking", "time_tracking")
        told: dict[str, Any] = {"name": name, "identifier": f"t-{secrets.token_hex(6)}", "is_public": False}
        told |= {"enabled_module_names": list(chosen), "tracker_ids": [1, 2, 3]}
        if parent is not None:
            told["parent_id"] = parent
        project = self._call("POST", "/projects.json", {"project": told})["project"]
        self._projects.append(project["id"])
        return int(project["id"])

    def close_project(self, project: int) -> None:
        """Closes a project: readable, no longer writable."""
        self._rows("update projects set status = 5 where id = %s", project)

    def archive_project(self, project: int) -> None:
        """Archives a project."""
        self._rows("update projects set status = 9 where id = %s", project)

    def member(self, project: int, person: int, sees: str) -> None:
        """Makes a user a member; sees: "all" or "own"."""
        name = "Billing" if sees == "all" else "Own time"
        roles = self._call("GET", "/roles.json")["roles"]
        role = next(row["id"] for row in roles if row["name"] == name)
        held = self._call("GET", f"/projects/{project}/memberships.json?limit=100")["memberships"]
        old = next((row for row in held if row.get("user", {}).get("id") == person), None)
        if old is None:
            told = {"membership": {"user_id": person, "role_ids": [role]}}
            self._call("POST", f"/projects/{project}/memberships.json", told)
        else:
            ids = [role, *(row["id"] for row in old["roles"])]
            self._call("PUT", f"/memberships/{old['id']}.json", {"membership": {"role_ids": ids}})

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
        told: dict[str, Any] = {"project_id": project, "subject": subject, "description": description, "tracker_id": 1}
        told |= {"estimated_hours": estimated_hours, "custom_fields": [{"id": self._ticket_field(), "value": ticket}]}
        return int(self._call("POST", "/issues.json", {"issue": told})["issue"]["id"])

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
        """A time entry with hours stored as given; gives the id. SQL: REST cannot backdate or keep a null comment."""
        noon = datetime(spent_on.year, spent_on.month, spent_on.day, 12, tzinfo=UTC)
        booked = (created_on or noon).replace(tzinfo=None)
        (row,) = self._rows(
            "insert into time_entries (project_id, author_id, user_id, issue_id, hours, comments, activity_id,"
            " spent_on, tyear, tmonth, tweek, created_on, updated_on) values (%s, %s, %s, %s, %s, %s,"
            " (select min(id) from enumerations where type = 'TimeEntryActivity' and active), %s, %s, %s, %s, %s, %s)"
            " returning id",
            *(project, person, person, issue, hours, comments, spent_on, spent_on.year, spent_on.month),
            *(spent_on.isocalendar().week, booked, booked),
        )
        return int(row[0])

    def delete_entry(self, entry: int) -> None:
        """Deletes a time entry."""
        self._rows("delete from time_entries where id = %s", entry)

    def projects_seen(self) -> int:
        """How many projects an administrator sees, closed ones too."""
        ((count,),) = self._rows("select count(*) from projects where status <> 9")
        return int(count)

    def _ticket_field(self) -> int:
        fields = self._call("GET", "/custom_fields.json")["custom_fields"]
        return int(next(row["id"] for row in fields if row["name"] == "OTRS ticket"))

    def rows(self, statement: str, *values: object) -> list[Any]:
        """What Redmine's own database says."""
        return self._rows(statement, *values)

    def _rows(self, statement: str, *values: object) -> list[Any]:
        cursor = self._database.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def _call(self, method: str, path: str, body: Any = None, allowed: tuple[int, ...] = (200, 201, 204)) -> Any:
        answer = self._session.request(method, self.url + path, json=body, timeout=60)
        assert answer.status_code in allowed, f"{method} {path}: {answer.status_code} {answer.text[:200]}"
        return answer.json() if answer.content.strip() and answer.status_code in (200, 201) else None


def _unused_month(database: psycopg.Connection[Any]) -> Month:
    """A month of long ago in which the lab has no time at all."""
    found = database.execute("select distinct tyear, tmonth from time_entries").fetchall()
    used = {(year, month) for year, month in found}
    return next(Month(year, 10) for year in range(1991, 2020) if not {(year, m) for m in range(7, 13)} & used)


@pytest.fixture
def tracker(lab_info: dict[str, Any]) -> Iterator[LabTracker]:
    """The lab's Redmine; what the test makes there is taken away afterwards."""
    with psycopg.connect(lab_info["postgres"]["redmine_dsn"], autocommit=True) as database:
        made = LabTracker(lab_info, database)
        try:
            yield made
        finally:
            made.close()
