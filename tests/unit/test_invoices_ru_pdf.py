"""The Russian forms on paper: whole text, pages that break well, nothing on top of anything, a code to be read."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from studio_invoices import fonts
from studio_invoices.freetext import replace_missing
from studio_invoices.model import Act, BankAccount, Party
from studio_invoices.payment_codes import PaymentCode, payment_code
from studio_invoices.pdf import draw, render_pdf
from studio_invoices.pdf import ru_style as style
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.ru_rules import with_joined_rules
from studio_invoices.pdf.ru_sheet import bill_sheet
from studio_invoices.pdf.shapes import PAGE_HEIGHT, Cells, Shape, Text
from studio_invoices.pdf.style import MM
from tests.ru_forms import EXEMPT, SELLER, TRADER, VAT_22, act_of, bill, both, many

D = Decimal
RULER = Ruler(fonts.load())


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def squeezed(text: str) -> str:
    """Without plain spaces and line breaks, which layout may add; all other characters stay."""
    return re.sub("[ \n]", "", text)


LINES = [
    {"title": "Форма: «ёлка» ґ ї ў — № 7", "project": "Żółć & Größe", "minutes": 30, "booked_minutes": 17},
    {"label": "По гарантии", "comments": ("Первая – строка\nвторая 100 €",), "issue": "4711", "ticket": "2026"},
    {"heading": "earlier months", "tax_rate": D(7), "specialist": "Анна"},
]


@pytest.mark.parametrize("prices", ["net", "gross"])
@pytest.mark.parametrize("values", [{}, {"number": None}, {"seller": TRADER}, {"notes": ("Спасибо!",)}])
def test_every_word_of_the_form_is_text_in_the_file(prices: Any, values: dict[str, Any]) -> None:
    """Extracted by another program, code point by code point: no-break spaces, signs and Cyrillic included."""
    for document, kind, sheet in both(bill(LINES, prices, VAT_22, **values)):
        text = squeezed("".join(pages_of(render_pdf(document, kind))))
        rows = [row for group in sheet.groups for row in group.rows]
        block = sheet.bank
        words = [
            sheet.title,
            *(part for party in sheet.parties for part in party),
            *sheet.columns,
            *(group.heading for group in sheet.groups),
            *(part for row in rows for part in (row.title, *row.details, *row.comments, row.label)),
            *(row.quantity + row.unit + row.price + row.amount for row in rows),
            *(f"{item.label}{item.amount}" for item in (*sheet.sums[1:], sheet.grand_total)),
            f"{sheet.sums[0].label}{sheet.sums[0].amount}{sheet.total_quantity}",
            sheet.count,
            sheet.in_words,
            *sheet.terms,
            *(part for s in sheet.signers for part in (s.side, s.party, s.position, s.name)),
            *sheet.signing,
            sheet.stamp,
            *sheet.notes,
            *sheet.small_print,
        ]
        if block is not None:
            words += [block.bank_name, block.bank_caption, block.inn, block.kpp, block.payee, block.payee_caption]
            words += [*block.bic, *block.correspondent, *block.account]
        for word in words:
            assert squeezed(word) in text, word


@pytest.mark.parametrize("count", [1, 2, 12, 29, 30, 31, 400])
def test_lines_stand_once_in_order_below_the_columns(count: int) -> None:
    """On every page that has lines; pages are numbered where there are several."""
    for document, kind, _ in both(bill(many(count))):
        pages = pages_of(render_pdf(document, kind))
        numbers = [int(n) for page in pages for n in re.findall(r"Задача номер (\d+)\.", page)]
        assert numbers == list(range(1, count + 1))
        for number, page in enumerate(pages, start=1):
            assert ("Кол-во" in page) == ("Задача номер" in page)
            assert (f"Страница {number} из {len(pages)}" in page) == (len(pages) > 1)
            title = "Счёт на оплату №\u00a0117" if kind == "invoice" else "Акт об оказании услуг №\u00a057"
            assert title in page


def test_five_thousand_lines_are_one_bill() -> None:
    """Every line is there; the last page has the total in words."""
    drawing = draw(bill(many(5000)))
    texts = [shape.content for page in drawing.pages for shape in page if isinstance(shape, Text)]
    found = [int(m.group(1)) for text in texts if (m := re.match(r"Задача номер (\d+)\.", text))]
    assert found == list(range(1, 5001))
    assert any(isinstance(s, Text) and "рублей" in s.content for s in drawing.pages[-1])


def test_a_long_bill_has_an_outline_of_its_projects() -> None:
    """Each project once, on the page where it begins; a short bill has none."""
    drawing = draw(bill(many(120)))
    assert [mark.title for mark in drawing.bookmarks] == ["Проект 0", "Проект 1", "Проект 2"]
    for mark in drawing.bookmarks:
        assert mark.title in order_of(drawing.pages[mark.page])
    assert not draw(bill(many(12))).bookmarks


def order_of(page: tuple[Shape, ...]) -> list[str]:
    """The texts of a page from top to bottom."""
    texts = [shape for shape in page if isinstance(shape, Text) and not shape.angle]
    return [text.content for text in sorted(texts, key=lambda text: (round(text.y, 1), text.x))]


def test_nothing_is_orphaned() -> None:
    """For every number of lines up to 60: a heading has a line below it, the total a line above it, and the signatures
    stand with the sum in words."""
    for count in range(1, 61):
        invoice = bill(many(count, title="Задача номер 0."), notes=("Примечание. " * 9,))
        for document, kind, sheet in both(invoice):
            for page in draw(document, kind).pages:
                texts = order_of(page)
                for i, text in enumerate(texts):
                    if re.fullmatch(r"Проект \d( \(продолжение\))?", text):
                        assert "Задача номер 0." in texts[i + 1 : i + 6]
                    if text in (sheet.sums[0].label, sheet.grand_total.label):
                        assert "Задача номер 0." in texts[:i]
                        assert {sheet.sums[0].label, sheet.grand_total.label} <= set(texts)
                if sheet.signers[0].position in texts:
                    assert {sheet.count, sheet.in_words, sheet.terms[0].split("\n")[0][:20]} <= {
                        *texts,
                        *(text[:20] for text in texts),
                    }


def boxes_of(shapes: tuple[Shape, ...]) -> list[tuple[float, float, float, float, str]]:
    """Left, upper, right and lower edge of each upright text: from its x-height to its baseline."""
    return [
        (s.x, s.y - s.size * 0.5, s.x + RULER.width(s.content, s.size, s.weight), s.y, s.content)
        for s in shapes
        if isinstance(s, Text) and not s.angle and s.content.strip()
    ]


def overlapping(shapes: tuple[Shape, ...]) -> list[tuple[str, str]]:
    """Texts drawn on top of each other; sorted by upper edge, so that only neighbours are compared."""
    boxes = sorted(boxes_of(shapes), key=lambda box: box[1])
    found = []
    for i, (left, _, right, lower, text) in enumerate(boxes):
        for other_left, other_upper, other_right, _, other in boxes[i + 1 :]:
            if other_upper >= lower:
                break
            if left < other_right - 0.01 and other_left < right - 0.01:
                found.append((text, other))
    return found


def crossed(shapes: tuple[Shape, ...]) -> list[str]:
    """Texts that a vertical rule of a grid runs through."""
    rules = [
        (cells.x + x, cells.y + y, cells.y + y + height)
        for cells in shapes
        if isinstance(cells, Cells) and cells.unit == 1
        for x, y, width, height in cells.cells
        if width < 1 < height
    ]
    return [
        text
        for left, upper, right, lower, text in boxes_of(shapes)
        if any(left < x + style.RULE and x < right and top < lower and upper < bottom for x, top, bottom in rules)
    ]


LONG = "Достопримечательностиповышеннойсложности"  # 40 letters without a space
WILD = [
    {"title": LONG, "comments": (f"https://example.com/{'путь/' * 30}", "ы" * 1024, "слово " * 170)},
    {"title": "deadbeef" * 8, "label": "Без оплаты по договорённости с руководителем заказчика от 3 ноября"},
    {"title": LONG * 60, "project": "Очень длинное название проекта " * 6},
    {"title": "", "project": ""},
    {"title": "а\nб\r\nв\tг", "minutes": 99_999, "booked_minutes": 1, "rate_per_hour": D("98765.4321")},
    {"title": "\U0001f3a8" * 40, "specialist": "Ω" * 200, "ticket": "9" * 60},
    {"heading": "earlier months", "tax_rate": D(7), "comments": ("", "\n", "да")},
    {"heading": "earlier months", "tax_category": "AE", "tax_rate": D(0), "number": 123_456},
]


@pytest.mark.parametrize("prices", ["net", "gross"])
@pytest.mark.parametrize("kind", ["invoice", "cancellation", "credit_note"])
def test_nothing_overlaps_or_leaves_the_page(prices: Any, kind: Any) -> None:
    """Long words, long names, huge amounts, 1,024-character comments: inside the margins, on top of nothing."""
    invoice = bill(
        WILD * 3,
        prices,
        kind=kind,
        corrects="2026-0001",
        reason="Потому что " + "много причин " * 60,
        reasons={("AE", D(0)): "НДС исчисляется налоговым агентом по статье 161 НК РФ " * 3},
        notes=("примечание " * 300,),
        contract_number="Договор-" * 12,
        buyer_reference="Р" * 190,
        buyer=Party("Акционерное общество с очень длинным названием " * 5, ("г. Очень Дальний",) * 9, "RU"),
        seller=replace(SELLER, name="Товарищество " * 12, director="Константинопольская-Преображенская " * 4),
        bank=BankAccount("Банк " * 40, "0" * 40, "1" * 60, correspondent_account="2" * 60),
        payment_terms="условия " * 60,
    )
    for document, form, _ in both(invoice):
        drawing = draw(document, form, watermark="ОБРАЗЕЦ")
        assert len(drawing.pages) > 3
        for shapes in drawing.pages:
            assert overlapping(shapes) == []
            assert crossed(shapes) == []
            for left, upper, right, lower, text in boxes_of(shapes):
                assert left >= style.LEFT - 0.01, text
                assert right <= style.RIGHT + 0.01, text
                assert upper > 30, text
                assert lower < PAGE_HEIGHT - 25, text


def test_rules_that_meet_are_one() -> None:
    """Two rows of a grid, by hand: one rule from 10 to 50 down, the gap after it stays; what is no rule stays."""
    rule = style.RULE
    text = Text(0, 5, 0, 9, style.INK, "x")
    code = Cells(9.0, 9.0, 2.0, style.INK, ((0, 0, 1, 1),))
    rows = [
        Cells(0.0, y, 1.0, style.INK, ((20.0, 0.0, rule, 20.0), (20.0, 19.0, 60.0, rule))) for y in (10.0, 30.0, 90.0)
    ]
    *others, joined = with_joined_rules([text, rows[0], code, rows[1], rows[2]])
    assert others == [text, code]
    assert isinstance(joined, Cells)
    assert sorted(joined.cells) == [
        (20.0, 10.0, rule, 40.0),
        (20.0, 29.0, 60.0, rule),
        (20.0, 49.0, 60.0, rule),
        (20.0, 90.0, rule, 20.0),
        (20.0, 109.0, 60.0, rule),
    ]
    assert with_joined_rules([text]) == [text]


def test_a_rule_through_a_text_would_be_found() -> None:
    """The measure of the test above."""
    rule = Cells(0.0, 0.0, 1.0, style.INK, ((20.0, 0.0, style.RULE, 50.0),))
    through, beside = (Text(x, 20, 0, 9, style.INK, "текст") for x in (10, 21))
    assert crossed((rule, through, beside)) == ["текст"]


def test_figures_align_on_the_right() -> None:
    """Amounts of the table and the sums below it end at one edge; digits are of one width."""
    invoice = bill([{"minutes": 1}, {"minutes": 6000}, {"minutes": 600_000}])
    sheet = bill_sheet(invoice)
    amounts = {row.amount for row in sheet.groups[0].rows} | {sheet.grand_total.amount, sheet.sums[1].amount}
    ends = [right for _, _, right, _, text in boxes_of(draw(invoice).pages[0]) if text in amounts]
    assert len(ends) == 6  # three lines, Итого, tax, total
    assert ends == pytest.approx([style.RIGHT - style.PAD] * 6)


def test_the_code_on_the_page_says_what_is_to_be_paid() -> None:
    """Read from the rendered page by a decoder; nothing lies in its white margin."""
    invoice = bill(many(12))
    code = payment_code(invoice)
    assert isinstance(code, PaymentCode)
    page = pypdfium2.PdfDocument(render_pdf(invoice, watermark="КОПИЯ"))[0]
    found = zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil())
    assert [barcode.bytes for barcode in found] == [code.content]
    (cells,) = [s for s in draw(invoice).pages[0] if isinstance(s, Cells) and s.unit != 1]
    side = max(x + width for x, _, width, _ in cells.cells) * cells.unit
    assert side / MM >= 35


@pytest.mark.parametrize(
    "values", [{"number": None}, {"kind": "cancellation", "corrects": "7"}, {"bank": BankAccount()}]
)
def test_no_code_where_nothing_can_be_paid_by_one(values: dict[str, Any]) -> None:
    """A draft, a cancellation, an account that is not known."""
    assert not [s for page in draw(bill(**values)).pages for s in page if isinstance(s, Cells) and s.unit != 1]


def test_the_file_says_what_it_is_and_is_the_same_every_time() -> None:
    """Title, author, Russian, the act's own date."""
    for document, kind, sheet in both(bill()):
        content = render_pdf(document, kind)
        assert render_pdf(document, kind) == content
        reader = PdfReader(io.BytesIO(content))
        information = reader.metadata
        assert information is not None
        assert (information.title, information.author) == (sheet.title, "ООО «Веб-студия»")
        assert reader.trailer["/Root"]["/Lang"] == "ru"
    later = render_pdf(Act("58", date(2026, 12, 1), bill()), "act")
    information = PdfReader(io.BytesIO(later)).metadata
    assert information is not None
    assert information["/CreationDate"] == "D:20261201000000Z"


def test_a_bare_bill_can_be_drawn() -> None:
    """No bank, no numbers, no address, no lines."""
    bare = bill((), seller=Party("С", country="RU"), buyer=Party("П"), bank=BankAccount(), due_date=None)
    assert "Всего наименований 0" in pages_of(render_pdf(bare))[0]
    assert "Всего оказано услуг 0" in pages_of(render_pdf(act_of(bare), "act"))[0]


def test_addresses_do_not_break_behind_an_abbreviation() -> None:
    """«г.» and «д.» stay with what they belong to; the spaces of the address are those that were typed."""
    address = "191186, г. Санкт-Петербург, Невский пр., д. 20, лит. А, пом. 12-Н, эт. 3, оф. 307 " * 6
    drawing = draw(bill(tax=EXEMPT, buyer=Party("П", (address,), "RU")))
    lines = [s.content for s in drawing.pages[0] if isinstance(s, Text)]
    assert not [line for line in lines if re.search(r" (г|д|лит|пом|эт|оф)\.$", line)]
    assert squeezed(address) in squeezed("".join(lines))
    assert "г. Санкт-Петербург" in " ".join(lines)


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(), max_size=80), st.text(st.characters(), max_size=80), st.text(max_size=60))
def test_any_text_is_drawn_whole(title: str, comment: str, name: str) -> None:
    """Whatever people type, in a line or in a name: all of it, or its substitutes, can be extracted again, in order."""
    invoice = bill([{"title": title, "comments": (comment,)}], buyer=Party(name, (title,), "RU"))
    widths = fonts.load().regular.widths
    for document, kind, _ in both(invoice):
        text = squeezed("".join(pages_of(render_pdf(document, kind))))
        for typed in (title, comment, name):
            assert squeezed(replace_missing(typed, widths.__contains__)[0]) in text
