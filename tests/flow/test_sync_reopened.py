"""A letter that opens a closed ticket begins one round, however often it is looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio_support.testing.bridge import Fate
from tests.bridge_world import Bridge, bridge_at


class Killed(BaseException):
    """kill -9."""


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


def _closed_and_opened_unseen(bridge: Bridge) -> int:
    ticket = bridge.tickets.mail_in()
    bridge.next()
    bridge.clock.tick(minutes=2)
    bridge.tickets.close(ticket)
    bridge.clock.tick(minutes=2)
    bridge.tickets.mail_in("And the footer, too.", to=ticket)
    bridge.clock.tick(minutes=2)
    return ticket


def test_a_pass_killed_behind_the_new_promise_makes_no_third_one(bridge: Bridge) -> None:
    ticket = _closed_and_opened_unseen(bridge)

    def killed(what: str) -> Fate:
        raise Killed

    bridge.tickets.fate = killed
    with pytest.raises(Killed):
        bridge.run()
    bridge.tickets.fate = lambda what: "fine"
    for _ in range(3):
        bridge.next()
    assert [row.round for row in bridge.state.promises([ticket])[ticket]] == [1, 2]
    assert bridge.letters() == ["received", "received"]


def test_one_more_letter_to_it_while_redmine_is_down_begins_no_third_round(bridge: Bridge) -> None:
    bridge.issues.down = True  # the cursor stays where it is
    ticket = _closed_and_opened_unseen(bridge)
    bridge.next()
    bridge.clock.tick(minutes=2)
    bridge.tickets.mail_in("It is green.", to=ticket)
    bridge.next()
    assert [row.round for row in bridge.state.promises([ticket])[ticket]] == [1, 2]
    assert bridge.letters() == ["received", "received"]


def test_closed_once_more_between_two_passes_begins_the_third_round(bridge: Bridge) -> None:
    ticket = _closed_and_opened_unseen(bridge)
    bridge.next()
    bridge.clock.tick(minutes=2)
    bridge.tickets.close(ticket)
    bridge.clock.tick(minutes=2)
    bridge.tickets.mail_in("It is green.", to=ticket)
    bridge.next()
    assert [row.round for row in bridge.state.promises([ticket])[ticket]] == [1, 2, 3]
