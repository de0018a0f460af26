"""Where a store's work begins: settled before the first write, so that no interruption moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio_support.errors import Refused
from studio_support.store.engine import open_store
from studio_support.sync.run import Disaster
from studio_support.testing.bridge import Clock, FakeIssues, FakeTickets, Fate
from tests.bridge_world import Bridge
from tests.desk_world import Room

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
EARLIER = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


class Killed(BaseException):
    """kill -9."""


@pytest.fixture
def fresh(store_url: str) -> Bridge:
    """A bridge whose store no pass has begun; two mails came half an hour before."""
    clock = Clock(EARLIER)
    made = Bridge(open_store(store_url), clock, FakeTickets(clock), FakeIssues(clock))
    clock.tick(minutes=30)
    for subject in ("Logo", "Menu"):
        made.tickets.mail_in(subject=subject)
    clock.tick(minutes=30)
    return made


def test_a_first_pass_that_is_killed_is_gone_on_with_from_where_it_began(fresh: Bridge) -> None:
    def killed(what: str) -> Fate:
        raise Killed

    fresh.tickets.fate = killed
    with pytest.raises(Killed):
        fresh.run(since=EARLIER)
    fresh.tickets.fate = lambda what: "fine"
    fresh.next(minutes=10)
    fresh.next(minutes=10)
    assert fresh.letters() == ["received", "received"]
    cursor = fresh.state.cursor()
    assert cursor is not None
    assert cursor.start == EARLIER


def test_a_first_pass_that_a_guard_refuses_says_to_confirm_it_from_where_it_began(fresh: Bridge) -> None:
    fresh.with_rules(max_letters=1)
    with pytest.raises(Disaster) as refused:
        fresh.run(since=EARLIER)
    assert "`sync run --since 2026-11-23T06:00:00Z --confirm`" in refused.value.next_step
    assert "`sync run --since 2026-11-23T06:00:00Z --dry-run`" in refused.value.next_step
    assert fresh.state.cursor() is None  # it may have been a slip: another --since is free


def test_a_beginning_that_is_yet_to_come_is_refused_with_a_next_step(tmp_path: Path) -> None:
    room = Room(tmp_path)
    with pytest.raises(Refused, match="2026-11-23T07:00:01Z is yet to come") as refused:
        room.bridge("cron").run(since=room.clock.now + timedelta(seconds=1))
    assert refused.value.next_step.startswith("Name a time that has passed")
    assert room.bridge().state.cursor() is None
