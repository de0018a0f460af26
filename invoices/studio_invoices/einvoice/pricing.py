"""Prices as EN 16931 knows them: net, per base quantity, and such that the line can be recomputed to the cent.

Time is counted in minutes (unit MIN of UN/ECE Recommendation 20) at a price for 60 of them, so that minutes x price
/ 60, rounded half-up, is the line's net (BT-131) exactly; Peppol allows 0.02 (PEPPOL-EN16931-R120), of which half is
used. Where a currency is rounded to whole units, the fraction that was rounded away is a charge or an allowance of the
line (BG-28, BG-27), so that the agreed price stands.

Prices agreed gross have no place in EN 16931. A line's net is then its share of the base (`totals`), and its price is
derived: the agreed price without its tax, with six decimals, where that gives the line's net; else the price with the
fewest decimals that does.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from studio_invoices.model import Line, Prices
from studio_invoices.money import amount_for_minutes, minor_units

UNIT = "MIN"
BASE_MINUTES = 60
_DECIMALS = 6
_MOST_DECIMALS = 12
_CENTS = 2
_TOLERANCE = Fraction(1, 100)
"""Half of what Peppol allows: its rule divides before it multiplies, and loses the last digits of 0.02 sharp."""


def net_price(line: Line, prices: Prices, currency: str) -> Decimal:
    """The net price of 60 minutes (BT-146)."""
    if prices == "net":
        return line.rate_per_hour
    untaxed = Fraction(line.rate_per_hour) * 100 / (100 + Fraction(line.tax_rate))
    price = _rounded(untaxed, _DECIMALS)
    if not line.minutes or _recomputes(line, price, currency):
        return _short(price)
    own = Fraction(line.net) * BASE_MINUTES / line.minutes
    return next(
        _short(price)
        for decimals in range(2, _MOST_DECIMALS + 1)
        if _recomputes(line, price := _rounded(own, decimals), currency)
    )


def _recomputes(line: Line, price: Decimal, currency: str) -> bool:
    product = Fraction(price) * line.minutes / BASE_MINUTES
    near = abs(product - Fraction(line.net)) <= _TOLERANCE
    return near and amount_for_minutes(line.minutes, price, currency) == line.net


def rounding(line: Line, prices: Prices, currency: str) -> Decimal:
    """What was added (positive) or taken away when a line at a net price was rounded to whole units of a currency
    without decimals, to hundredths of the unit; 0 in other currencies. Gross prices have a net one made to fit."""
    if prices == "gross" or minor_units(currency):
        return Decimal(0)
    difference = Fraction(line.net) - Fraction(line.rate_per_hour) * line.minutes / BASE_MINUTES
    size = _rounded(abs(difference), _CENTS)
    return size if difference > 0 else -size


def _rounded(value: Fraction, decimals: int) -> Decimal:
    """Half-up; values are not negative."""
    return Decimal((2 * value.numerator * 10**decimals + value.denominator) // (2 * value.denominator)).scaleb(
        -decimals
    )


def _short(price: Decimal) -> Decimal:
    """Without zeros at the end beyond two decimals."""
    digits = f"{price:f}"
    whole, _, decimals = digits.partition(".")
    return Decimal(f"{whole}.{decimals.rstrip('0').ljust(2, '0')}")
