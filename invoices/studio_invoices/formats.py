"""Amounts, dates and percentages as a language writes them, after CLDR.

Babel is asked once per language and currency for pattern and signs; amounts are then set digit by digit,
because they are already rounded: Babel would round half-even.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import get_currency_symbol

from studio_invoices.money import minor_units
from studio_invoices.wording import language_with_labels

_NBSP = "\u00a0"
# our labels are those of Portugal (NIF, IVA), while CLDR takes the bare language for that of Brazil
_PORTUGUESE = {"pt": "pt-PT"}
# their signs are in few fonts, ours among those that lack them: the code is printed instead
_WITHOUT_SIGN = frozenset({"AZN", "ESP", "GEL"})


@dataclass(frozen=True, slots=True)
class Formats:
    """How one language writes amounts of one currency, dates and percentages."""

    language: str
    currency: str
    decimal_sign: str
    group_sign: str
    before: str
    after: str
    percent_after: str

    def decimal(self, amount: Decimal) -> str:
        """12345.67 -> ``12.345,67``: at least the currency's decimals, no digit ever rounded away."""
        sign, digits, exponent = amount.as_tuple()
        if not isinstance(exponent, int):
            raise ValueError(f"no amount: {amount}")
        places = max(-exponent, 0)
        text = "".join(map(str, digits)) + "0" * max(exponent, 0)
        text = text.rjust(places + 1, "0")
        whole, fraction = text[: len(text) - places].lstrip("0") or "0", text[len(text) - places :]
        fraction = fraction.rstrip("0").ljust(minor_units(self.currency), "0")
        head = len(whole) % 3
        groups = ([whole[:head]] if head else []) + [whole[i : i + 3] for i in range(head, len(whole), 3)]
        grouped = self.group_sign.join(groups) + (self.decimal_sign + fraction if fraction else "")
        return "\u2212" + grouped if sign and amount else grouped

    def money(self, amount: Decimal) -> str:
        """12345.67 -> ``12.345,67 €`` (no-break space)."""
        text = self.decimal(abs(amount))
        minus = "\u2212" if amount < 0 else ""
        return f"{minus}{self.before}{text}{self.after}"

    def percent(self, rate: Decimal) -> str:
        """19 -> ``19 %``; 8.10 -> ``8,1 %``."""
        text = format(rate.normalize(), "f")
        return text.replace(".", self.decimal_sign) + self.percent_after

    def day(self, day: date) -> str:
        """The date in full: ``30. November 2026``."""
        return _long_date(self.language, day)

    def day_held(self, day: date) -> str:
        """`day` held together by no-break spaces, for the middle of a sentence."""
        return self.day(day).replace(" ", _NBSP)

    def short_day(self, day: date, *, with_year: bool = True) -> str:
        """For columns of dates: ``30. Nov. 2026``, or ``30. Nov.``; months by name, so that none is mistaken."""
        return _short_date(self.language, day, "yMMMd" if with_year else "MMMd")

    def days(self, first: date, last: date) -> str:
        """A span of days, both ends included: a month's name where it is one whole month, else short dates."""
        return _span(self.language, first, last)

    def country(self, code: str) -> str:
        """Name of an ISO 3166 country; the code itself where CLDR has none."""
        return str(_locale(self.language).territories.get(code.upper(), code))


def hours_minutes(minutes: int) -> str:
    """605 -> ``10:05``; hours are not limited to a day."""
    sign = "\u2212" if minutes < 0 else ""
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours}:{rest:02d}"


@lru_cache(maxsize=64)
def formats_for(language: str, currency: str) -> Formats:
    """The formats of a language (English where there are no labels for it) and a currency."""
    locale = _locale(language)
    symbols = locale.number_symbols["latn"]
    pattern = str(locale.currency_formats["standard"].pattern).split(";")[0]
    before, after = _around(pattern, _sign(currency, locale))
    percent = str(locale.percent_formats[None].pattern)
    return Formats(
        language=str(locale).replace("_", "-"),
        currency=currency,
        decimal_sign=symbols["decimal"],
        group_sign=symbols.get("currencyGroup", symbols["group"]),
        before=before,
        after=after,
        percent_after=percent.lstrip("#,0."),
    )


def _sign(currency: str, locale: Locale) -> str:
    return currency if currency in _WITHOUT_SIGN else get_currency_symbol(currency, locale)


def _around(pattern: str, sign: str) -> tuple[str, str]:
    number = pattern.replace("¤", "").strip("\u00a0\u202f ")
    before, after = pattern.split(number)
    # CLDR currencySpacing: a sign that ends in a letter keeps a space from the digits
    if before == "¤" and sign[-1:].isalpha():
        before += _NBSP
    return before.replace("¤", sign), after.replace("¤", sign)


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    tag = _PORTUGUESE.get(language_with_labels(language).lower(), language_with_labels(language))
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(tag.split("-")[0])


@lru_cache(maxsize=1024)
def _long_date(language: str, day: date) -> str:
    return format_date(day, "long", locale=_locale(language))


@lru_cache(maxsize=1024)
def _short_date(language: str, day: date, skeleton: str) -> str:
    return format_skeleton(skeleton, day, locale=_locale(language)).replace(" ", _NBSP)


@lru_cache(maxsize=1024)
def _span(language: str, first: date, last: date) -> str:
    locale = _locale(language)
    if first.day == 1 and last == first.replace(day=calendar.monthrange(first.year, first.month)[1]):
        return format_skeleton("yMMMM", first, locale=locale)
    if first == last:
        return format_skeleton("yMMMd", first, locale=locale)
    return format_interval(first, last, "yMMMd", locale=locale)
