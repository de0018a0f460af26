"""How the studio's documents look: what a studio sets once, and layouts ask for.

Plain values; the files are read and checked by `studio_invoices.pdf.kit` (problems: `look_problems` there).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ACCENT = "#0b5874"


@dataclass(frozen=True, slots=True)
class Look:
    """The studio's own look; every part is optional.

    layout: "international", "ru", or "auto": the Russian forms for what is in Russian and rubles and from a
    seller in Russia, else the international one. accent: ``#rrggbb``, made darker where it could not be read on white.
    logo, stamp, signature, accountant_signature: PNG or JPEG files.
    font, font_bold: TrueType files in place of IBM Plex Sans; font_bold may be left out where `font` is variable
    or has no bold companion. fallback_fonts: asked in order for characters that the fonts before them lack.
    texts: wording of one's own as ((``"section.key"``, text), ...), keys as in ``labels/en.toml``.
    """

    layout: str = "auto"
    accent: str = ACCENT
    logo: Path | None = None
    stamp: Path | None = None
    signature: Path | None = None
    accountant_signature: Path | None = None
    font: Path | None = None
    font_bold: Path | None = None
    fallback_fonts: tuple[Path, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()


PLAIN = Look()
