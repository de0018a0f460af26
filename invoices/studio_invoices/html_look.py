"""How the page looks: one block of style, the same for all documents of a studio, and the studio's logo in it.

The style depends on the accent colour alone, so that a web server that allows it by its SHA-256 shows every page.
"""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from studio_invoices.look import ACCENT, PLAIN, Look

_PAPER = (1.0, 1.0, 1.0)
_NIGHT = (0x22 / 255, 0x2B / 255, 0x31 / 255)  # the lightest ground of the dark page
_LEAST_CONTRAST = 4.5  # WCAG 2, level AA, for text
_DARK_ACCENT = "#7cc4df"
_STEP = 0.05
Colour = tuple[float, float, float]


@lru_cache(maxsize=16)
def page_style(accent: str = ACCENT) -> str:
    """The one block of style. accent: ``#rrggbb``, made darker on white and lighter on black until it can be read."""
    style = (files("studio_invoices") / "templates" / "page.css").read_text("utf-8")
    if accent == ACCENT:
        return style
    colour = _parsed(accent)
    return style.replace(ACCENT, _readable(colour, _PAPER, 0.0)).replace(_DARK_ACCENT, _readable(colour, _NIGHT, 1.0))


def style_source(look: Look = PLAIN) -> str:
    """The source for `style-src` of a Content-Security-Policy that lets the page have its style: 'sha256-…'."""
    return f"'sha256-{b64encode(sha256(page_style(look.accent).encode()).digest()).decode()}'"


def _parsed(accent: str) -> Colour:
    red, green, blue = (int(accent[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _readable(colour: Colour, ground: Colour, towards: float) -> str:
    """The colour, taken towards black (0.0) or white (1.0) in steps until it can be read on the ground."""
    while _contrast(colour, ground) < _LEAST_CONTRAST:
        red, green, blue = (part + (towards - part) * _STEP for part in colour)
        colour = (red, green, blue)
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _contrast(one: Colour, other: Colour) -> float:
    """Contrast of two colours as WCAG 2 defines it, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
