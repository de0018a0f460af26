"""Servers whose clocks lie behind ours by more than passes overlap: nothing is lost, and it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from studio_support.errors import MissingRoute
from studio_support.store.engine import open_store
from studio_support.sync.state_status import status
from studio_support.testing.bridge import Clock, FakeIssues, FakeTickets
from tests.bridge_world import Bridge, bridge_at

BEGUN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url, now=BEGUN)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


def test_a_store_that_begins_with_a_server_half_an_hour_behind_serves_what_arrives_from_then_on(store_url: str) -> None:
    clock = Clock(BEGUN)
    bridge = Bridge(open_store(store_url), clock, FakeTickets(clock), FakeIssues(clock))
    bridge.tickets.behind = HALF_AN_HOUR
    bridge.tickets.mail_in(subject="Before")
    clock.tick(minutes=1)
    first = bridge.run()
    assert [one.source for one in first.told] == [one.source for one in first.failures] == ["clock:otrs"]
    assert "30 minutes behind" in first.told[0].message
    clock.tick(minutes=1)
    bridge.tickets.mail_in(subject="After")
    for _ in range(3):
        assert [one.source for one in bridge.next().failures] == ["clock:otrs"]
    assert [subject for _, subject, _ in bridge.tickets.mailbox] == ["received After"]
    assert status(bridge.store, clock.now, 120).warnings[0].message == first.told[0].message
    bridge.store.close()


def test_what_a_clock_that_was_set_back_has_hidden_is_served_within_the_hour(bridge: Bridge) -> None:
    bridge.next(minutes=30)
    bridge.tickets.behind = HALF_AN_HOUR
    bridge.clock.tick(minutes=1)
    hidden = bridge.tickets.mail_in()
    assert bridge.next(minutes=10).plan.actions == ()  # 07:42: nothing shows it yet
    done = bridge.next(minutes=30)  # 08:12: the clock is looked at
    assert [one.source for one in done.told] == ["clock:otrs"]
    assert bridge.letters() == ["received"]
    assert [row.article_id for row in bridge.state.promises([hidden])[hidden]]
    bridge.tickets.mail_in(subject="Menu")
    bridge.next()
    assert bridge.letters() == ["received", "received"]
    bridge.tickets.behind = timedelta(0)
    last = bridge.next(hours=1)
    assert ["It has ended" in one.message for one in last.told] == [True] and last.failures == ()
    assert bridge.next().quiet


def test_what_lasts_is_told_once_a_day_and_is_a_failure_all_day(bridge: Bridge) -> None:
    bridge.tickets.behind = HALF_AN_HOUR
    told = [len(bridge.next(hours=1).told) for _ in range(26)]
    assert told == [1, *[0] * 12, 1, *[0] * 12]  # at 11:01 in Moscow, and past midnight there
    assert len(bridge.next().failures) == 1


def test_a_clock_that_cannot_be_asked_for_stops_no_pass(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> datetime:
        raise MissingRoute("http://side.invalid", "SessionGet", "GET /Session/:SessionID", "x", "x.yml")

    monkeypatch.setattr(bridge.tickets, "server_time", refused)
    bridge.clock.tick(hours=1)
    bridge.tickets.mail_in()
    bridge.next()
    assert bridge.letters() == ["received"]


def test_a_redmine_that_lies_behind_is_found_out_by_a_new_issue_and_its_changes_are_not_lost(bridge: Bridge) -> None:
    """Its answer to a new issue bears its time. An issue that was done unseen before is found by the daily look."""
    first = bridge.in_queue()
    bridge.next()
    bridge.next(minutes=30)
    bridge.issues.behind = HALF_AN_HOUR
    bridge.issues.set(337, status="Closed")
    bridge.next()
    assert bridge.letters() == ["received", "task_set"]
    second = bridge.in_queue()
    done = bridge.next()
    assert [one.source for one in done.told] == ["clock:redmine"]
    bridge.next()
    assert bridge.letters().count("done") == 1
    bridge.issues.set(338, status="Closed")
    bridge.next()
    assert bridge.letters().count("done") == 2
    assert first != second
    assert bridge.next().plan.actions == ()


def test_a_dry_run_looks_at_the_clock_and_keeps_nothing(bridge: Bridge) -> None:
    bridge.tickets.behind = HALF_AN_HOUR
    bridge.clock.tick(hours=1)
    before = bridge.state.servers()
    bridge.passes.run(dry_run=True)
    assert bridge.state.servers() == before
