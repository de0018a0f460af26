"""Draws a display list as PDF: own content streams, handed to reportlab's document writer.

Fonts are embedded as the ready-made subsets of `studio_invoices.fontface`, so that nothing is cut or deflated
again per document. Everything that reportlab would take from clock or chance is set: the same drawing gives the
same bytes (dates from the drawing, the file's ID from its content, subset tags from their number).
"""

from __future__ import annotations

import codecs
import math
import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Any

from reportlab.pdfbase import pdfdoc

from studio_invoices.fontface import FontSet
from studio_invoices.freetext import for_page
from studio_invoices.pdf.archive import Archive, Bare, add_archive
from studio_invoices.pdf.embedded import deflated_stream, font_object, refer
from studio_invoices.pdf.shapes import (
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Bookmark,
    Box,
    Cells,
    Colour,
    Drawing,
    Image,
    Picture,
    Shape,
    Text,
)

_LEVEL = 4  # 6 takes twice as long; it would spare 1 % of a bill of 12 lines, 5 % of one of 400
_MEDIA_BOX = f"[0 0 {PAGE_WIDTH} {PAGE_HEIGHT}]"


def paint(drawing: Drawing, fonts: FontSet, prefer_cyrillic: bool, archive: Archive | None = None) -> bytes:
    """The bytes of the PDF file. `prefer_cyrillic`: which subset sets digits and punctuation by default.

    archive: makes it PDF/A-3, with the files that it bears.
    """
    drawing = _telling(drawing)
    document = pdfdoc.PDFDocument(invariant=1, lang=drawing.language, pdfVersion=(1, 4))
    document.setTitle(drawing.title)
    document.setAuthor(drawing.author)
    document.setSubject(drawing.subject)
    document.setCreator("studio-support")
    document.setProducer("studio-support, ReportLab")
    stamp = f"D:{drawing.made_on:%Y%m%d}000000Z"
    document.setDateFormatter(lambda *_: stamp)
    catalog = document.Catalog  # type: ignore[attr-defined]  # reportlab's stubs do not know it
    catalog.ViewerPreferences = pdfdoc.PDFDictionary({"DisplayDocTitle": pdfdoc.PDFtrue})
    pen = _Pen(fonts, prefer_cyrillic)
    resources = pdfdoc.PDFDictionary({"Font": pdfdoc.PDFObjectReference(pdfdoc.BasicFonts)})
    pages = []
    for shapes in drawing.pages:
        content = pen.page(shapes)
        document.updateSignature(content)
        page = pdfdoc.PDFPage()
        page.MediaBox = _MEDIA_BOX
        page.Resources = resources
        page.Contents = deflated_stream(zlib.compress(content, _LEVEL))
        document.addPage(page)
        pages.append(page)
    pen.add_fonts(document)
    if pen.images:
        pictures = {name: _picture_object(document, image) for name, image in sorted(pen.images.items())}
        resources["XObject"] = pdfdoc.PDFDictionary(pictures)
    if drawing.bookmarks:
        catalog.Outlines = _outline_object(document, drawing.bookmarks, pages)
        catalog.setPageMode("UseOutlines")
        document.Outlines = _OutlineAsItIs()  # type: ignore[assignment]  # all that is asked of it
    if archive is not None:
        add_archive(document, drawing, archive)
    return bytes(document.GetPDFData(None))


def _telling(drawing: Drawing) -> Drawing:
    """What the document says of itself, without characters that no file can hold: a lone surrogate has no UTF-8."""
    title, author, subject = map(for_page, (drawing.title, drawing.author, drawing.subject))
    return replace(drawing, title=title, author=author, subject=subject)


class _OutlineAsItIs:
    """Keeps reportlab from putting its own, empty outline in place of ours."""

    ready = 1

    def prepare(self, *_: object) -> None:
        """Nothing is left to do."""


def _picture_object(document: pdfdoc.PDFDocument, image: Image) -> Any:
    document.updateSignature(image.name)
    entries: dict[str, Any] = {"ColorSpace": f"/{image.space}"}
    if image.mask is not None:
        mask = _picture_stream(image, "FlateDecode", image.mask, {"ColorSpace": "/DeviceGray"})
        entries["SMask"] = refer(document, mask, f"{image.name}-mask")
    return refer(document, _picture_stream(image, image.coding, image.data, entries), image.name)


def _picture_stream(image: Image, coding: str, data: bytes, entries: dict[str, Any]) -> pdfdoc.PDFStream:
    measures = {"Width": image.width, "Height": image.height, "BitsPerComponent": 8}
    fixed = {"Type": "/XObject", "Subtype": "/Image", "Filter": f"/{coding}"}
    return Bare(pdfdoc.PDFDictionary({**fixed, **measures, **entries}), data)


def _outline_object(document: pdfdoc.PDFDocument, bookmarks: Sequence[Bookmark], pages: list[Any]) -> Any:
    """The outline: one level of entries, linked to each other as ISO 32000-1, 12.3.3 has it."""
    root = pdfdoc.PDFDictionary({"Type": "/Outlines", "Count": len(bookmarks)})
    parent = refer(document, root, "outline")
    entries = [pdfdoc.PDFDictionary({"Title": pdfdoc.PDFString(mark.title), "Parent": parent}) for mark in bookmarks]
    links = [refer(document, entry, f"bookmark-{i}") for i, entry in enumerate(entries)]
    for i, (entry, mark) in enumerate(zip(entries, bookmarks, strict=True)):
        target = refer(document, pages[mark.page])
        height = f"{PAGE_HEIGHT - mark.y:.2f}"
        entry["Dest"] = pdfdoc.PDFArray([target, pdfdoc.PDFName("XYZ"), 0, height, 0])
        if i:
            entry["Prev"] = links[i - 1]
        if i < len(links) - 1:
            entry["Next"] = links[i + 1]
    root["First"], root["Last"] = links[0], links[-1]
    return root


class _Pen:
    """Turns shapes into operators and remembers which subsets the document uses."""

    def __init__(self, fonts: FontSet, prefer_cyrillic: bool) -> None:
        self._faces = (fonts.regular, fonts.semibold)
        first = (1, 0) if prefer_cyrillic else (0, 1)
        self._order = tuple((*first, *range(2, len(face.subsets))) for face in self._faces)
        self._codes = tuple(tuple(_codes_of(subset.characters) for subset in face.subsets) for face in self._faces)
        self._maps = tuple(
            _map_of(face.subsets[order[0]].characters) for face, order in zip(self._faces, self._order, strict=True)
        )
        self._used: set[tuple[int, int]] = set()
        self.images: dict[str, Image] = {}

    def page(self, shapes: Sequence[Shape]) -> bytes:
        """The content stream of one page."""
        operators: list[str] = []
        colour: Colour | None = None
        in_text = False
        font = ""
        for shape in shapes:
            if isinstance(shape, Text) is not in_text:
                in_text = not in_text
                operators.append("BT" if in_text else "ET")
            if isinstance(shape, Picture):
                self.images[shape.image.name] = shape.image
                operators.append(_picture(shape))
                continue
            if shape.colour != colour:
                colour = shape.colour
                operators.append(f"{colour.red:.3g} {colour.green:.3g} {colour.blue:.3g} rg")
            if isinstance(shape, Text):
                operators.append(_position(shape))
                for name, codes in self._runs(shape.content, shape.weight):
                    wanted = f"/{name} {shape.size:g} Tf"
                    if wanted != font:
                        font = wanted
                        operators.append(font)
                    operators.append(f"<{codes.hex()}> Tj")
            elif isinstance(shape, Box):
                y = PAGE_HEIGHT - shape.y - shape.height
                operators.append(f"{shape.x:.2f} {y:.2f} {shape.width:.2f} {shape.height:.2f} re f")
            else:
                operators.append(_cells(shape))
        if in_text:
            operators.append("ET")
        return "\n".join(operators).encode("ascii")

    def add_fonts(self, document: pdfdoc.PDFDocument) -> None:
        """Adds the subsets that were used, in a fixed order."""
        resources = document.idToObject[pdfdoc.BasicFonts]
        assert isinstance(resources, pdfdoc.PDFDictionary)
        for weight, number in sorted(self._used):
            name = _resource(weight, number)
            resources[name] = font_object(document, self._faces[weight], number, name)

    def _runs(self, content: str, weight: int) -> list[tuple[str, bytes]]:
        """The text cut into runs of one subset each: name of the font, bytes to show."""
        preferred = self._order[weight][0]
        try:
            codes, _ = codecs.charmap_encode(content, "strict", self._maps[weight])
        except UnicodeEncodeError:
            return self._mixed_runs(content, weight)
        self._used.add((weight, preferred))
        return [(_resource(weight, preferred), codes)]

    def _mixed_runs(self, content: str, weight: int) -> list[tuple[str, bytes]]:
        tables = self._codes[weight]
        runs: list[tuple[int, bytearray]] = []
        for character in content:
            if not runs or character not in tables[runs[-1][0]]:
                number = next(number for number in self._order[weight] if character in tables[number])
                runs.append((number, bytearray()))
            runs[-1][1].append(tables[runs[-1][0]][character])
        self._used.update((weight, number) for number, _ in runs)
        return [(_resource(weight, number), bytes(codes)) for number, codes in runs]


def _position(text: Text) -> str:
    y = PAGE_HEIGHT - text.y
    if not text.angle:
        return f"1 0 0 1 {text.x:.2f} {y:.2f} Tm"
    turn = math.radians(text.angle)
    sine, cosine = math.sin(turn), math.cos(turn)
    return f"{cosine:.5f} {sine:.5f} {-sine:.5f} {cosine:.5f} {text.x:.2f} {y:.2f} Tm"


def _picture(shape: Picture) -> str:
    y = PAGE_HEIGHT - shape.y - shape.height
    return f"q {shape.width:.2f} 0 0 {shape.height:.2f} {shape.x:.2f} {y:.2f} cm /{shape.image.name} Do Q"


def _cells(shape: Cells) -> str:
    """One path in units of its own, so that cells that touch are filled without a seam between them."""
    unit = f"{shape.unit:.5f}"
    at = f"q {unit} 0 0 -{unit} {shape.x:.3f} {PAGE_HEIGHT - shape.y:.3f} cm"
    numbers = tuple(chain.from_iterable(shape.cells))
    if float in map(type, numbers):  # a code has whole ones, and many
        numbers = tuple(round(number, 3) for number in numbers)
    return at + "\n%s %s %s %s re" * len(shape.cells) % numbers + "\nf Q"


def _resource(weight: int, number: int) -> str:
    return f"F{weight}{number}"


@lru_cache(maxsize=64)
def _codes_of(characters: str) -> dict[str, int]:
    """Character -> byte, for the characters of one subset."""
    return {character: byte for byte, character in enumerate(characters) if byte}


@lru_cache(maxsize=64)
def _map_of(characters: str) -> Any:
    """The same for the standard library's encoder, which takes a whole text at once."""
    return codecs.charmap_build(characters.ljust(256, "\ufffe"))
