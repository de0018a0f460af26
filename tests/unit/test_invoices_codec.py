"""Snapshots: an invoice kept as JSON comes back as the very same value."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.codec import invoice_from_dict, invoice_to_dict
from studio_invoices.model import BankAccount, Invoice, Line, Party, TaxTotal

Make = Callable[..., Invoice]


def test_a_snapshot_survives_json(invoice_of: Make) -> None:
    """Every field of a rich invoice comes back equal and of the same type, through JSON text."""
    invoice = invoice_of(
        [
            {"minutes": 20, "comments": ("Zeile 1\nZeile 2", "שלום 🎨")},
            {"label": "Kulanz"},
            {"heading": "earlier months"},
        ],
        prices="gross",
        notes=("Danke!",),
        contract_number="12/2025",
        contract_date=date(2025, 12, 1),
        kind="cancellation",
        corrects="2026-0001",
        corrects_date=date(2026, 10, 31),
        reason="Falscher Satz",
        reasons={("S", Decimal(19)): "reason"},
    )
    again = invoice_from_dict(json.loads(json.dumps(invoice_to_dict(invoice))))
    assert again == invoice
    assert isinstance(again.lines[0].comments, tuple)
    assert isinstance(again.lines[0].gross, Decimal)
    assert str(again.net) == str(invoice.net)


def test_json_holds_only_plain_values(invoice_of: Make) -> None:
    """Decimals are strings of digits, dates ISO 8601, absent values null."""
    plain = invoice_to_dict(invoice_of([{"minutes": 20}], number=None, due_date=None))
    assert plain["net"] == "31.67"
    assert plain["issue_date"] == "2026-11-30"
    assert plain["number"] is plain["due_date"] is None
    assert plain["seller"]["address"] == ["Lindenallee 12", "20259 Hamburg"]
    assert plain["lines"][0]["rate_per_hour"] == "95.00"


def test_what_is_no_invoice_is_refused(invoice_of: Make) -> None:
    """A missing part is a KeyError, an unknown field a TypeError."""
    plain = invoice_to_dict(invoice_of())
    with pytest.raises(KeyError):
        invoice_from_dict({key: value for key, value in plain.items() if key != "seller"})
    with pytest.raises(TypeError):
        invoice_from_dict({**plain, "discount": "1"})


def test_an_invoice_cannot_be_changed(invoice_of: Make) -> None:
    """What was issued never changes: the values are frozen."""
    with pytest.raises(FrozenInstanceError):
        invoice_of().net = Decimal(0)  # type: ignore[misc]  # the very thing that must fail


TEXT = st.text(max_size=20)
AMOUNT = st.decimals(0, 10**9, places=2)
DAY = st.dates()
LINE = st.builds(
    Line,
    number=st.integers(1, 10**6),
    project=TEXT,
    title=TEXT,
    minutes=st.integers(0, 10**6),
    booked_minutes=st.integers(0, 10**6),
    rate_per_hour=AMOUNT,
    net=AMOUNT,
    tax_category=st.sampled_from(["S", "AE", "E"]),
    tax_rate=AMOUNT,
    first_day=DAY,
    last_day=DAY,
    gross=st.none() | AMOUNT,
    issue=st.none() | TEXT,
    ticket=st.none() | TEXT,
    specialist=st.none() | TEXT,
    heading=st.none() | TEXT,
    label=st.none() | TEXT,
    comments=st.lists(TEXT, max_size=2).map(tuple),
)
PARTY = st.builds(Party, name=TEXT, address=st.lists(TEXT, max_size=3).map(tuple), country=TEXT, inn=TEXT)
INVOICE = st.builds(
    Invoice,
    number=st.none() | TEXT,
    kind=st.sampled_from(["invoice", "cancellation"]),
    issue_date=DAY,
    due_date=st.none() | DAY,
    period_start=DAY,
    period_end=DAY,
    language=TEXT,
    currency=TEXT,
    prices=st.sampled_from(["net", "gross"]),
    seller=PARTY,
    buyer=PARTY,
    bank=st.builds(BankAccount, name=TEXT, iban=TEXT),
    lines=st.lists(LINE, max_size=3).map(tuple),
    taxes=st.lists(st.builds(TaxTotal, TEXT, AMOUNT, AMOUNT, AMOUNT, TEXT), max_size=2).map(tuple),
    net=AMOUNT,
    tax=AMOUNT,
    gross=AMOUNT,
    contract_date=st.none() | DAY,
    corrects=st.none() | TEXT,
    corrects_date=st.none() | DAY,
    notes=st.lists(TEXT, max_size=2).map(tuple),
)


@given(INVOICE)
def test_any_invoice_comes_back_equal(invoice: Invoice) -> None:
    """To plain values, through JSON text, and back."""
    assert invoice_from_dict(json.loads(json.dumps(invoice_to_dict(invoice)))) == invoice


def test_a_changed_copy_differs(invoice_of: Make) -> None:
    """Equality is by value: one field is enough to differ."""
    invoice = invoice_of()
    assert replace(invoice, reason="x") != invoice
