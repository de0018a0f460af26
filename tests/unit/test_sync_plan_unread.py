"""Tickets that are there and cannot be read, in the plan: named by number, until they come or somebody has answered."""

from __future__ import annotations

from dataclasses import replace

from studio_support.otrs.model import Unreadable
from studio_support.sync.actions import Warn, WarnEnded
from studio_support.sync.model import Rules
from studio_support.sync.plan import disaster
from studio_support.sync.world import Warned
from tests.bridge_world import RULES
from tests.sync_worlds import Desktop, only


def unread(desktop: Desktop, ticket_id: int, reason: str = "no answer within 30 s") -> Unreadable:
    """A ticket that comes without its articles alone."""
    return Unreadable(ticket_id, reason, True, replace(desktop.tickets.rows[ticket_id], articles=()))


def test_a_new_ticket_that_does_not_come_is_named_by_its_number_until_it_does() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    lost = (unread(desktop, ticket),)
    warned = only(desktop.plan(tickets=(), unreadable=lost).actions, Warn)
    assert warned.key == f"unreadable:{ticket}"
    assert warned.lasting and warned.ticket_id == ticket
    assert desktop.tickets.rows[ticket].number in warned.message and "no answer within 30 s" in warned.message
    assert "timeout_seconds" in warned.next_step


def test_it_is_named_no_more_once_somebody_closed_it_moved_it_away_or_deleted_it() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    told = {f"unreadable:{ticket}": Warned(f"unreadable:{ticket}", "2026-11-23", True, "it cannot be read", ticket)}
    assert desktop.plan(tickets=(), unreadable=(unread(desktop, ticket),), warned=told).actions == ()
    gone = Unreadable(ticket, "may not be seen")
    only(desktop.plan(tickets=(), unreadable=(gone,), warned=told).actions, WarnEnded)
    desktop.tickets.move(ticket, "Junk")
    only(desktop.plan(tickets=(), unreadable=(unread(desktop, ticket),), warned=told).actions, WarnEnded)
    desktop.tickets.move(ticket, "Support")
    desktop.tickets.close(ticket)
    only(desktop.plan(tickets=(), unreadable=(unread(desktop, ticket),), warned=told).actions, WarnEnded)


def test_what_lasts_of_a_known_ticket_is_not_called_ended_while_it_cannot_be_read() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket, waiting=True)
    told = {f"lacks:{ticket}": Warned(f"lacks:{ticket}", "2026-11-23", True, "it lacks an estimate", ticket)}
    done = desktop.plan(tickets=(), unreadable=(unread(desktop, ticket),), warned=told)
    assert [type(one) for one in done.actions] == [Warn]


def test_tickets_that_are_there_and_do_not_come_are_no_empty_side() -> None:
    desktop = Desktop()
    tickets = [desktop.tickets.mail_in() for _ in range(3)]
    for ticket in tickets:
        desktop.remembered(ticket)
    lost = tuple(unread(desktop, ticket) for ticket in tickets)
    world = desktop.world(tickets=(), unreadable=lost)
    assert disaster(desktop.plan(tickets=(), unreadable=lost), world) is None


def test_queues_are_watched_where_requests_come_in_and_where_they_become_issues() -> None:
    assert [RULES.watches(queue) for queue in ("support", "To Redmine", "Junk", "")] == [True, True, False, False]
    by_state = Rules(("Support",), "en", ("state", "To Redmine"))
    assert not by_state.watches("To Redmine")
