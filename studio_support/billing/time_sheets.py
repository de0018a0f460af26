"""The time sheet beside an invoice: every booking that stands on one of its lines, as it was when it was closed."""

from __future__ import annotations

import json

from studio_invoices.annexes import TimeRow, TimeSheet
from studio_invoices.codec import from_dict, to_dict
from studio_invoices.model import Invoice
from studio_support.billing.month_plan import Draft
from studio_support.billing.terms import Client

SHEET = "timesheet"
"""How a client's `documents` names it."""


def wants_sheet(client: Client) -> bool:
    """Whether this client gets a time sheet beside his invoices."""
    return SHEET in client.documents


def time_rows(draft: Draft, client: Client) -> tuple[TimeRow, ...]:
    """The bookings of a draft's lines, projects in the invoice's order, by day within one. Minutes are the booked ones.

    What people wrote when they booked stands there only for a client who gets comments.
    """
    order = {project: place for place, project in enumerate(dict.fromkeys(line.project for line in draft.lines))}
    rows = [
        (
            (order[line.project], entry.spent_on, entry.user, number, entry.id),
            TimeRow(
                day=entry.spent_on,
                person=entry.user,
                project=line.project,
                task=line.title,
                minutes=entry.minutes,
                issue=None if line.issue is None else str(line.issue),
                ticket=line.ticket,
                text=entry.comments.strip() if client.comments else "",
                label=line.label,
                line=number,
            ),
        )
        for number, line in enumerate(draft.lines, start=1)
        for entry in line.entries
    ]
    return tuple(row for _, row in sorted(rows, key=lambda pair: pair[0]))


def time_sheet(invoice: Invoice, rows: tuple[TimeRow, ...]) -> TimeSheet:
    """The annex to this invoice; to a draft where it has no number yet."""
    return TimeSheet(
        invoice_number=invoice.number,
        issue_date=invoice.issue_date,
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        language=invoice.language,
        seller=invoice.seller,
        buyer=invoice.buyer,
        rows=rows,
        notes=(invoice.rounding_note,) if invoice.rounding_note else (),
    )


def rows_text(sheet: TimeSheet) -> str:
    """The rows as JSON: what is kept; the rest of a time sheet is the invoice's."""
    return json.dumps(to_dict(sheet)["rows"], ensure_ascii=False)


def rows_of(text: str) -> tuple[TimeRow, ...]:
    """The inverse of `rows_text`."""
    return tuple(from_dict(TimeRow, row) for row in json.loads(text))
