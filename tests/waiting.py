"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 120.0


def until(condition: Callable[[], bool], what: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Waits for a condition; fails the test if it never comes true."""
    deadline = time.monotonic() + patience_seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: did not come true in {patience_seconds:.0f} s"
        time.sleep(0.005)
