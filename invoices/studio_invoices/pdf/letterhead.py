"""What makes a page a letter of the studio: head with logo or name, address window, dates, running head, foot.

Shared by all documents in the letter's grid (invoice, time sheet, price list). The window is that of DIN 5008 form B,
with its marks for folding and punching at the left edge of the first page.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio_invoices.pdf import style
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.pairs import label_width, pair_column
from studio_invoices.pdf.shapes import REGULAR, SEMIBOLD, Box, Shape, Text, fitted
from studio_invoices.sheet_types import Pair

_LOGO_TOP = 34.0
_LOGO_WIDTH = 190.0
_LOGO_HEIGHT = 54.0
_CONTACT_TOP = 51.0
_NAME_TOP = 63.0
_NAME_LINES = 4  # above the window
_FOOT_GAP = 16.0
_FOLDS_MM = (105.0, 210.0)
_PUNCH_MM = 148.5


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of a letter around its body. foot: columns of lines; page: "Page {page} of {pages}"."""

    title: str
    seller_name: str
    seller_address: tuple[str, ...]
    seller_contact: tuple[str, ...]
    buyer_name: str
    buyer_address: tuple[str, ...]
    meta: tuple[Pair, ...]
    foot: tuple[tuple[str, ...], ...]
    page: str


class Letterhead:
    """Draws head and foot of one document."""

    def __init__(self, letter: Letter, kit: Kit) -> None:
        self._letter = letter
        self._kit = kit
        self._ruler = kit.ruler

    def first_page(self) -> tuple[list[Shape], float]:
        """Everything above the body of the first page, and how far down it reaches."""
        address, address_bottom = self._recipient()
        contact, contact_bottom = self._contact()
        meta, meta_bottom = self._meta(max(style.WINDOW_TOP, contact_bottom))
        title, bottom = self._title(max(style.TITLE_TOP, meta_bottom + 26, address_bottom + 26))
        return [*_marks(), *self._sender(), *contact, *address, *meta, *title], bottom

    def running_head(self) -> list[Shape]:
        """The head of every later page."""
        ruler = self._ruler
        half = style.WIDTH / 2 - style.GAP
        name = ruler.shortened(ruler.on_one_line(self._letter.seller_name), half, style.SMALL)
        title = ruler.shortened(ruler.on_one_line(self._letter.title), half, style.SMALL)
        right = style.RIGHT - ruler.width(title, style.SMALL)
        y = style.RUNNING_HEAD
        return [
            Text(style.LEFT, y, REGULAR, style.SMALL, style.GREY, name),
            Text(right, y, REGULAR, style.SMALL, style.GREY, title),
            Box(style.LEFT, y + 7, style.WIDTH, style.HAIR, style.LINE),
        ]

    def foot(self) -> tuple[list[Shape], float]:
        """Company data of every page, and where the foot begins."""
        ruler = self._ruler
        columns = [[ruler.on_one_line(text) for text in column if text] for column in self._letter.foot]
        columns = [column for column in columns if column]
        widths = _shared([max(ruler.width(text, style.TINY) for text in column) for column in columns])
        broken = [
            [line for text in column for line in ruler.wrap(text, width, style.TINY)]
            for column, width in zip(columns, widths, strict=True)
        ]
        depth = max((len(column) for column in broken), default=1)
        top = style.FOOT - (depth - 1) * style.TINY_LEADING
        shapes: list[Shape] = [Box(style.LEFT, top - 13, style.WIDTH, style.HAIR, style.LINE)]
        spare = style.WIDTH - sum(widths)
        gap = min(spare / (len(widths) - 1), 60.0) if len(widths) > 1 else 0.0
        x = style.LEFT
        for column, width in zip(broken, widths, strict=True):
            for i, line in enumerate(column):
                y = top + i * style.TINY_LEADING
                shapes.append(Text(x, y, REGULAR, style.TINY, style.GREY, line))
            x += width + gap
        return shapes, top - 13 - style.PAGE_NUMBER

    def page_number(self, page: int, pages: int, foot_top: float) -> Text:
        """Page x of y, above the foot."""
        text = self._letter.page.format(page=page, pages=pages)
        x = style.RIGHT - self._ruler.width(text, style.TINY)
        return Text(x, foot_top + style.PAGE_NUMBER - 5, REGULAR, style.TINY, style.GREY, text)

    def _sender(self) -> list[Shape]:
        """Logo or name at the left. A name that has no room above the window is cut: it is whole in the foot."""
        if self._kit.logo is not None:
            return [fitted(self._kit.logo, style.LEFT, _LOGO_TOP, _LOGO_WIDTH, _LOGO_HEIGHT)]
        room = style.META_LEFT - style.LEFT - style.GAP if self._letter.seller_contact else style.WIDTH
        name = self._ruler.on_one_line(self._letter.seller_name)
        shapes: list[Shape] = [Box(style.LEFT, 42, 26, 2.6, self._kit.accent)]
        for i, line in enumerate(self._first_lines(name, _NAME_LINES, room, style.NAME, SEMIBOLD)):
            shapes.append(Text(style.LEFT, _NAME_TOP + i * style.NAME * 1.2, SEMIBOLD, style.NAME, style.INK, line))
        return shapes

    def _first_lines(self, text: str, most: int, room: float, size: float, weight: int = REGULAR) -> list[str]:
        """The text in at most so many lines, the last of them with an ellipsis where more would follow."""
        lines = self._ruler.wrap(text, room, size, weight)
        if len(lines) <= most:
            return lines
        rest = " ".join(lines[most - 1 :])
        return [*lines[: most - 1], self._ruler.shortened(rest, room, size, weight)]

    def _contact(self) -> tuple[list[Shape], float]:
        """Whom to ask, above the dates, and where those may begin."""
        shapes: list[Shape] = []
        y = _CONTACT_TOP
        for text in self._letter.seller_contact:
            for line in self._ruler.wrap(self._ruler.on_one_line(text), style.RIGHT - style.META_LEFT, style.SMALL):
                shapes.append(Text(style.META_LEFT, y, REGULAR, style.SMALL, style.GREY, line))
                y += style.SMALL_LEADING + 0.8
        return shapes, y + style.GAP

    def _recipient(self) -> tuple[list[Shape], float]:
        letter, ruler = self._letter, self._ruler
        sender = ruler.on_one_line(" · ".join((letter.seller_name, *letter.seller_address)))
        y = style.WINDOW_TOP
        shapes: list[Shape] = []
        for line in self._first_lines(sender, 2, style.WINDOW_WIDTH, style.TINY):
            shapes.append(Text(style.LEFT, y, REGULAR, style.TINY, style.GREY, line))
            y += style.TINY_LEADING
        shapes.append(Box(style.LEFT, y - 5, style.WINDOW_WIDTH, style.HAIR, style.LINE))
        y += 11
        for i, text in enumerate((letter.buyer_name, *letter.buyer_address)):
            weight = REGULAR if i else SEMIBOLD
            for line in ruler.wrap(ruler.drawable(text), style.WINDOW_WIDTH, style.ADDRESS, weight):
                shapes.append(Text(style.LEFT, y, weight, style.ADDRESS, style.INK, line))
                y += style.ADDRESS_LEADING
        return shapes, y - style.ADDRESS_LEADING

    def _meta(self, top: float) -> tuple[list[Shape], float]:
        pairs = self._letter.meta
        if not pairs:
            return [], top
        labels = label_width(self._ruler, pairs)
        width = style.RIGHT - style.META_LEFT - labels
        return pair_column(self._ruler, pairs, style.META_LEFT, top, labels, width)

    def _title(self, y: float) -> tuple[list[Shape], float]:
        title = self._ruler.on_one_line(self._letter.title)
        # a title that is a little too long becomes smaller rather than leave one word on a second line
        room = style.WIDTH / max(self._ruler.width(title, 1.0, SEMIBOLD), 1.0)
        size = min(style.TITLE, max(style.TITLE_LEAST, room - 0.1))
        shapes: list[Shape] = []
        for line in self._ruler.wrap(title, style.WIDTH, size, SEMIBOLD):
            shapes.append(Text(style.LEFT, y, SEMIBOLD, size, style.INK, line))
            y += size * 1.2
        return shapes, y - 1


def _marks() -> list[Shape]:
    """Where to fold the sheet for the envelope and where to punch it."""
    folds = [Box(12, at * style.MM, 9, 0.3, style.FOLD) for at in _FOLDS_MM]
    return [*folds, Box(12, _PUNCH_MM * style.MM, 14, 0.3, style.FOLD)]


def _shared(widths: list[float]) -> list[float]:
    """Column widths that fit beside each other: the widest give way first."""
    room = style.WIDTH - _FOOT_GAP * (len(widths) - 1)
    over = sum(widths) - room
    while over > 0.01:
        widest = max(widths)
        following = max((width for width in widths if width < widest - 0.01), default=0.0)
        many = [i for i, width in enumerate(widths) if width >= widest - 0.01]
        less = min(widest - following, over / len(many))
        for i in many:
            widths[i] -= less
        over -= less * len(many)
    return widths
