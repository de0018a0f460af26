"""Issues in the plan: made by hand and linked, done, refused, moved, deleted; merged and renumbered tickets; guards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio_support.otrs.model import Unreadable
from studio_support.sync.actions import Connect, Remember, SawIssue, TellDone
from studio_support.sync.model import Key
from studio_support.sync.plan import disaster
from tests.bridge_world import RULES
from tests.sync_worlds import Desktop, only, told

NUMBER = "2026112310000011"


def known_ticket(desktop: Desktop, **known: object) -> int:
    """A ticket that was acknowledged and is left alone otherwise."""
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket, **known)
    return ticket


def working(desktop: Desktop, **link: object) -> tuple[int, int]:
    """A closed ticket with an issue under work; everything before was done."""
    ticket = known_ticket(desktop)
    issue = desktop.issues.by_hand(ticket=NUMBER)
    desktop.tickets.fill(ticket, "RedmineIssue", str(issue))
    desktop.tickets.close(ticket)
    desktop.known[ticket] = replace(desktop.known[ticket], closed=True)
    desktop.linked(ticket, issue, **link)
    desktop.wrote(ticket, "task_set", 1)
    desktop.wrote(ticket, "close", 1)
    assert desktop.plan().actions == ()
    return ticket, issue


@pytest.mark.parametrize(
    ("where", "by"),
    [
        ({"ticket": NUMBER}, "field"),
        ({"description": f"as asked in Ticket#{NUMBER}"}, "text"),
        ({"subject": f"Logo [Ticket#{NUMBER}]"}, "text"),
        ({"description": f"Ticket#{NUMBER} and once more Ticket#{NUMBER}"}, "text"),
    ],
)
def test_an_issue_made_by_hand_is_linked_by_the_number_in_it(where: dict[str, str], by: str) -> None:
    desktop = Desktop()
    ticket = known_ticket(desktop)
    issue = desktop.issues.by_hand(**{"subject": "Logo", **where})
    connected = only(desktop.plan().actions, Connect)
    assert (connected.issue_id, connected.place, connected.round, connected.by) == (issue, 1, 1, by)
    assert desktop.names() == ["Connect", "LinkIssue", "TellTaskSet", "CloseTicket"]
    desktop.linked(ticket, issue, by=by)
    assert desktop.names() == ["LinkIssue", "TellTaskSet", "CloseTicket"]


def test_an_issue_named_in_the_tickets_field_is_linked() -> None:
    desktop = Desktop()
    ticket = known_ticket(desktop)
    issue = desktop.issues.by_hand()
    desktop.tickets.fill(ticket, "RedmineIssue", f"#{issue}, 12345678901, x")
    assert only(desktop.plan().actions, Connect).by == "field"
    assert desktop.names() == ["Connect", "TellTaskSet", "CloseTicket"]
    desktop.issues.delete(issue)
    assert desktop.names() == []
    assert "which is not there" in desktop.warnings(gone=frozenset([issue]))[f"names-{issue}:1"]


def test_an_issue_that_names_several_tickets_is_linked_to_none() -> None:
    desktop = Desktop()
    known_ticket(desktop)
    known_ticket(desktop)
    other = desktop.ticket(2).number
    issue = desktop.issues.by_hand(description=f"Ticket#{NUMBER}, see also Ticket#{other}")
    assert desktop.names() == ["Warn"]
    assert "names several tickets" in desktop.warnings()[f"ambiguous:{issue}"]
    desktop.tickets.fill(1, "RedmineIssue", str(issue))
    desktop.linked(1, issue)
    desktop.wrote(1, "task_set", 1)
    desktop.wrote(1, "close", 1)
    assert desktop.names() == []


def test_a_number_without_a_ticket_and_one_with_a_slip_are_named() -> None:
    desktop = Desktop()
    lost = desktop.issues.by_hand(ticket="2026112310000021")
    wrong = desktop.issues.by_hand(ticket="2026112310000012")
    warnings = desktop.warnings()
    assert "2026112310000021, which is not there" in warnings[f"dangling:{lost}:2026112310000021"]
    assert "likely 2026112310000021" in warnings[f"typo:{wrong}:2026112310000012"]


def test_without_a_check_digit_only_known_numbers_are_likely() -> None:
    desktop = Desktop()
    numbers = replace(RULES.numbers, generators=("Date", "DateChecksum"))
    desktop.rules = replace(RULES, numbers=numbers)
    ticket = known_ticket(desktop)
    assert desktop.ticket(ticket).number == NUMBER
    issue = desktop.issues.by_hand(ticket="Ticket#20261399100001")
    [(key, text)] = desktop.warnings().items()
    assert key == f"typo:{issue}:20261399100001"
    assert "likely" not in text


def test_a_second_issue_is_linked_too_and_named() -> None:
    desktop = Desktop()
    ticket, first = working(desktop)
    second = desktop.issues.by_hand(ticket=NUMBER)
    assert desktop.names() == ["Connect", "LinkIssue", "Warn"]
    assert f"several issues: #{first}, #{second}" in desktop.warnings()["two-issues-2:1"]
    desktop.linked(ticket, second, by="field")
    desktop.wrote(ticket, "link", 2)
    desktop.issues.set(first, status="Closed")
    assert desktop.names() == ["SawIssue"]
    desktop.issues.set(second, status="Closed")
    assert desktop.names() == ["SawIssue", "SawIssue", "TellDone"]


def test_two_tickets_on_one_issue_are_both_told_and_named() -> None:
    desktop = Desktop()
    _, issue = working(desktop)
    desktop.linked(2, issue, place=1)
    assert "belongs to another ticket as well" in desktop.warnings()[f"two-tickets-{issue}:1"]
    desktop.links[-1] = replace(desktop.links[-1], by="merged")
    assert desktop.names() == []


def test_the_number_in_a_field_that_is_linked_already_is_nothing_new() -> None:
    desktop = Desktop()
    working(desktop)
    assert desktop.names() == []


@pytest.mark.parametrize("status", ["Closed", "Resolved", "closed"])
def test_done_is_told_with_the_issues_note_for_the_client(status: str) -> None:
    desktop = Desktop()
    desktop.rules = replace(RULES, client_note_field="For the client")
    ticket, issue = working(desktop)
    desktop.issues.set(issue, status=status, fields=(("For the client", " Please empty your cache. "),))
    letter = only(desktop.plan().actions, TellDone)
    assert letter.key == Key(ticket, "done", 1)
    assert letter.letter.text == f"done en {NUMBER}, due 23.11. 07:00 Please empty your cache."
    assert only(desktop.plan().actions, SawIssue).state == "done"


def test_done_is_told_from_what_is_stored_when_the_issue_was_not_read() -> None:
    desktop = Desktop()
    desktop.rules = replace(RULES, client_note_field="For the client")
    working(desktop)
    desktop.links[:] = [replace(desktop.links[0], state="done")]
    assert desktop.names(issues=()) == ["TellDone"]


def test_a_second_done_needs_an_issue_that_was_seen_open_again() -> None:
    desktop = Desktop()
    ticket, issue = working(desktop)
    desktop.wrote(ticket, "done", 1)
    desktop.issues.set(issue, status="Closed")
    assert desktop.names() == ["SawIssue"]
    desktop.links[:] = [replace(desktop.links[0], state="done")]
    desktop.issues.set(issue, status="In Progress")
    assert desktop.names() == ["SawIssue"]
    assert desktop.remembers().done_round == 2
    desktop.links[:] = [replace(desktop.links[0], state="open")]
    desktop.known[ticket] = replace(desktop.known[ticket], done_round=2)
    desktop.issues.set(issue, status="Closed")
    assert only(desktop.plan().actions, TellDone).key == Key(ticket, "done", 2)


def test_a_refused_issue_warns_the_manager_and_nobody_else() -> None:
    desktop = Desktop()
    _, issue = working(desktop)
    desktop.issues.set(issue, status="Rejected")
    assert desktop.names() == ["SawIssue", "Warn"]
    assert "was refused (Rejected); the client is not told" in desktop.warnings()[f"refused-issue-{issue}-1:1"]


def test_one_done_and_one_refused_is_done() -> None:
    desktop = Desktop()
    ticket, first = working(desktop)
    desktop.linked(ticket, desktop.issues.by_hand(status="Rejected"), state="refused")
    desktop.wrote(ticket, "link", 2)
    desktop.issues.set(first, status="Closed")
    assert "TellDone" in desktop.names()


def test_an_issue_in_another_project_is_named() -> None:
    desktop = Desktop()
    _, issue = working(desktop)
    desktop.issues.set(issue, project="other")
    assert desktop.names() == ["SawIssue", "Warn"]
    assert "from acme-site to other" in desktop.warnings()[f"moved-{issue}-other:1"]
    desktop.links[:] = [replace(desktop.links[0], project="")]
    assert desktop.names() == ["SawIssue"]


def test_a_deleted_issue_is_named_and_not_made_again() -> None:
    desktop = Desktop()
    _, issue = working(desktop)
    desktop.issues.delete(issue)
    gone = frozenset([issue])
    assert desktop.names(gone=gone) == ["SawIssue", "Warn"]
    desktop.links[:] = [replace(desktop.links[0], state="gone")]
    assert desktop.names(gone=gone) == []


def test_work_that_ends_on_an_older_ticket_is_named_and_not_told() -> None:
    desktop = Desktop()
    ticket = known_ticket(desktop, adopted=False, round=0)
    issue = desktop.issues.by_hand(ticket=NUMBER, status="Closed")
    assert desktop.names() == ["Connect"]  # finished before it was ever seen open
    assert only(desktop.plan().actions, Connect).round == 0
    desktop.linked(ticket, issue)
    assert "its client is not told" in desktop.warnings()["old-done-1:1"]


def merged(desktop: Desktop) -> tuple[int, int]:
    first, issue = working(desktop)
    main = known_ticket(desktop)
    desktop.tickets.merge(first, main)
    desktop.tickets.answer(first, "A note without a number.", visible=False)
    desktop.remembered(main)
    return main, issue


def test_a_merged_ticket_hands_its_issue_over() -> None:
    desktop = Desktop()
    main, issue = merged(desktop)
    connected = only(desktop.plan().actions, Connect)
    assert (connected.ticket_id, connected.issue_id, connected.round, connected.by) == (main, issue, 0, "merged")
    desktop.linked(main, issue, round=0, by="merged", place=1)
    assert desktop.names() == ["LinkIssue"]
    desktop.wrote(main, "link", 1)
    desktop.issues.set(issue, status="Closed")
    done = only(desktop.plan().actions, TellDone)
    assert done.key == Key(main, "done", 1)


def test_a_merged_ticket_into_one_that_is_not_seen_is_named() -> None:
    desktop = Desktop()
    merged(desktop)
    lone = (desktop.ticket(1),)
    text = desktop.warnings(tickets=lone, known={1: desktop.known[1]})["merged:1"]
    assert f"into ticket {desktop.ticket(2).number}, which cannot be seen" in text
    desktop.tickets.put(1, articles=())
    text = desktop.warnings(tickets=(desktop.ticket(1),))["merged:1"]
    assert "another ticket, and which one is not told" in text


def test_a_merged_ticket_without_an_issue_needs_nothing() -> None:
    desktop = Desktop()
    first, main = known_ticket(desktop), known_ticket(desktop)
    desktop.tickets.merge(first, main)
    desktop.remembered(main)
    assert desktop.names() == []


def test_a_removed_ticket_needs_nothing() -> None:
    desktop = Desktop()
    desktop.tickets.put(desktop.tickets.mail_in(), state="removed", state_type="removed")
    assert desktop.names() == []


@pytest.mark.parametrize("linked", [True, False])
def test_a_new_number_is_remembered_and_named(linked: bool) -> None:
    desktop = Desktop()
    ticket = working(desktop)[0] if linked else known_ticket(desktop)
    desktop.tickets.put(ticket, number="2026112310000029")
    names = desktop.names(issues=())
    assert names == ["Warn"]
    text = desktop.warnings(issues=())["renumbered-2026112310000029:1"]
    assert ("still bears that number" in text) is linked
    assert only(desktop.plan(issues=()).actions, Remember).after.number == "2026112310000029"


def test_a_known_ticket_that_cannot_be_read_is_named() -> None:
    desktop = Desktop()
    ticket = known_ticket(desktop)
    lost = (Unreadable(ticket, "may not be seen"), Unreadable(99, "never seen"))
    assert list(desktop.warnings(tickets=(), unreadable=lost)) == ["unreadable:1"]
    assert desktop.names(tickets=(), unreadable=lost, warned=told("unreadable:1", "2026-11-23")) == []


def refusal(desktop: Desktop, **changes: object) -> str:
    world = desktop.world(**changes)
    found = disaster(desktop.plan(**changes), world)
    return found.message if found else ""


def test_a_side_that_is_suddenly_empty_is_refused() -> None:
    desktop = Desktop()
    for _ in range(3):
        ticket = known_ticket(desktop)
        desktop.linked(ticket, 300 + ticket)
    gone = frozenset([301, 302, 303])
    assert refusal(desktop, gone=gone) == "Redmine shows none of 3 linked issues."
    assert refusal(desktop, gone=frozenset([301, 302])) == ""
    lost = tuple(Unreadable(one, "") for one in (1, 2, 3))
    assert refusal(desktop, tickets=(), unreadable=lost) == "OTRS shows none of 3 known tickets."
    assert refusal(desktop, tickets=(desktop.ticket(3),), unreadable=lost[:2]) == ""


def test_one_issue_that_is_there_says_that_redmine_is_not_empty() -> None:
    desktop = Desktop()
    _, issue = working(desktop)
    for other in (901, 902, 903):
        desktop.linked(1, other)
    assert refusal(desktop, gone=frozenset([901, 902, 903])) == ""
    assert issue


def test_too_many_letters_or_closings_are_refused() -> None:
    desktop = Desktop()
    for number in range(3):
        desktop.tickets.mail_in(sender=f"c{number}@acme.example")
    desktop.rules = replace(RULES, max_letters=2)
    assert refusal(desktop) == "This pass would make 3 letters; max_letters is 2."
    desktop.rules = replace(RULES, max_letters=3)
    assert refusal(desktop) == ""
    for number in range(3):
        desktop.remembered(number + 1)
        desktop.tickets.move(number + 1, "To Redmine")
    desktop.rules = replace(RULES, max_closings=2)
    assert refusal(desktop) == "This pass would make 3 closings; max_closings is 2."


def test_a_row_that_is_broken_is_named_known_or_not_and_a_known_one_is_read_again() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    known = desktop.remembered(ticket)
    broken = (Unreadable(ticket, "Created is ''", True), Unreadable(99, "ArticleID is 'x'", True))
    assert list(desktop.warnings(tickets=(), unreadable=broken)) == ["unreadable:1", "unreadable:99"]
    assert "99" in desktop.warnings(tickets=(), unreadable=broken)["unreadable:99"]
    assert desktop.remembers(tickets=(), unreadable=broken) == replace(known, waiting=True)
    desktop.known[ticket] = replace(known, waiting=True)
    assert not any(isinstance(one, Remember) for one in desktop.plan(tickets=(), unreadable=broken).actions)
