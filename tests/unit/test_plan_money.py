"""Money of a draft: by hand, and computed a second time with fractions from the rule alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.billing.month_plan import Draft
from studio_support.billing.terms import RateRow, Rounding, Rule, TaxRow
from studio_support.model import TimeEntry
from tests.months import JANUARY_1, SHOP, SITE, D, client, closing, draft_of, entry, ledger, planned, terms

UNITS = {"EUR": 2, "RUB": 2, "JPY": 0, "KWD": 3}


def taxed(rate: str, prices: Any = "net") -> Any:
    return terms(tax=(TaxRow(JANUARY_1, "S", D(rate), prices),))


def sums(draft: Draft) -> tuple[str, str, str]:
    return str(draft.net), str(draft.tax), str(draft.gross)


def one_task(count: int = 33) -> list[TimeEntry]:
    return [entry(number, 20, issue_id=5) for number in range(1, count + 1)]


def many_tasks(count: int = 33) -> list[TimeEntry]:
    return [entry(number, 20, issue_id=number) for number in range(1, count + 1)]


def test_thirty_three_entries_of_one_task_are_eleven_hours() -> None:
    """11 h x 95.00 = 1045.00; rounded entry by entry it would be 1045.11, from Redmine's hours 1034.55."""
    draft = draft_of(planned(*one_task(), terms=taxed("19")))
    assert (draft.minutes, *sums(draft)) == (660, "1045.00", "198.55", "1243.55")


@pytest.mark.parametrize(("rate", "tax"), [("5", "52.26"), ("7", "73.16"), ("22", "229.92"), ("19", "198.57")])
def test_tax_is_taken_once_on_the_sum_of_thirty_three_tasks(rate: str, tax: str) -> None:
    """33 x 31.67 = 1045.11; tax line by line would be 52.14, 73.26, 230.01, 198.66."""
    draft = draft_of(planned(*many_tasks(), terms=taxed(rate)))
    assert {str(line.net) for line in draft.lines} == {"31.67"}
    assert (str(draft.net), str(draft.tax)) == ("1045.11", tax)


def test_three_thousand_roubles_an_hour() -> None:
    """11 h: 33 000; from Redmine's rounded hours it would be 32 670."""
    made = client(currency="RUB", rates=(RateRow(JANUARY_1, D(3000)),))
    assert sums(draft_of(planned(*one_task(), clients=(made,)))) == ("33000.00", "7260.00", "40260.00")


@pytest.mark.parametrize(
    ("currency", "rate", "net", "tax", "gross"),
    [
        ("JPY", "1000", "167", "37", "204"),
        ("KWD", "10.001", "1.667", "0.367", "2.034"),
        ("EUR", "0.30", "0.05", "0.01", "0.06"),
    ],
)
def test_amounts_have_the_decimals_of_the_currency(currency: str, rate: str, net: str, tax: str, gross: str) -> None:
    """10 min: 166.67 yen -> 167, 22 % = 36.74 -> 37; 1.66683 dinar -> 1.667, 22 % = 0.36674; 0.05, 22 % = 0.011."""
    made = client(currency=currency, rates=(RateRow(JANUARY_1, D(rate)),))
    assert sums(draft_of(planned(entry(1, 10), clients=(made,)))) == (net, tax, gross)


def test_two_clients_of_two_currencies_never_meet() -> None:
    books = (client("a", "site"), client("b", "other", currency="JPY", rates=(RateRow(JANUARY_1, D(9000)),)))
    other = entry(2, 30, project_id=3, project="Other")
    plan = planned(entry(1, 30), other, clients=books)
    assert [(draft.currency, *sums(draft)) for draft in (draft_of(plan, "a"), draft_of(plan, "b"))] == [
        ("EUR", "47.50", "10.45", "57.95"),
        ("JPY", "4500", "990", "5490"),
    ]


def test_contained_tax_is_taken_once_from_the_sum_and_the_rest_shared_out() -> None:
    """31.67 + 10.00 = 41.67 gross; 19/119 = 6.6532 -> 6.65; 35.02 net: 26.6159 and 8.4041, the cent goes to .59."""
    made = client(rates=(RateRow(JANUARY_1, D("95.00")), RateRow(JANUARY_1, D("60.00"), activity="Design")))
    rows = (entry(1, 20), entry(2, 10, activity="Design"))
    draft = draft_of(planned(*rows, clients=(made,), terms=taxed("19", "gross")))
    assert sums(draft) == ("35.02", "6.65", "41.67")
    assert [(line.title, str(line.gross), str(line.net)) for line in draft.lines] == [
        ("Design", "10.00", "8.40"),
        ("Development", "31.67", "26.62"),
    ]


def test_a_client_may_pay_gross_where_the_studio_prices_net() -> None:
    made = client(tax=(TaxRow(JANUARY_1, "S", D(20), "gross"),), rates=(RateRow(JANUARY_1, D(120)),))
    draft = draft_of(planned(entry(1), clients=(made,)))
    assert (draft.prices, *sums(draft)) == ("gross", "100.00", "20.00", "120.00")


def test_free_time_with_gross_prices_costs_nothing() -> None:
    rows = (entry(1), entry(2, activity="Consultation"))
    gross = (TaxRow(JANUARY_1, "S", D(20), "gross"),)
    draft = draft_of(planned(*rows, terms=terms(tax=gross, rules=(Rule("fixed", activity="Consultation", show=True),))))
    assert sums(draft) == ("79.17", "15.83", "95.00")
    assert [(line.label, str(line.gross), str(line.net)) for line in draft.lines] == [
        ("", "0.00", "0.00"),
        (None, "95.00", "79.17"),
    ]


# a second computation, from the words of the contract


@dataclass(frozen=True)
class Bill:
    lines: Mapping[tuple[Any, ...], Fraction]
    taxes: Mapping[Fraction, tuple[Fraction, Fraction]]


def half_up(exact: Fraction, units: int) -> Fraction:
    return Fraction((exact * 10**units + Fraction(1, 2)).__floor__(), 10**units)


def rounded_time(minutes: int, increment: int, mode: str) -> int:
    whole, rest = divmod(minutes, increment)
    if rest and (mode == "up" or 2 * rest >= increment or not whole):
        whole += 1
    return whole * increment


def bill(rows: list[TimeEntry], case: dict[str, Any]) -> Bill:
    """Lines by task, rate, tax and heading; each rounded half-up once; tax once on the sum of each rate."""
    rounding, units = case["rounding"], UNITS[case["currency"]]
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row in rows:
        rate = case["rates"][1] if row.spent_on >= case["new_rate_from"] else case["rates"][0]
        tax = case["taxes"][1] if row.spent_on >= case["new_tax_from"] else case["taxes"][0]
        task = row.issue_id if row.issue_id is not None else row.activity
        groups[(row.spent_on.month < 10, row.project_id, task, rate, tax)].append(row.minutes)
    lines = {}
    for key, minutes in groups.items():
        if rounding.per == "entry":
            time = sum(rounded_time(m, rounding.increment_minutes, rounding.mode) for m in minutes)
        else:
            time = rounded_time(sum(minutes), rounding.increment_minutes, rounding.mode)
        lines[key] = half_up(Fraction(key[3]) * time / 60, units)
    taxes = {}
    for tax in {key[4] for key in lines}:
        total = sum((amount for key, amount in lines.items() if key[4] == tax), Fraction(0))
        share = tax / (100 + tax) if case["prices"] == "gross" else Fraction(tax) / 100
        due = half_up(total * share, units)
        taxes[Fraction(tax)] = (total - due, due) if case["prices"] == "gross" else (total, due)
    return Bill(lines, taxes)


CASES = st.fixed_dictionaries(
    {
        "currency": st.sampled_from(sorted(UNITS)),
        "rates": st.tuples(st.decimals("0.01", 5000, places=3), st.decimals("0.01", 5000, places=3)),
        "taxes": st.tuples(st.integers(0, 30).map(Fraction), st.integers(1, 30).map(Fraction)),
        "new_rate_from": st.dates(date(2026, 9, 1), date(2026, 11, 1)),
        "new_tax_from": st.dates(date(2026, 9, 1), date(2026, 11, 1)),
        "prices": st.sampled_from(["net", "gross"]),
        "rounding": st.builds(
            Rounding, st.integers(1, 60), st.sampled_from(["up", "nearest"]), st.sampled_from(["entry", "task"])
        ),
    }
)
ROWS = st.lists(
    st.tuples(
        st.integers(1, 600),
        st.integers(-30, 30),
        st.sampled_from([SITE, SHOP]),
        st.sampled_from([None, 5, 6]),
        st.sampled_from(["Development", "Design"]),
    ),
    min_size=1,
    max_size=25,
)


def entries_of(rows: list[tuple[Any, ...]]) -> list[TimeEntry]:
    return [
        entry(
            number,
            minutes,
            date(2026, 10, 1) + timedelta(days=day),
            in_project=project,
            issue_id=task,
            activity=activity,
        )
        for number, (minutes, day, project, task, activity) in enumerate(rows, start=1)
    ]


def draft_for(rows: list[TimeEntry], case: dict[str, Any]) -> Draft:
    first, second = case["rates"]
    taxes = [TaxRow(JANUARY_1, "S", D(int(case["taxes"][0])), case["prices"])]
    taxes.append(TaxRow(case["new_tax_from"], "S", D(int(case["taxes"][1])), case["prices"]))
    made = client(
        currency=case["currency"],
        rounding=case["rounding"],
        rates=(RateRow(JANUARY_1, first), RateRow(case["new_rate_from"], second)),
        tax=tuple(taxes),
    )
    plan = planned(*rows, clients=(made,), ledger=ledger(closing()))
    assert plan.problems == ()
    return draft_of(plan)


@given(ROWS, CASES)
def test_a_draft_is_what_the_rule_says(rows: list[tuple[Any, ...]], case: dict[str, Any]) -> None:
    """Every line, every tax and every sum, computed with fractions from the contract's words."""
    entries = entries_of(rows)
    draft, expected = draft_for(entries, case), bill(entries, case)
    printed = {
        (
            line.heading is not None,
            line.entries[0].project_id,
            line.issue if line.issue is not None else line.title,
            line.rate_per_hour,
            Fraction(line.tax_rate),
        ): Fraction(line.net if line.gross is None else line.gross)
        for line in draft.lines
    }
    assert len(printed) == len(draft.lines)
    assert printed == expected.lines
    assert {Fraction(row.rate): (Fraction(row.base), Fraction(row.tax)) for row in draft.taxes} == expected.taxes
    assert draft.minutes == sum(line.minutes for line in draft.lines)
    assert draft.booked_minutes == sum(row.minutes for row in entries)


@given(ROWS, CASES)
def test_a_draft_adds_up_on_paper(rows: list[tuple[Any, ...]], case: dict[str, Any]) -> None:
    """From what is printed alone: minutes x rate / 60 on each line; nets sum to the net; net and tax to the gross."""
    draft = draft_for(entries_of(rows), case)
    unit = D(1).scaleb(-UNITS[case["currency"]])
    for line in draft.lines:
        printed = line.net if line.gross is None else line.gross
        assert Fraction(printed) == half_up(Fraction(line.rate_per_hour) * line.minutes / 60, UNITS[case["currency"]])
        assert line.net.as_tuple().exponent == unit.as_tuple().exponent
        assert D(0) <= line.net <= printed
    assert sum((line.net for line in draft.lines), D(0)) == draft.net == sum(row.base for row in draft.taxes)
    assert draft.tax == sum(row.tax for row in draft.taxes)
    assert draft.net + draft.tax == draft.gross
    if case["prices"] == "gross":
        assert sum((line.gross or D(0) for line in draft.lines), D(0)) == draft.gross
    for row in draft.taxes:
        nets = [line.net for line in draft.lines if (line.tax_category, line.tax_rate) == (row.category, row.rate)]
        assert sum(nets, D(0)) == row.base


@given(ROWS, CASES, st.integers(1, 600))
def test_more_work_never_costs_less(rows: list[tuple[Any, ...]], case: dict[str, Any], minutes: int) -> None:
    entries = entries_of(rows)
    before = draft_for(entries, case)
    after = draft_for([*entries, entry(999, minutes)], case)
    assert after.gross >= before.gross
    assert after.minutes >= before.minutes + minutes - case["rounding"].increment_minutes


def test_entries_of_zero_minutes_make_no_line() -> None:
    plan = planned(entry(1, 0, issue_id=5), entry(2, 60))
    assert [line.issue for line in draft_of(plan).lines] == [None]
    assert [(row.entry, row.disposed, row.reason) for row in plan.skipped] == [
        ("1", "non_billable", "no minutes booked")
    ]
    assert Decimal(draft_of(plan).net) == D("95.00")
