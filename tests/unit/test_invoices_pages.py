"""Pages of an invoice: what stays together, what is repeated, how one finds one's way in a long one."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from studio_invoices import fonts
from studio_invoices.model import BankAccount, Invoice, Party
from studio_invoices.pdf import draw, render_pdf, style
from studio_invoices.pdf.codes import code_of
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.shapes import PAGE_HEIGHT, Box, Cells, Shape, Text
from studio_invoices.wording import cancelled_mark
from studio_support.testing.documents import sample_invoice, sample_russian, sample_swiss

Make = Callable[..., Invoice]
RICH = Party(
    "Webwerk Studio GmbH",
    ("Lindenallee 12",),
    "DE",
    vat_id="DE136695976",
    tax_number="41/123/45678",
    email="rechnung@webwerk.example",
    postcode="20259",
    city="Hamburg",
    contact_name="Anna Petersen",
    contact_phone="+49 40 5550 1234",
    registration="HRB 123456, Amtsgericht Hamburg",
    director="Anna Petersen, Jan Brandt",
    website="webwerk.example",
)


def texts(shapes: Sequence[Shape]) -> list[str]:
    return [shape.content for shape in shapes if isinstance(shape, Text)]


def pages_of(invoice: Invoice) -> list[list[str]]:
    return [texts(page) for page in draw(invoice).pages]


def many(count: int, **values: Any) -> list[dict[str, Any]]:
    return [{"minutes": 10 + i % 90, "title": f"Task number {i + 1}", **values} for i in range(count)]


@pytest.mark.parametrize("notes", [(), ("Thank you.",), ("Thank you. " * 60,)])
def test_the_total_stands_below_two_lines_and_payment_with_it_or_after_it(
    invoice_of: Make, notes: tuple[str, ...]
) -> None:
    """For every number of lines up to 45. Payment that has no room is on the next page, the last one if notes are
    short, without lines or column heads; the total's page then ends with the total, not with a sum carried over."""
    parted = []
    for count in range(1, 46):
        pages = pages_of(invoice_of(many(count), notes=notes, seller=RICH))
        lines = [sum(text.startswith("Task number") for text in page) for page in pages]
        (summed,) = [i for i, page in enumerate(pages) if "Total due" in page]
        (paid,) = [i for i, page in enumerate(pages) if "Payment" in page]
        assert sum(lines) == count
        assert lines[summed] >= min(count, 2), count
        assert lines[0] >= min(count, 2)  # the first page is not left to the address
        assert sum(lines[summed + 1 :]) == 0
        assert not any(text.startswith("Carried forward") for text in pages[summed])
        if paid != summed:
            parted.append(count)
            assert paid == summed + 1
            assert "Rate per hour" not in pages[paid]
            assert "Invoice 2026-0117" in pages[paid]  # the running head
        if len(notes) == 0 or len(notes[0]) < 100:
            assert paid == len(pages) - 1, count
            assert all(text in pages[paid] for text in notes)
    assert parted
    assert not {1, 2, 3} & set(parted)


def test_six_lines_and_their_total_stay_on_the_first_page() -> None:
    """Payment alone has no room there: it follows with the notes, and no sum is carried over."""
    first, second = pages_of(sample_invoice("de", 6))
    assert "Gesamtbetrag" in first
    assert [text for text in first if text in ("1", "2", "3", "4", "5", "6")] == ["1", "2", "3", "4", "5", "6"]
    assert "Übertrag" not in first + second
    assert "Zahlung" in second
    assert any(text.startswith("Vielen Dank") for text in second)


def test_long_notes_may_have_a_page_of_their_own(invoice_of: Make) -> None:
    """Rather than that the table leaves the first page; all of them are there."""
    note = " ".join(f"word{i}" for i in range(2000))
    pages = pages_of(invoice_of(many(3), notes=(note,)))
    assert len(pages) > 2
    assert [word for page in pages for text in page for word in text.split() if word.startswith("word")] == note.split()


def test_a_statement_longer_than_a_page_ends(invoice_of: Make) -> None:
    """What cannot stay together is broken; the lines still come."""
    invoice = invoice_of(many(2), kind="credit_note", corrects="2026-0001", reason="reason " * 1500)
    pages = pages_of(invoice)
    assert sum(text.startswith("Task number") for page in pages for text in page) == 2


@pytest.mark.parametrize("kind", ["cancellation", "credit_note"])
def test_what_takes_back_has_the_same_layout(invoice_of: Make, kind: str) -> None:
    """Its statement below the title, no payment box; a credited line names the line that it takes back."""
    lines = [{"minutes": 30, "credits_line": 7 if kind == "credit_note" else None}]
    values = {"corrects": "2026-0100", "corrects_date": date(2026, 10, 31), "reason": "Booked twice."}
    (page,) = pages_of(invoice_of(lines, kind=kind, number="2026-0118", due_date=None, **values))
    assert "Payment" not in page
    assert "Reason: Booked twice." in page
    assert "2026-0100" in page
    joined = " ".join(page)
    assert ("line 7 of the invoice" in joined) is (kind == "credit_note")
    assert ("Total credited" in page) is (kind == "credit_note")
    assert ("Total taken back" in page) is (kind == "cancellation")
    assert "€56.53" in page  # 47.50 + 19 %: 9.025 -> 9.03


def test_whom_to_ask_and_what_the_law_wants_are_printed(invoice_of: Make) -> None:
    """Contact above the dates; register, directors and numbers in the foot of every page."""
    first, *later = pages_of(invoice_of(many(40), seller=RICH))
    assert later
    for text in ("Anna Petersen", "+49 40 5550 1234", "rechnung@webwerk.example", "webwerk.example"):
        assert text in first
    for page in (first, *later):
        assert "Register HRB 123456, Amtsgericht Hamburg" in page
        assert "Managing director Anna Petersen, Jan Brandt" in page
        assert "Tax number 41/123/45678" in page
        assert "20259 Hamburg" in page


def test_the_law_is_not_said_twice(invoice_of: Make) -> None:
    """Where the studio's own lines name director and register already."""
    own = ("Geschäftsführung: Anna Petersen, Jan Brandt", "HRB 123456, Amtsgericht Hamburg", "Stammkapital 25.000 €")
    (page,) = pages_of(invoice_of(seller=replace(RICH, legal_lines=own, ogrn="1027700132195")))
    foot = [text for text in page if "HRB" in text or "Brandt" in text or "Stamm" in text or "OGRN" in text]
    assert foot == ["OGRN 1027700132195", *own]


def test_a_foot_of_long_lines_stays_inside(invoice_of: Make) -> None:
    """Four columns that want more room than there is: the widest are broken, none overlaps."""
    seller = replace(RICH, name="Gesellschaft mit langem Namen " * 4, legal_lines=("Sehr lange Zeile " * 12,))
    bank = BankAccount("Bank mit langem Namen " * 5, "HASPDEHHXXX", iban="DE89370400440532013000")
    ruler = Ruler(fonts.load())
    for shape in draw(invoice_of(seller=seller, bank=bank)).pages[0]:
        if isinstance(shape, Text):
            assert shape.x + ruler.width(shape.content, shape.size, shape.weight) <= style.RIGHT + 0.01, shape.content
            assert shape.y < PAGE_HEIGHT - 28


def test_a_long_address_pushes_the_title_down(invoice_of: Make) -> None:
    """Ten lines do not fit into the window, but nothing is drawn on top of them."""
    buyer = Party("ACME GmbH", tuple(f"Line {i}" for i in range(14)), "DE")
    page = draw(invoice_of(buyer=buyer)).pages[0]
    placed = {shape.content: shape.y for shape in page if isinstance(shape, Text)}
    assert placed["Invoice 2026-0117"] > placed["Line 13"] + 20


def test_fold_and_punch_marks_are_those_of_din_5008(invoice_of: Make) -> None:
    """105 and 210 mm to fold for form B, 148.5 mm to punch; left of the text, on the first page."""
    first, *later = draw(invoice_of(many(40))).pages
    marks = [shape for shape in first if isinstance(shape, Box) and shape.colour == style.FOLD]
    assert sorted(mark.y / style.MM for mark in marks) == pytest.approx([105, 148.5, 210])
    assert all(mark.x + mark.width < style.LEFT for mark in marks)
    assert not any(isinstance(shape, Box) and shape.colour == style.FOLD for page in later for shape in page)


def test_the_payment_box_holds_a_code(invoice_of: Make) -> None:
    """On white, its four quiet modules inside the white, half a millimetre each; none where there is nothing to pay."""
    page = draw(invoice_of()).pages[0]
    (cells,) = [shape for shape in page if isinstance(shape, Cells)]
    code = code_of(invoice_of())
    assert code is not None
    assert cells.cells == code.cells
    whites = [shape for shape in page if isinstance(shape, Box) and shape.colour == (1, 1, 1)]
    (white,) = whites
    assert white.width == white.height == pytest.approx((code.size + 8) * 0.53 * style.MM, rel=0.01)
    assert cells.x - white.x == pytest.approx(4 * cells.unit)
    assert white.width - 8 * cells.unit == pytest.approx(code.size * cells.unit)
    assert "Scan to pay" in texts(page)
    for other in (invoice_of(bank=BankAccount()), invoice_of(number=None), invoice_of(currency="JPY")):
        assert code_of(other) is None
        assert not any(isinstance(shape, Cells) for shape in draw(other).pages[0])


def test_the_reference_is_to_be_quoted(invoice_of: Make) -> None:
    """A structured reference before a purpose; the holder of the account, where it is another."""
    account = {"iban": "DE89370400440532013000", "bic": "HASPDEHHXXX"}
    page = pages_of(invoice_of(payment_reference="RF18539007547034", purpose="x"))[0]
    assert page[page.index("Reference") + 1] == "RF18\u00a05390\u00a00754\u00a07034"
    page = pages_of(invoice_of(payment_reference="210000000003139471430009017"))[0]
    assert page[page.index("Reference") + 1].split("\u00a0") == ["21", "00000", "00003", "13947", "14300", "09017"]
    page = pages_of(invoice_of(purpose="Website", bank=BankAccount("Bank", holder="Factoring AG", **account)))[0]
    assert page[page.index("Reference") + 1] == "Website"
    assert page[page.index("Payee") + 1] == "Factoring AG"


def test_terms_and_day_of_service_are_printed(invoice_of: Make) -> None:
    """Beside the dates."""
    page = pages_of(invoice_of(payment_terms="14 days net", service_date=date(2026, 11, 20)))[0]
    assert page[page.index("Payment terms") + 1] == "14 days net"
    assert page[page.index("Service date") + 1] == "November 20, 2026"


@pytest.mark.parametrize(("language", "mark"), [("en", "CANCELLED"), ("de", "STORNIERT"), ("uk", "АНУЛЬОВАНО")])
def test_a_cancelled_invoice_bears_its_mark(invoice_of: Make, language: str, mark: str) -> None:
    """On every page, below all else but the ground of the payment box, which would cut it in two."""
    pages = draw(invoice_of(many(40), language=language), watermark=cancelled_mark(language)).pages
    assert len(pages) > 1
    grounds = 0
    for page in pages:
        at = next(i for i, shape in enumerate(page) if isinstance(shape, Text) and shape.angle)
        shape = page[at]
        assert isinstance(shape, Text)
        assert shape.content == mark
        assert all(isinstance(ground, Box) and ground.height > 50 for ground in page[:at])
        grounds += at
    assert grounds == 1


def test_what_is_not_payable_has_no_code(invoice_of: Make) -> None:
    """A copy of what was cancelled: nothing to scan, and no Swiss payment slip. A mark alone leaves the code."""

    def codes(invoice: Invoice, **how: Any) -> int:
        return sum(shape.unit != 1 for page in draw(invoice, **how).pages for shape in page if isinstance(shape, Cells))

    assert codes(invoice_of(), watermark="COPY") == 1
    assert codes(invoice_of(), watermark=cancelled_mark("en"), payable=False) == 0
    assert (codes(sample_russian(4)), codes(sample_russian(4), payable=False)) == (1, 0)
    swiss = sample_swiss()
    assert (len(draw(swiss).pages), len(draw(swiss, payable=False).pages)) == (2, 1)


def test_long_documents_have_an_outline(invoice_of: Make) -> None:
    """An entry a project and one for late time, each leading to its page; three pages need none."""
    lines = [{"project": f"Site {i // 40} «Ж»", **line} for i, line in enumerate(many(120))]
    lines += many(3, heading="earlier months", project="Shop")
    invoice = invoice_of(lines)
    reader = PdfReader(io.BytesIO(render_pdf(invoice)))
    assert len(reader.pages) > 3
    entries = [entry for entry in reader.outline if not isinstance(entry, list)]
    assert [entry.title for entry in entries] == ["Site 0 «Ж»", "Site 1 «Ж»", "Site 2 «Ж»", "Earlier months", "Shop"]
    for entry in entries:
        number = reader.get_destination_page_number(entry)
        assert number is not None
        assert str(entry.title) in reader.pages[number].extract_text()
    assert reader.trailer["/Root"]["/PageMode"] == "/UseOutlines"
    short = PdfReader(io.BytesIO(render_pdf(invoice_of(many(40)))))
    assert len(short.pages) <= 3
    assert short.outline == []


def test_forty_characters_without_a_space_are_broken(invoice_of: Make) -> None:
    """In the title of a task, a project, an address, a reference: never past the margin, never lost."""
    word = "Abcdefghij" * 4
    invoice = invoice_of(
        [{"title": word, "project": word, "comments": (word,), "rate_per_hour": Decimal("95")}],
        buyer=Party(word, (word,), "DE"),
        buyer_reference=word,
        notes=(word * 5,),
    )
    ruler = Ruler(fonts.load())
    (page,) = draw(invoice).pages
    for shape in page:
        if isinstance(shape, Text):
            assert shape.x + ruler.width(shape.content, shape.size, shape.weight) <= style.RIGHT + 0.01
    # title of the task, project, subtotal, comment, name, address, reference, and five in the note
    assert "".join(texts(page)).count(word) == 12
