#!/usr/bin/env python3
"""An SMTP server that keeps what it is sent, and misbehaves for those who ask for it by address.

    python lab/sink.py --port 15402 --dir /some/folder

Each message it takes becomes NAME.eml (the bytes as they came) and NAME.json (envelope and a few headers); the
JSON appears last and whole, so whoever lists `*.json` sees finished messages only, in the order of their names.

What a recipient's local part asks for (`slow+anything@…` too):

    reject      550 to RCPT
    later       451 to RCPT
    slow        the message is kept, the answer to the final dot comes some seconds later
    cut         the message is kept, the connection closed without an answer
    cutbefore   the connection is closed in the middle of DATA, nothing is kept
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import email.parser
import email.policy
import itertools
import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

BEHAVIOUR = re.compile(r"(reject|later|slow|cut|cutbefore)(?:\+[^@]*)?@", re.IGNORECASE)
SLOW_SECONDS = 5.0


@dataclass(frozen=True)
class Message:
    """One accepted message: envelope, instant (RFC 3339, UTC), and headers that tests look at."""

    received_at: str
    mail_from: str
    rcpt_tos: list[str]
    message_id: str
    subject: str
    eml: str  # name of the file beside it


def behaviour(address: str) -> str:
    """What the address asks for: one of the words above, or nothing."""
    found = BEHAVIOUR.match(address)
    return found.group(1).lower() if found else ""


def messages(directory: Path) -> list[Message]:
    """The messages kept in a sink's folder, oldest first."""
    return [Message(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(directory.glob("*.json"))]


class Keeper:
    """Decides on recipients and writes messages down."""

    def __init__(self, directory: Path, slow_seconds: float = SLOW_SECONDS) -> None:
        self.directory = directory
        self.slow_seconds = slow_seconds
        self._counter = itertools.count(1)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        asked = behaviour(address)
        if asked == "reject":
            return "550 5.1.1 No such user here"
        if asked == "later":
            return "451 4.2.1 Mailbox busy, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - likewise
        name = self.keep(envelope)
        asked = {behaviour(address) for address in envelope.rcpt_tos}
        if "cut" in asked:
            await hang_up(server)
        if "slow" in asked:
            await asyncio.sleep(self.slow_seconds)
        return f"250 2.0.0 Kept as {name}"

    def keep(self, envelope: Envelope) -> str:
        """Write one message; returns its name."""
        content = envelope.original_content or b""
        headers = email.parser.BytesHeaderParser(policy=email.policy.default).parsebytes(content)
        now = time.time_ns()
        name = f"{now:020d}-{os.getpid()}-{next(self._counter):06d}"
        instant = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 10**9))
        message = Message(
            received_at=f"{instant}.{now % 10**9 // 1000:06d}Z",
            mail_from=envelope.mail_from or "",
            rcpt_tos=list(envelope.rcpt_tos),
            message_id=str(headers.get("Message-ID", "")),
            subject=str(headers.get("Subject", "")),
            eml=name + ".eml",
        )
        (self.directory / message.eml).write_bytes(content)
        partial = self.directory / (name + ".partial")
        partial.write_text(json.dumps(asdict(message), ensure_ascii=False) + "\n", encoding="utf-8")
        partial.rename(self.directory / (name + ".json"))
        return name


class Server(SMTP):
    """aiosmtpd's server, able to leave in the middle of DATA."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the name that aiosmtpd calls
        recipients = self.envelope.rcpt_tos if self.envelope else []
        if any(behaviour(address) == "cutbefore" for address in recipients):
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.readline()
            await hang_up(self)
        await super().smtp_DATA(arg)


async def hang_up(server: SMTP) -> None:
    """Close the connection without a word. Never returns: the loss of the connection cancels the caller."""
    if server.transport is not None:
        server.transport.abort()
    await asyncio.Event().wait()


async def serve(port: int, directory: Path, slow_seconds: float = SLOW_SECONDS) -> asyncio.Server:
    """Start listening on loopback (port 0: any free one); the caller closes the returned server."""
    directory.mkdir(parents=True, exist_ok=True)
    keeper = Keeper(directory, slow_seconds)

    def connected() -> Server:
        return Server(keeper, enable_SMTPUTF8=True, hostname="sink.studio.example", ident="sink", timeout=60)

    return await asyncio.get_running_loop().create_server(connected, "127.0.0.1", port)


@contextlib.contextmanager
def running(directory: Path, port: int = 0, slow_seconds: float = SLOW_SECONDS) -> Iterator[int]:
    """A sink in a thread of this process for the time of the block; gives its port."""
    ready: threading.Event = threading.Event()
    started: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = []

    async def main() -> None:
        server = await serve(port, directory, slow_seconds)
        done = asyncio.Event()
        started.append((asyncio.get_running_loop(), done, server.sockets[0].getsockname()[1]))
        ready.set()
        await done.wait()
        server.close()

    def body() -> None:
        try:
            asyncio.run(main())
        finally:
            ready.set()

    thread = threading.Thread(target=body, name="smtp-sink", daemon=True)
    thread.start()
    ready.wait()
    if not started:
        raise OSError(f"the sink could not listen on port {port}")
    loop, done, bound = started[0]
    try:
        yield bound
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    parser.add_argument("--dir", type=Path, required=True, help="folder for the messages")
    parser.add_argument("--slow-seconds", type=float, default=SLOW_SECONDS, help="how long slow@ waits (default 5)")
    options = parser.parse_args()

    async def until_told() -> None:
        done = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, done.set)
        server = await serve(options.port, options.dir, options.slow_seconds)
        print(f"listening on 127.0.0.1:{options.port}", flush=True)
        await done.wait()
        server.close()

    asyncio.run(until_told())


if __name__ == "__main__":
    main()
