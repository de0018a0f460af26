"""The PDF: real text, the same bytes every time, pages that break well, nothing outside or on top of each other."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from studio_invoices import fonts
from studio_invoices.codec import invoice_to_dict
from studio_invoices.freetext import replace_missing
from studio_invoices.model import BankAccount, Invoice, Party
from studio_invoices.pdf import draw, render_pdf, style
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.painter import paint
from studio_invoices.pdf.shapes import PAGE_HEIGHT, PAGE_WIDTH, Box, Drawing, Text
from studio_invoices.sheet import sheet_of

Make = Callable[..., Invoice]
D = Decimal
LONG = "deadbeef" * 8
URL = "https://example.com/a/very/long/path?with=query&and=more#fragment-of-some-length"


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def squeezed(text: str) -> str:
    """Without plain spaces and line breaks, which layout may add; all other characters stay."""
    return re.sub("[ \n]", "", text)


def drawing_of(invoice: Invoice, watermark: str = "") -> Drawing:
    return draw(invoice, watermark=watermark)


def many(count: int, **values: Any) -> list[dict[str, Any]]:
    return [
        {
            "minutes": 10 + i % 90,
            "project": f"Project {i * 3 // count}",
            "title": f"Task number {i + 1}" + " and some more words about it" * (i % 4),
            "specialist": "Irina Petrova" if i % 3 else None,
            **values,
        }
        for i in range(count)
    ]


@pytest.mark.parametrize("language", ["en", "de", "ru"])
@pytest.mark.parametrize("prices", ["net", "gross"])
def test_every_word_of_the_document_is_text_in_the_file(invoice_of: Make, language: str, prices: str) -> None:
    """Extracted by another program, code point by code point: no-break spaces, signs and Cyrillic included."""
    lines = [
        {"title": "Форма: «ёлка» ґ ї ў — № 7", "project": "Żółć & Größe", "minutes": 30, "booked_minutes": 17},
        {"label": "Goodwill", "comments": ("First – line\nsecond 100 €",)},
        {"heading": "earlier months", "tax_rate": D(7)},
    ]
    invoice = invoice_of(lines, language=language, prices=prices, notes=("Danke!",), rounding_note="In steps.")
    sheet = sheet_of(invoice)
    text = squeezed("".join(pages_of(render_pdf(invoice))))
    assert sheet.payment is not None
    rows = [row for section in sheet.sections for project in section.projects for row in project.rows]
    words = [
        sheet.title,
        sheet.seller_name,
        sheet.buyer_name,
        *sheet.buyer_address,
        *(part for pair in (*sheet.meta, *sheet.payment.rows, *sheet.seller_numbers) for part in pair),
        *sheet.columns,
        *(f"{item.label}{item.amount}" for item in sheet.sums),
        f"{sheet.grand_total.label}{sheet.grand_total.amount}",
        sheet.payment.sentence,
        *sheet.notes,
        *sheet.small_print,
        *(part for row in rows for part in (row.title, *row.details, *row.comments, row.label, row.booked)),
        *(row.rate + row.amount for row in rows),
        *(p.name for section in sheet.sections for p in section.projects),
        *(
            f"{p.subtotal_label}{p.subtotal_time}{p.subtotal_amount}"
            for s in sheet.sections
            for p in s.projects
            if p.subtotal_label
        ),
    ]
    for word in words:
        assert squeezed(word) in text, word


def test_amounts_keep_their_no_break_spaces(invoice_of: Make) -> None:
    """12 345,67 ₽ is one piece with U+00A0, as CLDR has it."""
    invoice = invoice_of([{"minutes": 60, "rate_per_hour": D("12345.67")}], language="ru", currency="RUB")
    text = "".join(pages_of(render_pdf(invoice)))
    assert "12\u00a0345,67\u00a0₽" in text
    assert "14\u00a0691,35\u00a0₽" in text  # 12345.67 + 19 % = 14691.3473


def test_client_text_is_never_markup(invoice_of: Make) -> None:
    """Tags, entities, escapes, parentheses and placeholders stand on paper as they were typed."""
    title = r"<b>bold</b> &amp; <font color=red> \n (a(b)) \( {number} %s $1 <br/> <!-- x --> ]]>"
    invoice = invoice_of([{"title": title, "comments": (title,), "project": title}], notes=(title,))
    text = squeezed("".join(pages_of(render_pdf(invoice))))
    assert text.count(squeezed(title)) == 5  # project, its subtotal, title, comment, note


def test_what_the_fonts_lack_is_drawn_as_a_substitute(invoice_of: Make) -> None:
    """Emoji, scripts that run from right to left and full-width letters; their neighbours stay in place."""
    invoice = invoice_of([{"title": "pay \U0001f3a8 12: שלום 34 end Ａ"}])
    text = squeezed("".join(pages_of(render_pdf(invoice))))
    assert "pay[U+1F3A8]12:[U+05E9][U+05DC][U+05D5][U+05DD]34endA" in text


@pytest.mark.parametrize("count", [1, 2, 12, 29, 30, 31, 400])
def test_lines_stand_once_in_order_on_numbered_pages(invoice_of: Make, count: int) -> None:
    """Each page has the column heads and "page x of y"; sums are carried over to the amount."""
    invoice = invoice_of(many(count))
    pages = pages_of(render_pdf(invoice))
    numbers = [int(n) for page in pages for n in re.findall(r"Task number (\d+)", page)]
    assert numbers == list(range(1, count + 1))
    table_pages = [page for page in pages if "Task number" in page]
    assert all("Time, h:mm" in page and "Rate per hour" in page for page in table_pages)
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
    carried = D(0)
    amounts = {line.number: line.net for line in invoice.lines}
    formats = sheet_of(invoice).decimal
    for page, following in pairwise(table_pages):
        carried += sum((amounts[int(n)] for n in re.findall(r"Task number (\d+)", page)), D(0))
        assert f"Carried forward {formats(carried)}" in page
        assert f"Brought forward {formats(carried)}" in following


def test_five_thousand_lines_are_one_invoice(invoice_of: Make) -> None:
    """Every line is there; the last page has the total."""
    invoice = invoice_of(many(5000))
    drawing = drawing_of(invoice)
    titles = [shape.content for page in drawing.pages for shape in page if isinstance(shape, Text)]
    found = [int(m.group(1)) for title in titles if (m := re.match(r"Task number (\d+)", title))]
    assert found == list(range(1, 5001))
    assert render_pdf(invoice).count(b"/Type /Page\n") == len(drawing.pages)


def test_no_heading_subtotal_or_total_stands_alone(invoice_of: Make) -> None:
    """For every number of lines up to 60: a project's heading has a line below it on its page, a subtotal a
    line above it, the total the last line."""
    for count in range(1, 61):
        pages = pages_of(render_pdf(invoice_of(many(count, title="Task number 0"))))
        for page in pages:
            rows = page.split("\n")
            for i, row in enumerate(rows):
                if re.fullmatch(r"Project \d", row):
                    assert "Task number" in "".join(rows[i + 1 : i + 2])
                if row.startswith("Subtotal"):
                    assert any("Task number" in above for above in rows[:i])
            if "Total due" in page:
                assert "Task number" in page


def boxes_of(shapes: tuple[Text | Box, ...], ruler: Ruler) -> list[tuple[float, float, float, float, str]]:
    """Left, upper, right and lower edge of each upright text: from its x-height to its baseline."""
    return [
        (s.x, s.y - s.size * 0.5, s.x + ruler.width(s.content, s.size, s.weight), s.y, s.content)
        for s in shapes
        if isinstance(s, Text) and not s.angle and s.content.strip()
    ]


def overlapping(shapes: tuple[Text | Box, ...], ruler: Ruler) -> list[tuple[str, str]]:
    """Texts drawn on top of each other; sorted by upper edge, so that only neighbours are compared."""
    boxes = sorted(boxes_of(shapes, ruler), key=lambda box: box[1])
    found = []
    for i, (left, _, right, lower, text) in enumerate(boxes):
        for other_left, other_upper, other_right, _, other in boxes[i + 1 :]:
            if other_upper >= lower:
                break
            if left < other_right - 0.01 and other_left < right - 0.01:
                found.append((text, other))
    return found


WILD = [
    {"title": LONG, "comments": (URL, "x" * 1024, "word " * 204)},
    {"title": URL, "label": "Ohne Berechnung nach Absprache mit der Geschäftsleitung vom 3. November"},
    {"title": "Donaudampfschifffahrtsgesellschaft" * 30, "project": "Ein sehr langer Projektname " * 6},
    {"title": "", "project": ""},
    {"title": "a\nb\r\nc\td", "minutes": 99_999, "booked_minutes": 1, "rate_per_hour": D("98765.4321")},
    {"title": "\U0001f3a8" * 40, "specialist": "Ω" * 200, "ticket": "9" * 60},
    {"heading": "earlier months", "tax_rate": D(7), "comments": ("", "\n", "ok")},
    {"heading": "earlier months", "tax_category": "AE", "tax_rate": D(0)},
]


@pytest.mark.parametrize("language", ["en", "de", "ru"])
@pytest.mark.parametrize("kind", ["invoice", "cancellation"])
def test_nothing_overlaps_or_leaves_the_page(invoice_of: Make, language: str, kind: str) -> None:
    """Long words, long names, huge amounts, 1,024-character comments: all inside the margins, nothing on top
    of anything else."""
    invoice = invoice_of(
        WILD * 3,
        language=language,
        kind=kind,
        corrects="2026-0001",
        reason="Because of " + "many reasons " * 60,
        reasons={("AE", D(0)): "Steuerschuldnerschaft des Leistungsempfängers nach § 13b UStG " * 3},
        notes=("note " * 300,),
        contract_number="Vertrag-" * 12,
        buyer_reference="R" * 90,
        buyer=Party("Gesellschaft mit sehr langem Namen und beschränkter Haftung " * 3, ("Hauptstraße 1",) * 3, "DE"),
        bank=BankAccount("Bank " * 20, "HASPDEHHXXX", iban="DE89370400440532013000"),
    )
    ruler = Ruler(fonts.load())
    drawing = drawing_of(invoice, "WATERMARK")
    assert len(drawing.pages) > 3
    for shapes in drawing.pages:
        assert overlapping(shapes, ruler) == []
        for left, upper, right, lower, text in boxes_of(shapes, ruler):
            assert left >= style.LEFT - 0.01, text
            assert right <= style.RIGHT + 0.01, text
            assert upper > 36, text
            assert lower < PAGE_HEIGHT - 28, text


def test_overlaps_would_be_found() -> None:
    """The measure of the test above finds one text on another."""
    ruler = Ruler(fonts.load())
    shapes = tuple(Text(x, y, 0, 10, style.INK, "text") for x, y in ((10, 20), (12, 22), (10, 40)))
    assert overlapping(shapes, ruler) == [("text", "text")]


def test_figures_align_on_the_right(invoice_of: Make) -> None:
    """Every amount of the table ends at the right margin."""
    invoice = invoice_of([{"minutes": 1}, {"minutes": 6000}, {"minutes": 600_000}])
    ruler = Ruler(fonts.load())
    amounts = {row.amount for s in sheet_of(invoice).sections for p in s.projects for row in p.rows}
    ends = [right for left, _, right, _, text in boxes_of(drawing_of(invoice).pages[0], ruler) if text in amounts]
    assert len(ends) == 3
    assert ends == pytest.approx([style.RIGHT] * 3)


def test_the_recipient_stands_in_the_window(invoice_of: Make) -> None:
    """DIN 5008 form B: 20 to 105 mm from the left, 45 to 90 mm from the top."""
    invoice = invoice_of(buyer=Party("ACME GmbH", ("Buchhaltung", "Hauptstr. 1", "10115 Berlin", "Deutschland"), "DE"))
    wanted = {invoice.buyer.name, *invoice.buyer.address}
    found = [s for s in drawing_of(invoice).pages[0] if isinstance(s, Text) and s.content in wanted]
    assert {s.content for s in found} == wanted
    for shape in found:
        assert 20 < shape.x / style.MM < 105
        assert (shape.y - shape.size) / style.MM > 45
        assert shape.y / style.MM < 90


def digest_in_another_process(invoice: Invoice, seed: str, zone: str) -> str:
    script = (
        "import hashlib, json, sys;"
        "from studio_invoices.codec import invoice_from_dict;"
        "from studio_invoices.pdf import render_pdf;"
        "print(hashlib.sha256(render_pdf(invoice_from_dict(json.load(sys.stdin)))).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
    environment.pop("SOURCE_DATE_EPOCH", None)
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(invoice_to_dict(invoice)),
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return done.stdout.strip()


def test_the_same_invoice_gives_the_same_bytes(invoice_of: Make) -> None:
    """Twice here and in two other processes with other hash seeds and time zones."""
    invoice = invoice_of(many(31), language="ru")
    first = render_pdf(invoice)
    assert render_pdf(invoice) == first
    digest = hashlib.sha256(first).hexdigest()
    assert digest_in_another_process(invoice, "1", "UTC") == digest
    assert digest_in_another_process(invoice, "2", "Asia/Tokyo") == digest


def test_another_invoice_gives_another_id(invoice_of: Make) -> None:
    """The file's ID comes from its content."""
    one, two = (PdfReader(io.BytesIO(render_pdf(invoice_of([{"minutes": m}])))) for m in (1, 2))
    assert one.trailer["/ID"] != two.trailer["/ID"]


def test_the_file_says_what_it_is(invoice_of: Make) -> None:
    """Title, author, language, the date of issue; the title is what a viewer shows."""
    reader = PdfReader(io.BytesIO(render_pdf(invoice_of(language="de"))))
    information = reader.metadata
    assert information is not None
    assert (information.title, information.author) == ("Rechnung 2026-0117", "Webwerk Studio GmbH")
    assert information["/CreationDate"] == information["/ModDate"] == "D:20261130000000Z"
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "de"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_all_fonts_are_embedded_subsets(invoice_of: Make) -> None:
    """No font of the viewer's machine is used; a document in one script carries one subset a weight."""
    reader = PdfReader(io.BytesIO(render_pdf(invoice_of())))
    found = reader.pages[0]["/Resources"]["/Font"]
    assert isinstance(found, DictionaryObject)
    assert sorted(font["/BaseFont"] for font in found.values()) == [
        "/SUPPRA+IBMPlexSans-Regular",
        "/SUPPRA+IBMPlexSans-SemiBold",
    ]
    for font in found.values():
        assert font["/FontDescriptor"]["/FontFile2"].get_data()[:4] == b"\x00\x01\x00\x00"
        assert len(font["/Widths"]) == font["/LastChar"] - font["/FirstChar"] + 1
    russian = PdfReader(io.BytesIO(render_pdf(invoice_of(language="ru", buyer=Party("ООО «Ёлка»")))))
    names = [font["/BaseFont"] for font in russian.pages[0]["/Resources"]["/Font"].values()]
    assert sorted(names) == ["/SUPPRB+IBMPlexSans-Regular", "/SUPPRB+IBMPlexSans-SemiBold"]


def test_pages_are_a4(invoice_of: Make) -> None:
    """210 x 297 mm."""
    box = PdfReader(io.BytesIO(render_pdf(invoice_of()))).pages[0].mediabox
    assert float(box.width) == pytest.approx(PAGE_WIDTH)
    assert float(box.width) / style.MM == pytest.approx(210, abs=0.01)
    assert float(box.height) / style.MM == pytest.approx(297, abs=0.01)


@pytest.mark.parametrize(("language", "mark"), [("en", "DRAFT"), ("de", "ENTWURF"), ("ru", "ЧЕРНОВИК")])
def test_a_draft_bears_its_mark_on_every_page(invoice_of: Make, language: str, mark: str) -> None:
    """An issued invoice bears none, unless the caller gives one."""
    pages = pages_of(render_pdf(invoice_of(many(40), number=None, language=language)))
    assert len(pages) > 1
    assert all(mark in page for page in pages)
    assert not any(mark in page for page in pages_of(render_pdf(invoice_of(language=language))))
    assert "COPY \u2013 2" in pages_of(render_pdf(invoice_of(language=language), watermark="COPY \u2013 2"))[0]


def test_a_watermark_fits_on_the_page(invoice_of: Make) -> None:
    """Centred on the page, however long; below every text."""
    ruler = Ruler(fonts.load())
    for text in ("X", "DRAFT", "PREVIEW OF NOVEMBER 2026, NOT AN INVOICE"):
        mark = next(shape for shape in drawing_of(invoice_of(), text).pages[0] if isinstance(shape, Text))
        assert mark.angle
        assert ruler.width(mark.content, mark.size, mark.weight) < 645
        assert 0 < mark.x < PAGE_WIDTH
        assert mark.y < PAGE_HEIGHT


def test_a_page_may_end_with_a_box() -> None:
    """The painter draws any list of shapes, in their order."""
    box, text = Box(0, 0, 10, 10, style.LINE), Text(20, 20, 0, 9, style.INK, "ok")
    drawing = Drawing(((text, box), (box, text), ()), "t", "a", "", "en", date(2026, 11, 30))
    assert [page.strip() for page in pages_of(paint(drawing, fonts.load(), prefer_cyrillic=False))] == ["ok", "ok", ""]


def test_an_endless_title_ends(invoice_of: Make) -> None:
    """A hundred thousand characters without a space run over many pages, none of them lost."""
    invoice = invoice_of([{"title": "x" * 100_000}, {"title": "after"}])
    pages = drawing_of(invoice).pages
    texts = [shape.content for page in pages for shape in page if isinstance(shape, Text)]
    assert sum(len(text) for text in texts if set(text) == {"x"}) == 100_000
    assert "after" in texts


def test_an_invoice_without_lines_can_be_drawn(invoice_of: Make) -> None:
    """A preview of nothing is not an error of the painter's."""
    assert "Net total" in pages_of(render_pdf(invoice_of([])))[0]


def test_a_bare_invoice_can_be_drawn(invoice_of: Make) -> None:
    """No bank, no numbers, no address."""
    invoice = invoice_of(seller=Party("S"), buyer=Party("B"), bank=BankAccount(), due_date=None)
    assert "Invoice 2026-0117" in pages_of(render_pdf(invoice))[0]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.text(st.characters(), max_size=80), st.text(st.characters(), max_size=80), st.dates(date(2000, 1, 1)))
def test_any_text_is_drawn_whole(invoice_of: Make, title: str, comment: str, day: date) -> None:
    """Whatever people type: all of it, or its substitutes, can be extracted again, in order."""
    invoice = replace(invoice_of([{"title": title, "comments": (comment,)}]), issue_date=day, due_date=None)
    widths = fonts.load().regular.widths
    text = squeezed("".join(pages_of(render_pdf(invoice))))
    for typed in (title, comment):
        assert squeezed(replace_missing(typed, widths.__contains__)[0]) in text
