"""`ticket done` looks for issues that no pass has seen yet: a client is not told that it is done while work goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio_support.errors import Refused
from tests.desk_world import Room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made


def _named_in_the_ticket(room: Room, ticket: int) -> int:
    issue = room.issues.by_hand()
    room.tickets.fill(ticket, "RedmineIssue", str(issue))
    return issue


def _names_the_ticket(room: Room, ticket: int) -> int:
    return room.issues.by_hand(ticket=room.number(ticket))


@pytest.mark.parametrize("made", [_named_in_the_ticket, _names_the_ticket])
def test_an_issue_made_by_hand_a_moment_ago_stops_done_while_it_is_open(room: Room, made: object) -> None:
    assert callable(made)
    ticket = room.request()
    issue = made(room, ticket)
    with pytest.raises(Refused, match=f"goes on: #{issue} \\(New\\)"):
        room.desk().done(room.number(ticket))
    assert len(room.letters()) == 1  # that the request was received
    room.issues.set(issue, status="Closed")
    room.desk().done(room.number(ticket))
    room.passes()
    assert len(room.letters()) == 2
    assert [link.issue_id for link in room.bridge().state.links(tickets=[ticket])] == [issue]


def test_done_is_refused_while_redmine_cannot_say_whether_an_issue_names_the_ticket(room: Room) -> None:
    ticket = room.request()
    room.issues.down = True
    with pytest.raises(Refused, match="Redmine does not answer"):
        room.desk().done(room.number(ticket))
