"""Processes let go at the same moment, for tests of what several runs do to one store."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

_SECONDS = 60


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Runs every function in a process of its own, all begun together; their results in order.

    Raises AssertionError that tells what was raised in them, or that one gave no answer.
    """
    context = get_context("fork")
    barrier = context.Barrier(len(works))
    pipes = [context.Pipe(duplex=False) for _ in works]
    children = [
        context.Process(target=_child, args=(work, barrier, sender))
        for work, (_, sender) in zip(works, pipes, strict=True)
    ]
    for child in children:
        child.start()
    answers = [receiver.recv() if receiver.poll(_SECONDS) else (False, "no answer") for receiver, _ in pipes]
    for child in children:
        child.join(_SECONDS)
    for pipe in pipes:
        for end in pipe:
            end.close()
    failed = [answer for good, answer in answers if not good]
    if failed:
        raise AssertionError("; ".join(failed))
    return [answer for _, answer in answers]


def _child(work: Callable[[], Any], barrier: Any, sender: Any) -> None:
    barrier.wait(_SECONDS)
    try:
        sender.send((True, work()))
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is the test's to judge
        sender.send((False, f"{type(error).__name__}: {error}"))
