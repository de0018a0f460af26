"""Our own addresses and passwords beyond ASCII: the run stops with a reason, and no letter is refused for them."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from studio_support.delivery.letter import Letter, Message
from studio_support.delivery.mail import Mailer, SmtpServer
from studio_support.delivery.outcomes import Accepted
from studio_support.errors import MailRefused

LETTER = Letter("a@acme.example", "<1@x>", datetime(2026, 11, 2, tzinfo=UTC), Message("S", "T\n", "<p>T</p>\n"))


def test_a_senders_domain_beyond_ascii_greets_in_ascii(serve: Callable[..., Any]) -> None:
    server = serve()
    with Mailer(SmtpServer(server.url, timeout_seconds=5), "billing@студия.example") as mailer:
        assert isinstance(mailer.send(LETTER), Accepted)
    assert server.kept[0].mail_from == "billing@xn--d1aizef8e.example"


@pytest.mark.parametrize(
    ("sender", "reply_to"), [("биллинг@studio.example", ""), ("billing@studio.example", "поддержка@studio.example")]
)
def test_a_server_that_cannot_take_our_own_address_stops_the_run(
    serve: Callable[..., Any], sender: str, reply_to: str
) -> None:
    server = serve(enable_SMTPUTF8=False)
    with (
        Mailer(SmtpServer(server.url, timeout_seconds=5), sender, reply_to=reply_to) as mailer,
        pytest.raises(MailRefused, match="SMTPUTF8"),
    ):
        mailer.send(LETTER)
    assert server.kept == []


def test_an_answer_address_beyond_ascii_reaches_a_server_that_knows_it(serve: Callable[..., Any]) -> None:
    server = serve(enable_SMTPUTF8=True)
    sender = "billing@studio.example"
    with Mailer(SmtpServer(server.url, timeout_seconds=5), sender, reply_to="поддержка@studio.example") as mailer:
        assert isinstance(mailer.send(LETTER), Accepted)
    read = email.message_from_bytes(server.kept[0].content, policy=email.policy.SMTPUTF8)
    assert str(read["Reply-To"]) == "поддержка@studio.example"


def test_a_password_beyond_ascii_is_a_reason_and_no_crash(serve: Callable[..., Any], login: Callable[..., Any]) -> None:
    server = serve(authenticator=login, auth_require_tls=False)
    hands = SmtpServer(server.url, user="robot", password="köstlich", timeout_seconds=5)
    with Mailer(hands, "billing@studio.example") as mailer, pytest.raises(MailRefused) as raised:
        mailer.open()
    assert "ASCII" in raised.value.reason
    assert "köstlich" not in str(raised.value)
