"""The head of a letter has room for whatever a seller is called and however he is reached."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader

from studio_invoices.model import Party
from studio_invoices.pdf import draw, render_pdf, style
from studio_invoices.pdf.shapes import Text
from studio_support.testing.documents import SELLER, sample_invoice

LONG = "Gemeinnützige Gesellschaft für Softwareentwicklung und Systemintegration "
REACHED: dict[str, Any] = {
    "contact_name": LONG * 2,
    "contact_phone": "+49 40 5550 " * 9,
    "email": "a" * 90 + "@b.example",
}


def first_texts(seller: Party) -> list[Text]:
    page = draw(replace(sample_invoice("de", 2), seller=seller)).pages[0]
    return [shape for shape in page if isinstance(shape, Text)]


@pytest.mark.parametrize("more", [{}, REACHED])
def test_a_long_name_stays_above_the_window_and_is_whole_in_the_foot(more: dict[str, Any]) -> None:
    """Four lines of it, the last with an ellipsis; so does the sender's line in the window, of two lines."""
    found = first_texts(replace(SELLER, name=(LONG * 5).strip(), **more))
    head = [text for text in found if text.size == style.NAME]
    assert len(head) <= 4
    assert head[-1].content.endswith("…")
    assert max(text.y for text in head) < style.WINDOW_TOP - style.TINY
    sender = [text.content for text in found if text.size == style.TINY and text.x == style.LEFT and text.y < 200]
    assert len(sender) == 2
    assert sender[1].endswith("…")
    foot = "".join(text.content for text in found if text.size == style.TINY and text.x == style.LEFT and text.y > 600)
    assert foot.replace(" ", "").count("Softwareentwicklung") == 5


def test_dates_begin_below_whom_to_ask() -> None:
    """However many lines that takes."""
    found = first_texts(replace(SELLER, **REACHED))
    (number,) = [text for text in found if text.content == "Nummer"]
    asked = [text for text in found if text.x == number.x and text.y < number.y]
    assert len(asked) >= 8
    assert number.y - max(text.y for text in asked) > style.SMALL


def test_a_short_name_is_left_as_it_is() -> None:
    """One line, and the dates beside the window."""
    found = first_texts(SELLER)
    assert [text.content for text in found if text.size == style.NAME] == ["Webwerk Studio GmbH"]
    assert next(text.y for text in found if text.content == "Nummer") == style.WINDOW_TOP


def test_a_lone_surrogate_never_reaches_the_file() -> None:
    """Not in what the file says of itself either: it is written as on the page."""
    broken = replace(sample_invoice("en", 1), number="R\ud800", seller=replace(SELLER, name="A\udfffB"))
    found = PdfReader(io.BytesIO(render_pdf(broken))).metadata
    assert found is not None
    assert (found.title, found.author) == ("Invoice R[U+D800]", "A[U+DFFF]B")
