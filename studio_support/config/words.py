"""Words for faults of TOML files: kinds of values by their everyday names, and the nearest known spelling."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number with a fraction"),
    (str, "text"),
    (datetime, "a date with a time"),
    (date, "a date"),
    (time, "a time"),
    (list, "a list"),
    (dict, "a table"),
)


def toml_kind(value: Any) -> str:
    """What kind of TOML value this is: "text", "a whole number", ..."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "of an unknown kind")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, regardless of case; None where none is near."""
    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None
