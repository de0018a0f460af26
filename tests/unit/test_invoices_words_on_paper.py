"""Every layout, every language: the text of the file, read by another program, is the model's, in its order."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest
from pypdf import PdfReader

from studio_invoices import fonts
from studio_invoices.model import Invoice
from studio_invoices.pdf import draw, render_pdf
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.shapes import Text
from studio_invoices.sheet import sheet_of
from studio_support.testing.document_words import LANGUAGES
from studio_support.testing.documents import sample_credit, sample_invoice, sample_prices, sample_time_sheet

DOCUMENTS = {
    "invoice": lambda language: (sample_invoice(language, 12), "invoice"),
    "draft": lambda language: (sample_invoice(language, 3, number=None), "invoice"),
    "cancellation": lambda language: (sample_invoice(language, 3, "cancellation", corrects="2026-0100"), "invoice"),
    "credit": lambda language: (sample_credit(language), "invoice"),
    "timesheet": lambda language: (sample_time_sheet(language), "timesheet"),
    "prices": lambda language: (sample_prices(language), "prices"),
}


def squeezed(text: str) -> str:
    """Without plain spaces and line breaks, which layout may add; all other characters stay."""
    return re.sub("[ \r\n]", "", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_text_of_the_file_is_what_was_laid_out(name: str, language: str) -> None:
    """Character by character and in order, by two readers: no letter of any language is lost or taken for another."""
    document, kind = DOCUMENTS[name](language)
    drawing = draw(document, kind)  # type: ignore[arg-type]  # one of the kinds
    content = render_pdf(document, kind)  # type: ignore[arg-type]  # likewise
    expected = [squeezed("".join(s.content for s in page if isinstance(s, Text))) for page in drawing.pages]
    by_pypdf = [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages]
    opened = pypdfium2.PdfDocument(content)
    by_pdfium = [squeezed(page.get_textpage().get_text_range()) for page in opened]
    for wanted, one, other in zip(expected, by_pypdf, by_pdfium, strict=True):
        assert one == wanted
        assert sorted(other) == sorted(wanted)  # in an order of its own


def words_of(invoice: Invoice) -> list[str]:
    sheet = sheet_of(invoice)
    rows = [row for section in sheet.sections for project in section.projects for row in project.rows]
    payment = () if sheet.payment is None else (sheet.payment.sentence, *(p for r in sheet.payment.rows for p in r))
    return [
        sheet.title,
        *sheet.statements,
        sheet.seller_name,
        *sheet.seller_address,
        *sheet.seller_contact,
        *sheet.seller_legal,
        sheet.buyer_name,
        *sheet.buyer_address,
        *(part for pair in (*sheet.meta, *sheet.seller_numbers) for part in pair),
        *sheet.columns,
        *(f"{item.label}{item.amount}" for item in (*sheet.sums, sheet.grand_total)),
        sheet.grand_total.note,
        *payment,
        *sheet.notes,
        *sheet.small_print,
        *(part for row in rows for part in (row.title, *row.details, row.time, row.rate, row.amount)),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("make", [sample_invoice, sample_credit])
def test_every_word_of_the_model_is_laid_out(make: object, language: str) -> None:
    """Nothing of the words is forgotten by the layout."""
    invoice = make(language)  # type: ignore[operator]  # one of two functions
    laid_out = squeezed("".join(s.content for page in draw(invoice).pages for s in page if isinstance(s, Text)))
    ruler = Ruler(fonts.load())
    for word in words_of(invoice):
        assert squeezed(ruler.drawable(word)) in laid_out, word
