"""Peppol's rules of single countries, asked for before issue and met by what is written; schemes of identifiers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from studio_invoices.einvoice import requirements, to_xml
from studio_invoices.einvoice.schemes import misfit
from studio_invoices.model import BankAccount, Invoice, Party
from tests.einvoice_parties import COMPANIES, account
from tests.network_rules import refused

Make = Callable[..., Invoice]
D = Decimal
SINCE_3_0_17 = {"5561888405"}  # 3.0.16, whose rules are at hand, counted the digits of Swedish numbers alone


def company(country: str, **values: Any) -> Party:
    """A company that lacks nothing."""
    found = COMPANIES[country]
    party = Party(
        "Company",
        ("Main Street 1",),
        country,
        vat_id=found.vat_id,
        tax_number=found.tax_number,
        inn=found.inn,
        registration=found.registration,
        registration_scheme=found.register,
        city="Town",
        postcode="12345",
        electronic_address=found.address,
        electronic_scheme=found.scheme,
    )
    return replace(party, **values)


def bill(make: Make, country: str, *, abroad: str = "AT", **values: Any) -> Invoice:
    """An hour at 95.00 of a seller in the country, at its first rate, by Peppol."""
    found = COMPANIES[country]
    lines = values.pop("lines", [{"tax_rate": D(found.rates[0])}])
    held = {
        "seller": company(country),
        "buyer": company(abroad),
        "bank": account(country),
        "currency": found.currency,
        "buyer_reference": "1",
        "profiles": ("peppol",),
    }
    return make(lines, **{**held, **values})


def sources(invoice: Invoice) -> list[str]:
    return [problem.source for problem in requirements(invoice)]


def rules(invoice: Invoice) -> set[str]:
    """The rules by which Peppol itself refuses the document."""
    return {rule.split()[0].removeprefix("xml:") for rule in refused(to_xml(invoice, "ubl", "peppol"), "peppol", "ubl")}


def changed(invoice: Invoice, field: str, value: Any) -> Invoice:
    owner, _, name = field.rpartition(".")
    if not owner:
        return replace(invoice, **{field: value})
    return replace(invoice, **{owner: replace(getattr(invoice, owner), **{name: value})})


@pytest.mark.parametrize("country", sorted(COMPANIES))
def test_a_whole_company_is_asked_for_nothing_at_home(invoice_of: Make, country: str) -> None:
    """And Peppol accepts its invoice (in Germany a contact and an account are asked for as well)."""
    contact = {"contact_name": "E. M.", "contact_phone": "+49 1 23", "email": "a@b.example"}
    seller = company(country, **contact)
    invoice = bill(invoice_of, country, abroad=country, seller=seller)
    assert sources(invoice) == []
    assert rules(invoice) == set()


@pytest.mark.parametrize(
    ("country", "abroad", "field", "value", "source", "rule"),
    [
        ("DK", "AT", "seller.registration", "", "seller.registration", "DK-R-002"),
        ("DK", "AT", "seller.registration_scheme", "", "seller.registration_scheme", "DK-R-014"),
        ("DK", "DK", "buyer.tax_number", "12345678", "client:buyer.tax_number", "DK-R-013"),
        ("DK", "DK", "bank", BankAccount("Bank", iban="DK5000400440116243"), "seller.bank", "DK-R-005"),
        ("IS", "AT", "seller.registration", "", "seller.registration", "IS-R-002"),
        ("IS", "AT", "seller.registration_scheme", "0002", "seller.registration_scheme", "IS-R-002"),
        ("IS", "AT", "seller.postcode", "", "seller.postcode", "IS-R-003"),
        ("IS", "AT", "seller.address", (), "seller.address", "IS-R-003"),
        ("IS", "IS", "buyer.registration", "", "client:buyer.registration", "IS-R-004"),
        ("IS", "IS", "buyer.postcode", "", "client:buyer.postcode", "IS-R-005"),
        ("IT", "AT", "seller.address", ("12345 Town",), "seller.address", "IT-R-002"),
        ("IT", "AT", "seller.city", "", "seller.city", "IT-R-003"),
        ("IT", "AT", "seller.postcode", " ", "seller.postcode", "IT-R-004"),
        ("IT", "AT", "seller.tax_number", "123", "seller.tax_number", "IT-R-001"),
        ("NL", "AT", "seller.city", "", "seller.city", "NL-R-002"),
        ("NL", "AT", "seller.registration_scheme", "0002", "seller.registration_scheme", "NL-R-003"),
        ("NL", "NL", "buyer.city", "", "client:buyer.city", "NL-R-004"),
        ("NL", "NL", "buyer.registration_scheme", "", "client:buyer.registration_scheme", "NL-R-005"),
        ("NL", "AT", "bank", BankAccount("Bank"), "seller.bank", "NL-R-007"),
        ("NO", "AT", "seller.vat_id", "NO995525828", "seller.vat_id", "NO-R-001"),
        ("NO", "AT", "seller.vat_id", "NO995525829MVA", "seller.vat_id", "NO-R-001"),
        ("SE", "AT", "seller.vat_id", "SE5561888404", "seller.vat_id", "SE-R-001"),
        ("SE", "AT", "seller.tax_number", "556188-8404", "seller.tax_number", "SE-R-005"),
    ],
)
def test_what_peppol_refuses_is_asked_for(
    invoice_of: Make, country: str, abroad: str, field: str, value: Any, source: str, rule: str
) -> None:
    """One field wrong: our check names it, and Peppol's own rules refuse the document for it."""
    invoice = changed(bill(invoice_of, country, abroad=abroad), field, value)
    assert sources(invoice) == [source]
    assert rule in rules(invoice)
    assert sources(replace(invoice, profiles=("en16931",))) == []


@pytest.mark.parametrize(
    ("country", "abroad", "field", "value"),
    [
        ("DK", "AT", "buyer.tax_number", "12345678"),  # national rules are for both in Denmark
        ("DK", "AT", "bank", BankAccount("Bank", iban="DK5000400440116243")),
        ("DK", "DK", "currency", "EUR"),  # SEPA
        ("IS", "AT", "buyer.registration", ""),
        ("IS", "AT", "seller.city", ""),
        ("IT", "AT", "seller.tax_number", ""),
        ("NL", "AT", "seller.registration", ""),
        ("NL", "AT", "buyer.city", ""),
        ("NO", "AT", "seller.vat_id", ""),
        ("SE", "AT", "seller.registration", ""),
        ("SE", "AT", "seller.tax_number", "GODKÄND  för F-skatt"),
        ("AT", "AT", "seller.city", ""),
    ],
)
def test_what_peppol_accepts_is_not_asked_for(
    invoice_of: Make, country: str, abroad: str, field: str, value: Any
) -> None:
    """Nobody is parked for what his country does not ask."""
    invoice = changed(bill(invoice_of, country, abroad=abroad), field, value)
    assert sources(invoice) == []
    assert rules(invoice) == set()


@pytest.mark.parametrize("number", ["556188840", "5561888405", "556188-8404"])
def test_swedish_numbers_are_asked_for_by_their_digits(invoice_of: Make, number: str) -> None:
    """Errors since Peppol 3.0.18, where 3.0.16 warned."""
    seller = company("SE", registration=number, registration_scheme="")
    assert sources(bill(invoice_of, "SE", seller=seller)) == ["seller.registration"]


def test_swedish_rates(invoice_of: Make) -> None:
    """6, 12 and 25 %, where the seller has a Swedish VAT number."""
    lines = [{"tax_rate": D(rate)} for rate in ("25", "12", "6", "19.5")]
    invoice = bill(invoice_of, "SE", lines=lines)
    (problem,) = requirements(invoice)
    assert problem.message == "Peppol wants a rate of tax that Sweden has: 6, 12 or 25 %, not 19.5 (SE-R-006)"
    assert rules(invoice) == {"SE-R-006"}
    assert sources(changed(invoice, "seller.vat_id", "DE136695976")) == []
    assert sources(bill(invoice_of, "SE", lines=[{"tax_category": "Z", "tax_rate": D(0)}])) == []


def test_what_is_not_subject_to_vat_names_no_number_in_denmark(invoice_of: Make) -> None:
    """There the VAT number would stand as a number without a register (DK-R-013)."""
    lines = [{"tax_category": "O", "tax_rate": D(0)}]
    invoice = bill(invoice_of, "DK", abroad="DK", lines=lines)
    assert sources(invoice) == ["client:buyer.vat_id"]
    assert rules(invoice) == {"DK-R-013"}
    assert sources(changed(invoice, "buyer.vat_id", "")) == []
    numbered = changed(changed(invoice, "buyer.vat_id", ""), "buyer.tax_number", "1")
    assert sources(numbered) == ["client:buyer.tax_number"]


@pytest.mark.parametrize("seller", [Party("S", country="GR", tax_number="1"), Party("S", country="DE", vat_id="EL1")])
def test_greek_sellers_cannot_use_the_network(invoice_of: Make, seller: Party) -> None:
    """Their invoices need a number of the tax office's that is not to be had here."""
    addressed = replace(seller, electronic_address="5790000435975", electronic_scheme="0088")
    invoice = bill(invoice_of, "AT", seller=addressed)
    assert sources(invoice) == ["seller.country"]
    assert "GR-R-001-1" in rules(invoice)


@pytest.mark.parametrize(
    ("country", "abroad", "kind", "profile", "code"),
    [
        ("DK", "DK", "invoice", "peppol", "31"),
        ("DK", "DK", "invoice", "en16931", "30"),
        ("DK", "AT", "invoice", "peppol", "30"),
        ("AT", "DK", "invoice", "peppol", "58"),
        ("NL", "AT", "cancellation", "peppol", "57"),
        ("NL", "AT", "cancellation", "xrechnung", "1"),
        ("AT", "NL", "cancellation", "peppol", "1"),
    ],
)
def test_the_code_of_the_payment(
    invoice_of: Make, country: str, abroad: str, kind: str, profile: Any, code: str
) -> None:
    """As the seller's country has it in Peppol."""
    corrects = "2026-0001" if kind == "cancellation" else None
    invoice = bill(invoice_of, country, abroad=abroad, kind=kind, corrects=corrects)
    xml = to_xml(invoice, "ubl", profile).decode()
    assert f"<cbc:PaymentMeansCode>{code}<" in xml
    assert rules(invoice) == set()


@pytest.mark.parametrize(
    ("scheme", "right", "wrong"),
    [
        # every second doubled, digits summed: 1+5+3+1+7+8+7+4+0 = 36; 40 - 36 = 4
        ("0007", "5561888404", ["5561888405", "556188840", "55618884O4"]),
        # from the right 7x3+9+5x3+3+4x3+9+7x3+5 = 95; 100 - 95 = 5
        ("0088", "5790000435975", ["5790000435974", "579000043597X", "1"]),
        # (5-1)x10+1x1+8x3+2x5+4x7+7x9+5x11+3x13+5x15+5x17+6x19 = 534 = 6 x 89
        ("0151", "51824753556", ["51824753557", "5182475355"]),
        ("0184", "DK13585628", ["13585628", "DK1358562"]),
        # 9x3+9x2+5x7+5x6+2x5+5x4+8x3+2x2 = 168; 11 x 16 - 168 = 8
        ("0192", "995525828", ["995525829", "99552582"]),
        # 97 - 4287594 mod 97 (0) = 97
        ("0208", "0428759497", ["0428759496", "428759497"]),
    ],
)
def test_identifiers_fit_their_scheme(invoice_of: Make, scheme: str, right: str, wrong: list[str]) -> None:
    """Check digits and lengths, of addresses and of registers; Peppol agrees on each (PEPPOL-COMMON-R040 ff.)."""
    fine = bill(invoice_of, "AT", buyer=company("AT", electronic_address=right, electronic_scheme=scheme))
    assert misfit(scheme, right) == ""
    assert sources(fine) == []
    assert rules(fine) == set()
    for number in wrong:
        assert misfit(scheme, number) != ""
        for field, code in (("electronic_address", "electronic_scheme"), ("registration", "registration_scheme")):
            invoice = bill(invoice_of, "AT", buyer=company("AT", **{field: number, code: scheme}))
            assert sources(invoice) == [f"client:buyer.{field}"]
            if number not in SINCE_3_0_17:
                assert {rule[:13] for rule in rules(invoice)} == {"PEPPOL-COMMON"}


def test_what_no_scheme_is_known_of_is_taken_as_it_is(invoice_of: Make) -> None:
    """Schemes without check digits here, and no scheme at all; the message names what was expected."""
    assert misfit("9930", "x") == misfit("", "x") == misfit("0088", "") == ""
    buyer = company("AT", electronic_address="1", electronic_scheme="0088")
    (problem,) = requirements(bill(invoice_of, "AT", buyer=buyer))
    assert problem.message == (
        "Peppol wants the electronic_address by its scheme 0088; '1' is no GLN: digits, the last a check digit"
    )
    assert problem.next_step == "Correct `electronic_address` in the client's file."


@pytest.mark.parametrize(
    ("given", "written"),
    [("NL8200.98.395.B.01", "NL820098395B01"), ("SE 556188-8404 01", "SE556188840401")],
)
def test_vat_numbers_stand_as_registers_have_them(invoice_of: Make, given: str, written: str) -> None:
    """Without what they are printed with; Swiss ones keep their form."""
    text = to_xml(bill(invoice_of, "AT", seller=company("AT", vat_id=given)), "ubl").decode()
    assert f"<cbc:CompanyID>{written}<" in text
    swiss = to_xml(bill(invoice_of, "CH"), "ubl").decode()
    assert "<cbc:CompanyID>CHE-123.456.788MWST<" in swiss
