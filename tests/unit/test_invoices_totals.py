"""Totals: tax once per category and rate on the sum of the lines."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.model import TaxTotal
from studio_invoices.totals import total

D = Decimal


@pytest.mark.parametrize(
    ("net", "rate", "tax"),
    [
        ("1045.00", "19", "198.55"),
        ("1045.11", "5", "52.26"),
        ("1045.11", "7", "73.16"),
        ("1045.11", "22", "229.92"),
        ("1045.11", "19", "198.57"),
    ],
)
def test_tax_is_taken_once_on_the_sum(net: str, rate: str, tax: str) -> None:
    """The table of rounding: tax on 1045.11 differs from the sum of taxes per line (52.14, 73.26, ...)."""
    result = total([(("S", D(rate)), D(net))], "net", "EUR", {})
    assert (result.net, result.tax, result.gross) == (D(net), D(tax), D(net) + D(tax))


def test_lines_of_one_rate_are_summed_before_tax() -> None:
    """33 lines of 31.67: base 1045.11 and 19 % of that, 198.57, not 33 x 6.02 = 198.66."""
    result = total([(("S", D(19)), D("31.67"))] * 33, "net", "EUR", {})
    assert result.taxes == (TaxTotal("S", D(19), D("1045.11"), D("198.57")),)
    assert result.line_nets == (D("31.67"),) * 33


def test_each_category_and_rate_has_its_row() -> None:
    """Rows come by category, then falling rate, with the reason given; only S bears tax here."""
    lines = [
        (("S", D(7)), D("10.00")),
        (("AE", D(0)), D("100.00")),
        (("S", D(19)), D("20.00")),
        (("S", D(7)), D("0.07")),
    ]
    result = total(lines, "net", "EUR", {("AE", D(0)): "Reverse charge"})
    assert result.taxes == (
        TaxTotal("AE", D(0), D("100.00"), D("0.00"), "Reverse charge"),
        TaxTotal("S", D(19), D("20.00"), D("3.80")),
        TaxTotal("S", D(7), D("10.07"), D("0.70")),
    )
    assert (result.net, result.tax, result.gross) == (D("130.07"), D("4.50"), D("134.57"))


def test_gross_prices_contain_their_tax() -> None:
    """By hand: 3 lines of 33.33, sum 99.99; tax 99.99 x 22/122 = 18.0309.. -> 18.03; the rest, 81.96, is
    shared out as 27.32 each."""
    result = total([(("S", D(22)), D("33.33"))] * 3, "gross", "RUB", {})
    assert result.line_nets == (D("27.32"), D("27.32"), D("27.32"))
    assert (result.net, result.tax, result.gross) == (D("81.96"), D("18.03"), D("99.99"))


def test_gross_prices_share_the_net_by_largest_remainder() -> None:
    """By hand: 10.00 + 0.05 at 19 %: tax 10.05 x 19/119 = 1.6046.. -> 1.60, net 8.45. Exact shares are
    8.40796.. and 0.04203..: floors 8.40 and 0.04, the cent left goes to the first."""
    result = total([(("S", D(19)), D("10.00")), (("S", D(19)), D("0.05"))], "gross", "EUR", {})
    assert result.line_nets == (D("8.41"), D("0.04"))
    assert (result.net, result.tax, result.gross) == (D("8.45"), D("1.60"), D("10.05"))


def test_yen_and_dinar_round_to_their_own_units() -> None:
    """10 % of 15 yen is 1.5 -> 2; 5 % of 1.010 dinar is 0.0505 -> 0.051."""
    assert total([(("S", D(10)), D(15))], "net", "JPY", {}).tax == D(2)
    assert total([(("S", D(5)), D("1.010"))], "net", "KWD", {}).tax == D("0.051")


def test_no_lines_make_zero() -> None:
    """Zero in the currency's decimals, no row of tax."""
    result = total([], "net", "EUR", {})
    assert (str(result.net), str(result.tax), str(result.gross)) == ("0.00", "0.00", "0.00")
    assert result.taxes == result.line_nets == ()


LINES = st.lists(
    st.tuples(
        st.sampled_from([("S", D(19)), ("S", D(7)), ("S", D("8.1")), ("E", D(0))]),
        st.integers(0, 10**7).map(lambda cents: D(cents).scaleb(-2)),
    ),
    max_size=40,
)


@given(LINES)
def test_net_totals_agree_with_fractions(lines: list[tuple[tuple[str, Decimal], Decimal]]) -> None:
    """Computed a second way, with exact fractions of cents."""
    result = total(lines, "net", "EUR", {})
    taxes = 0
    for key in {key for key, _ in lines}:
        cents = sum(int(amount * 100) for line_key, amount in lines if line_key == key)
        taxes += (Fraction(cents) * Fraction(key[1]) / 100 + Fraction(1, 2)).__floor__()
    assert int(result.tax * 100) == taxes
    assert result.net == sum((amount for _, amount in lines), D(0))
    assert result.gross == result.net + result.tax


@given(LINES)
def test_gross_totals_keep_what_is_printed(lines: list[tuple[tuple[str, Decimal], Decimal]]) -> None:
    """The gross total is the sum of the gross lines; line nets sum to the bases; tax is within half a cent."""
    result = total(lines, "gross", "EUR", {})
    assert result.gross == sum((amount for _, amount in lines), D(0))
    assert sum(result.line_nets, D(0)) == result.net
    for row in result.taxes:
        key = (row.category, row.rate)
        nets = [net for net, (k, _) in zip(result.line_nets, lines, strict=True) if k == key]
        gross = sum((amount for k, amount in lines if k == key), D(0))
        assert sum(nets, D(0)) == row.base
        contained = Fraction(gross) * Fraction(row.rate) / (100 + Fraction(row.rate))
        assert abs(Fraction(row.tax) - contained) <= Fraction(1, 200)
