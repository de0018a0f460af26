"""Ticket numbers as people type them: with the hook, in brackets, in a copied subject, with spaces in between."""

from __future__ import annotations

import re

from studio_support.desk.errors import WrongTicketNumber
from studio_support.sync.talk import estimate_minutes
from studio_support.tickets.number import NumberPolicy, fault_of, find_numbers, generator_of

_BETWEEN = re.compile(r"(?<=[0-9])[\s.\-\u00a0\u2009\u202f]+(?=[0-9])")


MOST_MINUTES = 100_000


def typed_minutes(text: str) -> int | None:
    """Minutes of an estimate, typed as in the ticket's field; None for what is none, or more than MOST_MINUTES."""
    minutes = estimate_minutes(text)
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
        short = any(one.isdecimal() for one in text)
        raise WrongTicketNumber(text.strip(), "is too short" if short else "holds no number")
    if generator_of(digits, policy) is None:
        raise WrongTicketNumber(digits, fault_of(digits, policy))
    return digits
