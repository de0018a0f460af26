"""What every layout is handed: fonts, ruler, accent colour, pictures, own wording, watermark.

Made from a `Look` by reading its files; what is wrong with them is a Problem that names the part of the look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from studio_invoices import fonts
from studio_invoices.errors import Problem, StudioError
from studio_invoices.fontface import FontSet
from studio_invoices.look import PLAIN, Look
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.pictures import PictureUnusable, load_picture
from studio_invoices.pdf.shapes import Colour, Image

_HEX = re.compile("#[0-9a-fA-F]{6}")
_LEAST_CONTRAST = 4.5  # WCAG 2, level AA, for text
_PICTURES = ("logo", "stamp", "signature", "accountant_signature")
_LAYOUTS = frozenset({"auto", "international", "ru"})

T = TypeVar("T")


class LookUnusable(StudioError):
    """Parts of the look cannot be used; `problems` names them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.source} {problem.message}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Kit:
    """One document's means. tint: the accent at a few per cent, for grounds. watermark: empty for none."""

    fonts: FontSet
    ruler: Ruler
    accent: Colour
    tint: Colour
    logo: Image | None
    stamp: Image | None
    signature: Image | None
    accountant_signature: Image | None
    texts: tuple[tuple[str, str], ...]
    watermark: str


def kit_for(look: Look = PLAIN, *, cache_dir: Path | None = None, watermark: str = "") -> Kit:
    """The kit of a look; raises LookUnusable with all that is wrong with it."""
    problems = look_problems(look, cache_dir)
    if problems:
        raise LookUnusable(problems)
    font_set, ruler = _type(cache_dir)
    accent = legible(look.accent)
    pictures = {name: None if (path := getattr(look, name)) is None else load_picture(path) for name in _PICTURES}
    return Kit(font_set, ruler, accent, tinted(accent), **pictures, texts=look.texts, watermark=watermark)


def look_problems(look: Look, cache_dir: Path | None = None) -> list[Problem]:
    """What is wrong with a look; empty when nothing is. Sources: ``look.logo``, ``look.accent``, ..."""
    return [] if look == PLAIN else list(_problems(look))


def legible(accent: str) -> Colour:
    """A colour ``#rrggbb``, made darker until it can be read on white."""
    colour = Colour(*(int(accent[i : i + 2], 16) / 255 for i in (1, 3, 5)))
    while 1.05 / (_luminance(colour) + 0.05) < _LEAST_CONTRAST:
        colour = Colour(*(part * 0.95 for part in colour))
    return colour


def tinted(colour: Colour, share: float = 0.05) -> Colour:
    """A little of the colour in much white."""
    return Colour(*(1 - (1 - part) * share for part in colour))


def _luminance(colour: Colour) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _problems(look: Look) -> Iterator[Problem]:
    if look.layout not in _LAYOUTS:
        yield Problem("look.layout", f"is {look.layout!r}", f"Set one of {', '.join(sorted(_LAYOUTS))}.")
    if not _HEX.fullmatch(look.accent):
        yield Problem("look.accent", f"is {look.accent!r}, not a colour", "Write it as #rrggbb, such as #0b5874.")
    for name in _PICTURES:
        path = getattr(look, name)
        if path is not None:
            yield from _found_in(f"look.{name}", path, load_picture)


def _found_in(source: str, path: Path, load: Callable[[Path], object]) -> Iterator[Problem]:
    try:
        load(path)
    except PictureUnusable as error:
        yield Problem(source, f"{path.name} {error.fault}", error.cure)


@lru_cache(maxsize=8)
def _type(cache_dir: Path | None) -> tuple[FontSet, Ruler]:
    """One ruler for all documents of a process: the widths it has measured are measured once."""
    font_set = fonts.load(cache_dir)
    return font_set, Ruler(font_set)
