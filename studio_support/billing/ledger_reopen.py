"""Opening a month again that was closed with nothing to bill, in one transaction: the counterpart of a cancellation.

A wrong rule or a forgotten project shows only afterwards. Where there is an invoice the way back is its
cancellation; without one there is no document to take back, and the closing and what it had set aside are undone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from studio_support.billing.audit import add_audit
from studio_support.billing.ledger_facts import NO_CLIENT
from studio_support.errors import InvoiceStateError, Refused
from studio_support.period import Month
from studio_support.store.engine import Store
from studio_support.store.tables import allocations, closings, invoices


def reopen(store: Store, client: str, month: Month, reason: str, *, person: str, now: datetime) -> int | None:
    """Opens the client's month (NO_CLIENT: the studio's own time of it); how many entries were freed, None where
    the month is open already.

    Supplements without an invoice are opened with it. Raises InvoiceStateError where an invoice stands for all that
    is closed, Refused without a reason.
    """
    if not reason.strip():
        raise Refused("Whoever looks at this later wants to know the reason.", "Give it with --reason TEXT.")

    def work(connection: Connection) -> int | None:
        rows = connection.execute(
            select(closings.c.id, closings.c.supplement, invoices.c.number)
            .outerjoin_from(closings, invoices, closings.c.invoice_id == invoices.c.id)
            .where(closings.c.client == client, closings.c.month == str(month), closings.c.reopened_at.is_(None))
            .order_by(closings.c.supplement)
        ).all()
        empty = [row for row in rows if row.number is None]
        if not empty and any(row.supplement == 0 for row in rows):
            raise InvoiceStateError(
                f"{month} of {client} is closed with the invoice {rows[0].number}.",
                f"Take it back with `invoice cancel {rows[0].number} --reason TEXT`: that opens the month again.",
            )
        if not empty:
            return None
        ids = [row.id for row in empty]
        connection.execute(update(closings).where(closings.c.id.in_(ids)).values(reopened_at=now))
        freed = connection.execute(
            update(allocations).where(allocations.c.closing_id.in_(ids), allocations.c.open).values(open=False)
        ).rowcount
        subject = f"month:{month}" if client == NO_CLIENT else f"client:{client}"
        detail = {
            "month": str(month),
            "reason": reason.strip(),
            "entries_freed": freed,
            "supplements": [row.supplement for row in empty],
        }
        add_audit(connection, person, "reopen", subject, detail, now)
        return freed

    return store.write(work)
