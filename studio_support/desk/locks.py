"""Taking a ticket and letting it go: lock and owner together, under our store's lock, read back.

OTRS takes a locked ticket from anybody without a word, and of two who take it at once both succeed. So it is read
before, and again after: our store's lock keeps two of us apart, the second look finds who was quicker in OTRS itself.
"""

from __future__ import annotations

from studio_support.desk.parts import DeskParts
from studio_support.desk.results import Lock
from studio_support.errors import OtrsRefused, OutcomeUnknown, Refused
from studio_support.otrs.model import Ticket


def take(parts: DeskParts, typed: str, *, force: bool = False, dry_run: bool = False) -> Lock:
    """Locks a ticket for the person at work. Raises Refused where somebody else holds it, unless forced."""
    me = parts.me
    with parts.locked("ticket take", dry_run=dry_run):
        ticket = parts.find(typed)
        if ticket.closed:
            raise Refused(
                f"Ticket {ticket.number} is {ticket.state}; there is nothing to take.",
                f"A letter of the client opens it again; to look at it: `ticket show {ticket.number}`",
            )
        holder = holder_of(ticket)
        if _same(holder, me):
            return _lock(ticket, me, changed=False, before=holder, dry_run=dry_run)
        if holder and not force:
            raise Refused(
                f"Ticket {ticket.number} is locked by {_named(parts, holder)}.",
                f"{_ask(parts, holder, 'Ask for it; if the work cannot wait')}: `ticket take {ticket.number} --force`",
            )
        if not dry_run:
            ticket = _written(parts, ticket, me)
            parts.trace("take", ticket.number, f"from {holder}" if holder else "")
        return _lock(ticket, me, changed=True, before=holder, dry_run=dry_run)


def release(parts: DeskParts, typed: str, *, force: bool = False, dry_run: bool = False) -> Lock:
    """Unlocks a ticket that the person at work holds. Raises Refused where somebody else does, unless forced."""
    me = parts.me
    with parts.locked("ticket release", dry_run=dry_run):
        ticket = parts.find(typed)
        holder = holder_of(ticket)
        if not holder:
            return _lock(ticket, ticket.owner, changed=False, before="", dry_run=dry_run, locked=False)
        if not _same(holder, me) and not force:
            raise Refused(
                f"Ticket {ticket.number} is locked by {_named(parts, holder)}, not by you.",
                f"If it is to be free all the same: `ticket release {ticket.number} --force`",
            )
        if not dry_run:
            ticket = _unlocked(parts, ticket)
            parts.trace("release", ticket.number, "" if _same(holder, me) else f"of {holder}")
        return _lock(ticket, ticket.owner, changed=True, before=holder, dry_run=dry_run, locked=False)


def stop_held(parts: DeskParts, ticket: Ticket, *, force: bool) -> None:
    """Raises Refused where somebody else works on an open ticket: no second one does, unless forced."""
    holder = holder_of(ticket)
    if force or ticket.closed or not holder or _same(holder, parts.me):
        return
    raise Refused(
        f"Ticket {ticket.number} is locked by {_named(parts, holder)}, who works on it.",
        f"{_ask(parts, holder, 'Ask first; to take it over')}: `ticket take {ticket.number} --force`, "
        "or add --force to do just this.",
    )


def holder_of(ticket: Ticket) -> str:
    """Who holds a ticket: its owner while it is locked, else ""."""
    return ticket.owner if ticket.locked else ""


def _written(parts: DeskParts, ticket: Ticket, me: str) -> Ticket:
    try:
        parts.tickets.update_ticket(ticket.id, locked=True, owner=me)
    except OutcomeUnknown:
        if not _same(holder_of(parts.find(ticket.number)), me):
            raise
    except OtrsRefused as error:
        if error.code.endswith("InvalidParameter"):
            raise Refused(
                f'OTRS knows no agent "{me}" to whom it could be given.',
                f'Name yourself with --user, or write otrs = "LOGIN" for {parts.bridge.parts.person} into people.toml.',
            ) from None
        raise
    seen = parts.find(ticket.number)
    if not _same(holder_of(seen), me):
        who = holder_of(seen) or "nobody"
        raise Refused(
            f"Ticket {ticket.number} was taken at the same moment: it is held by {who} now.",
            "Ask who works on it before you take it again.",
        )
    return seen


def _unlocked(parts: DeskParts, ticket: Ticket) -> Ticket:
    try:
        parts.tickets.update_ticket(ticket.id, locked=False)
    except OutcomeUnknown:
        if parts.find(ticket.number).locked:
            raise
    return parts.find(ticket.number)


def _lock(ticket: Ticket, owner: str, *, changed: bool, before: str, dry_run: bool, locked: bool = True) -> Lock:
    return Lock(ticket.number, ticket.title, owner, locked, changed, before, dry_run)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _named(parts: DeskParts, holder: str) -> str:
    login = parts.people.login_of(holder)
    away = parts.people.away(parts.today).get(holder.casefold())
    more = [f"{holder} in OTRS"] if login != holder else []
    more += [f"away until {away.until.isoformat()}"] if away is not None else []
    return f"{login} ({', '.join(more)})" if more else login


def _ask(parts: DeskParts, holder: str, otherwise: str) -> str:
    """How a next step begins: the stand-in of somebody who is away has nobody to ask."""
    away = parts.people.away(parts.today).get(holder.casefold())
    if away is None:
        return otherwise
    if away.stand_in == parts.bridge.parts.person:
        return "You stand in"
    return f"{away.stand_in} stands in; if the work cannot wait" if away.stand_in else "If the work cannot wait"
