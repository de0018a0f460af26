"""Pictures of the look (logo, stamp, signatures), read by Pillow and made ready for PDF.

Read with care, because a picture comes from anywhere: a limit of bytes before it is opened, of pixels before it
is decoded (a small file can hold a huge picture), and only PNG and JPEG are tried. SVG is refused: it can hold
scripts and outside references.
"""

from __future__ import annotations

import hashlib
import io
import warnings
import zlib
from functools import lru_cache
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from studio_invoices.errors import StudioError
from studio_invoices.pdf.shapes import Image

MAX_BYTES = 5_000_000
MAX_PIXELS = 25_000_000
_LONGEST = 1400  # pixels kept: 100 mm wide at 355 dots an inch
_ORIENTATION = 0x0112  # EXIF
_FORMATS = ("PNG", "JPEG")
_DEEP = frozenset({"I", "I;16", "I;16B", "I;16L"})  # grey of 16 bits


class PictureUnusable(StudioError):
    """A picture cannot be drawn; `fault` says why, `cure` what to do about it."""

    def __init__(self, fault: str, cure: str = "Save it as PNG or JPEG and name that file.") -> None:
        super().__init__(fault)
        self.fault = fault
        self.cure = cure


def load_picture(path: Path) -> Image:
    """The picture of a file, kept for the process until the file changes; raises PictureUnusable."""
    try:
        found = path.stat()
    except OSError as error:
        raise PictureUnusable(f"cannot be read: {error.strerror}", "Correct the path.") from error
    return _load(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=32)
def _load(path: Path, _changed_ns: int, size: int) -> Image:
    if size > MAX_BYTES:
        raise PictureUnusable(f"is {size / 1e6:.1f} MB, more than {MAX_BYTES // 1_000_000} MB", "Make it smaller.")
    try:
        return picture_of(path.read_bytes())
    except OSError as error:
        raise PictureUnusable(f"cannot be read: {error.strerror}", "Correct the path.") from error


def picture_of(content: bytes) -> Image:
    """The picture that a PNG or JPEG file holds; raises PictureUnusable. Huge ones are made smaller."""
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<?xml", b"<svg", b"<!doctype svg", b"<!--")):
        raise PictureUnusable("is an SVG, which can hold scripts and outside references")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a warning of Pillow's is a doubt about the file
            with Pillow.open(io.BytesIO(content), formats=_FORMATS) as opened:
                return _prepared(opened, content)
    except PictureUnusable:
        raise
    except UnidentifiedImageError as error:
        raise PictureUnusable("is neither PNG nor JPEG") from error
    # a broken file raises nearly anything inside Pillow, documented or not
    except Exception as error:
        raise PictureUnusable(f"is broken ({type(error).__name__})") from error


def _prepared(opened: Pillow.Image, content: bytes) -> Image:
    width, height = opened.size
    if width * height > MAX_PIXELS:
        message = f"has {width} x {height} pixels, more than {MAX_PIXELS // 1_000_000} million"
        raise PictureUnusable(message, "Make it smaller.")
    if width < 1 or height < 1:
        raise PictureUnusable("has no pixels")
    opened.load()
    upright = opened.getexif().get(_ORIENTATION, 1) == 1
    if opened.format == "JPEG" and upright and opened.mode in ("RGB", "L") and max(opened.size) <= _LONGEST:
        return _image(opened.size, opened.mode, "DCTDecode", content, None)
    picture = ImageOps.exif_transpose(opened)
    if picture.mode == "P" or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    opacity = picture.getchannel("A") if "A" in picture.getbands() else None
    if picture.mode in _DEEP:
        picture = picture.convert("I").point(lambda value: value * (1 / 257))  # Pillow would clip all to white
    picture = picture.convert("L" if picture.mode in ("1", "L", "LA", "I") else "RGB")
    if max(picture.size) > _LONGEST:
        picture.thumbnail((_LONGEST, _LONGEST))
        if opacity is not None:
            opacity = opacity.resize(picture.size)
    mask = None
    if opacity is not None and opacity.getextrema() != (255, 255):
        mask = zlib.compress(opacity.tobytes(), 9)
    return _image(picture.size, picture.mode, "FlateDecode", zlib.compress(picture.tobytes(), 9), mask)


def _image(size: tuple[int, int], mode: str, coding: str, data: bytes, mask: bytes | None) -> Image:
    digest = hashlib.sha256(data + (mask or b"")).hexdigest()[:16]
    space = "DeviceGray" if mode == "L" else "DeviceRGB"
    return Image(f"P{digest}", *size, space, coding, data, mask)
