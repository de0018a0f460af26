"""An HTTP proxy on loopback before one server: hands everything on, or spoils one call of so many, by a seed.

It prints its port, then a line for each request as it arrives: `write` or `read`, method, path, and how it ends. A
call that is spoilt is answered 500, cut in the middle of its answer, or hangs; the server gets it first, not at all,
or, where it hangs, also late, after the caller has gone. Requests to one path can be held, after the first so
many, until a line is typed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import re
import sys
from typing import Any

ENDS = ("500 unsent", "500 done", "cut unsent", "cut done", "hang unsent", "hang done", "hang late")
_ERROR = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/html\r\nContent-Length: 19\r\nConnection: close\r\n\r\n"
    b"<html>broken</html>"
)
_READS = ("/TicketSearch", "/TicketList", "/TicketHistory", "/Session")


class Proxy:
    """One server behind a port. hang_seconds: longer than the caller waits. gate: open unless something is held."""

    def __init__(self, to: int, seed: int, one_in: int, hang_seconds: float, hold: str, let: int) -> None:
        self.gate = asyncio.Event()
        self._hold = hold
        self._let = let
        self._to = to
        self._dice = random.Random(seed)
        self._one_in = one_in
        self._hang_seconds = hang_seconds
        # asyncio itself forgets a task whose client has gone; the server behind would not
        self._tasks: set[asyncio.Task[Any]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, which carries one request."""
        self._keep(asyncio.current_task())
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            request = await _request(reader)
            end = self._dice.choice(ENDS) if self._one_in and self._dice.randrange(self._one_in) == 0 else "whole"
            method, path = request.split(b" ", 2)[:2]
            kind = "write" if _writes(method.decode(), path.decode()) else "read"
            print(kind, method.decode(), path.decode(), end, flush=True)  # noqa: T201 - so it tells the test what comes by
            await self._held(path.decode())
            await self._answer(request, end, writer)
        with contextlib.suppress(OSError):
            writer.close()

    async def _held(self, path: str) -> None:
        if self._hold and path.startswith(self._hold):
            self._let -= 1
            if self._let < 0:
                await self.gate.wait()

    async def _answer(self, request: bytes, end: str, writer: asyncio.StreamWriter) -> None:
        answer = b"" if end.endswith(("unsent", "late")) else await self._forward(request)
        if end == "whole":
            writer.write(answer)
        elif end.startswith("500"):
            writer.write(_ERROR)
        elif end.startswith("cut"):
            head, gap, body = answer.partition(b"\r\n\r\n")
            writer.write(head + gap + body[: len(body) // 2])
        else:
            await asyncio.sleep(self._hang_seconds)
            if end == "hang late":
                # the caller has gone; nobody waits for the answer
                self._keep(asyncio.create_task(self._forward(request)))
        await writer.drain()

    def _keep(self, task: asyncio.Task[Any] | None) -> None:
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _forward(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._to)
        writer.write(request)
        await writer.drain()
        answer = await reader.read()
        writer.close()
        return answer


async def _request(reader: asyncio.StreamReader) -> bytes:
    """A request, asking for a connection that ends with its answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    found = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    body = await reader.readexactly(int(found[1])) if found else b""
    head = re.sub(rb"\r\nconnection:[^\r]*", b"", head, flags=re.IGNORECASE)
    return head[:-2] + b"Connection: close\r\n\r\n" + body


def _writes(method: str, path: str) -> bool:
    return method in ("PUT", "PATCH") or (method == "POST" and not any(one in path for one in _READS))


async def main() -> None:
    """Serves until it is killed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--to", type=int, required=True, help="the server's port on loopback")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--one-in", type=int, default=0, help="spoils one call of so many; 0: none")
    options.add_argument("--hang", type=float, default=3.0, help="seconds that a hanging call hangs")
    options.add_argument("--hold", default="", help="the path whose requests are held; a line of input lets them go")
    options.add_argument("--let", type=int, default=0, help="how many of them pass before")
    told = options.parse_args()
    proxy = Proxy(told.to, told.seed, told.one_in, told.hang, told.hold, told.let)
    if told.hold:
        asyncio.get_running_loop().add_reader(sys.stdin, proxy.gate.set)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - so it tells the test where it is
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
