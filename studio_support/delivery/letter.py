"""A letter as a value, and as the bytes that travel (RFC 5322). No name or address can add a header or a recipient."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from studio_support.delivery.message import Message

_ATOM = r"[^\s@<>()\[\],;:\\\".]+"  # quoted local parts exist in theory only, and hide injections
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@(localhost|{_ATOM}(?:\.{_ATOM})+)")
_LONGEST = 254


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one recipient. message_id: with its angle brackets, the same for ever. sent_at: aware."""

    recipient: str
    message_id: str
    sent_at: datetime
    message: Message


def usable_address(text: str) -> str | None:
    """What is wrong with an e-mail address, None if nothing is: a typo is found before anything is sent.

    A domain without a dot is taken for a typo, save localhost.
    """
    if any(unicodedata.category(character).startswith("C") for character in text):
        return "contains a control character"
    if _ADDRESS.fullmatch(text) is None:
        return "is not of the form name@domain.example"
    try:
        encoded = envelope_address(text)
    except UnicodeError:
        return "has a domain that cannot exist"
    if len(encoded.encode()) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    return None


def envelope_address(address: str) -> str:
    """The address as the server is told it: the domain in its ASCII form (IDNA). Raises UnicodeError if it has none."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}" if not domain.isascii() else address


def needs_smtputf8(*addresses: str) -> bool:
    """Whether a local part is not ASCII, so that the server must know SMTPUTF8 (RFC 6531)."""
    return not all(address.rpartition("@")[0].isascii() for address in addresses)


def one_line(text: str) -> str:
    """Text fit for a header: no line breaks, no control or direction-changing characters, single spaces."""
    kept = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    return " ".join("".join(c for c in kept if unicodedata.category(c) != "Cf" or c == "\u200d").split())


def as_bytes(letter: Letter, sender: str, reply_to: str = "", divert_to: str = "", *, utf8: bool = False) -> bytes:
    """The letter with CRLF line ends. divert_to: addressed there instead, saying whom it was meant for.

    utf8: headers hold UTF-8 as they are, for servers that take SMTPUTF8; otherwise everything is ASCII.
    """
    mail = EmailMessage(policy.SMTP.clone(utf8=utf8, cte_type="7bit"))
    subject, text, html = letter.message.subject, letter.message.text, letter.message.html
    if divert_to:
        note = f"Diverted: this letter was meant for {letter.recipient}"
        subject = f"[{letter.recipient}] {subject}"
        text = f"{note}\n\n{text}"
        html = html.replace("<body>", f"<body>\n<p><strong>{escape(note)}</strong></p>", 1)
        mail["X-Studio-Support-Recipient"] = one_line(letter.recipient)
    mail["From"] = _address(sender, letter.message.sender_name)
    mail["To"] = _address(divert_to or letter.recipient)
    mail["Subject"] = one_line(subject)
    mail["Date"] = format_datetime(letter.sent_at.astimezone(UTC))
    mail["Message-ID"] = letter.message_id
    if reply_to:
        mail["Reply-To"] = _address(reply_to)
    # RFC 3834: keeps vacation notices and other robots from answering; the second header tells Exchange the same.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def _address(address: str, name: str = "") -> Address:
    return Address(display_name=one_line(name), addr_spec=envelope_address(address))
