"""Whether an invoice adds up: every line from its minutes, every tax from its lines, every total from both.

EN 16931: BR-CO-10 (net = sum of lines), BR-CO-14 (tax = sum of its rows), BR-CO-15 (gross = net + tax), BR-CO-18 (at
least one row of tax), BR-S-05 and its like (which categories bear a rate). Validators tolerate a VAT that is wrong by
nearly one unit; this does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import get_args

from studio_invoices.check_texts import tax_name
from studio_invoices.model import Invoice, Line, TaxCategory
from studio_invoices.money import amount_for_minutes, round_half_up
from studio_invoices.totals import total

Found = tuple[str, str, str]

_REPLAN = "Plan the month again."
_CATEGORIES = frozenset(get_args(TaxCategory))
_MOST_DIGITS = 15


def sums(invoice: Invoice) -> Iterator[Found]:
    """Lines, taxes and totals that cannot be."""
    if not invoice.lines:
        yield "invoice", "there are no lines", "Issue nothing for a client without billable time."
    strange = list(_no_numbers(invoice))
    if strange:
        yield from strange
        return
    yield from _lines(invoice)
    yield from _categories(invoice)
    yield from _taxes(invoice)
    yield from _totals(invoice)


def _no_numbers(invoice: Invoice) -> Iterator[Found]:
    """NaN, infinity and amounts of no earthly invoice: nothing can be computed with them."""
    amounts = [("invoice", name, getattr(invoice, name)) for name in ("net", "tax", "gross")]
    for line in invoice.lines:
        amounts += [(f"line:{line.number}", name, getattr(line, name)) for name in ("rate_per_hour", "net", "tax_rate")]
        amounts += [] if line.gross is None else [(f"line:{line.number}", "gross", line.gross)]
    for number, row in enumerate(invoice.taxes, start=1):
        amounts += [(f"tax:{number}", name, getattr(row, name)) for name in ("rate", "base", "tax")]
    for source, name, amount in amounts:
        if (
            not amount.is_finite()
            or amount.adjusted() >= _MOST_DIGITS
            or -int(amount.as_tuple().exponent) > _MOST_DIGITS
        ):
            yield source, f"{name} is {amount}, which is no amount", _REPLAN


def _lines(invoice: Invoice) -> Iterator[Found]:
    repeated = len(invoice.lines) - len({line.number for line in invoice.lines})
    if repeated:
        yield "invoice", f"{repeated} lines bear the number of another line", "Number the lines from 1."
    for line in invoice.lines:
        for message in _line_faults(invoice, line):
            yield f"line:{line.number}", f"line {line.number}: {message}", _REPLAN


def _line_faults(invoice: Invoice, line: Line) -> Iterator[str]:
    if line.minutes < 0 or line.rate_per_hour < 0:
        yield f"{line.minutes} minutes at {line.rate_per_hour} an hour: neither can be negative"
    if line.label is not None and (line.minutes or line.net or line.gross):
        yield f"it is labelled {line.label!r}, so nothing can be charged on it"
    printed = line.net if invoice.prices == "net" else line.gross
    expected = amount_for_minutes(line.minutes, line.rate_per_hour, invoice.currency)
    if printed is None:
        yield "prices are gross, but it has no gross amount"
    elif line.label is None and printed != expected:
        yield f"{line.minutes} minutes at {line.rate_per_hour} an hour are {expected}, not {printed}"
    if line.net != round_half_up(line.net, invoice.currency):
        yield f"its net {line.net} has more decimals than {invoice.currency} has"


def _categories(invoice: Invoice) -> Iterator[Found]:
    """One problem for each category and rate that cannot be, at the first line that has it."""
    step = "Set `category` (S, AE, E, O, Z, G or K) and `rate` in the row of [[billing.tax]] or [[tax]]."
    seen: set[tuple[str, Decimal]] = set()
    for line in invoice.lines:
        key = (line.tax_category, line.tax_rate)
        if key in seen:
            continue
        seen.add(key)
        where = f"line {line.number}: a tax of {line.tax_rate:f} %"
        if not line.tax_category:
            yield f"line:{line.number}", f"{where} without category", step
        elif line.tax_category not in _CATEGORIES:
            yield f"line:{line.number}", f"{where} in category {line.tax_category!r}, which there is not", step
        elif line.tax_rate < 0:
            yield f"line:{line.number}", f"{where}: it cannot be negative", step
        elif line.tax_category == "S" and not line.tax_rate:
            yield f"line:{line.number}", f"{where} in category S, which always has a rate: Z, E or O is meant", step


def _taxes(invoice: Invoice) -> Iterator[Found]:
    rows = {(row.category, row.rate): row for row in invoice.taxes}
    if len(rows) != len(invoice.taxes):
        yield "invoice", "a category and rate of tax has two rows", _REPLAN
    amounts = [line.net if invoice.prices == "net" else line.gross for line in invoice.lines]
    keys = [(line.tax_category, line.tax_rate) for line in invoice.lines]
    known = [(key, amount) for key, amount in zip(keys, amounts, strict=True) if amount is not None and key[1] >= 0]
    expected = {(row.category, row.rate): row for row in total(known, invoice.prices, invoice.currency, {}).taxes}
    for key in expected.keys() - rows.keys():
        yield f"tax:{key[0]} {key[1]:f}", f"there is no row for tax {key[0]} at {key[1]:f} %", _REPLAN
    for key, row in rows.items():
        right = expected.get(key)
        if right is None:
            yield f"tax:{tax_name(row)}", "no line bears this tax", _REPLAN
        elif (row.base, row.tax) != (right.base, right.tax):
            message = (
                f"its lines make a base of {right.base} and a tax of {right.tax}, "
                f"but its row says {row.base} and {row.tax}"
            )
            yield f"tax:{tax_name(row)}", message, _REPLAN
        if row.category != "S" and (row.tax or row.rate):
            message = f"category {row.category} bears no tax, but {row.tax} is charged"
            yield f"tax:{tax_name(row)}", message, "Set its `rate` to 0."


def _totals(invoice: Invoice) -> Iterator[Found]:
    zero = Decimal(0)
    lines = sum((line.net for line in invoice.lines), zero)
    tax = sum((row.tax for row in invoice.taxes), zero)
    if invoice.net != lines:
        yield "invoice", f"the lines sum to {lines}, but the net total is {invoice.net}", _REPLAN
    if invoice.tax != tax:
        yield "invoice", f"the taxes sum to {tax}, but the total tax is {invoice.tax}", _REPLAN
    if invoice.gross != invoice.net + invoice.tax:
        message = f"net {invoice.net} and tax {invoice.tax} do not make {invoice.gross}"
        yield "invoice", message, _REPLAN
    for name in ("net", "tax", "gross"):
        amount = getattr(invoice, name)
        if amount != round_half_up(amount, invoice.currency):
            yield "invoice", f"{name} {amount} has more decimals than {invoice.currency} has", _REPLAN
    if invoice.lines and invoice.gross <= 0:
        message = f"its total is {invoice.gross} {invoice.currency}: there is nothing to pay"
        yield "invoice", message, "Issue nothing where nothing is due; what is owed to the client is a credit note."
