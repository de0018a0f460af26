"""Which of our values becomes which business term, in each syntax: read back from the XML by its own names."""

from __future__ import annotations

import re
import xml.etree.ElementTree as Tree
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from studio_invoices.einvoice import FORMATS, to_xml
from studio_invoices.einvoice.markup import document, group, leaf
from studio_invoices.einvoice.parties import endpoint_of, transfers_of
from studio_invoices.einvoice.pricing import net_price
from studio_invoices.einvoice.terms import Identifier, Transfer
from studio_invoices.model import BankAccount, Invoice, Party, Profile, TaxTotal

Make = Callable[..., Invoice]
D = Decimal
SYNTAXES = ("cii", "ubl")


def read(invoice: Invoice, syntax: Any, profile: Profile = "en16931") -> Callable[..., list[str | None]]:
    """A function: path -> texts of what is found there, names without their prefixes."""
    xml = re.sub(rb'\sxmlns(:\w+)?="[^"]*"|(?<=[</])\w+:', b"", to_xml(invoice, syntax, profile))
    root = Tree.fromstring(xml)  # noqa: S314  # written a moment ago by ourselves
    return lambda path: [element.text for element in root.findall(path)]


def test_minutes_are_priced_by_the_hour(invoice_of: Make) -> None:
    """20 minutes at 95.00 an hour: quantity 20 MIN, price 95.00 for 60 MIN, net 31.67 (31.666..)."""
    invoice = invoice_of([{"minutes": 20}])
    cii, ubl = read(invoice, "cii"), read(invoice, "ubl")
    assert cii(".//BilledQuantity") + cii(".//BasisQuantity") + cii(".//ChargeAmount") == ["20", "60", "95.00"]
    assert ubl(".//InvoicedQuantity") + ubl(".//BaseQuantity") + ubl(".//PriceAmount") == ["20", "60", "95.00"]
    assert cii(".//IncludedSupplyChainTradeLineItem//LineTotalAmount") == ["31.67"]
    assert ubl("./InvoiceLine/LineExtensionAmount") == ["31.67"]
    text = to_xml(invoice, "ubl").decode()
    assert '<cbc:InvoicedQuantity unitCode="MIN">20<' in text
    assert '<cbc:BaseQuantity unitCode="MIN">60<' in text
    assert '<cbc:PriceAmount currencyID="EUR">95.00<' in text


@pytest.mark.parametrize(
    ("minutes", "rate", "tax_rate", "net", "price"),
    [
        (60, "119.00", "19", "100.00", "100.00"),  # the tax comes out even
        (60, "100.00", "19", "84.03", "84.033613"),  # 84.0336134..: six decimals give 84.03
        (60, "100.00", "19", "84.04", "84.04"),  # the cent left over went to this line: a price of its own
        (20, "100.00", "19", "28.02", "84.06"),  # exact share 28.011..; 28.02 x 3
        (7, "100.00", "19", "9.81", "84.09"),  # exact 84.0857..; 84.09 x 7/60 = 9.8105, which is 9.81
        (0, "100.00", "19", "0.00", "84.033613"),
    ],
)
def test_gross_prices_become_net_ones(
    invoice_of: Make, minutes: int, rate: str, tax_rate: str, net: str, price: str
) -> None:
    """EN 16931 has net prices only; whatever the price, minutes x price / 60 is the line's net to the cent."""
    line = invoice_of([{"minutes": max(minutes, 1)}]).lines[0]
    line = replace(line, minutes=minutes, rate_per_hour=D(rate), tax_rate=D(tax_rate), net=D(net))
    found = net_price(line, "gross", "EUR")
    exact = found * minutes / 60
    assert abs(exact - D(net)) <= D("0.005")
    assert str(found) == price


def test_net_prices_stay_as_they_are(invoice_of: Make) -> None:
    """As agreed, decimals included."""
    line = replace(invoice_of().lines[0], rate_per_hour=D("95.125"))
    assert net_price(line, "net", "EUR") == D("95.125")


def test_a_line_tells_what_was_done_when_and_for_which_ticket(invoice_of: Make) -> None:
    """Name, description, note, ticket and days, in both syntaxes."""
    line = {
        "title": "Fix <b>header</b>",
        "project": "Shop & Site",
        "specialist": "И. Петров",
        "comments": ("First", "  "),
        "heading": "earlier months",
        "first_day": date(2026, 10, 3),
        "last_day": date(2026, 10, 4),
    }
    invoice = invoice_of([line])
    cii, ubl = read(invoice, "cii"), read(invoice, "ubl")
    assert cii(".//SpecifiedTradeProduct/Name") == ubl(".//Item/Name") == ["Fix <b>header</b>"]
    described = ["Shop & Site · #4711 · И. Петров\nFirst"]
    assert cii(".//SpecifiedTradeProduct/Description") == ubl(".//Item/Description") == described
    assert cii(".//AssociatedDocumentLineDocument//Content") == ubl("./InvoiceLine/Note") == ["earlier months"]
    assert cii(".//AdditionalReferencedDocument/IssuerAssignedID") == ["2026110210000001"]
    assert ubl("./InvoiceLine/DocumentReference/ID") == ["2026110210000001"]
    assert ubl("./InvoiceLine/InvoicePeriod/*") == ["2026-10-03", "2026-10-04"]
    assert cii(".//SpecifiedLineTradeSettlement/BillingSpecifiedPeriod//DateTimeString") == ["20261003", "20261004"]


def test_the_period_holds_the_days_of_all_lines(invoice_of: Make) -> None:
    """PEPPOL-EN16931-R110 and R111: October's hours on November's invoice begin its period in October."""
    invoice = invoice_of([{}, {"first_day": date(2026, 10, 3), "last_day": date(2026, 10, 4)}])
    assert read(invoice, "ubl")("./InvoicePeriod/*") == ["2026-10-03", "2026-11-30"]
    header = ".//ApplicableHeaderTradeSettlement/BillingSpecifiedPeriod//DateTimeString"
    assert read(invoice, "cii")(header) == ["20261003", "20261130"]
    assert read(invoice, "ubl")("./Delivery/ActualDeliveryDate") == ["2026-11-20"]
    dated = replace(invoice, service_date=date(2026, 11, 5))
    assert read(dated, "cii")(".//OccurrenceDateTime/DateTimeString") == ["20261105"]


@pytest.mark.parametrize("kind", ["cancellation", "credit_note"])
def test_what_takes_back_is_a_credit_note_with_positive_amounts(invoice_of: Make, kind: str) -> None:
    """381; it names what it corrects, says why, asks for no payment."""
    invoice = invoice_of(kind=kind, corrects="2026-0099", corrects_date=date(2026, 10, 31), reason="Wrong rate.")
    ubl, cii = read(invoice, "ubl"), read(invoice, "cii")
    assert ubl("./CreditNoteTypeCode") == cii(".//ExchangedDocument/TypeCode") == ["381"]
    assert ubl("./BillingReference/InvoiceDocumentReference/*") == ["2026-0099", "2026-10-31"]
    assert cii(".//InvoiceReferencedDocument/IssuerAssignedID") == ["2026-0099"]
    assert cii(".//FormattedIssueDateTime/DateTimeString") == ["20261031"]
    assert ubl("./CreditNoteLine/CreditedQuantity") == ["60"]
    assert ubl("./LegalMonetaryTotal/PayableAmount") == ["113.05"]
    assert ubl("./Note") == cii(".//ExchangedDocument/IncludedNote/Content") == ["Wrong rate."]
    assert ubl("./PaymentMeans/PaymentMeansCode") == ["1"]
    assert ubl("./PaymentMeans/PayeeFinancialAccount/ID") == ubl("./PaymentMeans/PaymentID") == []
    assert ubl("./PaymentMeans/PaymentDueDate") == ["2026-12-10"]


@pytest.mark.parametrize(
    ("category", "code"),
    [("AE", "VATEX-EU-AE"), ("G", "VATEX-EU-G"), ("K", "VATEX-EU-IC"), ("O", "VATEX-EU-O"), ("E", None)],
)
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_an_exemption_says_why(invoice_of: Make, syntax: str, category: str, code: str | None) -> None:
    """Reason as given, code by category unless the invoice has its own; E has no single code."""
    tax = {"tax_category": category, "tax_rate": D(0)}
    invoice = invoice_of([tax], reasons={(category, D(0)): "Because."})
    reason = ".//ExemptionReason" if syntax == "cii" else ".//TaxExemptionReason"
    found = read(invoice, syntax)
    assert found(reason) == ["Because."]
    assert found(f"{reason}Code") == ([code] if code else [])
    row = replace(invoice.taxes[0], reason_code="VATEX-EU-132")
    assert read(replace(invoice, taxes=(row,)), syntax)(f"{reason}Code") == ["VATEX-EU-132"]


def test_taxed_amounts_have_no_reason(invoice_of: Make) -> None:
    """BR-S-10, BR-Z-10."""
    invoice = invoice_of([{}, {"tax_category": "Z", "tax_rate": D(0)}])
    rows = tuple(replace(row, reason="Stray", reason_code="VATEX-EU-O") for row in invoice.taxes)
    found = read(replace(invoice, taxes=rows), "ubl")
    assert found(".//TaxExemptionReason") == found(".//TaxExemptionReasonCode") == []


def test_what_is_not_subject_to_vat_names_no_vat_numbers(invoice_of: Make) -> None:
    """BR-O-02, BR-O-05: neither number as such (they stand as identifiers), no rate on the line; XRechnung wants one in
    the breakdown (BR-DE-14)."""
    invoice = invoice_of([{"tax_category": "O", "tax_rate": D(0)}])
    found = read(invoice, "ubl")
    assert found(".//PartyTaxScheme/CompanyID") == []
    assert found(".//PartyIdentification/ID") == ["DE123456789", "DE987654321"]
    assert found(".//ClassifiedTaxCategory/Percent") == found(".//TaxCategory/Percent") == []
    german = read(invoice, "ubl", "xrechnung")
    assert german(".//ClassifiedTaxCategory/Percent") == []
    assert german(".//TaxCategory/Percent") == ["0"]


def test_goods_within_the_union_name_where_they_went(invoice_of: Make) -> None:
    """BR-IC-12; XRechnung wants town and postcode with it (BR-DE-10, BR-DE-11)."""
    invoice = invoice_of([{"tax_category": "K", "tax_rate": D(0)}])
    invoice = replace(invoice, buyer=replace(invoice.buyer, country="AT", city="Wien", postcode="1010"))
    assert read(invoice, "ubl")("./Delivery/DeliveryLocation/Address/CityName") == ["Wien"]
    assert read(invoice, "ubl")("./Delivery/DeliveryLocation/Address/PostalZone") == ["1010"]
    assert read(invoice, "cii")(".//ShipToTradeParty/PostalTradeAddress/PostcodeCode") == ["1010"]
    assert read(invoice, "cii")(".//ShipToTradeParty/PostalTradeAddress/CityName") == ["Wien"]
    assert read(invoice, "ubl")("./Delivery/DeliveryLocation/Address/Country/IdentificationCode") == ["AT"]
    assert read(invoice, "cii")(".//ShipToTradeParty/PostalTradeAddress/CountryID") == ["AT"]


@pytest.mark.parametrize(
    ("bank", "currency", "code", "accounts"),
    [
        (BankAccount("B", "COBADEFFXXX", iban="DE89 3704 0044"), "EUR", ["58"], ["DE8937040044"]),
        (BankAccount("B", "COBADEFFXXX", iban="DE8937040044"), "CHF", ["30"], ["DE8937040044"]),
        (BankAccount("Б", "044030653", account="40702810455000024248"), "RUB", ["30"], ["40702810455000024248"]),
        (BankAccount(), "EUR", [], []),
    ],
)
def test_payment(invoice_of: Make, bank: BankAccount, currency: str, code: list[str], accounts: list[str]) -> None:
    """SEPA for an IBAN and euros, a transfer for any other account, nothing where there is none."""
    invoice = invoice_of(bank=bank, currency=currency)
    found = read(invoice, "ubl")
    assert found("./PaymentMeans/PaymentMeansCode") == code
    assert found("./PaymentMeans/PayeeFinancialAccount/ID") == accounts
    cii = read(invoice, "cii")
    assert cii(".//SpecifiedTradeSettlementPaymentMeans/TypeCode") == code
    assert cii(".//IBANID") + cii(".//ProprietaryID") == accounts


def test_a_code_that_is_no_bic_is_left_out() -> None:
    """A БИК in the place of a BIC would send a payment astray."""
    assert transfers_of(BankAccount("Б", "044030653", account="40 7")) == (Transfer("407", False),)
    known = BankAccount("B", "COBADEFF", iban="DE8937", holder="A. B.")
    assert transfers_of(known) == (Transfer("DE8937", True, "A. B.", "COBADEFF"),)


@pytest.mark.parametrize(
    ("values", "reference"),
    [({}, "2026-0117"), ({"purpose": "Rechnung 117"}, "Rechnung 117"), ({"payment_reference": "RF18"}, "RF18")],
)
def test_the_reference_of_the_payment(invoice_of: Make, values: dict[str, str], reference: str) -> None:
    """A structured one before a text, a text before the number (BT-83)."""
    invoice = invoice_of(**values)
    assert read(invoice, "ubl")("./PaymentMeans/PaymentID") == [reference]
    assert read(invoice, "cii")(".//PaymentReference") == [reference]
    assert read(replace(invoice, number=None), "cii")(".//ExchangedDocument/ID") == []


def test_parties_have_their_names_numbers_and_addresses(invoice_of: Make) -> None:
    """Towns apart, three lines at most, contact, legal number with its scheme, tax number beside the VAT number."""
    seller = Party(
        "Studio",
        ("Etage 3", "c/o M", "Weg 1", "Hof", "50667 Köln"),
        "DE",
        vat_id="DE1",
        tax_number="30/1",
        email="a@b.example",
        city="Köln",
        postcode="50667",
        subdivision="NRW",
        contact_name="E. M.",
        contact_phone="+49 221",
        registration="HRB 1",
        registration_scheme="0002",
        legal_lines=("Geschäftsführer: A",),
    )
    found = read(invoice_of(seller=seller, order_number="PO 7", contract_number="V-1"), "ubl")
    party = "./AccountingSupplierParty/Party/"
    assert found(f"{party}PostalAddress/StreetName") == ["Etage 3"]
    assert found(f"{party}PostalAddress/AdditionalStreetName") == ["c/o M"]
    assert found(f"{party}PostalAddress/AddressLine/Line") == ["Weg 1, Hof"]
    assert found(f"{party}PostalAddress/CityName") == ["Köln"]
    assert found(f"{party}PostalAddress/CountrySubentity") == ["NRW"]
    assert found(f"{party}PartyTaxScheme/CompanyID") == ["DE1", "30/1"]
    assert found(f"{party}PartyTaxScheme/TaxScheme/ID") == ["VAT", "TAX"]
    assert found(f"{party}PartyLegalEntity/*") == ["Studio", "HRB 1", "Geschäftsführer: A"]
    assert found(f"{party}Contact/*") == ["E. M.", "+49 221", "a@b.example"]
    assert found("./OrderReference/ID") + found("./ContractDocumentReference/ID") == ["PO 7", "V-1"]


@pytest.mark.parametrize(
    ("party", "identifiers"),
    [
        (Party("A", country="DE", tax_number="30/1"), ["30/1"]),
        (Party("A", country="RU", inn="7802895380"), ["7802895380"]),
        (Party("A", country="RU", inn="7802895380", ogrn="1047"), []),
        (Party("A", country="DE", vat_id="DE1"), []),
        (Party("A", country="DE"), []),
    ],
)
def test_a_seller_without_vat_number_can_be_identified(invoice_of: Make, party: Party, identifiers: list[str]) -> None:
    """BR-CO-26: the number that tax offices know him by, unless a registration or a VAT number does it."""
    found = read(invoice_of(seller=party), "ubl")
    assert found("./AccountingSupplierParty/Party/PartyIdentification/ID") == identifiers


@pytest.mark.parametrize(
    ("party", "endpoint"),
    [
        (Party("A"), Identifier()),
        (Party("A", email="a@b.example"), Identifier("a@b.example", "EM")),
        (Party("A", electronic_address="c@d.example"), Identifier("c@d.example", "EM")),
        (Party("A", electronic_address="DE1"), Identifier()),
        (Party("A", email="a@b.example", electronic_address="1", electronic_scheme="9930"), Identifier("1", "9930")),
    ],
)
def test_electronic_addresses(party: Party, endpoint: Identifier) -> None:
    """As given with its scheme; else the mail address; nothing without a scheme (BR-62, BR-63)."""
    assert endpoint_of(party) == endpoint


@pytest.mark.parametrize("profile", list(FORMATS))
def test_each_format_claims_what_it_is(invoice_of: Make, profile: Profile) -> None:
    """The identifiers that receivers go by."""
    core = "urn:cen.eu:en16931:2017"
    billing = "urn:fdc:peppol.eu:2017:poacc:billing"
    claims = {
        "en16931": [core],
        "xrechnung": [f"{core}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", f"{billing}:01:1.0"],
        "peppol": [f"{core}#compliant#{billing}:3.0", f"{billing}:01:1.0"],
        "facturx": [core],
    }
    syntax = FORMATS[profile].syntaxes[0]
    found = read(invoice_of(), syntax, profile)
    path = ".//GuidelineSpecifiedDocumentContextParameter/ID" if syntax == "cii" else "./CustomizationID"
    process = ".//BusinessProcessSpecifiedDocumentContextParameter/ID" if syntax == "cii" else "./ProfileID"
    assert found(path) + found(process) == claims[profile]


def test_peppol_has_no_cii(invoice_of: Make) -> None:
    """Asked for, it is refused; by default each format has its usual syntax."""
    with pytest.raises(ValueError, match="peppol has no syntax cii, only ubl"):
        to_xml(invoice_of(), "cii", "peppol")
    assert b"<rsm:CrossIndustryInvoice" in to_xml(invoice_of(profiles=("facturx",)))


def test_names_of_lines_without_a_title(invoice_of: Make) -> None:
    """BT-153 is mandatory: project, else issue."""
    lines = [{"title": " "}, {"title": "", "project": " "}]
    assert read(invoice_of(lines), "ubl")(".//Item/Name") == ["Website", "#4712"]


def test_markup_leaves_out_what_is_empty_and_escapes_the_rest() -> None:
    """No empty element, no character that XML 1.0 forbids, attributes escaped."""
    assert leaf("a", None) == leaf("a", " \n ") == leaf("a", "") == group("g", leaf("a", "")) == ""
    assert leaf("a", "x\x00<y> & z") == "<a>x[U+0000]&lt;y&gt; &amp; z</a>"
    assert leaf("a", 7, scheme='"&', none="") == '<a scheme="&quot;&amp;">7</a>'
    assert leaf("a", D("1E+2")) == "<a>100</a>"
    written = document("r", {"": "urn:x", "p": "urn:y"}, leaf("p:a", date(2026, 1, 2)), leaf("p:b", ""))
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    assert written == head + b'<r xmlns="urn:x" xmlns:p="urn:y">\n<p:a>2026-01-02</p:a>\n</r>\n'


def test_no_lines_and_no_taxes_are_written_without_failing(invoice_of: Make) -> None:
    """Such an invoice is refused by the check; writing it is no error."""
    empty = replace(invoice_of(), lines=(), taxes=(TaxTotal("S", D(19), D(0), D(0)),))
    assert read(empty, "ubl")("./Delivery/ActualDeliveryDate") == ["2026-11-30"]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_numbers_stand_as_machines_compare_them(invoice_of: Make, syntax: Any) -> None:
    """Without the blanks that they are printed with, in capital letters: also the account in its IBAN."""
    invoice = invoice_of()
    spaced = replace(
        invoice,
        seller=replace(invoice.seller, vat_id="DE 123 456 789"),
        buyer=replace(invoice.buyer, vat_id="de987654321"),
        bank=BankAccount("Hamburger Sparkasse", "haspdehhxxx", iban="de89 3704 0044 0532 0130 00"),
    )
    assert to_xml(spaced, syntax, "en16931") == to_xml(invoice, syntax, "en16931")


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_takes_back_does_not_say_how_to_pay(invoice_of: Make, syntax: Any) -> None:
    """The terms of payment stand on the invoice alone, as on paper."""
    invoice = invoice_of(payment_terms="Zahlbar binnen 14 Tagen")
    credit = replace(invoice, kind="cancellation", corrects="2026-0116", due_date=None)
    assert b"Zahlbar" in to_xml(invoice, syntax, "en16931")
    assert b"Zahlbar" not in to_xml(credit, syntax, "en16931")
