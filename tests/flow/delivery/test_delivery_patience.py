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

STEP = 20.0  # seconds for each answer; drips come sooner, however slow the machine
WHOLE = 0.08  # so many steps for a whole letter: 1.6 s; in earnest it is eight
DRIPS_SECONDS = 20.0
NOW = datetime(2026, 11, 2, tzinfo=UTC)
LETTER = Letter("a@acme.example", "<1@x>", NOW, Message("S", "T\n", "<p>T</p>\n"))


class Dripper:
    """Answers well up to a stage, and then in drips for 20 seconds at most. Stages: greeting, mail, content.

    ran_out: it came to the end of them, and nobody had left.
    """

    def __init__(self, stage: str, drip: bytes, every: float) -> None:
        self.stage, self.drip, self.every = stage, drip, every
        self.over = threading.Event()
        self.ran_out = False
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
            until = monotonic() + DRIPS_SECONDS
            while monotonic() < until and not self.over.wait(self.every):
                client.sendall(self.drip)
            self.ran_out = not self.over.is_set()

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
    assert not any(each.ran_out for each in opened), "it is given up while the server still answers"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole letter, and all that comes before it, has a part of the time that one answer has."""
    for name in ("mail.STEPS", "smtp_client.STEPS", "mailbox._STEPS"):
        monkeypatch.setattr(f"studio_support.delivery.{name}", WHOLE)


@pytest.mark.parametrize("drip", [b"2", b"250-a line of many\r\n"])
@pytest.mark.parametrize(("stage", "end"), [("mail", NotHandedOver), ("content", Uncertain)])
def test_a_letter_has_an_end_however_slowly_a_server_answers(
    dripper: Callable[..., Dripper], hurried: None, stage: str, end: type[Outcome], drip: bytes
) -> None:
    with dripper(stage, drip).mailer() as mailer:
        outcome = mailer.send(LETTER)
    assert isinstance(outcome, end)
    assert "no whole answer" in outcome.detail


def test_a_greeting_in_drips_is_given_up(dripper: Callable[..., Dripper], hurried: None) -> None:
    with dripper("greeting", b"2").mailer() as mailer, pytest.raises(MailRefused, match="no whole answer"):
        mailer.send(LETTER)


def test_an_answer_without_end_is_given_up_before_its_time(dripper: Callable[..., Dripper]) -> None:
    flood = b"".join(itertools.repeat(b"250-more\r\n", 2000))
    with dripper("mail", flood, every=0.001).mailer() as mailer:
        outcome = mailer.send(LETTER)
    assert isinstance(outcome, NotHandedOver)
    assert "without end" in outcome.detail


def test_a_mailbox_that_is_read_in_drips_is_given_up(dripper: Callable[..., Dripper], hurried: None) -> None:
    port = dripper("greeting", b"* OK go on\r\n", every=0.02).listener.getsockname()[1]
    with pytest.raises(MailboxRefused):
        ImapFolder(f"imap://127.0.0.1:{port}/INBOX", "user", "password", timeout_seconds=STEP).read("", NOW)
