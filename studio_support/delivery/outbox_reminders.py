"""Reminders in the outbox: a row of their own each, so that one of each kind is ever made, whoever runs and dies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, and_, exists, insert, not_, or_, select, update

from studio_support.billing.audit import add_audit
from studio_support.delivery.outbox import REMINDER
from studio_support.delivery.outcomes import DIVERTED
from studio_support.delivery.reminders import OpenInvoice, Reminder
from studio_support.store.engine import Store
from studio_support.store.tables import invoices, letters, outbox, receivables


def open_invoices(store: Store, today: date) -> list[OpenInvoice]:
    """Invoices that stand, are due by today, neither paid nor disputed, in the order of issue."""
    settled = or_(receivables.c.paid_on.is_not(None), receivables.c.disputed_at.is_not(None))
    query = (
        select(*(invoices.c[name] for name in ("id", "number", "client", "due_date", "gross")))
        .where(invoices.c.kind == "invoice", invoices.c.state == "issued", invoices.c.link_live)
        .where(invoices.c.due_date <= today)
        .where(not_(exists().where(receivables.c.invoice_id == invoices.c.id, settled)))
        .order_by(invoices.c.id)
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
        delivered = _delivered(connection)
        reminded = _reminded(connection)
    return [
        OpenInvoice(
            id=row.id,
            number=row.number,
            client=row.client,
            due_date=row.due_date,
            gross=Decimal(row.gross),
            delivered=row.id in delivered,
            reminded=tuple(reminded.get(row.id, ())),
        )
        for row in rows
    ]


def _delivered(connection: Connection) -> set[int]:
    query = select(outbox.c.invoice_id).join(letters, letters.c.outbox_id == outbox.c.id)
    there = and_(letters.c.state == "accepted", not_(letters.c.detail.startswith(DIVERTED, autoescape=True)))
    return set(connection.execute(query.where(outbox.c.kind == "invoice", there)).scalars())


def _reminded(connection: Connection) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    query = select(outbox.c.invoice_id, outbox.c.kind).where(outbox.c.kind.startswith(REMINDER, autoescape=True))
    for row in connection.execute(query):
        found.setdefault(row.invoice_id, []).append(step_of(row.kind))
    return found


def step_of(kind: str) -> int:
    """Days after the due date of a reminder's row."""
    return int(kind.removeprefix(REMINDER))


def queue_reminders(store: Store, reminders: Sequence[Reminder], person: str, now: datetime) -> int:
    """Queues them, and withdraws what waits of an earlier step; how many were not queued before.

    In one transaction. One that another run queued meanwhile stays as it is.
    """
    made = 0
    with store.writing() as connection:
        for reminder in reminders:
            kind = f"{REMINDER}{reminder.step}"
            mine = outbox.c.invoice_id == reminder.invoice_id, outbox.c.kind == kind
            if connection.execute(select(outbox.c.id).where(*mine)).first() is not None:
                continue
            withdraw_reminders(connection, reminder.invoice_id, now)
            values = {"invoice_id": reminder.invoice_id, "kind": kind, "state": "queued", "queued_at": now}
            connection.execute(insert(outbox).values(**values))
            told = {"days_after": reminder.step, "days_overdue": reminder.days_overdue}
            add_audit(connection, person, "remind", f"invoice:{reminder.number}", told, now)
            made += 1
    return made


def withdraw_reminders(connection: Connection, invoice_id: int, now: datetime) -> None:
    """Takes back the reminders of a document that no server has taken."""
    mine = outbox.c.invoice_id == invoice_id, outbox.c.kind.startswith(REMINDER, autoescape=True)
    waiting = letters.c.outbox_id.in_(select(outbox.c.id).where(*mine)), letters.c.state.in_(("queued", "refused"))
    connection.execute(update(letters).where(*waiting).values(state="withdrawn", changed_at=now))
    connection.execute(update(outbox).where(*mine, outbox.c.state == "queued").values(state="withdrawn"))
