"""What stands around the table of an invoice: statements, sums, payment, notes."""

from __future__ import annotations

from studio_invoices import sheet_types as words
from studio_invoices.pdf import style
from studio_invoices.pdf.codes import Code
from studio_invoices.pdf.flow import Row
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.pairs import label_width, pair_column
from studio_invoices.pdf.shapes import REGULAR, SEMIBOLD, Box, Cells, Colour, Shape, Text

_SUMS_WIDTH = 262.0
_PAD = 12.0
_MODULE = 1.5  # points: half a millimetre for the usual code, less for a very full one
_CODE_LEAST, _CODE_MOST = 76.0, 104.0  # 27 and 37 mm
_SHORT_BLOCK = 8
_BLACK = Colour(0, 0, 0)
_WHITE = Colour(1, 1, 1)


class Blocks:
    """Makes the blocks of one document."""

    def __init__(self, sheet: words.Sheet, kit: Kit) -> None:
        self._sheet = sheet
        self._kit = kit
        self._ruler = kit.ruler

    def statements(self) -> list[Row]:
        """What a cancellation or a credit note takes back, and why."""
        rows = []
        for i, statement in enumerate(self._sheet.statements):
            weight, colour = (REGULAR, style.INK) if i else (SEMIBOLD, self._kit.accent)
            for line in self._ruler.wrap(self._ruler.drawable(statement), style.WIDTH, 9.5, weight):
                rows.append(Row(13.5, [Text(style.LEFT, 2, weight, 9.5, colour, line)]))
        return [*rows, Row(8, [])] if rows else []

    def sums(self) -> list[Row]:
        """Net, taxes and total, never parted from each other."""
        left = style.RIGHT - _SUMS_WIDTH
        rows = [Row(10, [], glued=True), *(self._sum(item, left) for item in self._sheet.sums)]
        label = self._ruler.wrap(self._sheet.grand_total.label, _SUMS_WIDTH / 2, style.TOTAL, SEMIBOLD)
        amount = self._sheet.grand_total.amount
        shapes: list[Shape] = [Box(left, 5, _SUMS_WIDTH, style.RULE, style.INK)]
        for i, line in enumerate(label):
            shapes.append(Text(left, 23 + i * 15, SEMIBOLD, style.TOTAL, style.INK, line))
        x = style.RIGHT - self._ruler.width(amount, style.TOTAL, SEMIBOLD)
        shapes.append(Text(x, 23, SEMIBOLD, style.TOTAL, self._kit.accent, amount))
        shapes += self._in_words(self._sheet.grand_total.note, left - style.LEFT - style.GAP * 2)
        rows.append(Row(23 + 15 * len(label), shapes))
        return rows

    def _in_words(self, text: str, room: float) -> list[Shape]:
        """The total in words at its left, where there is room; the last line on its baseline."""
        lines = self._ruler.wrap(self._ruler.drawable(text), room, style.SMALL) if text else []
        tops = [23 - (len(lines) - 1 - i) * style.SMALL_LEADING for i in range(len(lines))]
        return [
            Text(style.LEFT, y, REGULAR, style.SMALL, style.GREY, line) for y, line in zip(tops, lines, strict=True)
        ]

    def payment(self, code: Code | None) -> list[Row]:
        """The box that says how to pay, with a code to scan where there is one."""
        payment = self._sheet.payment
        if payment is None:
            return []
        inner = style.LEFT + _PAD + 2
        room = style.WIDTH - 2 * _PAD - 2
        if code is not None:
            room -= _side(code) + style.GAP * 2
        shapes: list[Shape] = []
        y = _PAD + 7
        heading = self._sheet.labels["payment"]["heading"]
        shapes.append(Text(inner, y, SEMIBOLD, style.BODY + 0.5, style.INK, heading))
        y += 14
        for line in self._ruler.wrap(self._ruler.drawable(payment.sentence), room, style.BODY):
            shapes.append(Text(inner, y, REGULAR, style.BODY, style.INK, line))
            y += style.BODY_LEADING
        pairs, bottom = self._account(payment.rows, inner, y + 5, room, 1 if code else 2)
        height = bottom - style.BODY_LEADING + 2 + _PAD
        if code is not None:
            drawn, code_height = self._code(code)
            pairs += drawn
            height = max(height, code_height)
        background = [
            Box(style.LEFT, 0, style.WIDTH, height, self._kit.tint),
            Box(style.LEFT, 0, 2.5, height, self._kit.accent),
        ]
        return [Row(14, [], glued=True), Row(height, [*background, *shapes, *pairs])]

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

    def _account(
        self, pairs: tuple[words.Pair, ...], x: float, y: float, room: float, columns: int
    ) -> tuple[list[Shape], float]:
        labels = label_width(self._ruler, pairs)
        column = (room - style.GAP * (columns - 1)) / columns
        each = -(-len(pairs) // columns)
        shapes: list[Shape] = []
        bottom = y
        for i in range(columns):
            part = pairs[i * each : (i + 1) * each]
            drawn, end = pair_column(self._ruler, part, x + i * (column + style.GAP), y, labels, column - labels)
            shapes += drawn
            bottom = max(bottom, end)
        return shapes, bottom

    def _code(self, code: Code) -> tuple[list[Shape], float]:
        """The code at the right of the box, on white with its quiet zone, what to do with it below."""
        side = _side(code)
        left = style.RIGHT - _PAD - side
        unit = side / (code.size + 2 * code.quiet)
        at = code.quiet * unit
        caption = self._ruler.shortened(self._sheet.labels["payment"]["code"], side + 2 * _PAD, style.SMALL)
        centred = left + (side - self._ruler.width(caption, style.SMALL)) / 2
        return [
            Box(left, _PAD, side, side, _WHITE),
            Cells(left + at, _PAD + at, unit, _BLACK, code.cells),
            Text(centred, _PAD + side + 10, REGULAR, style.SMALL, style.GREY, caption),
        ], _PAD + side + 10 + _PAD - 4

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


def _side(code: Code) -> float:
    """How wide the code is drawn, its quiet zone included."""
    return min(max((code.size + 2 * code.quiet) * _MODULE, _CODE_LEAST), _CODE_MOST)
