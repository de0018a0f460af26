"""What a look does to the Russian forms: stamp and signatures, and which documents are laid out so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Pillow

from studio_invoices.look import PLAIN, Look
from studio_invoices.pdf import draw
from studio_invoices.pdf.layouts import family_of
from studio_invoices.pdf.shapes import PAGE_HEIGHT, Drawing, Picture, Text
from studio_invoices.pdf.style import MM
from tests.ru_forms import SELLER, TRADER, act_of, bill, both, many


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """A stamp and two signatures."""
    paths = [tmp_path / f"{name}.png" for name in ("stamp", "signature", "accountant")]
    for path, size in zip(paths, ((300, 300), (300, 90), (300, 80)), strict=True):
        Pillow.new("RGBA", size, (20, 40, 160, 120)).save(path)
    return Look(stamp=paths[0], signature=paths[1], accountant_signature=paths[2])


def pictures(drawing: Drawing) -> list[Picture]:
    return [shape for page in drawing.pages for shape in page if isinstance(shape, Picture)]


def test_stamp_and_signatures_stand_where_they_are_configured(look: Look) -> None:
    """On the bill all three; on the act the seller's alone; the names beside them stay clear; in place of «М.П.»."""
    for document, kind, sheet in both(bill()):
        drawing = draw(document, kind, look=look)
        found = pictures(drawing)
        assert len(found) == (3 if kind == "invoice" else 2)
        texts = [s for s in drawing.pages[0] if isinstance(s, Text)]
        assert [s.content for s in texts].count(sheet.stamp) == (0 if kind == "invoice" else 1)
        names = [s for s in texts if s.content == "Соколова Е. В."]
        assert len(names) == 1
        assert all(picture.x + picture.width <= names[0].x for picture in found)
        assert all(picture.y + picture.height < PAGE_HEIGHT - 28 for picture in found)
        assert [picture.width for picture in found].count(pytest.approx(38 * MM)) == 1
    assert len(pictures(draw(bill(seller=TRADER), look=look))) == 2


def test_a_draft_is_neither_signed_nor_stamped(look: Look) -> None:
    """Nor is what the caller marks; the mark stands on every page."""
    invoice = bill(many(40), number=None)
    for document, kind, _ in both(invoice):
        drawing = draw(document, kind, look=look)
        assert not pictures(drawing)
        assert len(drawing.pages) > 1
        assert all(isinstance(page[0], Text) and page[0].content == "ЧЕРНОВИК" for page in drawing.pages)
    assert not pictures(draw(bill(), look=look, watermark="АННУЛИРОВАН"))


def test_which_documents_are_laid_out_so() -> None:
    """Those of a seller in Russia, in rubles and Russian, and the acts to them; any, where the look says so."""
    invoice = bill()
    assert [family_of(invoice), family_of(act_of(invoice))] == ["ru", "ru"]
    assert family_of(bill(language="ru-RU")) == "ru"
    others = [bill(language="en"), bill(currency="EUR"), bill(seller=replace(SELLER, country="DE"))]
    assert [family_of(other) for other in others] == ["international"] * 3
    assert family_of(invoice, Look(layout="international")) == "international"
    assert family_of(others[2], Look(layout="ru")) == "ru"
    assert family_of(invoice, PLAIN) == "ru"
