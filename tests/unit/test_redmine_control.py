"""The CSV of a window, compared with the pages position by position."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from studio_support.model import TimeEntry
from studio_support.redmine.control_csv import Compared, UnusableCsv, compare, parse


def entry(**changes: Any) -> TimeEntry:
    """An entry as the pages bring it."""
    facts: dict[str, Any] = {"id": "7", "project_id": 1, "project": "P", "issue_id": 12, "user_id": 3, "user": "U"}
    facts |= {"activity": "A", "minutes": 20, "spent_on": date(2026, 10, 5), "comments": "c"}
    return TimeEntry(**(facts | changes))


@pytest.mark.parametrize(
    ("column", "shown", "difference"),
    [
        (0, "Q", "project is 'P' in the pages, 'Q' in the CSV export"),
        (2, "V", "user is 'U' in the pages, 'V' in the CSV export"),
        (3, "B", "activity is 'A' in the pages, 'B' in the CSV export"),
        (4, "Bug #13: x", "issue is '#12' in the pages, 'Bug #13: x' in the CSV export"),
        (4, "", "issue is '#12' in the pages, '' in the CSV export"),
        (5, "d", "comment is 'c' in the pages, 'd' in the CSV export"),
        (6, "0.35", "minutes is '20' in the pages, '21' in the CSV export"),
        (6, "?", "minutes is '20' in the pages, '?' in the CSV export"),
    ],
)
def test_each_column_is_compared(column: int, shown: str, difference: str) -> None:
    """A difference names the row, the entry and both values."""
    row = ["P", "10/05/2026", "U", "A", "Bug #12: Subject", "c", "0,33"]
    same, other = Compared(), Compared()
    compare([entry()], [row], same)
    row[column] = shown
    compare([entry()], [row], other)
    assert same.differences == []
    assert same.subjects == {12: "Subject"}
    assert other.differences == [f"row 1, entry 7: {difference}"]


def test_each_day_is_written_alike_and_no_two_days_alike() -> None:
    """Rows that say the same but for the day are told apart, whatever the format of days."""
    rows = [["P", text, "U", "A", "#12", "c", "0.33"] for text in ("05.10.", "06.10.", "06.10.", "06.10.")]
    days = [entry(id=str(number), spent_on=date(2026, 10, day)) for number, day in enumerate((5, 6, 5, 7), 1)]
    compared = Compared()
    compare(days, rows, compared)
    assert compared.differences == [
        "row 3, entry 3: day is '05.10.' in the pages, '06.10.' in the CSV export",
        "row 4, entry 4: day is '2026-10-07' in the pages, '06.10.' in the CSV export",
    ]


def test_an_entry_without_issue_must_have_none_in_the_csv() -> None:
    """An issue that appeared is a difference."""
    compared = Compared()
    compare([entry(issue_id=None)], [["P", "d", "U", "A", "#9", "c", "0.33"]], compared)
    assert compared.differences == ["row 1, entry 7: issue is 'none' in the pages, '#9' in the CSV export"]


def test_differences_are_few_enough_to_be_read() -> None:
    """The first ten rows that differ, not thousands."""
    compared = Compared()
    compare([entry(id=str(number)) for number in range(50)], [["?", "d", "U", "A", "#12", "c", "0.33"]] * 51, compared)
    assert compared.differences[0] == "the pages have 50 rows, the CSV export 51"
    assert len(compared.differences) == 10


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it has 0 columns instead of 2"),
        (b"a,b,c\n1,2,3\n", "it has 3 columns instead of 2"),
        (b"a,b\n1,2\n3\n", "its row 2 has 1 columns instead of 2"),
        (b'"a,b', "it has 0 columns instead of 2"),
        (b'a,b\n"1,2\n', "it is no CSV: unexpected end of data"),
    ],
)
def test_a_csv_of_another_shape_is_no_control(body: bytes, reason: str) -> None:
    """Redmine drops unknown columns in silence, and the later ones shift."""
    with pytest.raises(UnusableCsv) as caught:
        parse(body, 2)
    assert str(caught.value) == reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    """Whichever gives the header its columns; quoted line ends stay in their cell."""
    text = f'a{delimiter}b\n"x\r\ny"{delimiter}"{delimiter}""q"""\n'
    assert parse(text.encode("utf-8-sig"), 2) == [["x\r\ny", f'{delimiter}"q"']]
