"""Builds the font set from IBM Plex Sans (OFL): one variable TrueType file -> two weights -> fixed subsets.

Only `fonts` imports this module, and only where no cache file is found: it needs fontTools. Layout tables and
hinting are dropped first (documents use neither), which makes the instances twenty times faster. Time stamps
are kept as the font package has them, so that the same versions give the same bytes everywhere.

A subset is a symbolic simple TrueType font (ISO 32000-1, 9.6.6.4): its (1, 0) character map leads from the byte
in the page to the glyph, its ToUnicode map from the byte to the character.
"""

from __future__ import annotations

import io
import json
import zlib
from importlib.resources import files
from typing import Any

from fontTools import subset as subsetting
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from fontTools.varLib import instancer

from studio_invoices.fontface import Face, FontSet, Subset, array_of_widths
from studio_invoices.freetext import tidy

_DROPPED = frozenset({"GSUB", "GPOS", "GDEF", "HVAR", "MVAR", "STAT", "cvar", "fpgm", "prep", "cvt ", "gasp"})
_FIRST_BYTE = 1  # byte 0 is kept for .notdef
_ROOM = 256 - _FIRST_BYTE
_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_COMMON = "\u00a0\u202f\u2009\u2011§«»°·×÷±©®²³½–—‘’‚“”„•…−№€₽₴₸£$¥%→"
_LATIN = "".join(map(chr, range(0xA1, 0x100))) + "ŁłŚśŻżĄąĆćĘęŃńŹźŠšŽžČčĚěŘřŮůŒœĞğİıŞş"
_CYRILLIC = "".join(map(chr, range(0x410, 0x450))) + "ЁёІіЇїЄєҐґЎўҒғҚқҢңҮүҰұӘәӨөҺһЈјЉљЊњЋћЂђЏџ"


def build() -> FontSet:
    """Makes the two weights and their subsets; half a second."""
    return FontSet(_build_face("Regular", 400, 80), _build_face("SemiBold", 600, 110))


def _build_face(style: str, weight: int, stem_v: int) -> Face:
    font = TTFont(_source(), recalcTimestamp=False)
    for tag in _DROPPED.intersection(font.keys()):
        del font[tag]
    static = instancer.instantiateVariableFont(
        font,
        {"wght": weight, "wdth": 100},
        optimize=False,
        overlap=instancer.OverlapMode.KEEP_AND_DONT_SET_FLAGS,
    )
    buffer = io.BytesIO()
    static.save(buffer)
    glyph_names = static.getBestCmap()
    metrics = static["hmtx"]
    scale = 1000 / static["head"].unitsPerEm
    drawable = [chr(code) for code in sorted(glyph_names) if tidy(chr(code)) not in ("", "\n")]
    widths = {c: round(metrics[glyph_names[ord(c)]][0] * scale) for c in drawable if not _is_private(c)}
    head, os2 = static["head"], static["OS/2"]
    box = (head.xMin, head.yMin, head.xMax, head.yMax)
    left, bottom, right, top = (round(value * scale) for value in box)
    return Face(
        name=f"IBMPlexSans-{style}",
        ascent=round(os2.sTypoAscender * scale),
        descent=round(os2.sTypoDescender * scale),
        cap_height=round(os2.sCapHeight * scale),
        bounding_box=(left, bottom, right, top),
        stem_v=stem_v,
        widths=widths,
        subsets=tuple(_build_subset(buffer.getvalue(), part, widths) for part in _parts(widths)),
    )


def _is_private(character: str) -> bool:
    return 0xE000 <= ord(character) <= 0xF8FF


def _source() -> io.BytesIO:
    package = files("fontpkg_ibm_plex_sans")
    metadata = json.loads((package / "metadata.json").read_text("utf-8"))
    upright = next(item["path"] for item in metadata["files"] if item["style"] == "normal")
    return io.BytesIO((package / upright).read_bytes())


def _parts(widths: dict[str, int]) -> list[str]:
    """Latin and Cyrillic subsets first, each with digits and punctuation of its own, then all the rest."""
    parts = []
    for wanted in (_ASCII + _LATIN + _COMMON, _ASCII + _COMMON + _CYRILLIC):
        part = "".join(dict.fromkeys(c for c in wanted if c in widths))[:_ROOM]
        parts.append(part)
    rest = [c for c in widths if not any(c in part for part in parts)]
    parts += ["".join(rest[i : i + _ROOM]) for i in range(0, len(rest), _ROOM)]
    return parts


def _build_subset(static: bytes, characters: str, widths: dict[str, int]) -> Subset:
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
