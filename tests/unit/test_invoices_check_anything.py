"""Whatever stands in an invoice: a list of Problems, each with a source and a next step, and never an exception."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio_invoices.check import check, jurisdiction_of, notices
from studio_invoices.ids import fault
from studio_invoices.model import BankAccount, Invoice, Line, Party, TaxTotal
from studio_invoices.payment_codes import NoPaymentCode, PaymentCode, payment_code

Make = Callable[..., Invoice]

NASTY = st.sampled_from(["", " ", "\x00", "\ud800", "\u202ex", "RF18539007547034", "0" * 27, "DE89370400440532013000"])
NASTY |= st.sampled_from(
    ["044030653", "40702810455000024248", "30101810500000000653", "CH4431999123000889012", "AT", "FR"]
)
TEXT = NASTY | st.text(max_size=12)
AMOUNT = st.decimals() | st.decimals(-(10**6), 10**6, places=2)
COUNTRY = st.sampled_from(["RU", "DE", "AT", "FR", "CH", "IE", "US", ""])


def values_of(kind: type[Any], /, **own: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the model's text fields with any text, beside those that are named."""
    texts = {item.name: TEXT for item in fields(kind) if item.type == "str"}
    return st.fixed_dictionaries({}, optional={**texts, **own})


PARTY = values_of(Party, country=COUNTRY, address=st.lists(TEXT, max_size=2).map(tuple))
LINE = values_of(
    Line,
    minutes=st.integers(-100, 10**9),
    rate_per_hour=AMOUNT,
    net=AMOUNT,
    gross=st.none() | AMOUNT,
    tax_rate=AMOUNT,
    tax_category=st.sampled_from(["S", "E", "", "X"]),
    label=st.none() | TEXT,
    number=st.integers(0, 3),
)
ROW = values_of(TaxTotal, rate=AMOUNT, base=AMOUNT, tax=AMOUNT)
WHOLE = values_of(
    Invoice,
    kind=st.sampled_from(["invoice", "cancellation", "credit_note"]),
    prices=st.sampled_from(["net", "gross"]),
    number=st.none() | TEXT,
    net=AMOUNT,
    gross=AMOUNT,
    issue_date=st.dates(),
    due_date=st.none() | st.dates(),
    currency=st.sampled_from(["EUR", "RUB", "CHF", "JPY", "KWD"]) | TEXT,
    profiles=st.sampled_from([(), ("xrechnung",), ("peppol", "facturx")]),
    notes=st.lists(TEXT, max_size=2).map(tuple),
)


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(WHOLE, PARTY, PARTY, values_of(BankAccount), st.lists(LINE, max_size=3), st.lists(ROW, max_size=2))
def test_nothing_is_raised(
    invoice_of: Make,
    whole: dict[str, Any],
    seller: dict[str, Any],
    buyer: dict[str, Any],
    bank: dict[str, Any],
    lines: list[dict[str, Any]],
    rows: list[dict[str, Any]],
) -> None:
    """By the real control digits, under every law; a code is made, or a reason given."""
    sound = invoice_of()
    invoice = replace(
        sound,
        seller=replace(sound.seller, **seller),
        buyer=replace(sound.buyer, **buyer),
        bank=replace(sound.bank, **bank),
        lines=tuple(replace(sound.lines[0], **line) for line in lines),
        taxes=tuple(replace(sound.taxes[0], **row) for row in rows),
        **whole,
    )
    problems = check(invoice, jurisdiction_of(invoice.seller.country), fault, lambda text: ())
    assert all(problem.source and problem.message and problem.next_step for problem in problems)
    assert notices(invoice, lambda text: ()) == []
    code = payment_code(invoice)
    assert isinstance(code, PaymentCode | NoPaymentCode)
    if isinstance(code, PaymentCode):
        assert code.content.decode() == code.payload
        assert invoice.gross > Decimal(0)
