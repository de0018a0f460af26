"""What each format wants is asked for before issue, in the terms of our own fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from studio_invoices.einvoice import requirements
from studio_invoices.errors import Problem
from studio_invoices.model import BankAccount, Invoice, Party, Profile

Make = Callable[..., Invoice]
D = Decimal
SELLER = Party(
    "Studio GmbH",
    ("Weg 1",),
    "DE",
    vat_id="DE123456789",
    email="a@studio.example",
    city="Köln",
    postcode="50667",
    contact_name="E. Muster",
    contact_phone="+49 221 1",
    electronic_address="DE123456789",
    electronic_scheme="9930",
)
BUYER = Party(
    "ACME",
    ("Weg 2",),
    "DE",
    vat_id="DE136695976",
    email="b@acme.example",
    city="Bonn",
    postcode="53111",
    electronic_address="DE136695976",
    electronic_scheme="9930",
)


def complete(make: Make, profile: Profile, lines: Any = ({},), **values: Any) -> Invoice:
    """An invoice that lacks nothing."""
    held = {"seller": SELLER, "buyer": BUYER, "buyer_reference": "04011000-12345-03", "profiles": (profile,)}
    return make(lines, **{**held, **values})


@pytest.mark.parametrize("profile", ["en16931", "xrechnung", "peppol", "facturx"])
def test_a_complete_invoice_lacks_nothing(invoice_of: Make, profile: Profile) -> None:
    """In every format."""
    assert requirements(complete(invoice_of, profile)) == []


def test_nothing_is_asked_for_without_a_format(invoice_of: Make) -> None:
    """A client who wants no e-invoice is not parked by what one would need."""
    assert requirements(invoice_of(seller=Party("S"), buyer=Party("B"))) == []


def sources(invoice: Invoice) -> list[str]:
    return [problem.source for problem in requirements(invoice, "acme")]


@pytest.mark.parametrize(
    ("field", "value", "source"),
    [
        ("seller.country", "", "seller.country"),
        ("buyer.country", "Deutschland", "client:buyer.country"),
        ("seller.vat_id", "123456789", "seller.vat_id"),
        ("buyer.vat_id", "136695976", "client:buyer.vat_id"),
        ("currency", "KWD", "client:currency"),
    ],
)
def test_every_format_wants_what_en_16931_wants(invoice_of: Make, field: str, value: str, source: str) -> None:
    """Countries as codes, VAT numbers with theirs, a currency with no more than two decimals."""
    assert sources(changed(complete(invoice_of, "facturx"), field, value)) == [source]


@pytest.mark.parametrize(
    ("field", "value", "source"),
    [
        ("seller.registration_scheme", "HRB", "seller.registration_scheme"),
        ("buyer.registration_scheme", "002", "client:buyer.registration_scheme"),
        ("buyer.electronic_scheme", "GLN", "client:buyer.electronic_scheme"),
        ("seller.electronic_scheme", "99300", "seller.electronic_scheme"),
    ],
)
@pytest.mark.parametrize("profile", ["en16931", "xrechnung", "peppol", "facturx"])
def test_codes_of_schemes_have_their_form(
    invoice_of: Make, profile: Profile, field: str, value: str, source: str
) -> None:
    """Four digits, or EM for a mail address; told once, whatever the format."""
    numbered = replace(SELLER, registration="1"), replace(BUYER, registration="1")
    invoice = complete(invoice_of, profile, seller=numbered[0], buyer=numbered[1])
    assert sources(invoice) == []
    assert sources(changed(invoice, field, value)) == [source]
    assert sources(changed(invoice, field, " ")) == (
        [] if "registration" in field or profile in ("en16931", "facturx") else [f"{source[:-6]}address"]
    )


def changed(invoice: Invoice, field: str, value: Any) -> Invoice:
    owner, _, name = field.rpartition(".")
    if not owner:
        return replace(invoice, **{field: value})
    return replace(invoice, **{owner: replace(getattr(invoice, owner), **{name: value})})


@pytest.mark.parametrize(
    ("field", "value", "source"),
    [
        ("seller.city", " ", "seller.city"),
        ("seller.postcode", "", "seller.postcode"),
        ("buyer.city", "", "client:buyer.city"),
        ("buyer.postcode", "", "client:buyer.postcode"),
        ("seller.contact_name", "", "seller.contact_name"),
        ("seller.contact_phone", "12", "seller.contact_phone"),
        ("seller.email", "nobody", "seller.email"),
        ("buyer_reference", "", "client:buyer_reference"),
        ("bank", BankAccount("Bank"), "seller.bank"),
        ("payment_terms", "#SKONTO#", "invoice"),
    ],
)
@pytest.mark.parametrize("profile", ["xrechnung", "peppol"])
def test_germany_wants_more(invoice_of: Make, profile: Profile, field: str, value: Any, source: str) -> None:
    """XRechnung, and Peppol between two parties in Germany; each fault is told once, with what to set."""
    invoice = changed(complete(invoice_of, profile), field, value)
    assert sources(invoice) == [source]
    assert sources(replace(invoice, profiles=("xrechnung", "peppol"))) == [source]
    assert sources(replace(invoice, profiles=("en16931", "facturx"))) == []


def test_a_problem_names_the_format_the_field_and_the_next_step(invoice_of: Make) -> None:
    """And the client whom it parks."""
    invoice = changed(complete(invoice_of, "xrechnung"), "buyer.city", "")
    assert requirements(invoice, "acme") == [
        Problem(
            "client:buyer.city",
            "XRechnung wants the town by itself (BR-DE-3, BR-DE-8)",
            "Set `city` in the client's file.",
            "acme",
        )
    ]


def test_peppol_abroad_wants_a_reference_and_addresses_alone(invoice_of: Make) -> None:
    """A buyer reference or an order number; electronic addresses of both."""
    bare = Party("ACME", country="AT", vat_id="ATU1")
    seller = replace(SELLER, city="", contact_name="", email="", electronic_address="")
    invoice = complete(invoice_of, "peppol", buyer=bare, seller=seller, buyer_reference="")
    wanted = ["seller.electronic_address", "client:buyer.electronic_address", "client:buyer_reference"]
    assert sources(invoice) == wanted
    assert sources(replace(invoice, order_number="PO 7")) == wanted[:2]


def test_peppol_goes_by_vat_numbers(invoice_of: Make) -> None:
    """A seller abroad with a German VAT number is German to Peppol; a German with a foreign one is not."""
    seller = replace(SELLER, contact_name="")
    assert sources(complete(invoice_of, "peppol", seller=replace(seller, country="AT"))) == ["seller.contact_name"]
    assert sources(complete(invoice_of, "peppol", seller=replace(seller, vat_id="ATU1"))) == []
    bare = replace(seller, vat_id="", tax_number="30/1")
    assert sources(complete(invoice_of, "peppol", seller=bare)) == ["seller.contact_name"]


def test_a_sign_within_the_terms_of_payment_is_no_code(invoice_of: Make) -> None:
    """Only a line that begins with it."""
    assert sources(complete(invoice_of, "xrechnung", payment_terms="10 days, order #5")) == []


def test_credit_notes_need_no_account(invoice_of: Make) -> None:
    """They ask for nothing to be paid."""
    assert sources(complete(invoice_of, "xrechnung", kind="cancellation", corrects="1", bank=BankAccount())) == []


@pytest.mark.parametrize(
    ("category", "values", "wanted"),
    [
        ("AE", {"buyer": replace(BUYER, vat_id="")}, ["client:buyer.vat_id"]),
        ("AE", {"buyer": replace(BUYER, vat_id="", registration="HRB 1")}, []),
        ("AE", {"buyer": replace(BUYER, vat_id="", ogrn="1047")}, []),
        ("K", {"buyer": replace(BUYER, vat_id="")}, ["client:buyer.vat_id"]),
        ("K", {"seller": replace(SELLER, vat_id="", tax_number="30/1")}, ["seller.vat_id"]),
        ("G", {"seller": replace(SELLER, vat_id="", tax_number="30/1")}, ["seller.vat_id"]),
        ("S", {"seller": replace(SELLER, vat_id="", tax_number="30/1")}, []),
        ("S", {"seller": replace(SELLER, vat_id="", inn="7802895380")}, []),
        ("S", {"seller": replace(SELLER, vat_id="")}, ["seller.vat_id"]),
        ("O", {"seller": replace(SELLER, vat_id="123")}, []),
        ("E", {}, ["tax:E 0"]),
    ],
)
def test_each_category_of_tax_has_its_conditions(
    invoice_of: Make, category: str, values: dict[str, Any], wanted: list[str]
) -> None:
    """Who owes the tax is known by a number; what is exempt says why."""
    rate = D(19) if category == "S" else D(0)
    invoice = complete(invoice_of, "en16931", [{"tax_category": category, "tax_rate": rate}], **values)
    assert sources(invoice) == wanted


def test_an_exemption_with_a_reason_or_a_code_is_complete(invoice_of: Make) -> None:
    """Either will do (BR-E-10)."""
    line = {"tax_category": "E", "tax_rate": D(0)}
    assert sources(complete(invoice_of, "en16931", [line], reasons={("E", D(0)): "§ 19 UStG"})) == []
    coded = complete(invoice_of, "en16931", [line])
    row = replace(coded.taxes[0], reason_code="VATEX-EU-132")
    assert sources(replace(coded, taxes=(row,))) == []


def test_nothing_stands_beside_what_is_not_subject_to_vat(invoice_of: Make) -> None:
    """BR-O-11."""
    lines = [{}, {"tax_category": "O", "tax_rate": D(0)}]
    assert sources(complete(invoice_of, "en16931", lines)) == ["invoice"]


def test_a_mail_address_is_an_address_for_xrechnung_and_none_in_the_network(invoice_of: Make) -> None:
    """Schemes of Peppol have four digits (PEPPOL-EN16931-CL008); XRechnung takes EM as well, but not nothing."""
    mailed = changed(complete(invoice_of, "xrechnung"), "buyer.electronic_address", "")
    assert sources(mailed) == []
    assert sources(replace(mailed, profiles=("peppol",))) == ["client:buyer.electronic_address"]
    assert sources(changed(mailed, "buyer.email", "")) == ["client:buyer.electronic_address"]
