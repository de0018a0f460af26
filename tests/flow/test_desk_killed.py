"""Commands killed at each of their writes, before or after it took place: nothing is done twice afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio_support.desk.ticket_desk import Call, TicketDesk
from tests.desk_world import Room

CALL = Call("phone", "jane@acme.example", "New prices", "She wants new prices by Friday.")
Verb = Callable[[TicketDesk, str], object]
VERBS: dict[str, Verb] = {
    "estimate": lambda desk, number: desk.estimate(number, 90),
    "approve": lambda desk, number: desk.approve(number),
    "task": lambda desk, number: desk.task(number),
    "done": lambda desk, number: desk.done(number),
    "apologise": lambda desk, number: desk.apologise(number),
    "new": lambda desk, number: desk.new(CALL),
}
# Writes of the command to both servers, and the letters that leave the house for it, the acknowledgement apart.
WRITES = {"estimate": 2, "approve": 1, "task": 4, "done": 2, "apologise": 1, "new": 2}
LETTERS = {"estimate": 1, "approve": 0, "task": 1, "done": 1, "apologise": 1, "new": 1}
MOMENTS = [(verb, place, after) for verb, count in WRITES.items() for place in range(count) for after in (False, True)]


class Killed(BaseException):
    """The process is gone."""


def killed_at(room: Room, patch: pytest.MonkeyPatch, place: int, *, after: bool) -> list[str]:
    """The process dies at that write to either server; gives the list of writes that were begun."""
    begun: list[str] = []
    for side in (room.tickets, room.issues):

        def write(what: str, work: Callable[[], int], original: Any = side._write) -> int:
            begun.append(what)
            if len(begun) - 1 == place:
                if after:
                    original(what, work)
                raise Killed
            result: int = original(what, work)
            return result

        patch.setattr(side, "_write", write)
    return begun


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def prepared(room: Room, verb: str) -> str:
    ticket = room.request()
    if verb == "apologise":
        room.clock.tick(hours=9)
    return room.number(ticket)


@pytest.mark.parametrize(("verb", "place", "after"), MOMENTS)
@pytest.mark.parametrize("by", ["repeated", "left to cron, then repeated"])
def test_killed_at_a_write_nothing_is_done_twice(
    room: Room, monkeypatch: pytest.MonkeyPatch, verb: str, place: int, after: bool, by: str
) -> None:
    number = prepared(room, verb)
    before = len(room.tickets.mailbox)
    with monkeypatch.context() as patch:
        killed_at(room, patch, place, after=after)
        with pytest.raises(Killed):
            VERBS[verb](room.desk(), number)
    room.clock.tick(minutes=3)
    if by != "repeated":
        room.passes()
        room.passes()
    for _ in range(2):
        VERBS[verb](room.desk(), number)
    room.passes()
    room.passes()
    assert len(room.tickets.mailbox) - before == LETTERS[verb]
    assert len(room.issues.rows) == (1 if verb == "task" else 0)
    assert len(room.tickets.rows) == (2 if verb == "new" else 1)
    assert room.bridge().state.unfinished() == ()
    assert room.passes().plan.actions == ()


@pytest.mark.parametrize("verb", VERBS)
def test_the_commands_make_as_many_writes_as_are_killed_here(
    room: Room, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    number = prepared(room, verb)
    with monkeypatch.context() as patch:
        begun = killed_at(room, patch, 99, after=False)
        VERBS[verb](room.desk(), number)
    assert len(begun) == WRITES[verb]
