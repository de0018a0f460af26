"""Progress of anything that takes over a second: shown on a terminal only, on stderr, gone when done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from studio_cli.context import Context

SHOW_AFTER_SECONDS = 1.0


def reporter(context: Context) -> Callable[[str, int, int], None] | None:
    """A function (what, done, total) that draws one line on a terminal; None where nobody looks."""
    if context.quiet or not sys.stderr.isatty():
        return None
    began = time.monotonic()

    def report(what: str, done: int, total: int) -> None:
        if time.monotonic() - began < SHOW_AFTER_SECONDS:
            return
        share = f" {done} of {total}" if total else f" {done}"
        end = "" if done < total else "\r\x1b[K"
        sys.stderr.write(f"\r\x1b[K{what}{share}{end}")
        sys.stderr.flush()

    return report
