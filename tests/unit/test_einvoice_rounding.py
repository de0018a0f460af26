"""Amounts in whole units of a currency: the agreed price stands, and what was rounded is told as a charge or an
allowance of the line, so that a network that allows 0.02 can compute the line again (PEPPOL-EN16931-R120)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest

from studio_invoices.einvoice import to_xml, validate
from studio_invoices.einvoice.mapping import terms_of
from studio_invoices.einvoice.profiles import FORMATS, Syntax
from studio_invoices.model import Invoice
from tests.network_rules import refused

Make = Callable[..., Invoice]
D = Decimal


@pytest.mark.parametrize(
    ("currency", "minutes", "rate", "net", "rounding"),
    [
        ("JPY", 20, "5000", "1667", "0.33"),  # 1666.666.. -> 1667
        ("JPY", 40, "5000", "3333", "-0.33"),  # 3333.333.. -> 3333
        ("JPY", 3, "5010", "251", "0.50"),  # 250.5 -> 251: half a unit upwards
        ("JPY", 60, "5000", "5000", "0"),
        ("JPY", 0, "5000", "0", "0"),
        ("EUR", 20, "95.00", "31.67", "0"),  # cents are what the networks tolerate
    ],
)
def test_what_was_rounded_is_told(
    invoice_of: Make, currency: str, minutes: int, rate: str, net: str, rounding: str
) -> None:
    """To hundredths of the unit, and only where a currency has no decimals."""
    invoice = invoice_of([{"minutes": minutes, "rate_per_hour": D(rate)}], currency=currency)
    (line,) = terms_of(invoice, FORMATS["peppol"].specification).lines
    assert (line.price, line.net, line.rounding) == (D(rate), D(net), D(rounding))


@pytest.mark.parametrize(("minutes", "sign", "word"), [(20, "", "true"), (40, "-", "false")])
@pytest.mark.parametrize("syntax", ["ubl", "cii"])
def test_it_is_a_charge_or_an_allowance_of_the_line(
    invoice_of: Make, minutes: int, sign: str, word: str, syntax: Syntax
) -> None:
    """0.33 yen either way, with its reason; schema and rules accept it."""
    xml = to_xml(invoice_of([{"minutes": minutes, "rate_per_hour": D(5000)}], currency="JPY"), syntax)
    text = re.sub(r"<(/?)\w+:", r"<\1", xml.decode())
    indicator = {"ubl": f"<ChargeIndicator>{word}<", "cii": f"<Indicator>{word}<"}[syntax]
    amount = {"ubl": '<Amount currencyID="JPY">0.33<', "cii": "<ActualAmount>0.33<"}[syntax]
    for part in (indicator, amount, "Reason>Rounding<"):
        assert text.count(part) == 1, part
    assert validate(xml, syntax, strict=True) == ()


def test_cents_have_no_charge(invoice_of: Make) -> None:
    """Nothing is written where nothing was rounded away but fractions of a cent."""
    assert b"AllowanceCharge" not in to_xml(invoice_of([{"minutes": 20}]), "ubl")
    assert b"AllowanceCharge" not in to_xml(invoice_of([{"minutes": 20}]), "cii")


def test_gross_prices_in_whole_units_become_a_price_that_fits(invoice_of: Make) -> None:
    """20 minutes at 5000 yen with 10 % in it: 1667 gross, 1515.45 net, 1515; the common net price of 4545.454545 makes
    1515.15, which is more than 0.02 off, so that the line has 4545.00 of its own."""
    line = {"minutes": 20, "rate_per_hour": D(5000), "tax_rate": D(10)}
    invoice = invoice_of([line], currency="JPY", prices="gross")
    (terms,) = terms_of(invoice, FORMATS["peppol"].specification).lines
    assert (invoice.gross, terms.net, terms.price, terms.rounding) == (D(1667), D(1515), D("4545.00"), D(0))


def test_a_price_that_fits_has_room_to_what_peppol_allows(invoice_of: Make) -> None:
    """378 minutes at 15 yen with 3 % in it: 95 gross, 92 net; 14.60 makes 91.98, which is 0.02 off sharp. The network's
    rule computes 14.60 / 60 x 378 with 18 digits, 91.979999.., and refuses it; 14.603 makes 91.9989."""
    line = {"minutes": 378, "rate_per_hour": D(15), "tax_rate": D(3)}
    invoice = invoice_of([line], currency="JPY", prices="gross")
    (terms,) = terms_of(invoice, FORMATS["peppol"].specification).lines
    assert (invoice.gross, terms.net, terms.price) == (D(95), D(92), D("14.603"))
    xml = to_xml(invoice, "ubl", "peppol")
    assert not any("R120" in rule for rule in refused(xml, "peppol", "ubl"))
    assert any("R120" in rule for rule in refused(xml.replace(b">14.603<", b">14.60<"), "peppol", "ubl"))


def test_peppol_takes_whole_units(invoice_of: Make) -> None:
    """Its own rule, which refuses the line without the charge."""
    xml = to_xml(invoice_of([{"minutes": 20, "rate_per_hour": D(5000)}], currency="JPY"), "ubl", "peppol")
    assert not any("R120" in rule for rule in refused(xml, "peppol", "ubl"))
    bare = re.sub(rb"<cac:AllowanceCharge>.*?</cac:AllowanceCharge>\n", b"", xml, flags=re.DOTALL)
    assert any("R120" in rule for rule in refused(bare, "peppol", "ubl"))
