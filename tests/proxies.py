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


def _read(stream: int) -> bytes:
    data = os.read(stream, 1 << 16)
    assert data, "the proxy has ended"
    return data


@contextmanager
def before(url: str, **told: object) -> Iterator[tuple[Port, str]]:
    """A proxy before the server at url; gives it and its address. told: options of fault_proxy.py."""
    parts = urlsplit(url)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in {"to": parts.port, **told}.items()]
    process = subprocess.Popen([sys.executable, str(PROXY), *options], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield Port(process, port), f"http://127.0.0.1:{port}{parts.path}"
    finally:
        process.kill()
        process.communicate()
