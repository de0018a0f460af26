"""Writes docs/gallery: a picture of every layout in every language; a test compares them with what is drawn now.

Run as `python -m tools.gallery`, then look at the pictures. `python -m tools.gallery FOLDER` writes them elsewhere.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

from studio_invoices.look import Look
from studio_invoices.model import Act, Invoice
from studio_invoices.pdf import render_pdf
from studio_invoices.wording import cancelled_mark
from studio_support.testing import documents as samples
from studio_support.testing.document_words import LANGUAGES

TARGET = Path(__file__).resolve().parent.parent / "docs" / "gallery"
_DOTS_PER_INCH = 92
_COLOURS = 200
# a pixel of the pictures at half size may differ by this much of 255: another version smooths edges otherwise
_TOLERANCE = 40

_NAMES = "invoice-{}"
_ALL_PAGES = 99


def pictures() -> Iterator[tuple[str, Image.Image]]:
    """Name and picture of every page shown."""
    for name, content, most in _documents():
        pages = list(pages_of(content))[:most]
        for number, page in enumerate(pages, start=1):
            yield (f"{name}-{number}" if len(pages) > 1 else name), page


def pages_of(content: bytes) -> Iterator[Image.Image]:
    """The pages of a PDF as pictures of few colours."""
    document = pypdfium2.PdfDocument(content)
    for page in document:
        drawn = page.render(scale=_DOTS_PER_INCH / 72).to_pil().convert("RGB")
        yield drawn.quantize(_COLOURS, dither=Image.Dither.NONE)
    document.close()


def differing(one: Image.Image, other: Image.Image) -> int:
    """How many pixels of the two pictures, at half size and in grey, differ by more than the tolerance."""
    if one.size != other.size:
        return one.width * one.height
    half = [picture.convert("L").reduce(2) for picture in (one, other)]
    histogram = ImageChops.difference(*half).histogram()
    return sum(histogram[_TOLERANCE + 1 :])


def _documents() -> Iterator[tuple[str, bytes, int]]:
    """Name, file, and how many of its pages are shown."""
    for language in LANGUAGES:
        yield _NAMES.format(language), render_pdf(samples.sample_invoice(language, 3)), 1
    yield (
        "long",
        render_pdf(samples.sample_invoice("de", 31), time_sheet=samples.sample_time_sheet("de", 16)),
        _ALL_PAGES,
    )
    yield "mixed", render_pdf(samples.sample_mixed("en")), _ALL_PAGES
    yield "credit-note", render_pdf(samples.sample_credit("de")), 1
    yield "cancellation", render_pdf(_cancellation()), 1
    yield "cancelled", _cancelled(), 1
    yield "draft", render_pdf(samples.sample_invoice("fr", 3, number=None)), 1
    yield "prices", render_pdf(samples.sample_prices("en"), "prices"), 1
    with tempfile.TemporaryDirectory() as folder:
        look = _own_look(Path(folder))
        yield "own-look", render_pdf(samples.sample_invoice("en", 3), look=look), 1
    yield "swiss", render_pdf(samples.sample_swiss()), _ALL_PAGES
    bill = samples.sample_russian(4)
    yield "ru-bill", render_pdf(bill), 1
    yield "ru-act", render_pdf(Act("57", bill.period_end, bill), "act"), 1
    yield "ru-correction", render_pdf(_correction(bill)), 1
    with tempfile.TemporaryDirectory() as folder:
        yield "ru-signed", render_pdf(samples.sample_russian(24), look=_signed(Path(folder))), _ALL_PAGES


def _cancelled() -> bytes:
    invoice = samples.sample_invoice("en", 2)
    return render_pdf(invoice, watermark=cancelled_mark("en"), payable=False)


def _cancellation() -> Invoice:
    first = samples.sample_invoice("en", 3, number="2026-0117")
    return samples.sample_invoice(
        "en",
        3,
        "cancellation",
        number="2026-0118",
        corrects=first.number,
        corrects_date=first.issue_date,
        reason="The order was withdrawn.",
    )


def _correction(bill: Invoice) -> Invoice:
    return replace(
        bill,
        kind="credit_note",
        number="2026-0121",
        issue_date=bill.issue_date + timedelta(days=5),
        due_date=None,
        corrects=bill.number,
        corrects_date=bill.issue_date,
        reason="Все задачи учтены дважды",
        lines=tuple(replace(line, credits_line=line.number) for line in bill.lines),
    )


def _signed(folder: Path) -> Look:
    """A round stamp and a hand."""
    paths = folder / "stamp.png", folder / "hand.png"
    stamp, hand = Image.new("RGBA", (600, 600)), Image.new("RGBA", (500, 180))
    pen = ImageDraw.Draw(stamp)
    for edge, width in ((8, 12), (120, 6)):
        pen.ellipse((edge, edge, 600 - edge, 600 - edge), outline=(40, 60, 160, 230), width=width)
    points = [(20, 120), (90, 30), (120, 150), (190, 60), (230, 140), (300, 70), (360, 130), (480, 60)]
    ImageDraw.Draw(hand).line(points, fill=(20, 30, 120, 255), width=7, joint="curve")
    stamp.save(paths[0])
    hand.save(paths[1])
    return Look(stamp=paths[0], signature=paths[1], accountant_signature=paths[1])


def _own_look(folder: Path) -> Look:
    """A logo of a disc, a square and a bar, and its red."""
    logo = Image.new("RGBA", (1100, 300), (0, 0, 0, 0))
    pen = ImageDraw.Draw(logo)
    pen.ellipse((10, 40, 230, 260), fill=(184, 40, 74, 255))
    pen.rectangle((180, 40, 400, 260), fill=(24, 28, 60, 255))
    pen.rectangle((450, 200, 1090, 260), fill=(24, 28, 60, 255))
    path = folder / "logo.png"
    logo.save(path)
    return Look(accent="#b8284a", logo=path)


def main() -> None:
    """Writes the pictures, and takes away those that are no longer made."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.mkdir(parents=True, exist_ok=True)
    made = set()
    for name, picture in pictures():
        path = target / f"{name}.png"
        picture.save(path, optimize=True)
        made.add(path)
        print(f"{path.name} {path.stat().st_size // 1000} KB")
    for path in set(target.glob("*.png")) - made:
        path.unlink()


if __name__ == "__main__":
    main()
