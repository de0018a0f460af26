"""A studio whose bridge stands between two fake servers on loopback, for passes over HTTP."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio_support.bridge import Bridge
from studio_support.otrs.client import OtrsClient
from studio_support.redmine.issues import RedmineIssues
from studio_support.studio import Studio
from studio_support.sync.run import Pass
from studio_support.testing import FakeRedmine, FakeZnuny
from studio_support.testing.bridge import Clock
from studio_support.testing.otrs_records import FakeTicket

BEGUN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
JANE = "Jane Doe <jane@acme.example>"
MARK = re.compile(r"<!-- \w+/(\d+)/(\w+)/(\d+) -->")

SETTINGS = """
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
api_key_env = "KEY"
ticket_field = "OTRS ticket"
timeout_seconds = 1
[otrs]
url = "{znuny}"
web_service = "GenericTicketConnectorREST"
user = "robot"
password_env = "PASSWORD"
timezone = "UTC"
queues = ["Support"]
timeout_seconds = 1
[sync]
letters_a_day = 100
letters_a_day_to_one = 1000
[store]
url = "sqlite:///store.db"
"""
CLIENT = """
id = "acme"
name = "ACME GmbH"
address = ["Road 1"]
country = "DE"
language = "en"
currency = "EUR"
redmine_projects = ["acme-site"]
otrs_customers = ["ACME"]
[[rates]]
from = 2026-01-01
per_hour = "95.00"
"""


class House:
    """Both servers on loopback and a studio whose bridge stands between them."""

    def __init__(self, folder: Path, znuny: FakeZnuny, redmine: FakeRedmine, clock: Clock) -> None:
        self.znuny = znuny
        self.redmine = redmine
        self.clock = clock
        self.password = znuny.password
        self.timeout_seconds = 30.0
        self._file = folder / "studio-support.toml"
        (folder / "clients").mkdir()
        (folder / "clients" / "acme.toml").write_text(CLIENT, "utf-8")
        self._file.write_text(SETTINGS.format(redmine=redmine.url, znuny=znuny.url), "utf-8")

    def begin(self) -> None:
        """The first pass of all, a minute ago."""
        self.run()
        self.clock.tick(minutes=1)

    def run(self, **told: Any) -> Pass:
        """A pass, by clients of its own."""
        environ = {"KEY": self.redmine.admin_key, "PASSWORD": self.password}
        studio = Studio.from_file(self._file, clock=self.clock, environ=environ, person="cron")
        quick: dict[str, Any] = {"timeout_seconds": self.timeout_seconds, "backoff_seconds": 0.001}
        tickets = OtrsClient(self.znuny.url, self.znuny.web_service, self.znuny.user, self.password, **quick)
        issues = RedmineIssues(self.redmine.url, self.redmine.admin_key, ticket_field="OTRS ticket", **quick)
        try:
            return Bridge(studio, tickets=tickets, issues=issues).run(**told)
        finally:
            tickets.close()
            issues.close()
            studio.store.close()

    def next(self, **by: float) -> Pass:
        """A pass some time later, ten minutes unless told otherwise."""
        self.clock.tick(**(by or {"minutes": 10}))
        return self.run()

    def mail(self, subject: str = "Logo", body: str = "Please change it.", **told: Any) -> FakeTicket:
        """A new ticket of a client's."""
        return self.znuny.receive_mail(JANE, subject, body, **told)

    def move(self, *tickets: FakeTicket) -> None:
        """A manager puts tickets into the queue for Redmine."""
        for ticket in tickets:
            ticket.queue, ticket.changed_at = "To Redmine", self.znuny.now()

    def letters(self) -> Counter[tuple[int, str]]:
        """How often each letter left, by ticket and kind."""
        marks = (MARK.search(letter.html) for letter in self.znuny.letters)
        return Counter((int(mark[1]), mark[2]) for mark in marks if mark)

    def issues(self, ticket: FakeTicket) -> list[Any]:
        """The issues of a ticket."""
        return [issue for issue in self.redmine.issues.values() if issue.ticket == ticket.number]


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    """Both servers with one client and its project; the store begins at BEGUN."""
    clock = Clock(BEGUN)
    with FakeZnuny(clock=clock) as znuny, FakeRedmine() as redmine:
        znuny.add_customer("jane@acme.example", "ACME")
        redmine.set_clock(clock)
        redmine.add_project("acme-site", "Site")
        yield House(folder, znuny, redmine, clock)
