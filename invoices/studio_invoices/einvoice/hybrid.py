"""Factur-X 1.0, which is ZUGFeRD 2: the invoice as people read it, PDF/A-3, with the same invoice as CII inside.

Profile EN 16931; the file is called factur-x.xml and is an alternative of the pages (AFRelationship), as Germany asks.
Both are made of one Invoice, so that they cannot differ.
"""

from __future__ import annotations

from pathlib import Path

from studio_invoices.einvoice.profiles import to_xml
from studio_invoices.look import PLAIN, Look
from studio_invoices.model import Invoice
from studio_invoices.pdf import render_pdf
from studio_invoices.pdf.archive import Archive, Attachment
from studio_invoices.pdf.xmp import Extension, Property

XML_NAME = "factur-x.xml"
_LEVEL = "EN 16931"
EXTENSION = Extension(
    title="Factur-X PDFA Extension Schema",
    namespace="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
    prefix="fx",
    properties=(
        Property("DocumentFileName", XML_NAME, "The name of the embedded XML document"),
        Property("DocumentType", "INVOICE", "The type of the hybrid document in capital letters"),
        Property("Version", "1.0", "The actual version of the standard applying to the embedded XML document"),
        Property("ConformanceLevel", _LEVEL, "The conformance level of the embedded XML document"),
    ),
)


def archive_for(invoice: Invoice) -> Archive:
    """What makes the PDF of an invoice a Factur-X file: hand it to `render_pdf`."""
    xml = Attachment(XML_NAME, to_xml(invoice, "cii", "facturx"), "text/xml", "Factur-X", "Alternative")
    return Archive((xml,), EXTENSION)


def render_facturx(
    invoice: Invoice, *, look: Look = PLAIN, watermark: str | None = None, cache_dir: Path | None = None
) -> bytes:
    """The hybrid file; the same invoice gives the same bytes. Arguments are those of `render_pdf`."""
    return render_pdf(invoice, look=look, watermark=watermark, cache_dir=cache_dir, archive=archive_for(invoice))
