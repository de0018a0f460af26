"""The checks can fail: what is spoilt is found, by schema or by rule, and only there where it is spoilt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from studio_invoices.einvoice import to_xml, validate, validation
from studio_invoices.einvoice.profiles import Syntax
from studio_invoices.model import Invoice, Party

Make = Callable[..., Invoice]
D = Decimal


@pytest.fixture
def invoice(invoice_of: Make) -> Invoice:
    """33 lines of 20 minutes at 95.00: 1045.11, tax 198.57."""
    return invoice_of([{"minutes": 20}] * 33)


def rules(xml: bytes, syntax: Syntax) -> set[str]:
    return {problem.source for problem in validate(xml, syntax)}


def spoilt(invoice: Invoice, syntax: Syntax, before: str, after: str) -> bytes:
    """The XML with one text in place of another, which must be in it."""
    text = to_xml(invoice, syntax).decode()
    assert before in text
    return text.replace(before, after).encode()


@pytest.mark.parametrize("syntax", ["cii", "ubl"])
def test_sound_invoices_pass(invoice: Invoice, syntax: Syntax) -> None:
    """Else the tests below would prove nothing."""
    assert validate(to_xml(invoice, syntax), syntax, strict=True) == ()


def test_an_unrounded_sum_is_found(invoice: Invoice) -> None:
    """1045.00 over lines that make 1045.11 (BR-CO-10)."""
    assert "xml:BR-CO-10" in rules(spoilt(invoice, "ubl", ">1045.11<", ">1045.00<"), "ubl")


def test_a_unit_that_no_list_knows_is_found(invoice: Invoice) -> None:
    """BR-CL-23 in UBL; Factur-X has numbers of its own."""
    assert rules(spoilt(invoice, "ubl", 'unitCode="MIN"', 'unitCode="h"'), "ubl") == {"xml:BR-CL-23"}
    assert rules(spoilt(invoice, "cii", 'unitCode="MIN"', 'unitCode="h"'), "cii") != set()


@pytest.mark.parametrize("syntax", ["cii", "ubl"])
def test_the_rules_tolerate_a_wrong_tax(invoice: Invoice, syntax: Syntax) -> None:
    """198.66, the sum of taxes per line, passes: why our totals are computed a second time in the tests."""
    wrong = replace(invoice, tax=D("198.66"), gross=D("1243.77"), taxes=(replace(invoice.taxes[0], tax=D("198.66")),))
    assert validate(to_xml(wrong, syntax), syntax) == ()


@pytest.mark.parametrize("syntax", ["cii", "ubl"])
def test_a_seller_without_any_number_is_found(invoice: Invoice, syntax: Syntax) -> None:
    """BR-CO-26 and BR-S-02, by their own text where Factur-X numbers them otherwise; with a place to look at."""
    found = validate(to_xml(replace(invoice, seller=Party("S", country="DE")), syntax), syntax)
    assert any("BR-CO-26" in problem.source + problem.message for problem in found)
    assert all("namespace-uri" not in problem.message for problem in found)
    assert any(
        "SellerTradeParty" in problem.message or "AccountingSupplierParty" in problem.message for problem in found
    )


def test_an_element_in_the_wrong_place_is_found_by_the_schema(invoice: Invoice) -> None:
    """Before any rule is asked."""
    xml = spoilt(invoice, "ubl", "</cbc:IssueDate>", "</cbc:IssueDate><cbc:Note>early</cbc:Note>")
    (found,) = validate(xml, "ubl")
    assert found.source == "xml:schema"
    assert found.message.startswith("line 6: Element 'DueDate': This element is not expected.")
    assert [problem.source for problem in validate(b"<a>", "cii")] == ["xml:syntax"]


def test_credit_notes_have_a_schema_of_their_own(invoice: Invoice) -> None:
    """UBL has two documents; an Invoice's element in a CreditNote is found."""
    credit = replace(invoice, kind="cancellation", corrects="1", due_date=None)
    assert validate(to_xml(credit, "ubl"), "ubl", strict=True) == ()
    xml = spoilt(credit, "ubl", "cbc:CreditedQuantity", "cbc:InvoicedQuantity")
    assert rules(xml, "ubl") == {"xml:schema"}


def test_warnings_are_told_on_request_alone(invoice: Invoice) -> None:
    """An empty element is but warned of in CII: nobody is parked by it."""
    text = "<ram:ActualDeliverySupplyChainEvent>"
    xml = to_xml(invoice, "cii").decode()
    start, end = xml.index(text), xml.index("</ram:ActualDeliverySupplyChainEvent>")
    hollow = (xml[:start] + xml[end + len("</ram:ActualDeliverySupplyChainEvent>") :]).encode()
    assert validate(hollow, "cii") == ()
    assert {problem.source for problem in validate(hollow, "cii", strict=True)} == {"xml:PEPPOL-EN16931-R008"}


def test_a_foreign_claim_is_not_taken_for_the_core(invoice: Invoice) -> None:
    """What is no use of EN 16931 is refused by the rules of Factur-X."""
    assert rules(spoilt(invoice, "cii", "urn:cen.eu:en16931:2017", "urn:example:other"), "cii") != set()


def test_without_the_extras_nothing_is_found_and_that_can_be_known(
    invoice: Invoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No schemas: an empty answer; no XSLT: the schema alone."""
    wrong = spoilt(invoice, "ubl", ">1045.11<", ">1045.00<")
    monkeypatch.setattr(validation, "find_spec", lambda name: None if name == "saxonche" else object())
    assert not validation.can_check_rules()
    assert validate(wrong, "ubl") == ()
    monkeypatch.setattr(validation, "find_spec", lambda name: None)
    assert not validation.can_check_schema()
    assert validate(b"<a>", "ubl") == ()
