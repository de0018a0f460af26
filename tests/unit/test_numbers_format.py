"""What a number format may be, and what it prints."""

from __future__ import annotations

from datetime import date

import pytest

from studio_support.billing.numbers import NumberFormat, series_year


@pytest.mark.parametrize(
    ("text", "year", "number", "printed"),
    [
        ("{year}-{number:04d}", 2026, 1, "2026-0001"),
        ("{year}-{number:04d}", 2026, 12345, "2026-12345"),
        ("RE-{year}-{number:05d}", 2027, 42, "RE-2027-00042"),
        ("{number}", 2026, 7, "7"),
        ("{number:d}/{year:d}", 2026, 7, "7/2026"),
        ("{number:03}", 2026, 7, "007"),
        ("{year:06d}.{number}", 2026, 7, "002026.7"),
        ("{{{number}}}", 2026, 7, "{7}"),
        ("№ {number} от {year}", 2026, 7, "№ 7 от 2026"),
    ],
)
def test_prints(text: str, year: int, number: int, printed: str) -> None:
    assert NumberFormat(text).printed(year, number) == printed


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "exactly once"),
        ("RE-{year}", "exactly once"),
        ("{number}{number}", "exactly once"),
        ("{year}{year}{number}", "exactly once"),
        ("{month}-{number}", "{month}"),
        ("{}-{number}", "a field {}"),
        ("{0}-{number}", "a field {0}"),
        ("{number.real}", "{number.real}"),
        ("{number:4d}", "padded with zeros"),
        ("{number:x}", "padded with zeros"),
        ("{number:,}", "padded with zeros"),
        ("{number:+d}", "padded with zeros"),
        ("{number:010d}", "padded with zeros"),
        ("{number:{year}}", "padded with zeros"),
        ("{number!r}", "padded with zeros"),
        ("{number", "no format"),
        ("number}", "no format"),
        ("{number}\n", "line break"),
        (" {number}", "space at its edge"),
        ("A\u200b{number}", "cannot be printed"),
        ("A" * 41 + "{number}", "more than 40"),
    ],
)
def test_refuses_and_says_why(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        NumberFormat(text)
    assert wrong in str(caught.value)


def test_a_refused_field_says_what_would_be_right() -> None:
    with pytest.raises(ValueError, match=r"\{year\}-\{number:04d\}"):
        NumberFormat("{invoice}")


def test_knows_whether_the_year_is_printed() -> None:
    assert NumberFormat("{year}{number}").has_year
    assert not NumberFormat("{number}").has_year


def test_a_yearly_series_is_named_by_the_issue_date_and_a_running_one_by_nothing() -> None:
    assert series_year(True, date(2026, 12, 31)) == 2026
    assert series_year(False, date(2026, 12, 31)) == 0
