"""Giving up a ticket that is not there any more: what waits for it or warns of it ends, what was done stays."""

from __future__ import annotations

from sqlalchemy import Connection, delete, update

from studio_support.store.engine import Store
from studio_support.store.tables import sync_intents, sync_links, sync_tickets, sync_warnings


def forget(store: Store, ticket_id: int) -> None:
    """In one transaction: writes that were not finished are dropped, links count as gone. Raises StoreError."""

    def work(connection: Connection) -> None:
        connection.execute(
            update(sync_intents)
            .where(sync_intents.c.ticket_id == ticket_id, sync_intents.c.state.in_(("made", "unknown", "failed")))
            .values(state="dropped", detail="the ticket was deleted")
        )
        connection.execute(update(sync_links).where(sync_links.c.ticket_id == ticket_id).values(state="gone"))
        connection.execute(delete(sync_warnings).where(sync_warnings.c.ticket_id == ticket_id))
        here = sync_tickets.c.ticket_id == ticket_id
        connection.execute(update(sync_tickets).where(here).values(waiting=False, closed=True))

    store.write(work)
