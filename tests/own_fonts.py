"""Fonts made on the spot, so that no font of the system is needed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

ASCII = "".join(map(chr, range(0x20, 0x7F)))


def font_file(path: Path, characters: Iterable[str], *, width: int = 500, licence: int = 0, name: str = "Own") -> Path:
    """A TrueType font in which every character is the same square."""
    names = {ord(c): f"u{ord(c):04X}" for c in characters}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    pen = TTGlyphPen(None)
    pen.moveTo((50, 0))
    for point in ((50, 400), (400, 400), (400, 0)):
        pen.lineTo(point)
    pen.closePath()
    square = pen.glyph()
    builder.setupGlyf(dict.fromkeys([".notdef", *names.values()], square))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names.values()], (width, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "psName": f"{name}-Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, fsType=licence, sCapHeight=700)
    builder.setupPost()
    builder.save(path)
    return path
