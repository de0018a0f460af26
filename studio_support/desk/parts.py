"""What all commands about tickets stand on: both servers, the memory, the rules, and tickets by typed numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol, cast
from zoneinfo import ZoneInfo

from studio_support.desk.errors import UnknownTicket, WrongTicketNumber
from studio_support.desk.number import typed_number
from studio_support.desk.people import DeskPeople
from studio_support.errors import Refused, SourceError
from studio_support.otrs.model import Created, Ticket, TicketsRead
from studio_support.otrs.read import Articles
from studio_support.otrs.write import FieldValue
from studio_support.sync.model import Rules
from studio_support.sync.ports import TicketPort
from studio_support.sync.rules import rules_of
from studio_support.sync.state_desk import DeskState
from studio_support.tickets.number import likely

if TYPE_CHECKING:
    from studio_support.bridge import Bridge

_MOST_LIKELY = 20


class DeskPort(TicketPort, Protocol):
    """What the desk asks of OTRS beyond what a pass does; OtrsClient is one."""

    def update_ticket(
        self,
        ticket_id: int,
        *,
        state: str | None = None,
        locked: bool | None = None,
        owner: str | None = None,
        fields: Mapping[str, FieldValue] | None = None,
    ) -> None: ...

    def create_ticket(
        self,
        *,
        title: str,
        queue: str,
        customer_user: str,
        body: str,
        key: str = "",
        channel: Literal["phone", "internal"] = "phone",
    ) -> Created: ...

    def find_created(self, *, key: str, since: datetime) -> Created | None: ...

    def search_text(self, text: str, *, limit: int = 50) -> TicketsRead: ...


class DeskParts:
    """The parts of a desk."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge

    @property
    def tickets(self) -> DeskPort:
        """OTRS; ports of one's own that passes suffice for do not suffice here."""
        return cast(DeskPort, self.bridge.tickets)

    @cached_property
    def rules(self) -> Rules:
        """The settings. Raises ConfigError."""
        return rules_of(self.bridge.parts.config)

    @cached_property
    def state(self) -> DeskState:
        """The memory behind commands."""
        return DeskState(self.bridge.parts.store, person=self.bridge.parts.person)

    @cached_property
    def people(self) -> DeskPeople:
        """people.toml. Raises ConfigError."""
        return DeskPeople(self.bridge.parts.config)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The studio's zone."""
        return ZoneInfo(self.bridge.parts.config.studio.timezone)

    @property
    def now(self) -> datetime:
        """The present, aware UTC."""
        return self.bridge.parts.clock()

    @property
    def today(self) -> date:
        """The studio's day."""
        return self.bridge.parts.today()

    @property
    def me(self) -> str:
        """What OTRS calls the person who works."""
        return self.people.otrs_login(self.bridge.parts.person)

    def trace(self, verb: str, number: str, detail: str = "") -> None:
        """Keeps who did what to a ticket. Raises StoreError."""
        self.state.trace(verb, number, detail, self.now)

    def wall(self, at: datetime) -> str:
        """An instant on the studio's clock, for people."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    @contextmanager
    def locked(self, what: str, *, dry_run: bool) -> Iterator[None]:
        """The lock of everything that writes; a dry run needs none. Raises LockHeld."""
        if dry_run:
            yield
            return
        with self.bridge.locked(what):
            yield

    def begun(self) -> None:
        """Raises Refused in a store that no pass has begun: when its work begins is for `sync run` to say."""
        if self.bridge.state.cursor() is None:
            raise Refused(
                "No pass has run on this store yet, so it is not settled from when on tickets are served.",
                "Run `sync run` first, or `sync run --since WHEN` to begin earlier; then run the same command again.",
            )

    def number(self, typed: str) -> str:
        """The ticket number that was typed. Raises WrongTicketNumber, with the tickets that are likely meant."""
        try:
            return typed_number(typed, self.rules.numbers)
        except WrongTicketNumber as wrong:
            raise WrongTicketNumber(wrong.written, wrong.fault, self._likely(wrong.written)) from None

    def find(self, typed: str, *, articles: Articles = "none") -> Ticket:
        """The ticket that was typed. Raises WrongTicketNumber, UnknownTicket, SourceError."""
        number = self.number(typed)
        found = self.tickets.tickets_by_number([number], articles=articles).by_number().get(number)
        if found is None:
            raise UnknownTicket(number)
        return found

    def _likely(self, written: str) -> tuple[str, ...]:
        if not written.isdecimal():
            return ()
        known = likely(written, self.rules.numbers, self.state.numbers())
        if known:
            return known[:3]
        near = likely(written, self.rules.numbers)[:_MOST_LIKELY]
        try:
            there = self.tickets.tickets_by_number(near).by_number() if near else {}
        except SourceError:
            return ()
        return tuple(one for one in near if one in there)[:3]
