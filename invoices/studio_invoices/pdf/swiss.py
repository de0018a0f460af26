"""The Swiss QR-bill: receipt and payment part, 210 x 105 mm at the foot of a page of their own.

Measures and words by the style guide of the QR-bill (SIX); all that is printed is read from the code's own payload,
so that paper and code cannot differ. The guide wants Arial, Frutiger, Helvetica or Liberation Sans: `Look.font` may
name one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from studio_invoices.pdf import style
from studio_invoices.pdf.codes import Code
from studio_invoices.pdf.kit import Kit
from studio_invoices.pdf.shapes import PAGE_HEIGHT, PAGE_WIDTH, REGULAR, SEMIBOLD, Box, Cells, Colour, Shape, Text
from studio_invoices.qr import SWISS_CROSS_MM, SWISS_SIDE_MM

_MM = style.MM
_TOP = PAGE_HEIGHT - 105 * _MM
_BLACK, _WHITE = Colour(0, 0, 0), Colour(1, 1, 1)
_LANGUAGES = ("de", "en", "fr", "it")
_TITLE = 11.0


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Type sizes and leading of one of the two parts, width of its column in mm."""

    heading: float
    text: float
    leading: float
    width: float


_RECEIPT = _Sizes(6.0, 8.0, 9.0, 52.0)
_PART = _Sizes(8.0, 10.0, 11.0, 87.0)


@dataclass(frozen=True, slots=True)
class Bill:
    """What a payload says, as the style guide prints it."""

    account: tuple[str, ...]
    amount: str
    currency: str
    payer: tuple[str, ...]
    reference: str
    information: str


def bill_of(payload: str) -> Bill:
    """The fields of a payload, in the order of the guidelines (version 0200)."""
    lines = payload.split("\n")
    iban, creditor, amount, currency, debtor = lines[3], lines[4:11], lines[18], lines[19], lines[20:27]
    kind, reference, information = lines[27:30]
    whole, _, cents = amount.partition(".")
    return Bill(
        account=(_grouped(iban, 4), *_address(creditor)),
        amount=f"{_grouped(whole, 3, from_right=True)}.{cents}",
        currency=currency,
        payer=_address(debtor),
        reference=_grouped(reference, 5, from_right=True) if kind == "QRR" else _grouped(reference, 4),
        information=information,
    )


def swiss_page(code: Code, payload: str, language: str, kit: Kit) -> list[Shape]:
    """The shapes of both parts, where they stand on an A4 page."""
    base = language.split("-")[0]
    words = _words()[base if base in _LANGUAGES else "en"]
    bill = bill_of(payload)
    drawn = _Drawn(kit, words)
    drawn.separations()
    drawn.receipt(bill)
    drawn.part(bill, code)
    return drawn.shapes


class _Drawn:
    """Collects shapes; places are millimetres from the upper left corner of the bill."""

    def __init__(self, kit: Kit, words: Mapping[str, str]) -> None:
        self.shapes: list[Shape] = []
        self._ruler = kit.ruler
        self._words = words

    def separations(self) -> None:
        """Where it is to be torn off, and that it is."""
        words = self._words["separate"]
        x = (PAGE_WIDTH - self._ruler.width(words, 7)) / 2
        self.shapes += [
            Box(0, _TOP, PAGE_WIDTH, 0.5, _BLACK),
            Box(62 * _MM, _TOP, 0.5, 105 * _MM, _BLACK),
            Text(x, _TOP - 4, REGULAR, 7, _BLACK, words),
        ]

    def receipt(self, bill: Bill) -> None:
        """The left part: account, reference, payer, amount, acceptance point."""
        words = self._words
        self._text(5, 5, words["receipt"], _TITLE, SEMIBOLD)
        y = self._section(5, 12, words["account"], bill.account, _RECEIPT)
        if bill.reference:
            y = self._section(5, y, words["reference"], (bill.reference,), _RECEIPT)
        self._payer(5, y, bill, _RECEIPT, (52.0, 20.0))
        self._section(5, 68, words["currency"], (bill.currency,), _RECEIPT)
        self._section(17, 68, words["amount"], (bill.amount,), _RECEIPT)
        label = words["acceptance"]
        width = self._ruler.width(label, _RECEIPT.heading, SEMIBOLD) / _MM
        self._text(57 - width, 82, label, _RECEIPT.heading, SEMIBOLD)

    def part(self, bill: Bill, code: Code) -> None:
        """The right part: the code with its cross, amount, and all that the code says."""
        words = self._words
        self._text(67, 5, words["part"], _TITLE, SEMIBOLD)
        x, y = 67 * _MM, _TOP + 17 * _MM
        self.shapes.append(Cells(x, y, SWISS_SIDE_MM * _MM / code.size, _BLACK, code.cells))
        for left, top, width, height, dark in SWISS_CROSS_MM:
            colour = _BLACK if dark else _WHITE
            self.shapes.append(Box(x + left * _MM, y + top * _MM, width * _MM, height * _MM, colour))
        self._section(67, 68, words["currency"], (bill.currency,), _PART)
        self._section(81, 68, words["amount"], (bill.amount,), _PART)
        below = self._section(118, 5, words["account"], bill.account, _PART)
        if bill.reference:
            below = self._section(118, below, words["reference"], (bill.reference,), _PART)
        if bill.information:
            below = self._section(118, below, words["information"], (bill.information,), _PART)
        self._payer(118, below, bill, _PART, (65.0, 25.0))

    def _payer(self, x: float, y: float, bill: Bill, sizes: _Sizes, field: tuple[float, float]) -> None:
        """Name and address, or a field with corners to write them into."""
        if bill.payer:
            self._section(x, y, self._words["payer"], bill.payer, sizes)
            return
        y = self._section(x, y, self._words["payer_blank"], (), sizes)
        left, top, width, height = x * _MM, _TOP + y * _MM - 4, field[0] * _MM, field[1] * _MM
        arm, line = 3 * _MM, 0.75
        for right in (0.0, 1.0):
            for bottom in (0.0, 1.0):
                corner_x, corner_y = left + right * (width - line), top + bottom * (height - line)
                self.shapes.append(Box(corner_x - right * (arm - line), corner_y, arm, line, _BLACK))
                self.shapes.append(Box(corner_x, corner_y - bottom * (arm - line), line, arm, _BLACK))

    def _section(self, x: float, y: float, heading: str, texts: Sequence[str], sizes: _Sizes) -> float:
        """A heading with lines below it; where the next one begins, in mm."""
        at = self._text(x, y, heading, sizes.heading, SEMIBOLD)
        for text in texts:
            for line in self._ruler.wrap(self._ruler.on_one_line(text), sizes.width * _MM, sizes.text):
                at += sizes.leading
                self.shapes.append(Text(x * _MM, at, REGULAR, sizes.text, _BLACK, line))
        return (at - _TOP + sizes.leading * 0.9) / _MM

    def _text(self, x: float, y: float, text: str, size: float, weight: int) -> float:
        baseline = _TOP + y * _MM + size * 0.8
        self.shapes.append(Text(x * _MM, baseline, weight, size, _BLACK, text))
        return baseline


def _address(fields: Sequence[str]) -> tuple[str, ...]:
    _kind, name, street, house, postcode, town, country = fields
    place = f"{postcode} {town}".strip()
    if country and country != "CH":
        place = f"{country}-{place}"
    return tuple(line for line in (name, f"{street} {house}".strip(), place) if line)


def _grouped(text: str, many: int, *, from_right: bool = False) -> str:
    start = len(text) % many if from_right else 0
    groups = [text[:start], *(text[i : i + many] for i in range(start, len(text), many))]
    return "\u00a0".join(group for group in groups if group)


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Mapping[str, str]]:
    source = files("studio_invoices") / "forms" / "swiss.toml"
    words: Mapping[str, Mapping[str, str]] = tomllib.loads(source.read_text("utf-8"))
    return words
