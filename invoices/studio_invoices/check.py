"""What makes an invoice impossible to issue, as a list of Problems: asked before it gets a number.

Pure: which characters the fonts lack, and whether a number has its control digits, is asked through two functions
handed in (`studio_invoices.fonts.missing_glyphs`, `studio_invoices.ids.fault`). What the law of the seller's country
wants is in `check_law`, sums in `check_sums`, texts in `check_texts`, numbers in `check_numbers`, what an e-invoice
needs besides in `einvoice.required`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio_invoices.check_law import Jurisdiction, jurisdiction_of, law
from studio_invoices.check_numbers import Ids, numbers
from studio_invoices.check_sums import sums
from studio_invoices.check_texts import Glyphs, free_text_notices, undrawable
from studio_invoices.einvoice.required import requirements
from studio_invoices.errors import Problem
from studio_invoices.model import Act, Invoice

__all__ = ["Glyphs", "Ids", "Jurisdiction", "check", "check_act", "jurisdiction_of", "notices"]

Found = tuple[str, str, str]

_CODE = re.compile("[A-Z]{3}")


def check(
    invoice: Invoice, jurisdiction: Jurisdiction, ids: Ids, glyphs: Glyphs, client: str | None = None
) -> list[Problem]:
    """Problems that must be mended before this invoice can be issued; empty when there are none. Raises nothing.

    jurisdiction: whose law it must satisfy, `jurisdiction_of(seller's country)`; "" asks for nothing lawful.
    ids: `studio_invoices.ids.fault`. glyphs: the characters of a text that the fonts lack.
    Sources: ``client:buyer.name`` for what the client's file says, ``seller.bank.name`` for the studio's own,
    ``line:3``, ``tax:S 19``, ``invoice`` for the rest. `client` is copied into each problem.
    """
    found = [
        *undrawable(invoice, glyphs),
        *_names(invoice),
        *_dates(invoice),
        *_kind(invoice),
        *sums(invoice),
        *numbers(invoice, ids),
        *law(invoice, jurisdiction),
    ]
    problems = [Problem(source, message, next_step, client) for source, message, next_step in found]
    told = {problem.source for problem in problems} - {"invoice"}
    return problems + [wanted for wanted in requirements(invoice, client) if wanted.source not in told]


def check_act(act: Act, client: str | None = None) -> list[Problem]:
    """Problems of an act beyond those of its invoice, asked before either gets a number; empty when there are none.

    An act says that work was done, so not before it was. One over a cancellation or a credit note corrects the act of
    the invoice that it names, so not before that invoice. Sources: ``act``.
    """
    invoice = act.invoice
    last = max((line.last_day for line in invoice.lines), default=act.act_date)
    problems = []
    if act.act_date < last:
        message = f"the act is dated {act.act_date}, before the last day of its work, {last}"
        problems.append(Problem("act", message, f"Date it {last} or later.", client))
    if invoice.kind == "invoice":
        return problems
    if not invoice.corrects:
        message = "an act that corrects another one must name the invoice whose lines it takes back"
        problems.append(Problem("act", message, "Name the invoice to take back.", client))
    if invoice.corrects_date is not None and last <= act.act_date < invoice.corrects_date:
        message = f"the act is dated {act.act_date}, before the invoice that it takes back, {invoice.corrects_date}"
        problems.append(Problem("act", message, f"Date it {invoice.corrects_date} or later.", client))
    return problems


def notices(invoice: Invoice, glyphs: Glyphs, client: str | None = None) -> list[Problem]:
    """Free text in which substitutes will be drawn, naming line and characters; parks nobody."""
    return [
        Problem(source, message, next_step, client) for source, message, next_step in free_text_notices(invoice, glyphs)
    ]


def _names(invoice: Invoice) -> Iterator[Found]:
    if not invoice.seller.name.strip():
        yield "seller.name", "the seller has no name", "Set `name` in [seller]."
    if not invoice.buyer.name.strip():
        yield "client:buyer.name", "the client has no name", "Set `name` in the client's file."
    if not _CODE.fullmatch(invoice.currency):
        message = f"the currency {invoice.currency!r} is not a code of three capital letters"
        yield "invoice", message, "Set `currency` to an ISO 4217 code such as EUR."
    elif invoice.bank.currency not in ("", invoice.currency):
        message = f"it is in {invoice.currency}, but its account is in {invoice.bank.currency}"
        yield "seller.bank.currency", message, f"Add a row to [[seller.banks]] with currency = {invoice.currency!r}."


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
    if invoice.kind == "invoice":
        return
    name = "cancellation" if invoice.kind == "cancellation" else "credit note"
    if not invoice.corrects:
        yield "invoice", f"a {name} must name the invoice that it takes back", "Name the invoice to take back."
    if invoice.corrects_date is not None and invoice.corrects_date > invoice.issue_date:
        message = f"it takes back an invoice of {invoice.corrects_date}, later than itself, {invoice.issue_date}"
        yield "invoice", message, "Issue it on that day or later."
    if invoice.kind == "credit_note":
        for line in invoice.lines:
            if line.credits_line is None:
                message = f"line {line.number} does not say which line of {invoice.corrects} it takes back"
                yield f"line:{line.number}", message, "Name the line."
