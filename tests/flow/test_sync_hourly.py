"""Once an hour booked time is compared with estimates; and guards and failures are told once a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from studio_support.errors import OtrsUnreachable
from studio_support.sync.run import Disaster
from studio_support.sync.state_status import status
from tests.bridge_world import Bridge, bridge_at

BEGUN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url, now=BEGUN)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


def told(bridge: Bridge, **by: float) -> list[str]:
    return [problem.source for problem in bridge.next(**by).told]


def test_a_manager_is_told_once_that_most_of_an_estimate_is_used_although_no_issue_changed(bridge: Bridge) -> None:
    bridge.in_queue()
    bridge.next()
    [issue] = bridge.issues.rows
    bridge.next(hours=2)
    bridge.issues.minutes[issue] = (600, 470)
    assert told(bridge, hours=1) == []
    bridge.issues.minutes[issue] = (600, 480)
    assert told(bridge, hours=1) == [f"spent:{issue}:600:80"]
    assert told(bridge, hours=1) == []
    bridge.issues.minutes[issue] = (600, 610)
    assert told(bridge, minutes=10) == []  # not within the hour
    assert told(bridge, hours=1) == [f"spent:{issue}:600:100"]
    bridge.issues.minutes[issue] = (1200, 1000)
    assert told(bridge, hours=1) == [f"spent:{issue}:1200:80"]


def test_the_hourly_looks_cost_three_requests_and_the_passes_between_none(bridge: Bridge) -> None:
    """One for booked time, two for the clock of OTRS."""
    bridge.in_queue()
    bridge.next()
    bridge.next(hours=2)
    quiet = bridge.next(minutes=10).requests
    assert bridge.next(hours=1).requests == quiet + 3
    assert bridge.next(minutes=10).requests == quiet


def test_a_guard_is_remembered_as_told_and_its_end_is_told(bridge: Bridge) -> None:
    bridge.with_rules(max_letters=0)
    bridge.tickets.mail_in()
    for _ in range(2):
        bridge.clock.tick(minutes=10)
        with pytest.raises(Disaster):
            bridge.run()
    assert bridge.state.warned()["guard"].told_on == "2026-11-23"
    bridge.clock.tick(minutes=10)
    ended = bridge.run(confirm=True)
    assert [problem.source for problem in ended.told] == ["guard"]
    assert "guard" not in bridge.state.warned()


def test_what_lasts_counts_as_a_failure_of_every_pass_and_is_told_once_a_day(bridge: Bridge) -> None:
    bridge.clients = ()
    ticket = bridge.tickets.mail_in(customer="")
    bridge.next()
    bridge.tickets.move(ticket, "To Redmine")
    first = bridge.next()
    assert first.told
    again = bridge.next()
    assert again.told == ()
    assert [one.source for one in again.failures] == [one.source for one in first.told]


def test_status_tells_age_holds_and_what_lasts(bridge: Bridge) -> None:
    bridge.fails("lost")
    bridge.tickets.mail_in()
    handed_over = bridge.clock.now
    bridge.run()
    bridge.clock.tick(minutes=1)
    found = status(bridge.store, bridge.clock.now, 120)
    assert (found.tickets, found.links, found.open_promises, found.missed) == (1, 0, 1, 0)
    [held] = found.unfinished
    assert (held.intent.key.kind, held.intent.state, held.intent.at) == ("received", "unknown", handed_over)
    assert held.looked_up_at is not None
    assert (held.looked_up_at - handed_over).total_seconds() == 120
    shown = found.as_dict()
    assert shown["age_seconds"] == 60
    assert shown["on_hold"][0]["looked_up_at"] == "2026-11-23T07:03:00Z"


def test_a_server_that_is_down_lasts_in_the_status_until_it_answers(bridge: Bridge) -> None:
    bridge.tickets.down = True
    with pytest.raises(OtrsUnreachable):
        bridge.run()
    assert [one.message for one in status(bridge.store, bridge.clock.now, 120).warnings] != []
    bridge.tickets.down = False
    bridge.next()
    assert status(bridge.store, bridge.clock.now, 120).warnings == ()
