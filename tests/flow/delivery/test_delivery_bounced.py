"""Mail that comes back: a report marks its letter once, from a maildir or an IMAP folder, and changes no mailbox."""

from __future__ import annotations

import os
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from studio_support.delivery.mailbox import ImapFolder, Maildir
from studio_support.delivery.outbox_bounces import cursor_of, record_bounces
from studio_support.delivery.outcomes import Uncertain
from studio_support.errors import MailboxRefused
from tests.flow.delivery.hands import NOW, Scripted, hand

TLS = Path(__file__).parent / "tls"
PASSWORD = "correct horse"


def report(message_id: str, recipient: str = "a@acme.example", action: str = "failed") -> bytes:
    lines = f"""\
From: MAILER-DAEMON@mx.example
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user

--B
Content-Type: text/rfc822-headers

Message-ID: {message_id}
--B--
"""
    return lines.replace("\n", "\r\n").encode()


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    return tmp_path / "Maildir"


def put(folder: Path, name: str, raw: bytes, place: str = "new", age_days: int = 0) -> None:
    path = folder / place / name
    path.write_bytes(raw)
    moment = (NOW - timedelta(days=age_days)).timestamp()
    os.utime(path, (moment, moment))


def read(books: Any, box: Any) -> int:
    seen, cursor = box.read(cursor_of(books.store, box.key) if box.key else "", NOW)
    keep = (box.key, cursor) if box.key else None
    return record_bounces(books.store, seen, person="cron", now=NOW, cursor=keep)


def sent(books: Any, client: str = "acme", recipient: str = "a@acme.example") -> str:
    """Issues a document and sends it; the Message-ID of its letter."""
    books.issue(client)
    hand(books, Scripted(), [recipient])
    return str(books.outbox().letters()[-1].message_id)


def test_a_report_marks_its_letter_and_says_why(books: Any, maildir: Path) -> None:
    name = sent(books)
    put(maildir, "1.host", report(name))
    assert read(books, Maildir(maildir)) == 1
    [row] = books.outbox().letters()
    assert (row.state, row.detail) == ("bounced", "5.1.1 550 no such user")
    assert [stuck.recipient for stuck in books.outbox().stuck()] == ["a@acme.example"]
    assert sorted(path.name for path in maildir.rglob("*") if path.is_file()) == ["1.host"]


def test_a_forwarded_letter_that_failed_further_on_names_where(books: Any, maildir: Path) -> None:
    put(maildir, "1.host", report(sent(books), "moved@other.example"))
    read(books, Maildir(maildir))
    [row] = books.outbox().letters()
    assert row.detail == "for moved@other.example: 5.1.1 550 no such user"


def test_a_domain_in_its_ascii_form_is_no_other_address(books: Any, maildir: Path) -> None:
    put(maildir, "1.host", report(sent(books, recipient="buh@почта.рф"), "buh@xn--80a1acny.xn--p1ai"))
    put(maildir, "2.host", report(sent(books, "zeta", "z@zeta.example"), "z@" + "ы" * 70 + ".example"))
    assert read(books, Maildir(maildir)) == 2
    first, second = (row.detail for row in books.outbox().letters())
    assert first == "5.1.1 550 no such user"
    assert second.startswith("for z@ыыы")


def test_a_letter_in_doubt_that_came_back_is_in_doubt_no_more(books: Any, maildir: Path) -> None:
    books.issue("acme")
    hand(books, Scripted(Uncertain("cut")))
    [row] = books.outbox().letters()
    put(maildir, "1.host", report(row.message_id), "cur")
    assert read(books, Maildir(maildir)) == 1
    assert books.states() == {"a@acme.example": "bounced"}


def test_a_report_that_was_counted_says_nothing_about_a_later_letter(books: Any, maildir: Path) -> None:
    """The address was mended, the letter sent again: the old report is still in the mailbox, perhaps moved."""
    put(maildir, "1.host", report(sent(books)))
    read(books, Maildir(maildir))
    books.outbox().send_again("2026-0001", ["a@acme.example"])
    hand(books, Scripted())
    (maildir / "new" / "1.host").rename(maildir / "cur" / "1.host:2,S")
    assert read(books, Maildir(maildir)) == 0
    assert books.states() == {"a@acme.example": "accepted"}


@pytest.mark.parametrize(
    "raw",
    [
        report("<somebody-elses@studio.example>"),
        b"Subject: Hello\r\n\r\na letter of a person\r\n",
        b"",
    ],
)
def test_mail_about_no_letter_of_ours_marks_nothing(books: Any, maildir: Path, raw: bytes) -> None:
    sent(books)
    put(maildir, "1.host", raw)
    assert read(books, Maildir(maildir)) == 0
    assert books.states() == {"a@acme.example": "accepted"}


def test_a_delay_marks_nothing(books: Any, maildir: Path) -> None:
    put(maildir, "1.host", report(sent(books), action="delayed"))
    assert read(books, Maildir(maildir)) == 0


def test_reports_older_than_sixty_days_are_left(books: Any, maildir: Path) -> None:
    put(maildir, "1.host", report(sent(books)), age_days=61)
    assert read(books, Maildir(maildir)) == 0
    put(maildir, "2.host", report(sent(books)), age_days=59)
    assert read(books, Maildir(maildir)) == 1


def test_a_queued_letter_is_not_bounced_by_a_report(books: Any, maildir: Path) -> None:
    put(maildir, "1.host", report(sent(books)))
    books.outbox().send_again("2026-0001", ["a@acme.example"], force=True)
    assert read(books, Maildir(maildir)) == 0
    assert books.states() == {"a@acme.example": "queued"}


def test_a_folder_that_is_no_maildir_is_named(tmp_path: Path) -> None:
    with pytest.raises(MailboxRefused, match="no maildir"):
        Maildir(tmp_path).read("", NOW)


class Imap:
    """An IMAP server with one folder: what it was told, and how it misbehaves."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.validity = 7
        self.told: list[str] = []
        self.refuse = ""
        self.port = 0

    def answer(self, tag: str, words: str) -> bytes:
        self.told.append(words)
        verb = words.split()[0].upper()
        if self.refuse and words.upper().startswith(self.refuse):
            return f"{tag} NO [UNAVAILABLE] not today\r\n".encode()
        if verb == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n" + f"{tag} OK done\r\n".encode()
        if verb == "LOGIN" and f'"{PASSWORD}"' not in words:
            return f"{tag} NO [AUTHENTICATIONFAILED] wrong\r\n".encode()
        if verb == "EXAMINE":
            facts = f"* {len(self.messages)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] ok\r\n"
            return f"{facts}{tag} OK [READ-ONLY] done\r\n".encode()
        if verb == "UID" and "SEARCH" in words:
            first = int(words.split("UID ")[-1].split(":")[0])
            last = len(self.messages)
            found = set(range(first, last + 1)) | ({last} if last else set())
            numbers = " ".join(str(number) for number in sorted(found))
            return f"* SEARCH {numbers}\r\n{tag} OK done\r\n".encode()
        if verb == "UID":
            number = int(words.split()[2])
            raw = self.messages[number - 1]
            head = f"* {number} FETCH (UID {number} BODY[]<0> {{{len(raw)}}}\r\n".encode()
            return head + raw + f")\r\n{tag} OK done\r\n".encode()
        return f"{tag} OK done\r\n".encode()


@pytest.fixture
def imap() -> Iterator[Callable[..., Imap]]:
    """imap(tls) -> a server on a free loopback port; tls: spoken from the first byte."""
    servers: list[socketserver.ThreadingTCPServer] = []

    def start(tls: bool = True) -> Imap:
        box = Imap()

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                connection = self.request
                if tls:
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    context.load_cert_chain(TLS / "mx.pem")
                    try:
                        connection = context.wrap_socket(connection, server_side=True)
                    except OSError:
                        return
                with connection, connection.makefile("rb") as lines:
                    connection.sendall(b"* OK ready\r\n")
                    for line in lines:
                        tag, _, words = line.decode().strip().partition(" ")
                        connection.sendall(box.answer(tag, words))
                        if words.upper() == "LOGOUT":
                            return

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        server.daemon_threads = True
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return box

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def folder(box: Imap, scheme: str = "imaps", **changes: Any) -> ImapFolder:
    options: dict[str, Any] = {"timeout_seconds": 5, "ca_file": TLS / "mx.pem", **changes}
    password = options.pop("password", PASSWORD)
    return ImapFolder(f"{scheme}://localhost:{box.port}/Returned%20mail", "robot", password, **options)


def test_an_imap_folder_is_read_over_tls_and_from_where_the_last_run_ended(
    books: Any, imap: Callable[..., Imap]
) -> None:
    box = imap()
    name = sent(books)
    box.messages = [b"Subject: Hello\r\n\r\nHi\r\n", report(name)]
    assert read(books, folder(box)) == 1
    assert books.states() == {"a@acme.example": "bounced"}
    assert any(words.startswith('EXAMINE "Returned mail"') for words in box.told)
    assert not any(words.split()[0] in {"SELECT", "STORE", "EXPUNGE", "COPY"} for words in box.told)

    box.told.clear()
    assert read(books, folder(box)) == 0
    assert [words for words in box.told if "FETCH" in words] == []
    other = sent(books, "zeta", "z@zeta.example")
    box.messages.append(report(other, "z@zeta.example"))
    box.told.clear()
    assert read(books, folder(box)) == 1
    assert [words.split()[2] for words in box.told if "FETCH" in words] == ["3"]


def test_a_folder_made_anew_is_read_from_its_beginning_and_nothing_counted_twice(
    books: Any, imap: Callable[..., Imap]
) -> None:
    box = imap()
    box.messages = [report(sent(books))]
    read(books, folder(box))
    books.outbox().send_again("2026-0001", ["a@acme.example"])
    hand(books, Scripted())
    box.validity = 8
    assert read(books, folder(box)) == 0
    assert books.states() == {"a@acme.example": "accepted"}


@pytest.mark.parametrize("verb", ["LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH"])
def test_a_server_that_refuses_is_named_and_nothing_is_lost(books: Any, imap: Callable[..., Imap], verb: str) -> None:
    box = imap()
    box.messages = [report(sent(books))]
    box.refuse = verb
    with pytest.raises(MailboxRefused, match="not today"):
        read(books, folder(box))
    box.refuse = ""
    assert read(books, folder(box)) == 1


def test_a_wrong_password_is_refused_and_not_shown(imap: Callable[..., Imap]) -> None:
    with pytest.raises(MailboxRefused) as caught:
        folder(imap(), password="wrong-but-secret").read("", NOW)
    assert "wrong-but-secret" not in f"{caught.value} {folder(imap(), password='wrong-but-secret')!r}"


def test_a_certificate_of_nobody_we_trust_is_refused(imap: Callable[..., Imap]) -> None:
    with pytest.raises(MailboxRefused, match="certificate verify failed"):
        folder(imap(), ca_file=TLS / "other.pem").read("", NOW)


def test_a_server_elsewhere_must_speak_tls(imap: Callable[..., Imap], monkeypatch: pytest.MonkeyPatch) -> None:
    """It offers no STARTTLS: the password does not leave."""
    box = imap(tls=False)
    monkeypatch.setattr("studio_support.delivery.mailbox.is_loopback", lambda host: False)
    with pytest.raises(MailboxRefused):
        folder(box, "imap", ca_file=None).read("", NOW)
    assert not any(words.startswith("LOGIN") for words in box.told)


def test_this_machine_is_read_without_tls(books: Any, imap: Callable[..., Imap]) -> None:
    box = imap(tls=False)
    box.messages = [report(sent(books))]
    assert read(books, folder(box, "imap", ca_file=None)) == 1


def test_a_port_where_nobody_listens_is_named() -> None:
    box = Imap()
    box.port = 9
    with pytest.raises(MailboxRefused):
        folder(box).read("", NOW)
