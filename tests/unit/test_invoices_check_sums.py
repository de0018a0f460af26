"""Sums before issue: what cannot be computed by hand from the paper is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_invoices.check import check
from studio_invoices.model import Invoice, TaxTotal

Make = Callable[..., Invoice]
D = Decimal


def found(invoice: Invoice) -> list[tuple[str, str]]:
    return [(row.source, row.message) for row in check(invoice, "", lambda *_: "", lambda _: ())]


def with_line(invoice: Invoice, **values: Any) -> Invoice:
    return replace(invoice, lines=(replace(invoice.lines[0], **values), *invoice.lines[1:]))


def test_an_invoice_without_lines_is_impossible(invoice_of: Make) -> None:
    """Even when its sums are zero as they should be."""
    assert found(invoice_of([])) == [("invoice", "there are no lines")]


def test_line_numbers_are_unique(invoice_of: Make) -> None:
    """Lines are referred to by number."""
    invoice = with_line(invoice_of([{}, {}]), number=2)
    assert found(invoice) == [("invoice", "1 lines bear the number of another line")]


def test_a_line_must_be_minutes_times_rate(invoice_of: Make) -> None:
    """A unit price multiplied twice is found on its line."""
    messages = [m for source, m in found(with_line(invoice_of(), rate_per_hour=D("190.00"))) if source == "line:1"]
    assert messages == ["line 1: 60 minutes at 190.00 an hour are 190.00, not 95.00"]


def test_a_gross_line_must_have_its_gross_amount(invoice_of: Make) -> None:
    """Where prices are gross the printed amount is the gross one."""
    invoice = with_line(invoice_of([{}, {}], prices="gross"), gross=None)
    assert ("line:1", "line 1: prices are gross, but it has no gross amount") in found(invoice)


def test_nothing_is_charged_on_a_labelled_line(invoice_of: Make) -> None:
    """Shown but free means zero minutes and zero money."""
    invoice = with_line(invoice_of([{"label": "Goodwill"}, {}]), minutes=10)
    assert found(invoice) == [("line:1", "line 1: it is labelled 'Goodwill', so nothing can be charged on it")]


def test_negative_minutes_and_rates_are_impossible(invoice_of: Make) -> None:
    """Taking back is a document of its own, not a negative line."""
    assert any("negative" in message for _, message in found(invoice_of([{"minutes": -60}])))
    assert any("negative" in message for _, message in found(invoice_of([{"rate_per_hour": D(-1)}])))


def test_tax_rows_must_follow_from_the_lines(invoice_of: Make) -> None:
    """A tax off by a cent, a row missing, a row too many, a row twice."""
    invoice = invoice_of([{}, {"tax_rate": D(7)}])
    first, second = invoice.taxes
    off = replace(invoice, taxes=(replace(first, tax=D("18.06")), second), tax=D("24.71"), gross=D("214.71"))
    assert found(off) == [
        ("tax:S 19", "its lines make a base of 95.00 and a tax of 18.05, but its row says 95.00 and 18.06")
    ]
    missing = replace(invoice, taxes=(first,), tax=first.tax, gross=D("208.05"))
    assert found(missing) == [("tax:S 7", "there is no row for tax S at 7 %")]
    strange = replace(invoice, taxes=(first, second, TaxTotal("Z", D(0), D(0), D(0))))
    assert found(strange) == [("tax:Z 0", "no line bears this tax")]
    twice = replace(invoice, taxes=(first, second, TaxTotal("S", D(7), D(95), D(0))))
    assert ("invoice", "a category and rate of tax has two rows") in found(twice)


def test_only_category_s_bears_tax(invoice_of: Make) -> None:
    """A rate on an exempt category is a mistake of configuration."""
    messages = found(invoice_of([{"tax_category": "E", "tax_rate": D(5)}]))
    assert messages == [("tax:E 5", "category E bears no tax, but 4.75 is charged")]


@pytest.mark.parametrize(
    ("values", "fragment"),
    [
        ({"net": D("95.01")}, "the lines sum to 95.00, but the net total is 95.01"),
        ({"tax": D("18.00")}, "the taxes sum to 18.05, but the total tax is 18.00"),
        ({"gross": D("113.00")}, "net 95.00 and tax 18.05 do not make 113.00"),
        ({"gross": D("113.055")}, "gross 113.055 has more decimals than EUR has"),
        ({"gross": D("-1.00")}, "its total is -1.00 EUR: there is nothing to pay"),
    ],
)
def test_totals_must_add_up(invoice_of: Make, values: dict[str, Decimal], fragment: str) -> None:
    """Net is the sum of lines, tax the sum of its rows, gross both."""
    assert fragment in [message for _, message in found(replace(invoice_of(), **values))]


def test_nothing_to_pay_is_no_invoice(invoice_of: Make) -> None:
    """Lines without a charge sum to zero; a credit note of zero takes nothing back either."""
    nothing = ("invoice", "its total is 0.00 EUR: there is nothing to pay")
    assert found(invoice_of([{"label": "Goodwill"}])) == [nothing]
    assert nothing in found(invoice_of([{"label": "x", "credits_line": 1}], kind="credit_note", corrects="1"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"tax_category": ""}, "line 1: a tax of 19 % without category"),
        ({"tax_category": "X"}, "line 1: a tax of 19 % in category 'X', which there is not"),
        ({"tax_rate": D(-1)}, "line 1: a tax of -1 %: it cannot be negative"),
        ({"tax_rate": D(0)}, "line 1: a tax of 0 % in category S, which always has a rate: Z, E or O is meant"),
    ],
)
def test_a_tax_has_a_category_and_a_rate_that_fit(invoice_of: Make, values: dict[str, Any], said: str) -> None:
    """Told once, at the first line that has it."""
    assert [row for row in found(invoice_of([values, values])) if row[0].startswith("line")] == [("line:1", said)]


@pytest.mark.parametrize("category", ["AE", "E", "O", "Z", "G", "K"])
def test_every_other_category_has_rate_0(invoice_of: Make, category: str) -> None:
    """With rate 0 it is sound; another rate is a problem even where its tax rounds to nothing."""
    assert found(invoice_of([{"tax_category": category, "tax_rate": D(0)}])) == []
    rated = {"tax_category": category, "tax_rate": D(7), "rate_per_hour": D("0.05")}
    assert [source for source, _ in found(invoice_of([rated]))] == [f"tax:{category} 7"]


@pytest.mark.parametrize("amount", [D("NaN"), D("Infinity"), D("-Infinity"), D("sNaN"), D("1E+15"), D("1E-16")])
def test_what_is_no_amount_is_named_and_nothing_raised(invoice_of: Make, amount: Decimal) -> None:
    """On a line, in a row of tax, in a total; sums are not looked at then."""
    invoice = invoice_of([{}], prices="gross")
    row = replace(invoice.taxes[0], base=amount)
    for broken, source in (
        (with_line(invoice, rate_per_hour=amount), "line:1"),
        (with_line(invoice, gross=amount), "line:1"),
        (replace(invoice, taxes=(row,)), "tax:1"),
        (replace(invoice, gross=amount), "invoice"),
    ):
        ((where, said),) = found(broken)
        assert where == source
        assert said.endswith("which is no amount")


def test_a_net_has_no_more_decimals_than_its_currency(invoice_of: Make) -> None:
    """Where prices are gross the net is a share, of whole cents."""
    said = [m for s, m in found(with_line(invoice_of([{}], prices="gross"), net=D("79.8319"))) if s == "line:1"]
    assert said == ["line 1: its net 79.8319 has more decimals than EUR has"]


@pytest.mark.parametrize(("currency", "rate"), [("JPY", "9500"), ("KWD", "9.125"), ("EUR", "95.00")])
def test_currencies_of_0_2_and_3_decimals(invoice_of: Make, currency: str, rate: str) -> None:
    """A third of an hour at each."""
    assert found(invoice_of([{"minutes": 20, "rate_per_hour": D(rate)}], currency=currency)) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "minutes": st.integers(1, 6000),
                "rate_per_hour": st.decimals("0.01", 5000, places=2),
                "tax_rate": st.sampled_from([D(5), D(7), D("8.1"), D(19), D(22)]),
            }
        ),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["net", "gross"]),
    st.sampled_from(["JPY", "EUR", "KWD"]),
)
def test_whatever_the_totals_make_the_check_accepts(
    invoice_of: Make, lines: list[dict[str, Any]], prices: str, currency: str
) -> None:
    """Totals by construction: nothing is found but, where all rounds to zero, that nothing is due."""
    assert [
        row for row in found(invoice_of(lines, prices=prices, currency=currency)) if "nothing to pay" not in row[1]
    ] == []
