"""Progress of anything that takes over a second: shown on a terminal only, on stderr, gone when done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from studio_cli.context import Context
from studio_cli.streams import tell_progress

SHOW_AFTER_SECONDS = 1.0
DRAW_EVERY_SECONDS = 0.1


def reporter(context: Context) -> Callable[[str, int, int], None] | None:
    """A function (what, done, total) that keeps one line up to date; None where nobody looks."""
    if context.quiet or not sys.stderr.isatty():
        return None
    began = drawn = time.monotonic()

    def report(what: str, done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        if total and done >= total:
            tell_progress("")
        elif now - began >= SHOW_AFTER_SECONDS and now - drawn >= DRAW_EVERY_SECONDS:
            drawn = now
            tell_progress(f"{what[:1].upper()}{what[1:]}: {done}{f' of {total}' if total else ''}")

    return report
