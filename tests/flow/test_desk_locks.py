"""Taking a ticket and letting it go: one holder, read back, named."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio_support.desk.errors import UnknownTicket, WrongTicketNumber
from studio_support.errors import LockHeld, OutcomeUnknown, Refused
from studio_support.store.locks import exclusive
from studio_support.sync.run import LOCK
from tests.desk_world import Room


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def held(room: Room, ticket: int) -> tuple[bool, str]:
    row = room.tickets.rows[ticket]
    return row.locked, row.owner


def test_taking_locks_and_owns_in_one_write_under_the_name_that_otrs_knows(room: Room) -> None:
    ticket = room.tickets.mail_in()
    lock = room.desk("anna").take(f"Ticket# {room.number(ticket)}")
    assert (lock.owner, lock.locked, lock.changed, lock.before) == ("petrova", True, True, "")
    assert held(room, ticket) == (True, "petrova")
    assert room.tickets.writes == [f"lock {ticket} petrova"]
    assert not room.desk("anna").take(room.number(ticket)).changed
    assert len(room.tickets.writes) == 1


def test_a_lock_of_somebody_else_is_refused_named_and_taken_by_force_only(room: Room) -> None:
    ticket = room.tickets.mail_in()
    number = room.number(ticket)
    room.desk("anna").take(number)
    with pytest.raises(Refused, match=r"is locked by anna \(petrova in OTRS\)") as refused:
        room.desk("ivan").take(number)
    assert "--force" in refused.value.next_step
    assert held(room, ticket) == (True, "petrova")
    taken = room.desk("ivan").take(number, force=True)
    assert (taken.before, held(room, ticket)) == ("petrova", (True, "sidorov"))


def test_a_dry_run_says_who_would_hold_it(room: Room) -> None:
    ticket = room.tickets.mail_in()
    assert room.desk("anna").take(room.number(ticket), dry_run=True).as_dict()["owner"] == "petrova"
    assert room.tickets.writes == []


def test_who_was_quicker_in_otrs_itself_is_found_by_reading_back(room: Room) -> None:
    ticket = room.tickets.mail_in()
    room.tickets.taken_by = "sidorov"
    with pytest.raises(Refused, match="taken at the same moment: it is held by sidorov now"):
        room.desk("anna").take(room.number(ticket))


def test_an_unknown_outcome_is_looked_up_at_once(room: Room) -> None:
    ticket = room.tickets.mail_in()
    room.tickets.fate = lambda what: "done"
    assert room.desk("anna").take(room.number(ticket)).owner == "petrova"
    assert not room.desk("anna").release(room.number(ticket)).locked
    room.tickets.fate = lambda what: "lost"
    with pytest.raises(OutcomeUnknown):
        room.desk("anna").take(room.number(ticket))
    room.tickets.fate = lambda what: "fine"
    room.desk("anna").take(room.number(ticket))
    room.tickets.fate = lambda what: "lost"
    with pytest.raises(OutcomeUnknown):
        room.desk("anna").release(room.number(ticket))


def test_whom_otrs_does_not_know_is_told_how_to_be_known(room: Room) -> None:
    ticket = room.tickets.mail_in()
    with pytest.raises(Refused, match='OTRS knows no agent "walter"') as refused:
        room.desk("walter").take(room.number(ticket))
    assert "people.toml" in refused.value.next_step


def test_closed_tickets_are_not_taken(room: Room) -> None:
    ticket = room.tickets.mail_in()
    room.tickets.close(ticket)
    with pytest.raises(Refused, match="there is nothing to take"):
        room.desk().take(room.number(ticket))


def test_letting_go_is_for_the_holder_unless_forced(room: Room) -> None:
    ticket = room.tickets.mail_in()
    number = room.number(ticket)
    assert not room.desk("ivan").release(number).changed
    room.desk("anna").take(number)
    with pytest.raises(Refused, match=r"is locked by anna \(petrova in OTRS\), not by you"):
        room.desk("ivan").release(number)
    assert room.desk("ivan").release(number, force=True, dry_run=True).changed
    assert held(room, ticket)[0]
    assert room.desk("anna").release(number).changed
    assert not held(room, ticket)[0]


def test_it_waits_for_a_pass_that_runs(room: Room) -> None:
    ticket = room.tickets.mail_in()
    bridge = room.bridge()
    with exclusive(bridge.parts.store, LOCK, "cron", 0.0), pytest.raises(LockHeld):
        room.desk().take(room.number(ticket))


def test_a_wrong_number_names_the_likely_ticket(room: Room) -> None:
    room.passes()
    ticket = room.tickets.mail_in()
    number = room.number(ticket)
    swapped = number[:-1] + str(int(number[-1]) % 9 + 1)
    with pytest.raises(WrongTicketNumber) as by_server:
        room.desk().take(swapped)
    assert by_server.value.likely == (number,)
    room.passes()
    with pytest.raises(WrongTicketNumber) as by_store:
        room.desk().take(swapped)
    assert by_store.value.likely == (number,)
    with pytest.raises(WrongTicketNumber) as no_number:
        room.desk().take("the logo")
    assert no_number.value.likely == ()


def test_a_ticket_that_is_not_there_is_said_so(room: Room) -> None:
    ticket = room.tickets.mail_in()
    number = room.number(ticket)
    room.tickets.hidden.add(ticket)
    with pytest.raises(UnknownTicket, match=number):
        room.desk().take(number)
