"""Documents as PDF files: one layout step makes a display list of plain values, a painter draws it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio_invoices.annexes import TimeSheet
from studio_invoices.look import PLAIN, Look
from studio_invoices.pdf.archive import Archive
from studio_invoices.pdf.kit import Kit, kit_for
from studio_invoices.pdf.layouts import Kind, layout_for
from studio_invoices.pdf.pages import joined
from studio_invoices.pdf.painter import paint
from studio_invoices.pdf.shapes import Drawing


def draw(
    document: Any,
    kind: Kind = "invoice",
    *,
    look: Look = PLAIN,
    watermark: str | None = None,
    cache_dir: Path | None = None,
    time_sheet: TimeSheet | None = None,
    payable: bool = True,
) -> Drawing:
    """The display list of a document; `render_pdf` without the painting."""
    kit = kit_for(look, cache_dir=cache_dir, watermark=watermark or "", payable=payable)
    return _drawn(document, kind, look, kit, time_sheet)


def _drawn(document: Any, kind: Kind, look: Look, kit: Kit, time_sheet: TimeSheet | None) -> Drawing:
    drawing = layout_for(document, kind, look)(document, kit)
    if time_sheet is None:
        return drawing
    return joined(drawing, layout_for(time_sheet, "timesheet", look)(time_sheet, kit))


def render_pdf(
    document: Any,
    kind: Kind = "invoice",
    *,
    look: Look = PLAIN,
    watermark: str | None = None,
    cache_dir: Path | None = None,
    archive: Archive | None = None,
    time_sheet: TimeSheet | None = None,
    payable: bool = True,
) -> bytes:
    """The A4 file of a document; the same document gives the same bytes, in any process.

    document, kind: an Invoice ("invoice", also cancellations and credit notes), an Act ("act"), a TimeSheet
    ("timesheet") or a PriceList ("prices").
    watermark: drawn across each page; a draft (number None) has its own where none is given.
    cache_dir: where the prepared fonts are kept; the user's cache directory by default.
    time_sheet: its pages follow those of the document.
    payable: False for what is not to be paid any more: it has no code to pay it by.
    archive: makes it PDF/A-3, with the files that it bears.
    Raises LookUnusable where a file of the look cannot be used. A character that the fonts lack is drawn as a
    visible substitute; `studio_invoices.check` finds such characters before an invoice is issued.
    """
    kit = kit_for(look, cache_dir=cache_dir, watermark=watermark or "", payable=payable)
    drawing = _drawn(document, kind, look, kit, time_sheet)
    return paint(drawing, kit.fonts, prefer_cyrillic=drawing.language.split("-")[0] in ("ru", "uk"), archive=archive)
