"""The inbox: open promises by due time, what will be missed, and the locks of those who are away.

A promise is open while one of its clocks runs and its ticket is not closed. It is at risk once its due has passed,
once less than an hour of working time is left, or if who holds the ticket is away on the day that it is due. The
list is our store's; titles and locks come from OTRS in one call, and without it the list comes without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from studio_invoices.errors import Problem
from studio_support.desk.locks import holder_of
from studio_support.desk.parts import DeskParts
from studio_support.desk.people import Away
from studio_support.desk.results import Inbox, LeftLock, Waiting
from studio_support.errors import NoCalendarYear, SourceError
from studio_support.otrs.model import Ticket
from studio_support.sync.state_desk import StoredPromise
from studio_support.tickets.remaining import working_minutes

RISK_MINUTES = 60
FRESH_FOR = timedelta(hours=1)


def inbox(parts: DeskParts, *, mine: bool = False, at_risk: bool = False) -> Inbox:
    """What waits. mine: locked by the person at work, or by somebody for whom he stands in. at_risk: only that.

    Raises StoreError, ConfigError.
    """
    promises = parts.state.open_promises()
    away = parts.people.away(parts.today)
    then = {row.due_local.date(): parts.people.away(row.due_local.date()) for row in promises}
    left = {row.ticket_id: _minutes_left(parts, row.due_at) for row in promises}
    if at_risk and not any(then.values()) and not any(minutes < RISK_MINUTES for minutes in left.values()):
        return Inbox(problems=_unmade(parts))
    others = parts.state.open_tickets() if away else {}
    tickets, problems = _tickets(parts, {row.ticket_id for row in promises} | others.keys())
    waiting = [_waiting(row, left[row.ticket_id], tickets.get(row.ticket_id), away, then) for row in promises]
    ended = {ticket.id for ticket in tickets.values() if ticket.closed}
    rows = [one for one, row in zip(waiting, promises, strict=True) if row.ticket_id not in ended]
    locks = [] if at_risk else _left(tickets.values(), away)
    if mine:
        me, login = parts.me.casefold(), parts.bridge.parts.person
        rows = [one for one in rows if one.holder.casefold() == me or (one.stand_in and one.stand_in == login)]
        locks = [one for one in locks if one.stand_in == login]
    if at_risk:
        rows = [one for one in rows if one.risk]
    return Inbox(tuple(rows), tuple(locks), (*problems, *_unmade(parts)), _old(parts))


def _old(parts: DeskParts) -> str:
    """Says of a list that no pass renews that it may lack requests: who reads it would trust it."""
    cursor = parts.bridge.state.cursor()
    if cursor is None or cursor.passed_at is None:
        return "No pass has run on this store yet, so no request is known: `sync run` begins."
    if parts.now - cursor.passed_at <= FRESH_FOR:
        return ""
    return f"The last pass was at {parts.wall(cursor.passed_at)}: what came since is not listed. Look at `sync status`."


def _minutes_left(parts: DeskParts, due_at: datetime) -> int:
    now = parts.now
    try:
        return working_minutes(parts.bridge.parts.promises.calendar, now, due_at)
    except NoCalendarYear:  # the promise stands all the same
        return int((due_at - now).total_seconds() // 60)


def _tickets(parts: DeskParts, ids: Iterable[int]) -> tuple[Mapping[int, Ticket], tuple[Problem, ...]]:
    wanted = sorted(ids)
    if not wanted:
        return {}, ()
    try:
        found = parts.tickets.tickets(wanted, fields=False)
    except SourceError as error:
        said = f"OTRS could not be asked for titles and locks: {error}"
        return {}, (Problem("otrs", said, "The list is right all the same; run it again once OTRS answers."),)
    return {ticket.id: ticket for ticket in found.tickets}, ()


def _waiting(
    row: StoredPromise,
    minutes_left: int,
    ticket: Ticket | None,
    away: Mapping[str, Away],
    then: Mapping[date, Mapping[str, Away]],
) -> Waiting:
    holder = holder_of(ticket) if ticket is not None else ""
    absent = then[row.due_local.date()].get(holder.casefold())
    now = away.get(holder.casefold()) or absent
    return Waiting(
        number=row.number,
        title=ticket.title if ticket is not None else "",
        client=row.client,
        critical=row.critical,
        received_at=row.received_at,
        due_at=row.due_at,
        due_local=row.due_local,
        minutes_left=minutes_left,
        holder=holder,
        stand_in=now.stand_in if now is not None else "",
        acknowledged_at=row.acknowledged_at,
        estimated_at=row.estimated_at,
        risk=_risk(minutes_left, absent),
    )


def _risk(minutes_left: int, absent: Away | None) -> str:
    if minutes_left < 0:
        return "missed"
    if minutes_left < RISK_MINUTES:
        return "less than an hour left"
    if absent is not None:
        return f"{absent.login} is away until {absent.until.isoformat()}"
    return ""


def _left(tickets: Iterable[Ticket], away: Mapping[str, Away]) -> list[LeftLock]:
    found = []
    for ticket in tickets:
        absent = away.get(holder_of(ticket).casefold())
        if absent is not None and not ticket.closed:
            until = absent.until.isoformat()
            found.append(LeftLock(ticket.number, ticket.title, absent.login, until, absent.stand_in))
    return sorted(found, key=lambda one: (one.stand_in, one.number))


def _unmade(parts: DeskParts) -> tuple[Problem, ...]:
    """Tickets of calls of which nobody knows whether they were made."""
    return tuple(
        Problem(
            f"new:{row.id}",
            f'The ticket "{row.title}" was handed over at {parts.wall(row.at)} by {row.person}, '
            "and it is not known whether it was made.",
            "The next pass looks it up once its hold is over, and makes it if it is not there.",
        )
        for row in parts.state.unfinished_new()
    )
