"""A desk over fakes of both sides, and a studio on disk with its store, for tests of what managers do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from studio_support.bridge import Bridge
from studio_support.desk.ticket_desk import TicketDesk
from studio_support.studio import Studio
from studio_support.sync.run import Pass
from studio_support.testing.bridge import Clock, FakeIssues
from studio_support.testing.desk import DeskTickets

SETTINGS = """
[studio]
timezone = "Europe/Moscow"
country = "RU"
opens = "09:00"
closes = "18:00"
cutoff = "12:00"
language = "en"
currency = "EUR"

[redmine]
url = "http://127.0.0.1:3000"
api_key_env = "KEY"
ticket_field = "OTRS ticket"

[otrs]
url = "http://127.0.0.1:8081/otrs"
web_service = "GenericTicketConnectorREST"
user = "robot"
password_env = "PASSWORD"
timezone = "UTC"
queues = ["Support"]

[sync]
to_redmine = { queue = "To Redmine" }

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
PEOPLE = """
[anna]
otrs = "petrova"
stand_in = "ivan"
absent = [{from = 2026-12-01, to = 2026-12-04}]

[ivan]
otrs = "sidorov"
"""
ENVIRON = {"KEY": "a" * 40, "PASSWORD": "secret"}
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""10:00 in Moscow, a working day: what comes now is due at 18:00 there, 15:00 UTC."""


@dataclass
class Room:
    """Both sides, the clock, and a desk for each person."""

    folder: Path
    clock: Clock = field(default_factory=lambda: Clock(MONDAY))

    def __post_init__(self) -> None:
        (self.folder / "clients").mkdir()
        (self.folder / "clients" / "acme.toml").write_text(CLIENT, encoding="utf-8")
        (self.folder / "people.toml").write_text(PEOPLE, encoding="utf-8")
        self.file = self.folder / "studio-support.toml"
        self.file.write_text(SETTINGS, encoding="utf-8")
        self.tickets = DeskTickets(self.clock)
        self.issues = FakeIssues(self.clock)

    def bridge(self, person: str = "anna") -> Bridge:
        """The bridge as a new process would make it."""
        studio = Studio.from_file(self.file, clock=self.clock, environ=ENVIRON, person=person)
        return Bridge(studio, tickets=self.tickets, issues=self.issues)

    def desk(self, person: str = "anna") -> TicketDesk:
        """Somebody's desk."""
        return TicketDesk(self.bridge(person))

    def required(self, *words: str) -> None:
        """What a ticket needs before it becomes an issue."""
        listed = ", ".join(f'"{word}"' for word in words)
        self.file.write_text(SETTINGS.replace("[store]", f"required = [{listed}]\n\n[store]"), encoding="utf-8")

    def passes(self, **by: float) -> Pass:
        """A pass of cron, ten minutes later unless told otherwise."""
        self.clock.tick(**(by or {"minutes": 10}))
        return self.bridge("cron").run()

    def request(self) -> int:
        """A client's request that was acknowledged."""
        self.passes()
        ticket = self.tickets.mail_in()
        self.passes()
        return ticket

    def number(self, ticket_id: int) -> str:
        return self.tickets.rows[ticket_id].number

    def letters(self) -> list[str]:
        """Subjects of what left the house, first word each."""
        return [subject.split(":")[0] for _, subject, _ in self.tickets.mailbox]
