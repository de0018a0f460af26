"""The invoice as a PDF file: one layout step makes a display list of plain values, a painter draws it."""

from __future__ import annotations

from pathlib import Path

from studio_invoices import fonts
from studio_invoices.model import Invoice
from studio_invoices.pdf.document import lay_out
from studio_invoices.pdf.painter import paint
from studio_invoices.sheet import sheet_of


def render_pdf(invoice: Invoice, *, watermark: str | None = None, cache_dir: Path | None = None) -> bytes:
    """The A4 file of an invoice; the same invoice gives the same bytes, in any process.

    watermark: drawn across each page; a draft (number None) has its own where none is given.
    cache_dir: where the prepared fonts are kept; the user's cache directory by default.
    A character that the fonts lack is drawn as a visible substitute; `studio_invoices.check` finds such
    characters before an invoice is issued.
    """
    font_set = fonts.load(cache_dir)
    sheet = sheet_of(invoice)
    drawing = lay_out(invoice, sheet, font_set, watermark or sheet.draft_mark)
    return paint(drawing, font_set, prefer_cyrillic=sheet.language.startswith("ru"))
