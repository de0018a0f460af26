"""Font files as sources of faces: opened, checked, made static at a weight, stripped of what documents do not use.

Taken are TrueType outlines in a file of their own, static or variable. Refused: PostScript outlines (a PDF of ours
embeds simple TrueType fonts), collections, web fonts, and fonts whose licence bits forbid embedding (OS/2 fsType).
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
from importlib.resources import files
from typing import Any

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from studio_invoices.fonterrors import FontUnusable
from studio_invoices.freetext import tidy

_KEPT = frozenset(
    {"cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "OS/2", "post", "fvar", "gvar", "avar"}
)
# scripts whose letters change or trade places with their neighbours: drawn one by one they would be wrong
_SHAPED = re.compile("[\u0900-\u109f\u1700-\u18af\u1900-\u1aff\u1b00-\u1c4f\ua800-\uabff]")
_RESTRICTED = 0x0002  # OS/2 fsType: no embedding without leave
_NO_SUBSETTING = 0x0100
_BITMAPS_ONLY = 0x0200
_MANY = 20_000
_NARROW_SPACE = 0.2  # of the type size: groups of digits must be seen to be apart


def package_font() -> bytes:
    """IBM Plex Sans (OFL), variable, upright, from its font package."""
    package = files("fontpkg_ibm_plex_sans")
    metadata = json.loads((package / "metadata.json").read_text("utf-8"))
    upright = next(item["path"] for item in metadata["files"] if item["style"] == "normal")
    content: bytes = (package / upright).read_bytes()
    return content


def static_font(content: bytes, weight: int, part: str) -> Any:
    """The font at a weight (where it is variable), reduced to outlines, widths and names. Raises FontUnusable."""
    try:
        return _static(content, weight, part)
    except FontUnusable:
        raise
    # a broken font raises nearly anything inside fontTools
    except Exception as error:
        raise FontUnusable(part, f"is not a font, or a broken one ({type(error).__name__})") from error


def characters_of(font: Any) -> dict[str, str]:
    """Character -> glyph, for what a font can draw by itself, letter by letter from left to right.

    Left out, and so replaced visibly: what is written from right to left, what has to be shaped, private use, and
    what lies beyond the basic plane.
    """
    found = font.getBestCmap() or {}
    return {chr(code): found[code] for code in sorted(found) if code < 0x10000 and _stands_alone(chr(code))}


def _stands_alone(character: str) -> bool:
    category = unicodedata.category(character)
    if tidy(character) in ("", "\n") or category in ("Co", "Cs", "Cn"):
        return False
    shaped = category[0] in "LM" and _SHAPED.match(character) is not None
    return not shaped and unicodedata.bidirectional(character) not in ("R", "AL", "AN")


def _static(content: bytes, weight: int, part: str) -> Any:
    _check_kind(content, part)
    # time stamps are kept as they are, so that the same versions give the same bytes everywhere
    font = TTFont(io.BytesIO(content), recalcTimestamp=False)
    if "glyf" not in font:
        raise FontUnusable(part, "has no TrueType outlines")
    licence = font["OS/2"].fsType
    if licence & 0x000F == _RESTRICTED or licence & (_NO_SUBSETTING | _BITMAPS_ONLY):
        raise FontUnusable(part, "may not be embedded by its own licence bits")
    if len(font.getBestCmap() or {}) > _MANY:
        raise FontUnusable(part, f"has more than {_MANY} characters")
    for tag in [tag for tag in font.keys() if tag not in _KEPT and tag != "GlyphOrder"]:  # noqa: SIM118 - no dict
        del font[tag]
    if "fvar" in font:
        font = instancer.instantiateVariableFont(
            font,
            {axis.axisTag: _at(axis, weight) for axis in font["fvar"].axes},
            optimize=False,
            overlap=instancer.OverlapMode.KEEP_AND_DONT_SET_FLAGS,
        )
    _widen_narrow_space(font)
    return font


def _check_kind(content: bytes, part: str) -> None:
    start = content[:4]
    if start == b"OTTO":
        raise FontUnusable(part, "has PostScript outlines")
    if start == b"ttcf":
        raise FontUnusable(part, "is a collection of fonts", "Name a file that holds one font.")
    if start in (b"wOFF", b"wOF2"):
        raise FontUnusable(part, "is a web font")
    if start not in (b"\x00\x01\x00\x00", b"true"):
        raise FontUnusable(part, "is not a font")


def _at(axis: Any, weight: int) -> float:
    wanted = {"wght": float(weight), "wdth": 100.0}.get(axis.axisTag, axis.defaultValue)
    return float(min(max(wanted, axis.minValue), axis.maxValue))


def _widen_narrow_space(font: Any) -> None:
    glyph = (font.getBestCmap() or {}).get(0x202F)
    least = round(font["head"].unitsPerEm * _NARROW_SPACE)
    if glyph is not None and font["hmtx"][glyph][0] < least:
        font["hmtx"][glyph] = (least, 0)
