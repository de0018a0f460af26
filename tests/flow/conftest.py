"""What the flow tests share: a ledger over a new SQLite store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from studio_support.billing.ledger import Ledger
from studio_support.store.engine import open_store


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def ledger(store_url: str) -> Iterator[Ledger]:
    store = open_store(store_url)
    yield Ledger(store)
    store.close()


def _child(work: Callable[[], Any], barrier: Any, sender: Any) -> None:
    barrier.wait(30)
    try:
        sender.send((True, work()))
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is the test's to judge
        sender.send((False, f"{type(error).__name__}: {error}"))


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Runs every given function in a process of its own, all let go at the same moment; their results in order.

    A function that raises makes the test fail.
    """

    def run(*works: Callable[[], Any]) -> list[Any]:
        context = get_context("fork")
        barrier = context.Barrier(len(works))
        pipes = [context.Pipe(duplex=False) for _ in works]
        children = [
            context.Process(target=_child, args=(work, barrier, sender))
            for work, (_, sender) in zip(works, pipes, strict=True)
        ]
        for child in children:
            child.start()
        answers = [receiver.recv() if receiver.poll(60) else (False, "no answer") for receiver, _ in pipes]
        for child in children:
            child.join(30)
        for pipe in pipes:
            for end in pipe:
                end.close()
        assert [answer for good, answer in answers if not good] == []
        return [answer for _, answer in answers]

    return run
