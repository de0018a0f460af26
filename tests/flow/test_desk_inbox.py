"""The inbox: open promises by due time, what will be missed, whose lock is whose."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.desk_world import Room


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_promises_stand_by_due_time_with_their_clocks_and_holders(room: Room) -> None:
    late = room.request()
    room.desk("ivan").take(room.number(late))
    room.clock.tick(hours=3)
    next_day = room.tickets.mail_in(subject="Footer", body="A new footer, please.")
    room.passes()
    first, second = room.desk().inbox().waiting
    assert (first.number, first.title, first.client, first.holder) == (room.number(late), "Logo", "acme", "sidorov")
    assert (second.number, second.title, second.holder) == (room.number(next_day), "Footer", "")
    assert first.due_at == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    # 13:30 in Moscow now: 4:30 to closing time; and 3:00 from 09:00 to noon on Tuesday
    assert (first.minutes_left, second.minutes_left) == (270, 450)
    assert first.acknowledged_at is not None
    assert (first.estimated_at, first.risk) == (None, "")
    room.desk("ivan").estimate(room.number(late), 60)
    assert [one.number for one in room.desk().inbox().waiting] == [room.number(next_day)]


def test_at_risk_is_silent_and_asks_nobody_while_all_is_well(room: Room) -> None:
    room.request()
    before = room.tickets.requests
    found = room.desk().inbox(at_risk=True)
    assert (found.waiting, found.left, found.problems, room.tickets.requests) == ((), (), (), before)


@pytest.mark.parametrize(
    ("hours", "risk", "left"), [(7.5, "less than an hour left", 10), (9, "missed", -1), (31, "missed", -500)]
)
def test_what_is_about_to_be_missed_is_at_risk(room: Room, hours: float, risk: str, left: int) -> None:
    room.request()  # 10:20 in Moscow then, due at 18:00
    room.clock.tick(hours=hours)
    [row] = room.desk().inbox(at_risk=True).waiting
    assert (row.risk, row.minutes_left) == (risk, left)


def test_locks_of_who_is_away_are_listed_for_the_stand_in(room: Room) -> None:
    room.clock.tick(days=8)  # Tuesday, 1 December: anna is away until the 4th
    ticket = room.request()
    room.desk("anna").take(room.number(ticket))
    inbox = room.desk("ivan").inbox()
    [row], [left] = inbox.waiting, inbox.left
    assert (row.holder, row.stand_in, row.risk) == ("petrova", "ivan", "anna is away until 2026-12-04")
    assert (left.number, left.holder, left.until, left.stand_in) == (row.number, "anna", "2026-12-04", "ivan")
    assert len(room.desk("ivan").inbox(mine=True).waiting) == 1
    assert len(room.desk("ivan").inbox(at_risk=True).waiting) == 1
    other = room.desk("walter").inbox(mine=True)
    assert (other.waiting, other.left) == ((), ())
    assert inbox.as_dict()["absent"][0]["away_until"] == "2026-12-04"


def test_who_will_be_away_on_the_day_of_the_due_puts_a_promise_at_risk_today(room: Room) -> None:
    room.clock.tick(days=7, hours=4)  # Monday, 30 November, 14:00: due on Tuesday at noon, when anna is away
    ticket = room.request()
    assert room.desk("ivan").inbox(at_risk=True).waiting == ()
    room.desk("anna").take(room.number(ticket))
    inbox = room.desk("ivan").inbox()
    assert [(one.risk, one.stand_in) for one in inbox.waiting] == [("anna is away until 2026-12-04", "ivan")]
    assert inbox.left == ()
    assert len(room.desk("ivan").inbox(at_risk=True, mine=True).waiting) == 1


def test_a_lock_without_an_open_promise_is_listed_as_well(room: Room) -> None:
    room.clock.tick(days=8)
    ticket = room.request()
    room.desk("anna").take(room.number(ticket))
    room.desk("anna").estimate(room.number(ticket), 60)
    inbox = room.desk("ivan").inbox()
    assert (inbox.waiting, [one.number for one in inbox.left]) == ((), [room.number(ticket)])


def test_without_otrs_the_list_comes_without_titles_and_says_so(room: Room) -> None:
    room.request()
    room.tickets.down = True
    found = room.desk().inbox()
    assert [(one.title, one.holder) for one in found.waiting] == [("", "")]
    assert "OTRS could not be asked" in found.problems[0].message


def test_what_was_closed_since_the_last_pass_is_left_out(room: Room) -> None:
    ticket = room.request()
    room.tickets.close(ticket)
    assert room.desk().inbox().waiting == ()


def test_an_empty_inbox_asks_nobody(room: Room) -> None:
    assert (room.desk().inbox().as_dict(), room.tickets.requests) == (
        {"promises": [], "absent": [], "problems": []},
        0,
    )
