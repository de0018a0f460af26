"""Which ticket a document's letters are articles of. What is asked for is written down before, like every letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from studio_support.errors import UnknownInvoice
from studio_support.store.engine import Store
from studio_support.store.tables import billing_tickets, invoices


@dataclass(frozen=True, slots=True)
class BillingTicket:
    """begun_at: aware UTC, when it was asked for. id: None while nobody knows whether it was made."""

    begun_at: datetime
    id: int | None
    number: str


class TicketBook:
    """The billing tickets of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def store_id(self) -> str:
        """The store's own id."""
        return self._store.id

    def of(self, number: str) -> BillingTicket | None:
        """The ticket of a document."""
        columns = (billing_tickets.c[name] for name in ("begun_at", "ticket_id", "ticket_number"))
        query = select(*columns).join(invoices, billing_tickets.c.invoice_id == invoices.c.id)
        with self._store.reading() as connection:
            row = connection.execute(query.where(invoices.c.number == number)).first()
        return None if row is None else BillingTicket(*row)

    def begin(self, number: str, now: datetime) -> None:
        """A ticket is about to be asked for. Raises UnknownInvoice."""
        with self._store.writing() as connection:
            mine = connection.execute(select(invoices.c.id).where(invoices.c.number == number)).scalar_one_or_none()
            if mine is None:
                raise UnknownInvoice(number)
            known = billing_tickets.c.invoice_id == mine
            if connection.execute(update(billing_tickets).where(known).values(begun_at=now)).rowcount == 0:
                connection.execute(insert(billing_tickets).values(invoice_id=mine, begun_at=now))

    def made(self, number: str, ticket_id: int, ticket_number: str) -> None:
        """It was made, or found."""
        mine = select(invoices.c.id).where(invoices.c.number == number).scalar_subquery()
        facts = {"ticket_id": ticket_id, "ticket_number": ticket_number}
        with self._store.writing() as connection:
            connection.execute(update(billing_tickets).where(billing_tickets.c.invoice_id == mine).values(**facts))

    def not_made(self, number: str) -> None:
        """It was refused, or never asked for."""
        mine = select(invoices.c.id).where(invoices.c.number == number).scalar_subquery()
        with self._store.writing() as connection:
            connection.execute(delete(billing_tickets).where(billing_tickets.c.invoice_id == mine))
