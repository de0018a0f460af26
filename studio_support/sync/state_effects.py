"""What a write brings about in our own store, within the transaction that calls it done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from studio_support.store.tables import sync_links, sync_orders, sync_promises, sync_tickets
from studio_support.sync.actions import (
    Acknowledge,
    AskInWriting,
    CloseTicket,
    CreateIssue,
    Settle,
    TellDone,
    TellEstimate,
    TellTaskSet,
    Write,
)
from studio_support.sync.model import Link


def apply(connection: Connection, action: Write, result: int | None, now: datetime, by: str) -> None:
    """Stores the effects of an action that was done. by: "created", or how an issue was found that stood there."""
    ticket_id = action.key.ticket_id
    ticket = sync_tickets.c.ticket_id == ticket_id
    if isinstance(action, Acknowledge | AskInWriting | TellTaskSet):
        # Who hears that the task is set knows that the request was received.
        if action.letter.mode == "send":
            stop(connection, ticket_id, action.key.round, "acknowledged", now, "letter")
    elif isinstance(action, TellEstimate):
        told = {"estimate": action.estimate, "estimate_round": action.key.round}
        connection.execute(update(sync_tickets).where(ticket).values(**told))
        if action.letter.mode == "send":
            for clock in ("acknowledged", "estimated"):
                stop(connection, ticket_id, _last_round(connection, ticket_id), clock, now, "letter")
    elif isinstance(action, TellDone):
        if action.letter.mode == "send":
            # Who hears that it is done has been answered, where no task was ever set too.
            for clock in ("acknowledged", "estimated"):
                stop(connection, ticket_id, _last_round(connection, ticket_id), clock, now, "letter")
    elif isinstance(action, CreateIssue) and result is not None:
        # the project as Redmine calls it is seen by the next pass; settings may name it by its identifier
        link = Link(ticket_id, result, 1, action.round, by or "created", "open", "")
        connect(connection, link, now)
        stop(connection, ticket_id, action.round, "estimated", now, f"issue #{result}")
        connection.execute(update(sync_tickets).where(ticket).values(trigger_spent=True))
        connection.execute(delete(sync_orders).where(sync_orders.c.ticket_id == ticket_id))
    elif isinstance(action, CloseTicket):
        connection.execute(update(sync_tickets).where(ticket).values(closed=True))
    elif isinstance(action, Settle):
        _settled(connection, action, result, now)


def _settled(connection: Connection, action: Settle, result: int | None, now: datetime) -> None:
    """What was not wanted any more was found to be done all the same."""
    kind, ticket_id, round_ = action.key.kind, action.key.ticket_id, action.key.round
    ticket = sync_tickets.c.ticket_id == ticket_id
    if kind == "issue" and result is not None:
        connect(connection, Link(ticket_id, result, 1, 0, "field", "open", ""), now)
    if kind in ("issue", "done"):
        # the next pass has to look at the ticket in this light, even if nobody touches it
        connection.execute(update(sync_tickets).where(ticket).values(waiting=True))
    if kind in ("received", "in_writing", "task_set") and action.look is not None and action.look.mode == "send":
        stop(connection, ticket_id, round_, "acknowledged", action.look.at, "letter")
    if kind == "estimate":
        connection.execute(update(sync_tickets).where(ticket).values(estimate_round=round_))


def _last_round(connection: Connection, ticket_id: int) -> int:
    last = select(func.max(sync_promises.c.round)).where(sync_promises.c.ticket_id == ticket_id)
    return connection.execute(last).scalar() or 0


def stop(connection: Connection, ticket_id: int, round_: int, clock: str, at: datetime, by: str) -> None:
    """Stops a clock of a promise; one that has stopped stays as it is."""
    columns = sync_promises.c
    stopped_at = columns.acknowledged_at if clock == "acknowledged" else columns.estimated_at
    connection.execute(
        update(sync_promises)
        .where(columns.ticket_id == ticket_id, columns.round == round_, stopped_at.is_(None))
        .values(**{f"{clock}_at": at, f"{clock}_by": by[:200]})
    )


def connect(connection: Connection, link: Link, now: datetime) -> None:
    """Stores a link, at the next free place of its ticket; one that stands already is left as it is."""
    mine = sync_links.c.ticket_id == link.ticket_id
    if connection.execute(select(sync_links.c.place).where(mine, sync_links.c.issue_id == link.issue_id)).first():
        return
    last = connection.execute(select(func.max(sync_links.c.place)).where(mine)).scalar() or 0
    connection.execute(
        insert(sync_links).values(
            ticket_id=link.ticket_id,
            issue_id=link.issue_id,
            place=last + 1,
            round=link.round,
            by=link.by,
            state=link.state,
            project=link.project,
            made_at=now,
        )
    )
