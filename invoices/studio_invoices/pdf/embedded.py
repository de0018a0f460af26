"""Fonts and contents as they stand in the file: made into bytes once, shared between documents.

The ready-made subsets of `studio_invoices.fontface` are the same in all documents but for the numbers of objects, so
the writer is handed finished text with places for those (reportlab would spell out each entry again per document).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from reportlab.pdfbase import pdfdoc

from studio_invoices.fontface import Face, Subset

_SYMBOLIC = 4


class Written(pdfdoc.PDFObject):
    """An object that is bytes already; a `%b` for each object that it refers to, if there are any."""

    def __init__(self, written: bytes, *references: Any) -> None:
        self._written = written
        self._references = references

    def format(self, document: pdfdoc.PDFDocument) -> bytes:
        """What stands in the file."""
        if not self._references:
            return self._written
        return self._written % tuple(reference.format(document) for reference in self._references)


def deflated_stream(deflated: bytes, entries: str = "") -> Written:
    """A stream object of what is deflated already."""
    return Written(_stream(deflated, entries))


def _stream(deflated: bytes, entries: str = "") -> bytes:
    """/Length does not count the end of line before `endstream`, and that is CR LF, for the reasons told at
    `studio_invoices.pdf.archive.Bare`."""
    head = f"<< /Filter /FlateDecode{entries} /Length {len(deflated)} >>\nstream\n".encode("ascii")
    return head + deflated + b"\r\nendstream\n"


def font_object(document: pdfdoc.PDFDocument, face: Face, number: int, name: str) -> Any:
    """A reference to one subset as a font of the document, all that belongs to it added."""
    program, to_unicode, descriptor, font = _font(face.subsets[number], number, name)
    described = refer(document, Written(descriptor, refer(document, Written(program))))
    return refer(document, Written(font, described, refer(document, Written(to_unicode))), name)


def refer(document: pdfdoc.PDFDocument, value: pdfdoc.PDFObject, name: str | None = None) -> Any:
    """A reference to an object, which becomes part of the document."""
    return document.Reference(value, name)  # type: ignore[no-untyped-call]  # untyped in reportlab's stubs


@lru_cache(maxsize=256)
def _font(subset: Subset, number: int, name: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Font program, map to Unicode, descriptor and font dictionary; the last two want references."""
    metrics = subset.metrics
    tagged = f"SUPP{_letter(17 + number // 26)}{_letter(number % 26)}+{metrics.name}"
    box = " ".join(map(str, metrics.bounding_box))
    descriptor = (
        f"<< /Type /FontDescriptor /FontName /{tagged} /Flags {_SYMBOLIC} /FontBBox [{box}] /Ascent {metrics.ascent}"
        f" /Descent {metrics.descent} /CapHeight {metrics.cap_height} /ItalicAngle 0 /StemV {metrics.stem_v}"
        f" /FontFile2 %b >>\n"
    )
    font = (
        f"<< /Type /Font /Subtype /TrueType /Name /{name} /BaseFont /{tagged} /FirstChar 1"
        f" /LastChar {len(subset.characters) - 1} /Widths {subset.widths} /FontDescriptor %b /ToUnicode %b >>\n"
    )
    program = _stream(subset.program, f" /Length1 {subset.program_length}")
    return program, _stream(subset.to_unicode), descriptor.encode("ascii"), font.encode("ascii")


def _letter(number: int) -> str:
    return chr(ord("A") + number)
