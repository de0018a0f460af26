"""A small studio on disk for tests of whole flows: configuration, clients and a reading, without any server."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from studio_support.config import load_settings
from studio_support.model import Issue, Person, Project, Reading, TimeEntry
from studio_support.period import Month
from studio_support.reads import write_reading
from studio_support.studio import Source, Studio

OCTOBER = Month(2026, 10)
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SECRET = "0123456789abcdef0123456789abcdef"
ENVIRON = {"LINK_SECRET": SECRET}

SETTINGS = """
[studio]
timezone = "Europe/Moscow"
country = "RU"
opens = "09:00"
closes = "18:00"
cutoff = "12:00"
language = "en"
currency = "EUR"

[seller]
name = "Studio Ltd"
address = ["1 Main Street", "Dublin"]
country = "IE"
vat_id = "IE6388047V"
email = "billing@studio.example"
[seller.bank]
name = "Bank"
iban = "IE29AIBK93115212345678"

[store]
url = "sqlite:///store.db"
files = "files"

[mail]
smtp_url = "smtp://127.0.0.1:{smtp_port}"
sender = "billing@studio.example"

[links]
base_url = "https://invoices.studio.example"
secret_env = "LINK_SECRET"
directory = "published"

[billing]
internal_projects = ["internal"]
non_billable_activities = ["Consultation"]

[[billing.tax]]
from = 2026-01-01
category = "S"
rate = "19"
"""

CLIENT = """
id = "{id}"
name = "Client {id}"
address = ["Road {number}", "Town"]
country = "DE"
language = "en"
currency = "EUR"
emails = ["{id}@client.example"]
redmine_projects = ["{id}"]

[[rates]]
from = 2026-01-01
per_hour = "{rate}"
"""


def client_id(number: int) -> str:
    """c001, c002, ..."""
    return f"c{number:03d}"


def rate_of(number: int) -> int:
    """Euros per hour of a client: 61, 62, ..."""
    return 60 + number


def write_world(folder: Path, clients: int, smtp_port: int = 9, settings: str = SETTINGS) -> None:
    """Writes studio-support.toml and the clients' files."""
    (folder / "clients").mkdir(parents=True)
    (folder / "studio-support.toml").write_text(settings.replace("{smtp_port}", str(smtp_port)))
    for number in range(1, clients + 1):
        text = CLIENT.format(id=client_id(number), number=number, rate=rate_of(number))
        (folder / "clients" / f"{client_id(number)}.toml").write_text(text)


def make_reading(clients: int, entries_each: int, seed: int = 1, month: Month = OCTOBER) -> Reading:
    """Whole minutes from 1 to 480, one entry in ten not billable, one in fifty of 0 minutes; three internal ones."""
    dice = random.Random(seed)
    entries: list[TimeEntry] = []
    issues: dict[int, Issue] = {}
    for number in range(1, clients + 1):
        for position in range(entries_each):
            issue = 100 * number + position % 7
            issues[issue] = Issue(issue, f"Task {issue}", ticket=f"20261005100{issue:05d}")
            roll = dice.random()
            entries.append(
                TimeEntry(
                    id=str(len(entries) + 1),
                    project_id=number,
                    project=f"Project {number}",
                    issue_id=issue if position % 5 else None,
                    user_id=1 + position % 3,
                    user=f"Person {1 + position % 3}",
                    activity="Consultation" if roll < 0.1 else "Development",
                    minutes=0 if roll > 0.98 else dice.randint(1, 480),
                    spent_on=month.first_day + timedelta(days=dice.randrange(28)),
                    created_on=NOW - timedelta(days=3),
                )
            )
    for _ in range(3):
        entries.append(
            TimeEntry(str(len(entries) + 1), 9000, "Internal", None, 1, "Person 1", "Development", 30, month.first_day)
        )
    projects = [Project(n, client_id(n), f"Project {n}") for n in range(1, clients + 1)]
    return Reading(
        source="redmine",
        month=month,
        started_at=NOW,
        entries=tuple(entries),
        projects=(*projects, Project(9000, "internal", "Internal")),
        issues=tuple(issues.values()),
        people=tuple(Person(n, f"Person {n}", f"person{n}") for n in (1, 2, 3)),
        control="made for a test",
    )


def keep_reading(reading: Reading, folder: Path) -> Source:
    """The reading as a kept file to be handed to a verb."""
    file, _ = write_reading(reading, folder)
    return Source(folder / file)


def open_studio(folder: Path, **options: Any) -> Studio:
    """The studio of a written world, at NOW."""
    options.setdefault("clock", lambda: NOW)
    options.setdefault("environ", ENVIRON)
    options.setdefault("person", "tester")
    return Studio(config=load_settings(folder / "studio-support.toml"), **options)


def billable_minutes(reading: Reading) -> Mapping[int, int]:
    """Minutes of each client's project that are to be billed, by a sum of its own."""
    sums: dict[int, int] = {}
    for entry in reading.entries:
        if entry.project_id != 9000 and entry.activity != "Consultation":
            assert entry.project_id is not None
            sums[entry.project_id] = sums.get(entry.project_id, 0) + entry.minutes
    return sums


def sunk(folder: Path) -> list[dict[str, Any]]:
    """What a mail sink kept, as its JSON files say."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def day(text: str) -> date:
    """2026-10-05"""
    return date.fromisoformat(text)
