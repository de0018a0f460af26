"""Which characters the fonts of a seller's documents lack: his own where he names some, else the default ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from studio_invoices.fonts import covers, missing_glyphs
from studio_support.config import Settings
from studio_support.errors import ConfigError

Glyphs = Callable[[str], Sequence[str]]


def glyphs_of(config: Settings, seller: str) -> Glyphs:
    """Gives the characters of a text that the seller's fonts lack. It raises ConfigError where one is unusable."""
    look = config.look(seller)
    if look.font is None and look.font_bold is None and not look.fallback_fonts:
        return missing_glyphs
    from studio_invoices.fonterrors import FontUnusable
    from studio_invoices.pdf.kit import font_files  # heavy, and seldom needed

    own = font_files(look)

    def lacking(text: str) -> Sequence[str]:
        try:
            return covers(text, None, own)
        except FontUnusable as error:
            section = f"sellers.{seller}" if seller else "seller"
            raise ConfigError(config.file, f"{section}.look.{error.part}", error.fault, error.cure) from error

    return lacking
