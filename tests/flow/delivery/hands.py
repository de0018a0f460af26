"""Sending by real hands to a server of the test, and by hands that answer from a list."""

from __future__ import annotations

import email
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from studio_support.delivery.deliver import Delivery, Result, send_mail
from studio_support.delivery.letter import Letter, Message
from studio_support.delivery.mail import Mailer, SmtpServer
from studio_support.delivery.outcomes import Accepted, NotHandedOver, Outcome
from studio_support.delivery.stored import ALL, Selection
from studio_support.errors import MailRefused

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
MESSAGE = Message("Invoice", "Your link\n", "<html><body><p>Your link</p></body></html>\n", "Web Studio GmbH")


def send(
    books: Any,
    server: Any,
    addresses: dict[str, list[str]] | None = None,
    *,
    selection: Selection = ALL,
    timeout: float = 20,
    divert_to: str = "",
    on_result: Callable[[Result], None] | None = None,
    now: datetime = NOW,
    **options: Any,
) -> Delivery:
    book = addresses or {"acme": ["a@acme.example"], "zeta": ["z@zeta.example"]}
    hands = Mailer(SmtpServer(server.url, timeout_seconds=timeout), "billing@studio.example", divert_to=divert_to)
    with hands as mailer:
        return send_mail(
            books.outbox(now),
            mailer,
            recipients_of=lambda client: book[client],
            render_message=lambda row: MESSAGE,
            clock=lambda: now,
            selection=selection,
            on_result=on_result,
            **options,
        )


def message_ids(server: Any) -> list[str]:
    return [str(email.message_from_bytes(kept.content)["Message-ID"]) for kept in server.kept]


class Scripted:
    """Hands that answer from a list, and then accept everything."""

    def __init__(self, *outcomes: Outcome | BaseException) -> None:
        self.outcomes = list(outcomes)
        self.sent: list[Letter] = []
        self.last: Outcome = NotHandedOver("interrupted")

    def open(self) -> None:
        if self.outcomes and isinstance(self.outcomes[0], MailRefused):
            raise self.outcomes.pop(0)

    def send(self, letter: Letter) -> Outcome:
        outcome = self.outcomes.pop(0) if self.outcomes else Accepted("250 kept")
        if isinstance(outcome, BaseException):
            raise outcome
        self.sent.append(letter)
        return outcome

    def interrupted(self) -> Outcome:
        return self.last


def hand(books: Any, hands: Scripted, recipients: Sequence[str] = ("a@acme.example",)) -> Delivery:
    return send_mail(
        books.outbox(),
        hands,
        recipients_of=lambda client: recipients,
        render_message=lambda row: MESSAGE,
        clock=lambda: NOW,
    )
