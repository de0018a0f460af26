"""The Swiss QR-bill: what its two parts say, where they stand, that the code on the page is read."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from studio_invoices import fonts
from studio_invoices.model import Invoice, Party
from studio_invoices.payment_codes import PaymentCode, payment_code
from studio_invoices.pdf import draw, render_pdf
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.shapes import PAGE_HEIGHT, PAGE_WIDTH, Box, Cells, Shape, Text
from studio_invoices.pdf.style import MM
from studio_invoices.pdf.swiss import bill_of
from studio_support.testing.documents import BANK, sample_swiss

TOP = PAGE_HEIGHT - 105 * MM


def slip_of(invoice: Invoice) -> tuple[Shape, ...]:
    return draw(invoice).pages[-1]


def texts_right_of(page: tuple[Shape, ...], left_mm: float, right_mm: float) -> list[str]:
    return [
        shape.content
        for shape in page
        if isinstance(shape, Text) and shape.y > TOP and left_mm * MM - 1 < shape.x < right_mm * MM
    ]


def test_both_parts_say_what_the_code_says() -> None:
    """Account in fours, QR reference in fives from the right, amount with a point, addresses of both."""
    page = slip_of(sample_swiss())
    account = [
        "CH44\u00a03199\u00a09123\u00a00008\u00a08901\u00a02",
        "Atelier Rhône SA",
        "Rue du Midi 12",
        "1003 Lausanne",
    ]
    reference = "21\u00a000000\u00a000003\u00a013947\u00a014300\u00a009017"
    payer = ["Confiserie du Lac Sàrl", "Quai du Mont-Blanc 7", "1201 Genève"]
    assert texts_right_of(page, 5, 60) == [
        *("Récépissé", "Compte / Payable à", *account, "Référence", reference, "Payable par", *payer),
        *("Monnaie", "CHF", "Montant", "689.14", "Point de dépôt"),
    ]
    assert texts_right_of(page, 67, 110) == ["Section paiement", "Monnaie", "CHF", "Montant", "689.14"]
    assert texts_right_of(page, 118, 205) == [
        *("Compte / Payable à", *account, "Référence", reference),
        *("Informations supplémentaires", "Facture 2026-0117 du 30.11.2026", "Payable par", *payer),
    ]


def test_the_code_is_read_from_the_page() -> None:
    """Under its cross, at 200 dots an inch."""
    invoice = sample_swiss()
    document = pypdfium2.PdfDocument(render_pdf(invoice))
    picture = document[len(document) - 1].render(scale=200 / 72).to_pil()
    code = payment_code(invoice)
    assert isinstance(code, PaymentCode)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code.payload]


def test_the_code_is_46_mm_wide_at_its_place() -> None:
    """67 mm from the left, 17 mm below the upper edge; no second code in the payment box."""
    pages = draw(sample_swiss()).pages
    (cells,) = [shape for page in pages for shape in page if isinstance(shape, Cells)]
    assert (cells.x / MM, (cells.y - TOP) / MM) == pytest.approx((67, 17))
    assert max(x + width for x, _, width, _ in cells.cells) * cells.unit / MM == pytest.approx(46)
    assert cells in pages[-1]


def test_everything_stands_inside_its_part() -> None:
    """At least 5 mm from each edge; long names are broken."""
    long = "Gesellschaft mit einem Namen von siebzig Zeichen, nicht mehr und weniger"[:70]
    invoice = sample_swiss()
    seller = replace(invoice.seller, name=long, city="Schwarzenbach an der Saale am Berg")
    page = slip_of(replace(invoice, seller=seller, buyer=replace(seller, name=long[::-1]), purpose="w" * 140))
    ruler = Ruler(fonts.load())
    for shape in page:
        if isinstance(shape, Text) and shape.y > TOP:
            right = shape.x + ruler.width(shape.content, shape.size, shape.weight)
            assert right <= (57.01 if shape.x < 60 * MM else 205.01) * MM, shape.content
            assert shape.y < PAGE_HEIGHT - 5 * MM


def test_an_unknown_payer_gets_a_field_to_write_into() -> None:
    """65 x 25 mm in the payment part, 52 x 20 mm in the receipt, its corners marked."""
    page = slip_of(replace(sample_swiss("de-CH"), buyer=Party("Kunde", ("Weg 1",), "CH")))
    assert texts_right_of(page, 118, 205)[-1] == "Zahlbar durch (Name/Adresse)"
    corners = [
        shape for shape in page if isinstance(shape, Box) and shape.y > TOP + 30 and 0.75 in (shape.width, shape.height)
    ]
    assert len(corners) == 16
    part = [box for box in corners if box.x > 100 * MM]
    across = max(box.x + box.width for box in part) - min(box.x for box in part)
    down = max(box.y + box.height for box in part) - min(box.y for box in part)
    assert (across / MM, down / MM) == pytest.approx((65, 25))


@pytest.mark.parametrize(
    ("language", "title"),
    [("de", "Zahlteil"), ("it", "Sezione pagamento"), ("en", "Payment part"), ("pl", "Payment part")],
)
def test_the_four_languages_of_the_guide(language: str, title: str) -> None:
    """English where the invoice is in another."""
    assert texts_right_of(slip_of(sample_swiss(language)), 67, 110)[0] == title


def test_references_and_addresses_abroad() -> None:
    """A creditor reference in fours; another country before the postcode; none of either leaves no line."""
    lines = ["SPC", "0200", "1", "CH9300762011623852957", "S", "Büro", "", "", "79098", "Freiburg", "DE", *[""] * 7]
    lines += ["1234567.05", "EUR", *[""] * 7, "SCOR", "RF18539007547034", "", "EPD"]
    bill = bill_of("\n".join(lines))
    assert bill.account == ("CH93\u00a00076\u00a02011\u00a06238\u00a05295\u00a07", "Büro", "DE-79098 Freiburg")
    assert (bill.reference, bill.amount, bill.payer) == (
        "RF18\u00a05390\u00a00754\u00a07034",
        "1\u00a0234\u00a0567.05",
        (),
    )


def test_the_line_to_tear_along_is_the_whole_page_wide() -> None:
    """And its words stand above it, in the middle."""
    page = slip_of(sample_swiss())
    assert Box(0, TOP, PAGE_WIDTH, 0.5, (0, 0, 0)) in page  # type: ignore[arg-type]  # a colour is a tuple
    (words,) = [shape for shape in page if isinstance(shape, Text) and shape.content == "A détacher avant le versement"]
    assert TOP - 10 < words.y < TOP


def test_other_accounts_have_no_slip() -> None:
    """An invoice in euros to a German account ends with its own pages."""
    assert len(draw(replace(sample_swiss(), bank=BANK)).pages) == 1
