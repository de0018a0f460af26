"""What is known of the money of an issued invoice: paid, or disputed. It ends reminders, and changes no document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from studio_support.billing.audit import add_audit
from studio_support.delivery.outbox_reminders import withdraw_reminders
from studio_support.errors import InvoiceStateError, Refused, UnknownInvoice
from studio_support.store.engine import Store
from studio_support.store.tables import invoices, receivables


@dataclass(frozen=True, slots=True)
class Receivable:
    """paid_on: the day the money was there, None while it is not. dispute: why, "" where nobody disputes it.
    changed: whether this call changed anything."""

    number: str
    client: str
    paid_on: date | None = None
    dispute: str = ""
    disputed_at: datetime | None = None
    changed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `invoice paid` and `invoice dispute`."""
        return {
            "number": self.number,
            "client": self.client,
            "paid_on": self.paid_on.isoformat() if self.paid_on else None,
            "disputed": self.disputed_at is not None,
            "dispute": self.dispute,
            "changed": self.changed,
        }


def receivables_of(store: Store) -> dict[str, Receivable]:
    """All that is known, by number."""
    columns = invoices.c.number, invoices.c.client, *_KNOWN
    query = select(*columns).join(receivables, receivables.c.invoice_id == invoices.c.id)
    with store.reading() as connection:
        return {row.number: Receivable(*row) for row in connection.execute(query)}


def mark_paid(store: Store, number: str, paid_on: date | None, *, person: str, now: datetime) -> Receivable:
    """The invoice was paid on that day; None: it was not, after all. Reminders that wait are withdrawn.

    Raises UnknownInvoice, InvoiceStateError for a document that is no invoice or does not stand, Refused for a day
    before its issue.
    """
    with store.writing() as connection:
        document, known = _found(connection, number)
        if paid_on is not None and paid_on < document.issue_date:
            raise Refused(
                f"{number} was issued on {document.issue_date}, after {paid_on}.", "Give the day the money came in."
            )
        if known.paid_on == paid_on:
            return known
        verb = "unpaid" if paid_on is None else "paid"
        told = {"paid_on": paid_on.isoformat() if paid_on else None}
        return _change(connection, document, {"paid_on": paid_on}, (person, verb, now), told)


def mark_disputed(store: Store, number: str, reason: str | None, *, person: str, now: datetime) -> Receivable:
    """The client disputes the invoice; reason None: no longer. Reminders that wait are withdrawn.

    Raises UnknownInvoice, InvoiceStateError like mark_paid, Refused without a reason.
    """
    if reason is not None and not reason.strip():
        raise Refused("A dispute needs its reason.", "Give it with --reason TEXT: who asks for it later will want it.")
    with store.writing() as connection:
        document, known = _found(connection, number)
        if reason is None and known.disputed_at is None:
            return known
        if reason is not None and known.dispute == reason.strip() and known.disputed_at is not None:
            return known
        facts = {"dispute": (reason or "").strip(), "disputed_at": None if reason is None else now}
        verb = "undispute" if reason is None else "dispute"
        return _change(connection, document, facts, (person, verb, now), {"reason": facts["dispute"]})


_KNOWN = tuple(receivables.c[name] for name in ("paid_on", "dispute", "disputed_at"))


def _found(connection: Connection, number: str) -> tuple[Row[Any], Receivable]:
    columns = (invoices.c[name] for name in ("id", "number", "client", "kind", "state", "issue_date"))
    document = connection.execute(select(*columns).where(invoices.c.number == number)).first()
    if document is None:
        raise UnknownInvoice(number)
    if document.kind != "invoice":
        raise InvoiceStateError(f"{number} is no invoice, so nobody pays it.", "Name the invoice.")
    if document.state != "issued":
        raise InvoiceStateError(f"{number} is {document.state}.", "Name the document that replaced it.")
    return document, _known(connection, document)


def _known(connection: Connection, document: Row[Any], *, changed: bool = False) -> Receivable:
    row = connection.execute(select(*_KNOWN).where(receivables.c.invoice_id == document.id)).first()
    paid_on, dispute, disputed_at = row or (None, "", None)
    return Receivable(document.number, document.client, paid_on, dispute, disputed_at, changed)


def _change(
    connection: Connection,
    document: Row[Any],
    facts: dict[str, Any],
    by: tuple[str, str, datetime],
    told: dict[str, Any],
) -> Receivable:
    person, verb, now = by
    changed = connection.execute(update(receivables).where(receivables.c.invoice_id == document.id).values(**facts))
    if changed.rowcount == 0:
        connection.execute(insert(receivables).values(invoice_id=document.id, **facts))
    withdraw_reminders(connection, document.id, now)
    add_audit(connection, person, verb, f"invoice:{document.number}", told, now)
    return _known(connection, document, changed=True)
