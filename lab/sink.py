#!/usr/bin/env python3
"""An SMTP server that keeps what it is sent, and misbehaves for those who ask for it by address.

    python lab/sink.py --port 15402 --dir /some/folder

Each message it takes becomes NAME.eml (the bytes as they came) and NAME.json (envelope and a few headers); the
JSON appears last and whole, so whoever lists `*.json` sees finished messages only, in the order of their names.

What a recipient's local part asks for (`reject+anything@…` too):

    reject      550 to RCPT
    later       451 to RCPT
    refuse      554 to the final dot, nothing is kept
    slow        the message is kept, the answer to the final dot comes seconds later (`slow+0.5@…`: that many)
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
import weakref
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

BEHAVIOUR = re.compile(r"(reject|later|refuse|slow|cut|cutbefore)(?:\+([^@]*))?@", re.IGNORECASE)
SLOW_SECONDS = 5.0
PASSWORD_VARIABLE = "LAB_SINK_PASSWORD"


@dataclass(frozen=True)
class Message:
    """One accepted message: envelope, instant (RFC 3339, UTC), and headers that tests look at."""

    received_at: str
    mail_from: str
    rcpt_tos: list[str]
    message_id: str
    subject: str
    eml: str  # name of the file beside it


@dataclass(frozen=True)
class Manners:
    """How the sink behaves: seconds that `slow` waits, and a login that it asks for (none: nobody needs one)."""

    slow_seconds: float = SLOW_SECONDS
    login: tuple[str, str] | None = None


def behaviour(address: str) -> tuple[str, str]:
    """What the address asks for: one of the words above (or nothing), and what stands after the plus."""
    found = BEHAVIOUR.match(address)
    return (found.group(1).lower(), found.group(2) or "") if found else ("", "")


def messages(directory: Path) -> list[Message]:
    """The messages kept in a sink's folder, oldest first."""
    return [Message(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(directory.glob("*.json"))]


class Keeper:
    """Decides on recipients and writes messages down."""

    def __init__(self, directory: Path, manners: Manners) -> None:
        self.directory = directory
        self.manners = manners
        self._counter = itertools.count(1)
        self._last = 0  # names sort by time even where the clock was set back

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Called by aiosmtpd for the sender; the answer to it."""
        if self.manners.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Called by aiosmtpd for every recipient; the answer to it."""
        asked, _ = behaviour(address)
        if asked == "reject":
            return "550 5.1.1 No such user here"
        if asked == "later":
            return "451 4.2.1 Mailbox busy, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd after the final dot; the answer to it."""
        asked = dict(behaviour(address) for address in envelope.rcpt_tos)
        if "refuse" in asked:
            return "554 5.6.0 Message refused"
        name = self.keep(envelope)
        if "cut" in asked:
            await hang_up(server)
        if "slow" in asked:
            await asyncio.sleep(float(asked["slow"] or self.manners.slow_seconds))
        return f"250 2.0.0 Kept as {name}"

    def keep(self, envelope: Envelope) -> str:
        """Write one message; returns its name."""
        content = envelope.original_content or b""
        headers = email.parser.BytesHeaderParser(policy=email.policy.default).parsebytes(content)
        now = self._last = max(time.time_ns(), self._last)
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
    """aiosmtpd's server for one connection, able to leave in the middle of DATA."""

    connection: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio: remember whom to hang up on when the sink stops."""
        self.connection = transport
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        """The command DATA."""
        recipients = self.envelope.rcpt_tos if self.envelope else []
        if any(behaviour(address)[0] == "cutbefore" for address in recipients):
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.readline()
            await hang_up(self)
        await super().smtp_DATA(arg)


async def hang_up(server: SMTP) -> None:
    """Close the connection without a word. Never returns: the loss of the connection cancels the caller."""
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
    await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def serving(port: int, directory: Path, manners: Manners) -> AsyncIterator[int]:
    """Serve on loopback (port 0: any free one) for the time of the block; gives the port."""
    directory.mkdir(parents=True, exist_ok=True)
    keeper = Keeper(directory, manners)
    connections: weakref.WeakSet[Server] = weakref.WeakSet()

    def is_known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        return AuthResult(success=given is not None and given == manners.login, handled=False)

    def connected() -> Server:
        connection = Server(
            keeper,
            enable_SMTPUTF8=True,
            hostname="sink.studio.example",
            ident="sink",
            timeout=60,
            auth_require_tls=False,  # loopback only
            authenticator=is_known if manners.login else None,
        )
        connections.add(connection)
        return connection

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in connections:
            if connection.connection is not None:
                connection.connection.close()
        await server.wait_closed()


@contextlib.contextmanager
def running(directory: Path, port: int = 0, manners: Manners | None = None) -> Iterator[int]:
    """A sink in a thread of this process for the time of the block; gives its port.

    Raises:
        OSError: it could not listen there.
    """
    ready = threading.Event()
    started: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = []
    failed: list[OSError] = []

    async def main() -> None:
        done = asyncio.Event()
        async with serving(port, directory, manners or Manners()) as bound:
            started.append((asyncio.get_running_loop(), done, bound))
            ready.set()
            await done.wait()

    def body() -> None:
        try:
            asyncio.run(main())
        except OSError as error:
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=body, name="smtp-sink", daemon=True)
    thread.start()
    ready.wait()
    if failed:
        raise failed[0]
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
    parser.add_argument("--user", help=f"ask for this login; its password in ${PASSWORD_VARIABLE}")
    options = parser.parse_args()
    login = (options.user, os.environ.get(PASSWORD_VARIABLE, "")) if options.user else None

    async def until_told() -> None:
        done = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, done.set)
        async with serving(options.port, options.dir, Manners(options.slow_seconds, login)) as port:
            print(f"listening on 127.0.0.1:{port}", flush=True)
            await done.wait()

    asyncio.run(until_told())


if __name__ == "__main__":
    main()
