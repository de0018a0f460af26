"""The contract suite of RedmineIssues on the lab's real Redmine, and what only a real one can show: its pages."""

from __future__ import annotations

import html
import importlib.util
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from studio_support.redmine.issues import RedmineIssues
from studio_support.sync.issue_text import verbatim

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
            self.join(number, self.robot)
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
        self.join(project, number)
        return number, login

    def forget_later(self, person: int) -> None:
        """Somebody who is deleted in the end."""
        self._people.append(person)

    def join(self, project: int, person: int) -> None:
        """Makes somebody a member."""
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


HOSTILE = [
    "<script>alert(1)</script>",
    "</pre><script>alert(2)</script><pre>",
    "</PRE ><img src=x onerror=alert(3)>",
    '<pre><code class="ruby">x</code></pre> </ code> <notextile><b>bold</b></notextile>',
    "h1. Heading\n\n# one\n## two\n\n* bullet\n\n|_. table |\n| cell |",
    '*bold* _italic_ -gone- @code@ %{color:red}red% !http://127.0.0.1:1/x.png! "link":http://127.0.0.1:1/',
    "#1 ##1 r1 commit:abc issue#1 document:1 attachment:x.txt user:admin @admin [[Wiki]] {{toc}} {{include(Wiki)}}",
    "{{collapse(more)\nhidden\n}} {{thumbnail(x.png)}} {{macro_list}}",
    "```\nfence\n```\n~~~\ntilde\n~~~~~~~\n``````\n> quote\n[a](javascript:alert(4)) ![b](http://127.0.0.1:1/y.png)",
    "<!-- c -->",
    "http://127.0.0.1:1/z mail@client.example www.client.example",
    "&lt;b&gt; &amp;amp; &#60;script&#62; \\* \\` \\\\",
    "שלום עולם 😀 «ёлки»  two blanks",
    "bc. block code\n\np=. centred\n\nfn1. foot[1]\n\n---\n\nbq. quoted",
    '<div style="position:fixed;top:0">over</div><style>*{display:none}</style><base href=x>',
]


def _signed_in(board: LabBoard, project: int) -> requests.Session:
    """A browser's session of a member of a project: pages take no API key."""
    login, word = f"t-{secrets.token_hex(6)}", secrets.token_hex(12)
    told = {"login": login, "firstname": "Web", "lastname": "Reader", "mail": f"{login}@studio.example"}
    person = int(board.call("POST", "/users.json", {"user": {**told, "password": word}})["user"]["id"])
    board.forget_later(person)
    board.join(project, person)
    browser = requests.Session()
    page = browser.get(f"{board.url}/login", timeout=60).text
    found = re.search(r'name="authenticity_token" value="([^"]+)"', page)
    assert found is not None
    answer = browser.post(
        f"{board.url}/login",
        data={"authenticity_token": html.unescape(found[1]), "username": login, "password": word},
        timeout=60,
    )
    assert "loggedas" in answer.text
    return browser


class _Wiki(HTMLParser):
    """The first formatted text of a page: its text, and the elements within it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.depth = 0
        self.done = False
        self.text = ""
        self.pre: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._in_pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if self.depth:
            self.elements.append((tag, told))
            if tag == "pre":
                self._in_pre += 1
                self.pre.append("")
        if tag == "div" and not self.done and (self.depth or (told.get("class") or "").split()[:1] == ["wiki"]):
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre" and self.depth:
            self._in_pre -= 1
        if tag == "div" and self.depth:
            self.depth -= 1
            self.done = self.depth == 0

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.text += data
            if self._in_pre:
                self.pre[-1] += data


def _shown(blocks: list[str]) -> list[str]:
    """Blocks as a person sees them: line ends are line ends, and a blank without width is nothing."""
    return [one.replace("\r\n", "\n").replace("\u200b", "").strip("\n") for one in blocks]


@pytest.fixture(params=["textile", "markdown", "common_mark"])
def formatting(request: pytest.FixtureRequest, lab_info: dict[str, Any]) -> Iterator[str]:
    """How this Redmine formats texts, for the time of a test."""
    with psycopg.connect(lab_info["postgres"]["redmine_dsn"], autocommit=True) as database:
        before = database.execute("select value from settings where name = 'text_formatting'").fetchone()
        _set_formatting(database, request.param)
        try:
            yield request.param
        finally:
            _set_formatting(database, before[0] if before else "textile")


def _set_formatting(database: psycopg.Connection[Any], value: str) -> None:
    # Its processes read settings anew when one of them is newer than what they know, in whole seconds.
    changed = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=2)
    newest = database.execute("select max(updated_on) from settings").fetchone()
    if newest is not None and newest[0] is not None:
        changed = max(changed, newest[0] + timedelta(seconds=2))
    database.execute("delete from settings where name = 'text_formatting'")
    database.execute(
        "insert into settings (name, value, updated_on) values ('text_formatting', %s, %s)", (value, changed)
    )


def test_nothing_that_a_client_writes_is_markup(board: LabBoard, formatting: str) -> None:
    """Description and note as Redmine shows them: the text as written in a block, and no element of its making."""
    project, identifier = board.project()
    browser = _signed_in(board, project)
    markup = "textile" if formatting == "textile" else "markdown"
    issues = board.issues()
    texts = [*HOSTILE, "\n".join(HOSTILE), *("x\n" * 3 + one for one in HOSTILE)]
    description = "\n\n".join(f"Letter {place}\n\n{verbatim(one, markup)}" for place, one in enumerate(texts))
    number = board.number()
    told = f"Ticket#{number}\n\n{description}\n"
    title = "<script>alert(5)</script> <b>{{toc}} *x*"
    made = issues.create(new(identifier, number, subject=title, description=told), ())
    page = browser.get(f"{board.url}/issues/{made.id}", timeout=60)
    assert page.status_code == 200
    seen = _Wiki()
    seen.feed(page.text)
    assert _shown(seen.pre) == [one.strip("\n") for one in texts]
    assert {tag for tag, _ in seen.elements} <= {"p", "br", "pre", "code"}
    assert all(not name.startswith("on") and name != "style" for _, told in seen.elements for name in told)
    assert f"Ticket#{number}" in seen.text
    assert "alert(5)</script>" not in page.text.replace("&lt;", "").replace("\\u003c", "")
    issues.add_note(made.id, f"{number}\n\n{description}")
    assert issues.has_note(made.id, f"{number}\n\n{description}")
    page = browser.get(f"{board.url}/issues/{made.id}", timeout=60)
    note = _Wiki()
    note.feed(page.text[page.text.index('id="history"') :])
    assert _shown(note.pre) == [one.strip("\n") for one in texts]
    assert {tag for tag, _ in note.elements} <= {"p", "br", "pre", "code"}
