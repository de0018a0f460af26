"""What the store remembers beside invoices: internal time, holds, what was left open, kept reads, people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from studio_support.billing.audit import add_audit
from studio_support.billing.ledger_guards import existing_closing, free_empty
from studio_support.billing.ledger_issue import insert_places, place
from studio_support.billing.ledger_read import chunks
from studio_support.billing.month_plan import SetAside
from studio_support.errors import InvoiceStateError
from studio_support.model import Person, SourceKind
from studio_support.period import Month
from studio_support.store.engine import Store
from studio_support.store.tables import allocations, closings, holds, left_open, people, reads

NO_CLIENT = ""  # stands for time that belongs to no client


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """A reading that is kept. file: relative to the store's files. sha256: of the file's bytes. See model.Reading."""

    month: Month
    source: SourceKind
    started_at: datetime
    sha256: str
    file: str
    control: str
    entries: int
    requests: int


def set_internal(
    store: Store,
    month: Month,
    rows: Sequence[SetAside],
    *,
    source: SourceKind,
    read_started_at: datetime,
    late_since: datetime | None,
    read_id: int | None,
    person: str,
    now: datetime,
) -> int:
    """Records where time of internal projects stands; entries that stand somewhere already are left alone.

    Returns how many were added. Where the month's internal time stands already from another kind of source,
    nothing is added: the same hours are there under other keys.
    """
    facts = {
        "source": source,
        "read_id": read_id,
        "read_started_at": read_started_at,
        "late_since": late_since,
        "plan_hash": "",
        "closed_at": now,
        "closed_by": person,
    }

    def work(connection: Connection) -> int:
        fresh = {row.entry.id: row for row in _without_place(connection, rows)}
        closing = connection.execute(
            select(closings.c.id, closings.c.source).where(
                closings.c.client == NO_CLIENT, closings.c.month == str(month), closings.c.reopened_at.is_(None)
            )
        ).first()
        if not fresh or (closing is not None and closing.source != source):
            return 0
        if closing is None:
            closing_id = connection.execute(
                insert(closings).values(client=NO_CLIENT, month=str(month), **facts).returning(closings.c.id)
            ).scalar_one()
        else:
            closing_id = closing.id
        free_empty(connection, [row.entry for row in fresh.values()])
        insert_places(connection, [place(row.entry, closing_id, row.disposed, row.reason) for row in fresh.values()])
        add_audit(connection, person, "set internal", f"month:{month}", {"entries": len(fresh)}, now)
        return len(fresh)

    return store.write(work)


def _without_place(connection: Connection, rows: Sequence[SetAside]) -> list[SetAside]:
    """Those whose entries stand nowhere. A place of 0 minutes gives way to an entry that has been filled in since."""
    placed = {
        str(known.entry): int(known.minutes)
        for piece in chunks(row.entry.id for row in rows)
        for known in connection.execute(
            select(allocations.c.entry, allocations.c.minutes).where(allocations.c.entry.in_(piece), allocations.c.open)
        )
    }
    return [row for row in rows if row.entry.id not in placed or (row.entry.minutes and not placed[row.entry.id])]


def hold(store: Store, client: str, month: Month, reason: str, *, person: str, now: datetime) -> bool:
    """Keeps this client's month from being closed; False if it is held already with the same reason.

    Raises InvoiceStateError if the month is closed already.
    """

    def work(connection: Connection) -> bool:
        closed = existing_closing(connection, client, month, 0)
        if closed is not None:
            on = f" with invoice {closed.number}" if closed.number else ""
            raise InvoiceStateError(
                f"{month} of {client} is closed already{on}.",
                f"Cancel it with `invoice cancel {closed.number} --reason TEXT`, then hold the month."
                if closed.number
                else f"Open it with `bill reopen {month} --client {client} --reason TEXT`, then hold the month.",
            )
        which = (holds.c.client == client, holds.c.month == str(month))
        known = connection.execute(select(holds.c.reason).where(*which)).first()
        if known is not None and known.reason == reason:
            return False
        values = {"reason": reason, "held_by": person, "held_at": now}
        if known is None:
            connection.execute(insert(holds).values(client=client, month=str(month), **values))
        else:
            connection.execute(update(holds).where(*which).values(**values))
        add_audit(connection, person, "hold", f"client:{client}", {"month": str(month), "reason": reason}, now)
        return True

    return store.write(work)


def unhold(store: Store, client: str, month: Month, *, person: str, now: datetime) -> bool:
    """Lifts a hold; False if there was none."""

    def work(connection: Connection) -> bool:
        gone = connection.execute(delete(holds).where(holds.c.client == client, holds.c.month == str(month)))
        if gone.rowcount == 0:
            return False
        add_audit(connection, person, "unhold", f"client:{client}", {"month": str(month)}, now)
        return True

    return store.write(work)


def leave_open(store: Store, month: Month, clients: Iterable[str], now: datetime) -> None:
    """Remembers for which clients a close left this month open though time was booked for it."""
    wanted = set(clients)
    if not wanted:
        return

    def work(connection: Connection) -> None:
        query = select(left_open.c.client).where(left_open.c.month == str(month))
        known = set(connection.execute(query).scalars())
        for client in sorted(wanted - known):
            connection.execute(insert(left_open).values(client=client, month=str(month), left_at=now))

    store.write(work)


def record_read(store: Store, facts: ReadFacts) -> int:
    """Remembers a kept read; the same file again gives the same id."""

    def work(connection: Connection) -> int:
        known = _read_of(connection, facts.sha256)
        if known is not None:
            return known
        values = {name: getattr(facts, name) for name in facts.__dataclass_fields__}
        made = insert(reads).values(**values | {"month": str(facts.month)}).returning(reads.c.id)
        return int(connection.execute(made).scalar_one())

    return store.write(work)


def _read_of(connection: Connection, sha256: str) -> int | None:
    row = connection.execute(select(reads.c.id).where(reads.c.sha256 == sha256)).first()
    return None if row is None else int(row.id)


def remember_people(store: Store, persons: Iterable[Person], now: datetime) -> int:
    """Remembers everybody who has an id, under his present name; how many were new or had changed.

    A login that the source does not tell this time is not forgotten.
    """
    wanted = {person.id: person for person in persons if person.id is not None}
    if not wanted:
        return 0

    def work(connection: Connection) -> int:
        changed = 0
        known = {row.id: row for row in connection.execute(select(people))}
        for id, person in sorted(wanted.items()):
            row = known.get(id)
            if row is None:
                connection.execute(insert(people).values(id=id, name=person.name, login=person.login, seen_at=now))
            elif (row.name, row.login) != (person.name, person.login or row.login):
                connection.execute(
                    update(people)
                    .where(people.c.id == id)
                    .values(name=person.name, login=person.login or row.login, seen_at=now)
                )
            else:
                continue
            changed += 1
        return changed

    return store.write(work)
