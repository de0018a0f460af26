"""The page: same words and figures as the file, escaped, alone, sound HTML."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import studio_invoices
from studio_invoices.freetext import for_page
from studio_invoices.html import render_page
from studio_invoices.model import BankAccount, Invoice, Party
from studio_invoices.sheet import sheet_of
from tests.html_reader import Page

Make = Callable[..., Invoice]
D = Decimal
RICH: list[dict[str, Any]] = [
    {"title": "Fix <b>it</b> & \"that\" 'now'", "minutes": 30, "booked_minutes": 17, "comments": ("one\ntwo",)},
    {"label": "Goodwill", "specialist": "Irina Petrova"},
    {"heading": "earlier months", "tax_rate": D(7)},
]


def page_of(invoice: Invoice, **values: Any) -> Page:
    return Page(render_page(invoice, **{"pdf_name": "x.pdf", **values}))


@pytest.mark.parametrize("language", ["en", "de", "ru"])
@pytest.mark.parametrize("kind", ["invoice", "cancellation"])
def test_the_page_has_the_words_and_figures_of_the_file(invoice_of: Make, language: str, kind: str) -> None:
    """Both are made from the same sheet; nothing of it is left out."""
    invoice = invoice_of(
        RICH,
        language=language,
        kind=kind,
        corrects="2026-0001",
        reason="Wrong rate.",
        notes=("Thanks!",),
        reasons={("S", D(7)): "because"},
        seller=Party(
            "S GmbH", ("Road 1",), contact_name="Ann", registration="HRB 1", director="Bo", email="a@b.example"
        ),
    )
    sheet = sheet_of(invoice)
    text = page_of(invoice).text
    words = [
        sheet.title,
        *sheet.statements,
        sheet.seller_name,
        *sheet.seller_address,
        sheet.buyer_name,
        *sheet.buyer_address,
        *(part for pair in (*sheet.meta, *sheet.bank, *sheet.seller_numbers) for part in pair),
        *sheet.columns,
        *(part for item in sheet.sums for part in (item.label, item.amount, item.note)),
        sheet.grand_total.label,
        sheet.grand_total.amount,
        *sheet.seller_contact,
        *sheet.seller_legal,
        *sheet.notes,
        *sheet.small_print,
    ]
    for section in sheet.sections:
        words.append(section.heading)
        for project in section.projects:
            words += [project.name, project.subtotal_label, project.subtotal_time, project.subtotal_amount]
            for row in project.rows:
                words += [row.title, *row.details, row.time, row.booked, row.rate, row.amount, row.label, *row.comments]
    if sheet.payment is not None:
        words += [sheet.payment.sentence, *(part for pair in sheet.payment.rows for part in pair)]
    for word in words:
        assert word in text, word


def test_client_text_is_escaped(invoice_of: Make) -> None:
    """Tags and quotes are text, in the body and in attributes."""
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)> {{ 7*7 }} &amp;'
    invoice = invoice_of(
        [{"title": evil, "project": evil, "comments": (evil,), "specialist": evil}],
        notes=(evil,),
        buyer=Party(evil, (evil,)),
        seller=Party(evil, email=evil),
        bank=BankAccount(evil),
        number=evil,
    )
    page = page_of(invoice, pdf_name='"><script>', watermark=evil)
    assert not page.all("script")
    assert not page.all("img")
    assert page.text.count(evil) >= 8
    assert {name for name, _ in page.elements} == {
        name for name, _ in page_of(invoice_of(RICH[:1], notes=("x",), bank=BankAccount("x"))).elements
    }


def test_the_page_stands_alone(invoice_of: Make) -> None:
    """No script, nothing loaded from anywhere, no frame, no form; the only links are the file beside it and mail."""
    page = page_of(invoice_of(RICH), pdf_name="2026-0117 Ä.pdf")
    source = render_page(invoice_of(RICH), pdf_name="2026-0117 Ä.pdf")
    assert not {"script", "img", "link", "iframe", "form", "object"} & {name for name, _ in page.elements}
    assert not re.search(r"https?:|//|url\(|@import|\bon\w+=|javascript:", source)
    assert "style=" not in source
    assert [a["href"] for a in page.all("a")] == ["mailto:billing%40webwerk.example", "./2026-0117%20%C3%84.pdf"]


def test_the_files_beside_it_are_linked(invoice_of: Make) -> None:
    """Those that there are, the PDF first, in the language of the document, by their names in this folder."""
    invoice = invoice_of(seller=Party("S"), language="ru")
    names = {"xml_name": "i.xml", "act_name": "act.pdf", "time_sheet_name": "t.pdf"}
    links = page_of(invoice, pdf_name="i.pdf", **names).all("a")
    assert [a["href"] for a in links] == ["./i.pdf", "./act.pdf", "./t.pdf", "./i.xml"]
    assert ">Открыть акт</a>" in render_page(invoice, pdf_name="i.pdf", **names)
    assert [a["href"] for a in page_of(invoice, pdf_name=None, act_name="act.pdf").all("a")] == ["./act.pdf"]


def test_there_is_no_link_without_a_file(invoice_of: Make) -> None:
    """Nor a mail link without an address, nor a list of nothing."""
    page = page_of(invoice_of(seller=Party("S")), pdf_name=None)
    assert page.all("a") == page.all("nav") == []


def test_a_link_leads_to_the_file_beside_the_page(invoice_of: Make) -> None:
    """Whatever the name holds, it is one name in this folder; unpaired surrogates do no harm."""
    mail, first = page_of(invoice_of(seller=Party("S", email="\ud800?x")), pdf_name="../a?b#c\ud800").all("a")
    assert first["href"] == "./..%2Fa%3Fb%23c%5BU%2BD800%5D"
    assert mail["href"] == "mailto:%5BU%2BD800%5D%3Fx"


def test_the_head_gives_nothing_away(invoice_of: Make) -> None:
    """Search engines stay out, no referrer leaves, the title has neither name nor amount."""
    page = page_of(invoice_of())
    meta = {m["name"]: m["content"] for m in page.all("meta") if "name" in m}
    assert meta["robots"] is not None
    assert "noindex" in meta["robots"]
    assert meta["referrer"] == "no-referrer"
    assert "width=device-width" in str(meta["viewport"])
    assert page.title == "Invoice 2026-0117"
    shown = {m["property"]: m["content"] for m in page.all("meta") if "property" in m}
    assert shown == {"og:type": "website", "og:title": "Invoice 2026-0117"}
    assert {"charset": "utf-8"} in page.all("meta")


@pytest.mark.parametrize(("language", "tag"), [("ru", "ru"), ("de-AT", "de-AT"), ("sv", "en")])
def test_the_language_is_declared(invoice_of: Make, language: str, tag: str) -> None:
    """Of the labels that are really used."""
    assert page_of(invoice_of(language=language)).all("html") == [{"lang": tag}]


def test_a_screen_reader_finds_its_way(invoice_of: Make) -> None:
    """Landmarks, one main heading, a caption for each table, a scope for each head."""
    page = page_of(invoice_of(RICH))
    names = [name for name, _ in page.elements]
    for landmark in ("header", "main", "footer"):
        assert names.count(landmark) == 1
    assert names.count("h1") == 1
    assert names.count("caption") == names.count("table") == 2
    assert page.all("th")
    assert all(th.get("scope") in {"col", "row", "rowgroup"} for th in page.all("th"))


def test_the_style_serves_paper_telephone_and_night(invoice_of: Make) -> None:
    """Rules for A4, for narrow screens and for dark ones."""
    source = render_page(invoice_of(), pdf_name=None)
    assert "@page{size:A4" in source
    assert "@media print" in source
    assert "@media screen and (max-width" in source
    assert "prefers-color-scheme:dark" in source


def test_as_much_paper_is_kept_for_the_sums_as_they_have_rows(invoice_of: Make) -> None:
    """Net, one tax and total: three rows. Two rates and their sum: five. A reason takes two more; a class there is."""
    one, two = {"tax_rate": Decimal(19)}, {"tax_rate": Decimal(7)}
    assert '<main class="keep3">' in render_page(invoice_of([one]), pdf_name=None)
    assert '<main class="keep5">' in render_page(invoice_of([one, two]), pdf_name=None)
    exempt = {"tax_category": "E", "tax_rate": Decimal(0)}
    page = render_page(invoice_of([exempt], reasons={("E", Decimal(0)): "Small business"}), pdf_name=None)
    assert '<main class="keep5">' in page
    many = [{"tax_rate": Decimal(rate)} for rate in range(1, 12)]
    assert '<main class="keep8">' in render_page(invoice_of(many), pdf_name=None)


def test_a_draft_and_a_watermark_are_marked(invoice_of: Make) -> None:
    """As in the file."""
    assert "ENTWURF" in page_of(invoice_of(number=None, language="de")).text
    assert "ENTWURF" not in page_of(invoice_of(language="de")).text
    assert "PREVIEW" in page_of(invoice_of(), watermark="PREVIEW").text


def test_controls_cannot_garble_the_page(invoice_of: Make) -> None:
    """Emoji and right-to-left letters stay, each text apart from its neighbours; overrides are shown."""
    title = "\u202eevil\u202c \U0001f3a8 שלום \x00\x07\ud800 ok"
    source = render_page(invoice_of([{"title": title}]), pdf_name=None)
    assert "<bdi>[U+202E]evil \U0001f3a8 שלום [U+0000][U+0007][U+D800] ok</bdi>" in source
    assert source.encode("utf-8")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.text(st.characters(), max_size=60))
def test_any_text_makes_a_sound_page(invoice_of: Make, text: str) -> None:
    """It can be parsed, holds the text, and can be written as UTF-8."""
    invoice = invoice_of([{"title": text, "project": text, "comments": (text,)}], notes=(text,), order_number=text)
    source = render_page(invoice, pdf_name=text or None)
    assert source.encode("utf-8")
    assert for_page(text) in Page(source).text


def test_the_front_door_knows_its_names() -> None:
    """What it does not list is an AttributeError that names it; dir() is the list."""
    assert studio_invoices.render_page is render_page
    assert dir(studio_invoices) == sorted(studio_invoices.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = studio_invoices.nothing


def test_the_front_door_is_lazy() -> None:
    """Importing the package loads neither painter, template engine, locale data nor font tools; asking for a
    name does; a name that does not exist is an AttributeError."""
    script = (
        "import sys, studio_invoices as s;"
        "heavy = {'reportlab', 'jinja2', 'babel', 'fontTools'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules);"
        "assert dir(s) == sorted(s.__all__);"
        "assert all(getattr(s, name) for name in s.__all__);"
        "assert {'reportlab', 'jinja2', 'babel'} <= set(sys.modules);"
        "print(hasattr(s, 'nothing'))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("False", "")
