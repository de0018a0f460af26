"""What the ledger looks at before it writes, so that a refusal can say why. The constraints hold without these."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Connection, or_, select, update

from studio_support.billing.ledger_types import Issued
from studio_support.errors import ClientHeld, EntryTaken, SourceKindMixed
from studio_support.model import SourceKind, TimeEntry
from studio_support.period import Month
from studio_support.store.tables import allocations, closings, holds, invoices

CHUNK = 500  # values in one IN (...): well under SQLite's limit of variables, and one plan for all chunks


def existing_closing(connection: Connection, client: str, month: Month, supplement: int) -> Issued | None:
    """The closing of this client's month that stands now, if any."""
    row = connection.execute(
        select(closings.c.invoice_id, invoices.c.number)
        .outerjoin_from(closings, invoices, closings.c.invoice_id == invoices.c.id)
        .where(
            closings.c.client == client,
            closings.c.month == str(month),
            closings.c.supplement == supplement,
            closings.c.reopened_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    return Issued(client, month, supplement, row.number, row.invoice_id, created=False)


def refuse_held(connection: Connection, client: str, month: Month) -> None:
    """Raises ClientHeld if somebody put this client's month on hold."""
    row = connection.execute(
        select(holds.c.reason).where(holds.c.client == client, holds.c.month == str(month))
    ).first()
    if row is not None:
        raise ClientHeld(client, str(month), str(row.reason))


def refuse_mixed_sources(
    connection: Connection, client: str, month: Month, months: Collection[date], source: SourceKind
) -> None:
    """Raises SourceKindMixed if any of these months of the client stands in the ledger from another kind of source.

    months: first days of the months that the entries lie in. A month counts as the other source's if it was
    closed from it, or if time of it stands on a later invoice made from it: one hour has two keys there.
    """
    rows = connection.execute(
        select(closings.c.id, closings.c.month, closings.c.source).where(
            closings.c.client == client, closings.c.reopened_at.is_(None), closings.c.source != source
        )
    ).all()
    named = {str(Month.of(day)) for day in months}
    for row in rows:
        if row.month in named:
            raise SourceKindMixed(client, str(row.month), str(row.source), source)
    others = {int(row.id): str(row.source) for row in rows}
    windows = [(allocations.c.spent_on >= day) & (allocations.c.spent_on < Month.of(day).end) for day in sorted(months)]
    for start in range(0, len(others), CHUNK):
        found = connection.execute(
            select(allocations.c.spent_on, allocations.c.closing_id)
            .where(allocations.c.closing_id.in_(sorted(others)[start : start + CHUNK]), allocations.c.open)
            .where(or_(*windows))
            .limit(1)
        ).first()
        if found is not None:
            raise SourceKindMixed(client, str(Month.of(found.spent_on)), others[int(found.closing_id)], source)


# of an entry that had no minutes when it was set aside: it holds nothing that could be billed twice
_EMPTY = (allocations.c.placed != "billed") & (allocations.c.minutes == 0)


def refuse_taken(connection: Connection, entries: Sequence[TimeEntry]) -> None:
    """Raises EntryTaken for the first of these entries that stands somewhere already.

    A place of 0 minutes gives way to an entry that has been filled in since.
    """
    for filled in (True, False):
        ids = [entry.id for entry in entries if bool(entry.minutes) is filled]
        _refuse_taken(connection, ids, allocations.c.open & ~_EMPTY if filled else allocations.c.open)


def free_empty(connection: Connection, entries: Sequence[TimeEntry]) -> None:
    """Frees the places of 0 minutes of those of these entries that have been filled in since."""
    filled = [entry.id for entry in entries if entry.minutes]
    for start in range(0, len(filled), CHUNK):
        these = allocations.c.entry.in_(filled[start : start + CHUNK])
        connection.execute(update(allocations).where(these, allocations.c.open, _EMPTY).values(open=False))


def _refuse_taken(connection: Connection, entries: Sequence[str], taken: ColumnElement[bool]) -> None:
    for start in range(0, len(entries), CHUNK):
        row = connection.execute(
            select(allocations.c.entry, allocations.c.placed, closings.c.client, closings.c.month, invoices.c.number)
            .join_from(allocations, closings, allocations.c.closing_id == closings.c.id)
            .outerjoin(invoices, allocations.c.invoice_id == invoices.c.id)
            .where(allocations.c.entry.in_(entries[start : start + CHUNK]), taken)
            .limit(1)
        ).first()
        if row is not None:
            where = f"on invoice {row.number}" if row.number else f"as {row.placed.replace('_', '-')}"
            raise EntryTaken(str(row.entry), f"{where} ({row.client or 'internal'}, {row.month})")
