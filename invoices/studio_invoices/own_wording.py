"""Wording of a studio's own, checked before anything is drawn: a placeholder that nothing fills stops a document.

Keys and placeholders are those of ``labels/en.toml`` and, for the Russian forms, ``forms/ru.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from string import Formatter

from studio_invoices.wording import FALLBACK, labels_for

Texts = tuple[tuple[str, str], ...]


@lru_cache(maxsize=16)
def faults_of(texts: Texts) -> tuple[tuple[str, str, str], ...]:
    """(key, what is wrong as the end of a sentence, what to do) of each text that cannot be used."""
    known = _known()
    found = []
    for key, text in texts:
        if key not in known:  # left out, as `wording.worded` does
            continue
        allowed = known[key]
        names = _placeholders(text)
        if names is None:
            found.append((key, f"is {text!r}, in which a brace is not closed", "Write a brace as {{ or }}."))
        elif not names <= allowed:
            may = ", ".join(f"{{{name}}}" for name in sorted(allowed)) or "none"
            wrong = ", ".join(f"{{{name}}}" for name in sorted(names - allowed))
            found.append((key, f"has {wrong}, which nothing fills", f"Placeholders may be here: {may}."))
    return tuple(found)


def wordings() -> Iterable[str]:
    """The keys of all wording that may be replaced: ``payment.heading``, ..."""
    return _known().keys()


@lru_cache(maxsize=1)
def _known() -> dict[str, frozenset[str]]:
    forms = tomllib.loads((files("studio_invoices") / "forms" / "ru.toml").read_text("utf-8"))
    return {
        f"{section}.{key}": _placeholders(text) or frozenset()
        for section, entries in {**forms, **labels_for(FALLBACK)}.items()
        for key, text in entries.items()
    }


def _placeholders(text: str) -> frozenset[str] | None:
    """The names in braces, with all that is asked of them; None where the text is no pattern."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return None
    plain = {
        f"{name}{'!' + turned if turned else ''}{':' + spec if spec else ''}"
        for _, name, spec, turned in parts
        if name is not None
    }
    return frozenset(plain)
