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


Shape = Text | Box


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole document: the shapes of each page from the lowest to the uppermost, and what it says of itself."""

    pages: tuple[tuple[Shape, ...], ...]
    title: str
    author: str
    subject: str
    language: str
    made_on: date
