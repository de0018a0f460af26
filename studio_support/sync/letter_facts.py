"""What a letter may speak of, and the function that writes it: templates get these facts and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from studio_support.sync.model import LetterKind


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """Facts of a letter. Times are on the studio's clock (aware); texts are as the client wrote them, not escaped.

    client: name of the client, "" where no file lists it. promised_at: the due; None where none is promised.
    estimate_minutes, cost: hours and money of an estimate; cost is "" where the annex gives none. note: the text that
    the issue has for the client. channel: how the request came. now: the present; a day that is told with it is told as
    today or tomorrow, one without it by its name.
    """

    number: str
    title: str
    client: str = ""
    received_at: datetime | None = None
    promised_at: datetime | None = None
    channel: str = "email"
    estimate_minutes: int | None = None
    cost: str = ""
    note: str = ""
    issues: tuple[int, ...] = ()
    now: datetime | None = None


class Render(Protocol):
    """Writes a letter."""

    def __call__(self, kind: LetterKind, language: str, facts: LetterFacts) -> tuple[str, str]:
        """Subject (one line, without the ticket's tag) and plain text. The same facts give the same letter.

        Raises StudioError where a template is broken.
        """
        ...


class Cost(Protocol):
    """Says what work costs by the client's annex."""

    def __call__(self, client: str, minutes: int) -> str:
        """The amount with its currency, ready for a letter; "" where the annex has no price."""
        ...


def no_cost(client: str, minutes: int) -> str:
    """Where nobody knows prices."""
    return ""
