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
    assert "\nTo: acme@client.example\nSubject: Invoice 2026-0001 from " in shown.out
    assert " bytes in all" in shown.out
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
    again = closed.run("bill", "send", "2026-10")
    assert (again.code, "was refused" in again.err) == (3, False), "still not solved, and told once a day"

    handler.unknown.clear()
    closed.done("invoice", "send", "2026-0001", "--again")
    assert handler.kept == ["beta@client.example", "acme@client.example"]
    ended = closed.run("bill", "send", "2026-10")
    assert (ended.code, "have left, or need nobody any more" in ended.err) == (0, True)


def test_a_mail_server_that_is_down_is_one_sentence(desk: Desk) -> None:
    desk.done("bill", "close", "2026-10")
    run = desk.run("bill", "send", "2026-10")
    assert run.code == 1
    first, second = run.err.splitlines()
    assert first.startswith("Error: The mail server 127.0.0.1:9 cannot be used: ") or "127.0.0.1:9" in first
    assert second == "No letter left. Check [mail], then run the same command again."
    assert run.out == ""


def test_a_mail_server_that_stays_down_is_told_once_a_day_and_when_it_is_back(
    desk: Desk, postman: tuple[Postman, int]
) -> None:
    desk.done("bill", "close", "2026-10")
    assert "cannot be used" in desk.run("bill", "send", "2026-10").err
    again = desk.run("-q", "bill", "send", "2026-10")
    assert (again.code, again.out, again.err) == (1, "", "")
    assert "cannot be used" in desk.run("-v", "bill", "send", "2026-10").err, "whoever asks is told"
    settings = desk.office.folder / "studio-support.toml"
    settings.write_text(settings.read_text().replace("127.0.0.1:9", f"127.0.0.1:{postman[1]}"))
    back = desk.run("bill", "send", "2026-10")
    assert (back.code, "have left, or need nobody any more" in back.err) == (0, True)


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


def set_mail(desk: Desk, lines: str) -> None:
    """Puts lines into [mail]."""
    path = desk.office.folder / "studio-support.toml"
    text = path.read_text(encoding="utf-8")
    assert "[mail]\n" in text
    path.write_text(text.replace("[mail]\n", f"[mail]\n{lines}\n"), encoding="utf-8")


def test_a_reminder_goes_once_and_not_for_what_is_paid_or_disputed(closed: Desk, postman: tuple[Postman, int]) -> None:
    """Due on 12 November. acme has paid; beta disputes, then does not, and is reminded a week after the due date."""
    handler, _ = postman
    set_mail(closed, "reminders = [0, 7]")
    closed.done("bill", "send", "2026-10")
    handler.kept.clear()
    at = ("--as-of", "2026-11-13T09:00:00Z")
    paid = closed.json(*at, "invoice", "paid", "2026-0001", "--date", "2026-11-10")
    assert (paid["paid_on"], paid["changed"], paid["disputed"]) == ("2026-11-10", True, False)
    assert "noted before" in closed.done(*at, "invoice", "paid", "2026-0001", "--date", "2026-11-10").err
    closed.done(*at, "invoice", "dispute", "2026-0002", "--reason", "Tuesday is too long")
    shown = closed.done(*at, "invoice", "list").out
    assert "paid 2026-11-10" in shown
    assert "disputed" in shown
    closed.done(*at, "bill", "remind")
    assert handler.kept == []

    week = ("--as-of", "2026-11-19T09:00:00Z")
    closed.done(*week, "invoice", "dispute", "2026-0002", "--undo")
    dry = closed.json(*week, "bill", "remind", "--dry-run")
    assert [(letter["number"], letter["kind"]) for letter in dry["letters"]] == [("2026-0002", "reminder 7")]
    assert dry["messages"][0]["subject"].startswith("Reminder: invoice 2026-0002")
    assert handler.kept == []
    for _ in range(2):
        closed.done(*week, "bill", "remind")
    assert handler.kept == ["beta@client.example"]


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (("invoice", "dispute", "2026-0001"), 2, "either --reason TEXT or --undo"),
        (("invoice", "dispute", "2026-0001", "--reason", " "), 2, "Say why"),
        (("invoice", "paid", "2026-0001", "--undo", "--date", "2026-11-02"), 2, "either --date or --undo"),
        (("invoice", "paid", "2026-0001", "--date", "soon"), 2, "no day"),
        (("invoice", "paid", "2026-0001", "--date", "2026-11-01"), 4, "was issued on 2026-11-02"),
        (("invoice", "paid", "2026-9999"), 1, "no invoice"),
        (("bill", "bounces"), 1, "bounces_maildir"),
    ],
)
def test_what_cannot_be_noted_is_said(closed: Desk, typed: tuple[str, ...], code: int, said: str) -> None:
    run = closed.run(*typed)
    assert (run.code, said in run.err) == (code, True), run.err


def test_returned_mail_is_listed_until_it_is_mended(closed: Desk, postman: tuple[Postman, int]) -> None:
    handler, _ = postman
    set_mail(closed, 'bounces_maildir = "Maildir"')
    box = closed.office.folder / "Maildir"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    closed.done("bill", "send", "2026-10")
    assert closed.done("bill", "bounces").out == ""
    letter = closed.json("bill", "send", "2026-10")["letters"][0]
    parts = (
        "Content-Type: multipart/report; report-type=delivery-status; boundary=B",
        "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example",
        f"Final-Recipient: rfc822; {letter['to']}\nAction: failed\nStatus: 5.1.1",
        f"--B\nContent-Type: text/rfc822-headers\n\nMessage-ID: {letter['message_id']}\n--B--\n",
    )
    (box / "new" / "1.host").write_bytes("\n\n".join(parts).encode())

    told = closed.run("bill", "bounces")
    assert told.code == 3
    assert "The letter with 2026-0001 to acme@client.example came back: 5.1.1." in told.err
    later = closed.run("bill", "bounces")
    assert (later.code, later.out, later.err) == (3, "", ""), "told once a day, the code is always true"
    assert len(closed.run("--format", "json", "bill", "bounces").data["letters"]) == 1
    listed = closed.run("invoice", "list")
    assert listed.code == 3
    assert "bounced acme@client.example" in listed.out

    closed.done("invoice", "send", "2026-0001", "--again")
    assert closed.done("bill", "bounces").out == ""
    assert closed.done("invoice", "list").code == 0
    assert handler.kept.count("acme@client.example") == 2
