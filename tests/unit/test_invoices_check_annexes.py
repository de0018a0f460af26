"""Price lists are checked like invoices; time sheets say where they will be drawn with substitutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studio_invoices.check_annexes import price_list_problems, time_sheet_notices
from studio_support.testing.documents import sample_prices, sample_time_sheet


def glyphs(text: str) -> Sequence[str]:
    return tuple(dict.fromkeys(sign for sign in text if sign == "\u4e2d"))


def test_a_good_price_list_has_no_problem() -> None:
    assert price_list_problems(sample_prices(), glyphs) == []


def test_what_cannot_be_printed_is_named_by_its_field() -> None:
    """Names of people and activities are part of the contract."""
    good = sample_prices()
    rows = (replace(good.rows[1], specialist="\u4e2d"), replace(good.rows[2], activity="De\x00sign"))
    bad = replace(good, rows=rows, contract_number="\u4e2d", buyer=replace(good.buyer, name="\u202eAB"))
    found = price_list_problems(bad, glyphs, "acme")
    assert [(problem.source, problem.client) for problem in found] == [
        ("client:buyer.name", "acme"),
        ("client:contract_number", "acme"),
        ("client:rates.specialist", "acme"),
        ("client:rates.activity", "acme"),
    ]
    assert "CJK" in found[1].message


def test_a_list_without_prices_is_none() -> None:
    (problem,) = price_list_problems(replace(sample_prices(), rows=()), glyphs)
    assert problem.source == "client:rates"


def test_a_time_sheet_tells_where_substitutes_are_drawn() -> None:
    sheet = sample_time_sheet()
    assert time_sheet_notices(sheet, glyphs) == []
    first = replace(sheet.rows[0], text="call \u4e2d")
    (notice,) = time_sheet_notices(replace(sheet, rows=(first, *sheet.rows[1:])), glyphs, "acme")
    assert (notice.source, notice.client) == (f"line:{first.line}", "acme")
    assert first.person in notice.message
