"""The bridge's memory: what a plan is made from, read from the store, and every change, each in a transaction.

An intent is claimed before its write by comparing and swapping its row: of two passes at once, lock or no lock, one
writes. What a write has brought about (a link, a stopped clock) is stored in the transaction that calls it done.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from studio_support.store.engine import Store
from studio_support.store.tables import (
    sync_calls,
    sync_cursor,
    sync_intents,
    sync_links,
    sync_new_tickets,
    sync_orders,
    sync_promises,
    sync_tickets,
    sync_warnings,
)
from studio_support.sync import state_effects, state_servers
from studio_support.sync.actions import (
    Connect,
    LetterAction,
    OrderEnded,
    Promise,
    Recognise,
    Record,
    Remember,
    SawIssue,
    Warn,
    Write,
)
from studio_support.sync.model import LETTER_KINDS, Cursor, Intent, IntentState, Key, Known, Link, Promised, Servers
from studio_support.sync.world import UNREAD, Warned

_UNFINISHED = ("made", "unknown", "failed")
_IDS_A_QUERY = 500
_KNOWN = tuple(Known.__dataclass_fields__)


class State:
    """The tables of the bridge. All instants aware UTC; days are the studio's, as ISO text."""

    def __init__(self, store: Store, *, person: str) -> None:
        self._store = store
        self._person = person

    @property
    def mark(self) -> str:
        """What tells this store's writes from those of another store on the same servers."""
        return self._store.id[:8]

    def cursor(self) -> Cursor | None:
        """Where the reading stands; None before the first pass."""
        with self._store.reading() as connection:
            row = connection.execute(select(sync_cursor)).first()
        return None if row is None else Cursor(row.start, row.since, row.daily_at, row.agent_id, row.passed_at)

    def servers(self) -> Servers:
        """What passes have found out about the servers."""
        with self._store.reading() as connection:
            return state_servers.servers(connection)

    def keep_servers(self, **values: datetime | int | None) -> None:
        """Stores what has changed of it, by the names of its parts."""
        self._store.write(lambda connection: state_servers.keep_servers(connection, **values))

    def keep_redmine_clock(self, behind_seconds: int, now: datetime) -> None:
        """Stores how far Redmine's clock lies behind; see state_servers."""
        self._store.write(lambda connection: state_servers.keep_redmine_clock(connection, behind_seconds, now))

    def keep_cursor(self, cursor: Cursor) -> None:
        """Stores where the reading stands."""
        values = asdict(cursor)

        def work(connection: Connection) -> None:
            if connection.execute(update(sync_cursor).values(**values)).rowcount == 0:
                connection.execute(insert(sync_cursor).values(id=1, **values))

        self._store.write(work)

    def waiting(self) -> tuple[int, ...]:
        """Tickets to be read though nobody touched them: something is owed, a write is not finished, or what is new
        could not be read.
        """
        with self._store.reading() as connection:
            owed = connection.execute(select(sync_tickets.c.ticket_id).where(sync_tickets.c.waiting))
            ids = {row.ticket_id for row in owed}
            begun = connection.execute(
                select(sync_intents.c.ticket_id).where(sync_intents.c.state.in_(_UNFINISHED)).distinct()
            )
            ordered = connection.execute(select(sync_orders.c.ticket_id))
            found = ids | {row.ticket_id for rows in (begun, ordered) for row in rows}
            unread = _unread(connection)
            known = _in_batches(connection, select(sync_tickets.c.ticket_id), sync_tickets.c.ticket_id, unread)
            return tuple(sorted(found | (unread - {row.ticket_id for row in known})))

    def unread(self) -> set[int]:
        """Tickets that could not be read when they were last asked for."""
        with self._store.reading() as connection:
            return _unread(connection)

    def orders(self, ids: Collection[int]) -> frozenset[int]:
        """Those of the tickets for which a person ordered an issue that is not there yet."""
        with self._store.reading() as connection:
            rows = _in_batches(connection, select(sync_orders), sync_orders.c.ticket_id, ids)
            return frozenset(row.ticket_id for row in rows)

    def called(self, ids: Collection[int]) -> dict[int, datetime]:
        """When that was told to us of which these tickets were made, where a command of ours made them."""
        query = select(sync_new_tickets.c.ticket_id, sync_calls.c.called_at).join_from(sync_new_tickets, sync_calls)
        with self._store.reading() as connection:
            return {
                row.ticket_id: row.called_at
                for row in _in_batches(connection, query, sync_new_tickets.c.ticket_id, ids)
            }

    def tickets_of_numbers(self, numbers: Collection[str]) -> dict[str, int]:
        """Ids of known tickets by number."""
        query = select(sync_tickets.c.number, sync_tickets.c.ticket_id)
        with self._store.reading() as connection:
            return {row.number: row.ticket_id for row in _in_batches(connection, query, sync_tickets.c.number, numbers)}

    def known(self, ids: Collection[int]) -> dict[int, Known]:
        """What is remembered of these tickets."""
        with self._store.reading() as connection:
            rows = _in_batches(connection, select(sync_tickets), sync_tickets.c.ticket_id, ids)
            return {row.ticket_id: Known(**{name: getattr(row, name) for name in _KNOWN}) for row in rows}

    def promises(self, ids: Collection[int]) -> dict[int, tuple[Promised, ...]]:
        """Their promises, by round."""
        found: dict[int, tuple[Promised, ...]] = {}
        query = select(sync_promises).order_by(sync_promises.c.round)
        with self._store.reading() as connection:
            for row in _in_batches(connection, query, sync_promises.c.ticket_id, ids):
                local = row.due_at.astimezone(ZoneInfo(row.zone))
                promised = Promised(
                    row.ticket_id,
                    row.round,
                    row.article_id,
                    row.received_at,
                    row.due_at,
                    local,
                    row.acknowledged_at,
                    row.estimated_at,
                )
                found[row.ticket_id] = (*found.get(row.ticket_id, ()), promised)
        return found

    def links(self, *, tickets: Collection[int] = (), issues: Collection[int] = ()) -> tuple[Link, ...]:
        """Links of these tickets, and of these issues."""
        with self._store.reading() as connection:
            rows = [
                *_in_batches(connection, select(sync_links), sync_links.c.ticket_id, tickets),
                *_in_batches(connection, select(sync_links), sync_links.c.issue_id, issues),
            ]
        found = {(row.ticket_id, row.issue_id): _link(row) for row in rows}
        return tuple(found[key] for key in sorted(found))

    def live_links(self) -> tuple[Link, ...]:
        """All links whose issue is not known to be gone."""
        query = select(sync_links).where(sync_links.c.state != "gone").order_by(sync_links.c.ticket_id)
        with self._store.reading() as connection:
            return tuple(_link(row) for row in connection.execute(query))

    def intents(self, ids: Collection[int]) -> dict[int, tuple[Intent, ...]]:
        """Every write that was ever meant for these tickets."""
        found: dict[int, tuple[Intent, ...]] = {}
        with self._store.reading() as connection:
            for row in _in_batches(connection, select(sync_intents), sync_intents.c.ticket_id, ids):
                found[row.ticket_id] = (*found.get(row.ticket_id, ()), _intent(row))
        return found

    def unfinished(self) -> tuple[Intent, ...]:
        """Writes that were begun and are not known to be done or not, for `sync status`."""
        query = select(sync_intents).where(sync_intents.c.state.in_(_UNFINISHED)).order_by(sync_intents.c.at)
        with self._store.reading() as connection:
            return tuple(_intent(row) for row in connection.execute(query))

    def letters_on(self, day: str) -> dict[str, int]:
        """How many letters left on a day, by address and by `#ID` of the ticket; what is unknown counts."""
        query = select(sync_intents.c.recipient, sync_intents.c.ticket_id).where(
            sync_intents.c.day == day,
            sync_intents.c.mode == "send",
            sync_intents.c.kind.in_(LETTER_KINDS),
            sync_intents.c.state.in_(("made", "unknown", "done")),
        )
        counts: dict[str, int] = {}
        with self._store.reading() as connection:
            for row in connection.execute(query):
                for name in (row.recipient, f"#{row.ticket_id}"):
                    counts[name] = counts.get(name, 0) + 1
        return counts

    def warned(self) -> dict[str, Warned]:
        """What was told and has not ended."""
        with self._store.reading() as connection:
            rows = connection.execute(select(sync_warnings))
            found = (Warned(*(getattr(row, name) for name in Warned.__dataclass_fields__)) for row in rows)
            return {one.key: one for one in found}

    def record(self, action: Record, *, now: datetime, today: str) -> None:
        """Stores what concerns our store alone."""
        self._store.write(lambda connection: _record(connection, action, now, today))

    def claim(self, action: Write, *, now: datetime, today: str) -> bool:
        """Takes the right to do a write, before it is done; False where somebody else has it or has done it.

        Where the action bears an intent to look up, it must stand as it stood when the plan was made.
        """
        return self._store.write(lambda connection: _claim(connection, action, now, today, self._person))

    def complete(self, action: Write, result: int | None, *, now: datetime, by: str = "") -> None:
        """Calls a write done, with what it brought about. result: id of the article or issue. by: how it was found."""

        def work(connection: Connection) -> None:
            changed = connection.execute(
                update(sync_intents).where(_at(action.key)).values(state="done", result=result, detail="")
            )
            if changed.rowcount:
                state_effects.apply(connection, action, result, now, by)

        self._store.write(work)

    def take_for_done(self, key: Key, result: int, *, at: datetime, day: str) -> None:
        """Calls a letter done that is not known, or only tried in vain; what is known stays. result: its article."""
        row = {"ticket_id": key.ticket_id, "kind": key.kind, "round": key.round, "state": "done", "result": result}
        more = {"at": at, "day": day, "person": "", "subject": "", "recipient": "", "mode": "send"}

        def work(connection: Connection) -> None:
            tried = sync_intents.c.state.in_(("failed", "dropped"))
            connection.execute(delete(sync_intents).where(_at(key), tried))
            if connection.execute(select(sync_intents.c.state).where(_at(key))).first() is None:
                connection.execute(insert(sync_intents).values(**row, **more, attempts=1, detail="", refused=False))

        self._store.write(work)

    def settle(
        self, key: Key, state: IntentState, *, detail: str = "", refused: bool = False, at: datetime | None = None
    ) -> None:
        """Stores how a write ended that was not done, or that nobody knows of. at: from then on it is left alone."""
        values: dict[str, Any] = {"state": state, "detail": detail[:500], "refused": refused}
        if at is not None:
            values["at"] = at
        self._store.write(lambda connection: connection.execute(update(sync_intents).where(_at(key)).values(**values)))

    def handing_over(self, key: Key, at: datetime) -> None:
        """Stores that what came before a write took its time, and that it is handed over only now."""
        self._store.write(lambda connection: connection.execute(update(sync_intents).where(_at(key)).values(at=at)))


def _unread(connection: Connection) -> set[int]:
    columns = sync_warnings.c
    asked = columns.lasting & columns.key.startswith(UNREAD, autoescape=True) & columns.ticket_id.is_not(None)
    return {row.ticket_id for row in connection.execute(select(columns.ticket_id).where(asked))}


def _in_batches(connection: Connection, query: Any, column: Any, values: Collection[Any]) -> Iterable[Any]:
    asked: Sequence[Any] = sorted(set(values))
    for start in range(0, len(asked), _IDS_A_QUERY):
        yield from connection.execute(query.where(column.in_(asked[start : start + _IDS_A_QUERY])))


def _at(key: Key) -> ColumnElement[bool]:
    columns = sync_intents.c
    return (columns.ticket_id == key.ticket_id) & (columns.kind == key.kind) & (columns.round == key.round)


def _link(row: Any) -> Link:
    return Link(row.ticket_id, row.issue_id, row.place, row.round, row.by, row.state, row.project)


def _intent(row: Any) -> Intent:
    return Intent(
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


def _claim(connection: Connection, action: Write, now: datetime, today: str, person: str) -> bool:
    row = connection.execute(select(sync_intents).where(_at(action.key))).first()
    values: dict[str, Any] = {"state": "made", "at": now, "day": today, "detail": "", "refused": False}
    values["person"] = person
    if isinstance(action, LetterAction):
        letter = action.letter
        values |= {"subject": letter.subject, "recipient": letter.to, "mode": letter.mode}
    if row is None:
        blank = {"subject": "", "recipient": "", "mode": "send"}
        key = {"ticket_id": action.key.ticket_id, "kind": action.key.kind, "round": action.key.round}
        connection.execute(insert(sync_intents).values(**{**blank, **values, **key}, attempts=1))
        return True
    stood = action.look is not None and row.state == action.look.state and row.at == action.look.at
    if row.state not in ("failed", "dropped") and not (stood and row.state in ("made", "unknown")):
        return False
    connection.execute(update(sync_intents).where(_at(action.key)).values(**values, attempts=row.attempts + 1))
    return True


def _record(connection: Connection, action: Record, now: datetime, today: str) -> None:
    if isinstance(action, Promise):
        _promise(connection, action, now)
    elif isinstance(action, Recognise):
        state_effects.stop(connection, action.ticket_id, action.round, action.clock, action.at, action.by)
    elif isinstance(action, Connect):
        state_effects.connect(
            connection,
            Link(
                action.ticket_id,
                action.issue_id,
                action.place,
                action.round,
                action.by,
                action.state,
                action.project,
            ),
            now,
        )
    elif isinstance(action, SawIssue):
        here = (sync_links.c.ticket_id == action.ticket_id) & (sync_links.c.issue_id == action.issue_id)
        connection.execute(update(sync_links).where(here).values(state=action.state, project=action.project))
    elif isinstance(action, Remember):
        _remember(connection, action)
    elif isinstance(action, OrderEnded):
        connection.execute(delete(sync_orders).where(sync_orders.c.ticket_id == action.ticket_id))
    elif isinstance(action, Warn):
        _warn(connection, action, now, today)
    else:
        connection.execute(delete(sync_warnings).where(sync_warnings.c.key == action.key[:200]))


def _promise(connection: Connection, action: Promise, now: datetime) -> None:
    """Stores a promise with the round that it begins; one that stands already is left as it is."""
    here = (sync_promises.c.ticket_id == action.ticket_id) & (sync_promises.c.round == action.round)
    if connection.execute(select(sync_promises.c.round).where(here)).first() is None:
        due = action.due
        connection.execute(
            insert(sync_promises).values(
                ticket_id=action.ticket_id,
                round=action.round,
                article_id=action.article_id,
                received_at=due.received_at,
                arrival=action.arrival,
                zone=due.zone,
                intake_day=due.intake_day,
                due_at=due.due_at,
                rule=due.rule,
                calendar=due.calendar,
                reasons=json.dumps(list(due.reasons), ensure_ascii=False),
                client=action.client,
                critical=action.critical,
                made_at=now,
            )
        )
    begun = update(sync_tickets).where(
        sync_tickets.c.ticket_id == action.ticket_id, sync_tickets.c.round < action.round
    )
    connection.execute(begun.values(round=action.round, closed=False))


def _remember(connection: Connection, action: Remember) -> None:
    """Only what has changed: what a write has stored meanwhile stays."""
    after = asdict(action.after)
    if action.before is None:
        there = select(sync_tickets.c.ticket_id).where(sync_tickets.c.ticket_id == action.after.ticket_id)
        if connection.execute(there).first() is None:
            connection.execute(insert(sync_tickets).values(**after))
        return
    before = asdict(action.before)
    changed: Mapping[str, Any] = {name: value for name, value in after.items() if value != before[name]}
    connection.execute(update(sync_tickets).where(sync_tickets.c.ticket_id == action.after.ticket_id).values(**changed))


def _warn(connection: Connection, action: Warn, now: datetime, today: str) -> None:
    key = action.key[:200]
    told = {"message": action.message, "next_step": action.next_step, "told_on": today}
    if connection.execute(update(sync_warnings).where(sync_warnings.c.key == key).values(**told)).rowcount == 0:
        connection.execute(
            insert(sync_warnings).values(
                key=key, lasting=action.lasting, ticket_id=action.ticket_id, began_at=now, **told
            )
        )
