"""The place for signatures and stamp: one below the other on a bill, side by side on an act."""

from __future__ import annotations

from collections.abc import Mapping

from studio_invoices.pdf import ru_style as style
from studio_invoices.pdf.flow import Row
from studio_invoices.pdf.measure import Ruler
from studio_invoices.pdf.ru_signers import RuSigner
from studio_invoices.pdf.ru_types import RuSheet
from studio_invoices.pdf.shapes import REGULAR, SEMIBOLD, Box, Image, Shape, Text, fitted
from studio_invoices.pdf.style import MM

_STAMP = 38 * MM
_LINE = 27.0
_POSITION = 92.0
_HAND = 150.0
_GAP = 10.0
_NAME = 172.0
_SIGNATURE_HEIGHT = 34.0
_COLUMN_GAP = 26.0
_CAPTION = 9.0
_MOST_LINES = 4


class RuSignatures:
    """Makes the block of signatures. pictures: of the look, by "signature", "accountant_signature", "stamp"."""

    def __init__(self, sheet: RuSheet, ruler: Ruler, pictures: Mapping[str, Image]) -> None:
        self._sheet = sheet
        self._ruler = ruler
        self._pictures = pictures

    def row(self) -> Row:
        """One row, because it must never be parted."""
        return self._act() if self._sheet.is_act else self._bill()

    def _bill(self) -> Row:
        shapes: list[Shape] = []
        y = 0.0
        hand = style.LEFT + _POSITION
        for signer in self._sheet.signers:
            y += self._signed(shapes, signer, hand, y, _HAND, _NAME)
            shapes.append(self._text(signer.position, style.LEFT, y - _CAPTION - 4, _POSITION - 4))
        stamp = self._pictures.get("stamp")
        if stamp is None:
            beside = hand + _HAND + _GAP + _NAME + _GAP
            shapes.append(self._text(self._sheet.stamp, beside, y - _CAPTION - 4, style.RIGHT - beside))
            return Row(y + 4, shapes)
        # over the line's end, where a hand would set it, and clear of the name
        shapes.insert(0, fitted(stamp, hand + _HAND - _STAMP, 4, _STAMP, _STAMP))
        return Row(max(y, _STAMP) + 8, shapes)

    def _act(self) -> Row:
        shapes: list[Shape] = []
        width = (style.WIDTH - _COLUMN_GAP) / 2
        ends = []
        tops = [self._party(shapes, signer, *self._column(i, width)) for i, signer in enumerate(self._sheet.signers)]
        top = max(tops)
        for i, signer in enumerate(self._sheet.signers):
            x, room = self._column(i, width)
            shapes.append(self._text(signer.position, x, top + 4, room))
            end = top + self._signed(shapes, signer, x, top, room * 0.44, room * 0.56 - _GAP)
            stamp = self._pictures.get("stamp") if signer.picture else None
            if stamp is None:
                shapes.append(self._text(self._sheet.stamp, x, end + 14, 60.0))
                ends.append(end + 20)
            else:
                shapes.insert(0, fitted(stamp, x, top + 8, _STAMP, _STAMP))
                ends.append(top + 8 + _STAMP)
        return Row(max(ends), shapes)

    def _column(self, number: int, width: float) -> tuple[float, float]:
        return style.LEFT + number * (width + _COLUMN_GAP), width

    def _party(self, shapes: list[Shape], signer: RuSigner, x: float, room: float) -> float:
        shapes.append(Text(x, 10, SEMIBOLD, style.BODY, style.INK, signer.side))
        y = 23.0
        # in full among the parties above
        for line in self._ruler.wrap(self._ruler.on_one_line(signer.party), room, style.BODY)[:_MOST_LINES]:
            shapes.append(Text(x, y, REGULAR, style.BODY, style.INK, line))
            y += style.LEADING
        return y

    def _signed(self, shapes: list[Shape], signer: RuSigner, x: float, y: float, hand: float, name: float) -> float:
        """Two rules with what stands on them; how much height that takes."""
        labels = self._sheet.signing
        names = self._ruler.wrap(self._ruler.on_one_line(signer.name), name - 4, style.BODY)
        picture = self._pictures.get(signer.picture)
        height = max(_LINE if picture is None else _SIGNATURE_HEIGHT, len(names) * style.LEADING + 10)
        line = y + height
        for i, text in enumerate(reversed(names)):
            shapes.append(Text(x + hand + _GAP + 2, line - 4 - i * style.LEADING, REGULAR, style.BODY, style.INK, text))
        for left, width, label in ((x, hand, labels[0]), (x + hand + _GAP, name, labels[1])):
            shapes.append(Box(left, line, width, style.RULE, style.INK))
            middle = left + (width - self._ruler.width(label, style.TINY)) / 2
            shapes.append(Text(middle, line + 7.5, REGULAR, style.TINY, style.GREY, label))
        if picture is not None:
            shapes.append(fitted(picture, x + 6, line - _SIGNATURE_HEIGHT + 6, hand - 12, _SIGNATURE_HEIGHT, 0.5))
        return height + _CAPTION

    def _text(self, text: str, x: float, y: float, room: float) -> Shape:
        return Text(x, y, REGULAR, style.BODY, style.INK, self._ruler.shortened(text, room, style.BODY))
