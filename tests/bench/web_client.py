"""A client that keeps so many connections busy: each asks again as soon as it was answered. One process, one thread."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Counted:
    """Answers by status, seconds of each answer, and for how long it was asked."""

    statuses: dict[int, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return sum(self.statuses.values()) / self.seconds


class _Asker(asyncio.Protocol):
    def __init__(self, paths: Iterator[bytes], counted: Counted, until: float) -> None:
        self.paths, self.counted, self.until = paths, counted, until
        self.done = asyncio.get_running_loop().create_future()
        self.received = bytearray()
        self.wanted = -1
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        self.received.clear()
        self.wanted = -1
        self.began = time.perf_counter()
        self.transport.write(b"GET " + next(self.paths) + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self.wanted < 0:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.received[:end]).lower()
            length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            self.wanted = end + 4 + int(length)
        if len(self.received) < self.wanted:
            return
        now = time.perf_counter()
        status = int(self.received[9:12])
        self.counted.statuses[status] = self.counted.statuses.get(status, 0) + 1
        self.counted.times.append(now - self.began)
        if now < self.until:
            self._ask()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def ask(port: int, paths: list[bytes], connections: int, seconds: float, probe: bytes | None = None) -> list[Counted]:
    """Asks for these paths in turn; [what the crowd got, what one more connection got that asks for `probe`]."""

    async def main() -> list[Counted]:
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        crowd, alone = Counted(), Counted()
        turn = itertools.cycle(paths)
        askers = []
        for number in range(connections + (probe is not None)):
            mine = number < connections
            asked, counted = (turn, crowd) if mine else (itertools.repeat(probe or b"/"), alone)
            _, asker = await loop.create_connection(
                lambda asked=asked, counted=counted: _Asker(asked, counted, began + seconds), "127.0.0.1", port
            )
            askers.append(asker)
        await asyncio.gather(*(asker.done for asker in askers))
        crowd.seconds = alone.seconds = time.perf_counter() - began
        return [crowd, alone]

    return asyncio.run(main())
