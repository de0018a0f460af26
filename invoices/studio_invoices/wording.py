"""Labels of documents: one TOML file a language in ``labels/``; an unknown language falls back to English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

Labels = Mapping[str, Mapping[str, str]]

FALLBACK = "en"


def language_with_labels(language: str) -> str:
    """The language tag whose labels are used: as given where there is a file for it, else ``en``.

    ``de-AT`` and ``de_AT`` are set in German labels and keep their region for dates and numbers.
    """
    tag = language.strip().replace("_", "-")
    return tag if tag.split("-")[0].lower() in _known() else FALLBACK


@lru_cache(maxsize=32)
def labels_for(language: str) -> Labels:
    """The labels of a language, by section and key."""
    base = language_with_labels(language).split("-")[0].lower()
    labels: Labels = tomllib.loads((_folder() / f"{base}.toml").read_text("utf-8"))
    return labels


def cancelled_mark(language: str) -> str:
    """What is drawn across an invoice that was taken back: for `watermark` of `studio_invoices.render_pdf`."""
    return labels_for(language)["document"]["cancelled_mark"]


def worded(labels: Labels, texts: tuple[tuple[str, str], ...]) -> Labels:
    """The labels with some replaced: (("payment.heading", "How to pay"), ...); unknown keys are left out."""
    if not texts:
        return labels
    own = {tuple(key.split(".", 1)): text for key, text in texts}
    return {
        section: {key: own.get((section, key), text) for key, text in entries.items()}
        for section, entries in labels.items()
    }


def _folder() -> Traversable:
    return files("studio_invoices") / "labels"


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(item.name.removesuffix(".toml") for item in _folder().iterdir())
