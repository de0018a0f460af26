"""All that a plan is made from, and the desk on which one ticket's actions are put together.

The desk keeps the rules that hold for every action: a write that was done is not done again, one of unknown outcome is
left alone while it is on hold and looked up after it, a letter counts against the caps of its day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from studio_support.errors import StudioError
from studio_support.otrs.model import Ticket, Unreadable
from studio_support.sync.actions import Action, AfterKeys, Letter, LetterAction, Record, Warn, Write
from studio_support.sync.letter_facts import Cost, LetterFacts, Render, no_cost
from studio_support.sync.model import (
    Cursor,
    Intent,
    IssueSeen,
    Key,
    Known,
    LetterKind,
    Link,
    Promised,
    Rules,
    SyncClient,
)
from studio_support.tickets.cutoff import Promise as Due

REFUSED_WAITS = timedelta(hours=1)
TRIED_OFTEN = 3
"""So many tries that came to nothing are told: cron prints no single failure, since the next pass mostly mends it."""
UNREAD = "unreadable:"
"""Warnings of tickets that cannot be read begin with it; what follows is the ticket's id."""
Spent = tuple[int | None, int | None]
Told = TypeVar("Told", bound=LetterAction)


class MakePromise(Protocol):
    """Makes the promise for a request; see tickets.cutoff."""

    def __call__(self, received_at: datetime, client: str | None = None, *, critical: bool = False) -> Due:
        """Raises StudioError (a year without data, a client's file with faults)."""
        ...


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning that was told. told_on: the studio's day of the last time, as ISO text."""

    key: str
    told_on: str
    lasting: bool
    message: str
    ticket_id: int | None = None
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """Both sides as read, and what the store knows of them.

    today: the studio's day, as ISO text. tickets: with all articles. issues: as read now; gone: issues asked for by id
    that are not there. letters_today: letters so far, by address and by `#ID` of the ticket. issues_read: False where
    Redmine could not be read, so that nothing may be concluded from what is missing. closed_between: tickets that were
    closed and opened again by a letter since the last pass, so that nobody saw them closed. split: tickets of a call
    that were split off another ticket: what they say was written before. spent: estimated and booked minutes by issue,
    compared once an hour; going_on: the links of these issues. orders: tickets for which a person
    ordered an issue by a command. called: when that was told to us of which a command of ours made a ticket.
    passed_over: tickets that came and are in no queue of ours.
    """

    now: datetime
    today: str
    cursor: Cursor
    rules: Rules
    tickets: tuple[Ticket, ...] = ()
    issues: tuple[IssueSeen, ...] = ()
    known: Mapping[int, Known] = field(default_factory=dict)
    promises: Mapping[int, tuple[Promised, ...]] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    intents: Mapping[int, tuple[Intent, ...]] = field(default_factory=dict)
    letters_today: Mapping[str, int] = field(default_factory=dict)
    clients: tuple[SyncClient, ...] = ()
    warned: Mapping[str, Warned] = field(default_factory=dict)
    unreadable: tuple[Unreadable, ...] = ()
    gone: frozenset[int] = frozenset()
    issues_read: bool = True
    closed_between: frozenset[int] = frozenset()
    split: frozenset[int] = frozenset()
    spent: Mapping[int, Spent] = field(default_factory=dict)
    going_on: tuple[Link, ...] = ()
    orders: frozenset[int] = frozenset()
    called: Mapping[int, datetime] = field(default_factory=dict)
    passed_over: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Makers:
    """What is handed in to make a plan: promises, letters, costs."""

    promise: MakePromise
    render: Render
    cost: Cost = no_cost


class Office:
    """What is shared by all desks of one plan: the caps of the day, warnings, writes on hold."""

    def __init__(self, world: World, makers: Makers) -> None:
        self.world = world
        self.makers = makers
        self.letters: Counter[str] = Counter(world.letters_today)
        self.held: list[Intent] = []
        self.raised: dict[str, Warn] = {}
        self.issues = {issue.id: issue for issue in world.issues}
        self.ids = {known.number: known.ticket_id for known in world.known.values()}
        self.ids |= {ticket.number: ticket.id for ticket in world.tickets}
        self._clients = {name.casefold(): client for client in world.clients for name in client.customers}

    def client(self, customer: str) -> SyncClient | None:
        """Whose customer this is."""
        return self._clients.get(customer.casefold()) if customer else None

    def warn(self, warning: Warn) -> None:
        """Raises a warning; whether it is told again is settled when all of them are known."""
        self.raised.setdefault(warning.key, warning)


class Desk:
    """One ticket under work: its actions so far, and what will be remembered of it."""

    def __init__(self, office: Office, ticket: Ticket, known: Known, before: Known | None) -> None:
        self.office = office
        self.world = office.world
        self.rules = office.world.rules
        self.ticket = ticket
        self.before = before
        self.known = known
        self.after = replace(known, waiting=False)
        self.client = office.client(ticket.customer)
        self.actions: list[Action] = []
        self.links: list[Link] = sorted(
            (link for link in office.world.links if link.ticket_id == ticket.id), key=lambda link: link.place
        )
        self.promised: Promised | None = next(
            (row for row in office.world.promises.get(ticket.id, ()) if row.round == known.round), None
        )
        self.closing = False
        self._intents = {intent.key: intent for intent in office.world.intents.get(ticket.id, ())}
        self._touched: set[Key] = set()

    def key(self, kind: str, round_: int) -> Key:
        """The key of a write to this ticket."""
        return Key(self.ticket.id, kind, round_)

    def intent(self, key: Key) -> Intent | None:
        """What is known of a write."""
        return self._intents.get(key)

    def done(self, key: Key) -> bool:
        """Whether a write was done."""
        intent = self._intents.get(key)
        return intent is not None and intent.state == "done"

    def unfinished(self, kind: str) -> tuple[Intent, ...]:
        """Writes of a kind that were begun and are neither done nor given up."""
        return tuple(
            one for one in self._intents.values() if one.key.kind == kind and one.state in ("made", "unknown", "failed")
        )

    def remember(self, **changes: object) -> None:
        """Changes what will be remembered."""
        self.after = replace(self.after, **changes)  # type: ignore[arg-type]  # names are checked by replace itself

    def wait(self) -> None:
        """Something is owed: the ticket is read again in the next pass even if nobody touches it."""
        self.remember(waiting=True)

    def add(self, action: Record) -> None:
        """A change of our own store."""
        self.actions.append(action)

    def warn(self, what: str, message: str, next_step: str, *, lasting: bool = True) -> None:
        """A warning about this ticket; a lasting one keeps the ticket waiting, so that its end is seen."""
        if lasting:
            self.wait()
        number = f"ticket {self.ticket.number}"
        self.office.warn(
            Warn(f"{what}:{self.ticket.id}", f"{number}: {message}", next_step, self.ticket.id, lasting=lasting)
        )

    def free(self, key: Key) -> tuple[bool, Intent | None]:
        """Whether a write may be planned now, and what is to be looked up before it.

        What is not finished keeps its ticket among those that every pass reads.
        """
        self._touched.add(key)
        intent = self._intents.get(key)
        if intent is None or intent.state == "dropped":
            return True, None
        if intent.state == "done":
            return False, None
        self._tried_often(intent)
        if intent.open:
            if self.world.now < intent.at + timedelta(seconds=self.rules.hold_seconds):
                self.office.held.append(intent)
                return False, None
            return True, intent
        if intent.refused:
            # Told while it is tried again, too: it ends when the server takes it, not when somebody knocks.
            self.warn(
                f"refused-{key.kind}",
                f"{key.kind} was refused: {intent.detail}",
                "Correct what the server names; it is tried again every hour, and as soon as the ticket changes.",
            )
            if self.world.now < intent.at + REFUSED_WAITS and self.ticket.changed_at <= intent.at:
                return False, None
        return True, None

    def _tried_often(self, intent: Intent) -> None:
        if intent.refused or intent.attempts < TRIED_OFTEN:
            return
        kind, said = intent.key.kind, intent.detail or "no end of it was seen"
        self.warn(
            f"tried-{kind}",
            f"{kind} was tried {intent.attempts} times and is not known to be done: {said}",
            "Look whether the server is up and not overloaded; every pass tries it again.",
        )

    def write(self, action: Write) -> Key:
        """A write outside, planned."""
        self.actions.append(action)
        self._touched.add(action.key)
        return action.key

    def letter(
        self, make: type[Told], kind: LetterKind, round_: int, to: str, facts: LetterFacts, **more: object
    ) -> Key | None:
        """Plans a letter under the caps of the day; None where it is done, waits or cannot be written."""
        key = self.key(kind, round_)
        free, look = self.free(key)
        if not free:
            return None
        mode = self.rules.mode(kind, self.client)
        if mode == "send" and not self._may_send(kind, to, look):
            return None
        language = self.client.language if self.client and self.client.language else self.rules.language
        try:
            subject, text = self.office.makers.render(kind, language, facts)
        except StudioError as error:
            self.warn(f"template-{kind}", f"the letter {kind} cannot be written: {error}", "Mend the template.")
            return None
        letter = Letter(to, language, look.subject if look and look.subject else subject, text, mode)
        after: AfterKeys = more.pop("after", ())  # type: ignore[assignment]  # the caller's keyword, typed there
        self.write(
            make(key, self.ticket.number, look, after, self.ticket.changed_at, letter=letter, **more)  # type: ignore[arg-type]  # likewise
        )
        return key

    def leftovers(self) -> tuple[Intent, ...]:
        """Writes that were begun, were not finished, and are not wanted any more."""
        begun = ("made", "unknown", "failed")
        return tuple(
            one for key, one in sorted(self._intents.items()) if one.state in begun and key not in self._touched
        )

    def _may_send(self, kind: LetterKind, to: str, look: Intent | None) -> bool:
        if not to:
            self.warn(
                f"address-{kind}",
                f"nobody to send the letter {kind} to: no address of the client is known",
                "Give the ticket a customer user with an address, or answer by hand.",
            )
            return False
        if look is not None:
            return True  # it was counted when it was handed over first
        letters, by_ticket = self.office.letters, f"#{self.ticket.id}"
        caps = (
            (to, "letters_a_day_to_one", self.rules.letters_a_day_to_one, f"{to} was"),
            (by_ticket, "letters_a_day", self.rules.letters_a_day, "it was"),
        )
        for counted, name, cap, whose in caps:
            if letters[counted] >= cap:
                self.warn(
                    f"cap-{kind}",
                    f"the letter {kind} waits for tomorrow: {whose} written to {letters[counted]} times today",
                    f"Look whether two machines answer one another; {name} in [sync] raises the cap.",
                )
                return False
        letters[to] += 1
        letters[by_ticket] += 1
        return True
