"""The dialogue with a mail server: at each stage at which it can go wrong, the letter's end is told exactly."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from studio_support.delivery.letter import Letter, Message
from studio_support.delivery.mail import Mailer, SmtpServer
from studio_support.delivery.outcomes import (
    Accepted,
    NotHandedOver,
    Outcome,
    PermanentFailure,
    TemporaryFailure,
    Uncertain,
)
from studio_support.errors import MailRefused

TLS = Path(__file__).parent / "tls"
SENDER = "billing@studio.example"
PASSWORD = "correct horse"


def letter(recipient: str = "a@acme.example", text: str = "Hello\n") -> Letter:
    sent_at = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
    message = Message("Invoice", text, "<html><body><p>Hello</p></body></html>\n", "Web Studio")
    return Letter(recipient, f"<{recipient.encode().hex()}@studio.example>", sent_at, message)


@pytest.fixture
def mailer() -> Iterator[Callable[..., Mailer]]:
    opened: list[Mailer] = []

    def make(server: Any, *, url: str = "", divert_to: str = "", reply_to: str = "", **options: Any) -> Mailer:
        options.setdefault("timeout_seconds", 5)
        opened.append(Mailer(SmtpServer(url or server.url, **options), SENDER, reply_to=reply_to, divert_to=divert_to))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "mx.pem")
    return context


def at(stage: str, answer: str) -> Callable[[str, str], str | None]:
    """A script for recipients whose name begins with x: everybody else is served."""
    return lambda where, who: answer if where == stage and (who.startswith("x") or stage == "mail") else None


def test_many_letters_go_over_one_connection(serve: Callable[..., Any], mailer: Callable[..., Mailer]) -> None:
    server = serve()
    hands = mailer(server)
    assert [hands.send(letter(f"{n}@acme.example")) for n in range(5)] == [Accepted("250 2.0.0 kept")] * 5
    assert server.connections == 1
    assert [kept.recipients for kept in server.kept] == [[f"{n}@acme.example"] for n in range(5)]
    assert {kept.mail_from for kept in server.kept} == {SENDER}


@pytest.mark.parametrize(
    ("stage", "answer", "outcome", "kept"),
    [
        ("rcpt", "451 4.2.1 busy", TemporaryFailure("451 4.2.1 busy"), 0),
        ("rcpt", "550 5.1.1 unknown", PermanentFailure("550 5.1.1 unknown"), 0),
        ("rcpt", "hm?", NotHandedOver("unexpected answer -1"), 0),
        ("data", "451 later", TemporaryFailure("451 later"), 0),
        ("data", "554 no", PermanentFailure("554 no"), 0),
        ("data", "250 what for", NotHandedOver("unexpected answer 250 what for"), 0),
        ("body", "451 4.7.1 greylisted", TemporaryFailure("451 4.7.1 greylisted"), 0),
        ("body", "554 5.7.1 spam", PermanentFailure("554 5.7.1 spam"), 0),
        ("dot", "what?", Uncertain("unexpected answer -1"), 1),
        ("dot", "354 more", Uncertain("unexpected answer 354 more"), 1),
        ("rcpt", "cut", NotHandedOver("Connection unexpectedly closed"), 0),
        ("data", "cut", NotHandedOver("Connection unexpectedly closed"), 0),
        ("content", "cut", Uncertain(""), 0),
        ("body", "cut", Uncertain("Connection unexpectedly closed"), 0),
        ("dot", "cut", Uncertain("Connection unexpectedly closed"), 1),
        ("mail", "451 4.3.2 later", TemporaryFailure("451 4.3.2 later"), 0),
        ("mail", "cut", NotHandedOver("Connection unexpectedly closed"), 0),
        ("rcpt", "421 4.3.2 closing", TemporaryFailure("421 4.3.2 closing"), 0),
        ("dot", "421 4.3.2 closing", TemporaryFailure("421 4.3.2 closing"), 1),
    ],
)
def test_the_server_decides_or_the_stage_does(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], stage: str, answer: str, outcome: Outcome, kept: int
) -> None:
    server = serve(at(stage, answer))
    hands = mailer(server)

    found = hands.send(letter("x@acme.example"))

    assert type(found) is type(outcome)
    assert outcome.detail in found.detail
    assert server.kept_for("x@acme.example") == kept
    if stage != "mail":  # the next letter is not spoilt
        assert hands.send(letter("b@acme.example")) == Accepted("250 2.0.0 kept")
        assert server.kept_for("b@acme.example") == 1


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        ("mail", NotHandedOver),
        ("rcpt", NotHandedOver),
        ("data", NotHandedOver),
        ("body", Uncertain),
        ("dot", Uncertain),
    ],
)
def test_silence_is_told_by_the_stage_at_which_it_began(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], stage: str, kind: type[Outcome]
) -> None:
    found = mailer(serve(at(stage, "hang")), timeout_seconds=0.3).send(letter("x@acme.example"))
    assert type(found) is kind
    assert "timed out" in found.detail


def test_a_refused_sender_stops_the_run_and_not_the_letter(
    serve: Callable[..., Any], mailer: Callable[..., Mailer]
) -> None:
    hands = mailer(serve(at("mail", "550 5.7.1 not your domain")))
    with pytest.raises(MailRefused, match="refuses the sender") as caught:
        hands.send(letter())
    assert "550 5.7.1 not your domain" in caught.value.reason


@pytest.mark.parametrize("answer", ["cut", "421 4.7.0 too many messages in this session"])
def test_a_connection_that_the_server_has_had_enough_of_is_made_again_once(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], answer: str
) -> None:
    server = serve(lambda stage, who: answer if stage == "mail" and seen() else None)

    def seen() -> bool:
        """True for the second letter of a connection, once."""
        return len(server.kept) == 1 and server.connections == 1

    hands = mailer(server)
    assert [hands.send(letter(f"{n}@acme.example")) for n in range(3)] == [Accepted("250 2.0.0 kept")] * 3
    assert server.connections == 2
    assert len(server.kept) == 3


@pytest.mark.parametrize("stage", ["content", "body", "dot"])
def test_a_letter_whose_content_was_sent_is_never_repeated_over_a_new_connection(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], stage: str
) -> None:
    server = serve(at(stage, "cut"))
    hands = mailer(server)
    assert isinstance(hands.send(letter("first@acme.example")), Accepted)
    assert isinstance(hands.send(letter("x@acme.example")), Uncertain)
    assert server.connections == 1
    assert [who for where, who in server.stages if where == "data"] == ["first@acme.example", "x@acme.example"]


def test_dots_at_the_start_of_lines_arrive(serve: Callable[..., Any], mailer: Callable[..., Mailer]) -> None:
    server = serve()
    text = ".\n..\n. \nend\n.\n"
    assert isinstance(mailer(server).send(letter(text=text)), Accepted)
    content = server.kept[0].content.replace(b"\r\n", b"\n")
    assert text.encode() in content
    assert content.endswith(b"--\n")


def test_a_server_that_fails_to_start_over_is_left_and_the_answer_kept(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """550 was said before the connection was lost: the letter is refused, not in doubt."""

    def lose(self: smtplib.SMTP) -> tuple[int, bytes]:
        self.close()
        raise smtplib.SMTPServerDisconnected("gone")

    server = serve(at("rcpt", "550 unknown"))
    hands = mailer(server)
    with monkeypatch.context() as patch:
        patch.setattr(smtplib.SMTP, "rset", lose)
        assert hands.send(letter("x@acme.example")) == PermanentFailure("550 unknown")
    assert hands.send(letter("b@acme.example")) == Accepted("250 2.0.0 kept")
    assert server.connections == 2


def test_a_diverted_letter_goes_there_and_nowhere_else(
    serve: Callable[..., Any], mailer: Callable[..., Mailer]
) -> None:
    server = serve()
    found = mailer(server, divert_to="me@studio.example").send(letter("a@acme.example"))
    assert found == Accepted("diverted to me@studio.example: 250 2.0.0 kept")
    assert [kept.recipients for kept in server.kept] == [["me@studio.example"]]
    assert b"Subject: [a@acme.example] Invoice\r\n" in server.kept[0].content


def test_a_local_part_beyond_ascii_needs_a_server_that_takes_it(
    serve: Callable[..., Any], mailer: Callable[..., Mailer]
) -> None:
    able, unable = serve(enable_SMTPUTF8=True), serve()
    assert mailer(able).send(letter("бух@acme.example")) == Accepted("250 2.0.0 kept")
    assert able.kept[0].recipients == ["бух@acme.example"]
    refused = mailer(unable).send(letter("бух@acme.example"))
    assert isinstance(refused, PermanentFailure)
    assert "SMTPUTF8" in refused.detail
    assert unable.kept == []


def test_starttls_is_used_and_the_certificate_verified(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], tls: ssl.SSLContext
) -> None:
    server = serve(tls=tls, require_starttls=True)
    hands = mailer(server, url=f"smtp://localhost:{server.port}", ca_file=TLS / "mx.pem")
    assert hands.send(letter()) == Accepted("250 2.0.0 kept")


def test_smtps_is_tls_from_the_first_byte(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], tls: ssl.SSLContext
) -> None:
    server = serve(tls=tls, implicit=True)
    hands = mailer(server, url=f"smtps://localhost:{server.port}", ca_file=TLS / "mx.pem")
    assert hands.send(letter()) == Accepted("250 2.0.0 kept")


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_of_nobody_we_trust_is_refused(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], tls: ssl.SSLContext, scheme: str
) -> None:
    server = serve(tls=tls, implicit=scheme == "smtps")
    hands = mailer(server, url=f"{scheme}://localhost:{server.port}", ca_file=TLS / "other.pem")
    with pytest.raises(MailRefused, match="certificate verify failed"):
        hands.send(letter())
    assert server.kept == []


def test_a_server_elsewhere_without_starttls_is_refused(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    monkeypatch.setattr("studio_support.delivery.mail.is_loopback", lambda host: False)
    with pytest.raises(MailRefused, match="no STARTTLS"):
        mailer(server, user="robot", password=PASSWORD).open()
    assert server.stages == []


def test_a_login_is_needed_and_given_over_tls(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], login: Callable[..., Any], tls: ssl.SSLContext
) -> None:
    server = serve(tls=tls, require_starttls=True, authenticator=login, auth_required=True)
    url = f"smtp://localhost:{server.port}"
    hands = mailer(server, url=url, ca_file=TLS / "mx.pem", user="robot", password=PASSWORD)
    assert hands.send(letter()) == Accepted("250 2.0.0 kept")


def test_a_wrong_password_is_refused_and_not_shown(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], login: Callable[..., Any], tls: ssl.SSLContext
) -> None:
    server = serve(tls=tls, require_starttls=True, authenticator=login, auth_required=True)
    url = f"smtp://localhost:{server.port}"
    hands = mailer(server, url=url, ca_file=TLS / "mx.pem", user="robot", password="wrong-but-secret")
    with pytest.raises(MailRefused, match="535") as caught:
        hands.open()
    assert "wrong-but-secret" not in f"{caught.value} {caught.value.reason} {hands.server!r}"


def test_a_server_that_knows_no_login_is_refused(serve: Callable[..., Any], mailer: Callable[..., Mailer]) -> None:
    with pytest.raises(MailRefused):
        mailer(serve(), user="robot", password=PASSWORD).open()


def test_a_port_where_nobody_listens_is_refused(mailer: Callable[..., Mailer]) -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(MailRefused) as caught:
            mailer(None, url=url).send(letter())
    assert caught.value.server == url


def test_a_server_that_never_greets_is_given_up_in_time(mailer: Callable[..., Mailer]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(MailRefused, match="timed out"):
            mailer(None, url=url, timeout_seconds=0.3).open()


@pytest.mark.parametrize("greeting", [b"554 5.7.1 go away\r\n", b"421 busy\r\n", b"HTTP/1.0 400 Bad Request\r\n", b""])
def test_a_port_that_speaks_something_else_is_refused(mailer: Callable[..., Mailer], greeting: bytes) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as odd:
        hands = mailer(None, url=f"smtp://127.0.0.1:{odd.getsockname()[1]}", timeout_seconds=2)

        def answer() -> None:
            client, _ = odd.accept()
            client.sendall(greeting)
            client.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(MailRefused):
            hands.open()
        thread.join(5)


def test_after_a_ctrl_c_only_sent_content_makes_a_letter_uncertain(
    serve: Callable[..., Any], mailer: Callable[..., Mailer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: Any) -> None:
        raise KeyboardInterrupt

    server = serve()
    early, late = mailer(server), mailer(server)
    early.open()
    late.open()
    with monkeypatch.context() as patch:
        patch.setattr(smtplib.SMTP, "rcpt", interrupt)
        with pytest.raises(KeyboardInterrupt):
            early.send(letter())
    assert early.interrupted() == NotHandedOver("interrupted")
    real = smtplib.SMTP.send

    def interrupt_after(self: smtplib.SMTP, data: Any) -> None:
        real(self, data)
        if b"Subject" in (data if isinstance(data, bytes) else data.encode()):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(smtplib.SMTP, "send", interrupt_after)
        with pytest.raises(KeyboardInterrupt):
            late.send(letter())
    assert late.interrupted() == Uncertain("interrupted")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1", ("smtp", "127.0.0.1", 25)),
        ("smtp://mx.studio.example:587", ("smtp", "mx.studio.example", 587)),
        ("smtps://mx.studio.example/", ("smtps", "mx.studio.example", 465)),
        ("smtp://[::1]:2525", ("smtp", "::1", 2525)),
    ],
)
def test_an_address_of_a_server_has_scheme_host_and_port(url: str, expected: tuple[str, str, int]) -> None:
    assert SmtpServer(url).address == expected


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("mx.studio.example", "must look like"),
        ("http://mx.studio.example", "must look like"),
        ("smtp://", "must look like"),
        ("smtp://robot:secret@mx.studio.example", "no user and no password"),
        ("smtp://mx.studio.example/path", "end after the port"),
        ("smtp://mx.studio.example:port", "not an address"),
    ],
)
def test_an_unusable_address_says_what_would_be_right(url: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong) as caught:
        Mailer(SmtpServer(url), SENDER)
    assert "secret" not in str(caught.value)


def test_unusable_addresses_of_ours_are_named_by_their_key() -> None:
    server = SmtpServer("smtp://127.0.0.1")
    with pytest.raises(ValueError, match="sender is not of the form"):
        Mailer(server, "")
    with pytest.raises(ValueError, match="reply_to is not of the form"):
        Mailer(server, SENDER, reply_to="help@studio")
    with pytest.raises(ValueError, match="divert_to contains a control character"):
        Mailer(server, SENDER, divert_to="me@studio.example\n")
