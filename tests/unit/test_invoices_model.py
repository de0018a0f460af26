"""What the values of the model tell beyond their fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from studio_invoices.annexes import TimeRow, TimeSheet
from studio_invoices.model import Invoice, Party

Make = Callable[..., Invoice]


def test_an_address_without_town_is_printed_as_it_stands() -> None:
    """Nothing is known apart: every line is a street line."""
    party = Party("A", ("Street 1", "12345 Town"))
    assert party.postal_lines == party.street_lines == ("Street 1", "12345 Town")


def test_a_town_known_apart_is_printed_once() -> None:
    """Whether the lines have it already or not."""
    with_town = Party("A", ("Street 1", "12345 Town"), postcode="12345", city="Town")
    without = replace(with_town, address=("Street 1",))
    assert with_town.postal_lines == without.postal_lines == ("Street 1", "12345 Town")
    assert with_town.street_lines == without.street_lines == ("Street 1",)


def test_a_postcode_alone_is_printed() -> None:
    """And a town alone, without blanks beside them."""
    assert Party("A", ("Street 1",), postcode="12345").postal_lines == ("Street 1", "12345")
    assert Party("A", ("Street 1",), city="Town").postal_lines == ("Street 1", "Town")


@pytest.mark.parametrize(("kind", "code"), [("invoice", "380"), ("cancellation", "381"), ("credit_note", "381")])
def test_the_type_code_tells_what_the_document_is(invoice_of: Make, kind: str, code: str) -> None:
    """BT-3 of EN 16931."""
    assert replace(invoice_of(), kind=kind).type_code == code


def test_a_time_sheet_sums_its_minutes() -> None:
    """In whole minutes, charged or not."""
    day, party = date(2026, 11, 1), Party("A")
    rows = (TimeRow(day, "Ann", "Site", "Fix", 20), TimeRow(day, "Bob", "Site", "Fix", 45, label="Goodwill"))
    assert TimeSheet("1", day, day, day, "en", party, party, rows).minutes == 65
