"""A studio with two clients on disk and a Redmine to itself, for tests of whole flows. Figures are made for hand sums.

October 2026, in minutes:  acme 105 on task 1 and 120 without a task, billed at 60.00 an hour; 60 of consultation, not
billed. beta 180 on task 2 at 90.00. The studio itself 30. In all 495, of which 405 are billed: acme 225.00 net, beta
270.00.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from studio_support.config import load_settings
from studio_support.period import Month
from studio_support.studio import Studio
from studio_support.testing import FakeRedmine
from tests.world import SETTINGS

SEPTEMBER, OCTOBER, NOVEMBER = Month(2026, 9), Month(2026, 10), Month(2026, 11)
ON_OCTOBER_2 = datetime(2026, 10, 2, 9, 0, tzinfo=UTC)
ON_NOVEMBER_2 = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ON_DECEMBER_2 = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
SECRET = "0123456789abcdef0123456789abcdef"

REDMINE = """
[redmine]
url = "{url}"
api_key_env = "REDMINE_API_KEY"
ticket_field = "OTRS ticket"
timeout_seconds = 5
"""

CLIENT = """\
id = "{id}"
name = "Client {id}"
address = ["Road 1", "Town"]
country = "DE"
language = "en"
currency = "EUR"
emails = ["{id}@client.example"]
account_manager = "{manager}"
redmine_projects = ["{id}"]

[[rates]]
from = {since}
per_hour = "{rate}"
"""


class Office:
    """The folder of a studio and its Redmine, with the bookings named above."""

    def __init__(self, folder: Path, redmine: FakeRedmine, smtp_port: int = 9) -> None:
        self.folder = folder
        self.redmine = redmine
        self.environ = {"LINK_SECRET": SECRET, "REDMINE_API_KEY": redmine.admin_key}
        (folder / "clients").mkdir(parents=True)
        self.settings = SETTINGS.replace("{smtp_port}", str(smtp_port)) + REDMINE.format(url=redmine.url)
        self.write_settings()
        self.write_client("acme", "60.00", "i.petrova")
        self.write_client("beta", "90.00", "s.orlova")
        self.anna = redmine.add_user("anna", "Anna", "Petrova")
        self.boris = redmine.add_user("boris", "Boris", "Ivanov")
        self.acme = redmine.add_project("acme", "ACME site")
        self.beta = redmine.add_project("beta", "Beta shop")
        self.internal = redmine.add_project("internal", "Our own")
        self.task_1 = redmine.add_issue(self.acme, "Fix the form", ticket="2026100510000015")
        self.task_2 = redmine.add_issue(self.beta, "New basket")
        self.late = ""
        self.book_october()

    def book_october(self) -> None:
        book = self.redmine.book
        self.first = book(self.acme, self.anna, 1.25, date(2026, 10, 5), issue=self.task_1)
        self.second = book(self.acme, self.boris, 0.5, date(2026, 10, 6), issue=self.task_1)
        self.third = book(self.acme, self.anna, 2, date(2026, 10, 7))
        self.advice = book(self.acme, self.anna, 1, date(2026, 10, 8), activity="Consultation")
        self.fifth = book(self.beta, self.boris, 3, date(2026, 10, 9), issue=self.task_2)
        self.ours = book(self.internal, self.anna, 0.5, date(2026, 10, 9))

    def write_settings(self, *changes: tuple[str, str]) -> None:
        """The configuration, with texts of it replaced."""
        text = self.settings
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (self.folder / "studio-support.toml").write_text(text)

    def write_client(self, client: str, rate: str, manager: str = "i.petrova", *, since: str = "2026-01-01") -> None:
        """A client's file with one rate from this day on."""
        text = CLIENT.format(id=client, rate=rate, manager=manager, since=since)
        (self.folder / "clients" / f"{client}.toml").write_text(text)

    def studio(self, now: datetime = ON_NOVEMBER_2, **options: Any) -> Studio:
        """A new run at this moment."""
        options.setdefault("person", "tester")
        options.setdefault("environ", self.environ)
        return Studio(config=load_settings(self.folder / "studio-support.toml"), clock=lambda: now, **options)

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What the store answers; one column comes as plain values."""
        with closing(sqlite3.connect(self.folder / "store.db")) as store:
            rows = store.execute(query, values).fetchall()
        return [row[0] if len(row) == 1 else row for row in rows]

    def facts(self) -> str:
        """Everything that the store holds, as text."""
        with closing(sqlite3.connect(self.folder / "store.db")) as store:
            return "\n".join(store.iterdump())

    def files(self) -> dict[str, bytes]:
        """Every file of the studio's folder but the store's own, by path."""
        found = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in found
            if not path.name.startswith("store.db")
        }


@contextmanager
def opened(folder: Path, smtp_port: int = 9) -> Iterator[Office]:
    """An office with its Redmine up."""
    with FakeRedmine() as redmine:
        yield Office(folder, redmine, smtp_port)
