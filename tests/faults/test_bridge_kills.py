"""kill -9 between the first and the last write of passes on real servers; two passes at once with the lock off."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.faults.bridge_bed import Belt
from tests.faults.conftest import finish, fork
from tests.live_bridge import LiveBridge, opened
from tests.proxies import Port, before

pytestmark = [pytest.mark.faults, pytest.mark.live]
TIMEOUT, HOLD = 2, 4
TICKETS_A_STEP = 4
# of four new tickets, four that become issues (four writes each), four that are done
MOST_WRITES_BEFORE = 6
LONGEST_WRITE_SECONDS = 0.3
COMMANDS = 0.1


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[LiveBridge]:
    yield from opened(tmp_path)


class Killer:
    """Kills passes at a random moment after a random write of theirs."""

    def __init__(self, bridge: LiveBridge, doors: tuple[Port, Port], dice: random.Random) -> None:
        self.hits = 0
        self._bridge = bridge
        self._doors = doors
        self._dice = dice

    def once(self) -> bool:
        """Starts a pass and kills it; whether it was still running then."""
        self._seen(0)
        pid = self._started()
        left = self._dice.randint(1, MOST_WRITES_BEFORE)
        while left > 0:
            left -= self._seen(0.02)
            if left > 0 and os.waitpid(pid, os.WNOHANG)[0]:
                return False
        time.sleep(self._dice.uniform(0, LONGEST_WRITE_SECONDS))
        os.kill(pid, signal.SIGKILL)
        killed = finish(pid) == -signal.SIGKILL
        self.hits += killed
        return killed

    def _started(self) -> int:
        """A pass in a child that is warm already; now and then the command itself."""
        if self._dice.random() >= COMMANDS:
            return fork(self._bridge.sync)  # type: ignore[arg-type]  # what a pass did is of no use in a child
        command, environ = self._bridge.command("sync", "run")
        silent = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
        return os.posix_spawn(command[0], command, environ, file_actions=silent)

    def _seen(self, wait_seconds: float) -> int:
        """How many writes have arrived since the last look."""
        lines = [line for door in self._doors for line in door.requests(wait_seconds / 2)]
        return sum(line.startswith("write") for line in lines)


def test_passes_killed_at_any_moment_make_one_issue_and_send_one_letter_of_each_kind(
    bridge: LiveBridge, dice: random.Random, kills: int
) -> None:
    """Passes are killed again and again, some within the hold of the one before, until nothing is left to do."""
    otrs, redmine = bridge.znuny["url"], bridge.info["redmine"]["url"]
    with before(otrs) as (tickets, otrs_url), before(redmine) as (issues, redmine_url):
        bridge.configure(otrs=otrs_url, redmine=redmine_url, timeout=TIMEOUT, hold=HOLD, overlap=1)
        bridge.sync()
        belt, killer = Belt(bridge, TICKETS_A_STEP), Killer(bridge, (tickets, issues), dice)
        while belt.forward(more=killer.hits < kills):
            while killer.once():
                if dice.random() < 0.15:
                    bridge.wait_for_hold()
            bridge.settle()
        assert killer.hits >= kills
        belt.check()


def test_two_passes_at_once_without_the_lock_write_everything_once(
    bridge: LiveBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of intents hold by themselves: a lock only spares the work."""
    monkeypatch.setattr("studio_support.store.locks.exclusive", lambda *_: nullcontext())
    bridge.configure(timeout=TIMEOUT, hold=HOLD, overlap=1)
    bridge.sync()
    belt = Belt(bridge, 3)
    for step in range(4):
        belt.forward(more=step < 2)
        pids = [fork(bridge.sync) for _ in range(2)]  # type: ignore[arg-type]  # as above
        assert [finish(pid) for pid in pids] == [0, 0]
        bridge.settle()
    belt.check()
