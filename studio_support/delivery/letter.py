"""A letter as a value, and as the bytes that travel (RFC 5322). No name or address can add a header or a recipient."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

_ATOM = r"[^\s@<>()\[\],;:\\\".]+"  # quoted local parts exist in theory only, and hide injections
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@(localhost|{_ATOM}(?:\.{_ATOM})+)")
_TWO_FOLD = frozenset("ßς")  # Python's IDNA of 2003 makes ss and σ of them, today's does not (RFC 5894, 7.2)
_JOINERS = "\u200c\u200d"  # Persian and Indic names are spelt with them, and emoji are made with the second
_LONGEST = 254
_LONGEST_PLAIN = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a letter carries. name: with its ending. subtype: pdf or xml, of application/…"""

    name: str
    subtype: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """Subject (one line), plain text and HTML of a letter. sender_name: shown beside the sender's address.

    attachments: none, unless the client asked for them.
    """

    subject: str
    text: str
    html: str
    sender_name: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one recipient. message_id: with its angle brackets, the same for ever. sent_at: aware.

    about: the number of its document.
    """

    recipient: str
    message_id: str
    sent_at: datetime
    message: Message
    about: str = ""


def usable_address(text: str) -> str | None:
    """What is wrong with an e-mail address, None if nothing is: a typo is found before anything is sent.

    A domain without a dot is taken for a typo, save localhost.
    """
    if any(unicodedata.category(character).startswith("C") for character in text):
        return "contains a control character"
    if _ADDRESS.fullmatch(text) is None:
        return "is not of the form name@domain.example"
    if _TWO_FOLD & set(text.rpartition("@")[2]):
        return "has a domain with ß or ς, which would be read as another domain; write it as xn--…"
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
    return " ".join("".join(c for c in kept if unicodedata.category(c) not in {"Cf", "Cs"} or c in _JOINERS).split())


def as_bytes(letter: Letter, sender: str, *, reply_to: str = "", divert_to: str = "", utf8: bool = False) -> bytes:
    """The letter with CRLF line ends. divert_to: addressed there instead, saying whom it was meant for.

    utf8: headers hold UTF-8 as they are, for servers that take SMTPUTF8; otherwise everything is ASCII.
    """
    subject, text, html = letter.message.subject, letter.message.text, letter.message.html
    headers = {
        "From": _mailbox(sender, letter.message.sender_name),
        "To": envelope_address(divert_to or letter.recipient),
        "Subject": _encoded("Subject", subject),
        "Date": format_datetime(letter.sent_at.astimezone(UTC)),
        "Message-ID": letter.message_id,
        # RFC 3834: keeps vacation notices and other robots from answering; the next header tells Exchange the same.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if reply_to:
        headers["Reply-To"] = envelope_address(reply_to)
    if divert_to:
        note = f"Diverted: this letter was meant for {letter.recipient}"
        headers["Subject"] = _encoded("Subject", f"[{letter.recipient}] {subject}")
        headers["X-Studio-Support-Recipient"] = _encoded("X-Studio-Support-Recipient", letter.recipient)
        text = f"{note}\n\n{text}"
        html = html.replace("<body>", f"<body>\n<p><strong>{escape(note)}</strong></p>", 1)
    body = EmailMessage(policy.SMTP.clone(cte_type="7bit"))
    body.set_content(text)
    body.add_alternative(html, subtype="html")
    for file in letter.message.attachments:
        body.add_attachment(file.content, maintype="application", subtype=file.subtype, filename=one_line(file.name))
    # Headers are set here, not by EmailMessage: folding a long Cyrillic name it puts blanks into it (CPython 3.11).
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return lines.encode("utf-8" if utf8 else "ascii") + body.as_bytes()


def _mailbox(address: str, name: str) -> str:
    """The address with a name before it (RFC 5322, 3.4): quoted, or in encoded words."""
    name = one_line(name)
    if not name:
        return envelope_address(address)
    encoded = _encoded("From", name)
    if encoded == name:
        encoded = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{encoded} <{envelope_address(address)}>"


def _encoded(header: str, text: str) -> str:
    """A header's text on one line, or folded in encoded words (RFC 2047): where it is not ASCII, is long, or could
    itself be taken for an encoded word."""
    text = one_line(text)
    if text.isascii() and len(text) <= _LONGEST_PLAIN and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")
