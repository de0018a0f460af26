"""The hold counts from the moment at which a write was handed over last or given up, however long came before it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from studio_support.errors import OutcomeUnknown
from studio_support.sync.actions import NewIssue
from studio_support.sync.ports import HandingOver, IssueMade
from tests.bridge_world import Bridge, bridge_at


class Killed(BaseException):
    """kill -9."""


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


def _slow(bridge: Bridge, end: BaseException) -> None:
    """The next issue: its files take five minutes, and the server is at work on it for a minute after its client."""
    create = bridge.issues.create

    def slow(issue: NewIssue, files: object, handing_over: HandingOver | None = None) -> IssueMade:
        bridge.issues.create = create  # type: ignore[method-assign]  # slow for one call only
        bridge.clock.tick(minutes=5)
        if handing_over is not None:
            handing_over()
        bridge.clock.late.append((bridge.clock.now + timedelta(minutes=1), lambda: create(issue, ())))
        raise end

    bridge.issues.create = slow  # type: ignore[method-assign]  # a server that is slow


@pytest.mark.parametrize("end", [OutcomeUnknown("http://side.invalid", "no answer"), Killed()])
def test_files_that_took_longer_than_the_hold_bring_no_second_issue(bridge: Bridge, end: BaseException) -> None:
    bridge.in_queue()
    _slow(bridge, end)
    if isinstance(end, Killed):
        with pytest.raises(Killed):
            bridge.next()
    else:
        bridge.next()
    held = bridge.next(seconds=5)
    assert [intent.key.kind for intent in held.plan.held] == ["issue"]
    for _ in range(3):
        bridge.next()
    assert len(bridge.issues.rows) == 1
    assert bridge.letters() == ["received", "task_set"]
