"""The page's style: one block, known by its hash, readable in any accent; the payment code as a drawing."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from studio_invoices.html import render_page
from studio_invoices.html_code import PageCode, code_for_page
from studio_invoices.html_look import page_style, style_source
from studio_invoices.look import Look
from studio_invoices.model import BankAccount, Invoice, Party
from studio_invoices.payment_codes import PaymentCode, payment_code
from studio_invoices.pdf.kit import LookUnusable
from studio_support.delivery.web_headers import page_policy, style_hashes
from tests.html_reader import Page
from tests.ru_forms import bill

Make = Callable[..., Invoice]
RED = Look(accent="#ff8888")


@pytest.mark.parametrize("look", [Look(), RED])
def test_the_policy_knows_the_style(invoice_of: Make, look: Look) -> None:
    """The one block of style has the hash that is told, whatever the language and the kind of document."""
    pages = [
        render_page(invoice_of(language="de"), pdf_name="x", look=look),
        render_page(invoice_of(number=None), pdf_name=None, look=look),
        render_page(bill(), pdf_name="x", look=look),
    ]
    assert {style_hashes(page.encode()) for page in pages} == {(style_source(look),)}
    assert all(page.count("<style") == 1 for page in pages)
    assert f"style-src {style_source(look)};" in page_policy((style_source(look),))


def test_the_style_of_another_accent_is_another() -> None:
    """And names neither default."""
    assert style_source(RED) != style_source()
    assert "#0b5874" not in page_style("#ff8888")
    assert "#7cc4df" not in page_style("#ff8888")


def luminance(colour: str) -> float:
    """As WCAG 2 defines it, written anew."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@given(st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"))
def test_any_accent_can_be_read(accent: str) -> None:
    """On white, on the light tint by a hair less, and on the grounds of the dark page."""
    light, dark = re.findall(r"--accent:(#[0-9a-f]{6});", page_style(accent))
    assert contrast(light, "#ffffff") >= 4.45
    assert contrast(dark, "#222b31") >= 4.45
    assert contrast(dark, "#1a1f24") >= 4.45


def test_a_readable_accent_is_left_alone() -> None:
    """On white; black itself is readable there, and white in the dark."""
    assert re.findall(r"--accent:(#[0-9a-f]{6});", page_style("#000000"))[0] == "#000000"
    assert re.findall(r"--accent:(#[0-9a-f]{6});", page_style("#ffffff"))[1] == "#ffffff"


def scanned(code: PageCode) -> str:
    """What a telephone reads from the drawing."""
    picture = Image.new("L", (code.side * 4, code.side * 4), 255)
    pen = ImageDraw.Draw(picture)
    shape = r"M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z"
    assert re.sub(shape, "", code.dark) == ""
    for found in re.findall(shape, code.dark):
        x, y, width, height, back = (int(part) for part in found)
        assert width == back
        pen.rectangle((x * 4, y * 4, (x + width) * 4 - 1, (y + height) * 4 - 1), fill=0)
    (read,) = zxingcpp.read_barcodes(picture)
    assert [picture.getpixel((place, place)) for place in (15, 16)] == [255, 0]  # four light modules around it
    text: str = read.text
    return text


def test_the_code_can_be_scanned(invoice_of: Make) -> None:
    """What is read back from the drawing is what was to be paid: 113.05 and 4 500 roubles."""
    for invoice, told in ((invoice_of(), "EUR113.05"), (bill(), "Sum=450000")):
        code, made = code_for_page(invoice), payment_code(invoice)
        assert isinstance(made, PaymentCode)
        assert code is not None
        assert told in made.payload
        assert scanned(code) == made.payload


def test_a_swiss_code_bears_its_cross(invoice_of: Make) -> None:
    """Black on white in the middle."""
    seller = Party("S AG", ("Weg 1",), "CH", postcode="8000", city="Zürich")
    invoice = invoice_of(currency="CHF", seller=seller, bank=BankAccount(iban="CH9300762011623852957"))
    code = code_for_page(invoice)
    assert code is not None
    assert [colour for colour, _ in code.cross] == ["#fff", "#000", "#fff", "#fff"]
    x, y, width = (float(part) for part in re.findall(r"[\d.]+", code.cross[0][1])[:3])
    assert x == y
    assert x + width / 2 == pytest.approx(code.side / 2, abs=0.01)


def test_no_code_where_nothing_is_asked_for(invoice_of: Make) -> None:
    """A draft, a document that takes back, an account that no code knows."""
    assert code_for_page(invoice_of(number=None)) is None
    assert code_for_page(invoice_of(kind="cancellation")) is None
    assert code_for_page(invoice_of(bank=BankAccount())) is None
    assert Page(render_page(invoice_of(bank=BankAccount()), pdf_name=None)).all("svg") == []


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_the_logo_is_in_the_page(invoice_of: Make, tmp_path: Path, ending: str) -> None:
    """As a picture of its own, with the seller's name for those who do not see it, half as wide as it has pixels."""
    path = tmp_path / f"logo.{ending}"
    Image.new("RGB", (1000, 200), "#b8284a").save(path)
    invoice = invoice_of(seller=Party('S "GmbH"'))
    page = Page(render_page(invoice, pdf_name=None, look=Look(logo=path)))
    (logo,) = page.all("img")
    assert (logo["alt"], logo["width"], logo["height"]) == ('S "GmbH"', "320", "64")
    kind, _, content = str(logo["src"]).partition(",")
    assert kind == "data:image/png;base64"
    shown = Image.open(BytesIO(b64decode(content))).convert("RGB")
    assert shown.size == (640, 128)
    assert max(abs(one - other) for one, other in zip(shown.getpixel((9, 9)), (0xB8, 0x28, 0x4A), strict=True)) < 5


def test_a_logo_keeps_what_is_transparent(invoice_of: Make, tmp_path: Path) -> None:
    """And one that is small stays as it is."""
    path = tmp_path / "logo.png"
    picture = Image.new("RGBA", (100, 40), (0, 0, 0, 0))
    picture.putpixel((3, 3), (10, 20, 30, 255))
    picture.save(path)
    look = Look(logo=path)
    (logo,) = Page(render_page(invoice_of(), pdf_name=None, look=look)).all("img")
    shown = Image.open(BytesIO(b64decode(str(logo["src"]).partition(",")[2])))
    assert (shown.size, shown.getpixel((3, 3)), shown.getpixel((9, 9))[3]) == ((100, 40), (10, 20, 30, 255), 0)


@pytest.mark.parametrize("look", [Look(logo=Path("nowhere.png")), Look(accent="red"), Look(layout="baroque")])
def test_a_look_that_cannot_be_used_is_told(invoice_of: Make, look: Look) -> None:
    """By the same error as of the PDF."""
    with pytest.raises(LookUnusable):
        render_page(invoice_of(), pdf_name=None, look=look)


def test_the_summary_tells_how_much_and_until_when(invoice_of: Make) -> None:
    """Before anything else; without a date where there is none."""
    invoice = invoice_of()
    head = render_page(invoice, pdf_name=None).partition('<div class="parties">')[0]
    assert "€113.05" in head
    assert "December 10, 2026" in head
    undated = render_page(replace(invoice, due_date=None), pdf_name=None).partition('<div class="parties">')[0]
    assert "December" not in undated
    later = replace(invoice, due_date=invoice.issue_date + timedelta(days=1))
    assert "December 1, 2026" in render_page(later, pdf_name=None).partition('<div class="parties">')[0]
