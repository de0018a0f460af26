"""Odd ends of passes: a closing that fails, a number in passing, a history that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from studio_support.errors import OtrsBroken, OtrsUnreachable, SourceError
from studio_support.otrs.model import HistoryRow
from studio_support.sync.state_status import status
from studio_support.testing.bridge import Fate
from tests.bridge_world import Bridge, bridge_at


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


@pytest.mark.parametrize("place", [2, 3])
def test_a_letter_to_a_ticket_that_could_not_be_closed_begins_no_round_and_stops_nothing(
    bridge: Bridge, place: int
) -> None:
    """place 2: the letter that the task is set is not sent, so nothing is closed; 3: the closing is not sent."""
    ticket = bridge.in_queue()
    fine: list[Fate] = ["fine"] * place
    bridge.fails(*fine, "not sent")
    bridge.next()
    assert not bridge.tickets.rows[ticket].closed
    bridge.clock.tick(minutes=1)
    bridge.tickets.mail_in("And the footer, too.", to=ticket)
    for _ in range(3):
        bridge.next()
    assert bridge.letters() == ["received", "task_set"]
    assert len(bridge.state.promises([ticket])[ticket]) == 1
    assert bridge.tickets.rows[ticket].closed


def test_a_number_that_an_issue_mentions_beside_its_own_ticket_is_not_called_missing(bridge: Bridge) -> None:
    ticket, other = bridge.tickets.mail_in(), bridge.tickets.mail_in(subject="Menu")
    bridge.next()
    issue = bridge.issues.by_hand()
    bridge.tickets.fill(ticket, "RedmineIssue", str(issue))
    bridge.next()
    bridge.next(hours=2)
    bridge.issues.set(issue, description=f"as in Ticket#{bridge.tickets.rows[other].number}")
    assert bridge.next().told == ()


@pytest.mark.parametrize(
    "error",
    [
        OtrsBroken("http://side.invalid", "CreateBy is '0'"),
        OtrsUnreachable("http://side.invalid", "no answer within 30 s"),
    ],
)
def test_a_history_that_cannot_be_read_stops_no_other_ticket(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, error: SourceError
) -> None:
    broken, sound = bridge.tickets.mail_in(), bridge.tickets.mail_in(subject="Menu")
    bridge.next()
    bridge.clock.tick(minutes=1)
    for ticket in (broken, sound):
        bridge.tickets.close(ticket)
        bridge.clock.tick(minutes=1)
        bridge.tickets.mail_in("And the footer, too.", to=ticket)
    history = bridge.tickets.history

    def partly(ids: Sequence[int]) -> dict[int, tuple[HistoryRow, ...]]:
        if broken in ids:
            raise error
        return history(ids)

    monkeypatch.setattr(bridge.tickets, "history", partly)
    done = bridge.next()
    assert [len(bridge.state.promises([one])[one]) for one in (broken, sound)] == [1, 2]
    [problem] = done.told
    assert problem.source == f"unreadable:{broken}"
    assert bridge.tickets.rows[broken].number in problem.message
    monkeypatch.undo()
    last = bridge.next()
    assert [len(bridge.state.promises([one])[one]) for one in (broken, sound)] == [2, 2]
    assert [one.message.startswith("It has ended") for one in last.told] == [True]


def test_a_ticket_that_a_person_answered_and_closed_is_no_open_promise(bridge: Bridge) -> None:
    ticket = bridge.tickets.mail_in()
    bridge.next()
    found = status(bridge.store, bridge.clock.now, 120)
    assert (found.open_promises, found.missed) == (1, 0)
    bridge.clock.tick(days=1)
    found = status(bridge.store, bridge.clock.now, 120)
    assert (found.open_promises, found.missed) == (1, 1)
    bridge.tickets.answer(ticket)
    bridge.tickets.close(ticket)
    bridge.next()
    found = status(bridge.store, bridge.clock.now, 120)
    assert (found.open_promises, found.missed) == (0, 0)
