"""Checks of `doctor` for the bridge: OTRS as it really is set up, letters, clients, the calendar, whether cron runs.

What OTRS is asked for is what a pass asks for, so a route or right that is missing shows here first. Set-up that only
shows on real mail (time zone, auto-reply, the field that a PostMaster filter fills) is read off the newest tickets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from studio_support.counting import counted
from studio_support.doctor.check import Check, failed, ok, skipped, warning
from studio_support.errors import NoCalendarYear

if TYPE_CHECKING:
    from datetime import datetime

    from studio_support.otrs.model import Agent, Article, HistoryRow, Ticket, TicketsRead
    from studio_support.studio import Studio

_LOOKED_AT = 20
_RECENT = timedelta(days=30)
_CLOCKS_APART = timedelta(minutes=20)
_AHEAD = timedelta(days=14)
_CRON_LATE = timedelta(minutes=30)
_SETUP = "docs/how-to/bridge.md has the set-up."


@runtime_checkable
class CheckedOtrs(Protocol):
    """OTRS as doctor asks it."""

    def check(self) -> None: ...

    def me(self) -> Agent: ...

    def server_time(self) -> datetime: ...

    def has_any(self, queue: str) -> bool: ...

    def changed_ids_since(self, since: datetime, *, queues: Sequence[str] = ()) -> tuple[int, ...]: ...

    def tickets(self, ids: Sequence[int], *, articles: str = "none", fields: bool = True) -> TicketsRead: ...

    def history(self, ids: Sequence[int]) -> dict[int, tuple[HistoryRow, ...]]: ...


def check_otrs(studio: Studio) -> Iterator[Check]:
    """Server, web service, agent; queues, fields, clock, auto-reply and filter by the newest tickets."""
    if not studio.config.has("otrs"):
        yield skipped("otrs", "otrs", "the bridge between tickets and issues")
        return
    otrs = studio.bridge.tickets
    if not isinstance(otrs, CheckedOtrs):
        return
    otrs.check()
    yield ok("otrs", f"answers; the agent is {otrs.me().login}")
    yield _time(studio, otrs)
    section = studio.config.otrs
    unseen = [queue for queue in section.queues if not otrs.has_any(queue)]
    if unseen:
        step = "Look whether they are spelt as in OTRS, and whether the agent has rw on their group."
        yield warning("otrs queues", f"no ticket is seen in {', '.join(unseen)}", step)
    else:
        yield ok("otrs queues", ", ".join(section.queues))
    recent = otrs.changed_ids_since(studio.clock() - _RECENT)[-_LOOKED_AT:]
    tickets = otrs.tickets(recent, articles="all").tickets if recent else ()
    if not tickets:
        yield warning(
            "otrs set-up",
            "no ticket of the last 30 days is seen, so fields, clock and filters cannot be looked at",
            "Send a mail to the support queue, then run `doctor` again.",
        )
        return
    # A pass needs it for letters to tickets that were closed, and to look up what it may have written itself.
    otrs.history([tickets[-1].id])
    yield from _fields(studio, tickets)
    yield _clock(tickets)
    yield _auto_reply(studio, tickets)
    yield _auto_filter(studio, tickets)


def _fields(studio: Studio, tickets: Sequence[Ticket]) -> Iterator[Check]:
    from studio_support.sync.rules import rules_of

    rules = rules_of(studio.config)
    there = {name for ticket in tickets for name, _ in ticket.fields}
    names = rules.fields
    used = {
        names.estimate: "`ticket estimate` and the letter with volume and cost",
        names.agreed: "`ticket approve`",
        names.urgency: "what the client calls critical",
        names.issue: "the issue's number in the ticket",
    }
    if rules.trigger[0] == "field":
        used[rules.trigger[1]] = "making issues"
    used |= {rules.fields.named(word): "sync.required" for word in rules.required}
    lacking = [f"{name} ({use})" for name, use in used.items() if name not in there]
    if lacking:
        step = f"Make them as dynamic fields of tickets, or name yours in [otrs] fields. {_SETUP}"
        yield warning("otrs fields", f"not there: {', '.join(lacking)}", step)
    else:
        yield ok("otrs fields", ", ".join(used))


def _time(studio: Studio, otrs: CheckedOtrs) -> Check:
    """Whether the server's clock is ours: noon is told by it, and what is new is found by it."""
    from studio_support.sync.clocks import TOLD_SECONDS, ahead_seconds, apart, behind_seconds

    before = studio.clock()
    told = otrs.server_time()
    after = studio.clock()
    behind, ahead = behind_seconds(before, told, after), ahead_seconds(told, after)
    step = "Set the clocks right on both machines (NTP): the noon of a promise is the server's."
    if behind > TOLD_SECONDS:
        where = "behind ours, or its times are read in a wrong zone"
        return warning("otrs time", f"its clock lies {apart(behind)} {where}", f"{step} See timezone in [otrs].")
    if ahead > TOLD_SECONDS:
        return warning("otrs time", f"its clock is {apart(ahead)} ahead of ours", step)
    return ok("otrs time", "its clock and ours agree within a minute")


def _clock(tickets: Sequence[Ticket]) -> Check:
    """The server's times bear no zone; a mail tells both: when it came (seconds since 1970) and when it was stored."""
    apart = [
        one.created_at - one.received_at
        for ticket in tickets
        for one in ticket.articles
        if one.sender_type == "customer" and one.channel == "email" and one.received_at is not None
    ]
    if not apart:
        return warning("otrs clock", "no mail of the last 30 days shows it", "Send a mail, then run `doctor` again.")
    # a mail that was fetched late is stored late: the smallest difference tells the zone
    least = min(apart, key=abs)
    if abs(least) > _CLOCKS_APART:
        hours = least.total_seconds() / 3600
        step = "Set timezone in [otrs] to the server's OTRSTimeZone (mostly UTC): noon would be missed by that much."
        return failed("otrs clock", f"its times lie {hours:+.1f} hours off what its mails say", step)
    return ok("otrs clock", "its times and its mails agree")


def _auto_reply(studio: Studio, tickets: Sequence[Ticket]) -> Check:
    mode = studio.config.sync.letters_by_kind.get("received", studio.config.sync.letters)
    if mode == "send" and any(one.sender_type == "system" and one.visible for t in tickets for one in t.articles):
        step = 'Take the auto response off the queue in OTRS, or set letters_received = "off" in [sync].'
        return warning("auto-reply", "OTRS answers new requests itself, so clients would be written to twice", step)
    return ok("auto-reply", "clients hear once that a request was received")


def _auto_filter(studio: Studio, tickets: Sequence[Ticket]) -> Check:
    name = studio.config.otrs.fields.auto
    mails: list[Article] = [
        one for t in tickets for one in t.articles if one.sender_type == "customer" and one.channel == "email"
    ]
    step = f"Set up the dynamic field of articles {name} and the PostMaster filters that fill it. {_SETUP}"
    if mails and not any(name == field for one in mails for field, _ in one.fields):
        return warning("auto-submitted", f"articles have no field {name}: machines are told by their words alone", step)
    newest = max(mails, key=lambda one: one.id, default=None)
    if newest is not None and not newest.field(name):
        return warning("auto-submitted", f"the newest mail has nothing in {name}: no filter fills it", step)
    return ok("auto-submitted", "mails from machines are told from letters")


def check_letters(studio: Studio) -> Iterator[Check]:
    """Every template, written with sample facts."""
    if not studio.config.has("otrs"):
        return
    from studio_support.sync.letters import Letters

    folder = studio.config.letters_folder
    faults = Letters(folder).check()
    for fault in faults:
        line = f", line {fault.line}" if fault.line is not None else ""
        yield failed("letters", f"{fault.file}{line}: {fault.wrong}", "Mend it or take it away: ours stands in.")
    if not faults:
        where = f"ours, with those in {folder}" if folder is not None else "ours"
        yield ok("letters", f"all can be written: {where}; mode {studio.config.sync.letters}")


def check_bridge_clients(studio: Studio) -> Iterator[Check]:
    """Whether a client's tickets find their project."""
    if not studio.config.has("otrs"):
        return
    from studio_support.config.sync_clients import load_sync_clients

    clients = load_sync_clients(studio.config, studio.today())
    named = [client for client in clients if client.customers]
    if not named:
        step = "Write otrs_customers into the clients' files: the CustomerIDs of their companies in OTRS."
        yield warning("otrs customers", "no client names one, so no ticket belongs to anybody", step)
        return
    lost = [client.id for client in named if not client.project]
    if lost:
        step = "Write default_project into their files, or fill the ticket's project field."
        yield warning("otrs customers", f"no single project for tickets of {', '.join(lost[:5])}", step)
    else:
        yield ok("otrs customers", f"clients with theirs, each with its project: {len(named)}")


@runtime_checkable
class ListsStatuses(Protocol):
    """Redmine as doctor asks it."""

    def statuses(self) -> tuple[str, ...]: ...


def check_statuses(studio: Studio) -> Iterator[Check]:
    """Whether the statuses that end work are there: by one that was renamed, no client would ever hear, in silence."""
    if not (studio.config.has("otrs") and studio.config.has("redmine")):
        return
    issues = studio.bridge.issues
    if not isinstance(issues, ListsStatuses):
        return
    there = {one.casefold() for one in issues.statuses()}
    section = studio.config.redmine
    for setting, names in (("done_statuses", section.done_statuses), ("refused_statuses", section.refused_statuses)):
        lost = [one for one in names if one.casefold() not in there]
        if lost and len(lost) == len(names):
            step = f"Name those of your Redmine as {setting} in [redmine]: {', '.join(issues.statuses())}."
            yield failed("redmine statuses", f"{setting}: Redmine has none of {', '.join(lost)}", step)
        elif lost:
            step = f"Take it out of {setting} in [redmine], or correct it."
            yield warning("redmine statuses", f"{setting}: Redmine has no {', '.join(lost)}", step)
        else:
            yield ok("redmine statuses", f"{setting}: {', '.join(names) or 'none'}")


def check_calendar(studio: Studio) -> Iterator[Check]:
    """Whether a promise can be made today and in the weeks to come; it needs [studio] alone."""
    if not (studio.config.studio.opens and studio.config.studio.closes and studio.config.studio.cutoff):
        return
    now = studio.clock()
    promises = studio.promises
    try:
        due = promises.promise(now).due_local
        promises.promise(now + _AHEAD)
    except NoCalendarYear as error:
        step = "Update studio-support, or write the year's days into calendars/ (docs/configuration.md)."
        yield failed("calendar", f"{error.calendar} has no data for {error.year}, which is near", step)
        return
    yield ok("calendar", f"a request that arrives now is due {due:%Y-%m-%d %H:%M}")


def check_passes(studio: Studio) -> Iterator[Check]:
    """Whether cron runs, and what lasts. Makes no store."""
    if not studio.config.has("otrs") or studio.ledger_if_there() is None:
        return
    found = studio.bridge.status()
    if found.passed_at is None:
        yield warning("passes", "no pass has run yet", f"Have cron run `sync run` every ten minutes. {_SETUP}")
    elif found.older_than(_CRON_LATE):
        when = f"the last pass is of {found.passed_at:%Y-%m-%d %H:%M} UTC"
        yield warning("passes", when, "Look whether cron runs `sync run`, and what it says.")
    elif found.warnings:
        first = found.warnings[0]
        yield warning(
            "passes",
            f"{counted(len(found.warnings), 'warning')} not settled, the first: {first.message}",
            first.next_step,
        )
    else:
        yield ok("passes", f"the last one is of {found.passed_at:%Y-%m-%d %H:%M} UTC; nothing is left over")
