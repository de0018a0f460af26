"""Worlds for tests of the plan: built from the in-memory fakes, with what the store would remember given by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from studio_support.errors import NoCalendarYear
from studio_support.otrs.model import Ticket
from studio_support.sync.actions import Plan, Remember, Warn
from studio_support.sync.model import Cursor, Intent, Key, Known, Link, Promised, Rules, SyncClient
from studio_support.sync.plan import plan
from studio_support.sync.world import Makers, Warned, World
from studio_support.testing.bridge import ROBOT, Clock, FakeIssues, FakeTickets
from studio_support.tickets.cutoff import Promise
from tests.bridge_world import ACME, RULES, make_promise, render

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
__all__ = ["ACME", "RULES", "Desktop"]


class Desktop:
    """Both sides, a memory, and the plan that follows from them."""

    def __init__(self, now: datetime = NOW) -> None:
        self.clock = Clock(now)
        self.tickets = FakeTickets(self.clock)
        self.issues = FakeIssues(self.clock)
        self.rules: Rules = RULES
        self.clients: tuple[SyncClient, ...] = (ACME,)
        self.known: dict[int, Known] = {}
        self.promises: dict[int, tuple[Promised, ...]] = {}
        self.links: list[Link] = []
        self.intents: list[Intent] = []
        self.more: dict[str, Any] = {}
        self.makers = Makers(make_promise, render)

    def ticket(self, ticket_id: int) -> Ticket:
        return self.tickets.rows[ticket_id]

    def remembered(self, ticket_id: int, **values: Any) -> Known:
        """A ticket that was seen before: in its first round, everything written so far dealt with, acknowledged."""
        ticket = self.ticket(ticket_id)
        newest = max((one.id for one in ticket.articles), default=0)
        base = Known(ticket_id, ticket.number, adopted=True, round=1, last_article=newest, closed=ticket.closed)
        known = replace(base, **values)
        self.known[ticket_id] = known
        if known.round:
            self.promised(ticket_id, known.round)
        return known

    def promised(self, ticket_id: int, round_: int, *, acknowledged: bool = True, estimated: bool = True) -> None:
        """A promise of that round, begun by the ticket's first article."""
        at = self.clock.now
        row = Promised(ticket_id, round_, self.ticket(ticket_id).articles[0].id, at, at, at)
        row = replace(row, acknowledged_at=at if acknowledged else None, estimated_at=at if estimated else None)
        self.promises[ticket_id] = (row,)

    def linked(self, ticket_id: int, issue_id: int, **values: Any) -> Link:
        """A stored link."""
        link = Link(ticket_id, issue_id, len(self.links) + 1, 1, "created", "open", "acme-site")
        link = replace(link, **values)
        self.links.append(link)
        return link

    def wrote(self, ticket_id: int, kind: str, round_: int, state: str = "done", **values: Any) -> Intent:
        """A write that was meant before."""
        intent = Intent(Key(ticket_id, kind, round_), state, self.clock.now, **values)  # type: ignore[arg-type]  # a test names a state
        self.intents.append(intent)
        return intent

    def world(self, **changes: Any) -> World:
        """What a pass would see now."""
        by_ticket: dict[int, tuple[Intent, ...]] = {}
        for intent in self.intents:
            by_ticket[intent.key.ticket_id] = (*by_ticket.get(intent.key.ticket_id, ()), intent)
        base = World(
            now=self.clock.now,
            today="2026-11-23",
            cursor=Cursor(START, START, agent_id=ROBOT.id),
            rules=self.rules,
            tickets=tuple(self.tickets.rows.values()),
            issues=tuple(self.issues.rows.values()),
            known=self.known,
            promises=self.promises,
            links=tuple(self.links),
            intents=by_ticket,
            clients=self.clients,
        )
        return replace(base, **{**self.more, **changes})

    def plan(self, **changes: Any) -> Plan:
        """What would be done now."""
        return plan(self.world(**changes), self.makers)

    def names(self, **changes: Any) -> list[str]:
        """Kinds of the actions, without what is only remembered."""
        return [type(one).__name__ for one in self.plan(**changes).actions if not isinstance(one, Remember)]

    def remembers(self, **changes: Any) -> Known:
        """What will be remembered of the last ticket."""
        found = [one.after for one in self.plan(**changes).actions if isinstance(one, Remember)]
        return found[-1]

    def warnings(self, **changes: Any) -> dict[str, str]:
        """Keys and messages of the warnings."""
        return {one.key: one.message for one in self.plan(**changes).actions if isinstance(one, Warn)}


def told(key: str, on: str = "2026-11-22", *, lasting: bool = True, ticket_id: int | None = 1) -> dict[str, Warned]:
    """A warning that was told."""
    return {key: Warned(key, on, lasting, "what it said", ticket_id)}


def no_year(received_at: datetime, client: str | None = None, *, critical: bool = False) -> Promise:
    """A calendar that ends."""
    raise NoCalendarYear("RU", 2027, [2026], decreed=True)


def later(clock: Clock, **by: float) -> datetime:
    return clock.now + timedelta(**by)


def only(items: Iterable[Any], kind: type[Any]) -> Any:
    """The one item of a kind."""
    [found] = [one for one in items if isinstance(one, kind)]
    return found
