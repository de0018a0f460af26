"""Reads both sides for a pass: what changed since the cursor, what is owed, and what the two name of one another.

Where nothing is new that is one request to OTRS (two where something is owed) and two to Redmine, however many links
there are. Everything linked is looked up once a day, since a deletion leaves no trace among changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from studio_support.errors import OtrsBroken, SourceError
from studio_support.otrs.model import Ticket, TicketsRead, Unreadable
from studio_support.sync.clocks import behind_seconds
from studio_support.sync.histories import with_histories
from studio_support.sync.model import Cursor, IssueSeen, Link, Rules, Servers, SyncClient
from studio_support.sync.plan_links import issues_in, main_number, numbers_in
from studio_support.sync.ports import IssuePort, TicketPort
from studio_support.sync.state import State
from studio_support.sync.world import World

DAILY = timedelta(days=1)
HOURLY = timedelta(hours=1)
_CLOCKS_APART = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both servers and the memory, with the rules. day_of: the studio's day of an instant, as ISO text."""

    tickets: TicketPort
    issues: IssuePort
    state: State
    rules: Rules
    clients: tuple[SyncClient, ...]
    clock: Callable[[], datetime]
    day_of: Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Read:
    """What a pass saw. redmine: what is wrong with Redmine, None if it answered. left: tickets it could not judge."""

    world: World
    cursor: Cursor
    redmine: SourceError | None = None
    left: tuple[Ticket, ...] = ()


def read(sides: Sides, cursor: Cursor, now: datetime, *, only: tuple[int, ...] | None = None) -> Read:
    """Reads for a pass; only: these tickets and what belongs to them, for a command about one ticket.

    Raises SourceError where OTRS does not answer: without it nothing can be done for anybody.
    """
    changed = () if only is not None else sides.tickets.changed_ids_since(cursor.since)
    wanted = set(changed) | set(only if only is not None else sides.state.waiting())
    issues, redmine = _issues(sides, cursor, look=only is None)
    daily = only is None and redmine is None and (cursor.daily_at is None or now >= cursor.daily_at + DAILY)
    gone: frozenset[int] = frozenset()
    if daily:
        live = {link.issue_id for link in sides.state.live_links()} - set(issues)
        try:
            issues |= _by_id(sides, live)
            gone = frozenset(live - set(issues))
            cursor = replace(cursor, daily_at=now)
        except SourceError as error:
            redmine = error
    links = sides.state.links(issues=issues.keys() | gone)
    wanted |= {link.ticket_id for link in links if _news(link, issues, sides.rules, gone)}
    wanted |= _named(sides, issues, links)
    tickets, unreadable, passed_over = _tickets(sides, wanted, frozenset(changed), cursor)
    if redmine is None:
        try:
            asked = _asked_for(sides, tickets) - set(issues)
            issues |= _by_id(sides, asked)
            gone |= asked - set(issues)
        except SourceError as error:
            redmine = error
    if cursor.agent_id is None and any(one.sender_type == "agent" for t in tickets.values() for one in t.articles):
        cursor = replace(cursor, agent_id=sides.tickets.me().id)
    world = _world(sides, cursor, now, tickets, unreadable, issues, gone, redmine is None)
    world = replace(world, passed_over=passed_over)
    if only is None and redmine is None and _new_hour(cursor, now):
        try:
            world = _with_times(sides, world)
        except SourceError as error:
            redmine = error
    judged = with_histories(world, sides.tickets)
    there = {ticket.id for ticket in judged.tickets}
    return Read(judged, cursor, redmine, tuple(ticket for ticket in world.tickets if ticket.id not in there))


def look_at_clock(sides: Sides, known: Servers, now: datetime) -> Servers:
    """What is known of the servers, with the clock of OTRS looked at once an hour.

    A server whose clock lies behind shows nothing as new, so that nothing that is read could tell.
    """
    if not _in_new_hour(known.clock_at, now):
        return known
    try:
        told = sides.tickets.server_time()
    except SourceError:
        return known  # it is so for the search as well, which raises it; or it is sessions alone, which stop no pass
    seconds = behind_seconds(now, told, sides.clock())
    return replace(known, clock_at=now, otrs_behind_seconds=seconds)


def keep_clock(sides: Sides, known: Servers, servers: Servers) -> None:
    """Stores what was seen of the clock of OTRS, if it was looked at."""
    if servers != known:
        sides.state.keep_servers(clock_at=servers.clock_at, otrs_behind_seconds=servers.otrs_behind_seconds)


def _new_hour(cursor: Cursor, now: datetime) -> bool:
    """Whether no pass has ended in this hour yet."""
    return _in_new_hour(cursor.passed_at, now)


def _in_new_hour(last: datetime | None, now: datetime) -> bool:
    return last is None or last.replace(minute=0, second=0, microsecond=0) <= now - HOURLY


def _with_times(sides: Sides, world: World) -> World:
    """With the booked time of what is being worked on: booking does not touch an issue, so no change tells of it."""
    going_on = tuple(link for link in sides.state.live_links() if link.state == "open")
    if not going_on:
        return world
    spent = sides.issues.times(sorted({link.issue_id for link in going_on}))
    known = {**sides.state.known({link.ticket_id for link in going_on}), **world.known}
    return replace(world, spent=spent, going_on=going_on, known=known)


def _issues(sides: Sides, cursor: Cursor, *, look: bool) -> tuple[dict[int, IssueSeen], SourceError | None]:
    if not look:
        return {}, None
    try:
        return {issue.id: issue for issue in sides.issues.changed_since(cursor.since)}, None
    except SourceError as error:
        return {}, error


def _by_id(sides: Sides, ids: set[int]) -> dict[int, IssueSeen]:
    return {issue.id: issue for issue in sides.issues.issues(sorted(ids))} if ids else {}


def _news(link: Link, issues: Mapping[int, IssueSeen], rules: Rules, gone: frozenset[int]) -> bool:
    """Whether an issue says something about its ticket that is not known yet."""
    issue = issues.get(link.issue_id)
    if issue is None:
        return link.issue_id in gone and link.state != "gone"
    return (rules.state_of(issue.status), issue.project) != (link.state, link.project)


def _named(sides: Sides, issues: Mapping[int, IssueSeen], links: tuple[Link, ...]) -> set[int]:
    """Tickets that issues name and are not linked to yet."""
    linked = {link.issue_id for link in links}
    numbers: set[str] = set()
    for issue in issues.values():
        by, named = numbers_in(issue, sides.rules)
        if by == "field" or (issue.id not in linked and len(named) == 1):
            numbers.update(named)
    known = sides.state.tickets_of_numbers(numbers)
    unknown = sorted(numbers - set(known))
    found = sides.tickets.tickets_by_number(unknown).tickets if unknown else ()
    fresh = {number: ticket_id for number, ticket_id in known.items() if not _linked(number, ticket_id, issues, links)}
    return set(fresh.values()) | {ticket.id for ticket in found}


def _linked(number: str, ticket_id: int, issues: Mapping[int, IssueSeen], links: tuple[Link, ...]) -> bool:
    """Whether every issue that names the ticket is linked to it already."""
    mine = {link.issue_id for link in links if link.ticket_id == ticket_id}
    return all(
        issue.id in mine
        for issue in issues.values()
        if number in f"{issue.ticket_field}\n{issue.subject}\n{issue.description}"
    )


def _tickets(
    sides: Sides, wanted: set[int], changed: frozenset[int], cursor: Cursor
) -> tuple[dict[int, Ticket], tuple[Unreadable, ...], frozenset[int]]:
    """Tickets by id, those that cannot be read, and those that came and are nobody's business here."""
    if not wanted:
        return {}, (), frozenset()
    found, doubtful = _read(sides, wanted)
    stale = [one for one in found.tickets if one.id in changed and one.changed_at < cursor.since - _CLOCKS_APART]
    if stale:
        raise OtrsBroken("", f"ticket {stale[0].number} came as changed and was not: the search ignored its filter")
    known = sides.state.known(wanted)
    tickets = {
        one.id: one
        for one in found.tickets
        if one.id in known or one.id not in changed | doubtful or sides.rules.watches(one.queue)
    }
    mains = {main_number(one, sides.rules) for one in tickets.values() if one.state_type == "merged"} - {""}
    mains -= {one.number for one in tickets.values()}
    if mains:
        tickets |= {one.id: one for one in sides.tickets.tickets_by_number(mains, articles="all").tickets}
    return tickets, found.unreadable, frozenset(one.id for one in found.tickets) - tickets.keys()


def _read(sides: Sides, wanted: set[int]) -> tuple[TicketsRead, set[int]]:
    """Tickets by id, and which of them could not be read in earlier passes: each of those is asked for alone.

    In a batch with others it would be sought anew in each pass, by halving, and each half waited for in vain.
    """
    doubtful = wanted & sides.state.unread()
    reads = [sides.tickets.tickets(sorted(wanted - doubtful), articles="all")] if wanted - doubtful else []
    reads += [sides.tickets.tickets([one], articles="all") for one in sorted(doubtful)]
    tickets = tuple(one for read in reads for one in read.tickets)
    return TicketsRead(tickets, tuple(one for read in reads for one in read.unreadable)), doubtful


def _asked_for(sides: Sides, tickets: Mapping[int, Ticket]) -> set[int]:
    """Issues that tickets name in their field and are not linked to."""
    linked = {(link.ticket_id, link.issue_id) for link in sides.state.links(tickets=tickets.keys())}
    return {
        issue_id
        for ticket in tickets.values()
        for issue_id in issues_in(ticket, sides.rules)
        if (ticket.id, issue_id) not in linked
    }


def _world(
    sides: Sides,
    cursor: Cursor,
    now: datetime,
    tickets: Mapping[int, Ticket],
    unreadable: tuple[Unreadable, ...],
    issues: Mapping[int, IssueSeen],
    gone: frozenset[int],
    issues_read: bool,
) -> World:
    state, ids = sides.state, {*tickets, *(one.id for one in unreadable)}
    today = sides.day_of(now)
    links = {(link.ticket_id, link.issue_id): link for link in state.links(tickets=ids, issues=issues.keys() | gone)}
    # a ticket that shares an issue is told of the others
    links |= {
        (link.ticket_id, link.issue_id): link for link in state.links(issues={one.issue_id for one in links.values()})
    }
    return World(
        now=now,
        today=today,
        cursor=cursor,
        rules=sides.rules,
        tickets=tuple(tickets[one] for one in sorted(tickets)),
        issues=tuple(issues[one] for one in sorted(issues)),
        known=state.known(ids | {link.ticket_id for link in links.values()}),
        promises=state.promises(ids),
        links=tuple(links[one] for one in sorted(links)),
        intents=state.intents(ids),
        letters_today=state.letters_on(today),
        clients=sides.clients,
        warned=state.warned(),
        unreadable=unreadable,
        gone=gone,
        issues_read=issues_read,
        orders=state.orders(ids),
        called=state.called(ids),
    )
