"""`sync audit` on plain values: each kind of finding, and silence where all is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from studio_support.otrs.model import Ticket
from studio_support.sync.audit import Evidence, Finding, audit
from studio_support.sync.model import Intent, IssueSeen, Key, Known, Link, Promised, Rules

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
# 2026112310000011: the products of 20261123 10 00001 with 1, 2, 1, 2, ... sum to 29, and 30 - 29 = 1.
NUMBER = "2026112310000011"
RULES = Rules(queues=("Support",), language="en", trigger=("queue", "To Redmine"))
TICKET = Ticket(
    id=1,
    number=NUMBER,
    title="Logo",
    queue="Support",
    state="open",
    state_type="open",
    locked=False,
    owner="root@localhost",
    customer="ACME",
    customer_user="jane",
    priority="3 normal",
    created_at=NOW,
    changed_at=NOW,
)
ISSUE = IssueSeen(7, "Logo", "New", "acme-site", NOW, NOW, ticket_field=NUMBER)
LINK = Link(1, 7, 1, 1, "field")
KNOWN = Known(1, NUMBER, adopted=True, round=1)
ALL_WELL = Evidence(RULES, {NUMBER: TICKET}, (ISSUE,), (LINK,), {1: KNOWN})


def kinds(seen: Evidence) -> list[tuple[str, str, int | None]]:
    return [(one.kind, one.ticket, one.issue) for one in audit(seen)]


def test_nothing_is_found_where_each_issue_is_linked_to_its_ticket() -> None:
    assert audit(ALL_WELL) == ()


def test_an_issue_whose_ticket_is_not_there_is_named() -> None:
    assert kinds(replace(ALL_WELL, tickets={})) == [("issue_without_ticket", NUMBER, 7)]


def test_an_issue_that_names_a_ticket_and_is_not_linked_is_named() -> None:
    assert kinds(replace(ALL_WELL, links=())) == [("unlinked", NUMBER, 7)]


def test_what_links_an_issue_depends_on_where_it_names_its_ticket() -> None:
    """The field is right already where it holds the number: the issue only has to be read again."""
    [by_field] = audit(replace(ALL_WELL, links=()))
    assert "`sync run --since 2026-11-23T07:00:00Z`" in by_field.next_step
    named = replace(ISSUE, ticket_field="", description=f"Ticket#{NUMBER}")
    [by_text] = audit(replace(ALL_WELL, links=(), issues=(named,)))
    assert by_text.next_step.startswith("Write that number alone into its ticket field")


def test_an_issue_of_a_merged_ticket_is_left_to_the_ticket_it_was_merged_into() -> None:
    merged = replace(TICKET, state="merged", state_type="merged")
    assert audit(replace(ALL_WELL, tickets={NUMBER: merged}, links=())) == ()


def test_a_wrong_check_digit_is_shown_with_the_number_of_the_ticket_that_exists() -> None:
    wrong = NUMBER[:-1] + "8"
    [found] = audit(replace(ALL_WELL, issues=(replace(ISSUE, ticket_field=f"Ticket#{wrong}"),)))
    assert (found.kind, found.ticket, found.issue) == ("wrong_number", wrong, 7)
    assert f"likely {NUMBER}" in found.message


def test_a_slip_in_the_number_of_a_ticket_that_was_not_read_is_found_by_its_check_digit() -> None:
    """2026102110000017 would be right: a ticket of October, which has not changed since the store began."""
    wrong = "2026102110000015"
    [found] = audit(replace(ALL_WELL, issues=(replace(ISSUE, description=f"as in {wrong}, see there"),)))
    assert (found.kind, found.ticket, found.issue) == ("wrong_number", wrong, 7)
    assert "; likely " in found.message


def test_a_wrong_number_that_is_near_no_ticket_is_shown_alone() -> None:
    [found] = audit(replace(ALL_WELL, issues=(replace(ISSUE, ticket_field="Ticket#123456"),)))
    assert found.kind == "wrong_number"
    assert "likely" not in found.message


def test_a_ticket_that_names_an_issue_without_a_link_is_named() -> None:
    ticket = replace(TICKET, fields=(("RedmineIssue", "#7, 9"),))
    assert kinds(replace(ALL_WELL, tickets={NUMBER: ticket})) == [("ticket_without_issue", NUMBER, 9)]


def test_a_ticket_that_waits_in_the_queue_and_has_no_issue_is_named() -> None:
    waits = replace(TICKET, queue="To Redmine")
    alone = replace(ALL_WELL, tickets={NUMBER: waits}, issues=(), links=())
    assert kinds(alone) == [("ticket_without_issue", NUMBER, None)]
    assert audit(replace(alone, links=(LINK,))) == ()
    assert kinds(replace(alone, links=(replace(LINK, state="gone"),))) == [("ticket_without_issue", NUMBER, None)]
    assert audit(replace(alone, tickets={NUMBER: replace(waits, state_type="closed")})) == ()


def test_a_closed_ticket_whose_client_was_told_no_volume_is_named() -> None:
    closed = replace(TICKET, state="closed successful", state_type="closed")
    promised = Promised(1, 1, 5, NOW, NOW, NOW, acknowledged_at=NOW)
    alone = replace(ALL_WELL, tickets={NUMBER: closed}, issues=(), links=(), promises={1: (promised,)})
    assert kinds(alone) == [("unanswered", NUMBER, None)]
    told = replace(promised, estimated_at=NOW)
    assert audit(replace(alone, promises={1: (told,)})) == ()
    assert audit(replace(alone, promises={})) == ()


def test_a_done_issue_whose_client_was_never_told_is_named_until_the_letter_is_done() -> None:
    done = replace(LINK, state="done")
    seen = replace(ALL_WELL, links=(done,))
    assert kinds(seen) == [("done_untold", NUMBER, 7)]
    letter = Intent(Key(1, "done", 1), "unknown", NOW)
    assert kinds(replace(seen, intents={1: (letter,)})) == [("done_untold", NUMBER, 7)]
    assert audit(replace(seen, intents={1: (replace(letter, state="done"),)})) == ()


def test_a_letter_that_a_trial_filed_as_a_note_has_told_nobody() -> None:
    seen = replace(ALL_WELL, links=(replace(LINK, state="done"),))
    [found] = audit(replace(seen, intents={1: (Intent(Key(1, "done", 1), "done", NOW, mode="note"),)}))
    assert (found.kind, found.ticket, found.issue) == ("done_untold", NUMBER, 7)
    assert "internal note" in found.message and "never sends" in found.next_step


def test_a_letter_of_an_earlier_round_does_not_count_for_a_second_done() -> None:
    seen = replace(ALL_WELL, links=(replace(LINK, state="done"),), known={1: replace(KNOWN, done_round=2)})
    assert kinds(replace(seen, intents={1: (Intent(Key(1, "done", 1), "done", NOW),)})) == [("done_untold", NUMBER, 7)]


def test_done_is_not_owed_while_another_issue_of_the_ticket_is_open() -> None:
    links = (replace(LINK, state="done"), replace(LINK, issue_id=8, place=2))
    assert audit(replace(ALL_WELL, links=links)) == ()
    assert audit(replace(ALL_WELL, links=(replace(LINK, state="refused"),))) == ()


def test_an_older_ticket_is_named_with_why_no_pass_writes_to_it() -> None:
    seen = replace(ALL_WELL, links=(replace(LINK, state="done"),), known={1: replace(KNOWN, adopted=False)})
    [found] = audit(seen)
    assert "older than this store" in found.message
    assert found.as_dict() == {
        "kind": "done_untold",
        "ticket": NUMBER,
        "issue": 7,
        "message": found.message,
        "next_step": f"Run `ticket done {NUMBER}`, or tell the client by hand.",
    }


def test_what_belongs_to_no_ticket_is_null_in_json() -> None:
    assert Finding("unlinked", "", None, "a", "b").as_dict()["ticket"] is None


def test_without_a_check_digit_only_tickets_that_were_read_are_likely() -> None:
    rules = replace(RULES, numbers=replace(RULES.numbers, generators=("Date",)))
    [found] = audit(
        replace(ALL_WELL, rules=rules, issues=(replace(ISSUE, ticket_field=f"Ticket#{NUMBER[:-1]}12345678901234"),))
    )
    assert found.kind == "wrong_number"
    assert "likely" not in found.message
