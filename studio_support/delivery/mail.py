"""Handing letters to one SMTP server: one connection for many, TLS verified, each letter's end told as a value.

smtplib's lower-level calls (mail, rcpt, docmd, send, getreply) are used instead of sendmail, because sendmail does
not tell whether the connection was lost before or after the content (RFC 5321, 4.1.1.4).
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self
from urllib.parse import urlsplit

from studio_support.delivery.letter import Letter, as_bytes, envelope_address, needs_smtputf8, usable_address
from studio_support.delivery.links import is_loopback
from studio_support.delivery.outcomes import (
    DIVERTED,
    TOO_LARGE,
    Accepted,
    NotHandedOver,
    Outcome,
    PermanentFailure,
    TemporaryFailure,
    Uncertain,
)
from studio_support.delivery.smtp_client import STEPS, PatientSmtp, PatientSmtps
from studio_support.errors import MailRefused

_NO_ROOM = 552  # to MAIL with SIZE: of this letter, not of the sender (RFC 1870, 6.1)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed in.

    url: smtp://host[:port] (STARTTLS, port 25) or smtps://host[:port] (TLS from the first byte, port 465).
    password: with a user, sent over TLS only, or to this machine. timeout_seconds: for each step of the dialogue; a
    whole letter, and all that comes before the first one, may take eight times as long.
    ca_file: trust this authority instead of the system's. helo: the name we greet with, the sender's domain if "".
    """

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 30.0
    ca_file: Path | None = None
    helo: str = ""

    @property
    def address(self) -> tuple[str, str, int]:
        """Scheme, host and port. Raises ValueError, saying what would be right, for what is no such address."""
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise ValueError(f"not an address: {error}") from None
        if parts.scheme not in {"smtp", "smtps"} or not host:
            raise ValueError("must look like smtp://host:port or smtps://host:port")
        if parts.username is not None or parts.password is not None:
            raise ValueError("must hold no user and no password; use user and password_env")
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValueError("must end after the port")
        return parts.scheme, host, port or (465 if parts.scheme == "smtps" else 25)


class Mailer:
    """One SMTP server, one connection at a time, made when first needed and again after a failure.

    sender: of envelope and header. reply_to: where answers go, the sender if "". divert_to: if given, every letter
    goes there and nowhere else; the true recipient is shown in subject, body and header. Raises ValueError for an
    unusable address, of mail or server.
    """

    def __init__(self, server: SmtpServer, sender: str, *, reply_to: str = "", divert_to: str = "") -> None:
        self.server = server
        self.sender = sender
        self.reply_to = reply_to
        self.divert_to = divert_to
        for key, address in (("sender", sender), ("reply_to", reply_to), ("divert_to", divert_to)):
            wrong = usable_address(address) if address or key == "sender" else None
            if wrong is not None:
                raise ValueError(f"{key} {wrong}")
        self._scheme, self._host, self._port = server.address
        self._client: PatientSmtp | None = None
        self._content_began = False
        self._fresh = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def open(self) -> None:
        """Connects, encrypts and logs in unless that is done. Raises MailRefused; no letter was touched then."""
        if self._client is None:
            self._client = self._connect()
            self._fresh = True

    def send(self, letter: Letter) -> Outcome:
        """Hands one letter over, or says how far it came.

        A connection that the server had closed meanwhile (idle, or enough letters) is made again once, as long as
        no content was sent. Raises MailRefused when the server cannot be used at all: no connection, no TLS, no
        login, or it refuses our sender; this letter was not handed over then.
        """
        self._content_began = False
        while True:
            self.open()
            again = not self._fresh
            self._fresh = False
            outcome = self._attempt(letter)
            if self._client is not None or not again or not isinstance(outcome, NotHandedOver | TemporaryFailure):
                return outcome

    def interrupted(self) -> Outcome:
        """What became of the letter in hand when `send` was broken off by Ctrl-C."""
        self._drop()
        return Uncertain("interrupted") if self._content_began else NotHandedOver("interrupted")

    def close(self) -> None:
        """Says goodbye if there is a connection."""
        if self._client is not None:
            with contextlib.suppress(OSError):  # smtplib's errors too; no letter depends on a goodbye
                self._client.allow(self.server.timeout_seconds)
                self._client.quit()
            self._drop()

    def _attempt(self, letter: Letter) -> Outcome:
        recipient = self.divert_to or letter.recipient
        client = self._client
        assert client is not None
        client.allow(STEPS * self.server.timeout_seconds)
        try:
            ours = needs_smtputf8(self.sender, self.reply_to)
            utf8 = ours or needs_smtputf8(recipient)
            if utf8 and not client.has_extn("smtputf8"):
                if ours:
                    self._refuse("takes no sender or reply_to with other than ASCII characters (SMTPUTF8)")
                return PermanentFailure("the server takes no addresses with other than ASCII characters (SMTPUTF8)")
            content = as_bytes(letter, self.sender, reply_to=self.reply_to, divert_to=self.divert_to, utf8=utf8)
            options = ["SMTPUTF8", "BODY=8BITMIME"] if utf8 else []
            if client.has_extn("size"):
                largest = _largest(client.esmtp_features["size"])
                if largest is not None and len(content) > largest:
                    return PermanentFailure(f"{TOO_LARGE}{len(content)} bytes, and the server takes {largest} (SIZE)")
                options.append(f"SIZE={len(content)}")
            early = self._envelope(client, envelope_address(self.sender), envelope_address(recipient), options)
        except OSError as error:
            self._drop()
            return NotHandedOver(_text(error))
        return early if early is not None else self._content(client, content)

    def _envelope(self, client: PatientSmtp, sender: str, recipient: str, options: Sequence[str]) -> Outcome | None:
        """MAIL, RCPT and DATA; None when the server waits for the content."""
        code, reply = client.mail(sender, options)
        if 500 <= code <= 599 and code != _NO_ROOM:
            self._refuse(f"refuses the sender {sender}: {_reply(code, reply)}")
        if code == 250:
            code, reply = client.rcpt(recipient)
            if code in {250, 251}:
                code, reply = client.docmd("DATA")
                if code == 354:
                    return None
        if code == 421 or not 400 <= code <= 599:
            self._drop()
        else:
            self._reset(client)
        if 500 <= code <= 599:
            return PermanentFailure(_reply(code, reply))
        if 400 <= code <= 499:
            return TemporaryFailure(_reply(code, reply))
        return NotHandedOver(f"unexpected answer {_reply(code, reply)}")

    def _reset(self, client: PatientSmtp) -> None:
        """Readies the connection for the next letter; one that fails is given up."""
        try:
            client.rset()
        except OSError:
            self._drop()

    def _content(self, client: PatientSmtp, content: bytes) -> Outcome:
        """Everything up to the final dot, and the reply that counts."""
        self._content_began = True
        try:
            client.send(_stuffed(content))
            code, reply = client.getreply()
        except OSError as error:
            self._drop()
            return Uncertain(_text(error))
        if code == 421:
            self._drop()
        diverted = f"{DIVERTED}{self.divert_to}: " if self.divert_to else ""
        if 200 <= code <= 299:
            return Accepted(diverted + _reply(code, reply))
        if 400 <= code <= 499:
            return TemporaryFailure(_reply(code, reply))
        if 500 <= code <= 599:
            return PermanentFailure(_reply(code, reply))
        self._drop()
        return Uncertain(f"unexpected answer {_reply(code, reply)}")

    def _connect(self) -> PatientSmtp:
        local = is_loopback(self._host)
        context = ssl.create_default_context(cafile=None if self.server.ca_file is None else str(self.server.ca_file))
        helo = self.server.helo or envelope_address(self.sender).rpartition("@")[2]
        client: PatientSmtp | None = None
        try:
            timeout = self.server.timeout_seconds
            if self._scheme == "smtps":
                client = PatientSmtps(self._host, self._port, helo, timeout=timeout, context=context)
            else:
                client = PatientSmtp(self._host, self._port, helo, timeout=timeout)
            client.ehlo_or_helo_if_needed()
            # To this machine TLS protects nothing, and Debian's Postfix offers it with a certificate that fits no name.
            if self._scheme == "smtp" and not (local and self.server.ca_file is None):
                if not client.has_extn("starttls"):
                    client.close()
                    self._refuse("offers no STARTTLS; letters and password would cross the network in the clear")
                client.starttls(context=context)
                client.ehlo_or_helo_if_needed()
            if self.server.user:
                client.login(self.server.user, self.server.password)
        except OSError as error:
            if client is not None:
                client.close()
            self._refuse(_text(error))
        except UnicodeEncodeError:
            if client is not None:
                client.close()
            self._refuse("the login has other than ASCII characters, which cannot be sent")
        return client

    def _refuse(self, reason: str) -> NoReturn:
        self._drop()
        raise MailRefused(f"{self._scheme}://{self._host}:{self._port}", reason) from None

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _largest(announced: str) -> int | None:
    """How many bytes a letter may have, after EHLO's SIZE (RFC 1870, 4); None: no limit was named."""
    found = re.match(r"\s*([0-9]{1,20})(?:\s|$)", announced)
    return int(found[1]) or None if found else None


def _stuffed(content: bytes) -> bytes:
    """A letter as it travels: dots at the start of lines doubled, the final dot after it (RFC 5321, 4.5.2).

    It begins with a header's name and ends with CRLF, as letter.as_bytes makes it.
    """
    return content.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _reply(code: int, reply: bytes) -> str:
    """A server's answer as one printable line of at most 300 characters."""
    text = " ".join(reply.decode("utf-8", "replace").split())
    return "".join(character for character in f"{code} {text}"[:300] if character.isprintable())


def _text(error: OSError) -> str:
    """An error of smtplib, ssl or the socket as one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        raw = error.smtp_error
        return _reply(error.smtp_code, raw if isinstance(raw, bytes) else str(raw).encode())
    return " ".join(str(error).split())[:300] or type(error).__name__
