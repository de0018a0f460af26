"""From tickets to issues in the plan: triggers, what is lacking, creation, links, the letters, closing, notes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio_support.sync.actions import (
    CloseTicket,
    CreateIssue,
    LinkIssue,
    NoteOnIssue,
    Recognise,
    Settle,
    TellEstimate,
    TellTaskSet,
)
from studio_support.sync.model import Key, Rules, SyncClient
from studio_support.sync.world import Makers
from tests.bridge_world import ACME, RULES, make_promise, render
from tests.sync_worlds import Desktop, only

WHOLE = ["CreateIssue", "LinkIssue", "TellTaskSet", "CloseTicket"]


def asking(desktop: Desktop, **known: object) -> int:
    """A ticket that was acknowledged and stands in the queue for Redmine now."""
    ticket = desktop.tickets.mail_in("Please change the logo.")
    desktop.remembered(ticket, **known)
    desktop.tickets.move(ticket, "To Redmine")
    return ticket


def test_a_ticket_in_the_queue_becomes_an_issue_with_all_that_belongs_to_it() -> None:
    desktop = Desktop()
    desktop.rules = replace(RULES, assignees={"To Redmine": "i.petrov"})
    ticket = asking(desktop)
    desktop.tickets.fill(ticket, "Estimate", "3,5")
    plan = desktop.plan()
    assert desktop.names() == WHOLE
    issue = only(plan.actions, CreateIssue).issue
    assert (issue.project, issue.subject, issue.ticket) == ("acme-site", "Logo", "2026112310000011")
    assert (issue.estimate_minutes, issue.priority, issue.assignee, issue.files) == (210, 3, "i.petrov", True)
    assert "Please change the logo." in issue.description
    made = Key(ticket, "issue", 1)
    assert only(plan.actions, LinkIssue).after == (made,)
    assert only(plan.actions, TellTaskSet).after == (made,)
    assert only(plan.actions, CloseTicket).after == (made, Key(ticket, "task_set", 1))
    assert not desktop.remembers().closed  # that is stored when it was closed
    assert not desktop.remembers().trigger_spent  # that is stored when the issue is there


@pytest.mark.parametrize(
    ("assignees", "person"),
    [
        ({"acme": "a", "To Redmine": "b", "m.manager": "c"}, "a"),
        ({"To Redmine": "b", "m.manager": "c"}, "b"),
        ({"m.manager": "c"}, "c"),
        ({"other": "d"}, ""),
    ],
)
def test_the_assignee_is_found_by_client_then_queue_then_manager(assignees: dict[str, str], person: str) -> None:
    desktop = Desktop()
    desktop.rules = replace(RULES, assignees=assignees)
    desktop.clients = (replace(ACME, account_manager="m.manager"),)
    asking(desktop)
    assert only(desktop.plan().actions, CreateIssue).issue.assignee == person


def test_what_sync_requires_comes_first() -> None:
    desktop = Desktop()
    desktop.rules = replace(RULES, required=("estimate", "agreed"))
    ticket = asking(desktop)
    assert desktop.names() == ["Warn"]
    assert desktop.warnings()["lacks:1"] == "ticket 2026112310000011: it lacks estimate, agreed"
    assert desktop.remembers().waiting
    desktop.tickets.fill(ticket, "Estimate", "3")
    desktop.tickets.fill(ticket, "Agreed", "yes")
    assert desktop.names() == WHOLE


@pytest.mark.parametrize(
    ("clients", "field", "warning"),
    [
        ((), "", "no-client:1"),
        ((replace(ACME, no_contract="has no rate for today"),), "", "no-contract:1"),
        ((replace(ACME, projects=("a", "b")),), "", "no-project:1"),
        ((replace(ACME, projects=("a", "b")),), "b", ""),
        ((SyncClient("acme", "ACME", "de", ("ACME",), (), "shop"),), "", ""),
    ],
)
def test_an_issue_needs_a_client_with_a_contract_and_a_project(
    clients: tuple[SyncClient, ...], field: str, warning: str
) -> None:
    desktop = Desktop()
    ticket = asking(desktop)
    desktop.clients = clients
    desktop.tickets.fill(ticket, "RedmineProject", field)
    assert desktop.names() == (["Warn"] if warning else WHOLE)
    assert list(desktop.warnings()) == ([warning] if warning else [])


def test_nothing_is_made_while_redmine_cannot_be_read() -> None:
    """An issue that a person made might not have been seen."""
    desktop = Desktop()
    asking(desktop)
    assert desktop.names(issues_read=False) == []
    assert desktop.remembers(issues_read=False).waiting


def test_an_issue_of_unknown_outcome_is_left_alone_then_looked_up() -> None:
    desktop = Desktop()
    intent = desktop.wrote(asking(desktop), "issue", 1, "unknown")
    assert desktop.names() == []
    assert desktop.plan().held == (intent,)
    desktop.clock.tick(seconds=119)
    assert desktop.names() == []
    desktop.clock.tick(seconds=1)
    assert desktop.names() == WHOLE
    assert only(desktop.plan().actions, CreateIssue).look == intent


def test_a_refusal_waits_an_hour_or_for_a_change() -> None:
    desktop = Desktop()
    ticket = asking(desktop)
    desktop.wrote(ticket, "issue", 1, "failed", refused=True, detail="Assignee is invalid")
    desktop.clock.tick(minutes=59)
    assert desktop.names() == ["Warn"]
    assert "Assignee is invalid" in desktop.warnings()["refused-issue:1"]
    desktop.tickets.put(ticket, title="Logo!")
    assert desktop.names() == [*WHOLE, "Warn"]  # told today already, as a rule; it has not ended
    desktop.clock.tick(minutes=1)
    assert desktop.names() == [*WHOLE, "Warn"]


def test_what_was_not_sent_or_given_up_is_tried_at_once() -> None:
    for state in ("failed", "dropped"):
        desktop = Desktop()
        desktop.wrote(asking(desktop), "issue", 1, state)
        assert desktop.names() == WHOLE
        assert only(desktop.plan().actions, CreateIssue).look is None


def test_an_unknown_issue_that_nobody_wants_any_more_is_looked_up() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    intent = desktop.wrote(ticket, "issue", 1, "unknown")
    assert desktop.plan().held == (intent,)
    desktop.clock.tick(minutes=5)
    assert only(desktop.plan().actions, Settle).look == intent
    desktop.intents[:] = []
    desktop.wrote(ticket, "issue", 1, "failed")
    assert desktop.names() == ["Settle"]


def test_an_older_ticket_that_asks_for_an_issue_is_named_once() -> None:
    desktop = Desktop()
    asking(desktop, adopted=False, round=0)
    assert desktop.names() == ["Warn"]
    assert "older than this store" in desktop.warnings()["old-trigger:1"]
    assert desktop.remembers().trigger_spent


def test_a_ticket_that_nobody_asked_in_becomes_nothing() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in(by_agent=True)
    desktop.tickets.move(ticket, "To Redmine")
    assert desktop.names() == []


def test_a_ticket_closed_by_hand_in_the_queue_becomes_no_issue() -> None:
    desktop = Desktop()
    ticket = asking(desktop)
    desktop.tickets.close(ticket)
    assert desktop.names() == []


def test_a_link_is_written_into_the_ticket_and_told_once() -> None:
    desktop = Desktop()
    ticket = asking(desktop, trigger_spent=True)
    issue = desktop.issues.by_hand()
    desktop.linked(ticket, issue)
    assert desktop.names() == ["LinkIssue", "TellTaskSet", "CloseTicket"]
    desktop.tickets.fill(ticket, "RedmineIssue", f"#{issue}")
    desktop.wrote(ticket, "task_set", 1)
    assert desktop.names() == ["CloseTicket"]
    desktop.wrote(ticket, "close", 1)
    assert desktop.names() == []  # it was opened again by hand: that is the person's will


def test_a_missing_field_is_named() -> None:
    desktop = Desktop()
    ticket = asking(desktop)
    desktop.tickets.put(ticket, fields=())
    assert desktop.names() == ["CreateIssue", "TellTaskSet", "CloseTicket", "Warn"]
    assert "no dynamic field RedmineIssue" in desktop.warnings()["field:1"]


def test_a_link_whose_writing_was_done_or_waits_is_not_written_again() -> None:
    desktop = Desktop()
    ticket = asking(desktop, trigger_spent=True)
    desktop.linked(ticket, desktop.issues.by_hand())
    desktop.wrote(ticket, "link", 1)
    assert desktop.names() == ["TellTaskSet", "CloseTicket"]


def test_the_ticket_stays_open_until_the_letter_is_out() -> None:
    desktop = Desktop()
    ticket = asking(desktop)
    desktop.linked(ticket, desktop.issues.by_hand(), by="created")
    desktop.tickets.fill(ticket, "RedmineIssue", "337")
    assert desktop.names(letters_today={"jane@acme.example": 20}) == ["Warn"]
    assert desktop.remembers(letters_today={"jane@acme.example": 20}).waiting
    assert not desktop.remembers(letters_today={"jane@acme.example": 20}).trigger_spent
    desktop.wrote(ticket, "close", 1, "unknown")
    assert desktop.names() == ["TellTaskSet"]
    assert not desktop.remembers().closed  # nobody knows; what the ticket shows next time counts


def test_an_own_issue_is_told_though_the_ticket_was_closed_meanwhile_a_persons_is_not() -> None:
    desktop = Desktop()
    ticket = asking(desktop)
    desktop.tickets.fill(ticket, "RedmineIssue", "337")
    desktop.tickets.close(ticket)
    desktop.linked(ticket, desktop.issues.by_hand(), by="created")
    assert desktop.names() == ["TellTaskSet"]
    desktop.links[:] = [replace(desktop.links[0], by="field")]
    assert desktop.names() == []


def test_an_issue_that_is_done_already_needs_the_done_letter_only() -> None:
    desktop = Desktop()
    ticket = asking(desktop)
    desktop.tickets.fill(ticket, "RedmineIssue", "337")
    desktop.linked(ticket, desktop.issues.by_hand(status="Closed"), by="text", state="done")
    assert desktop.names() == ["CloseTicket", "TellDone"]


def second_round(desktop: Desktop, **known: object) -> int:
    ticket = asking(desktop, round=2, **known)
    desktop.tickets.fill(ticket, "RedmineIssue", "337")
    return ticket


def test_a_reopened_ticket_in_the_queue_waits_for_a_person() -> None:
    desktop = Desktop()
    ticket = second_round(desktop, trigger_spent=True)
    desktop.linked(ticket, desktop.issues.by_hand())
    assert desktop.names() == []
    desktop.tickets.move(ticket, "Support")
    assert not desktop.remembers().trigger_spent


def test_moved_again_it_is_told_that_the_task_is_set_again() -> None:
    desktop = Desktop()
    ticket = second_round(desktop)
    desktop.linked(ticket, desktop.issues.by_hand())
    assert desktop.names() == ["TellTaskSet", "CloseTicket"]
    assert only(desktop.plan().actions, TellTaskSet).key == Key(ticket, "task_set", 2)
    assert desktop.remembers().trigger_spent
    desktop.wrote(ticket, "task_set", 2, "failed")
    desktop.known[ticket] = replace(desktop.known[ticket], trigger_spent=True)
    assert desktop.names() == ["TellTaskSet", "CloseTicket"]


def test_moved_again_with_an_ended_or_deleted_issue_it_is_named() -> None:
    desktop = Desktop()
    ticket = second_round(desktop)
    desktop.linked(ticket, desktop.issues.by_hand(status="Closed"), state="done")
    desktop.wrote(ticket, "done", 1)
    assert desktop.names() == ["Warn"]
    assert "#337 is ended" in desktop.warnings()["ended:1"]
    desktop.links[:] = [replace(desktop.links[0], state="gone")]
    desktop.issues.delete(337)
    assert "#337 is gone" in desktop.warnings()["gone:1"]


@pytest.mark.parametrize("closed", [True, False])
def test_later_letters_are_put_on_the_issue(closed: bool) -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket, closed=closed)
    issue = desktop.issues.by_hand()
    desktop.tickets.fill(ticket, "RedmineIssue", str(issue))
    desktop.linked(ticket, issue)
    desktop.wrote(ticket, "task_set", 1)
    desktop.wrote(ticket, "close", 1)
    desktop.tickets.mail_in("And the footer.", to=ticket)
    assert desktop.names() == (["Promise", "Acknowledge", "NoteOnIssue"] if closed else ["NoteOnIssue"])
    note = only(desktop.plan().actions, NoteOnIssue)
    assert (note.key, note.issue_id) == (Key(ticket, "note", 102), issue)
    assert "article 102" in note.text
    # while Redmine is down, too: what is begun is not forgotten when the letter counts as read
    assert "NoteOnIssue" in desktop.names(issues_read=False)


def test_a_note_that_failed_is_tried_again() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.tickets.mail_in("And the footer.", to=ticket)
    desktop.remembered(ticket)
    desktop.tickets.fill(ticket, "RedmineIssue", "337")
    desktop.linked(ticket, desktop.issues.by_hand())
    desktop.wrote(ticket, "task_set", 1)
    desktop.wrote(ticket, "close", 1)
    assert desktop.names() == []
    desktop.wrote(ticket, "note", 102, "failed")
    assert desktop.names() == ["NoteOnIssue"]
    desktop.intents[-1] = replace(desktop.intents[-1], state="unknown")
    assert desktop.names() == []


def test_an_estimate_in_the_field_is_told_with_its_cost() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.tickets.fill(ticket, "Estimate", "3:30")
    asked: list[tuple[str, int]] = []

    def cost(client: str, minutes: int) -> str:
        asked.append((client, minutes))
        return "332.50 EUR"

    desktop.makers = Makers(make_promise, render, cost)
    letter = only(desktop.plan().actions, TellEstimate)
    assert asked == [("acme", 210)]
    assert (letter.key, letter.estimate) == (Key(ticket, "estimate", 1), "3:30")
    desktop.known[ticket] = replace(desktop.known[ticket], estimate="3:30", estimate_round=1)
    assert desktop.names() == []
    desktop.tickets.fill(ticket, "Estimate", "4")
    assert only(desktop.plan().actions, TellEstimate).key == Key(ticket, "estimate", 2)
    desktop.clients = ()
    assert desktop.names() == ["TellEstimate"]


def test_an_estimate_that_is_no_number_is_named_and_one_for_a_set_task_is_not_told() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.tickets.fill(ticket, "Estimate", "soon")
    assert "'soon' is no number of hours" in desktop.warnings()["estimate:1"]
    desktop.tickets.fill(ticket, "Estimate", "1" * 5)
    assert "estimate:1" in desktop.warnings()  # more than anybody works
    desktop.tickets.fill(ticket, "Estimate", "3")
    desktop.tickets.move(ticket, "To Redmine")
    assert desktop.names() == WHOLE
    assert desktop.remembers().estimate == "3"


def test_the_second_clock_stops_when_the_task_is_set_or_agreed() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.promised(ticket, 1, estimated=False)
    desktop.tickets.fill(ticket, "Agreed", "ja")
    assert only(desktop.plan().actions, Recognise).clock == "estimated"
    desktop.tickets.fill(ticket, "Agreed", "")
    assert desktop.names() == []
    desktop.tickets.fill(ticket, "RedmineIssue", "337")
    desktop.linked(ticket, desktop.issues.by_hand(), by="field")
    assert desktop.names() == ["Recognise", "TellTaskSet", "CloseTicket"]


def test_a_clients_estimate_is_kept_from_a_closed_ticket() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.tickets.fill(ticket, "Estimate", "3")
    desktop.tickets.close(ticket)
    assert desktop.names() == []


def test_other_triggers() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.rules = Rules(("Support",), "en", ("field", "ToRedmine"))
    assert desktop.names() == []
    desktop.tickets.fill(ticket, "ToRedmine", "1")
    assert desktop.names() == WHOLE
