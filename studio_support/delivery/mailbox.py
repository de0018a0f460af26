"""The mailbox that reports of non-delivery arrive in: a maildir or an IMAP folder. It is read and never changed."""

from __future__ import annotations

import contextlib
import imaplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from studio_support.delivery.bounces import read_reports
from studio_support.delivery.imap_client import PatientImap, PatientImaps
from studio_support.delivery.links import is_loopback
from studio_support.delivery.outbox_bounces import Seen
from studio_support.errors import MailboxRefused

LOOK_BACK = timedelta(days=60)
_LARGEST = 1024 * 1024  # a report repeats at most headers, or a letter of ours
_STEPS = 20  # how many time-outs a whole reading may take
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Mailbox(Protocol):
    """Where reports arrive. name: for people, without a secret. key: under which `cursor` is kept, "" for none."""

    @property
    def name(self) -> str: ...
    @property
    def key(self) -> str: ...
    def read(self, cursor: str, now: datetime) -> tuple[list[Seen], str]:
        """Reports that may be new, and the cursor for the next time. Raises MailboxRefused."""
        ...


def _seen(raw: bytes) -> Seen | None:
    reports = read_reports(raw)
    return Seen(sha256(raw).hexdigest(), reports) if reports else None


@dataclass(frozen=True, slots=True)
class Maildir:
    """A folder with `new` and `cur`. Everything of the last 60 days is looked at each time."""

    folder: Path
    key: str = ""

    @property
    def name(self) -> str:
        return str(self.folder)

    def read(self, cursor: str, now: datetime) -> tuple[list[Seen], str]:
        """See Mailbox."""
        if not (self.folder / "new").is_dir() or not (self.folder / "cur").is_dir():
            raise MailboxRefused(self.name, "it is no maildir: it has no folders new and cur")
        try:
            found = [_seen(raw) for raw in self._messages((now - LOOK_BACK).timestamp())]
        except OSError as error:
            raise MailboxRefused(self.name, error.strerror or str(error)) from None
        return [seen for seen in found if seen is not None], ""

    def _messages(self, since: float) -> Iterator[bytes]:
        for place in ("new", "cur"):
            for path in sorted((self.folder / place).iterdir()):
                # a mail program moves files while they are looked at; the next run sees them where they are then
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime >= since and path.is_file():
                        with path.open("rb") as file:
                            yield file.read(_LARGEST)


@dataclass(frozen=True, slots=True)
class ImapFolder:
    """url: imaps://host[:port]/Folder (TLS from the first byte, port 993) or imap://… (STARTTLS, port 143).

    Plain imap is spoken to this machine alone, like plain SMTP. ca_file: trust this authority instead of the
    system's. timeout_seconds: for each step; a whole reading may take twenty times as long.
    """

    url: str
    user: str
    password: str = field(repr=False)
    timeout_seconds: float = 30.0
    ca_file: Path | None = None

    @property
    def name(self) -> str:
        return self.url

    @property
    def key(self) -> str:
        """See Mailbox."""
        return f"bounces {sha256(f'{self.url} {self.user}'.encode()).hexdigest()[:24]}"

    def read(self, cursor: str, now: datetime) -> tuple[list[Seen], str]:
        """See Mailbox. cursor: "UIDVALIDITY UID" up to which everything was read."""
        try:
            client = self._connect()
            try:
                return self._read(client, cursor, now)
            finally:
                with contextlib.suppress(OSError, imaplib.IMAP4.error):
                    client.logout()
        except (OSError, imaplib.IMAP4.error) as error:
            raise MailboxRefused(self.name, _text(error)) from None

    def _connect(self) -> imaplib.IMAP4:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        limit = _STEPS * self.timeout_seconds
        context = ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))
        if parts.scheme == "imaps":
            client: PatientImap = PatientImaps(
                host, parts.port or 993, ssl_context=context, timeout=self.timeout_seconds, limit=limit
            )
        else:
            client = PatientImap(host, parts.port or 143, timeout=self.timeout_seconds, limit=limit)
        try:
            if parts.scheme == "imap" and not (is_loopback(host) and self.ca_file is None):
                client.starttls(context)
            client.login(self.user, self.password)
        except (OSError, imaplib.IMAP4.error):
            client.shutdown()
            raise
        return client

    def _read(self, client: imaplib.IMAP4, cursor: str, now: datetime) -> tuple[list[Seen], str]:
        folder = unquote(urlsplit(self.url).path.lstrip("/")) or "INBOX"
        quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
        _good(client.select(f'"{quoted}"', readonly=True))
        validity = (client.response("UIDVALIDITY")[1] or [b""])[0] or b""
        known, _, last = cursor.partition(" ")
        after = int(last) if known == validity.decode() and last else 0
        since = now - LOOK_BACK
        day = f"{since.day:02d}-{_MONTHS[since.month - 1]}-{since.year}"
        asked = ("UID", f"{after + 1}:*", "SINCE", day, "HEADER", "Content-Type", "report")
        listed = _good(client.uid("SEARCH", *asked))[0] or b""
        # "N:*" gives the last message even where its number is below N
        numbers = sorted(number for number in map(int, listed.split()) if number > after)
        found = []
        for number in numbers:
            for part in _good(client.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{_LARGEST}>)")):
                seen = _seen(part[1]) if isinstance(part, tuple) else None
                if seen is not None:
                    found.append(seen)
        return found, f"{validity.decode()} {numbers[-1] if numbers else after}"


def _good(answer: tuple[str, Any]) -> list[Any]:
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(data[0] if data else kind)
    return list(data)


def _text(error: Exception) -> str:
    said = error.args[0] if error.args and isinstance(error.args[0], bytes) else str(error)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:300] or type(error).__name__
