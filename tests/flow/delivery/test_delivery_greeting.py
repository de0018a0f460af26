"""Servers that fail before any letter is in hand: greeting, EHLO, STARTTLS, login. The run stops, nothing is lost."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from studio_support.delivery.mail import Mailer, SmtpServer
from studio_support.errors import MailRefused
from tests.flow.delivery.hands import send

SENDER = "billing@studio.example"
CUT = b""
SILENCE = b"..."


class Doorman:
    """Answers the first lines of a dialogue from a list, then cuts or is silent; what it was told."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = answers
        self.told: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.listener.getsockname()[1]}"

    def _serve(self) -> None:
        client, _ = self.listener.accept()
        with client, client.makefile("rb") as lines:
            for number, answer in enumerate(self.answers):
                if number:
                    self.told.append(lines.readline())
                if answer == SILENCE:
                    lines.readline()  # until the client gives up
                    return
                if answer == CUT:
                    return
                with contextlib.suppress(OSError):  # the client may have left meanwhile
                    client.sendall(answer)

    def close(self) -> None:
        self.listener.close()
        self.thread.join(5)


@pytest.fixture
def doorman() -> Iterator[Callable[..., Doorman]]:
    opened: list[Doorman] = []

    def make(*answers: bytes) -> Doorman:
        opened.append(Doorman(*answers))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


HELLO = b"220 mx.example ESMTP\r\n"
OFFERS = b"250-mx.example\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ((CUT,), "unexpectedly closed"),
        ((SILENCE,), "timed out"),
        ((b"421 4.3.2 too busy\r\n",), "421 4.3.2 too busy"),
        ((HELLO, CUT), "unexpectedly closed"),
        ((HELLO, SILENCE), "timed out"),
        ((HELLO, b"550 not you\r\n", b"550 not you\r\n"), "550 not you"),
        ((HELLO, OFFERS, b"454 4.7.0 no TLS today\r\n"), "454 4.7.0 no TLS today"),
        ((HELLO, OFFERS, CUT), "unexpectedly closed"),
        ((HELLO, OFFERS, SILENCE), "timed out"),
        ((HELLO, OFFERS, b"220 go on\r\n", b"this is no TLS\r\n"), ""),
    ],
)
def test_elsewhere_a_server_that_fails_before_the_letter_stops_the_run(
    doorman: Callable[..., Doorman], monkeypatch: pytest.MonkeyPatch, answers: tuple[bytes, ...], reason: str
) -> None:
    monkeypatch.setattr("studio_support.delivery.mail.is_loopback", lambda host: False)
    door = doorman(*answers)
    patience = 0.5 if SILENCE in answers else 20  # a slow machine's answer is none of a silent server
    mailer = Mailer(SmtpServer(door.url, "robot", "secret-word", timeout_seconds=patience), SENDER)
    with pytest.raises(MailRefused) as caught:
        mailer.open()
    assert reason in caught.value.reason
    assert not any(b"AUTH" in line or b"secret" in line for line in door.told)


@pytest.mark.parametrize("answer", [b"454 4.7.0 try later\r\n", b"535 5.7.8 wrong\r\n", CUT, SILENCE])
def test_a_login_that_fails_stops_the_run_and_shows_no_password(doorman: Callable[..., Doorman], answer: bytes) -> None:
    door = doorman(HELLO, b"250-mx.example\r\n250 AUTH PLAIN\r\n", answer, answer, answer)
    patience = 0.5 if answer == SILENCE else 20
    mailer = Mailer(SmtpServer(door.url, "robot", "secret-word", timeout_seconds=patience), SENDER)
    with pytest.raises(MailRefused) as caught:
        mailer.open()
    assert "secret-word" not in f"{caught.value!r} {caught.value} {mailer.server!r}"


def test_a_run_that_cannot_begin_leaves_its_letters_as_they_were(
    books: Any, doorman: Callable[..., Doorman], serve: Callable[..., Any]
) -> None:
    books.issue("acme")
    door = doorman(b"421 busy\r\n")
    done = send(books, door, timeout=1)
    assert done.stopped is not None
    [row] = books.outbox().letters()
    assert (row.state, row.attempts, row.next_attempt_at) == ("queued", 0, None)
    assert send(books, serve()).complete


def test_a_server_that_is_slow_but_answers_is_waited_for(books: Any, serve: Callable[..., Any]) -> None:
    def slow(stage: str, who: str) -> None:
        time.sleep(0.2)

    books.issue("acme")
    server = serve(slow)
    assert send(books, server, timeout=20).complete
    assert server.kept_for("a@acme.example") == 1
