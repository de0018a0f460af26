"""The page of a Russian bill: the words of its form, amount in words, who signs, the code to pay by."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_invoices.freetext import for_page
from studio_invoices.html import render_page
from studio_invoices.look import Look
from studio_invoices.model import Invoice, Party
from studio_invoices.pdf.ru_sheet import bill_sheet
from tests.html_reader import Page
from tests.ru_forms import BUYER, SELLER, bill

LINES: list[dict[str, Any]] = [
    {"title": "Корзина", "minutes": 75, "issue": "4711", "specialist": "И. Петрова"},
    {"title": "Поиск", "minutes": 20, "booked_minutes": 17, "comments": ("Строка\nи ещё",)},
    {"title": "Правка", "label": "За наш счёт"},
    {"title": "Раньше", "heading": "earlier months", "project": "Магазин"},
]
DRAWN_ON_PAPER_ONLY = {"running_head", "page", "author", "subject", "language", "draft_mark", "is_act"}


def page_of(invoice: Invoice, **values: Any) -> Page:
    return Page(render_page(invoice, **{"pdf_name": "x.pdf", **values}))


def strings(value: Any) -> list[str]:
    """All texts of a form, except those of paper."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for part in value for text in strings(part)]
    if is_dataclass(value):
        named = [item.name for item in fields(value) if item.name not in DRAWN_ON_PAPER_ONLY]
        return [text for name in named for text in strings(getattr(value, name))]
    return []


@pytest.mark.parametrize("kind", ["invoice", "cancellation", "credit_note"])
@pytest.mark.parametrize("prices", ["net", "gross"])
def test_the_page_has_the_words_and_figures_of_the_form(kind: Any, prices: Any) -> None:
    """Nothing of it is left out, but what only paper has; the payment order's captions have their own wording."""
    made = bill(LINES, prices, kind=kind, corrects="116", corrects_date=date(2026, 11, 20), notes=("Спасибо!",))
    sheet = bill_sheet(made)
    text = page_of(made).text
    words = set(strings(sheet))
    words -= {group.continued for group in sheet.groups}
    words -= {signer.picture for signer in sheet.signers}
    if sheet.bank is None:
        words.discard(sheet.code_caption)
    else:
        words -= {sheet.bank.account[0], sheet.bank.inn, sheet.bank.kpp}
    assert len(words) > 40
    for word in words:
        assert word in text, word


def test_a_bill_can_be_paid_from_its_page() -> None:
    """Both accounts, БИК, ИНН, КПП, purpose and the sum in words; worked out by hand: 1:30 at 3 000 is 4 500."""
    text = page_of(bill()).text
    for word in (
        "Счёт на оплату №\u00a0117 от\u00a030\u00a0ноября\u00a02026\u202fг.",
        "40702810455000024248",
        "30101810500000000653",
        "044030653",
        "7802895380",
        "780201001",
        "Четыре тысячи пятьсот рублей 00 копеек",
        "Всего наименований 1, на сумму 4\u00a0500,00\u00a0руб.",
        "Соколова Е. В.",
        "Миронова Т. А.",
    ):
        assert word in text, word
    assert text.count("Назначение платежа") == 1


def test_what_takes_back_asks_for_nothing() -> None:
    """Neither code nor account."""
    page = page_of(bill(kind="credit_note", corrects="116"))
    assert page.all("svg") == []
    assert "40702810455000024248" not in page.text


def test_a_draft_bill_is_marked() -> None:
    """And has no code."""
    page = page_of(bill(number=None))
    assert "ЧЕРНОВИК" in page.text
    assert page.all("svg") == []


def test_the_look_chooses_the_form() -> None:
    """A studio may want the international one for Russian clients, and its own words in either."""
    assert "расшифровка подписи" in page_of(bill()).text
    assert "расшифровка подписи" not in page_of(bill(), look=Look(layout="international")).text
    assert "Директор" in page_of(bill(), look=Look(texts=(("ru_signatures.director", "Директор"),))).text


def test_a_bill_in_english_is_an_invoice() -> None:
    """As in the file."""
    assert page_of(bill(language="en")).text.count("Всего") == 0


def test_a_screen_reader_finds_its_way() -> None:
    """Landmarks, one main heading, heads with scope."""
    page = page_of(bill(LINES))
    names = [name for name, _ in page.elements]
    assert [names.count(landmark) for landmark in ("header", "main", "footer", "h1", "nav")] == [1] * 5
    assert names.count("caption") == names.count("table") == 2
    assert all(th.get("scope") in {"col", "row", "rowgroup"} for th in page.all("th"))


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(), max_size=40).map(lambda text: f"<b onclick='x'>{text}</b>&amp;\"--><style>"))
def test_markup_in_any_field_is_text(text: str) -> None:
    """In every field that is free: escaped, shown as it is, and the page stays sound."""
    plain = page_of(bill(LINES, notes=("x",), payment_terms="x", buyer_reference="x", order_number="x"))
    made = bill(
        [{**line, "title": text, "project": text, "comments": (text,), "specialist": text} for line in LINES],
        notes=(text,),
        payment_terms=text,
        buyer_reference=text,
        order_number=text,
        contract_number=text,
        seller=Party(text, (text,), "RU", inn=SELLER.inn, kpp=text, director=text, accountant=text, email=text),
        buyer=Party(text, (text,), "RU", inn=BUYER.inn),
        reason=text,
        number=text,
    )
    page = page_of(made, pdf_name=text, act_name=text, watermark=text)
    assert {name for name, _ in page.elements} <= {name for name, _ in plain.elements}
    assert {name for _, given in page.elements for name in given} <= {name for _, g in plain.elements for name in g}
    assert page.text.count(for_page(text)) >= 15


def test_the_same_bill_gives_the_same_page() -> None:
    """To the byte."""
    assert render_page(bill(LINES), pdf_name="a") == render_page(bill(LINES), pdf_name="a")


def test_free_time_is_shown_and_not_charged() -> None:
    """Its label stands in place of price and amount."""
    made = render_page(bill(LINES[2:3]), pdf_name=None)
    assert '<td class="figure free" role="cell" colspan="2"><bdi>За наш счёт</bdi></td>' in made
    assert "3\u00a0000,00" not in made
