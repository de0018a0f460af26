"""Reports of non-delivery (RFC 3464) as values: which letter came back, and why. Pure.

A letter is known by its Message-ID, which the report repeats with the letter or its headers (RFC 3462, 3). Whoever
reports must have seen that letter: its Message-ID can be guessed by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.message import Message

_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_BEYOND_ASCII = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_LONGEST = 300
_LAST_CHARACTER = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Report:
    """What a server says of one recipient of a letter. action: failed, delayed, delivered, relayed or expanded.

    message_id: of the letter, with its brackets. recipient: whom it could not be brought to, who may be somebody to
    whom the addressee has it forwarded. status: such as "5.1.1". reason: the far server's words, one line.
    """

    message_id: str
    recipient: str
    action: str
    status: str
    reason: str

    @property
    def failed(self) -> bool:
        """Whether the letter came back for good; "delayed" only says that it is still on its way."""
        return self.action == "failed"


class _Flat(Message):
    """A part of a report. What is a message itself is left as it came, bytes in a transfer encoding: the standard
    library would read it as one whatever the encoding, and knows no blocks but those of message/delivery-status."""

    @property
    def kind(self) -> str:
        """The true content type."""
        return super().get_content_type()

    def get_content_type(self) -> str:
        """What the parser goes by."""
        return "application/octet-stream" if self.kind.startswith("message/") else self.kind


def read_reports(raw: bytes) -> tuple[Report, ...]:
    """The reports of a message, empty for any other message and for a report that names no letter."""
    try:
        return _read(raw)
    except RecursionError:  # parts within parts a thousand deep: anybody may write such a mail, and no server does
        return ()


def _read(raw: bytes) -> tuple[Report, ...]:
    message = message_from_bytes(raw, _Flat, policy=policy.compat32)
    if message.get_content_type() != "multipart/report":
        return ()
    parts = [part for part in message.walk() if isinstance(part, _Flat)]
    letter = next((found for part in parts if (found := _letter(part))), "")
    if not letter:
        return ()
    told = next((_content(part) for part in parts if part.kind == "text/plain"), "")
    return tuple(report for part in parts for report in _reports(part, letter, told))


def _letter(part: _Flat) -> str:
    """The Message-ID in the part that repeats the letter or its headers."""
    if part.kind not in ("message/rfc822", "message/global", "message/global-headers", "text/rfc822-headers"):
        return ""
    headers, _, _ = _content(part).lstrip("\n").partition("\n\n")
    found = _MESSAGE_ID.search(str(message_from_string(headers).get("Message-ID", "")))
    return found[0] if found else ""


def _content(part: _Flat) -> str:
    """A part's content as text with plain line ends, its transfer encoding undone."""
    content = part.get_payload(decode=True)
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    return text.replace("\r\n", "\n")


def _reports(part: _Flat, letter: str, told: str) -> Iterator[Report]:
    if part.kind not in ("message/delivery-status", "message/global-delivery-status"):
        return
    for text in _BLANK_LINE.split(_content(part)):
        block = message_from_string(text.lstrip("\n"))
        if "Action" not in block:
            continue  # the first block speaks of the message as a whole
        recipient = _after_type(block, "Original-Recipient") or _after_type(block, "Final-Recipient")
        reason = _after_type(block, "Diagnostic-Code") or _told_of(recipient, told) or _line(block, "Status")
        action = _line(block, "Action").partition(" ")[0].lower()
        yield Report(letter, recipient, action, _line(block, "Status").partition(" ")[0], reason)


def _told_of(recipient: str, told: str) -> str:
    """What the text for people says below an address: Exim gives a diagnosis there alone where no other server was
    asked. Up to the next empty line."""
    _, found, after = told.partition(f"{recipient}\n")
    return _printable(_BLANK_LINE.split(after)[0]) if recipient and found else ""


def _after_type(block: Message, name: str) -> str:
    """What stands after the type of a field: "rfc822; a@b.example", "smtp; 550 no such user".

    "utf-8; \\x{431}@b.example" is an address beyond ASCII on an ASCII way (RFC 6533, 3).
    """
    text = _line(block, name)
    kind, mark, rest = text.partition(";")
    if kind.strip().lower() == "utf-8":
        rest = _BEYOND_ASCII.sub(_character, rest)
    return rest.strip() if mark else kind


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number <= _LAST_CHARACTER and chr(number).isprintable() else found[0]


def _line(block: Message, name: str) -> str:
    return _printable(str(block.get(name, "")))


def _printable(text: str) -> str:
    return "".join(character for character in " ".join(text.split()) if character.isprintable())[:_LONGEST]
