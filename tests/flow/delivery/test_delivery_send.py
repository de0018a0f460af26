"""Sending a month's links: what the server says decides what a letter's state is, and nothing is sent twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from studio_support.delivery.deliver import Delivery, send_mail
from studio_support.delivery.letter import Message
from studio_support.delivery.mail import Mailer, SmtpServer

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
MESSAGE = Message("Invoice", "Your link\n", "<html><body><p>Your link</p></body></html>\n", "Web Studio GmbH")


def send(books: Any, server: Any, addresses: dict[str, list[str]], timeout: float = 5, **options: Any) -> Delivery:
    with Mailer(SmtpServer(server.url, timeout_seconds=timeout), "billing@studio.example", **options) as mailer:
        return send_mail(
            books.outbox(),
            mailer,
            recipients_of=lambda client: addresses[client],
            render_message=lambda row: MESSAGE,
            clock=lambda: NOW,
        )


def test_each_recipient_gets_one_letter_and_a_second_run_sends_none(books: Any, serve: Callable[..., Any]) -> None:
    server = serve()
    books.issue("acme")
    books.issue("zeta")
    addresses = {"acme": ["a@acme.example", "b@acme.example"], "zeta": ["z@zeta.example"]}

    first = send(books, server, addresses)
    second = send(books, server, addresses)

    assert sorted(message.recipients[0] for message in server.kept) == [
        "a@acme.example",
        "b@acme.example",
        "z@zeta.example",
    ]
    assert (len(first.accepted), first.complete) == (3, True)
    assert (second.results, second.complete) == ((), True)
    assert set(books.states().values()) == {"accepted"}
