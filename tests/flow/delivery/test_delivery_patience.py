"""Servers that answer a byte at a time, or without end: a letter, and a login, has an end all the same."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import monotonic

import pytest

from studio_support.delivery.letter import Letter, Message
from studio_support.delivery.mail import Mailer, SmtpServer
from studio_support.delivery.mailbox import ImapFolder
from studio_support.delivery.outcomes import NotHandedOver, Outcome, Uncertain
from studio_support.errors import MailboxRefused, MailRefused

STEP = 0.2  # seconds; a whole letter: eight times as long
ENOUGH = 6.0  # what slow machines may need for 1.6 s
NOW = datetime(2026, 11, 2, tzinfo=UTC)
LETTER = Letter("a@acme.example", "<1@x>", NOW, Message("S", "T\n", "<p>T</p>\n"))


class Dripper:
    """Answers well up to a stage, and then in drips for 20 seconds at most. Stages: greeting, mail, content."""

    def __init__(self, stage: str, drip: bytes, every: float) -> None:
        self.stage, self.drip, self.every = stage, drip, every
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def mailer(self) -> Mailer:
        url = f"smtp://127.0.0.1:{self.listener.getsockname()[1]}"
        return Mailer(SmtpServer(url, timeout_seconds=STEP), "billing@studio.example")

    def _serve(self) -> None:
        client, _ = self.listener.accept()
        with client, client.makefile("rb") as lines, contextlib.suppress(OSError):
            if self.stage != "greeting":
                client.sendall(b"220 mx\r\n")
                lines.readline()
                client.sendall(b"250 mx\r\n")
                lines.readline()
            if self.stage == "content":
                client.sendall(b"250 ok\r\n")
                lines.readline()
                client.sendall(b"250 ok\r\n")
                lines.readline()
                client.sendall(b"354 go\r\n")
                while lines.readline() != b".\r\n":
                    pass
            until = monotonic() + 20
            while monotonic() < until and not self.over.wait(self.every):
                client.sendall(self.drip)

    def close(self) -> None:
        self.over.set()
        self.listener.close()
        self.thread.join(5)


@pytest.fixture
def dripper() -> Iterator[Callable[..., Dripper]]:
    opened: list[Dripper] = []

    def make(stage: str, drip: bytes, every: float = 0.05) -> Dripper:
        opened.append(Dripper(stage, drip, every))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.mark.parametrize("drip", [b"2", b"250-a line of many\r\n"])
@pytest.mark.parametrize(("stage", "end"), [("mail", NotHandedOver), ("content", Uncertain)])
def test_a_letter_has_an_end_however_slowly_a_server_answers(
    dripper: Callable[..., Dripper], stage: str, end: type[Outcome], drip: bytes
) -> None:
    began = monotonic()
    with dripper(stage, drip).mailer() as mailer:
        outcome = mailer.send(LETTER)
    assert isinstance(outcome, end)
    assert monotonic() - began < ENOUGH


def test_a_greeting_in_drips_is_given_up(dripper: Callable[..., Dripper]) -> None:
    began = monotonic()
    with dripper("greeting", b"2").mailer() as mailer, pytest.raises(MailRefused, match="no whole answer"):
        mailer.send(LETTER)
    assert monotonic() - began < ENOUGH


def test_an_answer_without_end_is_given_up_before_its_time(dripper: Callable[..., Dripper]) -> None:
    flood = b"".join(itertools.repeat(b"250-more\r\n", 2000))
    with dripper("mail", flood, every=0.001).mailer() as mailer:
        outcome = mailer.send(LETTER)
    assert isinstance(outcome, NotHandedOver)
    assert "without end" in outcome.detail


def test_a_mailbox_that_is_read_in_drips_is_given_up(dripper: Callable[..., Dripper]) -> None:
    port = dripper("greeting", b"* OK go on\r\n", every=0.02).listener.getsockname()[1]
    began = monotonic()
    with pytest.raises(MailboxRefused):
        ImapFolder(f"imap://127.0.0.1:{port}/INBOX", "user", "password", timeout_seconds=0.05).read("", NOW)
    assert monotonic() - began < ENOUGH, "1 s and what slow machines add"
