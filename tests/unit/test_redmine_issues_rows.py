"""Rows of issues, names of files, priorities: by hand, to the last branch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.redmine.issue_rows import (
    Note,
    Priority,
    author_of,
    begins_with_number,
    chosen_priority,
    clean,
    created_at_of,
    file_name,
    hours_text,
    instant_text,
    issue_seen,
    megabytes,
    notes_of,
    one_line,
    said_field,
    same_text,
    stands_alone,
    times_of,
)
from studio_support.redmine.mapping import BrokenRow

ROW: dict[str, Any] = {
    "id": 417,
    "project": {"id": 3, "name": "ACME site"},
    "status": {"id": 1, "name": "New"},
    "author": {"id": 17, "name": "Bridge Robot"},
    "subject": "Fix",
    "description": "Ticket#2026112110000015\r\n\r\nWords",
    "estimated_hours": None,
    "spent_hours": Decimal("1.33"),
    "custom_fields": [
        {"id": 1, "name": "OTRS ticket", "value": " 2026112110000015 "},
        {"id": 2, "name": "Payer", "value": None},
        {"id": 5, "name": "For the client", "value": "It works."},
    ],
    "created_on": "2026-11-21T22:10:43Z",
    "updated_on": "2026-11-21T23:10:43+01:00",
}


def test_a_row_is_an_issue() -> None:
    seen = issue_seen(ROW, "OTRS ticket")
    assert (seen.id, seen.subject, seen.status, seen.project) == (417, "Fix", "New", "ACME site")
    assert seen.description == "Ticket#2026112110000015\n\nWords"
    assert seen.ticket_field == "2026112110000015"
    assert seen.field("For the client") == "It works."
    assert seen.created_at == seen.updated_at == datetime(2026, 11, 21, 22, 10, 43, tzinfo=UTC)


def test_a_row_with_little_is_one_too() -> None:
    seen = issue_seen({**ROW, "subject": None, "description": None, "custom_fields": None}, "OTRS ticket")
    assert (seen.subject, seen.description, seen.ticket_field, seen.fields) == ("", "", "", ())
    assert issue_seen(ROW, "").ticket_field == ""


@pytest.mark.parametrize(
    "broken",
    [
        {"id": "417"},
        {"id": True},
        {"id": 0},
        {"status": None},
        {"project": "ACME"},
        {"created_on": None},
        {"updated_on": ""},
        {"updated_on": "yesterday"},
        {"created_on": "2026-11-21T22:10:43"},
    ],
)
def test_what_is_no_issue_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(BrokenRow):
        issue_seen({**ROW, **broken}, "OTRS ticket")


def test_times_are_minutes() -> None:
    assert times_of(ROW) == (None, 80)
    assert times_of({"estimated_hours": "1:20", "spent_hours": None}) == (80, None)


def test_who_made_it() -> None:
    assert author_of(ROW) == 17
    assert author_of({}) is None
    with pytest.raises(BrokenRow):
        author_of({"author": {"name": "Nobody"}})


def test_notes_are_journals_with_words() -> None:
    journals = [
        {"id": 1, "user": {"id": 17}, "notes": "", "created_on": "2026-11-21T22:10:43Z"},
        {"id": 2, "user": {"id": 17}, "notes": "a\r\nb", "created_on": "2026-11-21T22:10:43Z"},
        {"id": 3, "notes": "gone user", "created_on": None},
    ]
    at = datetime(2026, 11, 21, 22, 10, 43, tzinfo=UTC)
    assert notes_of({"journals": journals}) == (Note(2, 17, at, "a\nb"), Note(3, None, None, "gone user"))
    assert notes_of({}) == ()


def test_texts_are_the_same_but_for_line_ends_and_outer_blanks() -> None:
    assert same_text("a  \r\n\r\nb\r\n", "\na\n\nb")
    assert same_text("a\x00b", "ab")
    assert not same_text("a b", "a  b")
    assert not same_text("a\n\nb", "a\nb")


def test_a_number_stands_alone_and_in_the_first_line() -> None:
    number = "2026112110000015"
    assert stands_alone(f"Ticket#{number}, x", number)
    assert not stands_alone(f"{number}1", number)
    assert not stands_alone(f"1{number}", number)
    assert begins_with_number(f"\n  Ticket#{number}\nrest", number)
    assert not begins_with_number(f"Hello\nTicket#{number}", number)


FIVE = tuple(
    Priority(number, name, number == 2) for number, name in enumerate(("Low", "Normal", "High", "Urgent", "Now"), 1)
)


@pytest.mark.parametrize(("level", "chosen"), [(1, 1), (2, 1), (3, None), (4, 3), (5, 4)])
def test_urgency_is_steps_from_the_default(level: int, chosen: int | None) -> None:
    """Very low has no priority of its own in Redmine's five; the highest is left to people."""
    assert chosen_priority(level, FIVE) == chosen


def test_urgency_ends_where_the_priorities_end() -> None:
    two = (Priority(7, "Normal", True), Priority(9, "High", False))
    assert [chosen_priority(level, two) for level in (1, 2, 3, 4, 5)] == [7, 7, None, 9, 9]
    assert chosen_priority(5, ()) is None
    assert chosen_priority(5, (Priority(1, "Any", False),)) is None


@pytest.mark.parametrize(("minutes", "text"), [(0, "0:00"), (5, "0:05"), (80, "1:20"), (6000, "100:00")])
def test_minutes_as_redmine_takes_them(minutes: int, text: str) -> None:
    assert hours_text(minutes) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0.0 MB"), (1, "0.1 MB"), (104_857, "0.1 MB"), (104_858, "0.2 MB"), (62_914_560, "60.0 MB")],
)
def test_sizes_are_rounded_up(size: int, text: str) -> None:
    assert megabytes(size) == text


def test_texts_that_no_server_keeps() -> None:
    assert clean("a\x00b\ud83dc😀") == "ab\ufffdc😀"
    assert one_line(" a\r\n\tb\u2028c \x00") == "a b c"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Счёт 1.pdf", "Счёт 1.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a.doc", "a.doc"),
        ('a<b>:"|?*%.txt', "a_b_______.txt"),
        ("a\r\nb.txt", "a__b.txt"),
        ("", "file"),
        ("...", "file"),
        ("folder/", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("y" * 300, "y" * 200),
        ("z." + "e" * 300, "z." + "e" * 198),
    ],
)
def test_names_of_files(name: str, kept: str) -> None:
    assert file_name(name) == kept


@given(st.text())
def test_any_name_of_a_file_is_a_name(name: str) -> None:
    kept = file_name(name)
    assert 1 <= len(kept) <= 200 and "/" not in kept and "\\" not in kept and "\x00" not in kept
    kept.encode()


def test_an_instant_is_cut_to_seconds_of_utc() -> None:
    at = datetime(2026, 11, 21, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=3)))
    assert instant_text(at) == "2026-11-21T09:00:00Z"


def test_the_ticket_field_by_its_name() -> None:
    assert said_field(ROW, "Payer") == (2, "")
    assert said_field(ROW, "OTRS ticket") == (1, " 2026112110000015 ")
    assert said_field(ROW, "Nothing") == (None, "")
    assert said_field({}, "OTRS ticket") == (None, "")


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"created_on": "2026-11-21T09:05:07Z"}, datetime(2026, 11, 21, 9, 5, 7, tzinfo=UTC)),
        ({"created_on": "yesterday"}, None),
        ({}, None),
        (None, None),
        ([], None),
    ],
)
def test_an_answer_tells_when_its_issue_was_made_or_nothing(row: object, wanted: datetime | None) -> None:
    assert created_at_of(row) == wanted
