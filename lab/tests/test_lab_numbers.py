"""The seed's ticket and tax numbers are ones that a checker accepts."""

from __future__ import annotations

from datetime import date
from random import Random

from studio_lab.seed.numbers import Tickets, german_vat_id, inn, ticket_check_digit


def test_ticket_check_digit_matches_published_numbers() -> None:
    """2011120910000047 has the sum 33, 2002062310100011 the sum 29."""
    assert ticket_check_digit("201112091000004") == 7
    assert ticket_check_digit("200206231010001") == 1


def test_ticket_check_digit_is_one_where_the_sum_ends_in_zero() -> None:
    """55 has the sum 5 + 10, hence 5; 50 has 5; 19 has 1 + 18, hence 1; 05 has 10: where 10 would stand, 1 does."""
    assert [ticket_check_digit(digits) for digits in ("55", "50", "19", "05")] == [5, 5, 1, 1]


def test_ticket_counter_begins_anew_every_day() -> None:
    """The counter's five digits stand before the check digit."""
    tickets = Tickets()
    numbers = [tickets.take(day) for day in (date(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 2))]
    assert [number[:15] for number in numbers] == ["202610011000001", "202610011000002", "202610021000001"]


def test_inn_has_its_check_digit() -> None:
    """Weights 2 4 10 3 5 9 4 6 8, modulo 11, modulo 10."""
    for number in (inn(Random(seed)) for seed in range(50)):
        total = sum(int(digit) * weight for digit, weight in zip(number, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=False))
        assert len(number) == 10
        assert int(number[9]) == total % 11 % 10


def test_german_vat_id_passes_the_running_product() -> None:
    """ISO 7064 mod 11, 10: with the check digit added the last sum is 1 modulo 10. DE136695976 is a known good one."""

    def passes(number: str) -> bool:
        product = 10
        for digit in number[2:10]:
            total = (product + int(digit)) % 10 or 10
            product = total * 2 % 11
        return (product + int(number[10])) % 10 == 1

    assert passes("DE136695976")
    assert not passes("DE136695977")
    assert all(passes(german_vat_id(Random(seed))) for seed in range(50))
