"""How handing a letter to a mail server can end. The line that matters: was any of its content sent, or not.

Before the content, a failure leaves nothing behind and the letter may be tried again. From the first byte of the
content on, only the server's own reply says what became of it (RFC 5321, 4.2.5 and 6.1: the server answers for
the message with its reply to the final dot); where that reply is lost, nobody knows, and nothing is repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TOO_LARGE = "too large: "  # how the detail of a letter begins that the server has no room for
DIVERTED = "diverted to "  # how the detail of a letter begins that went to mail.divert_to instead
LetterState = Literal["queued", "handing over", "accepted", "uncertain", "refused", "bounced", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server answered 250 after the final dot: the letter is its business now."""

    detail: str
    state: LetterState = "accepted"


@dataclass(frozen=True, slots=True)
class TemporaryFailure:
    """The server answered 4xx: not taken, may be tried again later."""

    detail: str
    state: LetterState = "queued"


@dataclass(frozen=True, slots=True)
class PermanentFailure:
    """The server answered 5xx: not taken, and trying again will not help."""

    detail: str
    state: LetterState = "refused"


@dataclass(frozen=True, slots=True)
class NotHandedOver:
    """The connection failed before any content was sent: not taken, may be tried again."""

    detail: str
    state: LetterState = "queued"


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Content was sent and no usable reply came back: taken or not, nobody knows."""

    detail: str
    state: LetterState = "uncertain"


Outcome = Accepted | TemporaryFailure | PermanentFailure | NotHandedOver | Uncertain
