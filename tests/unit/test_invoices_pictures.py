"""Pictures of the look: what can be drawn, what is refused and why, what a PDF holds of them."""

from __future__ import annotations

import io
import zlib
from datetime import date
from pathlib import Path

import pytest
from PIL import Image as Pillow
from pypdf import PdfReader

from studio_invoices import fonts
from studio_invoices.pdf import pictures
from studio_invoices.pdf.painter import paint
from studio_invoices.pdf.pictures import PictureUnusable, load_picture, picture_of
from studio_invoices.pdf.shapes import Box, Cells, Colour, Drawing, Image, Picture, Shape, fitted, lowered, outline

RED = (255, 0, 0)
INK = Colour(0, 0, 0)


def png(size: tuple[int, int] = (2, 1), mode: str = "RGB", colour: object = RED, **save: object) -> bytes:
    out = io.BytesIO()
    Pillow.new(mode, size, colour).save(out, "PNG", **save)  # type: ignore[arg-type]  # Pillow types colours narrowly
    return out.getvalue()


def jpeg(size: tuple[int, int] = (8, 4), mode: str = "RGB", orientation: int = 1) -> bytes:
    out = io.BytesIO()
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    Pillow.new(mode, size).save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_png_becomes_deflated_pixels() -> None:
    """Two red pixels are six bytes; nothing is transparent, so there is no mask."""
    image = picture_of(png())
    assert (image.width, image.height, image.space, image.coding) == (2, 1, "DeviceRGB", "FlateDecode")
    assert zlib.decompress(image.data) == b"\xff\x00\x00" * 2
    assert image.mask is None


def test_transparency_becomes_a_mask() -> None:
    """Half transparent: one byte of opacity a pixel; wholly opaque: none at all."""
    image = picture_of(png(mode="RGBA", colour=(255, 0, 0, 128)))
    assert image.mask is not None
    assert zlib.decompress(image.mask) == b"\x80\x80"
    assert picture_of(png(mode="RGBA", colour=(255, 0, 0, 255))).mask is None


def test_grey_stays_grey_and_palettes_become_colours() -> None:
    """A stamp scanned in grey needs a third of the bytes."""
    assert picture_of(png(mode="L", colour=7)).space == "DeviceGray"
    assert picture_of(png(mode="1", colour=1)).space == "DeviceGray"
    assert picture_of(png(mode="P", colour=0)).space == "DeviceRGB"


def test_a_jpeg_is_kept_as_it_is() -> None:
    """Not decoded and deflated again, unless it has to be turned or is in inks."""
    content = jpeg()
    assert (picture_of(content).coding, picture_of(content).data) == ("DCTDecode", content)
    turned = picture_of(jpeg(orientation=6))
    assert (turned.coding, turned.width, turned.height) == ("FlateDecode", 4, 8)
    assert picture_of(jpeg(mode="CMYK")).space == "DeviceRGB"


def test_large_pictures_are_made_smaller() -> None:
    """1,400 pixels on the longer side, proportions kept, opacity as well."""
    image = picture_of(png((2800, 700), "RGBA", (0, 0, 0, 0)))
    assert (image.width, image.height) == (1400, 350)
    assert image.mask is not None
    assert len(zlib.decompress(image.mask)) == 1400 * 350


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "is an SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "is an SVG"),
        (b"<!-- drawn --><svg/>", "is an SVG"),
        (b"GIF89a", "is neither PNG nor JPEG"),
        (b"", "is neither PNG nor JPEG"),
        (png()[:50], "is broken"),
        (png((40, 40))[:-30], "is broken"),
        (jpeg()[:200], "is broken"),
    ],
)
def test_what_cannot_be_drawn_is_refused(content: bytes, fault: str) -> None:
    """Never an exception of Pillow's own."""
    with pytest.raises(PictureUnusable) as caught:
        picture_of(content)
    assert caught.value.fault.startswith(fault)
    assert caught.value.cure.endswith(".")


def test_a_small_file_may_not_hold_a_huge_picture() -> None:
    """Thirty million pixels in black and white: refused before they are decoded."""
    with pytest.raises(PictureUnusable, match="6000 x 5000 pixels"):
        picture_of(png((6000, 5000), "1", 0))


def test_files_are_read_once_and_again_when_they_change(tmp_path: Path) -> None:
    """Too many bytes and unreadable files are refused."""
    path = tmp_path / "logo.png"
    path.write_bytes(png())
    assert load_picture(path) is load_picture(path)
    path.write_bytes(png((3, 3)))
    assert load_picture(path).width == 3
    with pytest.raises(PictureUnusable, match="cannot be read"):
        load_picture(tmp_path / "none.png")
    folder = tmp_path / "folder.png"
    folder.mkdir()
    with pytest.raises(PictureUnusable, match="cannot be read"):
        load_picture(folder)


def test_too_many_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is asked before the file is read."""
    monkeypatch.setattr(pictures, "MAX_BYTES", 10)
    path = tmp_path / "logo.png"
    path.write_bytes(png())
    with pytest.raises(PictureUnusable, match="more than"):
        load_picture(path)


def reader_of(*shapes: Shape) -> PdfReader:
    drawing = Drawing((shapes,), "t", "a", "", "en", date(2026, 11, 30))
    return PdfReader(io.BytesIO(paint(drawing, fonts.load(), prefer_cyrillic=False)))


def test_a_picture_stands_once_in_the_file() -> None:
    """However often it is drawn; another program reads the same pixels, and the mask beside them."""
    image = picture_of(png(mode="RGBA", colour=(255, 0, 0, 128)))
    page = reader_of(Picture(10, 20, 30, 40, image), Picture(50, 20, 30, 40, image)).pages[0]
    (found,) = page.images
    assert found.image is not None
    assert found.image.convert("RGBA").getpixel((1, 0)) == (255, 0, 0, 128)
    assert b"30.00 0 0 40.00 10.00 781.89 cm" in page.get_contents().get_data()  # 841.89 - 20 - 40


def test_cells_are_one_path() -> None:
    """So that no hair line shows between dark modules that touch."""
    content = reader_of(Cells(100, 50, 2, INK, ((0, 0, 3, 1), (1, 1, 0.5, 1)))).pages[0].get_contents().get_data()
    assert b"q 2.00000 0 0 -2.00000 100.000 791.890 cm\n0 0 3 1 re\n1 1 0.5 1 re\nf Q" in content


def test_shapes_can_be_lowered() -> None:
    """Only their height changes."""
    image = Image("P", 1, 1, "DeviceGray", "FlateDecode", b"")
    assert lowered(Cells(1, 2, 3, INK, ()), 10) == Cells(1, 12, 3, INK, ())
    assert lowered(Picture(1, 2, 3, 4, image), 10) == Picture(1, 12, 3, 4, image)


def test_an_outline_is_four_edges_inside() -> None:
    """10 x 20 at (1, 2), one point thick."""
    assert outline(1, 2, 10, 20, 1, INK) == [
        Box(1, 2, 10, 1, INK),
        Box(1, 21, 10, 1, INK),
        Box(1, 3, 1, 18, INK),
        Box(10, 3, 1, 18, INK),
    ]


def test_a_picture_is_fitted_with_its_proportions() -> None:
    """4:1 into 20 x 10 is 20 x 5; 1:1 is 10 x 10, at the right on demand."""
    wide = Image("P", 400, 100, "DeviceGray", "FlateDecode", b"")
    square = Image("P", 100, 100, "DeviceGray", "FlateDecode", b"")
    assert fitted(wide, 5, 6, 20, 10) == Picture(5, 6, 20, 5, wide)
    assert fitted(square, 5, 6, 20, 10, align=1) == Picture(15, 6, 10, 10, square)
