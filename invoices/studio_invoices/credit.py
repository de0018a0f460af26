"""A credit note: part of an issued invoice taken back, line by line, in minutes.

"Credit note frees nothing, or frees too much" is what users of billing systems report most of corrections: here each
line names the line that it credits, minutes are counted, and no more can be taken back than was billed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from studio_invoices.errors import StudioError
from studio_invoices.model import CreditNote, Invoice, Line
from studio_invoices.totals import with_totals


class CreditRefused(StudioError):
    """This cannot be taken back. line: number of the line, None where it is about the whole document."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message if line is None else f"line {line}: {message}")
        self.line = line


def credit_note(
    original: Invoice,
    minutes: Mapping[int, int],
    *,
    issue_date: date,
    reason: str,
    credited: Mapping[int, int] | None = None,
) -> CreditNote:
    """The document, without number, that takes minutes of an issued invoice back: {line number: minutes}.

    credited: what earlier credit notes took back already, likewise. Amounts are positive, each line minutes x rate / 60
    half-up as on the invoice; so a line credited in parts may differ from the invoice by a cent a part. Raises
    CreditRefused: nothing to credit, no such line, a line that was not charged, or more minutes than are left.
    """
    if original.kind != "invoice" or original.number is None:
        raise CreditRefused(None, "only an issued invoice can be credited")
    if not minutes:
        raise CreditRefused(None, "no line is named")
    by_number = {line.number: line for line in original.lines}
    before = credited or {}
    taken = [
        replace(
            _creditable(by_number.get(number), number, wanted, before.get(number, 0)),
            number=position,
            minutes=wanted,
            booked_minutes=wanted,
            credits_line=number,
        )
        for position, (number, wanted) in enumerate(sorted(minutes.items()), start=1)
    ]
    return with_totals(
        replace(
            original,
            number=None,
            kind="credit_note",
            issue_date=issue_date,
            due_date=None,
            lines=tuple(taken),
            corrects=original.number,
            corrects_date=original.issue_date,
            reason=reason,
            payment_reference="",
            purpose="",
        )
    )


def _creditable(line: Line | None, number: int, wanted: int, before: int) -> Line:
    if line is None:
        raise CreditRefused(number, "the invoice has no such line")
    if line.label is not None:
        raise CreditRefused(number, "nothing was charged on it")
    if wanted <= 0:
        raise CreditRefused(number, f"{wanted} minutes are nothing to take back")
    if wanted > line.minutes - before:
        raise CreditRefused(number, f"{wanted} minutes are more than the {line.minutes - before} that are left")
    return line
