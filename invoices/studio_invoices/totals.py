"""Lines -> totals, in the order that EN 16931 prescribes (BR-CO-10, BR-CO-13, BR-CO-14, BR-CO-15, BR-CO-17).

Net prices: line nets are given; base of a (category, rate) = sum of its lines; tax = base x rate, half-up,
once. Gross prices: line gross amounts are given; per (category, rate) the contained tax is taken from their
sum, half-up, once, and the rest is shared out to the lines as their nets by largest remainder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from studio_invoices.model import Invoice, Prices, TaxTotal
from studio_invoices.money import amount_for_minutes, round_half_up, share_out

TaxKey = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of one document: net + tax = gross; `line_nets` in the order of the lines given."""

    line_nets: tuple[Decimal, ...]
    taxes: tuple[TaxTotal, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal


def total(
    amounts: Sequence[tuple[TaxKey, Decimal]], prices: Prices, currency: str, reasons: dict[TaxKey, str]
) -> Totals:
    """Totals of lines given as ((category, rate in percent), amount), net or gross as `prices` says.

    Amounts are already rounded to the currency's minor unit. Tax rows come sorted by category, then by
    falling rate. Only category S bears tax; the others must have rate 0 for their tax to be zero.
    """
    keys = sorted({key for key, _ in amounts}, key=lambda key: (key[0], -key[1]))
    line_nets = [amount for _, amount in amounts]
    rows: list[TaxTotal] = []
    for category, rate in keys:
        key = (category, rate)
        positions = [i for i, (line_key, _) in enumerate(amounts) if line_key == key]
        summed = sum((amounts[i][1] for i in positions), Decimal(0))
        if prices == "net":
            base = summed
            tax = round_half_up(Fraction(base) * Fraction(rate) / 100, currency)
        else:
            tax = round_half_up(Fraction(summed) * Fraction(rate) / (100 + Fraction(rate)), currency)
            base = summed - tax
            shared = share_out(base, [amounts[i][1] for i in positions], currency)
            for i, net in zip(positions, shared, strict=True):
                line_nets[i] = net
        rows.append(TaxTotal(category, rate, base, tax, reasons.get(key, "")))
    zero = round_half_up(Decimal(0), currency)
    net = sum((row.base for row in rows), zero)
    tax_sum = sum((row.tax for row in rows), zero)
    return Totals(tuple(line_nets), tuple(rows), net, tax_sum, net + tax_sum)


def with_totals(invoice: Invoice) -> Invoice:
    """The invoice with every amount made from its lines' minutes, rates and taxes: totals by construction.

    minutes x rate / 60 of each line, half-up once (nothing on a labelled line), then as `total`. Reasons of exemption
    are kept from the rows of tax that the invoice has; its own amounts are not looked at.
    """
    zero = round_half_up(Decimal(0), invoice.currency)
    printed = [
        zero if line.label is not None else amount_for_minutes(line.minutes, line.rate_per_hour, invoice.currency)
        for line in invoice.lines
    ]
    keys = [(line.tax_category, line.tax_rate) for line in invoice.lines]
    made = total(list(zip(keys, printed, strict=True)), invoice.prices, invoice.currency, {})
    known = {(row.category, row.rate): row for row in invoice.taxes}
    lines = tuple(
        replace(line, net=net, gross=amount if invoice.prices == "gross" else None)
        for line, net, amount in zip(invoice.lines, made.line_nets, printed, strict=True)
    )
    taxes = tuple(_with_reason(row, known.get((row.category, row.rate), row)) for row in made.taxes)
    return replace(invoice, lines=lines, taxes=taxes, net=made.net, tax=made.tax, gross=made.gross)


def _with_reason(row: TaxTotal, known: TaxTotal) -> TaxTotal:
    return replace(row, reason=known.reason, reason_code=known.reason_code)
