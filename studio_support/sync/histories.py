"""What only the history of a ticket tells: closed and opened again unseen, or split off another ticket.

One request for all tickets of a pass that need it, and none where no ticket does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from studio_support.errors import AccessDenied, OtrsBroken, OtrsUnreachable
from studio_support.otrs.model import HistoryRow, Ticket, Unreadable
from studio_support.sync.ports import TicketPort
from studio_support.sync.talk import by_voice, closed_by, opening
from studio_support.sync.world import World


def with_histories(world: World, tickets: TicketPort) -> World:
    """The world with what the histories of some of its tickets say; as it was where they cannot be read."""
    answered = {ticket.id: span for ticket in world.tickets if (span := _new_letter(world, ticket)) is not None}
    said = [ticket.id for ticket in world.tickets if _asks_in_writing(world, ticket)]
    if not answered and not said:
        return world
    rows, broken = histories_of(tickets, sorted({*answered, *said}))
    here = {ticket.id: ticket for ticket in world.tickets}
    closed = frozenset(one for one, span in answered.items() if _closed(rows.get(one, ()), world, *span))
    split = frozenset(one for one in said if any(row.kind == "TicketLinkAdd" for row in rows.get(one, ())))
    return replace(
        world,
        closed_between=closed,
        split=split,
        tickets=tuple(one for one in world.tickets if one.id not in broken),
        unreadable=(
            *world.unreadable,
            *(Unreadable(one, f"its history: {why}", True, here[one]) for one, why in broken.items()),
        ),
    )


def histories_of(tickets: TicketPort, ids: list[int]) -> tuple[dict[int, tuple[HistoryRow, ...]], dict[int, str]]:
    """Histories, and what is wrong with those that are broken: each alone where not all come at once.

    Where the agent may not see one, a letter is one to an open ticket, and a call is asked for in writing.
    """
    try:
        return tickets.history(ids), {}
    except (AccessDenied, OtrsBroken, OtrsUnreachable) as error:
        if isinstance(error, OtrsUnreachable):
            tickets.tickets(ids[:1])  # raises where it is not the history but the server
        if len(ids) == 1:
            return {}, ({} if isinstance(error, AccessDenied) else {ids[0]: error.reason})
        middle = len(ids) // 2
        (rows, broken), (more, others) = histories_of(tickets, ids[:middle]), histories_of(tickets, ids[middle:])
        return {**rows, **more}, {**broken, **others}


def _new_letter(world: World, ticket: Ticket) -> tuple[datetime, datetime] | None:
    """From when until when a ticket that was never seen closed may have been; None where no letter is new.

    It begins with the last letter that was dealt with: a pass that was killed has stored the promise for it and not yet
    that it was read, and one without Redmine leaves the cursor where it was.
    """
    known = world.known.get(ticket.id)
    if known is None or not known.round or known.closed or ticket.closed:
        return None
    begun = max((row.article_id for row in world.promises.get(ticket.id, ())), default=0)
    dealt = max(known.last_article, begun)
    letters = [one for one in ticket.articles if one.sender_type == "customer"]
    new = [one.created_at for one in letters if one.id > dealt]
    if not new:
        return None
    old = [one.created_at for one in letters if one.id <= dealt]
    return max([world.cursor.since, *old]), max(new)


def _asks_in_writing(world: World, ticket: Ticket) -> bool:
    """Whether the client would be asked to write what was said."""
    first = opening(ticket)
    if first is None or not by_voice(first) or ticket.closed:
        return False
    rows = world.promises.get(ticket.id, ())
    return not rows or rows[-1].acknowledged_at is None


def _closed(rows: Iterable[HistoryRow], world: World, since: datetime, until: datetime) -> bool:
    return any(closed_by(row, world.rules) and since <= row.created_at <= until for row in rows)
