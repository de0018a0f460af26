"""The mail sink: what it keeps, and how it fails for those who ask."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

import sink

Send = Callable[[str], None]


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with sink.running(tmp_path, manners=sink.Manners(slow_seconds=0.3)) as bound:
        yield bound


@pytest.fixture
def send(port: int) -> Send:
    def to(address: str) -> None:
        message = EmailMessage()
        message["From"], message["To"] = "billing@studio.example", address
        message["Subject"], message["Message-ID"] = "Счёт 2026-0001 🎨", "<one@studio.example>"
        message.set_content("Здравствуйте!\n.\nA line that is a dot stands above.\n")
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.send_message(message)

    return to


def test_message_is_kept_as_it_came(send: Send, tmp_path: Path) -> None:
    """Envelope and headers stand in the JSON, the bytes in the file beside it."""
    send("jane@client.example")
    [message] = sink.messages(tmp_path)
    assert message.mail_from == "billing@studio.example"
    assert message.rcpt_tos == ["jane@client.example"]
    assert message.subject == "Счёт 2026-0001 🎨"
    assert message.message_id == "<one@studio.example>"
    assert b"To: jane@client.example" in (tmp_path / message.eml).read_bytes()


def test_messages_come_in_the_order_in_which_they_were_taken(send: Send, tmp_path: Path) -> None:
    """Names sort by time."""
    addresses = [f"n{number}@client.example" for number in range(5)]
    for address in addresses:
        send(address)
    assert [message.rcpt_tos[0] for message in sink.messages(tmp_path)] == addresses


@pytest.mark.parametrize(("address", "code"), [("reject@x.example", 550), ("Later+2@x.example", 451)])
def test_recipient_is_refused(send: Send, tmp_path: Path, address: str, code: int) -> None:
    """For good or for now; nothing is kept."""
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send(address)
    assert refusal.value.recipients[address][0] == code
    assert sink.messages(tmp_path) == []


def test_message_is_refused_after_the_dot(send: Send, tmp_path: Path) -> None:
    """554, nothing is kept."""
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send("refuse@x.example")
    assert refusal.value.smtp_code == 554
    assert sink.messages(tmp_path) == []


@pytest.mark.parametrize(("address", "kept"), [("cut@x.example", 1), ("cutbefore@x.example", 0)])
def test_connection_is_cut(send: Send, tmp_path: Path, address: str, kept: int) -> None:
    """The sender sees the same; only the sink knows whether the message arrived."""
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(address)
    assert len(sink.messages(tmp_path)) == kept


def test_slow_answer_comes_after_the_message_is_kept(send: Send, tmp_path: Path) -> None:
    """The sender waits at least as long as was asked for."""
    began = time.monotonic()
    send("slow+0.4@x.example")
    assert time.monotonic() - began >= 0.4
    assert len(sink.messages(tmp_path)) == 1


def test_login_is_asked_for_when_there_is_one(tmp_path: Path) -> None:
    """A wrong password is refused, so is a sender without one."""
    with (
        sink.running(tmp_path, manners=sink.Manners(login=("studio", "right"))) as port,
        smtplib.SMTP("127.0.0.1", port, timeout=60) as client,
    ):
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail("a@x.example", ["b@x.example"], "x")
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("studio", "wrong")
        client.login("studio", "right")
        client.sendmail("a@x.example", ["b@x.example"], "x")
    assert len(sink.messages(tmp_path)) == 1


def test_port_in_use_is_an_error_of_the_caller(tmp_path: Path, port: int) -> None:
    """It does not end in a thread nobody hears of."""
    with pytest.raises(OSError, match="address already in use"), sink.running(tmp_path, port=port):
        pass
