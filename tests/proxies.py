"""A proxy of ours before a server, in a process of its own, and what comes by it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

PROXY = Path(__file__).with_name("fault_proxy.py")
_PATIENCE_SECONDS = 120.0


class Port:
    """A proxy in a process of its own, and what it says of the requests that come by."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.port = port
        self._process = process
        self._rest = b""

    def requests(self, wait_seconds: float) -> list[str]:
        """The requests since the last look; waits so long for a first one."""
        assert self._process.stdout is not None
        stream = self._process.stdout.fileno()
        lines: list[str] = []
        while select.select([stream], [], [], 0 if lines else wait_seconds)[0]:
            *whole, self._rest = (self._rest + _read(stream)).split(b"\n")
            lines += [line.decode() for line in whole]
        return lines

    def wait_for(self, path: str, count: int = 1) -> None:
        """Until so many requests to a path have come since the last look."""
        seen = 0
        while seen < count:
            lines = self.requests(_PATIENCE_SECONDS)
            assert lines, f"{seen} requests to {path} in {_PATIENCE_SECONDS:.0f} s"
            seen += sum(line.split(" ")[2].startswith(path) for line in lines)

    def let_go(self) -> None:
        """What is held goes on, and nothing is held any more."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()


def _read(stream: int) -> bytes:
    data = os.read(stream, 1 << 16)
    assert data, "the proxy has ended"
    return data


@contextmanager
def before(url: str, **told: object) -> Iterator[tuple[Port, str]]:
    """A proxy before the server at url; gives it and its address. told: options of fault_proxy.py."""
    parts = urlsplit(url)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in {"to": parts.port, **told}.items()]
    command = [sys.executable, str(PROXY), *options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield Port(process, port), f"http://127.0.0.1:{port}{parts.path}"
    finally:
        process.kill()
        process.communicate()
