"""The display list: what one document looks like, as plain values that any painter can draw.

Points (1/72 inch); x from the left edge of the page, y from its TOP edge; text stands on its baseline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

PAGE_WIDTH = 595.28
PAGE_HEIGHT = 841.89

REGULAR = 0
SEMIBOLD = 1


class Colour(NamedTuple):
    """Red, green and blue, each 0 to 1."""

    red: float
    green: float
    blue: float


class Text(NamedTuple):
    """One run of characters, all of them in the fonts; angle in degrees, counter-clockwise."""

    x: float
    y: float
    weight: int
    size: float
    colour: Colour
    content: str
    angle: float = 0.0


class Box(NamedTuple):
    """A filled rectangle; a rule is a thin one. y is its upper edge."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour


class Cells(NamedTuple):
    """Many rectangles of one colour drawn as one filled path: the modules of a QR code, the marks of a form.

    Each cell is (x, y, width, height) in units of `unit` points, from the upper left corner of the whole.
    """

    x: float
    y: float
    unit: float
    colour: Colour
    cells: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as PDF keeps it: made by `studio_invoices.pdf.pictures`, shared between documents.

    width, height in pixels; space: DeviceRGB or DeviceGray; coding: FlateDecode or DCTDecode; mask: deflated
    opacity, a byte a pixel, None where the picture has no transparent parts. name: from the content.
    """

    name: str
    width: int
    height: int
    space: str
    coding: str
    data: bytes
    mask: bytes | None = None


class Picture(NamedTuple):
    """A picture stretched into a rectangle. y is its upper edge."""

    x: float
    y: float
    width: float
    height: float
    image: Image


Shape = Text | Box | Cells | Picture


class Bookmark(NamedTuple):
    """An entry of the outline: what it says, its page (from 0) and how far down on it."""

    title: str
    page: int
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole document: the shapes of each page from the lowest to the uppermost, and what it says of itself."""

    pages: tuple[tuple[Shape, ...], ...]
    title: str
    author: str
    subject: str
    language: str
    made_on: date
    bookmarks: tuple[Bookmark, ...] = ()


def lowered(shape: Shape, by: float) -> Shape:
    """The same shape `by` points further down."""
    if isinstance(shape, Text):
        x, y, weight, size, colour, content, angle = shape
        return Text(x, y + by, weight, size, colour, content, angle)
    if isinstance(shape, Box):
        x, y, width, height, colour = shape
        return Box(x, y + by, width, height, colour)
    return shape._replace(y=shape.y + by)


def outline(x: float, y: float, width: float, height: float, thickness: float, colour: Colour) -> list[Shape]:
    """The four edges of a rectangle, drawn inside it."""
    return [
        Box(x, y, width, thickness, colour),
        Box(x, y + height - thickness, width, thickness, colour),
        Box(x, y + thickness, thickness, height - 2 * thickness, colour),
        Box(x + width - thickness, y + thickness, thickness, height - 2 * thickness, colour),
    ]


def fitted(image: Image, x: float, y: float, width: float, height: float, align: float = 0.0) -> Picture:
    """The picture as large as the rectangle has room for, its proportions kept, at the rectangle's top.

    align: 0 at the left, 0.5 in the middle, 1 at the right.
    """
    scale = min(width / image.width, height / image.height)
    shown = image.width * scale
    return Picture(x + (width - shown) * align, y, shown, image.height * scale, image)
