"""What the law of each jurisdiction wants: a lawful invoice passes, and each thing taken from it is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from studio_invoices.check import Jurisdiction, check, jurisdiction_of
from studio_invoices.model import BankAccount, Invoice, Party

Make = Callable[..., Invoice]
D = Decimal


def found(invoice: Invoice, jurisdiction: Jurisdiction) -> list[tuple[str, str]]:
    return [(row.source, row.message) for row in check(invoice, jurisdiction, lambda *_: "", lambda _: ())]


def changed(invoice: Invoice, part: str, **values: Any) -> Invoice:
    return replace(invoice, **{part: replace(getattr(invoice, part), **values)})


@pytest.fixture
def large(invoice_of: Make) -> Invoice:
    """1,130.50 EUR: too large to be small anywhere."""
    return invoice_of([{"minutes": 600}])


@pytest.mark.parametrize(
    ("country", "jurisdiction"),
    [
        *[("RU", "RU"), ("DE", "DE"), ("at", "AT"), ("FR", "FR"), ("CH", "CH"), ("LI", "CH")],
        *[("IE", "EU"), ("GR", "EU"), ("PL", "EU"), ("GB", ""), ("US", ""), ("", "")],
    ],
)
def test_the_country_of_the_seller_decides(country: str, jurisdiction: str) -> None:
    """Liechtenstein has the Swiss VAT; of other countries nothing is known."""
    assert jurisdiction_of(country) == jurisdiction


def test_without_jurisdiction_nothing_lawful_is_asked(large: Invoice) -> None:
    """Names alone."""
    bare = replace(large, seller=Party("A"), buyer=Party("B"), bank=BankAccount())
    assert found(bare, "") == []


@pytest.mark.parametrize("jurisdiction", ["DE", "AT", "EU", "CH"])
def test_a_lawful_invoice_passes(large: Invoice, jurisdiction: Jurisdiction) -> None:
    """VAT number, both addresses, an account."""
    assert found(large, jurisdiction) == []


@pytest.mark.parametrize("jurisdiction", ["DE", "AT", "FR", "EU", "CH"])
def test_an_account_and_addresses_are_wanted(large: Invoice, jurisdiction: Jurisdiction) -> None:
    """Blanks are no address; a cancellation asks for no money."""
    bare = changed(changed(large, "seller", address=(" ",)), "buyer", address=())
    bare = replace(bare, bank=BankAccount("Bank"))
    said = found(bare, jurisdiction)
    assert said[:3] == [
        ("seller.bank", "there is no account to pay EUR to"),
        ("seller.address", "the seller has no address"),
        ("client:buyer.address", "the client has no address"),
    ]
    taken_back = replace(bare, kind="cancellation", corrects="1")
    assert ("seller.bank", "there is no account to pay EUR to") not in found(taken_back, jurisdiction)


@pytest.mark.parametrize(("jurisdiction", "limit_minutes"), [("DE", 157), ("AT", 252), ("EU", 0)])
def test_a_small_invoice_needs_less(invoice_of: Make, jurisdiction: Jurisdiction, limit_minutes: int) -> None:
    """DE to 250 EUR, AT to 400: at 1.6 a minute gross, 251.20 is above and 249.60 is not; elsewhere never."""
    rated = {"rate_per_hour": D("80.00"), "tax_rate": D(20)}
    for minutes in (60, 156, 157, 250, 251):
        invoice = changed(invoice_of([{**rated, "minutes": minutes}]), "buyer", address=())
        small = {"DE": minutes <= 156, "AT": minutes <= 250, "EU": False}[jurisdiction]
        assert bool(found(invoice, jurisdiction)) is not small
    francs = changed(invoice_of([{**rated, "minutes": 60}], currency="CHF"), "buyer", address=())
    assert found(francs, jurisdiction)


def test_the_seller_has_a_tax_number(large: Invoice) -> None:
    """In Germany either of two; in Austria and France the VAT number; a small invoice needs none."""
    german = changed(large, "seller", vat_id="", tax_number="181/815/08155")
    assert found(german, "DE") == []
    assert found(german, "AT") == [("seller.vat_id", "the seller's VAT number is missing, which tax category S needs")]
    none = changed(german, "seller", tax_number="")
    neither = [("seller.vat_id", "the seller has neither VAT number nor tax number")]
    assert found(none, "DE") == found(none, "EU") == neither
    assert found(none, "CH") == [("seller.vat_id", "who charges Swiss VAT must name his number (CHE-…)")]


def test_small_sums_need_no_tax_number(invoice_of: Make) -> None:
    """§33 UStDV."""
    assert found(changed(invoice_of(), "seller", vat_id=""), "DE") == []


def test_a_swiss_seller_below_the_threshold_has_no_number(invoice_of: Make) -> None:
    """Who charges no VAT has none."""
    untaxed = invoice_of([{"tax_category": "O", "tax_rate": D(0)}])
    assert found(changed(untaxed, "seller", vat_id=""), "CH") == []


@pytest.mark.parametrize(("category", "buyer_too"), [("AE", True), ("K", True), ("G", False)])
def test_reverse_charge_and_exports_need_vat_numbers(invoice_of: Make, category: str, buyer_too: bool) -> None:
    """Of both parties where the client owes the tax, whatever the sum."""
    invoice = invoice_of([{"tax_category": category, "tax_rate": D(0)}])
    assert found(invoice, "DE") == []
    bare = changed(changed(invoice, "seller", vat_id="", tax_number="1"), "buyer", vat_id="")
    missing = f"number is missing, which tax category {category} needs"
    expected = [("seller.vat_id", f"the seller's VAT {missing}")]
    expected += [("client:buyer.vat_id", f"the client's VAT {missing}")] if buyer_too else []
    assert found(bare, "DE") == expected


def test_a_large_austrian_invoice_names_the_clients_uid(invoice_of: Make) -> None:
    """Above 10,000 EUR, to a client in Austria, with tax."""
    lines = [{"minutes": 6000, "tax_rate": D(20)}]
    invoice = changed(invoice_of(lines), "buyer", vat_id="", country="AT")
    assert found(invoice, "AT") == [
        ("client:buyer.vat_id", "the client's UID is missing, which an invoice above 10,000 EUR needs")
    ]
    assert found(changed(invoice, "buyer", vat_id="ATU13585627"), "AT") == []
    assert found(changed(invoice, "buyer", country="DE"), "AT") == []
    assert found(invoice, "EU") == []
    exact = invoice_of([{"minutes": 6000, "rate_per_hour": D("83.3333"), "tax_rate": D(20)}])
    assert exact.gross == D("10000.00")
    assert found(changed(exact, "buyer", vat_id="", country="AT"), "AT") == []


def test_an_exemption_has_a_reason(invoice_of: Make) -> None:
    """In words or as a code; the Swiss want none."""
    invoice = invoice_of([{"tax_category": "E", "tax_rate": D(0)}])
    (row,) = invoice.taxes
    assert found(invoice, "DE") == [("tax:E 0", "it does not say why it is exempt")]
    assert found(replace(invoice, taxes=(replace(row, reason="Kein Ausweis, § 19 UStG"),)), "DE") == []
    assert found(replace(invoice, taxes=(replace(row, reason_code="VATEX-FR-FRANCHISE"),)), "EU") == []
    assert found(invoice, "CH") == []


def test_what_the_french_want_besides(large: Invoice) -> None:
    """SIREN of both, a day of payment, penalties and the 40 euros; abroad neither SIREN nor penalties."""
    seller = replace(large.seller, country="FR", registration="552008443")
    abroad = replace(large, seller=seller)
    assert found(abroad, "FR") == []
    at_home = changed(abroad, "buyer", country="FR")
    assert found(at_home, "FR") == [
        ("client:buyer.registration", "the client's SIREN is missing"),
        ("invoice", "the penalties for late payment and the indemnity of 40 € are not told"),
    ]
    named = changed(at_home, "buyer", registration="732829320")
    for texts in (
        {"payment_terms": "Indemnité forfaitaire de 40\u00a0€"},
        {"notes": ("Indemnité forfaitaire : 40 euros",)},
    ):
        assert found(replace(named, **texts), "FR") == []
    assert found(changed(named, "seller", legal_lines=("Indemnité : 40 €",)), "FR") == []
    bare = replace(changed(abroad, "seller", registration=""), due_date=None)
    assert found(bare, "FR") == [
        ("seller.registration", "the seller's SIREN is missing"),
        ("invoice", "it does not say by when to pay"),
    ]
    assert (
        found(
            replace(at_home, kind="credit_note", corrects="1", lines=(replace(large.lines[0], credits_line=1),)), "FR"
        )
        == []
    )


@pytest.fixture
def rubles(invoice_of: Make) -> Invoice:
    """A Russian company bills in rubles."""
    bank = BankAccount(
        "ПАО СБЕРБАНК", "044030653", "40702810455000024248", correspondent_account="30101810500000000653"
    )
    seller = Party("ООО «Веб-студия»", (), "RU", inn="7802895380", kpp="780201001")
    return invoice_of([{"tax_rate": D(22)}], currency="RUB", seller=seller, bank=bank, buyer=Party("Петров П. П."))


def test_a_russian_bill_passes(rubles: Invoice) -> None:
    """To somebody without any number; an entrepreneur has no КПП."""
    assert found(rubles, "RU") == []
    assert found(changed(rubles, "seller", inn="781100012393", kpp=""), "RU") == []


@pytest.mark.parametrize(
    ("part", "values", "source", "said"),
    [
        ("seller", {"inn": ""}, "seller.inn", "the seller's ИНН is missing"),
        ("seller", {"kpp": ""}, "seller.kpp", "the КПП is missing, which a company (ИНН of 10 digits) has"),
        ("bank", {"name": ""}, "seller.bank.name", "the bank's name is missing, without which no ruble arrives"),
        ("bank", {"bic": ""}, "seller.bank.bic", "the bank's БИК is missing, without which no ruble arrives"),
        (
            "bank",
            {"account": ""},
            "seller.bank.account",
            "the account (расчётный счёт) is missing, without which no ruble arrives",
        ),
        (
            "bank",
            {"correspondent_account": ""},
            "seller.bank.correspondent_account",
            "the correspondent account is missing, without which no ruble arrives",
        ),
    ],
)
def test_what_a_russian_payment_needs(
    rubles: Invoice, part: str, values: dict[str, str], source: str, said: str
) -> None:
    """Each by itself; in another currency, or on what takes a bill back, the account is not looked at."""
    assert found(changed(rubles, part, **values), "RU") == [(source, said)]
    abroad = replace(changed(rubles, part, **values), currency="EUR", bank=BankAccount())
    assert bool(found(abroad, "RU")) is (part == "seller")
    taken_back = replace(rubles, kind="cancellation", corrects="1", bank=BankAccount())
    assert found(taken_back, "RU") == []
