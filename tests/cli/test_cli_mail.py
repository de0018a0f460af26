"""`bill send` and `invoice send` as typed: what went, what did not, and what to do about it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from tests.cli.conftest import Desk
from tests.office import opened


class Postman:
    """A mail server that keeps what it takes, and refuses the addresses named."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.unknown: set[str] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.unknown:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.kept += envelope.rcpt_tos
        return "250 2.0.0 Kept"


@pytest.fixture
def postman() -> Iterator[tuple[Postman, int]]:
    """The postman and his port on loopback."""
    handler = Postman()
    loop = asyncio.new_event_loop()
    serving = loop.create_server(lambda: SMTP(handler, hostname="mx.example", loop=loop), "127.0.0.1", 0)
    server = loop.run_until_complete(serving)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield handler, server.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def closed(tmp_path: Path, postman: tuple[Postman, int]) -> Iterator[Desk]:
    """A desk whose October is closed, with a mail server that works."""
    with opened(tmp_path / "studio", smtp_port=postman[1]) as office:
        desk = Desk(office)
        desk.done("bill", "close", "2026-10")
        yield desk


def test_each_letter_goes_once(closed: Desk, postman: tuple[Postman, int]) -> None:
    handler, _ = postman
    shown = closed.done("bill", "send", "2026-10", "--dry-run")
    assert "would be sent" in shown.out
    assert "Subject: " in shown.out
    assert "https://invoices.studio.example/" in shown.out
    assert handler.kept == []

    sent = closed.done("bill", "send", "2026-10")
    assert handler.kept == ["acme@client.example", "beta@client.example"]
    assert sent.out.count("accepted") == 2
    assert "2 sent now, 2 accepted in all." in sent.err
    assert "0 sent now, 2 accepted in all." in closed.done("bill", "send", "2026-10").err
    assert len(handler.kept) == 2
    assert "accepted acme@client.example" in closed.done("invoice", "list").out


def test_a_refused_letter_is_named_with_what_to_do(closed: Desk, postman: tuple[Postman, int]) -> None:
    """Exit 3: beta has his letter, acme has not; with the right address it goes again."""
    handler, _ = postman
    handler.unknown.add("acme@client.example")
    run = closed.run("bill", "send", "2026-10")
    assert run.code == 3
    assert "The letter with 2026-0001 to acme@client.example was refused" in run.err
    assert "550 5.1.1 No such mailbox" in run.err
    assert "-> Correct the address in clients/acme.toml, then `invoice send 2026-0001 --again`." in run.err
    assert handler.kept == ["beta@client.example"]
    assert closed.run("bill", "send", "2026-10").code == 3, "it is still not solved"

    handler.unknown.clear()
    closed.done("invoice", "send", "2026-0001", "--again")
    assert handler.kept == ["beta@client.example", "acme@client.example"]
    assert closed.run("bill", "send", "2026-10").code == 0


def test_a_mail_server_that_is_down_is_one_sentence(desk: Desk) -> None:
    desk.done("bill", "close", "2026-10")
    run = desk.run("bill", "send", "2026-10")
    assert run.code == 1
    first, second = run.err.splitlines()
    assert first.startswith("Error: The mail server 127.0.0.1:9 cannot be used: ") or "127.0.0.1:9" in first
    assert second == "No letter left. Check [mail], then run the same command again."
    assert run.out == ""


def test_nothing_to_send_is_no_error(desk: Desk) -> None:
    run = desk.done("bill", "send", "2026-10")
    assert (run.out, run.err) == ("", "Nothing was issued for 2026-10.\n")
    assert not (desk.office.folder / "store.db").exists()


def test_a_cancellation_is_mailed_to_whoever_had_the_invoice(closed: Desk, postman: tuple[Postman, int]) -> None:
    handler, _ = postman
    closed.done("bill", "send", "2026-10", "--client", "acme")
    told = closed.done("invoice", "cancel", "2026-0001", "--reason", "Wrong rate")
    assert "To mail the cancellation: invoice send 2026-0003" in told.err
    untold = closed.done("invoice", "cancel", "2026-0002", "--reason", "Wrong rate")
    assert "To mail the cancellation" not in untold.err
    closed.done("invoice", "send", "2026-0003")
    assert handler.kept == ["acme@client.example", "acme@client.example"]
    again = closed.done("invoice", "cancel", "2026-0001", "--reason", "Wrong rate")
    assert "had been cancelled before; nothing was changed." in again.err
