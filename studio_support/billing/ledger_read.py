"""What a plan needs to know of the past, asked for by key in batches: its cost does not grow with the past.

Every query here is answered through an index; a test reads SQLite's plans and finds no scan of `allocations`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, cast

from sqlalchemy import Connection, Row, Select, exists, select

from studio_support.billing.ledger_guards import CHUNK
from studio_support.billing.ledger_view import (
    Allocation,
    ClosedMonth,
    Disposed,
    Disposition,
    LedgerView,
    PastMonth,
    late_mark,
)
from studio_support.model import Person
from studio_support.period import Month
from studio_support.store.tables import (
    allocations,
    closings,
    holds,
    invoices,
    left_open,
    people,
    specialists,
    store_facts,
)

_PAST_MONTHS = 3


def chunks(keys: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The keys in pieces that fit into one IN (...)."""
    rest = iter(keys)
    while piece := tuple(islice(rest, CHUNK)):
        yield piece


def view(connection: Connection, month: Month, clients: Sequence[str], entry_ids: Iterable[str]) -> LedgerView:
    """Where these entries stand, and what is known of these clients; see LedgerView."""
    billed: dict[str, Allocation] = {}
    set_aside: dict[str, Disposition] = {}
    for place in places_of(connection, entry_ids):
        if isinstance(place, Allocation):
            billed[place.entry] = place
        else:
            set_aside[place.entry] = place
    closed: dict[str, list[ClosedMonth]] = {}
    held: dict[str, str] = {}
    past: dict[str, list[PastMonth]] = {}
    left: dict[str, set[Month]] = {}
    resolved: dict[tuple[str, str], str] = {}
    for piece in chunks(dict.fromkeys(clients)):
        for known in closed_months(connection, piece):
            closed.setdefault(known.client, []).append(known)
        on_hold = select(holds.c.client, holds.c.reason).where(holds.c.client.in_(piece), holds.c.month == str(month))
        held.update({str(row.client): str(row.reason) for row in connection.execute(on_hold)})
        for row in connection.execute(select(left_open).where(left_open.c.client.in_(piece))):
            left.setdefault(str(row.client), set()).add(Month.parse(row.month))
        for client, figure in _past(connection, month, piece):
            past.setdefault(client, []).append(figure)
        for row in connection.execute(select(specialists).where(specialists.c.client.in_(piece))):
            resolved[str(row.client), str(row.specialist)] = str(row.person)
    return LedgerView(
        allocations=billed,
        dispositions=set_aside,
        closed={client: tuple(rows) for client, rows in closed.items()},
        held=held,
        past={client: tuple(rows) for client, rows in past.items()},
        left_open={client: frozenset(months) for client, months in left.items()},
        specialists=resolved,
        people=known_people(connection),
        first_month=first_month(connection),
    )


def places_query() -> Select[Any]:
    """Open places of entries with client, month and number, to be narrowed by the caller."""
    return (
        select(
            allocations.c.entry,
            allocations.c.line,
            allocations.c.placed,
            allocations.c.reason,
            allocations.c.minutes,
            allocations.c.spent_on,
            allocations.c.fingerprint,
            closings.c.client,
            closings.c.month,
            invoices.c.number,
        )
        .join_from(allocations, closings, allocations.c.closing_id == closings.c.id)
        .outerjoin(invoices, allocations.c.invoice_id == invoices.c.id)
        .where(allocations.c.open)
    )


def place_from(row: Row[Any]) -> Allocation | Disposition:
    """A row of `places_query` as the plain value that the pure rooms know."""
    month = Month.parse(row.month)
    if row.placed == "billed":
        return Allocation(
            row.entry, row.client, month, row.number, row.line, row.minutes, row.spent_on, row.fingerprint
        )
    disposed = cast(Disposed, row.placed)
    return Disposition(row.entry, row.client, month, row.minutes, disposed, row.reason, row.spent_on, row.fingerprint)


def places_of(connection: Connection, entry_ids: Iterable[str]) -> Iterator[Allocation | Disposition]:
    """The open places of just these entries."""
    for piece in chunks(entry_ids):
        for row in connection.execute(places_query().where(allocations.c.entry.in_(piece))):
            yield place_from(row)


def places_in_month(connection: Connection, month: Month) -> Iterator[Allocation | Disposition]:
    """Every open place of an entry whose day lies in this month, whatever invoice it stands on; streamed."""
    query = places_query().where(allocations.c.spent_on >= month.first_day, allocations.c.spent_on < month.end)
    streamed = connection.execution_options(yield_per=CHUNK)
    for row in streamed.execute(query.order_by(allocations.c.spent_on, allocations.c.id)):
        yield place_from(row)


def closed_months(connection: Connection, clients: Sequence[str]) -> list[ClosedMonth]:
    """Every month of these clients (at most CHUNK) that is closed now, in the order of month and supplement.

    A month is closed as long as its own closing stands: where that was cancelled, supplements of the month do not
    count, so that the month can be closed again.
    """
    query = (
        select(
            closings.c.client,
            closings.c.month,
            closings.c.source,
            closings.c.read_started_at,
            closings.c.plan_hash,
            invoices.c.number,
            closings.c.supplement,
        )
        .outerjoin_from(closings, invoices, closings.c.invoice_id == invoices.c.id)
        .where(closings.c.client.in_(clients), closings.c.reopened_at.is_(None))
        .order_by(closings.c.client, closings.c.month, closings.c.supplement)
    )
    found: list[ClosedMonth] = []
    own: set[tuple[str, str]] = set()
    for row in connection.execute(query):
        if row.supplement == 0:
            own.add((row.client, row.month))
        if (row.client, row.month) in own:
            month = Month.parse(row.month)
            found.append(
                ClosedMonth(
                    row.client, month, row.source, row.read_started_at, row.plan_hash, row.number, row.supplement
                )
            )
    return found


def _past(connection: Connection, month: Month, clients: Sequence[str]) -> Iterator[tuple[str, PastMonth]]:
    """What was invoiced for each of the months before this one, newest first; supplements are added up."""
    months = [month.previous]
    while len(months) < _PAST_MONTHS:
        months.append(months[-1].previous)
    query = (
        select(invoices.c.client, invoices.c.month, invoices.c.minutes, invoices.c.net)
        .where(invoices.c.client.in_(clients), invoices.c.month.in_([str(m) for m in months]))
        .where(invoices.c.kind == "invoice", invoices.c.state == "issued")
    )
    sums: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for row in connection.execute(query):
        minutes, net = sums.get((row.client, row.month), (0, Decimal(0)))
        sums[row.client, row.month] = (minutes + row.minutes, net + Decimal(row.net))
    for (client, text), (minutes, net) in sorted(sums.items(), key=lambda item: item[0], reverse=True):
        yield client, PastMonth(Month.parse(text), minutes, net)


def known_people(connection: Connection) -> tuple[Person, ...]:
    """Everybody who was remembered, by id."""
    query = select(people.c.id, people.c.name, people.c.login).order_by(people.c.id)
    return tuple(Person(row.id, row.name, row.login) for row in connection.execute(query))


def first_month(connection: Connection) -> Month | None:
    """The start that the first close of this store recorded."""
    query = select(store_facts.c.value).where(store_facts.c.key == "first_month")
    value = connection.execute(query).scalar_one_or_none()
    return None if value is None else Month.parse(str(value))


def oldest_mark(connection: Connection, clients: Sequence[str]) -> datetime | None:
    """The oldest, over these clients, of the reads from which each one's last month was closed (late_mark).

    Where a cancelled invoice had freed late time that nobody billed anew yet, the mark goes back as far as the
    read that had found it: that time lies in other months, and only a search by creation brings it back.
    None when none of them was ever closed.
    """
    marks: list[datetime] = []
    for piece in chunks(dict.fromkeys(clients)):
        closed: dict[str, list[ClosedMonth]] = {}
        for row in closed_months(connection, piece):
            closed.setdefault(row.client, []).append(row)
        marks.extend(mark for rows in closed.values() if (mark := late_mark(rows)) is not None)
        marks.extend(_lost_again(connection, piece))
    return min(marks, default=None)


def _lost_again(connection: Connection, clients: Sequence[str]) -> Iterator[datetime]:
    """How far back the reads had looked whose late time was freed and stands nowhere since."""
    freed = allocations.alias("freed")
    again = allocations.alias("again")
    nowhere = ~exists().where(again.c.entry == freed.c.entry, again.c.open)
    reopened = (
        select(closings)
        .where(closings.c.client.in_(clients), closings.c.reopened_at.is_not(None), closings.c.late_since.is_not(None))
        .order_by(closings.c.id)
    )
    for row in connection.execute(reopened).all():
        sought = select(closings.c.id).where(
            closings.c.client == row.client,
            closings.c.reopened_at.is_(None),
            closings.c.month >= row.month,  # an older month takes no late time of younger ones
            closings.c.late_since <= row.late_since,
            closings.c.read_started_at > row.reopened_at,  # two commands may run at one --as-of
        )
        if connection.execute(sought.limit(1)).first() is not None:
            continue  # a later read looked as far back: what it did not find is gone
        month = Month.parse(row.month)
        late = select(freed.c.id).where(freed.c.closing_id == row.id, nowhere)
        if row.supplement == 0:  # a supplement holds late time only, of its own month as well
            late = late.where((freed.c.spent_on < month.first_day) | (freed.c.spent_on >= month.end))
        if connection.execute(late.limit(1)).first() is not None:
            yield row.late_since
