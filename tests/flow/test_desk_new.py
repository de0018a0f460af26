"""Tickets for what came by voice: made once, and the client is asked to confirm it in writing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from studio_support.desk.ticket_desk import Call
from studio_support.errors import NotSent, OutcomeUnknown, Refused, SourceError
from studio_support.sync.actions import AskInWriting
from tests.desk_world import Room

CALL = Call("phone", "jane@acme.example", "New prices", "She wants new prices by Friday.")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    made = Room(tmp_path)
    made.passes()
    made.clock.tick(minutes=1)
    return made


def test_a_call_becomes_a_ticket_and_the_client_is_asked_to_write(room: Room) -> None:
    acted = room.desk().new(CALL)
    [ticket] = room.tickets.rows.values()
    assert (acted.created, acted.number, ticket.queue, ticket.articles[0].channel) == (
        True,
        ticket.number,
        "Support",
        "phone",
    )
    assert room.letters() == ["Please confirm your request"]
    room.passes()
    assert len(room.tickets.mailbox) == 1


def test_a_messenger_is_asked_too_in_the_queue_that_is_named(room: Room) -> None:
    room.desk().new(replace(CALL, channel="messenger", queue="To Redmine"))
    [ticket] = room.tickets.rows.values()
    assert (ticket.queue, ticket.articles[0].channel) == ("To Redmine", "internal")
    assert "Please confirm your request" in room.letters()


def test_the_same_words_within_a_day_are_the_same_ticket(room: Room) -> None:
    first = room.desk().new(CALL)
    again = room.desk("ivan").new(replace(CALL, title="New  prices"))
    assert (again.created, again.number, again.steps) == (False, first.number, ())
    assert first.number in again.said[0]
    assert room.desk().new(CALL, again=True).created
    room.clock.tick(hours=25)
    assert room.desk().new(CALL).created
    assert len(room.tickets.rows) == 3


def test_a_call_that_was_killed_is_found_again_after_the_hold(room: Room) -> None:
    room.tickets.fate = lambda what: "done"
    with pytest.raises(OutcomeUnknown):
        room.desk().new(CALL)
    room.tickets.fate = lambda what: "fine"
    with pytest.raises(Refused, match="nobody knows yet whether it was made") as refused:
        room.desk().new(CALL)
    assert "in 2 minutes" in refused.value.next_step
    assert room.desk().inbox().problems[0].message.startswith('The ticket "New prices" was handed over')
    room.clock.tick(minutes=3)
    acted = room.desk().new(CALL)
    assert (acted.created, len(room.tickets.rows)) == (False, 1)
    assert room.letters() == ["Please confirm your request"]
    assert room.desk().inbox().problems == ()


def test_a_call_that_was_lost_is_made_after_the_hold(room: Room) -> None:
    room.tickets.fate = lambda what: "lost"
    with pytest.raises(OutcomeUnknown):
        room.desk().new(CALL)
    room.tickets.fate = lambda what: "fine"
    room.clock.tick(minutes=3)
    assert room.desk().new(CALL).created
    assert len(room.tickets.rows) == 1


def test_a_call_that_was_refused_or_not_sent_can_be_repeated_at_once(room: Room) -> None:
    with pytest.raises(Refused, match='OTRS knows no customer user "jane"'):
        room.desk().new(replace(CALL, customer="jane"))
    with pytest.raises(Refused, match='OTRS knows no queue "Sales"'):
        room.desk().new(replace(CALL, queue="Sales"))
    room.tickets.fate = lambda what: "not sent"
    with pytest.raises(NotSent):
        room.desk().new(CALL)
    room.tickets.fate = lambda what: "fine"
    assert room.desk().new(CALL).created


def test_a_dry_run_shows_the_letter_and_makes_nothing(room: Room) -> None:
    shown = room.desk().new(CALL, dry_run=True)
    [asked] = [one.action for one in shown.steps if isinstance(one.action, AskInWriting)]
    assert asked.letter.to == "jane@acme.example"
    assert "Thank you for your call" in asked.letter.text
    assert (room.tickets.writes, room.tickets.rows, shown.number) == ([], {}, "")


def test_a_store_without_a_pass_takes_no_calls(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(Refused, match="No pass has run"):
        Room(tmp_path / "other").desk().new(CALL)


def lose(room: Room, fate: str, call: Call = CALL) -> None:
    """The command gets no answer; "done": the server made the ticket all the same."""
    room.tickets.fate = lambda what: fate
    with pytest.raises(OutcomeUnknown):
        room.desk().new(call)
    room.tickets.fate = lambda what: "fine"


def test_a_call_that_nobody_repeats_is_made_by_the_first_pass_after_the_hold(room: Room) -> None:
    lose(room, "lost")
    assert room.passes(minutes=1).failures == ()
    assert room.tickets.rows == {}
    [held] = room.bridge().status().as_dict()["on_hold"]
    assert (held["kind"], held["state"], held["to"]) == ("new", "unknown", "jane@acme.example")
    assert held["detail"] == '"New prices", by anna'
    assert held["looked_up_at"] == "2026-11-23T07:13:00Z"
    assert room.passes(minutes=3).failures == ()
    [ticket] = room.tickets.rows.values()
    assert (ticket.title, ticket.queue, ticket.articles[0].body) == ("New prices", "Support", CALL.text)
    assert room.letters() == ["Please confirm your request"]
    assert room.bridge().status().unfinished == ()
    [trace] = room.desk().show(ticket.number).traces
    assert (trace.person, trace.what) == ("cron", "phone, jane@acme.example, begun by anna")
    assert not room.desk().new(CALL).created
    room.passes()
    assert (len(room.tickets.rows), len(room.letters())) == (1, 1)


def test_a_call_that_was_made_is_found_by_the_pass_and_not_made_again(room: Room) -> None:
    lose(room, "done", replace(CALL, channel="messenger", queue="To Redmine"))
    room.passes(minutes=3)
    room.passes(minutes=3)
    assert len(room.tickets.rows) == 1
    assert room.bridge().status().unfinished == ()


def test_a_pass_that_cannot_hand_a_call_over_leaves_it_to_the_next(room: Room) -> None:
    lose(room, "lost")
    room.tickets.fate = lambda what: "not sent"
    room.passes(minutes=3)
    room.tickets.fate = lambda what: "lost"
    room.passes(minutes=3)
    assert room.tickets.rows == {}
    assert len(room.bridge().status().unfinished) == 1
    room.tickets.fate = lambda what: "fine"
    room.passes(minutes=3)
    assert len(room.tickets.rows) == 1


def test_a_call_that_the_server_refuses_to_the_pass_is_told_once(room: Room) -> None:
    lose(room, "lost")
    with room.bridge().parts.store.engine.begin() as connection:
        connection.execute(text("UPDATE sync_calls SET customer = 'jane'"))
    told = room.passes(minutes=3)
    [problem] = told.failures
    assert problem.message.startswith('The ticket "New prices" that anna ordered was not made: ')
    assert 'OTRS knows no customer user "jane"' in problem.message
    assert problem in told.told
    assert room.passes(minutes=3).failures == ()


def test_a_store_from_a_backup_takes_no_other_calls_ticket_for_its_own(room: Room) -> None:
    """The row of the first call is lost with the backup, and its id is given again."""
    room.desk().new(CALL)
    with room.bridge().parts.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM sync_calls"))
        connection.execute(text("DELETE FROM sync_new_tickets"))
    lose(room, "lost", replace(CALL, title="Another call"))
    with room.bridge().parts.store.engine.begin() as connection:
        assert connection.execute(text("SELECT id FROM sync_new_tickets")).scalars().all() == [1]
    room.passes(minutes=3)
    assert sorted(ticket.title for ticket in room.tickets.rows.values()) == ["Another call", "New prices"]


def test_a_call_of_an_older_version_is_only_looked_up(room: Room) -> None:
    lose(room, "lost")
    with room.bridge().parts.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM sync_calls"))
    [problem] = room.passes(minutes=3).failures
    assert problem.next_step == "Make it again: `ticket new`."
    assert (room.tickets.rows, room.bridge().status().unfinished) == ({}, ())


def promised(room: Room) -> list[tuple[str, str, str]]:
    """Arrival and due time of what was promised, and by what the arrival is known."""
    with room.bridge().parts.store.engine.begin() as connection:
        rows = connection.execute(text("SELECT received_at, due_at, arrival FROM sync_promises")).all()
    return [(row.received_at[:16], row.due_at[:16], row.arrival) for row in rows]


@pytest.mark.parametrize("fate", ["lost", "done"])
def test_a_call_before_noon_is_promised_for_the_day_although_its_ticket_came_after_noon(room: Room, fate: str) -> None:
    room.clock.tick(minutes=108)
    lose(room, fate)  # at 11:59 in Moscow
    room.passes(minutes=6)
    told = "`ticket new` was told of the call at this time"
    assert promised(room) == [("2026-11-23T08:59", "2026-11-23T15:00", told)]


def test_a_call_that_is_repeated_after_noon_arrived_when_it_was_told_first(room: Room) -> None:
    room.clock.tick(minutes=108)
    room.tickets.fate = lambda what: "not sent"
    with pytest.raises(NotSent):
        room.desk().new(CALL)
    room.clock.tick(minutes=5)
    room.tickets.fate = lambda what: "fine"
    room.desk().new(CALL)
    assert [row[:2] for row in promised(room)] == [("2026-11-23T08:59", "2026-11-23T15:00")]
    room.clock.tick(minutes=5)
    room.desk().new(replace(CALL, title="Another call"))
    assert [row[:2] for row in promised(room)[1:]] == [("2026-11-23T09:09", "2026-11-24T09:00")]


def test_while_otrs_is_down_a_call_waits_too(room: Room) -> None:
    lose(room, "lost")
    room.tickets.down = True
    with pytest.raises(SourceError):
        room.passes(minutes=3)
    room.tickets.down = False
    room.passes(minutes=3)
    assert len(room.tickets.rows) == 1
