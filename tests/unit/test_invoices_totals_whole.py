"""Whole documents by construction: amounts made from minutes, and credit notes made from invoices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_invoices.check import check
from studio_invoices.credit import CreditRefused, credit_note
from studio_invoices.model import Invoice, TaxTotal
from studio_invoices.totals import with_totals

Make = Callable[..., Invoice]
D = Decimal
DECEMBER_1 = date(2026, 12, 1)


def wrong(invoice: Invoice) -> list[str]:
    return [row.message for row in check(invoice, "", lambda *_: "", lambda _: ())]


def test_net_prices(invoice_of: Make) -> None:
    """By hand: 20 min at 95 are 31.67, 40 min 63.33; 19 % of 95.00 is 18.05; 5 min at 60 and 7 %: 5.00 and 0.35."""
    lines = [{"minutes": 20}, {"minutes": 40}, {"label": "x"}]
    lines += [{"minutes": 5, "rate_per_hour": D("60.00"), "tax_rate": D(7)}]
    made = invoice_of(lines)
    spoiled = replace(made, net=D(1), gross=D(2), lines=tuple(replace(line, net=D(9)) for line in made.lines))
    again = with_totals(spoiled)
    assert [line.net for line in again.lines] == [D("31.67"), D("63.33"), D("0.00"), D("5.00")]
    assert (again.net, again.tax, again.gross) == (D("100.00"), D("18.40"), D("118.40"))
    assert again == made


def test_gross_prices(invoice_of: Make) -> None:
    """By hand: three times 20 min at 100 are 33.33; 99.99 x 22/122 = 18.03 tax; nets of 27.32 each."""
    lines = [{"minutes": 20, "rate_per_hour": D("100.00"), "tax_rate": D(22)}] * 3
    made = with_totals(replace(invoice_of(lines, prices="gross"), tax=D(0)))
    assert [(line.net, line.gross) for line in made.lines] == [(D("27.32"), D("33.33"))] * 3
    assert (made.net, made.tax, made.gross) == (D("81.96"), D("18.03"), D("99.99"))


def test_rates_by_day_of_service(invoice_of: Make) -> None:
    """December's hours at 20 %, January's at 22 %, on one bill; by hand 190.00 at 20 % and 95.00 at 22 %."""
    lines: list[dict[str, Any]] = [
        {"minutes": 120, "tax_rate": D(20), "first_day": date(2025, 12, 30), "last_day": date(2025, 12, 31)},
        {"minutes": 60, "tax_rate": D(22), "first_day": date(2026, 1, 9), "last_day": date(2026, 1, 9)},
    ]
    made = with_totals(invoice_of(lines, currency="RUB"))
    assert made.taxes == (
        TaxTotal("S", D(22), D("95.00"), D("20.90")),
        TaxTotal("S", D(20), D("190.00"), D("38.00")),
    )
    assert made.gross == D("343.90")


def test_reasons_are_kept(invoice_of: Make) -> None:
    """Of the rows that are still there, in words and as a code."""
    made = invoice_of([{"tax_category": "AE", "tax_rate": D(0)}])
    (row,) = made.taxes
    told = replace(made, taxes=(replace(row, reason="Reverse charge", reason_code="VATEX-EU-AE"),))
    assert with_totals(told) == told


LINES = st.lists(
    st.fixed_dictionaries(
        {
            "minutes": st.integers(1, 6000),
            "rate_per_hour": st.decimals("0.10", 3000, places=2),
            "tax_rate": st.sampled_from([D(7), D("8.1"), D(19), D(20), D(22)]),
        }
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(LINES, st.sampled_from(["net", "gross"]), st.sampled_from(["JPY", "EUR", "KWD"]))
def test_a_second_computation_agrees(invoice_of: Make, lines: list[dict[str, Any]], prices: str, currency: str) -> None:
    """In fractions of whole minor units, written anew: floor(x + 1/2), no Decimal, no code of ours."""
    made = with_totals(invoice_of(lines, prices=prices, currency=currency))
    scale = {"JPY": 1, "EUR": 100, "KWD": 1000}[currency]
    sums: dict[Decimal, int] = {}
    for line in lines:
        exact = Fraction(line["rate_per_hour"]) * line["minutes"] * scale / 60
        sums[line["tax_rate"]] = sums.get(line["tax_rate"], 0) + int(exact + Fraction(1, 2))
    tax = 0
    for rate, amount in sums.items():
        share = Fraction(rate) / (100 if prices == "net" else 100 + Fraction(rate))
        tax += int(amount * share + Fraction(1, 2))
    whole = sum(sums.values())
    net, gross = (whole, whole + tax) if prices == "net" else (whole - tax, whole)
    assert (made.net * scale, made.tax * scale, made.gross * scale) == (net, tax, gross)
    assert sum(line.net for line in made.lines) == made.net


def credited(original: Invoice, minutes: dict[int, int], **more: Any) -> Invoice:
    return credit_note(original, minutes, issue_date=DECEMBER_1, reason="Too much", **more)


def test_a_credit_note_takes_minutes_back(invoice_of: Make) -> None:
    """By hand: 30 of 90 minutes at 95 are 47.50, and 10 at 7 % 15.83; 9.025 tax half-up 9.03, and 1.11."""
    original = invoice_of([{"minutes": 90}, {"label": "x"}, {"minutes": 20, "tax_rate": D(7)}], purpose="Pay")
    note = credited(original, {3: 10, 1: 30})
    assert wrong(note) == []
    assert (note.kind, note.number, note.due_date, note.issue_date) == ("credit_note", None, None, DECEMBER_1)
    assert (note.corrects, note.corrects_date, note.reason) == ("2026-0117", date(2026, 11, 30), "Too much")
    assert [(row.number, row.credits_line, row.minutes, row.net) for row in note.lines] == [
        (1, 1, 30, D("47.50")),
        (2, 3, 10, D("15.83")),
    ]
    assert note.taxes == (TaxTotal("S", D(19), D("47.50"), D("9.03")), TaxTotal("S", D(7), D("15.83"), D("1.11")))
    assert (note.net, note.tax, note.gross) == (D("63.33"), D("10.14"), D("73.47"))
    assert (note.purpose, note.type_code) == ("", "381")


def test_a_whole_credit_equals_the_invoice(invoice_of: Make) -> None:
    """Gross prices too."""
    original = invoice_of([{"minutes": 7}, {"minutes": 13}], prices="gross")
    note = credited(original, {1: 7, 2: 13})
    assert (note.net, note.tax, note.gross) == (original.net, original.tax, original.gross)


@pytest.mark.parametrize(
    ("minutes", "before", "line", "said"),
    [
        ({}, {}, None, "no line is named"),
        ({7: 1}, {}, 7, "line 7: the invoice has no such line"),
        ({2: 1}, {}, 2, "line 2: nothing was charged on it"),
        ({1: 0}, {}, 1, "line 1: 0 minutes are nothing to take back"),
        ({1: -5}, {}, 1, "line 1: -5 minutes are nothing to take back"),
        ({1: 61}, {}, 1, "line 1: 61 minutes are more than the 60 that are left"),
        ({1: 31}, {1: 30}, 1, "line 1: 31 minutes are more than the 30 that are left"),
    ],
)
def test_no_more_is_taken_back_than_was_billed(
    invoice_of: Make, minutes: dict[int, int], before: dict[int, int], line: int | None, said: str
) -> None:
    """Less what earlier credit notes took."""
    with pytest.raises(CreditRefused, match=f"^{said}$") as refused:
        credited(invoice_of([{}, {"label": "x"}]), minutes, credited=before)
    assert refused.value.line == line
    assert credited(invoice_of(), {1: 30}, credited={1: 30}).net == D("47.50")


@pytest.mark.parametrize("values", [{"number": None}, {"kind": "cancellation", "corrects": "1"}])
def test_only_an_issued_invoice_is_credited(invoice_of: Make, values: dict[str, Any]) -> None:
    """No draft, and nothing that takes back itself."""
    with pytest.raises(CreditRefused, match="only an issued invoice"):
        credited(invoice_of(**values), {1: 1})
