"""What every layout is handed: fonts, ruler, accent colour, pictures, own wording, watermark.

Made from a `Look` by reading its files; what is wrong with them is a Problem that names the part of the look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio_invoices import fonts
from studio_invoices.errors import Problem, StudioError
from studio_invoices.fonterrors import FontUnusable
from studio_invoices.fontface import FontSet
from studio_invoices.look import PLAIN, Look
from studio_invoices.own_wording import faults_of
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.pictures import PictureUnusable, load_picture
from studio_invoices.pdf.shapes import Colour, Image

_HEX = re.compile("#[0-9a-fA-F]{6}")
_LEAST_CONTRAST = 4.5  # WCAG 2, level AA, for text
_PICTURES = ("logo", "stamp", "signature", "accountant_signature")
_LAYOUTS = frozenset({"auto", "international", "ru"})

_MOST_RULERS = 4
_rulers: dict[int, tuple[FontSet, Ruler]] = {}


class LookUnusable(StudioError):
    """Parts of the look cannot be used; `problems` names them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.source} {problem.message}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Kit:
    """One document's means. tint: the accent at a few per cent, for grounds. watermark: empty for none.

    payable: whether there may be a code to pay by.
    """

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
    payable: bool = True


def kit_for(look: Look = PLAIN, *, cache_dir: Path | None = None, watermark: str = "", payable: bool = True) -> Kit:
    """The kit of a look; raises LookUnusable with all that is wrong with it."""
    problems = look_problems(look, cache_dir)
    if problems:
        raise LookUnusable(problems)
    font_set, ruler = _ruled(cache_dir, font_files(look))
    accent = legible(look.accent)
    pictures = {name: None if (path := getattr(look, name)) is None else load_picture(path) for name in _PICTURES}
    return Kit(
        font_set, ruler, accent, tinted(accent), **pictures, texts=look.texts, watermark=watermark, payable=payable
    )


def look_problems(look: Look, cache_dir: Path | None = None) -> list[Problem]:
    """What is wrong with a look; empty when nothing is. Sources: ``look.logo``, ``look.accent``, ..."""
    return [] if look == PLAIN else list(_problems(look, cache_dir))


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


def _problems(look: Look, cache_dir: Path | None) -> Iterator[Problem]:
    if look.layout not in _LAYOUTS:
        yield Problem("look.layout", f"is {look.layout!r}", f"Set one of {', '.join(sorted(_LAYOUTS))}.")
    if not _HEX.fullmatch(look.accent):
        yield Problem("look.accent", f"is {look.accent!r}, not a colour", "Write it as #rrggbb, such as #0b5874.")
    for key, fault, cure in faults_of(look.texts):
        yield Problem(f"look.texts.{key}", fault, cure)
    for name in _PICTURES:
        path = getattr(look, name)
        if path is None:
            continue
        try:
            load_picture(path)
        except PictureUnusable as error:
            yield Problem(f"look.{name}", f"{path.name} {error.fault}", error.cure)
    try:
        fonts.load(cache_dir, font_files(look))
    except FontUnusable as error:
        yield Problem(f"look.{error.part}", error.fault, error.cure)


def font_files(look: Look) -> fonts.FontFiles:
    """The font files that a look names: for `studio_invoices.fonts.covers`."""
    return fonts.FontFiles(look.font, look.font_bold, look.fallback_fonts)


def _ruled(cache_dir: Path | None, own: fonts.FontFiles) -> tuple[FontSet, Ruler]:
    """One ruler for all documents of a process: the widths it has measured are measured once."""
    font_set = fonts.load(cache_dir, own)
    found = _rulers.get(id(font_set))
    if found is None:
        if len(_rulers) >= _MOST_RULERS:
            _rulers.clear()
        found = _rulers[id(font_set)] = (font_set, Ruler(font_set))  # kept alive, so that its id stays its own
    return found
