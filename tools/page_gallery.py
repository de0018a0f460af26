"""Writes docs/gallery/pages: what clients see behind a link, on a desk, on a telephone, in the dark, printed, expired.

Run as `python -m tools.page_gallery` where Chromium is installed, then look at the pictures. The fonts are those of the
PDFs; clients who have none of them see their system's own.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

from studio_invoices.html import render_page
from studio_invoices.look import Look
from studio_support.delivery.notices import expired_page, nothing_page
from studio_support.testing import documents as samples
from tools.chromium import Browser, chromium

TARGET = Path(__file__).resolve().parent.parent / "docs" / "gallery" / "pages"
NAMES = (
    *("de", "de-dark", "de-telephone", "de-print", "ru", "ru-telephone", "ru-print"),
    *("long-print", "mixed", "credit-note", "draft", "own-look", "own-look-dark", "expired", "nothing"),
)
_COLOURS = 48
_GREY = (128, 134, 140)
_GAP = 16
_PRINT_DOTS = 64


def _own_look(folder: Path) -> Look:
    """Three bars and a word of bars, in red."""
    logo = Image.new("RGBA", (900, 240), (0, 0, 0, 0))
    pen = ImageDraw.Draw(logo)
    for left, top in ((20, 120), (90, 70), (160, 20)):
        pen.rectangle((left, top, left + 45, 220), fill=(184, 40, 74, 255))
    pen.rectangle((260, 90, 880, 150), fill=(27, 31, 36, 255))
    logo.save(folder / "logo.png")
    return Look(accent="#b8284a", logo=folder / "logo.png")


def pictures() -> Iterator[tuple[str, Image.Image]]:
    """Name and picture of each."""
    german, russian = samples.sample_invoice("de", 5), samples.sample_russian()
    seller = samples.SELLER
    sources = {
        "de": render_page(german, pdf_name="i.pdf", xml_name="i.xml"),
        "ru": render_page(russian, pdf_name="i.pdf", act_name="a.pdf"),
        "long": render_page(samples.sample_invoice("de", 31), pdf_name="i.pdf"),
        "mixed": render_page(samples.sample_mixed("en"), pdf_name="i.pdf", time_sheet_name="t.pdf"),
        "credit-note": render_page(samples.sample_credit("de"), pdf_name="i.pdf"),
        "draft": render_page(samples.sample_invoice("fr", 3, number=None), pdf_name="i.pdf"),
        "expired": expired_page("de", "2026-0117", seller.name, seller.email),
        "nothing": nothing_page(),
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        as_file(files("fontpkg_ibm_plex_sans")) as fonts,
        chromium(fonts=fonts) as browser,
    ):
        look = _own_look(Path(folder))
        sources["own-look"] = render_page(samples.sample_invoice("en", 2), pdf_name="i.pdf", look=look)
        for name, source in sources.items():
            (Path(folder) / f"{name}.html").write_text(source, "utf-8")
        for name in NAMES:
            what, _, how = (name, "", "") if name in sources else name.rpartition("-")
            yield name, _taken(browser, (Path(folder) / f"{what}.html").as_uri(), how)


def _taken(browser: Browser, address: str, how: str) -> Image.Image:
    """how: dark, telephone, print, or empty for a desk in the light."""
    tab = browser.tab()
    tab.prefer("dark" if how == "dark" else "light", "" if how == "print" else "screen")
    if how == "telephone":
        tab.screen(360, 740, scale=1.25, mobile=True)
    else:
        tab.screen(1000, 460)
    tab.open(address)
    made = _sheets(tab.pdf()) if how == "print" else [Image.open(BytesIO(tab.picture())).convert("RGB")]
    tab.close()
    if how == "telephone":
        made = _cut(made[0], 3)
    picture = made[0] if len(made) == 1 and how != "print" else _in_a_row(made)
    return picture.quantize(_COLOURS, dither=Image.Dither.NONE)


def _sheets(content: bytes) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(content)
    made = [page.render(scale=_PRINT_DOTS / 72).to_pil().convert("RGB") for page in document]
    document.close()
    return made


def _cut(picture: Image.Image, parts: int) -> list[Image.Image]:
    """A long picture in parts of the same height, from top to bottom."""
    height = -(-picture.height // parts)
    return [picture.crop((0, top, picture.width, top + height)) for top in range(0, parts * height, height)]


def _in_a_row(made: Sequence[Image.Image]) -> Image.Image:
    """Side by side on grey."""
    width = sum(picture.width + _GAP for picture in made) + _GAP
    row = Image.new("RGB", (width, max(picture.height for picture in made) + 2 * _GAP), _GREY)
    x = _GAP
    for picture in made:
        row.paste(picture, (x, _GAP))
        x += picture.width + _GAP
    return row


def main() -> None:
    """Writes the pictures, and takes away those that are no longer made."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures():
        path = target / f"{name}.png"
        picture.save(path, optimize=True)
        print(f"{path.name} {path.stat().st_size // 1000} KB")
    for path in target.glob("*.png"):
        if path.stem not in NAMES:
            path.unlink()


if __name__ == "__main__":
    main()
