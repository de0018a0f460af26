"""What a person orders for a ticket, put behind the plan of a pass: pure, and never a second letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from studio_support.sync.actions import Action, Apologise, CloseTicket, CreateIssue, OrderEnded, TellDone, TellEstimate
from studio_support.sync.model import Promised
from studio_support.sync.plan import plan
from studio_support.sync.plan_command import Order, apologise, missed, tell_done, tell_estimate
from tests.sync_worlds import NOW, Desktop, only


def acted(desktop: Desktop, order: Order, **changes: Any) -> list[Action]:
    return list(plan(desktop.world(**changes), desktop.makers, order).actions)


def kinds(actions: list[Action], *names: str) -> list[str]:
    return [name for name in (type(one).__name__ for one in actions) if name in names]


def test_done_without_an_issue_closes_behind_the_letter() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    actions = acted(desktop, tell_done("All good."))
    letter, close = only(actions, TellDone), only(actions, CloseTicket)
    assert "All good." in letter.letter.text
    assert (close.after, close.why, close.key.round) == ((letter.key,), "it is done", 1)


def test_done_is_not_told_twice_and_not_closed_again() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.wrote(ticket, "done", 1)
    assert kinds(acted(desktop, tell_done()), "TellDone", "CloseTicket") == []


def test_a_close_of_unknown_fate_is_left_alone() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.wrote(ticket, "close", 1, "unknown")
    assert kinds(acted(desktop, tell_done()), "TellDone", "CloseTicket") == ["TellDone"]


def test_done_of_a_later_request_is_told_again() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.wrote(ticket, "done", 1)
    desktop.clock.tick(hours=1)
    desktop.remembered(ticket, round=2)
    letter = only(acted(desktop, tell_done()), TellDone)
    assert letter.key.round == 2


def test_done_of_a_closed_older_ticket_without_a_promise_is_told() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket, adopted=False, round=0)
    assert only(acted(desktop, tell_done()), CloseTicket).key.round == 0
    desktop.tickets.close(ticket)
    assert kinds(acted(desktop, tell_done()), "TellDone", "CloseTicket") == ["TellDone"]


def test_a_letter_that_the_plan_has_made_takes_the_note() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    issue = desktop.issues.by_hand(ticket=desktop.ticket(ticket).number, status="Closed")
    desktop.linked(ticket, issue, place=1)
    assert "Kept." in only(acted(desktop, tell_done("Kept.")), TellDone).letter.text
    assert "Kept." not in only(acted(desktop, tell_done()), TellDone).letter.text


def test_an_estimate_is_told_by_the_plan_or_ordered_for_an_older_ticket() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.tickets.fill(ticket, "Estimate", "2")
    desktop.remembered(ticket)
    assert "With tests." in only(acted(desktop, tell_estimate("With tests.")), TellEstimate).letter.text
    desktop.remembered(ticket, estimate="2")
    assert kinds(acted(desktop, tell_estimate()), "TellEstimate") == []
    desktop.remembered(ticket, adopted=False)
    told = only(acted(desktop, tell_estimate()), TellEstimate)
    assert (told.key.round, told.estimate) == (1, "2")
    desktop.remembered(ticket, adopted=False, estimate="2")
    assert kinds(acted(desktop, tell_estimate()), "TellEstimate") == []


def test_no_estimate_where_the_task_is_set_the_ticket_closed_or_the_field_no_number() -> None:
    desktop = Desktop()
    desktop.clients = ()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket, adopted=False)
    assert kinds(acted(desktop, tell_estimate()), "TellEstimate") == []
    desktop.tickets.fill(ticket, "Estimate", "2")
    assert kinds(acted(desktop, tell_estimate()), "TellEstimate") == ["TellEstimate"]
    desktop.tickets.close(ticket)
    assert kinds(acted(desktop, tell_estimate()), "TellEstimate") == []
    desktop.tickets.put(ticket, state="open", state_type="open")
    desktop.linked(ticket, desktop.issues.by_hand(ticket=desktop.ticket(ticket).number), place=1)
    assert kinds(acted(desktop, tell_estimate()), "TellEstimate") == []


def test_an_apology_is_of_the_present_round_and_of_no_pass() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket, round=2)
    assert only(acted(desktop, apologise("We were ill.")), Apologise).key.round == 2
    assert "Apologise" not in desktop.names()


def test_missed_is_what_stopped_or_still_runs_past_the_due() -> None:
    late, early = NOW + timedelta(minutes=1), NOW - timedelta(minutes=1)
    row = Promised(1, 1, 1, NOW, NOW, NOW)
    assert not missed(None, late)
    assert missed(row, late)
    assert not missed(row, NOW)
    assert missed(replace(row, acknowledged_at=early, estimated_at=late), late)
    assert not missed(replace(row, acknowledged_at=early, estimated_at=NOW), late)


def test_an_ordered_issue_is_made_without_trigger_and_without_promise() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket, round=0)
    assert "CreateIssue" not in desktop.names()
    made = only(desktop.plan(orders=frozenset({ticket})).actions, CreateIssue)
    assert made.round == 0
    assert {"LinkIssue", "TellTaskSet", "CloseTicket"} <= set(desktop.names(orders=frozenset({ticket})))


def test_what_was_made_for_an_older_ticket_is_gone_on_with() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket, round=0)
    issue = desktop.issues.by_hand(ticket=desktop.ticket(ticket).number)
    desktop.linked(ticket, issue, round=0)
    assert {"LinkIssue", "TellTaskSet", "CloseTicket"} <= set(desktop.names())


def test_an_order_ends_when_a_person_has_made_the_issue() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.linked(ticket, desktop.issues.by_hand(ticket=desktop.ticket(ticket).number), by="field")
    ended = only(desktop.plan(orders=frozenset({ticket})).actions, OrderEnded)
    assert ended == OrderEnded(ticket, desktop.ticket(ticket).number)
