"""A bridge on the lab's real servers: a studio's folder, what people do by hand in both, and what the mail sink has.

Everything that is made here is deleted again: the Redmine project with its issues, and the tickets.
"""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import psycopg
import requests

from studio_support.bridge import Bridge
from studio_support.otrs.client import OtrsClient
from studio_support.otrs.model import Ticket
from studio_support.redmine.issues import RedmineIssues
from studio_support.studio import Studio
from studio_support.sync.run import Pass

LAB = Path(__file__).parents[1] / "lab"
JANE = "jane@acme.test"
MARK = re.compile(r"<!--\s*\w+/(\d+)/(\w+)/(\d+)\s*-->")
PATIENCE_SECONDS = 120.0

SETTINGS = """\
[studio]
timezone = "Europe/Moscow"
country = "RU"
opens = "09:00"
closes = "18:00"
cutoff = "12:00"
language = "ru"
currency = "EUR"

[redmine]
url = "{redmine}"
api_key_env = "REDMINE_API_KEY"
ticket_field = "OTRS ticket"
timeout_seconds = {timeout}

[otrs]
url = "{otrs}"
web_service = "{web_service}"
user = "robot"
password_env = "OTRS_PASSWORD"
timezone = "UTC"
queues = ["Support"]
timeout_seconds = {timeout}

[sync]
to_redmine = {{ queue = "To Redmine" }}
overlap_minutes = {overlap}
hold_seconds = {hold}
letters_a_day = 1000
letters_a_day_to_one = 1000
max_letters = 200
max_closings = 200

[store]
url = "sqlite:///studio-support.db"
"""
CLIENT = """\
id = "acme"
name = "ACME GmbH"
address = ["Hauptstr. 1", "10115 Berlin"]
country = "DE"
language = "en"
currency = "EUR"
redmine_projects = ["{project}"]
otrs_customers = ["ACME"]

[[rates]]
from = 2020-01-01
per_hour = "95.00"
"""


def lab_facts() -> dict[str, Any]:
    """What `lab/info` printed, from the file that STUDIO_LAB_INFO names. Without a lab such a test fails."""
    named = os.environ.get("STUDIO_LAB_INFO", "")
    assert named, "STUDIO_LAB_INFO is not set: these tests need a running lab (make test-live, make faults)"
    facts = json.loads(Path(named).read_text("utf-8"))
    assert isinstance(facts, dict)
    return facts


@dataclass(frozen=True, slots=True)
class Sunk:
    """A letter that left for a client. kind, round: by the mark of ours, "" and 0 for letters of the server itself."""

    to: str
    ticket_id: int
    kind: str
    round: int
    subject: str
    text: str


class LiveBridge:
    """One studio on the lab. redmine, otrs: addresses in place of the lab's own, as those of a proxy."""

    def __init__(self, info: dict[str, Any], folder: Path) -> None:
        self.info = info
        self.folder = folder
        self.znuny = info["znuny"]
        self.numbers: list[str] = []
        # a number is given again once its ticket is deleted: letters from before are about another ticket
        self._older = frozenset(Path(info["smtp"]["dir"]).glob("*.eml"))
        self._rest = requests.Session()
        self._rest.headers["X-Redmine-API-Key"] = info["redmine"]["api_keys"]["admin"]
        self.project, self.project_id = f"bridge-{time.time_ns()}", 0
        self._make_project()
        self.petrova = OtrsClient(
            self.znuny["url"], self.znuny["web_service"], "petrova", self.znuny["users"]["petrova"]
        )
        self._fields = {row["name"]: row["id"] for row in self.rest("GET", "/custom_fields.json")["custom_fields"]}
        rows = self.rest("GET", "/issue_statuses.json")["issue_statuses"]
        self._statuses = {row["name"]: row["id"] for row in rows}

    def configure(
        self, *, redmine: str = "", otrs: str = "", timeout: int = 30, hold: int = 60, overlap: int = 10
    ) -> None:
        """Writes the studio's files."""
        (self.folder / "clients").mkdir(parents=True, exist_ok=True)
        text = SETTINGS.format(
            redmine=redmine or self.info["redmine"]["url"],
            otrs=otrs or self.znuny["url"],
            web_service=self.znuny["web_service"],
            timeout=timeout,
            hold=hold,
            overlap=overlap,
        )
        (self.folder / "studio-support.toml").write_text(text, "utf-8")
        (self.folder / "clients" / "acme.toml").write_text(CLIENT.format(project=self.project), "utf-8")

    @property
    def environ(self) -> dict[str, str]:
        """The secrets of the studio."""
        key = self.info["redmine"]["api_keys"]["bridge"]
        return {"REDMINE_API_KEY": key, "OTRS_PASSWORD": self.znuny["users"]["robot"]}

    def sync(self, *, at: datetime | None = None, **told: Any) -> Pass:
        """One pass. at: of this instant, as `--as-of`."""
        clock: Callable[[], datetime] = (lambda: at) if at is not None else (lambda: datetime.now(UTC))
        file = self.folder / "studio-support.toml"
        studio = Studio.from_file(file, clock=clock, environ=self.environ, person="cron")
        bridge = Bridge(studio)
        try:
            return bridge.run(**told)
        finally:
            for side in (bridge.tickets, bridge.issues):
                assert isinstance(side, OtrsClient | RedmineIssues)
                side.close()
            studio.store.close()

    def command(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """A command of this studio as a person would start it, printing JSON; and its environment."""
        told = ["--format", "json", "--config", str(self.folder / "studio-support.toml")]
        return [sys.executable, "-m", "studio_cli", *told, *arguments], {**os.environ, **self.environ}

    def run_command(self, *arguments: str) -> tuple[int, Any]:
        """Runs it to its end; exit code and what it printed."""
        command, environ = self.command(*arguments)
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=300)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def unfinished(self) -> list[Any]:
        """Writes of unknown outcome, or failed: ticket, kind, state and the seconds since they were handed over."""
        studio = Studio.from_file(self.folder / "studio-support.toml", environ=self.environ)
        with closing(studio.store):
            now = datetime.now(UTC)
            found = Bridge(studio).state.unfinished()
            return [(one.key, one.state, (now - one.at).total_seconds()) for one in found]

    def settle(self, most: int = 40) -> list[Pass]:
        """Passes until nothing is planned or on hold, each after the hold of what the one before left unknown."""
        passes: list[Pass] = []
        while len(passes) < most:
            made = self.sync()
            passes.append(made)
            if not made.plan.actions and not made.plan.held and not self.unfinished():
                return passes
            if made.plan.held:
                self.wait_for_hold()
        raise AssertionError(f"no end after {most} passes: {passes[-1]}")

    def wait_for_hold(self) -> None:
        """Until the hold of everything unknown is over."""
        hold = int(re.search(r"hold_seconds = (\d+)", (self.folder / "studio-support.toml").read_text("utf-8"))[1])  # type: ignore[index]  # written above
        youngest = min((age for _, state, age in self.unfinished() if state in ("made", "unknown")), default=hold)
        time.sleep(max(0.0, hold - youngest) + 0.05)

    # What people do in Znuny.

    def mails(self, *subjects: str, body: str = "Please mend it.", sender: str = JANE, at: str = "") -> list[str]:
        """Mails through the server's own PostMaster, in one go; gives the ticket numbers. at: UTC."""
        return self.raw_mails(*(mail(subject, body, sender, self.znuny["address"]) for subject in subjects), at=at)

    def raw_mails(self, *mails: bytes, at: str = "") -> list[str]:
        """The same, as they came over the wire."""
        with tempfile.TemporaryDirectory() as scratch:
            files = [Path(scratch) / f"{place}.eml" for place in range(len(mails))]
            for file, content in zip(files, mails, strict=True):
                file.write_bytes(content)
            told = ["--at", at] if at else []
            rows = json.loads(self.script("mail", *told, *map(str, files)))
        numbers = [str(row["ticket_number"]) for row in rows]
        self.numbers += numbers
        return numbers

    def ticket(self, number: str) -> Ticket:
        """A ticket as an agent sees it."""
        found = self.petrova.ticket_by_number(number)
        assert found is not None, number
        return found

    def move(self, *numbers: str, queue: str = "To Redmine") -> None:
        """A manager puts tickets into a queue."""
        for number in numbers:
            self.petrova.update_ticket(self.ticket(number).id, queue=queue)

    def follow_up(self, number: str, body: str) -> None:
        """The client answers a letter about a ticket."""
        self.mails(f"Re: [{self.znuny['hook']}{number}] Your request", body=body)

    def merge(self, number: str, into: str) -> None:
        """A manager merges a ticket into another one: in the web interface, since REST cannot."""
        with requests.Session() as browser:
            page = self.znuny["url"] + "/index.pl"
            login = {"Action": "Login", "User": "petrova", "Password": self.znuny["users"]["petrova"]}
            browser.post(page, data=login, timeout=60)
            told = {"Action": "AgentTicketMerge", "TicketID": str(self.ticket(number).id)}
            token = re.search(r'name="ChallengeToken" value="(\w+)"', browser.get(page, params=told, timeout=60).text)
            assert token is not None, "the form has no token: the login failed"
            told |= {"Subaction": "Merge", "MainTicketNumber": into, "ChallengeToken": token[1]}
            assert browser.post(page, data=told, timeout=60).status_code == 200
        assert self.ticket(number).state_type == "merged"

    # What people do in Redmine.

    def rest(self, method: str, path: str, body: Any = None, key: str = "admin") -> Any:
        """A request of a person's."""
        headers = {"X-Redmine-API-Key": self.info["redmine"]["api_keys"][key]}
        answer = self._rest.request(method, self.info["redmine"]["url"] + path, json=body, headers=headers, timeout=60)
        assert answer.status_code in (200, 201, 204), f"{method} {path}: {answer.status_code} {answer.text[:200]}"
        return answer.json() if answer.content.strip() else None

    def issues(self, number: str) -> list[dict[str, Any]]:
        """Issues that bear a ticket's number in their field, as Redmine shows them."""
        query = f"/issues.json?status_id=*&cf_{self._fields['OTRS ticket']}={number}"
        return list(self.rest("GET", query)["issues"])

    def issue_by_hand(self, subject: str, **told: Any) -> int:
        """A manager makes an issue."""
        issue = {"project_id": self.project_id, "subject": subject, **told}
        return int(self.rest("POST", "/issues.json", {"issue": issue}, "a.petrova")["issue"]["id"])

    def set_status(self, issue_id: int, status: str = "Closed") -> None:
        """A manager sets the status of an issue."""
        told = {"issue": {"status_id": self._statuses[status]}}
        self.rest("PUT", f"/issues/{issue_id}.json", told, "a.petrova")
        shown = self.rest("GET", f"/issues/{issue_id}.json?include=journals")["issue"]
        assert shown["status"]["name"] == status

    def notes(self, issue_id: int) -> list[str]:
        """The notes on an issue."""
        rows = self.rest("GET", f"/issues/{issue_id}.json?include=journals")["issue"]["journals"]
        return [row["notes"] for row in rows if row.get("notes")]

    # What the client gets.

    def letters(self) -> list[Sunk]:
        """All letters to anybody but agents about tickets of ours, oldest first; the server's queue is sent first."""
        self.script("mail-flush")
        found = []
        for path in sorted(set(Path(self.info["smtp"]["dir"]).glob("*.eml")) - self._older):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            number = next((one for one in self.numbers if one in str(message["Subject"])), None)
            to = [address for _, address in getaddresses([str(message["To"])]) if not address.endswith("@studio.test")]
            if number is None or not to:
                continue
            parts = {part.get_content_type(): str(part.get_content()) for part in message.walk() if _is_text(part)}
            mark = MARK.search(parts.get("text/html", ""))
            told = (int(mark[1]), mark[2], int(mark[3])) if mark else (0, "", 0)
            found.append(Sunk(to[0], *told, str(message["Subject"]), parts.get("text/plain", "")))
        return found

    def counted(self) -> Counter[tuple[str, str, int]]:
        """How often each letter of ours left: by ticket number, kind and round."""
        found: Counter[tuple[str, str, int]] = Counter()
        for letter in self.letters():
            if letter.kind:
                number = next(one for one in self.numbers if one in letter.subject)
                found[number, letter.kind, letter.round] += 1
        return found

    # The lab.

    def script(self, name: str, *arguments: str) -> str:
        """A command of the lab."""
        command = [str(LAB / name), "--name", self.info["name"], *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _make_project(self) -> None:
        told = {"name": self.project, "identifier": self.project, "is_public": False}
        modules = {"enabled_module_names": ["issue_tracking", "time_tracking"], "tracker_ids": [1, 2, 3]}
        self.project_id = int(self.rest("POST", "/projects.json", {"project": told | modules})["project"]["id"])
        roles = {row["name"]: row["id"] for row in self.rest("GET", "/roles.json")["roles"]}
        # a manager's workflow has all steps
        for who, role in (("bridge", "Bridge"), ("a.petrova", "Manager")):
            user = self.rest("GET", "/users/current.json", key=who)["user"]["id"]
            member = {"membership": {"user_id": user, "role_ids": [roles[role]]}}
            self.rest("POST", f"/projects/{self.project_id}/memberships.json", member)

    def alone(self) -> None:
        """Takes away what a run that was broken off has left in the queues: it would be served as well."""
        with psycopg.connect(self.info["postgres"]["znuny_dsn"]) as database:
            rows = database.execute(
                "select tn from ticket join queue on queue.id = queue_id where queue.name in ('Support', 'To Redmine')"
            ).fetchall()
        self._delete(number for (number,) in rows)

    def close(self) -> None:
        """Takes away what was made."""
        self.petrova.close()
        self.rest("DELETE", f"/projects/{self.project_id}.json")
        self._delete({*self.numbers})
        self._rest.close()

    def _delete(self, numbers: Iterable[str]) -> None:
        told = [part for number in sorted(numbers) for part in ("--ticket-number", number)]
        if told:
            self.script("otrs-console", "Maint::Ticket::Delete", *told)


def _is_text(part: Any) -> bool:
    return part.get_content_maintype() == "text" and not part.is_multipart()


def mail(subject: str, body: str, sender: str, to: str) -> bytes:
    """A plain mail."""
    message = EmailMessage()
    message["From"] = Address("Jane Doe", addr_spec=sender)
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = f"<{time.monotonic_ns()}@acme.test>"
    message.set_content(body)
    return message.as_bytes()


def opened(folder: Path) -> Iterator[LiveBridge]:
    """A bridge for the time of a test; the server's own answers to new tickets are off meanwhile."""
    made = LiveBridge(lab_facts(), folder)
    try:
        made.script("auto-reply", "off")
        made.alone()
        yield made
    finally:
        made.script("auto-reply", "on")
        made.close()


def moscow(text: str) -> datetime:
    """A wall time of the studio as an instant."""
    return datetime.fromisoformat(f"{text}+03:00").astimezone(UTC)


def utc_text(at: datetime, **less: float) -> str:
    """An instant as the lab's commands take it."""
    return f"{at - timedelta(**less):%Y-%m-%d %H:%M:%S}"


__all__: Sequence[str] = ("LiveBridge", "Sunk", "lab_facts", "moscow", "opened", "utc_text")
