"""Numbers that must pass a check: OTRS ticket numbers, INN, German VAT ids."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

SYSTEM_ID = "10"


def ticket_check_digit(digits: str) -> int:
    """The last digit of an OTRS number in the DateChecksum format: products with 1,2,1,2…, summed; never 0."""
    check = 10 - sum(int(digit) * (1 + place % 2) for place, digit in enumerate(digits)) % 10
    return 1 if check == 10 else check


class Tickets:
    """Hands out ticket numbers: the counter begins anew every day."""

    def __init__(self) -> None:
        self._counters: Counter[date] = Counter()

    def take(self, day: date) -> str:
        self._counters[day] += 1
        digits = f"{day:%Y%m%d}{SYSTEM_ID}{self._counters[day]:05d}"
        return f"{digits}{ticket_check_digit(digits)}"


def inn(chance: Random) -> str:
    """A Russian company's tax number of ten digits, the last one a check digit."""
    digits = f"77{chance.randrange(10**7):07d}"
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return digits + str(sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 % 10)


def german_vat_id(chance: Random) -> str:
    """DE and nine digits, the last one by ISO 7064 mod 11, 10."""
    digits = f"{chance.randrange(10**7, 10**8)}"
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return f"DE{digits}{(11 - product) % 10}"
