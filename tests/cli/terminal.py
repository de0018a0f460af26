"""A command with a terminal of its own, as wide as wanted."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Callable

from studio_cli.streams import CLEAR_LINE
from tests.cli.conftest import Desk

WAIT_SECONDS = 120.0


class Terminal:
    """A command with a terminal of its own."""

    def __init__(self, desk: Desk, *typed: str, columns: int = 80) -> None:
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (50, columns))
        self.process = subprocess.Popen(
            desk.arguments(*typed),
            cwd=desk.office.folder,
            env={**desk.environment(), "TERM": "xterm-256color"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self.ours = ours
        self.shown = ""

    def until(self, done: Callable[[str], bool]) -> str:
        """Reads what is shown until this holds of it, or the command has ended."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not done(self.shown):
            assert time.monotonic() < deadline, self.shown
            if not select.select([self.ours], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(self.ours, 65536)
            except OSError:  # the other side is closed: the command has ended
                break
            if not data:
                break
            self.shown += data.decode(errors="replace")
        return self.shown

    def screen(self) -> list[str]:
        """The lines as they stand in the end, without styles: progress that was shown for a moment is gone."""
        plain = re.sub(r"\x1b\[[0-9;]*m", "", self.shown).replace("\r\n", "\n")
        return [line.rpartition(CLEAR_LINE)[2] for line in plain.split("\n")]

    def end(self) -> int:
        """Everything shown to its end; the exit code."""
        self.until(lambda _: False)
        os.close(self.ours)
        return self.process.wait(WAIT_SECONDS)
