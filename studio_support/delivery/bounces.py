"""Reports of non-delivery (RFC 3464) as values: which letter came back, and why. Pure.

A letter is known by its Message-ID, which the report repeats with the letter or its headers (RFC 3462, 3). Whoever
reports must have seen that letter: its Message-ID can be guessed by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_LONGEST = 300


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


def read_reports(raw: bytes) -> tuple[Report, ...]:
    """The reports of a message, empty for any other message and for a report that names no letter."""
    try:
        return _read(raw)
    except RecursionError:  # parts within parts a thousand deep: anybody may write such a mail, and no server does
        return ()


def _read(raw: bytes) -> tuple[Report, ...]:
    message = message_from_bytes(raw, policy=policy.compat32)
    if message.get_content_type() != "multipart/report":
        return ()
    letter = next((found for part in message.walk() if (found := _letter(part))), "")
    if not letter:
        return ()
    return tuple(
        report
        for part in message.walk()
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status")
        for report in _reports(part, letter)
    )


def _letter(part: Message) -> str:
    """The Message-ID in the part that repeats the letter or its headers."""
    kind = part.get_content_type()
    if kind in ("message/rfc822", "message/global") and part.is_multipart():
        return _message_id(part.get_payload(0))  # type: ignore[arg-type] # a message in a message
    if kind == "message/global-headers":
        return _message_id(part.get_payload(0))  # type: ignore[arg-type] # whatever is message/… is read as one
    if kind == "text/rfc822-headers":
        content = part.get_payload(decode=True)
        return _message_id(message_from_bytes(content if isinstance(content, bytes) else b""))
    return ""


def _message_id(letter: Message) -> str:
    found = _MESSAGE_ID.search(str(letter.get("Message-ID", "")))
    return found[0] if found else ""


def _reports(part: Message, letter: str) -> Iterator[Report]:
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, Message) or "Action" not in block:
            continue  # the first block speaks of the message as a whole
        recipient = _after_type(block, "Original-Recipient") or _after_type(block, "Final-Recipient")
        reason = _after_type(block, "Diagnostic-Code") or _line(block, "Status")
        action = _line(block, "Action").partition(" ")[0].lower()
        yield Report(letter, recipient, action, _line(block, "Status").partition(" ")[0], reason)


def _after_type(block: Message, name: str) -> str:
    """What stands after the type of a field: "rfc822; a@b.example", "smtp; 550 no such user"."""
    text = _line(block, name)
    kind, mark, rest = text.partition(";")
    return rest.strip() if mark else kind


def _line(block: Message, name: str) -> str:
    text = " ".join(str(block.get(name, "")).split())
    return "".join(character for character in text if character.isprintable())[:_LONGEST]
