"""Rounding of durations, on whole minutes, once: per entry or per printed line, never both.

An exact multiple of the increment stays as it is. "up" takes the next multiple; "nearest" takes the nearer one, a
tie goes up, and time above zero is never rounded to nothing: at least one increment is charged, so that what
was worked and shown is never silently given away.
"""

from __future__ import annotations

from collections.abc import Iterable

from studio_support.billing.terms import Rounding

_WORDS = {
    "en": {
        "up": "Times are rounded up to {minutes} min, once per {scope}.",
        "nearest": "Times are rounded to the nearest {minutes} min (a half goes up, at least {minutes} min), "
        "once per {scope}.",
        "entry": "entry",
        "task": "task",
    },
    "de": {
        "up": "Zeiten werden einmal je {scope} auf volle {minutes} Min. aufgerundet.",
        "nearest": "Zeiten werden einmal je {scope} auf die nächsten {minutes} Min. gerundet (die Hälfte nach oben, "
        "mindestens {minutes} Min.).",
        "entry": "Buchung",
        "task": "Aufgabe",
    },
    "ru": {
        "up": "Время округляется вверх до {minutes} мин, один раз по каждой {scope}.",
        "nearest": "Время округляется до ближайших {minutes} мин (половина вверх, не менее {minutes} мин), "
        "один раз по каждой {scope}.",
        "entry": "записи",
        "task": "задаче",
    },
}


def round_minutes(minutes: int, rounding: Rounding) -> int:
    """Booked minutes (>= 0) to charged minutes, half up: 20 at increment 15 is 30 (up) or 15 (nearest)."""
    increment = rounding.increment_minutes
    if rounding.mode == "up" or 0 < minutes < increment:
        return -(-minutes // increment) * increment
    return (2 * minutes + increment) // (2 * increment) * increment


def charged_minutes(entries_minutes: Iterable[int], rounding: Rounding) -> int:
    """Charged minutes of one printed line made of these entries."""
    if rounding.per == "entry":
        return sum(round_minutes(minutes, rounding) for minutes in entries_minutes)
    return round_minutes(sum(entries_minutes), rounding)


def in_words(rounding: Rounding, language: str = "en") -> str:
    """The rule as documents and explanations state it, in English where the language is unknown; "" when nothing
    is rounded: "Times are rounded up to 15 min, once per task."."""
    if rounding.increment_minutes == 1:
        return ""
    words = _WORDS.get(language, _WORDS["en"])
    return words[rounding.mode].format(minutes=rounding.increment_minutes, scope=words[rounding.per])
