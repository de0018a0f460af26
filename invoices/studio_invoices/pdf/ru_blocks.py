"""What stands around the table of the Russian forms: bank block with code, title, parties, sums, terms, notes."""

from __future__ import annotations

import re

from studio_invoices.pdf import ru_style as style
from studio_invoices.pdf.codes import Code
from studio_invoices.pdf.flow import Row
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.ru_types import RuBank, RuSheet
from studio_invoices.pdf.shapes import REGULAR, SEMIBOLD, Box, Cells, Colour, Shape, Text
from studio_invoices.pdf.style import MM

_CODE = 38 * MM  # domain: printed at 35 mm and more
_CODE_GAP = 6 * MM
_BANK_LABEL = 40.0
_BANK_VALUE = 124.0
_BANK_ROW = 16.0
_LEAST_BANK = 44.0
_LEAST_PAYEE = _CODE - _LEAST_BANK - _BANK_ROW  # as high as the code beside it
_PARTY_LABEL = 84.0
_SHORT_BLOCK = 8
_AFTER_CODE = 17.0
_BLACK = Colour(0.0, 0.0, 0.0)
_WHITE = Colour(1.0, 1.0, 1.0)
_ABBREVIATED = re.compile(
    r"(?<!\w)(?:г|ул|пр|пр-т|пл|пер|наб|ш|б-р|д|корп|к|стр|лит|пом|кв|оф|эт|ком|обл|р-н|пос|с)\. "
)


class RuBlocks:
    """Makes the blocks of one form."""

    def __init__(self, sheet: RuSheet, ruler: Ruler) -> None:
        self._sheet = sheet
        self._ruler = ruler

    def bank(self, code: Code | None) -> list[Row]:
        """The payment order's block, beside it the code where there is one."""
        bank = self._sheet.bank
        if bank is None:
            return []
        right = style.RIGHT - (0.0 if code is None else _CODE + _CODE_GAP)
        shapes, height = self._bank_block(bank, right)
        if code is None:
            return [Row(height + 22, shapes)]
        x = style.RIGHT - _CODE
        caption = self._sheet.code_caption
        middle = x + (_CODE - self._ruler.width(caption, style.TINY)) / 2
        module = _CODE / code.size
        quiet = code.quiet * module
        # nothing below it, not even a watermark, may lie in its margin
        shapes.append(Box(x - quiet, -quiet, _CODE + 2 * quiet, _CODE + 2 * quiet, _WHITE))
        shapes.append(Cells(x, 0.0, module, _BLACK, code.cells))
        shapes.append(Text(middle, _CODE + 9.5, REGULAR, style.TINY, style.GREY, caption))
        return [Row(max(height + 22, _CODE + _AFTER_CODE), shapes)]

    def _bank_block(self, bank: RuBank, right: float) -> tuple[list[Shape], float]:
        """Left: bank, numbers, payee; right: labels and figures. The rules are those of a payment order."""
        values = right - _BANK_VALUE
        labels = values - _BANK_LABEL
        middle = (style.LEFT + labels) / 2 if bank.kpp else labels
        shapes: list[Shape] = []
        split = self._cell(shapes, bank.bic[1], values, 0.0, _BANK_VALUE)
        end = self._cell(shapes, bank.correspondent[1], values, split, _BANK_VALUE)
        name_end = self._captioned(shapes, bank.bank_name, bank.bank_caption, 0.0, labels, _LEAST_BANK)
        first = max(name_end, end)
        second = max(
            self._cell(shapes, bank.inn, style.LEFT, first, middle - style.LEFT),
            self._cell(shapes, bank.kpp, middle, first, labels - middle) if bank.kpp else 0.0,
        )
        end = self._cell(shapes, bank.account[1], values, first, _BANK_VALUE)
        bottom = max(self._captioned(shapes, bank.payee, bank.payee_caption, second, labels, _LEAST_PAYEE), end)
        for label, y in ((bank.bic[0], 0.0), (bank.correspondent[0], split), (bank.account[0], first)):
            self._cell(shapes, label, labels, y, _BANK_LABEL)
        rules = [
            *((x, 0.0, style.RULE, bottom) for x in (style.LEFT, labels, values, right - style.RULE)),
            *((style.LEFT, y, right - style.LEFT, style.RULE) for y in (0.0, first, bottom - style.RULE)),
            (style.LEFT, second, labels - style.LEFT, style.RULE),
            *([(middle, first, style.RULE, second - first)] if bank.kpp else []),
            (labels, split, values - labels, style.RULE),
        ]
        shapes.append(Cells(0.0, 0.0, 1.0, style.INK, tuple(rules)))
        return shapes, bottom

    def _captioned(self, shapes: list[Shape], text: str, caption: str, top: float, right: float, least: float) -> float:
        """A name with its caption at the foot of its cell; where the cell ends."""
        x = style.LEFT + style.PAD
        lines = self._held(text, right - x - style.PAD, REGULAR)
        for i, line in enumerate(lines):
            shapes.append(Text(x, top + 11.5 + i * style.LEADING, REGULAR, style.BODY, style.INK, line))
        height = max(least, len(lines) * style.LEADING + 18)
        shapes.append(Text(x, top + height - 4.5, REGULAR, style.TINY, style.GREY, caption))
        return top + height

    def _cell(self, shapes: list[Shape], text: str, x: float, y: float, width: float) -> float:
        """A figure or a label in its cell; where the cell ends."""
        lines = self._ruler.wrap(self._ruler.on_one_line(text), width - 2 * style.PAD, style.BODY)
        for i, line in enumerate(lines):
            shapes.append(Text(x + style.PAD, y + 11.5 + i * style.LEADING, REGULAR, style.BODY, style.INK, line))
        return y + _BANK_ROW + (len(lines) - 1) * style.LEADING

    def title(self) -> list[Row]:
        """The form's name, number and date above a rule, and what a correction changes below it."""
        text = self._ruler.on_one_line(self._sheet.title)
        fits = style.WIDTH / self._ruler.width(text, 1.0, SEMIBOLD) - 0.1
        size = min(style.TITLE, max(style.TITLE_LEAST, fits))
        shapes: list[Shape] = []
        y = 14.0
        for line in self._ruler.wrap(text, style.WIDTH, size, SEMIBOLD):
            shapes.append(Text(style.LEFT, y, SEMIBOLD, size, style.INK, line))
            y += size * 1.2
        y += 8 - size * 1.2
        rows = [Row(y + 8, [*shapes, Box(style.LEFT, y, style.WIDTH, style.THICK, style.INK)], glued=True)]
        for i, statement in enumerate(self._sheet.statements):
            rows += self._paragraph(statement, REGULAR if i else SEMIBOLD, style.BODY, style.LEADING, style.INK)
        if self._sheet.statements:
            rows[-1].height += 4
        return rows

    def parties(self) -> list[Row]:
        """Who, for whom, on what ground, for which time; the last one is glued to the table."""
        rows: list[Row] = []
        x, room = style.LEFT + _PARTY_LABEL, style.WIDTH - _PARTY_LABEL
        for label, name, particulars in self._sheet.parties:
            labels = label.split("\n")
            values = [(SEMIBOLD, line) for line in self._held(name, room, SEMIBOLD)] if name else []
            values += [(REGULAR, line) for line in self._held(particulars, room, REGULAR)] if particulars else []
            # the label stands whole before the values, also for who reads the text alone
            shapes: list[Shape] = [
                Text(style.LEFT, 9.2 + i * style.LEADING, REGULAR, style.BODY, style.INK, line)
                for i, line in enumerate(labels)
            ]
            for i in range(max(len(labels), len(values))):
                if i < len(values):
                    shapes.append(Text(x, 9.2, values[i][0], style.BODY, style.INK, values[i][1]))
                rows.append(Row(style.LEADING, shapes, glued=i < len(labels) or i == 0))
                shapes = []
            rows[-1].glued = False
            rows[-1].height += 3.5
        rows[-1].height += 4.5
        rows[-1].glued = True
        return rows

    def _held(self, text: str, room: float, weight: int) -> list[str]:
        """Wrapped, but no line ends in the abbreviation of what follows («г. Москва», «д. 40»)."""
        drawable = self._ruler.on_one_line(text)
        held = _ABBREVIATED.sub(lambda found: found[0][:-1] + "\u00a0", drawable)
        lines = []
        start = 0
        for line in self._ruler.wrap(held, room, style.BODY, weight):
            # what is printed keeps the spaces that were typed
            lines.append(drawable[start : start + len(line)])
            start += len(line)
            start += len(drawable[start:]) - len(drawable[start:].lstrip(" "))
        return lines

    def sums(self, edges: tuple[float, ...]) -> list[Row]:
        """Итого, tax and total, never parted; then what signatures stand below: number of lines, amount in words.

        edges: the vertical rules of the table.
        """
        rows = [Row(5, [])]
        right = edges[5] - style.PAD
        for item in self._sheet.sums:
            rows.append(self._sum(item.label, item.amount, right, style.BODY))
            if item is self._sheet.sums[0]:
                rows[-1] = self._with_hours(rows[-1], edges)
            if item.note:
                lines = self._ruler.wrap(self._ruler.on_one_line(item.note), style.WIDTH / 2, style.SMALL)
                rows += [self._right(line, right) for line in lines]
        total = self._sheet.grand_total
        rows.append(self._sum(total.label, total.amount, right, style.BODY + 1))
        total_at = len(rows) - 1
        rows.append(Row(5, []))
        rows += self._paragraph(self._sheet.count, REGULAR, style.BODY, style.LEADING, style.INK)
        if self._sheet.in_words:
            rows += self._paragraph(self._sheet.in_words, SEMIBOLD, style.BODY + 0.5, style.LEADING + 0.6, style.INK)
        for i, row in enumerate(rows):
            row.glued = i != total_at
        return rows

    def _with_hours(self, row: Row, edges: tuple[float, ...]) -> Row:
        text = self._sheet.total_quantity
        x = edges[3] - style.PAD - self._ruler.width(text, style.BODY, SEMIBOLD)
        return Row(row.height, [*row.shapes, Text(x, 10, SEMIBOLD, style.BODY, style.INK, text)])

    def _sum(self, label: str, amount: str, right: float, size: float) -> Row:
        lines = self._ruler.wrap(self._ruler.drawable(label), right - style.LEFT, size, SEMIBOLD)
        shapes: list[Shape] = []
        for i, line in enumerate(lines):
            x = right - self._ruler.width(line, size, SEMIBOLD)
            shapes.append(Text(x, 10 + i * style.LEADING, SEMIBOLD, size, style.INK, line))
        x = style.RIGHT - style.PAD - self._ruler.width(amount, size, SEMIBOLD)
        shapes.append(Text(x, 10 + (len(lines) - 1) * style.LEADING, SEMIBOLD, size, style.INK, amount))
        return Row(len(lines) * style.LEADING + 2.4, shapes)

    def _right(self, line: str, right: float) -> Row:
        x = right - self._ruler.width(line, style.SMALL)
        return Row(style.SMALL_LEADING, [Text(x, 7, REGULAR, style.SMALL, style.GREY, line)])

    def terms(self) -> list[Row]:
        """What follows the sums, down to the rule above the signatures."""
        rows = [Row(4, [])] if self._sheet.terms else []
        for term in self._sheet.terms:
            rows += self._paragraph(term, REGULAR, style.BODY, style.LEADING, style.INK)
        rows.append(Row(12, [Box(style.LEFT, 5, style.WIDTH, style.THICK, style.INK)]))
        for row in rows:
            row.glued = True
        return rows

    def notes(self) -> list[Row]:
        """The client's notes, then in small print how it was calculated."""
        rows: list[Row] = []
        for texts, size, leading, colour in (
            (self._sheet.notes, style.BODY, style.LEADING, style.INK),
            (self._sheet.small_print, style.SMALL, style.SMALL_LEADING, style.GREY),
        ):
            block = [Row(10, [])] if texts else []
            for text in texts:
                block += self._paragraph(text, REGULAR, size, leading, colour)
            # what is short stays together; what is long may break, but not after its first or before its last line
            for i, row in enumerate(block[:-1]):
                row.glued = len(block) <= _SHORT_BLOCK or i < 2 or i == len(block) - 2
            rows += block
        return rows

    def _paragraph(self, text: str, weight: int, size: float, leading: float, colour: Colour) -> list[Row]:
        lines = self._ruler.wrap(self._ruler.drawable(text), style.WIDTH, size, weight)
        rows = [Row(leading, [Text(style.LEFT, leading * style.BASELINE, weight, size, colour, t)]) for t in lines]
        rows[-1].height += 2.5
        return rows

    def running_head(self) -> list[Shape]:
        """The head of every later page."""
        text = self._ruler.on_one_line(self._sheet.running_head)
        line = self._ruler.shortened(text, style.WIDTH, style.SMALL)
        return [Text(style.LEFT, style.RUNNING_HEAD, REGULAR, style.SMALL, style.GREY, line)]

    def page_number(self, page: int, pages: int) -> list[Shape]:
        """Page x of y, where there are several."""
        if pages == 1:
            return []
        text = self._sheet.page.format(page=page, pages=pages)
        x = style.RIGHT - self._ruler.width(text, style.TINY)
        return [Text(x, style.PAGE_NUMBER, REGULAR, style.TINY, style.GREY, text)]
