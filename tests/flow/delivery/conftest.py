"""A store with issued documents, and an SMTP server that misbehaves at the stage it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from sqlalchemy import insert, select

from studio_invoices.codec import invoice_to_dict
from studio_invoices.model import BankAccount, Invoice, Line, Party, TaxTotal
from studio_support.delivery.outbox import Outbox
from studio_support.store.engine import Store, open_store
from studio_support.store.tables import invoices, letters, outbox, series

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
SENDER = "billing@studio.example"

# What the server does at a stage for an address: None goes on, "cut" closes, "hang" never answers, "wait for two"
# goes on once two clients are connected, anything else is the reply.
# Stages: mail, rcpt, data (before 354), content (after 354), body (whole, not kept), dot (kept, not yet answered).
Script = Callable[[str, str], str | None]


@dataclass
class Kept:
    """A message that the server kept."""

    mail_from: str
    recipients: list[str]
    content: bytes


@dataclass
class SmtpServer:
    """A running server: what it kept, and the stages it went through as (stage, address)."""

    port: int = 0
    kept: list[Kept] = field(default_factory=list)
    stages: list[tuple[str, str]] = field(default_factory=list)
    connections: int = 0
    hanging: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def kept_for(self, recipient: str) -> int:
        return sum(recipient in message.recipients for message in self.kept)


class _Protocol(SMTP):
    def __init__(self, server: SmtpServer, script: Script, **options: Any) -> None:
        super().__init__(_Handler(), **options)
        self.record = server
        self.script = script
        server.connections += 1

    async def ask(self, stage: str, address: str) -> str | None:
        self.record.stages.append((stage, address))
        asked = self.script(stage, address)
        if asked == "hang":
            self.record.hanging.set()
            await asyncio.Event().wait()
        if asked == "wait for two":
            while self.record.connections < 2:
                await asyncio.sleep(0.01)
            return None
        if asked == "cut":
            assert self.transport is not None
            self.transport.abort()
            await asyncio.Event().wait()  # ends when the loss of the connection cancels us
        return asked

    async def smtp_MAIL(self, arg: str) -> None:
        reply = await self.ask("mail", "")
        await (self.push(reply) if reply else super().smtp_MAIL(arg))

    async def smtp_RCPT(self, arg: str) -> None:
        reply = await self.ask("rcpt", arg[arg.index("<") + 1 : arg.index(">")])
        await (self.push(reply) if reply else super().smtp_RCPT(arg))

    async def smtp_DATA(self, arg: str) -> None:
        address = ",".join(self.envelope.rcpt_tos)
        reply = await self.ask("data", address)
        if reply:
            await self.push(reply)
        elif self.script("content", address):
            await self.push("354 go on")
            await self._reader.readline()
            await self.ask("content", address)
        else:
            await super().smtp_DATA(arg)


class _Handler:
    async def handle_DATA(self, server: _Protocol, session: Any, envelope: Any) -> str:
        address = ",".join(envelope.rcpt_tos)
        refused = await server.ask("body", address)
        if refused:
            return refused
        server.record.kept.append(Kept(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return await server.ask("dot", address) or "250 2.0.0 kept"


@contextlib.contextmanager
def _serving(
    script: Script, tls: ssl.SSLContext | None, implicit: bool, options: dict[str, Any]
) -> Iterator[SmtpServer]:
    record = SmtpServer()
    ready = threading.Event()
    stop: list[Callable[[], object]] = []

    async def main() -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def connected() -> SMTP:
            starttls = None if implicit else tls
            return _Protocol(record, script, hostname="mx.example", tls_context=starttls, **options)

        server = await loop.create_server(connected, "127.0.0.1", 0, ssl=tls if implicit else None)
        record.port = server.sockets[0].getsockname()[1]
        stop.append(lambda: loop.call_soon_threadsafe(done.set))
        ready.set()
        await done.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield record
    finally:
        stop[0]()
        thread.join(10)


@pytest.fixture
def serve() -> Iterator[Callable[..., SmtpServer]]:
    """serve(script, tls=None, implicit=False, **options of aiosmtpd) -> a server on a free loopback port."""
    with contextlib.ExitStack() as stack:

        def start(
            script: Script = lambda stage, address: None,
            tls: ssl.SSLContext | None = None,
            implicit: bool = False,
            **options: Any,
        ) -> SmtpServer:
            return stack.enter_context(_serving(script, tls, implicit, options))

        yield start


@pytest.fixture
def login() -> Callable[..., AuthResult]:
    """An authenticator that knows one robot."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = (data.login, data.password) == (b"robot", b"correct horse")
        return AuthResult(success=known, handled=False)

    return check


def sample_invoice(number: str = "2026-0001", **changes: Any) -> Invoice:
    """600 minutes at 95.00 EUR an hour: 950.00 net, 19 % tax 180.50, 1,130.50 gross."""
    line = Line(
        number=1,
        project="Site",
        title="Header",
        minutes=600,
        booked_minutes=600,
        rate_per_hour=Decimal("95.00"),
        net=Decimal("950.00"),
        tax_category="S",
        tax_rate=Decimal("19"),
        first_day=date(2026, 10, 5),
        last_day=date(2026, 10, 9),
    )
    whole = Invoice(
        number=number,
        kind="invoice",
        issue_date=date(2026, 11, 2),
        due_date=date(2026, 11, 12),
        period_start=date(2026, 10, 1),
        period_end=date(2026, 10, 31),
        language="en",
        currency="EUR",
        prices="net",
        seller=Party("Web Studio GmbH", email="buh@studio.example"),
        buyer=Party("ACME GmbH"),
        bank=BankAccount(iban="DE02120300000000202051"),
        lines=(line,),
        taxes=(TaxTotal("S", Decimal("19"), Decimal("950.00"), Decimal("180.50")),),
        net=Decimal("950.00"),
        tax=Decimal("180.50"),
        gross=Decimal("1130.50"),
    )
    return replace(whole, **changes)


@pytest.fixture
def invoice() -> Callable[..., Invoice]:
    return sample_invoice


@dataclass
class Books:
    """A store with documents in it."""

    store: Store
    path: Path
    issued: int = 0

    def issue(self, client: str = "acme", *, published: bool = True, queue: bool = True, **facts: Any) -> int:
        """Puts one document into the store; its id. published: as if its files were there."""
        self.issued += 1
        number = facts.pop("number", f"2026-{self.issued:04d}")
        document = sample_invoice(number)
        with self.store.writing() as connection:
            if connection.execute(select(series.c.id)).first() is None:
                connection.execute(
                    insert(series).values(id=1, seller="", kind="invoice", year=2026, first_number=1, next_number=9999)
                )
            values = {
                "number": number,
                "series_id": 1,
                "series_number": self.issued,
                "seller": "",
                "kind": "invoice",
                "client": client,
                "month": "2026-10",
                "currency": "EUR",
                "issue_date": document.issue_date,
                "minutes": 600,
                "booked_minutes": 600,
                "net": "950.00",
                "tax": "180.50",
                "gross": "1130.50",
                "snapshot": json.dumps(invoice_to_dict(document)),
                "basis": "{}",
                "plan_hash": "0" * 64,
                "issued_at": NOW,
                "issued_by": "i.petrova",
                "state": "issued",
                "pdf_sha256": "1" * 64 if published else None,
                "page_sha256": "2" * 64 if published else None,
                **facts,
            }
            made = connection.execute(insert(invoices).values(**values)).inserted_primary_key
            assert made is not None
            if queue:
                connection.execute(
                    insert(outbox).values(invoice_id=made[0], kind="invoice", state="queued", queued_at=NOW)
                )
        return int(made[0])

    def change(self, invoice_id: int, **values: Any) -> None:
        with self.store.writing() as connection:
            connection.execute(invoices.update().where(invoices.c.id == invoice_id).values(**values))

    def cancel(self, invoice_id: int) -> None:
        """What the ledger does to links and letters of a document that is cancelled."""
        self.change(invoice_id, state="cancelled", link_live=False)
        with self.store.writing() as connection:
            mine = select(outbox.c.id).where(outbox.c.invoice_id == invoice_id)
            unsent = letters.c.outbox_id.in_(mine), letters.c.state.in_(("queued", "refused"))
            connection.execute(letters.update().where(*unsent).values(state="withdrawn", changed_at=NOW))
            connection.execute(outbox.update().where(outbox.c.id.in_(mine)).values(state="withdrawn"))

    def states(self) -> dict[str, str]:
        """State of each letter by recipient."""
        with self.store.reading() as connection:
            return {
                row.recipient: row.state for row in connection.execute(select(letters.c.recipient, letters.c.state))
            }

    def outbox(self, now: datetime = NOW) -> Outbox:
        return Outbox(self.store, lambda: now, "i.petrova", SENDER)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}")
    yield Books(store, path)
    store.close()
