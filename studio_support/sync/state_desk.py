"""What the commands about tickets read of the bridge's memory and keep in it: the inbox, the story of a ticket, orders.

Orders stand in the store before anything is done, so that a pass finishes what a killed command began.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, or_, select, update
from sqlalchemy import insert as insert_into

from studio_support.billing.audit import add_audit, read_audit
from studio_support.store.engine import Store
from studio_support.store.tables import sync_calls, sync_new_tickets, sync_orders, sync_promises, sync_tickets
from studio_support.sync.model import IntentState, Known

_TRACED = "ticket "


@dataclass(frozen=True, slots=True)
class StoredPromise:
    """A promise as it was made, with its clocks. due_local: on the studio's clock. arrival: how its time is known."""

    ticket_id: int
    number: str
    round: int
    received_at: datetime
    due_at: datetime
    due_local: datetime
    zone: str
    client: str | None
    critical: bool
    arrival: str
    reasons: tuple[str, ...]
    rule: str
    calendar: str
    acknowledged_at: datetime | None
    acknowledged_by: str
    estimated_at: datetime | None
    estimated_by: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Who did what to a ticket by a command. verb: as it is typed. what: more about it, in words, "" for nothing."""

    at: datetime
    person: str
    verb: str
    what: str


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket that was meant to be made for what came by voice. number: "" while it is not known.

    digest: of these words of this customer. channel, customer, said, queue: what it is made from; "" in rows of older
    versions. called_at: when these words of this customer were told to us first; None in such rows.
    """

    id: int
    state: IntentState
    at: datetime
    title: str
    ticket_id: int | None
    number: str
    person: str
    digest: str
    channel: str = ""
    customer: str = ""
    said: str = ""
    queue: str = ""
    called_at: datetime | None = None


class DeskState:
    """The tables behind the commands about tickets."""

    def __init__(self, store: Store, *, person: str) -> None:
        self._store = store
        self._person = person

    def open_promises(self) -> tuple[StoredPromise, ...]:
        """Promises of the present rounds of tickets that are not closed, one of whose clocks runs; by due time."""
        columns = sync_promises.c
        query = (
            _promises()
            .where(columns.round == sync_tickets.c.round, ~sync_tickets.c.closed)
            .where(or_(columns.acknowledged_at.is_(None), columns.estimated_at.is_(None)))
            .order_by(columns.due_at, columns.ticket_id)
        )
        with self._store.reading() as connection:
            return tuple(_promise(row) for row in connection.execute(query))

    def promises_of(self, ticket_id: int) -> tuple[StoredPromise, ...]:
        """All promises of a ticket, by round."""
        query = _promises().where(sync_promises.c.ticket_id == ticket_id).order_by(sync_promises.c.round)
        with self._store.reading() as connection:
            return tuple(_promise(row) for row in connection.execute(query))

    def open_tickets(self) -> dict[int, str]:
        """Numbers of known tickets that were not closed when they were seen last, by id."""
        query = select(sync_tickets.c.ticket_id, sync_tickets.c.number).where(~sync_tickets.c.closed)
        with self._store.reading() as connection:
            return {row.ticket_id: row.number for row in connection.execute(query)}

    def numbers(self) -> frozenset[str]:
        """Numbers of all known tickets."""
        with self._store.reading() as connection:
            return frozenset(connection.execute(select(sync_tickets.c.number)).scalars())

    def order_issue(self, before: Known | None, after: Known, now: datetime) -> None:
        """Keeps that a person ordered an issue for a ticket, which is served from now on; repeated: nothing changes."""

        def work(connection: Connection) -> None:
            here = sync_tickets.c.ticket_id == after.ticket_id
            if before is None and connection.execute(select(sync_tickets.c.ticket_id).where(here)).first() is None:
                connection.execute(insert_into(sync_tickets).values(**asdict(after)))
            connection.execute(update(sync_tickets).where(here).values(adopted=True))
            ordered = select(sync_orders.c.ticket_id).where(sync_orders.c.ticket_id == after.ticket_id)
            if connection.execute(ordered).first() is None:
                values = {"ticket_id": after.ticket_id, "at": now, "person": self._person}
                connection.execute(insert_into(sync_orders).values(**values))

        self._store.write(work)

    def trace(self, verb: str, number: str, detail: str, now: datetime) -> None:
        """Keeps in the audit log that the person at work did something to a ticket: take, estimate, approve …"""
        self._store.write(
            lambda connection: add_audit(connection, self._person, f"{_TRACED}{verb}", number, {"what": detail}, now)
        )

    def traces(self, number: str) -> tuple[Trace, ...]:
        """What people did to a ticket by commands, oldest first."""
        with self._store.reading() as connection:
            rows = [row for row in read_audit(connection, number) if row.verb.startswith(_TRACED)]
        return tuple(
            Trace(row.at, row.person, row.verb.removeprefix(_TRACED), json.loads(row.detail)["what"]) for row in rows
        )

    def new_tickets(self, digest: str) -> tuple[NewTicket, ...]:
        """What was ordered with the same words, the newest first."""
        query = _news().where(sync_new_tickets.c.digest == digest).order_by(sync_new_tickets.c.id.desc())
        with self._store.reading() as connection:
            return tuple(_new(row) for row in connection.execute(query))

    def unfinished_new(self) -> tuple[NewTicket, ...]:
        """Tickets of which nobody knows whether they were made."""
        query = _news().where(sync_new_tickets.c.state.in_(("made", "unknown")))
        with self._store.reading() as connection:
            return tuple(_new(row) for row in connection.execute(query.order_by(sync_new_tickets.c.id)))

    def begin_new(self, digest: str, now: datetime, *, title: str, called_at: datetime, **told: str) -> int:
        """Keeps that a ticket is about to be made; gives the id by which it is found again.

        called_at: when it was told to us first. told: channel, customer, said and queue, from which a pass makes it
        where a killed command did not.
        """
        values = {"digest": digest, "state": "made", "at": now, "title": title[:500], "person": self._person}

        def work(connection: Connection) -> int:
            made = connection.execute(insert_into(sync_new_tickets).values(**values)).inserted_primary_key
            assert made is not None, "a row that was inserted has a key"
            connection.execute(insert_into(sync_calls).values(new_id=int(made[0]), called_at=called_at, **told))
            return int(made[0])

        return self._store.write(work)

    def end_new(self, new_id: int, state: IntentState, **values: Any) -> None:
        """Keeps how it ended, and what was said no longer than a pass may need it. values: ticket_id and number, at, or
        detail.
        """
        here, said = sync_new_tickets.c.id == new_id, sync_calls.c.new_id == new_id

        def work(connection: Connection) -> None:
            connection.execute(update(sync_new_tickets).where(here).values(state=state, **values))
            if state not in ("made", "unknown"):
                connection.execute(update(sync_calls).where(said).values(said=""))

        self._store.write(work)


def _news() -> Any:
    calls = sync_calls.c
    told = (calls.channel, calls.customer, calls.said, calls.queue, calls.called_at)
    return select(sync_new_tickets, *told).join_from(sync_new_tickets, sync_calls, isouter=True)


def _promises() -> Any:
    return select(sync_promises, sync_tickets.c.number).join_from(
        sync_promises, sync_tickets, sync_promises.c.ticket_id == sync_tickets.c.ticket_id
    )


def _promise(row: Any) -> StoredPromise:
    copied = {name for name in StoredPromise.__dataclass_fields__ if name not in ("reasons", "due_local")}
    return StoredPromise(
        **{name: getattr(row, name) for name in copied},
        reasons=tuple(json.loads(row.reasons)),
        due_local=row.due_at.astimezone(ZoneInfo(row.zone)),
    )


def _new(row: Any) -> NewTicket:
    names = NewTicket.__dataclass_fields__
    told = {name: "" for name in ("channel", "customer", "said", "queue") if getattr(row, name) is None}
    return NewTicket(**{**{name: getattr(row, name) for name in names}, **told})
