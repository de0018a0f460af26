"""Which price, which tax: the narrowest row that has begun; the client's own before the price list; never a zero."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.billing.rates import choose_rate, choose_tax, clash
from studio_support.billing.terms import RateRow, TaxRow
from tests.months import JANUARY_1, D, client

MARCH_1, JULY_1 = date(2026, 3, 1), date(2026, 7, 1)
WHO = {"a.able": "#7", "b.best": "#8"}
ALL, ALL_JULY = RateRow(JANUARY_1, D(95)), RateRow(JULY_1, D(99))
DESIGN = RateRow(JANUARY_1, D(80), activity="Design")
ANN, ANN_MARCH = RateRow(JANUARY_1, D(110), "a.able"), RateRow(MARCH_1, D(120), "a.able")
ANN_DESIGN = RateRow(JANUARY_1, D(70), "a.able", "Design")


@pytest.mark.parametrize(
    ("day", "person", "activity", "chosen"),
    [
        (date(2026, 5, 5), "#9", "Development", ALL),
        (date(2026, 8, 1), "#9", "Development", ALL_JULY),
        (JULY_1, "#9", "Development", ALL_JULY),
        (JULY_1 - timedelta(days=1), "#9", "Development", ALL),
        (date(2026, 8, 1), "#9", "design", DESIGN),
        (date(2026, 2, 28), "#7", "Development", ANN),
        (MARCH_1, "#7", "Development", ANN_MARCH),
        (date(2026, 8, 1), "#7", "Design", ANN_DESIGN),
        (date(2026, 8, 1), "#8", "Design", DESIGN),
        (date(2025, 12, 31), "#7", "Design", None),
    ],
)
def test_narrowness_before_date(day: date, person: str, activity: str, chosen: RateRow | None) -> None:
    """Specialist and activity, then specialist, then activity, then all; a later row of a wider kind loses."""
    rows = (ALL, ANN_DESIGN, ALL_JULY, DESIGN, ANN_MARCH, ANN)
    assert choose_rate(client(rates=rows), day, person, activity, WHO) is chosen
    assert choose_rate(client(rates=rows[::-1]), day, person, activity, WHO) is chosen


def test_a_row_of_somebody_else_is_never_taken() -> None:
    """Not even where nothing else matches: no row is no price."""
    assert choose_rate(client(rates=(ANN,)), JULY_1, "#8", "Development", WHO) is None


def test_a_row_whose_person_is_unknown_matches_nobody() -> None:
    assert choose_rate(client(rates=(RateRow(JANUARY_1, D(1), "x.y"),)), JULY_1, "x.y", "Development", WHO) is None


@pytest.mark.parametrize(
    ("own", "chosen"),
    [((), ANN_DESIGN), ((ALL,), ALL), ((RateRow(date(2026, 12, 1), D(1)),), ANN_DESIGN), ((DESIGN,), DESIGN)],
)
def test_any_own_row_that_has_begun_beats_the_price_list(own: tuple[RateRow, ...], chosen: RateRow) -> None:
    """The annex to the contract says what this client pays, however narrow the list's row is."""
    made = client(rates=own, price_list=(ALL, DESIGN, ANN, ANN_DESIGN))
    assert choose_rate(made, JULY_1, "#7", "Design", WHO) is chosen


@pytest.mark.parametrize(
    ("one", "other", "is_clash"),
    [
        (RateRow(JANUARY_1, D(1), "a.able"), RateRow(JANUARY_1, D(2), "#7"), True),
        (RateRow(JANUARY_1, D(1), activity="Design"), RateRow(JANUARY_1, D(2), activity="DESIGN"), True),
        (RateRow(JANUARY_1, D(1)), RateRow(JANUARY_1, D(2)), True),
        (RateRow(JANUARY_1, D(1)), RateRow(JANUARY_1, D("1.00")), False),
        (RateRow(JANUARY_1, D(1), "a.able"), RateRow(JANUARY_1, D(2), "b.best"), False),
        (RateRow(JANUARY_1, D(1), "a.able"), RateRow(JANUARY_1, D(2), "a.able", "Design"), False),
        (RateRow(JANUARY_1, D(1)), RateRow(MARCH_1, D(2)), False),
        (RateRow(JANUARY_1, D(1), "gone"), RateRow(JANUARY_1, D(2), "gone too"), False),
    ],
)
def test_two_prices_for_the_same_work_clash(one: RateRow, other: RateRow, is_clash: bool) -> None:
    """Though one says "a.able" and the other "#7"."""
    assert clash((one, other), {**WHO, "#7": "#7"}) == ((one, other) if is_clash else None)


ROWS = st.builds(
    RateRow,
    from_day=st.sampled_from([JANUARY_1, MARCH_1, JULY_1]),
    per_hour=st.integers(1, 200).map(Decimal),
    specialist=st.sampled_from([None, "a.able", "b.best"]),
    activity=st.sampled_from([None, "Design", "Development"]),
)


@given(
    st.lists(ROWS, max_size=8, unique_by=lambda row: (row.from_day, row.specialist, row.activity)),
    st.dates(date(2025, 12, 1), date(2026, 12, 31)),
    st.sampled_from(["#7", "#8", "#9"]),
    st.sampled_from(["Design", "Development", "Testing"]),
)
def test_the_choice_follows_the_rule_written_as_four_questions(
    rows: list[RateRow], day: date, person: str, activity: str
) -> None:
    """Asked one narrowness after the other, the latest row first: the first answer is the one chosen."""
    text = {"#7": "a.able", "#8": "b.best"}.get(person, "nobody")
    expected = None
    for specialist, named in ((text, activity), (text, None), (None, activity), (None, None)):
        matching = [r for r in rows if (r.specialist, r.activity) == (specialist, named) and r.from_day <= day]
        if matching:
            expected = sorted(matching, key=lambda row: row.from_day)[-1]
            break
    assert choose_rate(client(rates=tuple(rows)), day, person, activity, WHO) is expected


def test_a_clients_tax_comes_before_the_studios_from_its_first_day_on() -> None:
    studio = (TaxRow(JANUARY_1, "S", D(20)), TaxRow(JULY_1, "S", D(22)))
    own = (TaxRow(MARCH_1, "AE", D(0), reason="Reverse charge"),)
    assert choose_tax(own, studio, date(2026, 2, 28)) is studio[0]
    assert choose_tax(own, studio, MARCH_1) is own[0]
    assert choose_tax(own, studio, date(2026, 12, 31)) is own[0]
    assert choose_tax((), studio, JULY_1) is studio[1]
    assert choose_tax((), studio[::-1], date(2026, 6, 30)) is studio[0]
    assert choose_tax((), studio, date(2025, 12, 31)) is None
