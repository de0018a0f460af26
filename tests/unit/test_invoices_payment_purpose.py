"""What the payer writes: number and date in his language; in Russian the contract and НДС too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_invoices.model import Invoice
from studio_invoices.purpose import purpose_of, shortened

Make = Callable[..., Invoice]
D = Decimal


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de-AT", "Rechnung 2026-0117 vom 30.11.2026"),
        ("en", "Invoice 2026-0117 of 2026-11-30"),
        ("fr", "Facture 2026-0117 du 30/11/2026"),
        ("fr-CH", "Facture 2026-0117 du 30.11.2026"),
        ("it_CH", "Fattura 2026-0117 del 30.11.2026"),
        ("fr-BE", "Facture 2026-0117 du 30/11/2026"),
        ("ja-CH", "Invoice 2026-0117 of 2026-11-30"),
        ("pl", "Faktura 2026-0117 z dnia 30.11.2026"),
        ("uk", "Рахунок № 2026-0117 від 30.11.2026"),
        ("ja", "Invoice 2026-0117 of 2026-11-30"),
    ],
)
def test_number_and_date_find_the_invoice(invoice_of: Make, language: str, text: str) -> None:
    """In the language of the invoice, in English where there is none for it."""
    assert purpose_of(invoice_of(language=language)) == text


def test_russian_payments_name_contract_and_tax(invoice_of: Make) -> None:
    """Each rate with its tax, or none."""
    lines = [{"tax_rate": D(22)}, {"tax_rate": D(20)}]
    invoice = invoice_of(lines, currency="RUB", language="ru", contract_number="7", contract_date=date(2025, 1, 9))
    assert purpose_of(invoice, 210) == (
        "Оплата по счёту № 2026-0117 от 30.11.2026 по договору № 7 от 09.01.2025. "
        "В том числе НДС 22% - 20,90 руб., НДС 20% - 19,00 руб."
    )
    undated = replace(invoice, contract_date=None, taxes=())
    assert purpose_of(undated) == "Оплата по счёту № 2026-0117 от 30.11.2026 по договору № 7. Без налога (НДС)"
    euros = replace(invoice_of([{"tax_rate": D(22)}], language="ru"), contract_number="")
    assert purpose_of(euros).endswith("30.11.2026. В том числе НДС 22% - 20,90 EUR")


def test_what_does_not_fit_is_left_out_by_parts(invoice_of: Make) -> None:
    """First the contract, then the tax, never the number."""
    invoice = invoice_of(language="ru", currency="RUB", contract_number="7" * 60)
    assert purpose_of(invoice, 100) == "Оплата по счёту № 2026-0117 от 30.11.2026. В том числе НДС 19% - 18,05 руб."
    assert purpose_of(invoice, 60) == "Оплата по счёту № 2026-0117 от 30.11.2026"
    assert purpose_of(invoice, 10) == "Оплата по счёту № 2026-0117 от 30.11.2026"


def test_many_rates_are_told_by_their_sum(invoice_of: Make) -> None:
    """A payment order must say how much НДС it holds, be it without the rates: 4.75 + 9.50 + 14.25 on 95.00 each."""
    lines = [{"tax_rate": D(rate)} for rate in (5, 10, 15)]
    invoice = invoice_of(lines, currency="RUB", language="ru")
    assert purpose_of(invoice, 100) == "Оплата по счёту № 2026-0117 от 30.11.2026. В том числе НДС - 28,50 руб."


def test_a_rate_is_told_without_needless_digits_and_zero_is_a_rate(invoice_of: Make) -> None:
    """«НДС 5%» for 5.00; 0 % is not «Без налога»."""
    assert purpose_of(invoice_of([{"tax_rate": D("5.00")}], currency="RUB", language="ru")).endswith(
        "В том числе НДС 5% - 4,75 руб."
    )
    zero = invoice_of([{"tax_rate": D(0), "tax_category": "Z"}], currency="RUB", language="ru")
    assert purpose_of(zero).endswith("В том числе НДС 0% - 0,00 руб.")


def test_a_draft_has_no_number_to_name(invoice_of: Make) -> None:
    """The text is there all the same."""
    assert purpose_of(invoice_of(number=None, language="de")) == "Rechnung  vom 30.11.2026"
    assert purpose_of(invoice_of(number=None, language="ru")).startswith("Оплата по счёту №  от 30.11.2026")


def test_a_given_purpose_stands(invoice_of: Make) -> None:
    """In one line, cut after a word where it is too long."""
    assert purpose_of(invoice_of(purpose="Ref  77\nthanks")) == "Ref 77 thanks"
    assert purpose_of(invoice_of(purpose="Hosting and support, November"), 20) == "Hosting and support"
    assert shortened("abcdefghij klm", 8) == "abcdefgh"
    assert shortened("a bcdefghijklm", 8) == "a bcdefg"
    assert shortened("ab cd", 5) == "ab cd"


@given(st.text(max_size=60), st.integers(1, 30))
def test_shortened_keeps_its_limit(text: str, limit: int) -> None:
    """And the beginning of the text."""
    short = shortened(text, limit)
    assert len(short) <= limit
    assert " ".join(text.split()).startswith(short)
