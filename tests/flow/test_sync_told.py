"""A write that goes wrong again and again is told, and its end too: cron prints what is told and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio_support.testing.bridge import Fate
from tests.bridge_world import Bridge, bridge_at


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


@pytest.mark.parametrize(("fate", "said"), [("not sent", "no connection"), ("lost", "no answer in time")])
def test_a_letter_that_three_passes_could_not_send_is_told_once_a_day_and_when_it_left(
    bridge: Bridge, fate: Fate, said: str
) -> None:
    bridge.tickets.mail_in()
    bridge.tickets.fate = lambda what: fate
    told = [bridge.next().told for _ in range(6)]
    assert [len(one) for one in told] == [0, 0, 0, 1, 0, 0]
    [problem] = told[3]
    assert "received was tried 3 times" in problem.message
    assert said in problem.message
    bridge.tickets.fate = lambda what: "fine"
    bridge.next()
    last = bridge.next()
    assert [one.message.startswith("It has ended") for one in last.told] == [True]
    assert last.failures == ()


def test_a_refusal_lasts_until_the_server_takes_it_however_often_it_is_tried(bridge: Bridge) -> None:
    bridge.tickets.mail_in()
    bridge.tickets.fate = lambda what: "refused"
    told = [one.message for _ in range(15) for one in bridge.next().told]
    assert len(told) == 1
    assert "received was refused" in told[0]
    bridge.tickets.fate = lambda what: "fine"
    ends = [one.message for _ in range(7) for one in bridge.next().told]
    assert [one.startswith("It has ended") for one in ends] == [True]
    assert bridge.letters() == ["received"]


def test_a_later_letter_that_came_while_redmine_was_down_is_put_on_the_issue(bridge: Bridge) -> None:
    ticket = bridge.in_queue()
    bridge.next()
    bridge.next()
    bridge.issues.down = True
    bridge.clock.tick(minutes=1)
    bridge.tickets.mail_in("It must be green.", to=ticket)
    bridge.next()
    bridge.next()
    bridge.issues.down = False
    for _ in range(3):
        bridge.next()
    [[note]] = bridge.issues.notes.values()
    assert "It must be green." in note
