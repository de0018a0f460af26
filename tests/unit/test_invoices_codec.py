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

from studio_invoices.annexes import PriceList, PriceRow, TimeRow, TimeSheet
from studio_invoices.codec import from_dict, invoice_from_dict, invoice_to_dict, to_dict
from studio_invoices.model import Act, BankAccount, Invoice, Line, Party, TaxTotal

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
    credits_line=st.none() | st.integers(1, 99),
)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
PARTY = st.builds(Party, name=TEXT, address=TEXTS, country=TEXT, inn=TEXT, city=TEXT, legal_lines=TEXTS)
INVOICE = st.builds(
    Invoice,
    number=st.none() | TEXT,
    kind=st.sampled_from(["invoice", "cancellation", "credit_note"]),
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
    service_date=st.none() | DAY,
    profiles=st.lists(st.sampled_from(["xrechnung", "peppol"]), max_size=2).map(tuple),
)


@given(INVOICE)
def test_any_invoice_comes_back_equal(invoice: Invoice) -> None:
    """To plain values, through JSON text, and back."""
    assert invoice_from_dict(json.loads(json.dumps(invoice_to_dict(invoice)))) == invoice


def test_a_changed_copy_differs(invoice_of: Make) -> None:
    """Equality is by value: one field is enough to differ."""
    invoice = invoice_of()
    assert replace(invoice, reason="x") != invoice


OLD_PARTY = {"name": "A", "address": ["B", "C"], "country": "DE", "vat_id": "", "tax_number": "", "inn": "", "kpp": ""}
OLD_LINE = {
    "number": 1,
    "project": "Site",
    "title": "Task",
    "minutes": 60,
    "booked_minutes": 60,
    "rate_per_hour": "95.00",
    "net": "95.00",
    "tax_category": "S",
    "tax_rate": "19",
    "first_day": "2026-10-02",
    "last_day": "2026-10-20",
}
OLD = {
    "number": "2026-0001",
    "kind": "invoice",
    "issue_date": "2026-10-31",
    "due_date": None,
    "period_start": "2026-10-01",
    "period_end": "2026-10-31",
    "language": "de",
    "currency": "EUR",
    "prices": "net",
    "seller": OLD_PARTY,
    "buyer": {**OLD_PARTY, "email": "a@b.example"},
    "bank": {"name": "Bank", "bic": "", "account": "", "iban": "X", "correspondent_account": "", "currency": ""},
    "lines": [{**OLD_LINE, "gross": None, "issue": "7", "ticket": None, "comments": ["x"]}],
    "taxes": [{"category": "S", "rate": "19", "base": "95.00", "tax": "18.05", "reason": ""}],
    "net": "95.00",
    "tax": "18.05",
    "gross": "113.05",
    "contract_number": "",
    "contract_date": "2025-12-01",
    "notes": [],
    "corrects": None,
    "corrects_date": None,
    "reason": "",
}


def test_a_snapshot_older_than_a_field_takes_its_default() -> None:
    """Kept before addresses had a town apart, taxes a code and lines a line credited."""
    invoice = invoice_from_dict(json.loads(json.dumps(OLD)))
    assert (invoice.issue_date, invoice.gross, invoice.bank.iban) == (date(2026, 10, 31), Decimal("113.05"), "X")
    assert (invoice.seller.address, invoice.buyer.email) == (("B", "C"), "a@b.example")
    assert (invoice.seller.city, invoice.seller.legal_lines, invoice.bank.holder) == ("", (), "")
    assert (invoice.lines[0].comments, invoice.lines[0].credits_line) == (("x",), None)
    assert (invoice.taxes[0].reason_code, invoice.profiles, invoice.service_date) == ("", (), None)
    assert invoice.contract_date == date(2025, 12, 1)


def test_an_act_and_the_annexes_come_back_equal(invoice_of: Make) -> None:
    """Each by its own class, through JSON text."""
    invoice = invoice_of([{"minutes": 20}])
    act = Act("A-7", date(2026, 11, 30), invoice)
    assert from_dict(Act, json.loads(json.dumps(to_dict(act)))) == act
    rows = (TimeRow(date(2026, 11, 3), "Ann", "Site", "Fix", 20, "4711", "2026110310000012", "text", None, 1),)
    sheet = TimeSheet(
        None, date(2026, 11, 30), date(2026, 11, 1), date(2026, 11, 30), "en", invoice.seller, invoice.buyer, rows
    )
    again = from_dict(TimeSheet, json.loads(json.dumps(to_dict(sheet))))
    assert again == sheet
    assert again.minutes == 20
    prices = PriceList(
        date(2026, 11, 1),
        "de",
        "EUR",
        "net",
        invoice.seller,
        invoice.buyer,
        (PriceRow(date(2026, 1, 1), Decimal("95.00")), PriceRow(date(2026, 3, 1), Decimal("120.00"), "Ann", "Design")),
    )
    assert from_dict(PriceList, json.loads(json.dumps(to_dict(prices)))) == prices
