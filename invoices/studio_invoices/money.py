"""Money: a Decimal with its currency, minor units, and the one rounding of the whole product.

Half-up is the universal practice of the jurisdictions served (kaufmännische Rundung, арифметическое
округление); no statute asks for banker's rounding. Rounding works on integers, so that neither the decimal
context nor a repeating fraction can tip a tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from studio_invoices.errors import StudioError

_MINOR_UNITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


class CurrencyMismatch(StudioError):
    """Amounts of two currencies were added or compared."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"cannot mix {left} and {right}")
        self.left = left
        self.right = right


def minor_units(currency: str) -> int:
    """Number of decimals of a currency by ISO 4217 (RUB 2, JPY 0, KWD 3); unknown codes have 2."""
    return _MINOR_UNITS.get(currency, 2)


def round_half_up(amount: Decimal | Fraction, currency: str) -> Decimal:
    """Rounds to the currency's minor unit, ties away from zero: 0.125 EUR -> 0.13, -0.125 -> -0.13."""
    return _half_up(*amount.as_integer_ratio(), currency)


def amount_for_minutes(minutes: int, rate_per_hour: Decimal, currency: str) -> Decimal:
    """minutes x rate / 60, rounded half-up once: 20 min at 95.00 EUR -> 31.67."""
    numerator, denominator = rate_per_hour.as_integer_ratio()
    return _half_up(numerator * minutes, denominator * 60, currency)


def _half_up(numerator: int, denominator: int, currency: str) -> Decimal:
    units = minor_units(currency)
    whole = (2 * abs(numerator) * 10**units + denominator) // (2 * denominator)
    return Decimal(-whole if numerator < 0 else whole).scaleb(-units)


def share_out(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Splits a total in proportion to non-negative weights so that the parts sum to it exactly.

    Each part is rounded down to the minor unit; the units left over go to the largest remainders, earlier
    positions first among equals. With no weight at all every part is zero, whatever the total.
    """
    units = minor_units(currency)
    weight_sum = sum(weights, Decimal(0))
    if weight_sum == 0:
        return [Decimal(0).scaleb(-units) for _ in weights]
    whole_total = int(total.scaleb(units))
    exact = [Fraction(weight) * whole_total / Fraction(weight_sum) for weight in weights]
    parts = [part.numerator // part.denominator for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: whole_total - sum(parts)]:
        parts[i] += 1
    return [Decimal(part).scaleb(-units) for part in parts]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency. Adding two currencies raises CurrencyMismatch."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return Money(self.amount + other.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
