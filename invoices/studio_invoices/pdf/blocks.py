"""What stands around the table: head of the letter, sums, payment, notes, foot of the page."""

from __future__ import annotations

from studio_invoices import sheet as words
from studio_invoices.pdf import style
from studio_invoices.pdf.flow import Row
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.shapes import REGULAR, SEMIBOLD, Box, Shape, Text

_SUMS_WIDTH = 262.0
_PAD = 13.0
_SHORT_BLOCK = 8
_MAX_LABEL_WIDTH = 96.0
_FOOT_WIDTHS = (124.0, 116.0, 180.0)


class Blocks:
    """Makes the blocks of one document."""

    def __init__(self, sheet: words.Sheet, kit: Kit) -> None:
        self._sheet = sheet
        self._kit = kit
        self._ruler = kit.ruler

    def letter_head(self) -> tuple[list[Shape], float]:
        """Seller, recipient, dates and title of the first page, and how far down they reach."""
        shapes = [*self._seller(), *self._recipient()]
        meta, meta_bottom = self._meta()
        y = max(style.TITLE_TOP, meta_bottom + 26)
        shapes += meta
        title = self._ruler.on_one_line(self._sheet.title)
        # a title that is a little too long becomes smaller rather than leave one word on a second line
        room = style.WIDTH / self._ruler.width(title, 1.0, SEMIBOLD)
        size = min(style.TITLE, max(style.TITLE_LEAST, room - 0.1))
        for line in self._ruler.wrap(title, style.WIDTH, size, SEMIBOLD):
            shapes.append(Text(style.LEFT, y, SEMIBOLD, size, style.INK, line))
            y += size * 1.2
        return shapes, y + 4

    def statements(self) -> list[Row]:
        """What a cancellation takes back, and why."""
        rows = []
        for i, statement in enumerate(self._sheet.statements):
            weight, colour = (REGULAR, style.INK) if i else (SEMIBOLD, self._kit.accent)
            for line in self._ruler.wrap(self._ruler.drawable(statement), style.WIDTH, 9.5, weight):
                rows.append(Row(13.5, [Text(style.LEFT, 2, weight, 9.5, colour, line)]))
        return [*rows, Row(6, [])] if rows else []

    def running_head(self) -> list[Shape]:
        """The head of every later page."""
        y = style.RUNNING_HEAD
        half = style.WIDTH / 2 - style.GAP
        name = self._ruler.shortened(self._ruler.on_one_line(self._sheet.seller_name), half, style.SMALL)
        title = self._ruler.shortened(self._ruler.on_one_line(self._sheet.title), half, style.SMALL)
        right = style.RIGHT - self._ruler.width(title, style.SMALL)
        return [
            Text(style.LEFT, y, REGULAR, style.SMALL, style.GREY, name),
            Text(right, y, REGULAR, style.SMALL, style.GREY, title),
        ]

    def sums(self) -> list[Row]:
        """Net, taxes and total, never parted from each other."""
        left = style.RIGHT - _SUMS_WIDTH
        rows = [Row(10, [], glued=True)]
        for item in self._sheet.sums:
            rows.append(self._sum(item, left))
        label = self._ruler.wrap(self._sheet.grand_total.label, _SUMS_WIDTH / 2, style.TOTAL, SEMIBOLD)
        amount = self._sheet.grand_total.amount
        shapes: list[Shape] = [Box(left, 5, _SUMS_WIDTH, style.RULE, style.INK)]
        for i, line in enumerate(label):
            shapes.append(Text(left, 23 + i * 15, SEMIBOLD, style.TOTAL, style.INK, line))
        x = style.RIGHT - self._ruler.width(amount, style.TOTAL, SEMIBOLD)
        shapes.append(Text(x, 23, SEMIBOLD, style.TOTAL, self._kit.accent, amount))
        rows.append(Row(23 + 15 * len(label), shapes))
        return rows

    def payment(self) -> list[Row]:
        """The box that says how to pay."""
        payment = self._sheet.payment
        if payment is None:
            return []
        inner = style.LEFT + _PAD + 2
        shapes: list[Shape] = []
        y = _PAD + 7
        shapes.append(Text(inner, y, SEMIBOLD, style.BODY + 0.5, style.INK, self._sheet.labels["payment"]["heading"]))
        y += 14
        text = self._ruler.drawable(payment.sentence)
        for line in self._ruler.wrap(text, style.WIDTH - 2 * _PAD - 2, style.BODY):
            shapes.append(Text(inner, y, REGULAR, style.BODY, style.INK, line))
            y += style.BODY_LEADING
        y += 5
        half = (len(payment.rows) + 1) // 2
        column_width = (style.WIDTH - 2 * _PAD - 2 - style.GAP) / 2
        label_width = self._label_width(payment.rows)
        ends = []
        for column, pairs in enumerate((payment.rows[:half], payment.rows[half:])):
            x = inner + column * (column_width + style.GAP)
            block, end = self._pairs(pairs, x, y, label_width, column_width - label_width)
            shapes += block
            ends.append(end)
        height = max(ends) - style.BODY_LEADING + 6 + _PAD - 4
        background = [
            Box(style.LEFT, 0, style.WIDTH, height, self._kit.tint),
            Box(style.LEFT, 0, 2.5, height, self._kit.accent),
        ]
        return [Row(14, []), Row(height, [*background, *shapes])]

    def notes(self) -> list[Row]:
        """The client's notes, then in small print how it was calculated."""
        rows = []
        for texts, size, leading, colour in (
            (self._sheet.notes, style.BODY, style.BODY_LEADING, style.INK),
            (self._sheet.small_print, style.SMALL, style.SMALL_LEADING + 0.6, style.GREY),
        ):
            if not texts:
                continue
            block = [Row(11, [])]
            for text in texts:
                lines = self._ruler.wrap(self._ruler.drawable(text), style.WIDTH * 0.92, size)
                block += [Row(leading, [Text(style.LEFT, leading * 0.8, REGULAR, size, colour, t)]) for t in lines]
                block[-1].height += 2.5
            # what is short stays together; what is long may break, but not after its first or before its last line
            together = len(block) <= _SHORT_BLOCK
            for i, row in enumerate(block[:-1]):
                row.glued = together or i < 2 or i == len(block) - 2
            rows += block
        return rows

    def foot(self) -> tuple[list[Shape], float]:
        """Company data of every page and where the foot begins."""
        sheet = self._sheet
        numbers = [f"{label} {value}" for label, value in sheet.seller_numbers]
        # the bank's name speaks for itself
        bank = [sheet.bank_name, *(f"{label} {value}" for label, value in sheet.bank if value != sheet.bank_name)]
        texts = ([sheet.seller_name, *sheet.seller_address], [*numbers, sheet.seller_email], bank)
        columns = [
            [
                line
                for text in column
                if text
                for line in self._ruler.wrap(self._ruler.on_one_line(text), width - style.GAP, style.TINY)
            ]
            for column, width in zip(texts, _FOOT_WIDTHS, strict=True)
        ]
        depth = max(len(column) for column in columns)
        top = style.FOOT - (depth - 1) * style.TINY_LEADING
        shapes: list[Shape] = [Box(style.LEFT, top - 13, style.WIDTH, style.HAIR, style.LINE)]
        x = style.LEFT
        for column, width in zip(columns, _FOOT_WIDTHS, strict=True):
            for j, line in enumerate(column):
                y = top + j * style.TINY_LEADING
                shapes.append(Text(x, y, REGULAR, style.TINY, style.GREY, line))
            x += width
        return shapes, top - 13

    def page_number(self, page: int, pages: int, top: float) -> Text:
        """Page x of y."""
        text = self._sheet.labels["document"]["page"].format(page=page, pages=pages)
        x = style.RIGHT - self._ruler.width(text, style.TINY)
        return Text(x, top + 13, REGULAR, style.TINY, style.GREY, text)

    def _seller(self) -> list[Shape]:
        shapes: list[Shape] = [Box(style.LEFT, 42, 26, 2.6, self._kit.accent)]
        name = self._ruler.on_one_line(self._sheet.seller_name)
        y = 63.0
        for line in self._ruler.wrap(name, style.WIDTH, style.NAME, SEMIBOLD):
            shapes.append(Text(style.LEFT, y, SEMIBOLD, style.NAME, style.INK, line))
            y += style.NAME * 1.2
        return shapes

    def _recipient(self) -> list[Shape]:
        sheet, ruler = self._sheet, self._ruler
        sender = ruler.on_one_line(" · ".join((sheet.seller_name, *sheet.seller_address)))
        small = ruler.wrap(sender, style.WINDOW_WIDTH, style.TINY)
        y = style.WINDOW_TOP
        shapes: list[Shape] = []
        for line in small[:2]:
            shapes.append(Text(style.LEFT, y, REGULAR, style.TINY, style.GREY, line))
            y += style.TINY_LEADING
        shapes.append(Box(style.LEFT, y - 5, style.WINDOW_WIDTH, style.HAIR, style.LINE))
        y += 11
        for i, text in enumerate((sheet.buyer_name, *sheet.buyer_address)):
            weight = REGULAR if i else SEMIBOLD
            for line in ruler.wrap(ruler.drawable(text), style.WINDOW_WIDTH, 10, weight):
                shapes.append(Text(style.LEFT, y, weight, 10, style.INK, line))
                y += 13.6
        return shapes

    def _meta(self) -> tuple[list[Shape], float]:
        pairs = self._sheet.meta
        label_width = self._label_width(pairs)
        width = style.RIGHT - style.META_LEFT - label_width
        return self._pairs(pairs, style.META_LEFT, style.WINDOW_TOP, label_width, width)

    def _label_width(self, pairs: tuple[words.Pair, ...]) -> float:
        widest = max(self._ruler.width(label, style.SMALL) for label, _ in pairs)
        return min(widest + style.GAP, _MAX_LABEL_WIDTH)

    def _pairs(
        self, pairs: tuple[words.Pair, ...], x: float, y: float, label_width: float, width: float
    ) -> tuple[list[Shape], float]:
        shapes: list[Shape] = []
        for label, value in pairs:
            labels = self._ruler.wrap(label, label_width - 6, style.SMALL)
            values = self._ruler.wrap(self._ruler.drawable(value), width, style.BODY)
            for i, line in enumerate(labels):
                shapes.append(Text(x, y + i * style.SMALL_LEADING, REGULAR, style.SMALL, style.GREY, line))
            for i, line in enumerate(values):
                at = y + i * style.BODY_LEADING
                shapes.append(Text(x + label_width, at, REGULAR, style.BODY, style.INK, line))
            y += max(len(values) * style.BODY_LEADING, len(labels) * style.SMALL_LEADING) + 2.2
        return shapes, y

    def _sum(self, item: words.Sum, left: float) -> Row:
        ruler = self._ruler
        amount_width = ruler.width(item.amount, style.BODY)
        lines = ruler.wrap(ruler.drawable(item.label), _SUMS_WIDTH - amount_width - style.GAP, style.BODY)
        shapes: list[Shape] = []
        y = 11.0
        for line in lines:
            shapes.append(Text(left, y, REGULAR, style.BODY, style.INK, line))
            y += style.BODY_LEADING
        shapes.append(Text(style.RIGHT - amount_width, 11, REGULAR, style.BODY, style.INK, item.amount))
        for line in ruler.wrap(ruler.drawable(item.note), _SUMS_WIDTH, style.SMALL) if item.note else []:
            shapes.append(Text(left, y - 1, REGULAR, style.SMALL, style.GREY, line))
            y += style.SMALL_LEADING
        return Row(y - 11 + 4.2, shapes, glued=True)
