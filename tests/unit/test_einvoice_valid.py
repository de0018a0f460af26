"""Every e-invoice of a strategy over clients, taxes, roundings, prices and credits is accepted by the official schemas
and rules, and shows the figures that a second computation arrives at.

Counts: STUDIO_EINVOICES examples of XML (default 50) and a fifth as many PDF files; `make einvoices` runs more.
"""

from __future__ import annotations

import io
import os
import re
import xml.etree.ElementTree as Tree
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import page
import pytest
from hypothesis import HealthCheck, given, settings
from pypdf import PdfReader

from studio_invoices.einvoice import can_check_rules, profile_for, render_facturx, to_xml, validate
from studio_invoices.einvoice.profiles import FORMATS, Syntax
from studio_invoices.model import Profile
from tests.einvoice_cases import Case, cases, expected

EXAMPLES = int(os.environ.get("STUDIO_EINVOICES", "50"))
_more = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
_pdfs = settings(_more, max_examples=max(1, EXAMPLES // 5))
_FORMATS = [(profile, syntax) for profile, form in FORMATS.items() for syntax in form.syntaxes]


def test_the_official_rules_are_installed() -> None:
    """Otherwise the tests below would accept anything."""
    assert can_check_rules()


@_more
@given(cases())
def test_schemas_and_rules_accept_every_invoice(case: Case) -> None:
    """In each format and syntax; nothing is even warned of."""
    for profile, syntax in _FORMATS:
        assert validate(to_xml(case.invoice, syntax, profile), syntax, strict=True) == (), (profile, syntax)


class Read:
    """The figures of a document, read from its XML without our own rooms. Amounts in the smallest unit."""

    def __init__(self, xml: bytes, syntax: Syntax, digits: int) -> None:
        # what was written a moment ago by ourselves
        self.root = Tree.fromstring(re.sub(rb'\sxmlns(:\w+)?="[^"]*"|(?<=[</])\w+:', b"", xml))  # noqa: S314
        self.digits = digits
        self.cii = syntax == "cii"

    def cents(self, element: Tree.Element, path: str) -> int:
        """An amount in the smallest unit; fails where it has more decimals than the currency."""
        text = element.findtext(path)
        assert text is not None, path
        units = Fraction(text) * 10**self.digits
        assert units.denominator == 1, text
        return int(units)

    def lines(self) -> list[tuple[Fraction, int]]:
        """(quantity x price / base quantity, net) of each line."""
        if self.cii:
            found, quantity, net = ".//IncludedSupplyChainTradeLineItem", ".//BilledQuantity", ".//LineTotalAmount"
            price, base = ".//ChargeAmount", ".//BasisQuantity"
        else:
            name = "Credit" if self.root.tag == "CreditNote" else "Invoice"
            found = f"./{'CreditNote' if name == 'Credit' else name}Line"
            quantity, net = f"./{name}dQuantity" if name == "Invoice" else "./CreditedQuantity", "./LineExtensionAmount"
            price, base = "./Price/PriceAmount", "./Price/BaseQuantity"
        made = []
        for line in self.root.findall(found):
            factors = [Fraction(line.findtext(path) or "") for path in (quantity, price, base)]
            made.append((factors[0] * factors[1] / factors[2], self.cents(line, net)))
        return made

    def rows(self) -> dict[tuple[str, int], tuple[int, int]]:
        """(base, tax) by (category, rate in 1/1000 %)."""
        if self.cii:
            found, base, tax = (
                ".//ApplicableHeaderTradeSettlement/ApplicableTradeTax",
                "BasisAmount",
                "CalculatedAmount",
            )
            category, rate = "CategoryCode", "RateApplicablePercent"
        else:
            found, base, tax = "./TaxTotal/TaxSubtotal", "TaxableAmount", "TaxAmount"
            category, rate = "TaxCategory/ID", "TaxCategory/Percent"
        return {
            (row.findtext(category) or "", int(Decimal(row.findtext(rate) or "0") * 1000)): (
                self.cents(row, base),
                self.cents(row, tax),
            )
            for row in self.root.findall(found)
        }

    def totals(self) -> tuple[int, int, int, int]:
        """Net, tax, gross, to be paid."""
        if self.cii:
            place = ".//SpecifiedTradeSettlementHeaderMonetarySummation/"
            names = ["TaxBasisTotalAmount", "TaxTotalAmount", "GrandTotalAmount", "DuePayableAmount"]
            paths = [place + name for name in names]
        else:
            names = ["TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount"]
            net, gross, due = (f"./LegalMonetaryTotal/{name}" for name in names)
            paths = [net, "./TaxTotal/TaxAmount", gross, due]
        first, second, third, fourth = (self.cents(self.root, path) for path in paths)
        return first, second, third, fourth


@_more
@given(cases())
def test_figures_are_those_of_a_second_computation(case: Case) -> None:
    """Rules tolerate a tax that is wrong by 0.99: so tax, sums and lines are computed again, from what went in."""
    rows, amounts = expected(case)
    net, tax = (sum(row[i] for row in rows.values()) for i in (0, 1))
    for syntax in ("cii", "ubl"):
        read = Read(to_xml(case.invoice, syntax, "en16931"), syntax, case.digits)
        assert read.rows() == rows
        assert read.totals() == (net, tax, net + tax, net + tax)
        lines = read.lines()
        for product, line_net in lines:
            assert int(product * 10**case.digits + Fraction(1, 2)) == line_net
        if case.gross_prices:
            assert sum(line_net for _, line_net in lines) == net
            for item, amount, (_, line_net) in zip(case.items, amounts, lines, strict=True):
                base, contained = rows[item.category, item.millis]
                exact = Fraction(amount * base, base + contained) if base + contained else Fraction(0)
                assert abs(line_net - exact) < 1
        else:
            assert [line_net for _, line_net in lines] == amounts


@_pdfs
@given(cases())
def test_factur_x_is_pdf_a_3_with_the_xml_inside(case: Case) -> None:
    """The validator accepts each file; inside lies the CII that the schemas accept; twice the same bytes."""
    pdf = render_facturx(case.invoice)
    report = page.validate_pdf_bytes(pdf, profile="3u")
    assert [(fault.rule_id, fault.message) for fault in report.failures] == []
    assert report.is_compliant
    assert PdfReader(io.BytesIO(pdf)).attachments == {"factur-x.xml": [to_xml(case.invoice, "cii", "facturx")]}
    assert render_facturx(case.invoice) == pdf


@pytest.mark.parametrize(
    ("wanted", "syntax", "chosen"),
    [
        ((), None, "en16931"),
        (("facturx",), None, "facturx"),
        (("facturx",), "ubl", "en16931"),
        (("peppol", "facturx"), "cii", "facturx"),
        (("xrechnung", "peppol"), "ubl", "xrechnung"),
    ],
)
@given(case=cases())
@settings(max_examples=1)
def test_the_first_profile_that_has_the_syntax_is_written(
    case: Case, wanted: tuple[Profile, ...], syntax: Syntax | None, chosen: Profile
) -> None:
    """Plain EN 16931 where none of the client's formats has it."""
    assert profile_for(replace(case.invoice, profiles=wanted), syntax) == chosen
