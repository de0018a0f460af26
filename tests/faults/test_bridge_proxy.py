"""Both servers answer 500, hang, or cut their answers in one call of five: nothing is lost, nothing is doubled."""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio_support.errors import SourceError
from tests.faults.bridge_bed import Belt
from tests.live_bridge import LiveBridge, opened
from tests.proxies import before

pytestmark = [pytest.mark.faults, pytest.mark.live]
# In units of what this machine needs: a caller waits for one, a call that hangs takes longer, and one that is handed
# on only then is done well within the hold.
TIMEOUT, HOLD = 1, 4
HANG = 1.3
ONE_IN = 5
MOST_PASSES = 25


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[LiveBridge]:
    yield from opened(tmp_path)


def _unit_seconds(bridge: LiveBridge) -> int:
    """Twice what a pass with nothing to do takes here, so that no call whole takes longer; a second at least."""
    bridge.configure(timeout=30, hold=60, overlap=1)
    bridge.sync()
    began = time.monotonic()
    bridge.sync()
    return max(1, math.ceil(2 * (time.monotonic() - began)))


def _through(bridge: LiveBridge) -> int:
    """Passes through the faults until one of them has nothing left to do; how many were needed."""
    for count in range(1, MOST_PASSES + 1):
        try:
            made = bridge.sync()
        except SourceError:
            continue  # OTRS was not to be read, so nothing was planned: the next pass goes on
        if not (made.plan.actions or made.plan.held or made.failures):
            return count
        if made.plan.held:
            bridge.wait_for_hold()
    raise AssertionError(f"no end after {MOST_PASSES} passes")


def test_servers_that_spoil_one_call_of_five_make_one_issue_and_one_letter_of_each_kind(
    bridge: LiveBridge, dice: random.Random, kills: int
) -> None:
    """Every kind of fault comes by, at reads and at writes; all passes go through them."""
    unit = _unit_seconds(bridge)
    otrs, redmine, told = bridge.znuny["url"], bridge.info["redmine"]["url"], {"one_in": ONE_IN, "hang": HANG * unit}
    ends: Counter[tuple[str, str]] = Counter()
    steps = max(1, kills // 20)
    with (
        before(otrs, seed=dice.randrange(10**6), **told) as (tickets, otrs_url),
        before(redmine, seed=dice.randrange(10**6), **told) as (issues, redmine_url),
    ):
        bridge.configure(otrs=otrs_url, redmine=redmine_url, timeout=TIMEOUT * unit, hold=HOLD * unit, overlap=1)
        belt = Belt(bridge, 3)
        for step in range(steps + 2):
            belt.forward(more=step < steps)
            _through(bridge)
            for line in [*tickets.requests(0), *issues.requests(0)]:
                kind, _, _, end = line.split(" ", 3)
                ends[kind, end] += 1
    spoilt = sum(count for (_, end), count in ends.items() if end != "whole")
    print(f"{ends.total()} calls, {spoilt} of them spoilt: {sorted(ends.items())}")  # noqa: T201 - figures for the release notes
    assert spoilt > 10 * steps
    bridge.configure(timeout=30, hold=60, overlap=1)
    belt.check()
