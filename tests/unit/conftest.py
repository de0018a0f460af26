"""Fixtures of the unit tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from studio_invoices.model import BankAccount, Invoice, Line, Party
from studio_invoices.money import amount_for_minutes, round_half_up
from studio_invoices.totals import total


def _line(number: int, values: dict[str, Any], prices: str, currency: str) -> Line:
    line = Line(
        number=number,
        project="Website",
        title=f"Task {number}",
        minutes=60,
        booked_minutes=60,
        rate_per_hour=Decimal("95.00"),
        net=Decimal(0),
        tax_category="S",
        tax_rate=Decimal(19),
        first_day=date(2026, 11, 2),
        last_day=date(2026, 11, 20),
        issue=str(4710 + number),
        ticket=f"20261102100000{number:02d}",
    )
    line = replace(line, **values)
    if "minutes" in values and "booked_minutes" not in values:
        line = replace(line, booked_minutes=line.minutes)
    if line.label is not None:
        line = replace(line, minutes=0)
        amount = round_half_up(Decimal(0), currency)
    else:
        amount = amount_for_minutes(line.minutes, line.rate_per_hour, currency)
    return replace(line, net=amount, gross=amount if prices == "gross" else None)


@pytest.fixture
def invoice_of() -> Callable[..., Invoice]:
    """Makes a sound invoice: lines as dicts of what differs from an hour at 95.00, the rest by keyword."""

    def make(lines: Sequence[dict[str, Any]] = ({},), **values: Any) -> Invoice:
        prices = values.get("prices", "net")
        currency = values.get("currency", "EUR")
        made = [_line(number, line, prices, currency) for number, line in enumerate(lines, start=1)]
        keyed = [((line.tax_category, line.tax_rate), line.net) for line in made]
        sums = total(keyed, prices, currency, values.pop("reasons", {}))
        made = [replace(line, net=net) for line, net in zip(made, sums.line_nets, strict=True)]
        invoice = Invoice(
            number="2026-0117",
            kind="invoice",
            issue_date=date(2026, 11, 30),
            due_date=date(2026, 12, 10),
            period_start=date(2026, 11, 1),
            period_end=date(2026, 11, 30),
            language="en",
            currency=currency,
            prices=prices,
            seller=Party(
                "Webwerk Studio GmbH",
                ("Lindenallee 12", "20259 Hamburg"),
                "DE",
                vat_id="DE123456789",
                email="billing@webwerk.example",
            ),
            buyer=Party("ACME GmbH", ("Hauptstr. 1", "10115 Berlin"), "DE", vat_id="DE987654321"),
            bank=BankAccount("Hamburger Sparkasse", "HASPDEHHXXX", iban="DE89370400440532013000"),
            lines=tuple(made),
            taxes=sums.taxes,
            net=sums.net,
            tax=sums.tax,
            gross=sums.gross,
        )
        return replace(invoice, **values)

    return make
