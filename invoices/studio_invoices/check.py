"""What makes an invoice impossible to issue, and what its reader will see replaced.

Pure: which characters the fonts lack is asked through a function handed in
(`studio_invoices.fonts.missing_glyphs`). The sums are those of EN 16931: BR-CO-10 (net = sum of lines),
BR-CO-14 (tax = sum of its rows), BR-CO-15 (gross = net + tax), BR-CO-18 (at least one row of tax).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from studio_invoices.errors import Problem
from studio_invoices.model import BankAccount, Invoice, Line, Party, TaxTotal
from studio_invoices.money import amount_for_minutes, round_half_up
from studio_invoices.totals import total

MissingGlyphs = Callable[[str], Sequence[str]]
Field = tuple[str, str]

_REPLAN = "Plan the month again."
_RETYPE = "Write it with letters that the document's fonts have, or choose other fonts."
_CODE = re.compile("[A-Z]{3}")


def check(invoice: Invoice, missing_glyphs: MissingGlyphs, client: str | None = None) -> list[Problem]:
    """Problems that must be mended before this invoice can be issued; empty when there are none.

    Sources: ``client:buyer.name`` for what the client's file says, ``seller.bank.name`` for the studio's own,
    ``line:3``, ``tax:S 19``, ``invoice`` for the rest. `client` is copied into each problem.
    """
    found = [
        *_undrawable(invoice, missing_glyphs),
        *_names(invoice),
        *_dates(invoice),
        *_kind(invoice),
        *_lines(invoice),
        *_taxes(invoice),
        *_totals(invoice),
    ]
    return [Problem(source, message, next_step, client) for source, message, next_step in found]


def notices(invoice: Invoice, missing_glyphs: MissingGlyphs, client: str | None = None) -> list[Problem]:
    """Free text in which substitutes will be drawn, naming line and characters; parks nobody."""
    return [
        Problem(
            source,
            f"{where} holds {_listed(lacking)}, which the fonts lack: a substitute will be drawn",
            "Nothing needs to be done; change the text at its source if the substitute is not good enough.",
            client,
        )
        for source, where, text in _free_texts(invoice)
        if (lacking := missing_glyphs(text))
    ]


Found = tuple[str, str, str]


def _undrawable(invoice: Invoice, missing_glyphs: MissingGlyphs) -> Iterator[Found]:
    for source, text in _exact_texts(invoice):
        lacking = missing_glyphs(text)
        if lacking:
            yield source, f"{source.removeprefix('client:')} holds {_listed(lacking)}, which the fonts lack", _RETYPE


def _exact_texts(invoice: Invoice) -> Iterator[Field]:
    """Names, addresses, bank and tax fields: what must stand on the document exactly as it is."""
    yield from _party_texts("client:buyer", invoice.buyer)
    yield from _party_texts("seller", invoice.seller)
    yield from _bank_texts(invoice.bank)
    for row in invoice.taxes:
        yield f"tax:{_tax_name(row)}", row.reason


def _party_texts(source: str, party: Party) -> Iterator[Field]:
    yield f"{source}.name", party.name
    yield f"{source}.address", "\n".join(party.address)
    for name in ("country", "vat_id", "tax_number", "inn", "kpp", "email"):
        yield f"{source}.{name}", getattr(party, name)


def _bank_texts(bank: BankAccount) -> Iterator[Field]:
    for name in ("name", "bic", "account", "iban", "correspondent_account"):
        yield f"seller.bank.{name}", getattr(bank, name)


def _free_texts(invoice: Invoice) -> Iterator[tuple[str, str, str]]:
    """Source, words for it, text."""
    seen: set[str] = set()
    for line in invoice.lines:
        source = f"line:{line.number}"
        for name, text in _line_texts(line):
            yield source, f"{name} of line {line.number}", text
        if line.project not in seen:
            seen.add(line.project)
            yield source, "the project's name", line.project
    for name in ("contract_number", "buyer_reference", "order_number"):
        yield f"client:{name}", name, getattr(invoice, name)
    yield "invoice", "the rounding note", invoice.rounding_note
    yield "invoice", "the reason", invoice.reason
    for number, note in enumerate(invoice.notes, start=1):
        yield "invoice", f"note {number}", note


def _line_texts(line: Line) -> Iterator[Field]:
    yield "the title", line.title
    yield "the issue", line.issue or ""
    yield "the ticket number", line.ticket or ""
    yield "the specialist", line.specialist or ""
    yield "the heading", line.heading or ""
    yield "the label", line.label or ""
    for comment in line.comments:
        yield "a comment", comment


def _listed(characters: Iterable[str]) -> str:
    return ", ".join(map(_named, characters))


def _named(character: str) -> str:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    shown = f"“{character}” " if unicodedata.category(character)[0] not in "CMZ" else ""
    return f"{shown}({code} {name})" if name else f"{shown}({code})"


def _names(invoice: Invoice) -> Iterator[Found]:
    if not invoice.seller.name.strip():
        yield "seller.name", "the seller has no name", "Set `name` in [seller]."
    if not invoice.buyer.name.strip():
        yield "client:buyer.name", "the client has no name", "Set `name` in the client's file."
    if not _CODE.fullmatch(invoice.currency):
        message = f"the currency {invoice.currency!r} is not a code of three capital letters"
        yield "invoice", message, "Set `currency` to an ISO 4217 code such as EUR."


def _dates(invoice: Invoice) -> Iterator[Found]:
    if invoice.due_date is not None and invoice.due_date < invoice.issue_date:
        message = f"it is due on {invoice.due_date}, before its date of issue, {invoice.issue_date}"
        yield "invoice", message, "Set `payment_days` to 0 or more."
    if invoice.period_end < invoice.period_start:
        message = f"its period ends on {invoice.period_end}, before it begins on {invoice.period_start}"
        yield "invoice", message, "Correct the period."
    for line in invoice.lines:
        if line.last_day < line.first_day:
            message = f"line {line.number} ends on {line.last_day}, before it begins on {line.first_day}"
            yield f"line:{line.number}", message, "Correct the days of its time entries."


def _kind(invoice: Invoice) -> Iterator[Found]:
    if invoice.kind == "cancellation" and not invoice.corrects:
        yield "invoice", "a cancellation must name the invoice that it takes back", "Name the invoice to cancel."


def _lines(invoice: Invoice) -> Iterator[Found]:
    if not invoice.lines:
        yield "invoice", "there are no lines", "Issue nothing for a client without billable time."
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


def _tax_name(row: TaxTotal) -> str:
    return f"{row.category} {row.rate:f}"


def _taxes(invoice: Invoice) -> Iterator[Found]:
    rows = {(row.category, row.rate): row for row in invoice.taxes}
    if len(rows) != len(invoice.taxes):
        yield "invoice", "a category and rate of tax has two rows", _REPLAN
    amounts = [line.net if invoice.prices == "net" else line.gross for line in invoice.lines]
    keys = [(line.tax_category, line.tax_rate) for line in invoice.lines]
    known = [(key, amount) for key, amount in zip(keys, amounts, strict=True) if amount is not None]
    expected = {(row.category, row.rate): row for row in total(known, invoice.prices, invoice.currency, {}).taxes}
    for key in expected.keys() - rows.keys():
        yield f"tax:{key[0]} {key[1]:f}", f"there is no row for tax {key[0]} at {key[1]:f} %", _REPLAN
    for key, row in rows.items():
        right = expected.get(key)
        if right is None:
            yield f"tax:{_tax_name(row)}", "no line bears this tax", _REPLAN
        elif (row.base, row.tax) != (right.base, right.tax):
            message = (
                f"its lines make a base of {right.base} and a tax of {right.tax}, "
                f"but its row says {row.base} and {row.tax}"
            )
            yield f"tax:{_tax_name(row)}", message, _REPLAN
        if row.category != "S" and row.tax:
            message = f"category {row.category} bears no tax, but {row.tax} is charged"
            yield f"tax:{_tax_name(row)}", message, "Set its `rate` to 0."


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
