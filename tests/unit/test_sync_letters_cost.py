"""What an estimate costs, in the client's words; amounts worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from studio_invoices.model import Party
from studio_support.billing.terms import Client, RateRow, TaxRow
from studio_support.sync.letter_cost import AnnexCost

DAY = date(2026, 6, 16)
RATE = RateRow(from_day=date(2026, 1, 1), per_hour=Decimal("95.00"))
TAX = TaxRow(date(2026, 1, 1), "S", Decimal(19))
ACME = Client("acme", Party("ACME GmbH", ("Hauptstr. 1",), "DE"), "de", "EUR", rates=(RATE,))


def cost(client: Client, minutes: int, tax: TaxRow = TAX) -> str:
    """What is told, with blanks that break."""
    told = AnnexCost([client], (tax,), lambda: DAY)(client.id, minutes)
    return told.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("language", "currency", "prices", "words"),
    [
        ("de", "EUR", "net", "332,50 € zzgl. 19 % USt. (95,00 € pro Stunde)"),
        ("de", "EUR", "gross", "332,50 € inkl. 19 % USt. (95,00 € pro Stunde)"),
        ("en", "EUR", "net", "€332.50 plus 19% VAT (€95.00 per hour)"),
        ("en", "USD", "gross", "$332.50, including 19% VAT ($95.00 per hour)"),
        ("ru", "RUB", "net", "332,50 ₽ плюс НДС 19 % (95,00 ₽ за час)"),
        ("ru", "RUB", "gross", "332,50 ₽, включая НДС 19 % (95,00 ₽ за час)"),
        ("fr", "EUR", "net", "332,50 € HT, plus TVA 19 % (95,00 € par heure)"),
        ("fr", "EUR", "gross", "332,50 € TTC, dont TVA 19 % (95,00 € par heure)"),
    ],
)
def test_amount_tax_and_rate_are_told(language: str, currency: str, prices: str, words: str) -> None:
    client = replace(ACME, language=language, currency=currency)
    assert cost(client, 210, replace(TAX, prices=prices)) == words  # type: ignore[arg-type]  # net or gross


def test_amounts_are_rounded_once_and_rates_are_not() -> None:
    """20 minutes at 95.125 are 31.7083…; 1,000 and more have their groups."""
    assert cost(replace(ACME, rates=(replace(RATE, per_hour=Decimal("95.125")),)), 20).startswith("31,71 € zzgl.")
    assert cost(replace(ACME, rates=(replace(RATE, per_hour=Decimal("95.125")),)), 20).endswith("(95,125 € pro Stunde)")
    assert cost(ACME, 6000).startswith("9.500,00 €")
    assert cost(ACME, 0).startswith("0,00 €")


def test_a_rate_of_tax_with_decimals() -> None:
    assert cost(ACME, 60, replace(TAX, rate=Decimal("8.10"))) == "95,00 € zzgl. 8,1 % USt. (95,00 € pro Stunde)"
    assert "8.1% VAT" in cost(replace(ACME, language="en"), 60, replace(TAX, rate=Decimal("8.10")))


@pytest.mark.parametrize("category", ["E", "AE", "O", "Z"])
def test_without_tax_nothing_is_said_of_it(category: str) -> None:
    assert cost(ACME, 60, replace(TAX, category=category, rate=Decimal(0))) == "95,00 € (95,00 € pro Stunde)"
    assert cost(ACME, 60, replace(TAX, from_day=date(2027, 1, 1))) == "95,00 € (95,00 € pro Stunde)"


def test_the_client_s_own_tax_comes_first() -> None:
    assert "20 %" in cost(replace(ACME, tax=(replace(TAX, rate=Decimal(20)),)), 60)


def test_the_general_rate_of_the_day_counts() -> None:
    later = replace(RATE, from_day=date(2026, 7, 1), per_hour=Decimal("120.00"))
    narrow = replace(RATE, specialist="i.petrov", per_hour=Decimal("150.00"))
    design = replace(RATE, activity="Design", per_hour=Decimal("140.00"))
    assert cost(replace(ACME, rates=(RATE, later, narrow, design)), 60).startswith("95,00 €")


def test_the_price_list_stands_in() -> None:
    assert cost(replace(ACME, rates=(), price_list=(RATE,)), 60).startswith("95,00 €")


def test_where_nothing_is_agreed_nothing_is_told() -> None:
    narrow = replace(RATE, specialist="i.petrov")
    for client in (
        replace(ACME, rates=()),
        replace(ACME, rates=(narrow,)),
        replace(ACME, rates=(replace(RATE, from_day=date(2026, 6, 17)),)),
        replace(ACME, draft=True),
        replace(ACME, broken=True),
    ):
        assert cost(client, 60) == ""
    assert AnnexCost([ACME], (TAX,), lambda: DAY)("nobody", 60) == ""
