"""Builds a font set: font files -> two weights -> fixed subsets.

Only `fonts` imports this module, and only where no cache file is found: it needs fontTools.

A subset is a symbolic simple TrueType font (ISO 32000-1, 9.6.6.4): its (1, 0) character map leads from the byte
in the page to the glyph, its ToUnicode map from the byte to the character.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass
from typing import Any

from fontTools import subset as subsetting
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from studio_invoices.fonterrors import FontUnusable
from studio_invoices.fontface import Face, FontSet, Metrics, Subset, array_of_widths
from studio_invoices.fontsource import characters_of, package_font, static_font

_FIRST_BYTE = 1  # byte 0 is kept for .notdef
_ROOM = 256 - _FIRST_BYTE
_MOST_SUBSETS = 234  # what the painter can name
_NOT_IN_NAMES = re.compile("[^A-Za-z0-9-]")
_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_COMMON = "\u00a0\u202f\u2009\u2011§«»°·×÷±©®²³½–—‘’‚“”„•…−№€₽₴₸£$¥%→"
_LATIN = "".join(map(chr, range(0xA1, 0x100))) + "ŁłŚśŻżĄąĆćĘęŃńŹźŠšŽžČčĚěŘřŮůŒœĞğİıŞş"
_CYRILLIC = "".join(map(chr, range(0x410, 0x450))) + "ЁёІіЇїЄєҐґЎўҒғҚқҢңҮүҰұӘәӨөҺһЈјЉљЊњЋћЂђЏџ"


@dataclass(frozen=True, slots=True)
class Sources:
    """Contents of font files; regular None: IBM Plex Sans. bold None: made of regular, at weight 600 if variable."""

    regular: bytes | None = None
    bold: bytes | None = None
    fallbacks: tuple[bytes, ...] = ()


def build(sources: Sources = Sources()) -> FontSet:
    """Makes the two weights and their subsets; half a second for IBM Plex Sans. Raises FontUnusable."""
    regular = package_font() if sources.regular is None else sources.regular
    bold = regular if sources.bold is None else sources.bold
    bold_part = "font" if sources.bold is None else "font_bold"
    chains = [
        [
            static_font(content, weight, part),
            *(static_font(one, weight, f"fallback_fonts[{i}]") for i, one in enumerate(sources.fallbacks)),
        ]
        for content, weight, part in ((regular, 400, "font"), (bold, 600, bold_part))
    ]
    for chain, part in zip(chains, ("font", bold_part), strict=True):
        lacking = [c for c in _ASCII if c not in characters_of(chain[0])]
        if lacking:
            raise FontUnusable(part, f"lacks {lacking[0]!r} and {len(lacking) - 1} more of the plainest characters")
    coverage = [{c for font in chain for c in characters_of(font)} for chain in chains]
    common = coverage[0] & coverage[1]
    plex = sources.regular is None
    return FontSet(
        _build_face(chains[0], common, "IBMPlexSans-Regular" if plex else "", 80),
        _build_face(chains[1], common, "IBMPlexSans-SemiBold" if plex and sources.bold is None else "", 110),
    )


def _build_face(chain: list[Any], common: set[str], name: str, stem_v: int) -> Face:
    widths: dict[str, int] = {}
    subsets: list[Subset] = []
    for font in chain:
        scale = 1000 / font["head"].unitsPerEm
        glyphs = {c: glyph for c, glyph in characters_of(font).items() if c in common and c not in widths}
        own = {c: round(font["hmtx"][glyph][0] * scale) for c, glyph in glyphs.items()}
        buffer = io.BytesIO()
        font.save(buffer)
        metrics = _metrics(font, "" if subsets else name, stem_v)
        parts = _in_rooms(list(own)) if subsets else _parts(own)
        subsets += (_build_subset(buffer.getvalue(), part, own, metrics) for part in parts)
        widths |= own
    if len(subsets) > _MOST_SUBSETS:
        raise FontUnusable("fallback_fonts", "have too many characters together", "Name fewer of them.")
    return Face(subsets[0].metrics.name, widths, tuple(subsets))


def _metrics(font: Any, name: str, stem_v: int) -> Metrics:
    scale = 1000 / font["head"].unitsPerEm
    head, os2 = font["head"], font["OS/2"]
    left, bottom, right, top = (round(value * scale) for value in (head.xMin, head.yMin, head.xMax, head.yMax))
    return Metrics(
        name=name or _NOT_IN_NAMES.sub("", font["name"].getDebugName(6) or "") or "Font",
        ascent=round(os2.sTypoAscender * scale),
        descent=round(os2.sTypoDescender * scale),
        cap_height=round(getattr(os2, "sCapHeight", 0) * scale) or 700,
        bounding_box=(left, bottom, right, top),
        stem_v=stem_v,
    )


def _parts(widths: dict[str, int]) -> list[str]:
    """Latin and Cyrillic subsets first, each with digits and punctuation of its own, then all the rest."""
    parts = []
    for wanted in (_ASCII + _LATIN + _COMMON, _ASCII + _COMMON + _CYRILLIC):
        part = "".join(dict.fromkeys(c for c in wanted if c in widths))[:_ROOM]
        parts.append(part)
    placed = set("".join(parts))
    return [*parts, *_in_rooms([c for c in widths if c not in placed])]


def _in_rooms(characters: list[str]) -> list[str]:
    return ["".join(characters[i : i + _ROOM]) for i in range(0, len(characters), _ROOM)]


def _build_subset(static: bytes, characters: str, widths: dict[str, int], metrics: Metrics) -> Subset:
    font = TTFont(io.BytesIO(static), recalcTimestamp=False)
    glyph_names = font.getBestCmap()
    options = subsetting.Options()
    options.set(hinting=False, glyph_names=False, notdef_outline=True, name_IDs=[0, 1, 2, 6], layout_features=[])
    subsetter = subsetting.Subsetter(options)
    subsetter.populate(unicodes=[ord(character) for character in characters])
    subsetter.subset(font)
    by_byte = {_FIRST_BYTE + i: glyph_names[ord(character)] for i, character in enumerate(characters)}
    font["cmap"] = _character_map(by_byte)
    buffer = io.BytesIO()
    font.save(buffer)
    program = buffer.getvalue()
    by_code = "\x00" * _FIRST_BYTE + characters
    return Subset(
        characters=by_code,
        widths=array_of_widths(by_code, widths),
        program=zlib.compress(program, 9),
        program_length=len(program),
        to_unicode=zlib.compress(_to_unicode(characters), 9),
        metrics=metrics,
    )


def _character_map(by_byte: dict[int, str]) -> Any:
    table = CmapSubtable.newSubtable(6)
    table.platformID, table.platEncID, table.language = 1, 0, 0
    table.cmap = by_byte
    result = newTable("cmap")
    result.tableVersion = 0
    result.tables = [table]
    return result


def _to_unicode(characters: str) -> bytes:
    pairs = [f"<{_FIRST_BYTE + i:02X}> <{ord(character):04X}>" for i, character in enumerate(characters)]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<00> <FF>",
        "endcodespacerange",
    ]
    for start in range(0, len(pairs), 100):
        chunk = pairs[start : start + 100]
        lines += [f"{len(chunk)} beginbfchar", *chunk, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end", ""]
    return "\n".join(lines).encode("ascii")
