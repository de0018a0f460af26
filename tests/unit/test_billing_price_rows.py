"""What stands on a price list is what is billed: read by the narrowest row, it gives the price of every hour."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.annexes import PriceRow
from studio_invoices.model import Party
from studio_support.billing.price_rows import names_of, price_rows
from studio_support.billing.rates import choose_rate
from studio_support.billing.terms import Client, RateRow
from studio_support.model import Person

DAY = date(2026, 11, 2)
EARLY, LATE = date(2026, 1, 1), date(2027, 1, 1)
PEOPLE = (Person(5, "Anna Petrova", "anna"), Person(7, "Bob Ivanov", None), Person(None, "Clara Neumann", None))
NAMES = names_of(PEOPLE, {"boss": "#5", "new": "Dora Lang"})


def rate(price: int, since: date = EARLY, specialist: str | None = None, activity: str | None = None) -> RateRow:
    return RateRow(since, Decimal(price), specialist, activity)


def client(own: tuple[RateRow, ...] = (), shared: tuple[RateRow, ...] = ()) -> Client:
    return Client("acme", Party("ACME"), "en", "EUR", rates=own, price_list=shared)


def shown(own: tuple[RateRow, ...] = (), shared: tuple[RateRow, ...] = ()) -> list[tuple[str | None, str | None, int]]:
    return [(row.specialist, row.activity, int(row.per_hour)) for row in price_rows(client(own, shared), DAY, NAMES)]


def test_people_stand_by_their_full_names() -> None:
    """By login, id, name or alias; a full name may be of somebody who is not known yet, a login may not."""
    assert [NAMES(text) for text in ("anna", "ANNA", "#5", "boss", "bob ivanov", "Clara Neumann", "new")] == [
        *["Anna Petrova"] * 4,
        "Bob Ivanov",
        "Clara Neumann",
        "Dora Lang",
    ]
    assert NAMES("Eva Klein") == "Eva Klein"
    assert (NAMES("eva"), NAMES("#9")) == (None, None)
    assert shown((rate(50, specialist="eva"),)) == [("eva", None, 50)]


def test_of_each_kind_the_latest_and_those_to_come() -> None:
    """Of 80, 90 and 85, which began in January, June and March, 90 holds; 100 begins in January."""
    rows = (rate(80), rate(90, date(2026, 6, 1)), rate(85, date(2026, 3, 1)), rate(100, LATE))
    assert price_rows(client(rows), DAY, NAMES) == (
        PriceRow(date(2026, 6, 1), Decimal(90)),
        PriceRow(LATE, Decimal(100)),
    )


def test_what_own_rows_cover_of_a_shared_list_is_left_out() -> None:
    """A price for all covers everything, one for Anna her rows alone, and one that begins later nothing yet."""
    shared = (rate(95), rate(105, activity="Design"), rate(110, specialist="boss", activity="design"))
    assert shown((rate(60),), shared) == [(None, None, 60)]
    assert shown((rate(70, specialist="anna"),), shared) == [
        (None, None, 95),
        (None, "Design", 105),
        ("Anna Petrova", None, 70),
    ]
    assert shown((rate(60, LATE),), (rate(95),)) == [(None, None, 95), (None, None, 60)]


def test_an_own_price_of_an_activity_beats_a_specialist_of_the_list() -> None:
    """A reader would take Anna's 120 for her design; 80 is billed, and a row says so."""
    assert shown((rate(80, activity="Design"),), (rate(120, specialist="anna"),)) == [
        (None, "Design", 80),
        ("Anna Petrova", None, 120),
        ("Anna Petrova", "Design", 80),
    ]


_ROWS = st.lists(
    st.builds(
        RateRow,
        st.sampled_from([date(2026, month, 1) for month in (1, 3, 5)]),
        st.integers(1, 99).map(Decimal),
        st.sampled_from([None, "anna", "Bob Ivanov"]),
        st.sampled_from([None, "Design", "Support"]),
    ),
    max_size=6,
    unique_by=lambda row: (row.from_day, row.specialist, row.activity),
).map(tuple)


@given(_ROWS, _ROWS, st.sampled_from(["Anna Petrova", "Bob Ivanov", "Clara Neumann"]), st.sampled_from(["Design", "x"]))
def test_a_reader_comes_to_the_price_that_is_billed(
    own: tuple[RateRow, ...], shared: tuple[RateRow, ...], person: str, activity: str
) -> None:
    made = client(own, shared)
    rows = [
        row
        for row in price_rows(made, DAY, NAMES)
        if row.specialist in (None, person) and row.activity in (None, activity)
    ]
    read = max(rows, key=lambda row: (row.specialist is not None, row.activity is not None), default=None)
    keys = {"anna": "Anna Petrova", "Bob Ivanov": "Bob Ivanov"}
    billed = choose_rate(made, DAY, person, activity, keys)
    assert (None if read is None else read.per_hour) == (None if billed is None else billed.per_hour)
