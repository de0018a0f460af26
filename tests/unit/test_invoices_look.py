"""The look: what it changes, what is wrong with it, which layout it chooses."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Pillow

from studio_invoices.look import Look
from studio_invoices.model import BankAccount, Invoice, Party
from studio_invoices.pdf import document, draw, render_pdf, style
from studio_invoices.pdf.kit import LookUnusable, kit_for, legible, look_problems, tinted
from studio_invoices.pdf.layouts import family_of, layout_for
from studio_invoices.pdf.pictures import picture_of
from studio_invoices.pdf.shapes import Box, Colour, Picture, Text

Make = Callable[..., Invoice]
RUSSIAN = Party("ООО «Студия»", ("Невский пр., 1",), "RU", inn="7802895380", kpp="780201001")


def logo(path: Path, size: tuple[int, int] = (400, 100)) -> Path:
    out = io.BytesIO()
    Pillow.new("RGB", size, (200, 0, 0)).save(out, "PNG")
    path.write_bytes(out.getvalue())
    return path


def first_page(invoice: Invoice, look: Look) -> tuple[object, ...]:
    return draw(invoice, look=look).pages[0]


def test_a_logo_takes_the_place_of_the_name(invoice_of: Make, tmp_path: Path) -> None:
    """Above the window, at the left margin, proportions kept; the name stays in the line above the recipient."""
    page = first_page(invoice_of(), Look(logo=logo(tmp_path / "logo.png")))
    (picture,) = [shape for shape in page if isinstance(shape, Picture)]
    assert picture.x == style.LEFT
    assert picture.width / picture.height == pytest.approx(4)
    assert (picture.y + picture.height) / style.MM < 45
    texts = [shape.content for shape in page if isinstance(shape, Text)]
    assert "Webwerk Studio GmbH" in texts  # the foot
    assert any(text.startswith("Webwerk Studio GmbH · ") for text in texts)


def test_the_accent_colours_total_and_bars(invoice_of: Make) -> None:
    """And nothing is left in the colour of the plain look."""
    page = first_page(invoice_of(), Look(accent="#aa0000"))
    red = Colour(0xAA / 255, 0, 0)
    assert {shape.content for shape in page if isinstance(shape, Text) and shape.colour == red} == {"€113.05"}
    assert sum(isinstance(shape, Box) and shape.colour == red for shape in page) == 2
    assert legible("#0b5874") not in {getattr(shape, "colour", None) for shape in page}


def test_a_pale_accent_is_made_darker() -> None:
    """Yellow on white cannot be read; contrast by WCAG 2: (1.05) / (luminance + 0.05) >= 4.5."""
    assert legible("#000000") == Colour(0, 0, 0)
    assert legible("#767676") == Colour(*(0x76 / 255,) * 3)  # contrast 4.54: the lightest grey that passes
    yellow = legible("#ffff00")
    assert yellow.red == yellow.green < 0.5
    assert yellow.blue == 0


def test_a_tint_is_a_little_of_the_colour() -> None:
    """Five per cent of black are 95 per cent of white."""
    assert tinted(Colour(0, 0, 1)) == pytest.approx((0.95, 0.95, 1))


def test_own_texts_replace_labels(invoice_of: Make) -> None:
    """By section and key; others stay, unknown ones are no error."""
    look = Look(texts=(("payment.heading", "How to pay"), ("no.such", "x"), ("nodot", "y")))
    texts = [shape.content for shape in first_page(invoice_of(), look) if isinstance(shape, Text)]
    assert "How to pay" in texts
    assert "Payment" not in texts
    assert "Total due" in texts


def test_problems_name_the_part_of_the_look(tmp_path: Path) -> None:
    """All of them at once; a sound look and the plain one have none."""
    svg = tmp_path / "logo.svg"
    svg.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    look = Look("letter", "red", svg, tmp_path / "none.png", font=tmp_path / "none.ttf")
    found = {problem.source: problem.message for problem in look_problems(look)}
    assert list(found) == ["look.layout", "look.accent", "look.logo", "look.stamp", "look.font"]
    assert "SVG" in found["look.logo"]
    assert all(problem.next_step.endswith(".") for problem in look_problems(look))
    assert look_problems(Look()) == look_problems(Look(logo=logo(tmp_path / "logo.png"))) == []


def test_a_look_that_cannot_be_used_draws_nothing(invoice_of: Make, tmp_path: Path) -> None:
    """An error with the problems, not half a document."""
    with pytest.raises(LookUnusable) as caught:
        render_pdf(invoice_of(), look=Look(logo=tmp_path / "none.png"))
    assert [problem.source for problem in caught.value.problems] == ["look.logo"]
    assert "look.logo" in str(caught.value)


def test_stamp_and_signatures_are_in_the_kit(tmp_path: Path) -> None:
    """For the layouts that draw them."""
    path = logo(tmp_path / "stamp.png", (10, 10))
    kit = kit_for(Look(stamp=path, signature=path, accountant_signature=path), watermark="COPY")
    assert kit.stamp == kit.signature == kit.accountant_signature
    assert kit.stamp is not None
    assert (kit.stamp.width, kit.logo, kit.watermark) == (10, None, "COPY")


def test_the_family_follows_seller_and_look(invoice_of: Make) -> None:
    """Russian forms for a Russian seller's rubles, unless the look says otherwise."""
    plain = invoice_of()
    bank = BankAccount("Банк", "044030653", "40702810455000024248", correspondent_account="30101810500000000653")
    russian = replace(invoice_of(language="ru", currency="RUB", bank=bank), seller=RUSSIAN)
    assert (family_of(plain), family_of(russian)) == ("international", "ru")
    assert family_of(russian, Look(layout="international")) == "international"
    assert family_of(plain, Look(layout="ru")) == "ru"
    assert layout_for(plain) is document.lay_out


def test_a_family_without_a_layout_leaves_it_to_the_international_one(invoice_of: Make) -> None:
    """There is no Russian form of a price list."""
    assert layout_for(invoice_of(), "prices", Look(layout="ru")).__module__ == "studio_invoices.pdf.prices"


def test_grey_of_sixteen_bits_keeps_its_shades() -> None:
    """0, 20000, 40000 and 65535 are 0, 77, 155 and 255 of 255: no logo turns white."""
    deep = Pillow.new("I;16", (4, 1))
    for x, value in enumerate((0, 20000, 40000, 65535)):
        deep.putpixel((x, 0), value)
    out = io.BytesIO()
    deep.save(out, "PNG")
    found = picture_of(out.getvalue())
    assert found.space == "DeviceGray"
    assert list(zlib.decompress(found.data)) == [0, 77, 155, 255]


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("payment.heading", "How to pay", ""),
        ("document.page", "{page} / {pages} {{of all}}", ""),
        ("document.page", "{page", "is '{page', in which a brace is not closed"),
        ("document.page", "{0}", "has {0}, which nothing fills"),
        ("totals.gross", "{page}", "has {page}, which nothing fills"),
        ("payment.sentence", "{amount.real}", "has {amount.real}, which nothing fills"),
        ("payment.sentence", "{amount:>9} {number!r}", "has {amount:>9}, {number!r}, which nothing fills"),
        ("ru_totals.subtotal", "Всего", ""),
        ("payment.headline", "{x", ""),
    ],
)
def test_wording_that_cannot_be_filled_is_told_before_anything_is_drawn(key: str, text: str, said: str) -> None:
    """A brace that is not closed, a placeholder that this text has not; unknown keys are left out."""
    found = look_problems(Look(texts=((key, text),)))
    assert [(problem.source, problem.message) for problem in found] == ([(f"look.texts.{key}", said)] if said else [])


def test_what_placeholders_a_wording_may_have_is_said() -> None:
    """By name, or that there are none."""
    texts = (("document.page", "{x}"), ("payment.heading", "{x}"))
    steps = [problem.next_step for problem in look_problems(Look(texts=texts))]
    assert steps == ["Placeholders may be here: {page}, {pages}.", "Placeholders may be here: none."]
