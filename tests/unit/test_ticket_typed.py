"""Ticket numbers and estimates as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.desk.errors import UnknownTicket, WrongTicketNumber
from studio_support.desk.number import typed_minutes, typed_number
from studio_support.tickets.number import NumberPolicy

POLICY = NumberPolicy()
NUMBER = "2026112110000015"
OTHER = "2026112110000024"


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        f" {NUMBER}\n",
        f"#{NUMBER}",
        f"Ticket#{NUMBER}",
        f"Ticket# {NUMBER}",
        f"[Ticket#{NUMBER}]",
        f"AW: [Ticket#{NUMBER}] Logo 2026",
        "2026 1121 1000 0015",
        "Ticket# 20261121 10 00001 5",
        "20261121-10-00001-5",
        f"({NUMBER})",
    ],
)
def test_a_number_is_taken_however_it_is_typed(typed: str) -> None:
    assert typed_number(typed, POLICY) == NUMBER


@pytest.mark.parametrize(
    ("typed", "written", "fault"),
    [
        ("", "", "holds no number"),
        ("the logo", "the logo", "holds no number"),
        ("1234", "1234", "is too short"),
        ("#13", "#13", "is too short"),
        ("2026112110000016", "2026112110000016", "has a wrong check digit"),
        ("Ticket#2026112120000015", "2026112120000015", "has another system id than 10"),
        (f"{NUMBER} {OTHER}", f"{NUMBER} {OTHER}", f"names several tickets: {NUMBER}, {OTHER}"),
    ],
)
def test_what_is_no_number_is_told_why(typed: str, written: str, fault: str) -> None:
    with pytest.raises(WrongTicketNumber) as wrong:
        typed_number(typed, POLICY)
    assert (wrong.value.written, wrong.value.fault, wrong.value.likely) == (written, fault, ())


def test_a_ticket_that_is_not_there_bears_its_number() -> None:
    assert UnknownTicket(NUMBER).number == NUMBER


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("3:30", 210),
        ("3.5", 210),
        ("3,5", 210),
        ("3,5 h", 210),
        ("3h30", 210),
        ("3 h 30 min", 210),
        ("210m", 210),
        ("210 мин", 210),
        ("3ч", 180),
        ("3 часа", 180),
        ("2 часа 30 минут", 150),
        ("1,5 Stunden", 90),
        ("2 hours", 120),
        ("45 min.", 45),
        ("1 heure 5", 65),
        ("0:01", 1),
        ("0", None),
        ("0:00", None),
        ("-3", None),
        ("a day", None),
        ("", None),
        ("99999", None),
    ],
)
def test_an_estimate_is_taken_as_it_is_typed(typed: str, minutes: int | None) -> None:
    assert typed_minutes(typed) == minutes


@given(st.integers(1, 100_000))
def test_every_length_can_be_typed_as_hours_or_minutes(minutes: int) -> None:
    assert typed_minutes(f"{minutes // 60}:{minutes % 60:02d}") == minutes
    assert typed_minutes(f"{minutes}m") == minutes
