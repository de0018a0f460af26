"""The plan of a pass: from what both sides show and the store remembers to all actions, in order, before any runs.

Pure: the same world gives the same plan, and the world after its apply gives an empty one. A disaster is refused by
`disaster`, which looks at the plan and at what was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from studio_invoices.errors import Problem
from studio_support.otrs.mapping import arrival_of
from studio_support.otrs.model import Ticket, Unreadable
from studio_support.sync.actions import Action, Plan, Remember, Settle, Warn, WarnEnded
from studio_support.sync.model import IssueSeen, Known
from studio_support.sync.plan_done import done, look_at_issues
from studio_support.sync.plan_estimates import overspent
from studio_support.sync.plan_intake import intake
from studio_support.sync.plan_links import connect, hand_over, named
from studio_support.sync.plan_task import task
from studio_support.sync.talk import customer_articles, triggered
from studio_support.sync.world import UNREAD, Desk, Makers, Office, World

EMPTY_SIDE = 3
"""So many known things asked for by id, and none of them there: that is no deletion but a side suddenly empty."""

_TOO_SLOW = ", or, if it takes too long to come, raise timeout_seconds in [otrs]"


def plan(world: World, makers: Makers, ordered: Callable[[Desk], None] | None = None) -> Plan:
    """Everything that a pass will do: tickets in the order of their ids (merged ones last), one after the other.

    ordered: puts on each desk, behind all else, what a person ordered by a command; see plan_command.
    """
    office = Office(world, makers)
    naming = named(office)
    actions: list[Action] = []
    # A merged ticket hands over to one that has to be remembered first.
    for ticket in sorted(world.tickets, key=lambda one: (one.state_type == "merged", one.id)):
        desk = Desk(office, ticket, *_known(world, ticket))
        _ticket(desk, naming.get(ticket.id, []), ordered)
        actions += desk.actions
    for unread in world.unreadable:
        actions += _unreadable(office, unread)
    for warning in overspent(world):
        office.warn(warning)
    actions += _warnings(office)
    return Plan(tuple(actions), tuple(office.held))


def disaster(plan_: Plan, world: World) -> Problem | None:
    """Why this plan must not run without a person's word (`--confirm`), None if it may."""
    rules = world.rules
    asked = {link.issue_id for link in world.links if link.state != "gone"}
    if len(world.gone & asked) >= EMPTY_SIDE and not any(issue.id in asked for issue in world.issues):
        return Problem(
            "redmine",
            f"Redmine shows none of {len(world.gone & asked)} linked issues.",
            "Check the API key and its rights. If they were really deleted: `sync run --confirm`.",
        )
    lost = [one for one in world.unreadable if one.id in world.known and one.light is None]
    if len(lost) >= EMPTY_SIDE and not any(ticket.id in world.known for ticket in world.tickets):
        return Problem(
            "otrs",
            f"OTRS shows none of {len(lost)} known tickets.",
            "Check the agent's rights. If they were really deleted: `sync run --confirm`.",
        )
    for what, count, most in (
        ("letters", plan_.letters, rules.max_letters),
        ("closings", plan_.closings, rules.max_closings),
    ):
        if count > most:
            return Problem(
                "sync",
                f"This pass would make {count} {what}; max_{what} is {most}.",
                "Look at `sync run --dry-run`. If it is right: `sync run --confirm`.",
            )
    return None


def _unreadable(office: Office, unread: Unreadable) -> Iterator[Action]:
    """Names what cannot be read; what is there is read again in each pass, so that no letter is lost."""
    known, light = office.world.known.get(unread.id), unread.light
    key = f"{UNREAD}{unread.id}"
    if known is None and light is not None:
        if office.world.rules.watches(light.queue) and not light.closed:
            message = f"ticket {light.number} cannot be read, so nothing is done for it: {unread.reason}"
            step = f"Answer it by hand and close it{_TOO_SLOW}; until then every pass tries to read it."
            office.warn(Warn(key, message, step, unread.id))
    elif known is None and unread.broken:
        message = f"the ticket with the id {unread.id} cannot be read, so nothing is done for it: {unread.reason}"
        office.warn(Warn(key, message, "Look after it by hand; it is read again when it changes.", lasting=False))
    elif known is not None:
        step = (
            f"Correct in OTRS what is named{_TOO_SLOW}; it is read again in each pass."
            if unread.broken
            else f"Let the agent see its queue. If it was deleted: `sync forget {known.number}`."
        )
        office.warn(Warn(key, f"ticket {known.number} cannot be read: {unread.reason}", step, unread.id))
        if unread.broken and not known.waiting:
            yield Remember(known, replace(known, waiting=True))


def _known(world: World, ticket: Ticket) -> tuple[Known, Known | None]:
    """What is remembered of a ticket; of a new one what it begins with."""
    before = world.known.get(ticket.id)
    if before is not None:
        return (replace(before, closed=True) if ticket.id in world.closed_between else before), before
    adopted = arrival_of(ticket).at >= world.cursor.start
    if adopted:
        return Known(ticket.id, ticket.number, adopted=True), None
    newest = max((one.article.id for one in customer_articles(ticket, world.rules)), default=0)
    spent = triggered(ticket, world.rules)
    return Known(ticket.id, ticket.number, False, 0, newest, closed=ticket.closed, trigger_spent=spent), None


def _ticket(desk: Desk, naming: list[tuple[IssueSeen, str]], ordered: Callable[[Desk], None] | None) -> None:
    if desk.before is None:
        desk.add(Remember(None, desk.known))
    if desk.ticket.state_type == "merged":
        look_at_issues(desk)
        hand_over(desk)
    elif desk.ticket.state_type != "removed":
        look_at_issues(desk)
        said = intake(desk)
        connect(desk, naming)
        task(desk, said)
        done(desk)
        if ordered is not None:
            ordered(desk)
    _leftovers(desk)
    _remember(desk)


def _leftovers(desk: Desk) -> None:
    for intent in desk.leftovers():
        # One that failed has changed nothing: it is given up, and needs no looking up.
        if intent.state == "failed" or desk.free(intent.key)[0]:
            desk.write(Settle(intent.key, desk.ticket.number, intent, (), desk.ticket.changed_at))


def _remember(desk: Desk) -> None:
    if desk.ticket.number != desk.known.number:
        issues = ", ".join(f"#{link.issue_id}" for link in desk.links)
        desk.warn(
            f"renumbered-{desk.ticket.number}",
            f"it was ticket {desk.known.number} before" + (f"; {issues} still bears that number" if issues else ""),
            "Write the new number into the issue's ticket field." if issues else "Nothing needs to be done.",
            lasting=False,
        )
    before = desk.before or desk.known
    # Our own closing is stored with its success: one that fails leaves the ticket open, for the next letter too.
    closed = desk.ticket.closed or (desk.closing and before.closed)
    after = replace(desk.after, number=desk.ticket.number, closed=closed)
    if after != before:
        desk.add(Remember(before, after))


def _warnings(office: Office) -> Iterator[Action]:
    """What is told now: new warnings, lasting ones once a day, and the end of those that do not hold any more."""
    world = office.world
    for key, warning in office.raised.items():
        told = world.warned.get(key)
        if told is None or (warning.lasting and told.told_on < world.today):
            yield warning
    looked_at = {ticket.id for ticket in world.tickets} | world.passed_over
    asked_for = {f"{UNREAD}{unread.id}" for unread in world.unreadable}
    for key, told in sorted(world.warned.items()):
        if told.lasting and (told.ticket_id in looked_at or key in asked_for) and key not in office.raised:
            yield WarnEnded(key, told.message)
