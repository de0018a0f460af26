"""Which invoices are to be reminded of today: by days after the due date, each step once, the latest alone. Pure.

A step that was missed (no run for days) is left out when a later one is due, so that nobody gets two at once; one
that is long over is not made up for: reminders switched on in a grown store do not go to everybody who ever paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from studio_invoices.errors import Problem

LATEST_DAYS = 14
"""How many days after its day a reminder still goes out."""


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice that stands, is due, and is neither paid nor disputed.

    gross: what is to be paid, in the invoice's currency; at 0 or below nobody owes anything. delivered: a letter that
    brought it was accepted for the client. reminded: steps that were queued already, in days after the due date.
    """

    id: int
    number: str
    client: str
    due_date: date
    gross: Decimal
    delivered: bool
    reminded: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder to be queued. step: days after the due date as configured. days_overdue: as of today."""

    invoice_id: int
    number: str
    client: str
    step: int
    days_overdue: int


@dataclass(frozen=True, slots=True)
class ReminderPlan:
    """Reminders to be queued; invoices that cannot be reminded of; numbers whose last step is long over."""

    reminders: tuple[Reminder, ...] = ()
    problems: tuple[Problem, ...] = ()
    beyond: tuple[str, ...] = ()


def plan_reminders(invoices: Iterable[OpenInvoice], today: date, steps: Sequence[int]) -> ReminderPlan:
    """What is due today. steps: days after the due date, 0 being the due date itself; none: nothing is planned."""
    reminders: list[Reminder] = []
    problems: list[Problem] = []
    beyond: list[str] = []
    for invoice in invoices:
        if invoice.gross <= 0:
            continue
        days = (today - invoice.due_date).days
        reached = [step for step in steps if step <= days]
        if not reached or max(reached) <= max(invoice.reminded, default=-1):
            continue
        step = max(reached)
        if days > step + LATEST_DAYS:
            beyond.append(invoice.number)
        elif not invoice.delivered:
            problems.append(_not_delivered(invoice))
        else:
            reminders.append(Reminder(invoice.id, invoice.number, invoice.client, step, days))
    return ReminderPlan(tuple(reminders), tuple(problems), tuple(beyond))


def _not_delivered(invoice: OpenInvoice) -> Problem:
    return Problem(
        f"invoice:{invoice.number}",
        f"{invoice.number} is due since {invoice.due_date}, but no letter that brought it was accepted.",
        f"Look at `invoice show {invoice.number}` and bring it to the client first, or `invoice paid` it.",
        invoice.client,
    )
