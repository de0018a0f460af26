"""The bundled bookings are what a web studio's Redmine could hold: sound, varied, and full of what breaks programs."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from importlib.resources import files

import pytest

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    file = files("studio_support.demo").joinpath("data", "redmine", f"{name}.csv")
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


def minutes(text: str) -> int:
    hours, rest = text.split(":")
    assert len(rest) == 2
    return int(hours) * 60 + int(rest)


def check_digit(number: str) -> int:
    """OTRS DateChecksum: digits times 1, 2, 1, 2 ...; the products summed; 10 less the last digit, 1 for 10."""
    total = sum(int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(number))
    digit = 10 - total % 10
    return 1 if digit == 10 else digit


def test_the_check_digit_is_that_of_known_tickets() -> None:
    assert check_digit("201112091000004") == 7
    assert check_digit("200206231010001") == 1


def test_tickets_have_right_numbers_and_come_once() -> None:
    tickets = [row["ticket"] for row in rows("issues") if row["ticket"]]
    assert len(tickets) >= 60
    assert [ticket for ticket in tickets if int(ticket[-1]) != check_digit(ticket[:-1])] == []
    assert [ticket for ticket in tickets if ticket[8:10] != "10" or len(ticket) != 16] == []
    assert len(set(tickets)) == len(tickets)
    for ticket in tickets:
        date(int(ticket[:4]), int(ticket[4:6]), int(ticket[6:8]))


def test_there_are_about_250_bookings_of_two_months_and_each_names_what_exists() -> None:
    entries = rows("entries")
    known = {name: {row[key] for row in rows(name)} for name, key in _KEYS.items()}
    assert 200 <= len(entries) <= 300
    assert len({row["id"] for row in entries}) == len(entries)
    assert {row["spent_on"][:7] for row in entries} == {"2026-09", "2026-10"}
    strange = [
        row
        for row in entries
        if row["project"] not in known["projects"]
        or row["person"] not in known["people"]
        or row["issue"] not in known["issues"] | {""}
    ]
    assert strange == []


_KEYS = {"projects": "identifier", "people": "login", "issues": "id"}


@pytest.mark.parametrize("name", ["projects", "issues", "people"])
def test_ids_ascend(name: str) -> None:
    ids = [int(row["id"]) for row in rows(name)]
    assert ids == sorted(set(ids))


def test_nobody_works_on_a_ticket_before_it_came_or_books_before_the_day() -> None:
    tickets = {row["id"]: row["ticket"] for row in rows("issues")}
    for row in rows("entries"):
        ticket = tickets.get(row["issue"], "")
        assert not ticket or ticket[:8] <= row["spent_on"].replace("-", ""), row
        booked = datetime.fromisoformat(row["booked_at"])
        assert booked.date() >= date.fromisoformat(row["spent_on"]), row


def test_people_work_by_day_and_not_at_weekends() -> None:
    day: Counter[tuple[str, str]] = Counter()
    for row in rows("entries"):
        assert date.fromisoformat(row["spent_on"]).weekday() < 5, row
        day[row["person"], row["spent_on"]] += minutes(row["time"])
    assert max(day.values()) <= 10 * 60


def kinds(texts: list[str]) -> Iterator[str]:
    for text in texts:
        yield from {unicodedata.name(sign, "").split(" ")[0] for sign in text if ord(sign) > 127}
        yield from ({"emoji"} if any(ord(sign) > 0xFFFF for sign in text) else ())
        yield from ({"markup"} if "<" in text and ">" in text else ())


def test_comments_and_titles_hold_what_breaks_programs() -> None:
    comments = set(kinds([row["comment"] for row in rows("entries")]))
    titles = set(kinds([row["subject"] for row in rows("issues")]))
    assert {"CYRILLIC", "emoji", "markup", "LATIN"} <= comments
    assert {"CYRILLIC", "LATIN", "LEFT-POINTING", "EURO"} <= titles
