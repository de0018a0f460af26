"""Ticket numbers as people type them: with the hook, in brackets, in a copied subject, with spaces in between."""

from __future__ import annotations

import re

from studio_support.desk.errors import WrongTicketNumber
from studio_support.sync.talk import estimate_minutes
from studio_support.tickets.number import NumberPolicy, fault_of, find_numbers, generator_of

_BETWEEN = re.compile(r"(?<=[0-9])[\s.\-\u00a0\u2009\u202f]+(?=[0-9])")


_HOURS_MINUTES = re.compile(r"(\d{1,4})\s*(?:h|std|ч)\.?\s*(\d{1,2})\s*(?:m|min|мин)?\.?", re.IGNORECASE)
_MINUTES = re.compile(r"(\d{1,6})\s*(?:m|min|мин)\.?", re.IGNORECASE)
MOST_MINUTES = 100_000


def typed_minutes(text: str) -> int | None:
    """Minutes of an estimate as people type it: 3:30, 3.5, "3,5 h", 3h30, 90m; None for what is no estimate."""
    hours = _HOURS_MINUTES.fullmatch(text.strip())
    alone = _MINUTES.fullmatch(text.strip())
    if hours:
        minutes: int | None = int(hours[1]) * 60 + int(hours[2])
    else:
        minutes = int(alone[1]) if alone else estimate_minutes(text)
    return minutes if minutes is not None and 1 <= minutes <= MOST_MINUTES else None


def typed_number(text: str, policy: NumberPolicy) -> str:
    """The one number that a typed text means.

    Raises WrongTicketNumber: no digits, several numbers, or what cannot be one; `likely` is left to who knows tickets.
    """
    found = tuple(dict.fromkeys(one.number for one in find_numbers(text, policy)))
    if len(found) > 1:
        raise WrongTicketNumber(text.strip(), f"names several tickets: {', '.join(found)}")
    if found:
        return found[0]
    runs = re.findall(r"[0-9]{5,}", _BETWEEN.sub("", text))
    digits = max(runs, key=len, default="")
    if not digits:
        raise WrongTicketNumber(text.strip(), "holds no number")
    if generator_of(digits, policy) is None:
        raise WrongTicketNumber(digits, fault_of(digits, policy))
    return digits
