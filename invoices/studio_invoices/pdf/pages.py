"""What all layouts do with pages: rows to shapes, the mark across the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import cos, radians, sin

from studio_invoices.pdf import style
from studio_invoices.pdf.flow import Placed
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.letterhead import Letterhead
from studio_invoices.pdf.shapes import PAGE_HEIGHT, PAGE_WIDTH, SEMIBOLD, Bookmark, Box, Drawing, Shape, Text, lowered

_WATERMARK_ANGLE = 54.0
_WATERMARK_LENGTH = 640.0
_WATERMARK_SIZE = 120.0
_SHORT_DOCUMENT = 3


def shapes_on(page: Sequence[Placed]) -> list[Shape]:
    """The shapes of placed rows, where they stand on the page."""
    return [lowered(shape, placed.y) for placed in page for shape in placed.row.shapes]


def watermark(kit: Kit, text: str) -> list[Shape]:
    """The mark across the page, to be drawn below all else; as large as the diagonal has room for."""
    content = kit.ruler.on_one_line(text)
    width = kit.ruler.width(content, 1.0, SEMIBOLD)
    if not width:
        return []
    size = min(_WATERMARK_SIZE, _WATERMARK_LENGTH / width)
    turn = radians(_WATERMARK_ANGLE)
    x = PAGE_WIDTH / 2 - cos(turn) * width * size / 2 + sin(turn) * size * 0.35
    y = PAGE_HEIGHT / 2 + 20 + sin(turn) * width * size / 2 + cos(turn) * size * 0.35
    return [Text(x, y, SEMIBOLD, size, style.WATERMARK, content, _WATERMARK_ANGLE)]


def on_letter(
    pages: Sequence[Sequence[Placed]],
    letterhead: Letterhead,
    head: Sequence[Shape],
    foot: tuple[Sequence[Shape], float],
    kit: Kit,
    mark: str,
) -> tuple[tuple[Shape, ...], ...]:
    """The pages of a letter: the mark, then head or running head, the rows, the foot.

    The mark lies below all else but the tinted grounds, which would cut it in two.
    """
    across = watermark(kit, mark)
    running_head = letterhead.running_head() if len(pages) > 1 else []
    drawn = []
    for number, page in enumerate(pages, start=1):
        shapes = shapes_on(page)
        grounds = [shape for shape in shapes if _is_ground(shape, kit)] if across else []
        drawn.append(
            (
                *grounds,
                *across,
                *(running_head if number > 1 else head),
                *(shape for shape in shapes if not (across and _is_ground(shape, kit))),
                *foot[0],
                letterhead.page_number(number, len(pages), foot[1]),
            )
        )
    return tuple(drawn)


def _is_ground(shape: Shape, kit: Kit) -> bool:
    return isinstance(shape, Box) and shape.colour == kit.tint


def bookmarks(pages: Sequence[Sequence[Placed]]) -> tuple[Bookmark, ...]:
    """The marked rows as an outline, where a document is long enough to need one."""
    if len(pages) <= _SHORT_DOCUMENT:
        return ()
    return tuple(
        Bookmark(placed.row.mark, number, placed.y)
        for number, page in enumerate(pages)
        for placed in page
        if placed.row.mark
    )


def joined(first: Drawing, *annexes: Drawing) -> Drawing:
    """One document of several, each with page numbers of its own; the outline leads to each of them."""
    if not annexes:
        return first
    pages: list[tuple[Shape, ...]] = []
    marks: list[Bookmark] = []
    for drawing in (first, *annexes):
        start = len(pages)
        marks.append(Bookmark(drawing.title, start, 0.0))
        marks += (mark._replace(page=mark.page + start) for mark in drawing.bookmarks)
        pages += drawing.pages
    return replace(first, pages=tuple(pages), bookmarks=tuple(marks))
