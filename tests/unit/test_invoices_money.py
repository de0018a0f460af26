"""Amounts: half-up, once, exactly; shares that sum to what was shared."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.money import (
    CurrencyMismatch,
    Money,
    amount_for_minutes,
    minor_units,
    round_half_up,
    share_out,
)

D = Decimal
CURRENCIES = st.sampled_from(["EUR", "RUB", "JPY", "KWD"])
CENTS = st.integers(min_value=0, max_value=10**9)


@pytest.mark.parametrize(
    ("currency", "units"),
    [("RUB", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("RWF", 0), ("KWD", 3), ("TND", 3), ("XTS", 2)],
)
def test_decimals_of_a_currency_follow_iso_4217(currency: str, units: int) -> None:
    """Two decimals unless ISO 4217 says none or three."""
    assert minor_units(currency) == units


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.125", "EUR", "0.13"),
        ("-0.125", "EUR", "-0.13"),
        ("0.1249999999999999999999999999999999", "EUR", "0.12"),
        ("2.675", "EUR", "2.68"),
        ("-2.675", "EUR", "-2.68"),
        ("0.5", "JPY", "1"),
        ("1.5", "JPY", "2"),
        ("2.4999", "JPY", "2"),
        ("0.0005", "KWD", "0.001"),
        ("0.0004", "KWD", "0.000"),
        ("7", "EUR", "7.00"),
        ("-0.004", "EUR", "0.00"),
    ],
)
def test_ties_go_away_from_zero(amount: str, currency: str, rounded: str) -> None:
    """Half-up is by magnitude, not towards plus infinity and not to even; the result has all decimals."""
    assert str(round_half_up(D(amount), currency)) == rounded


@given(st.fractions(min_value=-(10**12), max_value=10**12), CURRENCIES)
def test_rounding_is_the_nearest_unit(exact: Fraction, currency: str) -> None:
    """The result is never more than half a unit away, and a tie lies farther from zero."""
    rounded = round_half_up(exact, currency)
    unit = Fraction(1, 10 ** minor_units(currency))
    assert Fraction(rounded) / unit == int(Fraction(rounded) / unit)
    distance = Fraction(rounded) - exact
    assert abs(distance) <= unit / 2
    if abs(distance) == unit / 2:
        assert abs(Fraction(rounded)) > abs(exact)


@given(st.fractions(), CURRENCIES)
def test_rounding_is_symmetric(exact: Fraction, currency: str) -> None:
    """A credit rounds like the charge that it takes back."""
    assert round_half_up(-exact, currency) == -round_half_up(exact, currency)


@pytest.mark.parametrize(
    ("minutes", "rate", "currency", "amount"),
    [
        (20, "95.00", "EUR", "31.67"),
        (660, "95.00", "EUR", "1045.00"),
        (660, "3000", "RUB", "33000.00"),
        (1, "0.30", "EUR", "0.01"),
        (1, "0.29", "EUR", "0.00"),
        (0, "95.00", "EUR", "0.00"),
        (10, "1000", "JPY", "167"),
        (20, "10.001", "KWD", "3.334"),
        (130, "2000", "RUB", "4333.33"),
    ],
)
def test_amount_is_minutes_times_rate_over_sixty(minutes: int, rate: str, currency: str, amount: str) -> None:
    """Worked by hand: 20 x 95 / 60 = 31.666.., 1 x 0.30 / 60 = 0.005 (a tie), 20 x 10.001 / 60 = 3.33366.."""
    assert str(amount_for_minutes(minutes, D(rate), currency)) == amount


def test_thirty_three_entries_of_twenty_minutes_bill_eleven_hours() -> None:
    """One line of 33 x 20 minutes at 95.00 is 1045.00; rounding each entry would have made 1045.11."""
    assert amount_for_minutes(33 * 20, D("95.00"), "EUR") == D("1045.00")
    assert sum(amount_for_minutes(20, D("95.00"), "EUR") for _ in range(33)) == D("1045.11")


@given(st.integers(0, 600_000), st.decimals(0, 100_000, places=4), CURRENCIES)
def test_amount_agrees_with_fractions(minutes: int, rate: Decimal, currency: str) -> None:
    """Computed a second way: floor of the exact number of units plus a half."""
    exact = Fraction(rate) * minutes * 10 ** minor_units(currency) / 60
    expected = (exact + Fraction(1, 2)).__floor__()
    assert amount_for_minutes(minutes, rate, currency) == D(expected).scaleb(-minor_units(currency))


def test_shares_of_a_tie_go_to_the_earlier_positions() -> None:
    """100.00 in three equal parts: the cent left over goes to the first; 0.02 in three: to the first two."""
    assert share_out(D("100.00"), [D(1)] * 3, "EUR") == [D("33.34"), D("33.33"), D("33.33")]
    assert share_out(D("0.02"), [D(1)] * 3, "EUR") == [D("0.01"), D("0.01"), D("0.00")]


def test_left_over_units_go_to_the_largest_remainders() -> None:
    """0.05 by 3:2:1 is 2.5, 1.66.., 0.83.. cents; floors 2, 1, 0; the two cents left go to .83 and .66."""
    assert share_out(D("0.05"), [D(3), D(2), D(1)], "EUR") == [D("0.02"), D("0.02"), D("0.01")]


def test_shares_are_in_the_unit_of_the_currency() -> None:
    """10 yen in three: 4, 3, 3; 0.010 dinar in three: 0.004, 0.003, 0.003."""
    assert [str(part) for part in share_out(D(10), [D(1)] * 3, "JPY")] == ["4", "3", "3"]
    assert [str(part) for part in share_out(D("0.010"), [D(1)] * 3, "KWD")] == ["0.004", "0.003", "0.003"]


def test_no_weight_gets_nothing() -> None:
    """Where all weights are zero all parts are zero; where there are none the list is empty."""
    assert share_out(D("5.00"), [D(0), D(0)], "EUR") == [D("0.00"), D("0.00")]
    assert share_out(D("5.00"), [], "EUR") == []


@given(
    CENTS,
    st.lists(st.integers(0, 10**7), min_size=1, max_size=30).filter(any),
    CURRENCIES,
)
def test_shares_sum_to_the_whole_and_are_fair(cents: int, weights: list[int], currency: str) -> None:
    """Nothing is lost, and each part is within one unit of its exact share."""
    unit = D(1).scaleb(-minor_units(currency))
    whole = cents * unit
    parts = share_out(whole, [D(weight) for weight in weights], currency)
    assert sum(parts) == whole
    for part, weight in zip(parts, weights, strict=True):
        exact = Fraction(cents * weight, sum(weights))
        assert abs(Fraction(part / unit) - exact) < 1
        assert weight or not part


def test_money_of_one_currency_adds() -> None:
    """Sums keep the currency and print amount and code."""
    added = Money(D("1.10"), "EUR") + Money(D("2.05"), "EUR")
    assert added == Money(D("3.15"), "EUR")
    assert str(added) == "3.15 EUR"


def test_money_of_two_currencies_does_not_add() -> None:
    """The error carries both currencies."""
    with pytest.raises(CurrencyMismatch) as caught:
        Money(D(1), "EUR") + Money(D(1), "RUB")
    assert (caught.value.left, caught.value.right) == ("EUR", "RUB")
