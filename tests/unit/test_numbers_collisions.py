"""Two series whose formats could ever print the same number are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.model import Party
from studio_support.billing.numbers import NumberFormat, collisions, could_meet
from studio_support.billing.terms import Seller


def seller(key: str, text: str, cancellation: str | None = None, yearly: bool = True) -> Seller:
    return Seller(key, Party("S"), number_format=text, cancellation_format=cancellation, yearly=yearly)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{year}-{number:04d}", "{year}-{number:04d}"),
        ("{year}-{number:04d}", "{year}-{number:05d}"),  # 2026-12345
        ("{year}-{number}", "2027-{number:03d}"),
        ("{year}{number}", "{number}{year}"),  # 20262026
        ("{year}-{number}", "{number}-{year}"),
        ("A{number}", "A1{number}"),
        ("{year:06d}{number}", "00{year}{number}"),
        ("{number:02d}", "0{number}"),
    ],
)
def test_these_can_meet(one: str, other: str) -> None:
    assert could_meet(NumberFormat(one), NumberFormat(other))
    assert could_meet(NumberFormat(other), NumberFormat(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{year}-{number:04d}", "B-{year}-{number:04d}"),
        ("{year}-{number}", "{year}/{number}"),
        ("{year}-{number}", "{number}-"),
        ("A{number}", "B{number}"),
        ("{number}A", "{number}B"),
        ("{number}", "0{number}"),  # a counter without padding never begins with 0
        ("{year}{number:04d}", "{year}X{number}"),
        ("{number:09d}-", "{number:09d}+"),
    ],
)
def test_these_never_meet(one: str, other: str) -> None:
    assert not could_meet(NumberFormat(one), NumberFormat(other))
    assert not could_meet(NumberFormat(other), NumberFormat(one))


LITERAL = st.text(alphabet="0129A-", max_size=3)
WIDTH = st.sampled_from(["", ":02d", ":04d"])


@st.composite
def formats(draw: st.DrawFn) -> str:
    number = "{number" + draw(WIDTH) + "}"
    middle = [number, "{year}"] if draw(st.booleans()) else [number]
    middle = list(reversed(middle)) if draw(st.booleans()) else middle
    return draw(LITERAL) + draw(LITERAL).join(middle) + draw(LITERAL)


NUMBER = st.integers(1, 99_999)
YEAR = st.integers(1990, 2100)


@given(formats(), formats(), NUMBER, YEAR, st.data())
def test_what_is_called_apart_never_prints_the_same(
    one: str, other: str, number: int, year: int, data: st.DataObject
) -> None:
    first, second = NumberFormat(one), NumberFormat(other)
    printed = first.printed(year, number)
    # what the other would have to hold: every cut of digits out of that very text, not a lucky draw only
    candidates = {int(printed[a:b]) for a in range(len(printed)) for b in range(a + 1, a + 7) if printed[a:b].isdigit()}
    years = {year, *(value for value in candidates if 1900 <= value <= 9998)}
    meets = any(second.printed(y, n) == printed for y in years for n in candidates if n >= 1)
    if meets:
        assert could_meet(first, second)


@given(formats(), NUMBER, NUMBER, YEAR, YEAR)
def test_a_format_that_prints_the_year_never_prints_two_documents_alike(
    text: str, one: int, other: int, year: int, later: int
) -> None:
    parsed = NumberFormat(text)
    if parsed.has_year and (one, year) != (other, later):
        assert parsed.printed(year, one) != parsed.printed(later, other)


def test_one_seller_with_a_yearly_format_is_accepted() -> None:
    assert collisions([seller("", "{year}-{number:04d}")]) == []
    assert collisions([seller("", "{year}-{number:04d}", "ST-{year}-{number:04d}")]) == []


def test_two_sellers_with_one_format_are_refused_naming_both() -> None:
    (problem,) = collisions([seller("", "{year}-{number:04d}"), seller("de", "{year}-{number:05d}")])
    assert problem.source == "seller:de"
    assert "seller de" in problem.message
    assert "number_format of the seller" in problem.message
    assert problem.next_step


def test_a_format_for_cancellations_must_differ_from_that_for_invoices() -> None:
    (problem,) = collisions([seller("", "{year}-{number:04d}", "{year}-{number:04d}")])
    assert "cancellation_format" in problem.message


def test_a_yearly_series_without_the_year_is_refused() -> None:
    (problem,) = collisions([seller("", "RE-{number:05d}")])
    assert "begins anew each year" in problem.message
    assert "{year}" in problem.next_step


def test_a_series_that_runs_across_years_needs_no_year() -> None:
    assert collisions([seller("", "RE-{number:05d}", yearly=False)]) == []


def test_a_format_that_is_none_is_reported_not_raised() -> None:
    problems = collisions([seller("", "{month}"), seller("de", "{year}-{number}")])
    assert [problem.source for problem in problems] == ["seller:"]


def test_acts_meet_nobody_but_their_format_is_looked_at() -> None:
    """An act may bear an invoice's number; its format must still be one, and print the year of a yearly series."""
    plain = Seller("", Party("S"), act_format="{year}-{number:04d}")
    assert collisions([plain, Seller("two", Party("S"), number_format="B{year}-{number}")]) == []
    (wrong,) = collisions([Seller("", Party("S"), act_format="{month}")])
    assert wrong.message.startswith("act_format of the seller: '{month}' has a field {month}")
    (yearless,) = collisions([Seller("", Party("S"), act_format="A-{number}")])
    assert yearless.message.startswith("act_format of the seller: 'A-{number}' prints no year")
