"""The gallery shows what is drawn now; a picture that differs is saved beside the one it should be."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image

from studio_invoices.pdf import render_pdf
from studio_support.testing.documents import sample_invoice
from tools.gallery import TARGET, differing, pages_of, pictures

FEW = 2


def test_the_gallery_shows_what_is_drawn_now() -> None:
    """Every layout and language; after a change that is meant: `python -m tools.gallery`, and look at the pictures."""
    saved = Path(tempfile.gettempdir()) / "studio-gallery"
    wrong = []
    names = set()
    for name, picture in pictures():
        names.add(f"{name}.png")
        path = TARGET / f"{name}.png"
        if not path.exists() or differing(picture, Image.open(path)) > FEW:
            saved.mkdir(exist_ok=True)
            picture.save(saved / f"{name}.png")
            wrong.append(name)
    assert wrong == [], f"drawn otherwise: see {saved}"
    assert {path.name for path in TARGET.glob("*.png")} == names


def test_pictures_are_few_and_small() -> None:
    """At most thirty, 150 KB each."""
    found = list(TARGET.glob("*.png"))
    assert 20 <= len(found) <= 30
    assert max(path.stat().st_size for path in found) <= 150_000


def test_one_other_digit_is_seen() -> None:
    """The comparison finds a cent, and nothing between two drawings of the same."""
    invoice = sample_invoice("en", 2)
    other = replace(invoice, lines=(replace(invoice.lines[0], net=invoice.lines[0].net + 1), *invoice.lines[1:]))
    (page,) = pages_of(render_pdf(invoice))
    (same,) = pages_of(render_pdf(invoice))
    (changed,) = pages_of(render_pdf(other))
    assert differing(page, same) == 0
    assert differing(page, changed) > FEW
    assert differing(page, page.crop((0, 0, 10, 10))) > FEW
