"""Rounding of durations, on whole minutes, once: per entry or per printed line, never both.

An exact multiple of the increment stays as it is. "up" takes the next multiple; "nearest" takes the nearer one, a
tie goes up, and time above zero is never rounded to nothing: at least one increment is charged, so that what
was worked and shown is never silently given away.
"""

from __future__ import annotations

from collections.abc import Iterable

from studio_support.billing.terms import Rounding


def round_minutes(minutes: int, rounding: Rounding) -> int:
    """Booked minutes (>= 0) to charged minutes: 20 at increment 15 is 30 (up) or 15 (nearest)."""
    increment = rounding.increment_minutes
    if rounding.mode == "up" or 0 < minutes < increment:
        return -(-minutes // increment) * increment
    return (2 * minutes + increment) // (2 * increment) * increment


def charged_minutes(entries_minutes: Iterable[int], rounding: Rounding) -> int:
    """Charged minutes of one printed line made of these entries."""
    if rounding.per == "entry":
        return sum(round_minutes(minutes, rounding) for minutes in entries_minutes)
    return round_minutes(sum(entries_minutes), rounding)


def in_words(rounding: Rounding) -> str:
    """The rule as stated in explanations: "rounded up to 15 min per task"; "" when nothing is rounded."""
    if rounding.increment_minutes == 1:
        return ""
    direction = "up" if rounding.mode == "up" else "to the nearest, a tie up, at least one,"
    return f"rounded {direction} to {rounding.increment_minutes} min per {rounding.per}"
