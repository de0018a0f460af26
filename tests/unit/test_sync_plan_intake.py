"""Requests in the plan: rounds, promises, acknowledgements, answers by hand, what is no request."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from studio_support.errors import ConfigError
from studio_support.sync.actions import Acknowledge, AskInWriting, CloseTicket, Promise, Recognise, Remember
from studio_support.sync.letter_facts import LetterFacts, no_cost
from studio_support.sync.model import Key, Known, SyncClient
from studio_support.sync.world import Makers
from tests.bridge_world import make_promise, render
from tests.sync_worlds import ACME, NOW, RULES, Desktop, no_year, only, told


def test_a_mail_is_promised_by_its_arrival_and_acknowledged() -> None:
    desktop = Desktop(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    desktop.tickets.mail_in()
    assert desktop.names() == ["Promise", "Acknowledge"]
    promise = only(desktop.plan().actions, Promise)
    assert (promise.round, promise.article_id, promise.client) == (1, 101, "acme")
    assert promise.due.due_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # noon sharp in Moscow: the next day at noon
    letter = only(desktop.plan().actions, Acknowledge).letter
    assert letter.to == "jane@acme.example"
    assert letter.text == "received en 2026112310000011, due 24.11. 12:00"


def test_a_critical_request_waits_less() -> None:
    desktop = Desktop()
    desktop.tickets.mail_in(priority="5 very high")
    promise = only(desktop.plan().actions, Promise)
    assert promise.critical
    assert promise.due.due_at == NOW + timedelta(minutes=30)


def test_a_ticket_that_begins_with_a_machine_is_promised_when_a_person_writes() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in("I am away.", subject="Out of office: Logo")
    desktop.clock.tick(hours=1)
    desktop.tickets.mail_in("But the logo is wrong.", to=ticket)
    promise = only(desktop.plan().actions, Promise)
    assert promise.due.received_at == NOW + timedelta(hours=1)
    assert promise.article_id == 102


@pytest.mark.parametrize("channel", ["phone", "chat", "internal"])
def test_what_was_said_is_asked_for_in_writing(channel: str) -> None:
    desktop = Desktop()
    desktop.tickets.mail_in(channel=channel, by_agent=True)
    assert desktop.names() == ["Promise", "AskInWriting"]
    assert only(desktop.plan().actions, AskInWriting).letter.to == "jane@acme.example"


@pytest.mark.parametrize(
    ("said_at", "due"),
    [
        (datetime(2026, 11, 23, 8, 59, tzinfo=UTC), datetime(2026, 11, 23, 15, 0, tzinfo=UTC)),  # 11:59: by 18:00
        (datetime(2026, 11, 23, 9, 6, tzinfo=UTC), datetime(2026, 11, 24, 9, 0, tzinfo=UTC)),  # our clock is ahead
    ],
)
def test_a_call_arrived_when_it_was_told_not_when_its_ticket_was_made(said_at: datetime, due: datetime) -> None:
    """The ticket is of 12:05 in Moscow; a letter's time stands, whatever was told."""
    desktop = Desktop(datetime(2026, 11, 23, 9, 5, tzinfo=UTC))
    desktop.tickets.mail_in(channel="phone", by_agent=True)
    promise = only(desktop.plan(called={1: said_at}).actions, Promise)
    assert (promise.due.due_at, promise.due.received_at) == (due, min(said_at, desktop.clock.now))
    assert promise.arrival == "`ticket new` was told of the call at this time"
    desktop = Desktop(datetime(2026, 11, 23, 9, 5, tzinfo=UTC))
    desktop.tickets.mail_in()
    assert only(desktop.plan(called={1: said_at}).actions, Promise).due.received_at == desktop.clock.now


def test_a_letter_that_the_studio_began_with_is_no_request() -> None:
    desktop = Desktop()
    desktop.tickets.mail_in(by_agent=True)
    assert desktop.names() == []
    assert desktop.remembers() == Known(1, "2026112310000011", adopted=True)


def test_znunys_own_answer_acknowledges_nothing() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.tickets.auto_reply(ticket)
    assert desktop.names() == ["Promise", "Acknowledge"]


def test_a_persons_answer_acknowledges() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.clock.tick(minutes=5)
    desktop.tickets.answer(ticket)
    assert desktop.names() == ["Promise", "Recognise"]
    recognised = only(desktop.plan().actions, Recognise)
    assert (recognised.clock, recognised.at, recognised.by) == (
        "acknowledged",
        NOW + timedelta(minutes=5),
        "article 102",
    )


def test_a_ticket_that_was_closed_by_hand_is_promised_and_nobody_is_written_to() -> None:
    desktop = Desktop()
    desktop.tickets.close(desktop.tickets.mail_in())
    assert desktop.names() == ["Promise"]
    assert desktop.remembers().closed


def test_an_acknowledged_request_is_left_alone() -> None:
    desktop = Desktop()
    desktop.remembered(desktop.tickets.mail_in())
    assert desktop.plan().actions == ()


def test_a_second_letter_to_an_open_ticket_begins_nothing() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.tickets.mail_in("And the footer.", to=ticket)
    assert desktop.names() == []
    assert desktop.remembers().last_article == 102


def test_a_letter_to_a_closed_ticket_begins_a_new_round() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.tickets.close(ticket)
    desktop.remembered(ticket)
    desktop.clock.tick(days=1)
    desktop.tickets.mail_in("It is wrong again.", to=ticket)
    assert desktop.names() == ["Promise", "Acknowledge"]
    promise = only(desktop.plan().actions, Promise)
    assert (promise.round, promise.article_id) == (2, 102)
    assert promise.due.received_at == NOW + timedelta(days=1)
    after = desktop.remembers()
    assert (after.round, after.closed, after.last_article) == (2, False, 102)


@pytest.mark.parametrize(
    ("body", "subject", "why"),
    [
        ("Thank you!", "Re: Logo", "a bare thank-you"),
        ("I am away.", "Automatic reply: Logo", "an automatic answer"),
        ("Not delivered", "Undeliverable: done", "a bounce"),
    ],
)
def test_what_is_no_request_closes_the_ticket_again(body: str, subject: str, why: str) -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.tickets.close(ticket)
    desktop.remembered(ticket)
    desktop.tickets.mail_in(body, subject=subject, to=ticket)
    closing = only(desktop.plan().actions, CloseTicket)
    assert (closing.key.kind, closing.key.round, closing.state) == ("close_again", 102, "closed successful")
    assert closing.why == f"what came was {why}"
    assert only(desktop.plan().actions, Remember).after.closed
    assert ("bounce-102:1" in desktop.warnings()) is (why == "a bounce")


def test_a_closing_that_failed_is_tried_again_and_one_that_is_held_is_not() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.tickets.mail_in("Thank you!", to=ticket)
    desktop.remembered(ticket, closed=True)
    desktop.wrote(ticket, "close_again", 102, "failed")
    assert desktop.names() == ["CloseTicket"]
    desktop.intents[:] = []
    desktop.wrote(ticket, "close_again", 102, "unknown")
    assert desktop.names() == []
    assert len(desktop.plan().held) == 1
    desktop.intents[:] = []
    desktop.wrote(ticket, "close_again", 102, "done")
    assert desktop.names() == []  # it was opened by hand afterwards


def test_a_machine_alone_is_named_and_gets_nothing() -> None:
    desktop = Desktop()
    desktop.tickets.mail_in("Away", subject="Out of office")
    assert desktop.names() == ["Warn"]
    assert "an automatic answer" in desktop.warnings()["aside:1"]
    assert desktop.remembers().round == 0


def test_a_machine_at_an_open_ticket_is_passed_over_in_silence() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.tickets.mail_in("Away", subject="Out of office", to=ticket)
    assert desktop.names() == []


def test_a_customer_whom_no_client_lists_is_answered_and_named() -> None:
    desktop = Desktop()
    desktop.tickets.mail_in(customer="OTHER")
    desktop.tickets.mail_in(customer="")
    assert desktop.names() == ["Promise", "Acknowledge", "Promise", "Acknowledge", "Warn", "Warn"]
    assert "the customer 'OTHER'" in desktop.warnings()["client:1"]
    assert "a sender without a customer" in desktop.warnings()["client:2"]
    assert only(desktop.plan(tickets=(desktop.ticket(1),)).actions, Promise).client is None


def test_without_an_address_the_manager_is_told() -> None:
    desktop = Desktop()
    desktop.tickets.mail_in(sender="Jane")
    assert desktop.names() == ["Promise", "Warn"]
    assert "no address of the client" in desktop.warnings()["address-received:1"]
    assert desktop.remembers().waiting


def test_a_year_without_a_calendar_is_named_and_nothing_is_sent() -> None:
    desktop = Desktop()
    desktop.tickets.mail_in()
    desktop.makers = Makers(no_year, render)
    assert desktop.names() == ["Warn"]
    assert "2027" in desktop.warnings()["promise:1"]
    assert desktop.remembers() == Known(1, "2026112310000011", adopted=True, waiting=True)


def test_a_broken_template_is_named() -> None:
    def broken(kind: str, language: str, facts: LetterFacts) -> tuple[str, str]:
        raise ConfigError("letters/received.txt", "", "is broken", "Mend it.")

    desktop = Desktop()
    desktop.tickets.mail_in()
    desktop.makers = Makers(make_promise, broken)
    assert desktop.names() == ["Promise", "Warn"]
    assert "the letter received cannot be written" in desktop.warnings()["template-received:1"]


@pytest.mark.parametrize(("mode", "expected"), [("note", "note"), ("off", "off")])
def test_a_trial_week_writes_to_nobody(mode: Any, expected: str) -> None:
    desktop = Desktop()
    desktop.rules = replace(RULES, letters=mode)
    desktop.tickets.mail_in(sender="Jane")
    plan = desktop.plan()
    assert only(plan.actions, Acknowledge).letter.mode == expected
    assert plan.letters == 0


def test_a_clients_language_is_its_own_and_the_studios_else() -> None:
    desktop = Desktop()
    desktop.clients = (SyncClient("acme", "ACME", "de", ("acme",)), SyncClient("b", "B", "", ("B",)))
    desktop.tickets.mail_in()
    desktop.tickets.mail_in(customer="B", sender="b@b.example")
    letters = [one.letter for one in desktop.plan().actions if isinstance(one, Acknowledge)]
    assert [letter.language for letter in letters] == ["de", "en"]


def test_the_cap_counts_letters_to_one_address_and_to_one_ticket() -> None:
    desktop = Desktop()
    desktop.rules = replace(RULES, letters_a_day=2, letters_a_day_to_one=2)
    for _ in range(3):
        desktop.tickets.mail_in()
    assert desktop.names().count("Acknowledge") == 2
    assert "jane@acme.example was written to 2 times today" in desktop.warnings()["cap-received:3"]
    first = (desktop.ticket(1),)
    assert "it was written to 2 times" in desktop.warnings(tickets=first, letters_today={"#1": 2})["cap-received:1"]


def test_older_tickets_are_remembered_and_never_written_to() -> None:
    desktop = Desktop(datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    ticket = desktop.tickets.mail_in()
    assert desktop.names() == []
    assert desktop.remembers() == Known(1, "2026112310000011", adopted=False, last_article=101)
    desktop.tickets.close(ticket)
    desktop.known[1] = Known(1, "2026112310000011", adopted=False, last_article=101, closed=True)
    desktop.tickets.mail_in("Again!", to=ticket)
    assert desktop.names() == ["Promise"]
    assert not only(desktop.plan().actions, Promise).adopted


def test_a_promise_that_was_made_before_gives_the_due_of_the_letter() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.promised(ticket, 1, acknowledged=False)
    assert only(desktop.plan().actions, Acknowledge).letter.text == "received en 2026112310000011, due 23.11. 07:00"


def test_a_lost_article_is_stood_in_for_by_the_first_one() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.promised(ticket, 1, acknowledged=False)
    [row] = desktop.promises[ticket]
    desktop.promises[ticket] = (replace(row, article_id=99),)
    assert desktop.names() == ["Acknowledge"]
    desktop.tickets.put(ticket, articles=())
    assert desktop.names() == []


def test_warnings_are_told_once_lasting_ones_daily_and_their_end() -> None:
    desktop = Desktop()
    desktop.tickets.mail_in(sender="Jane")
    assert "address-received:1" in desktop.warnings()
    today = told("address-received:1", "2026-11-23")
    assert "address-received:1" not in desktop.warnings(warned=today)
    assert "address-received:1" in desktop.warnings(warned=told("address-received:1", "2026-11-22"))
    ended = desktop.plan(
        warned={**today, **told("gone:1"), **told("once:1", lasting=False), **told("x:7", ticket_id=7)}
    )
    assert [one.key for one in ended.actions if type(one).__name__ == "WarnEnded"] == ["gone:1"]


def test_nobody_knows_prices_unless_told() -> None:
    assert no_cost("acme", 60) == ""
    assert ACME.project == "acme-site"


def test_a_letter_of_unknown_outcome_is_looked_up_under_the_subject_that_it_had() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.promised(ticket, 1, acknowledged=False)
    intent = desktop.wrote(ticket, "received", 1, "unknown", subject="received Old title")
    assert desktop.names() == []
    desktop.clock.tick(minutes=2)
    letter = only(desktop.plan(letters_today={"jane@acme.example": 5}).actions, Acknowledge)
    assert (letter.look, letter.letter.subject) == (intent, "received Old title")


def test_a_key_bears_the_store_that_it_is_of() -> None:
    assert Key(17, "received", 1).mark("16a4ee96") == "16a4ee96/17/received/1"


def test_a_ticket_that_was_closed_between_two_passes_counts_as_closed() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.tickets.mail_in("Again!", to=ticket)
    assert desktop.names(closed_between=frozenset([ticket])) == ["Promise", "Acknowledge"]
    after = only(desktop.plan(closed_between=frozenset([ticket])).actions, Remember)
    assert (after.before, after.after.round) == (desktop.known[ticket], 2)


def test_what_was_split_off_a_letter_is_not_asked_for_in_writing() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in(channel="phone", by_agent=True)
    assert desktop.names(split=frozenset([ticket])) == ["Promise", "Acknowledge"]
