"""A bridge over fakes of both sides and a real SQLite store, for tests of passes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from studio_support.store.engine import Store, open_store
from studio_support.sync.letter_facts import LetterFacts
from studio_support.sync.model import LetterKind, Rules, SyncClient
from studio_support.sync.reading import Sides
from studio_support.sync.run import Pass, Passes
from studio_support.sync.state import State
from studio_support.sync.world import Makers
from studio_support.testing.bridge import Clock, FakeIssues, FakeTickets, Fate
from studio_support.tickets.calendar import Calendar
from studio_support.tickets.calendar_data import StudioDays, load_calendar
from studio_support.tickets.cutoff import Policy, Promise, promise

ZONE = ZoneInfo("Europe/Moscow")
RULES = Rules(queues=("Support",), language="en", trigger=("queue", "To Redmine"))
ACME = SyncClient("acme", "ACME GmbH", "en", ("ACME",), ("acme-site",))


def calendar() -> Calendar:
    days = StudioDays(
        timezone="Europe/Moscow",
        country="RU",
        subdivision="",
        opens=time(9),
        closes=time(18),
        short_minutes=60,
        closed=(),
        working=(),
        short=(),
    )
    return load_calendar(days, date(2026, 11, 23), Path("/nonexistent"))


CALENDAR = calendar()


def make_promise(received_at: datetime, client: str | None = None, *, critical: bool = False) -> Promise:
    return promise(received_at, CALENDAR, Policy(max_wait_minutes=30 if critical else None))


def render(kind: LetterKind, language: str, facts: LetterFacts) -> tuple[str, str]:
    due = f", due {facts.promised_at:%d.%m. %H:%M}" if facts.promised_at else ""
    return f"{kind} {facts.title}", f"{kind} {language} {facts.number}{due} {facts.note}".rstrip()


@dataclass
class Bridge:
    """Everything of a bridge: the clock, both sides, the store, and passes over them."""

    store: Store
    clock: Clock
    tickets: FakeTickets
    issues: FakeIssues
    rules: Rules = RULES
    clients: tuple[SyncClient, ...] = (ACME,)
    overlap: timedelta = timedelta(minutes=10)

    @property
    def state(self) -> State:
        return State(self.store, person="cron")

    @property
    def passes(self) -> Passes:
        sides = Sides(
            self.tickets,
            self.issues,
            self.state,
            self.rules,
            self.clients,
            self.clock,
            lambda at: at.astimezone(ZONE).date().isoformat(),
        )
        return Passes(sides, Makers(make_promise, render), self.overlap)

    def run(self, *, confirm: bool = False, since: datetime | None = None) -> Pass:
        """A pass."""
        return self.passes.run(confirm=confirm, since=since)

    def next(self, **by: float) -> Pass:
        """A pass some time later, ten minutes unless told otherwise."""
        self.clock.tick(**(by or {"minutes": 10}))
        return self.run()

    def with_rules(self, **changes: Any) -> None:
        self.rules = replace(self.rules, **changes)

    def fails(self, *fates: Fate) -> None:
        """The next writes to both servers end like this, all later ones well."""
        left = list(fates)

        def fate(what: str) -> Fate:
            return left.pop(0) if left else "fine"

        self.tickets.fate = self.issues.fate = fate

    def in_queue(self) -> int:
        """A ticket that was acknowledged and was moved to the queue for Redmine."""
        ticket = self.tickets.mail_in()
        self.next()
        self.tickets.move(ticket, "To Redmine")
        return ticket

    def since(self) -> datetime:
        """Where the next pass begins to read."""
        cursor = self.state.cursor()
        assert cursor is not None
        return cursor.since

    def letters(self) -> list[str]:
        """Kinds of the letters that left, in order."""
        return [subject.split()[0] for _, subject, _ in self.tickets.mailbox]

    def names(self, done: Pass) -> list[str]:
        """Kinds of a plan's actions that people see, in order."""
        hidden = ("Remember", "SawIssue")
        return [name for name in (type(one).__name__ for one in done.plan.actions) if name not in hidden]


def bridge_at(url: str, *, now: datetime = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)) -> Bridge:
    """A new bridge, whose first pass has begun its store."""
    clock = Clock(now)
    made = Bridge(open_store(url), clock, FakeTickets(clock), FakeIssues(clock))
    made.run()
    return made
