"""Nobody works on what a colleague has locked, stand-ins know what to do, and the story tells who did what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio_support.errors import Refused
from tests.desk_world import Room

ACTS: list[tuple[str, Callable[..., Any]]] = [
    ("estimate", lambda desk, number, **told: desk.estimate(number, 90, **told)),
    ("approve", lambda desk, number, **told: desk.approve(number, **told)),
    ("task", lambda desk, number, **told: desk.task(number, **told)),
    ("done", lambda desk, number, **told: desk.done(number, **told)),
    ("apologise", lambda desk, number, **told: desk.apologise(number, **told)),
]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.mark.parametrize(("verb", "act"), ACTS, ids=[verb for verb, _ in ACTS])
def test_what_a_colleague_has_locked_is_his_unless_forced(room: Room, verb: str, act: Callable[..., Any]) -> None:
    number = room.number(room.request())
    room.desk("anna").take(number)
    room.clock.tick(hours=10)  # the promise is missed by then
    written, sent = list(room.tickets.writes), len(room.tickets.mailbox)
    with pytest.raises(Refused, match=r"is locked by anna \(petrova in OTRS\), who works on it") as refused:
        act(room.desk("ivan"), number)
    assert refused.value.next_step == (
        f"Ask first; to take it over: `ticket take {number} --force`, or add --force to do just this."
    )
    assert (room.tickets.writes, len(room.tickets.mailbox)) == (written, sent)
    forced = act(room.desk("ivan"), number, force=True)
    assert room.tickets.writes != written
    assert forced.verb == verb


@pytest.mark.parametrize(("verb", "act"), ACTS, ids=[verb for verb, _ in ACTS])
def test_the_holder_and_everybody_at_a_free_ticket_go_on(room: Room, verb: str, act: Callable[..., Any]) -> None:
    held, free = room.number(room.request()), room.number(room.tickets.mail_in(subject="Footer", body="A footer."))
    room.passes()
    room.desk("anna").take(held)
    room.clock.tick(hours=10)
    assert act(room.desk("anna"), held).verb == act(room.desk("ivan"), free).verb == verb


def test_a_closed_ticket_is_nobodys_though_its_lock_stayed(room: Room) -> None:
    ticket = room.request()
    number = room.number(ticket)
    room.desk("anna").take(number)
    room.desk("anna").task(number)
    [issue] = room.issues.rows
    room.issues.set(issue, status="Closed")
    room.tickets.put(ticket, locked=True, owner="petrova")
    assert room.desk("ivan").done(number).settled
    assert room.letters()[-1] == "Done"


def test_the_stand_in_is_told_that_he_is_it_and_takes_over(room: Room) -> None:
    room.clock.tick(days=8)  # Tuesday, 1 December: anna is away until the 4th, ivan stands in
    ticket = room.request()
    number = room.number(ticket)
    room.desk("anna").take(number)
    for act in (lambda: room.desk("ivan").take(number), lambda: room.desk("ivan").estimate(number, 60)):
        with pytest.raises(Refused, match=r"locked by anna \(petrova in OTRS, away until 2026-12-04\)") as refused:
            act()
        assert refused.value.next_step.startswith(f"You stand in: `ticket take {number} --force`")
    with pytest.raises(Refused) as other:
        room.desk("walter").take(number)
    assert other.value.next_step == f"ivan stands in; if the work cannot wait: `ticket take {number} --force`"
    room.desk("ivan").take(number, force=True)
    assert room.desk("ivan").estimate(number, 60).settled
    assert room.letters()[-1] == "Estimate of the work"


def test_the_story_tells_who_did_what_and_repeats_leave_no_trace(room: Room) -> None:
    number = room.number(room.request())
    anna, ivan = room.desk("anna"), room.desk("ivan")
    anna.take(number)
    anna.take(number)
    anna.estimate(number, 90, dry_run=True)
    anna.estimate(number, 90)
    anna.estimate(number, 90)
    ivan.take(number, force=True)
    ivan.approve(number)
    ivan.approve(number)
    ivan.task(number)
    ivan.task(number)
    story = room.desk("walter").show(number)
    told = [(one.person, one.verb, one.what) for one in story.traces]
    assert told == [
        ("anna", "take", ""),
        ("anna", "estimate", "1:30 h"),
        ("ivan", "take", "from petrova"),
        ("ivan", "approve", ""),
        ("ivan", "task", ""),
    ]
    assert story.as_dict()["desk"][1] == {
        "at": "2026-11-23T07:20:00Z",
        "person": "anna",
        "did": "estimate",
        "detail": "1:30 h",
    }
