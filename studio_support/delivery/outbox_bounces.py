"""Letters that came back: each report is counted once, in the transaction that marks its letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from studio_support.billing.audit import add_audit
from studio_support.delivery.bounces import Report
from studio_support.delivery.letter import envelope_address
from studio_support.store.engine import Store
from studio_support.store.tables import bounce_reports, invoices, letters, outbox, store_facts

# a letter in doubt that is reported back was taken, and is not in doubt any more
_CAN_COME_BACK = ("accepted", "uncertain")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of the mailbox. key: the same whenever it is read again."""

    key: str
    reports: tuple[Report, ...]


def record_bounces(
    store: Store, seen: Sequence[Seen], *, person: str, now: datetime, cursor: tuple[str, str] | None = None
) -> int:
    """Marks the letters that these messages report as failed; how many were marked now.

    A report that was counted before does nothing, even if its letter was sent again since; one that is about none of
    our letters is nothing to us. cursor: key and value of how far the mailbox was read, kept in the same transaction.
    """
    marked = 0
    with store.writing() as connection:
        for message in seen:
            for report in message.reports:
                if report.failed:
                    marked += _mark(connection, message.key, report, person, now)
        if cursor is not None:
            key, value = cursor
            changed = connection.execute(update(store_facts).where(store_facts.c.key == key).values(value=value))
            if changed.rowcount == 0:
                connection.execute(insert(store_facts).values(key=key, value=value))
    return marked


def cursor_of(store: Store, key: str) -> str:
    """How far a mailbox was read, "" where it never was."""
    with store.reading() as connection:
        found = connection.execute(select(store_facts.c.value).where(store_facts.c.key == key)).scalar_one_or_none()
    return found or ""


def _mark(connection: Connection, key: str, report: Report, person: str, now: datetime) -> int:
    query = (
        select(letters.c.id, letters.c.recipient, invoices.c.number)
        .join(outbox, letters.c.outbox_id == outbox.c.id)
        .join(invoices, outbox.c.invoice_id == invoices.c.id)
        .where(letters.c.message_id == report.message_id)
    )
    letter = connection.execute(query).first()
    known = select(bounce_reports.c.key).where(bounce_reports.c.key == key)
    if letter is None or connection.execute(known).first() is not None:
        return 0
    other = report.recipient and _as_told(report.recipient) != _as_told(letter.recipient)
    words = [f"for {report.recipient}:" if other else "", report.status, report.reason]
    detail = " ".join(word for word in dict.fromkeys(words) if word)[:500]
    connection.execute(insert(bounce_reports).values(key=key, letter_id=letter.id, read_at=now, detail=detail))
    changed = connection.execute(
        update(letters)
        .where(letters.c.id == letter.id, letters.c.state.in_(_CAN_COME_BACK))
        .values(state="bounced", detail=detail, changed_at=now)
    )
    if changed.rowcount:
        told = {"recipient": letter.recipient, "detail": detail}
        add_audit(connection, person, "mail bounced", f"invoice:{letter.number}", told, now)
    return changed.rowcount


def _as_told(address: str) -> str:
    """An address for comparing: a server names the domain in the form that it was told."""
    try:
        return envelope_address(address).casefold()
    except UnicodeError:  # whatever a report holds
        return address.casefold()
