"""What makes a painted document an archived one, PDF/A-3 (ISO 19005-3): metadata as XMP, the meaning of its colours,
and files carried along with what they are to the document.

The painter calls `add_archive` where it is given an `Archive`; it does the rest of PDF/A anyway: fonts embedded,
colours of one device, nothing encrypted, an ID made from the content.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Any, Literal

from reportlab.pdfbase import pdfdoc

from studio_invoices.pdf.icc import srgb_profile
from studio_invoices.pdf.shapes import Drawing
from studio_invoices.pdf.xmp import Extension, packet

_PART, _CONFORMANCE = 3, "U"  # U: as B, and all text can be read as Unicode
_VERSION = (1, 7)
_LEVEL = 6

Relationship = Literal["Alternative", "Data", "Source", "Supplement", "Unspecified"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF. mime_type: such as text/xml; relationship: what it is to the pages."""

    name: str
    data: bytes
    mime_type: str
    description: str
    relationship: Relationship = "Alternative"


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archived document bears besides its pages. extension: metadata of a schema of its own."""

    attachments: tuple[Attachment, ...] = ()
    extension: Extension | None = None


class Bare(pdfdoc.PDFStream):
    """A stream as it is given: what is compressed says so itself, and /Length does not count the end of line before
    `endstream` (ISO 19005-3, 6.1.7.1). That is CR LF: a single LF after data that happens to end in CR would be read
    as one end of line, a byte too long."""

    def format(self, document: pdfdoc.PDFDocument) -> bytes:
        entries = pdfdoc.PDFDictionary({**self.dictionary.dict, "Length": len(self.content)})
        head: bytes = pdfdoc.format(entries, document)
        return head + b"\nstream\n" + bytes(self.content) + b"\r\nendstream\n"


def add_archive(document: pdfdoc.PDFDocument, drawing: Drawing, archive: Archive) -> None:
    """Adds all of it to a document that is not written yet; to be called once."""
    unlisted: Any = document  # reportlab's stubs know neither of the two
    unlisted._pdfVersion = _VERSION
    catalog = unlisted.Catalog
    catalog.__NoDefault__ = [*catalog.__NoDefault__, "AF", "OutputIntents"]
    metadata = packet(drawing, _PART, _CONFORMANCE, archive.extension)
    document.updateSignature(metadata)
    catalog.Metadata = Bare(_entries(Type="/Metadata", Subtype="/XML"), metadata)
    catalog.OutputIntents = pdfdoc.PDFArray([_output_intent(document)])
    if archive.attachments:
        files = {file.name: _file(document, drawing, file) for file in archive.attachments}
        catalog.AF = pdfdoc.PDFArray(list(files.values()))
        names = [part for name in sorted(files) for part in (pdfdoc.PDFString(name), files[name])]
        catalog.Names = pdfdoc.PDFDictionary({"EmbeddedFiles": _entries(Names=pdfdoc.PDFArray(names))})


def _entries(**entries: Any) -> pdfdoc.PDFDictionary:
    return pdfdoc.PDFDictionary(entries)


def _refer(document: pdfdoc.PDFDocument, value: Any, name: str) -> Any:
    return document.Reference(value, name)  # type: ignore[no-untyped-call]  # untyped in reportlab's stubs


def _deflated(data: bytes, **entries: Any) -> Bare:
    return Bare(_entries(Filter="/FlateDecode", **entries), zlib.compress(data, _LEVEL))


def _output_intent(document: pdfdoc.PDFDocument) -> pdfdoc.PDFDictionary:
    profile = _refer(document, _deflated(srgb_profile(), N=3), "srgb-profile")
    return _entries(
        Type="/OutputIntent",
        S="/GTS_PDFA1",
        OutputConditionIdentifier=pdfdoc.PDFString("sRGB"),
        Info=pdfdoc.PDFString("sRGB IEC61966-2.1"),
        DestOutputProfile=profile,
    )


def _file(document: pdfdoc.PDFDocument, drawing: Drawing, file: Attachment) -> Any:
    document.updateSignature(file.data)
    stamp = pdfdoc.PDFString(f"D:{drawing.made_on:%Y%m%d}000000Z")
    checksum = f"<{hashlib.md5(file.data, usedforsecurity=False).hexdigest()}>"
    params = _entries(Size=len(file.data), ModDate=stamp, CheckSum=checksum)
    kind = "/" + file.mime_type.replace("/", "#2F")
    stream = _refer(document, _deflated(file.data, Type="/EmbeddedFile", Subtype=kind, Params=params), file.name)
    return _refer(
        document,
        _entries(
            Type="/Filespec",
            F=pdfdoc.PDFString(file.name),
            UF=pdfdoc.PDFString(file.name),
            Desc=pdfdoc.PDFString(file.description),
            AFRelationship=f"/{file.relationship}",
            EF=_entries(F=stream, UF=stream),
        ),
        f"{file.name}-specification",
    )
