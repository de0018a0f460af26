"""Where the bridge stands, read from the store alone: for `sync status`, which asks no server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from studio_support.store.engine import Store
from studio_support.store.tables import (
    sync_calls,
    sync_cursor,
    sync_intents,
    sync_links,
    sync_new_tickets,
    sync_promises,
    sync_tickets,
    sync_warnings,
)
from studio_support.sync.model import LETTER_KINDS, Intent, Key
from studio_support.sync.report import instant, intent_dict


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A write that is not known to be done. looked_up_at: when its hold ends, None where nothing is in doubt."""

    intent: Intent
    number: str
    looked_up_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A warning that holds. began_at: when it was told first."""

    message: str
    next_step: str
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """What the store says of the bridge. passed_at: when the last whole pass began, None before the first.

    start: what arrived before is never written to. tickets, links: how many are known. open_promises: those that the
    inbox lists, of tickets that are not closed and whose answer is owed; missed: those of them whose time is over.
    noted: letters that were filed as internal notes and never sent.
    """

    now: datetime
    passed_at: datetime | None
    start: datetime | None
    since: datetime | None
    tickets: int
    links: int
    open_promises: int
    missed: int
    unfinished: tuple[Unfinished, ...]
    warnings: tuple[Standing, ...]
    noted: int = 0

    def older_than(self, age: timedelta) -> bool:
        """Whether the last pass lies further back; without any it does."""
        return self.passed_at is None or self.now - self.passed_at > age

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `sync status`."""
        age = None if self.passed_at is None else int((self.now - self.passed_at).total_seconds())
        return {
            "passed_at": instant(self.passed_at),
            "age_seconds": age,
            "start": instant(self.start),
            "since": instant(self.since),
            "tickets": self.tickets,
            "links": self.links,
            "open_promises": self.open_promises,
            "missed_promises": self.missed,
            "letters_as_notes": self.noted,
            "on_hold": [
                {**intent_dict(one.intent, one.number), "looked_up_at": instant(one.looked_up_at)}
                for one in self.unfinished
            ],
            "warnings": [
                {"message": one.message, "next_step": one.next_step, "began_at": instant(one.began_at)}
                for one in self.warnings
            ],
        }


def status(store: Store, now: datetime, hold_seconds: int) -> Status:
    """Raises StoreError."""
    promises = sync_promises.c
    owed = (
        select(func.count())
        .select_from(sync_promises.join(sync_tickets))
        .where(promises.round == sync_tickets.c.round, ~sync_tickets.c.closed)
        .where(or_(promises.acknowledged_at.is_(None), promises.estimated_at.is_(None)))
    )
    with store.reading() as connection:
        cursor = connection.execute(select(sync_cursor)).first()
        unfinished = connection.execute(
            select(sync_intents, sync_tickets.c.number)
            .join(sync_tickets, sync_tickets.c.ticket_id == sync_intents.c.ticket_id, isouter=True)
            .where(sync_intents.c.state.in_(("made", "unknown", "failed")))
            .order_by(sync_intents.c.at, sync_intents.c.ticket_id, sync_intents.c.kind)
        ).all()
        calls = connection.execute(
            select(sync_new_tickets, sync_calls.c.customer)
            .join_from(sync_new_tickets, sync_calls, isouter=True)
            .where(sync_new_tickets.c.state.in_(("made", "unknown")))
            .order_by(sync_new_tickets.c.id)
        ).all()
        warnings = connection.execute(
            select(sync_warnings).where(sync_warnings.c.lasting).order_by(sync_warnings.c.began_at)
        ).all()

        def count(query: Any) -> int:
            return int(connection.execute(query).scalar() or 0)

        return Status(
            now=now,
            passed_at=None if cursor is None else cursor.passed_at,
            start=None if cursor is None else cursor.start,
            since=None if cursor is None else cursor.since,
            tickets=count(select(func.count()).select_from(sync_tickets)),
            links=count(select(func.count()).select_from(sync_links).where(sync_links.c.state != "gone")),
            open_promises=count(owed),
            missed=count(owed.where(promises.due_at < now)),
            unfinished=(
                *(_unfinished(row, hold_seconds) for row in unfinished),
                *(_call(row, hold_seconds) for row in calls),
            ),
            warnings=tuple(Standing(row.message, row.next_step, row.began_at) for row in warnings),
            noted=count(
                select(func.count()).where(
                    sync_intents.c.mode == "note",
                    sync_intents.c.state == "done",
                    sync_intents.c.kind.in_(LETTER_KINDS),
                )
            ),
        )


def _call(row: Any, hold_seconds: int) -> Unfinished:
    """A ticket of `ticket new` of which nobody knows whether it was made; it has no number yet."""
    detail = f'"{row.title}", by {row.person}'
    intent = Intent(
        Key(0, "new", row.id), row.state, row.at, 1, row.title, row.customer or "", "send", detail, None, False
    )
    return Unfinished(intent, "", row.at + timedelta(seconds=hold_seconds))


def _unfinished(row: Any, hold_seconds: int) -> Unfinished:
    intent = Intent(
        Key(row.ticket_id, row.kind, row.round),
        row.state,
        row.at,
        row.attempts,
        row.subject,
        row.recipient,
        row.mode,
        row.detail,
        row.result,
        row.refused,
    )
    held_until = row.at + timedelta(seconds=hold_seconds) if intent.open else None
    return Unfinished(intent, row.number or "", held_until)
