"""Numbers of documents: what a format may be, what it prints, and whether two formats could ever print the same.

A printed number is unique in the store and, within its series, without gap and in the order of issue: the
strictest rule met (France, CGI ann. II 242 nonies A: "numéro unique basé sur une séquence chronologique et
continue"). A series begins anew each year, so its format must print the year; two series of one store must
never meet in one text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from string import Formatter

from studio_invoices.errors import Problem
from studio_support.billing.terms import Seller

RIGHT = 'Write a format such as "{year}-{number:04d}": {number} once, {year} at most once, widths such as 05d.'
_SPEC = re.compile(r"(?:0(?P<width>[1-9]))?d?")
_MOST_LITERALS = 40
_YEAR_DIGITS = 4  # years 1900 to 9998, see period.Month
_COUNTER_DIGITS = 10  # the widest a counter of the store can become
_DIGITS = frozenset("0123456789")
_LEADING = _DIGITS - {"0"}


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    width: int


class NumberFormat:
    """A parsed format such as ``RE-{year}-{number:05d}``.

    Raises ValueError, with what would be right, for any other field, a spec that is not plain zero padding,
    {number} missing or twice, or text that cannot stand in a number (line breaks, outer spaces, over 40 signs).
    """

    __slots__ = ("parts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts = tuple(_parts(text))
        names = [part.name for part in self.parts if isinstance(part, _Field)]
        literals = "".join(part for part in self.parts if isinstance(part, str))
        if names.count("number") != 1 or names.count("year") > 1:
            raise ValueError(f"{text!r} does not print the number exactly once, and the year at most once. {RIGHT}")
        if not literals.isprintable() or text != text.strip():
            raise ValueError(f"{text!r} has a line break or a space at its edge, or a sign that cannot be printed.")
        if len(literals) > _MOST_LITERALS:
            raise ValueError(f"{text!r} has more than {_MOST_LITERALS} signs beside its fields. {RIGHT}")

    @property
    def has_year(self) -> bool:
        """Whether the year is printed."""
        return any(isinstance(part, _Field) and part.name == "year" for part in self.parts)

    def printed(self, year: int, number: int) -> str:
        """The number as it stands on the document."""
        values = {"year": year, "number": number}
        return "".join(part if isinstance(part, str) else f"{values[part.name]:0{part.width}d}" for part in self.parts)

    def shapes(self) -> Iterator[list[frozenset[str]]]:
        """What can stand at each place of a printed number, once for every length it can have.

        All but the counter has a fixed width; so the length alone tells where every part stands, and two
        different counters or years never print the same text. Padded counters of all zeros are let in.
        """
        width = next(part.width for part in self.parts if isinstance(part, _Field) and part.name == "number")
        for digits in range(max(width, 1), max(width, _COUNTER_DIGITS) + 1):
            counter = [_DIGITS] * digits
            if digits > width or width <= 1:
                counter[0] = _LEADING
            yield [place for part in self.parts for place in _places(part, counter)]


def _parts(text: str) -> Iterator[str | _Field]:
    try:
        parsed = list(Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"{text!r} is no format ({error}). {RIGHT}") from None
    for literal, name, spec, conversion in parsed:
        if literal:
            yield literal
        if name is None:
            continue
        if name not in ("year", "number"):
            raise ValueError(f"{text!r} has a field {{{name}}}; there are {{year}} and {{number}} only. {RIGHT}")
        match = _SPEC.fullmatch(spec or "")
        if match is None or conversion:
            raise ValueError(f"{text!r}: {{{name}}} can only be padded with zeros, as in {{{name}:04d}}. {RIGHT}")
        yield _Field(name, int(match["width"] or 0))


def _places(part: str | _Field, counter: list[frozenset[str]]) -> list[frozenset[str]]:
    if isinstance(part, str):
        return [frozenset(sign) for sign in part]
    if part.name == "number":
        return counter
    return [frozenset("0")] * (part.width - _YEAR_DIGITS) + [_LEADING, _DIGITS, _DIGITS, _DIGITS]


def series_year(yearly: bool, issue_date: date) -> int:
    """The year that names the series of a document; 0 for a series that runs across years."""
    return issue_date.year if yearly else 0


def could_meet(one: NumberFormat, other: NumberFormat) -> bool:
    """Whether the two could ever print the same text. True when in doubt; False is a proof."""
    theirs = {len(shape): shape for shape in other.shapes()}
    return any(
        all(mine & yours for mine, yours in zip(shape, theirs[len(shape)], strict=True))
        for shape in one.shapes()
        if len(shape) in theirs
    )


def collisions(sellers: Iterable[Seller]) -> list[Problem]:
    """Why these sellers' formats are refused: no format, a yearly series without {year}, two series that meet.

    Acts meet nobody: an act is told by its seller and its name, whatever number an invoice bears.
    """
    found: list[Problem] = []
    series: list[tuple[str, NumberFormat]] = []
    for seller in sellers:
        for what, text in (
            ("number_format", seller.number_format),
            ("cancellation_format", seller.cancellation_format),
            ("act_format", seller.act_format),
        ):
            if text is None:
                continue
            where = f"{what} of {f'seller {seller.key}' if seller.key else 'the seller'}"
            try:
                parsed = NumberFormat(text)
            except ValueError as error:
                found.append(Problem(f"seller:{seller.key}", f"{where}: {error}", RIGHT))
                continue
            if seller.yearly and not parsed.has_year:
                found.append(_without_year(seller.key, where, text))
            if what == "act_format":
                continue
            for other, theirs in series:
                if could_meet(parsed, theirs):
                    found.append(_meeting(seller.key, where, text, other, theirs.text))
            series.append((where, parsed))
    return found


def _without_year(key: str, where: str, text: str) -> Problem:
    return Problem(
        f"seller:{key}",
        f"{where}: {text!r} prints no year, but the series begins anew each year: its numbers would come twice.",
        f'Put {{year}} into it, for instance "{{year}}-{text}".',
    )


def _meeting(key: str, where: str, text: str, other: str, theirs: str) -> Problem:
    return Problem(
        f"seller:{key}",
        f"{where} ({text!r}) and {other} ({theirs!r}) could print the same number.",
        'Give one of them letters of its own, for instance "B-{year}-{number:04d}".',
    )
