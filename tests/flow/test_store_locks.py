"""The lock between runs: one holder, named to the others, released by the kernel when he dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest

from studio_support.errors import FilesystemError, LockHeld
from studio_support.store.engine import Store, open_store
from studio_support.store.locks import exclusive
from studio_support.testing.processes import at_once


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


class FakeClock:
    """A clock that moves only when somebody pauses on it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def test_a_second_run_leaves_at_once_and_is_told_who_holds_it(store: Store) -> None:
    clock = FakeClock()
    with (
        exclusive(store, "bill", "i.petrova, process 4711", 0),
        pytest.raises(LockHeld) as caught,
        exclusive(store, "bill", "cron", 0, clock=clock, pause=clock.pause),
    ):
        pass
    assert caught.value.holder == "i.petrova, process 4711"
    assert clock.pauses == []


def test_waiting_ends_when_the_time_is_over(store: Store) -> None:
    clock = FakeClock()
    with (
        exclusive(store, "bill", "somebody", 0),
        pytest.raises(LockHeld),
        exclusive(store, "bill", "me", 60, clock=clock, pause=clock.pause),
    ):
        pass
    assert clock.now == pytest.approx(160.0)
    assert max(clock.pauses) <= 1


def test_waiting_succeeds_as_soon_as_the_holder_is_done(store: Store) -> None:
    clock = FakeClock()
    first = exclusive(store, "bill", "somebody", 0)
    first.__enter__()

    def pause(seconds: float) -> None:
        clock.pause(seconds)
        if len(clock.pauses) == 3:
            first.__exit__(None, None, None)

    with exclusive(store, "bill", "me", 60, clock=clock, pause=pause):
        assert len(clock.pauses) == 3


def test_a_lock_is_free_again_after_use_and_after_an_error(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), exclusive(store, "bill", "a", 0):
        raise KeyboardInterrupt
    with exclusive(store, "bill", "b", 0):
        pass


def test_locks_of_other_names_and_other_stores_are_their_own(store: Store, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    held = []
    with exclusive(store, "bill", "a", 0), exclusive(store, "sync", "b", 0), exclusive(other, "bill", "c", 0):
        held.append("all three at once")
    assert held
    other.close()


def test_a_killed_holder_leaves_no_lock(store: Store) -> None:
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def hold() -> None:
        with exclusive(store, "bill", "the one who dies", 0):
            sender.send("held")
            signal.pause()

    child = context.Process(target=hold)
    child.start()
    assert receiver.poll(30)
    assert receiver.recv() == "held"
    with pytest.raises(LockHeld) as caught, exclusive(store, "bill", "me", 0):
        pass
    assert caught.value.holder == "the one who dies"
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join(30)
    with exclusive(store, "bill", "me", 0):
        pass


def test_of_many_at_once_never_two_hold_it(store: Store, tmp_path: Path) -> None:
    inside = tmp_path / "inside"

    def run() -> int:
        for _ in range(20):
            with exclusive(store, "bill", "run", 30):
                inside.touch(exist_ok=False)
                inside.unlink()
        return 20

    assert at_once(run, run, run) == [20, 20, 20]


def test_a_long_description_is_cut_not_refused(store: Store) -> None:
    with (
        exclusive(store, "bill", "я" * 500, 0),
        pytest.raises(LockHeld) as caught,
        exclusive(store, "bill", "me", 0),
    ):
        pass
    assert caught.value.holder == "я" * 200


def test_a_lock_file_that_cannot_be_made_is_named(store: Store) -> None:
    assert store.path is not None
    store.path.with_name("store.db.bill.lock").mkdir()
    with pytest.raises(FilesystemError) as caught, exclusive(store, "bill", "me", 0):
        pass
    assert caught.value.path.endswith("store.db.bill.lock")
