"""The plan of a month end as plain values: what is printed by preview, applied by close, kept by the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from studio_invoices.errors import Problem
from studio_invoices.model import Prices, TaxTotal
from studio_support.billing.ledger_view import Disposed
from studio_support.model import TimeEntry
from studio_support.period import Month

EARLIER_MONTHS = "earlier months"
SETTLE = (
    "What was issued stays as it is. Settle the difference with the client by hand, or cancel the invoice "
    "(`bill reopen` where the month was closed without one) and close the month again."
)
"""What to do about time that was changed after its month was closed."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line of a draft: see studio_invoices.model.Line. charged: its entries are allocated (else label).

    minutes: charged, after rounding of durations. rate_source: file and row that the rate came from.
    """

    project: str
    issue: int | None
    ticket: str | None
    title: str
    specialist: str | None
    minutes: int
    booked_minutes: int
    rate_per_hour: Decimal
    net: Decimal
    gross: Decimal | None
    tax_category: str
    tax_rate: Decimal
    entries: tuple[TimeEntry, ...]
    first_day: date
    last_day: date
    rate_source: str
    heading: str | None = None
    label: str | None = None
    people: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()

    @property
    def charged(self) -> bool:
        return self.label is None


@dataclass(frozen=True, slots=True)
class SetAside:
    """An entry of a client that is not billed by the hour when the month is closed, and why."""

    entry: TimeEntry
    client: str | None
    disposed: Disposed
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that is on no draft line, with the reason; `disposed` as in the certificate (contract)."""

    entry: str
    minutes: int
    disposed: str
    reason: str
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One client's month, ready to be issued. lines empty: nothing to bill, the month is closed all the same.

    plan: hash over entries, client file and rules. supplement: 0, or its running number for that month.
    number, link: set once issued.
    """

    client: str
    month: Month
    currency: str
    prices: Prices
    minutes: int
    booked_minutes: int
    net: Decimal
    tax: Decimal
    gross: Decimal
    plan: str
    lines: tuple[DraftLine, ...]
    taxes: tuple[TaxTotal, ...]
    flags: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    specialists: tuple[tuple[str, str], ...] = ()
    supplement: int = 0
    suspicion: int = 0
    last_minutes: int | None = None
    last_net: Decimal | None = None
    number: str | None = None
    link: str | None = None

    @property
    def change_percent(self) -> int | None:
        """By how much the net amount differs from last month's, whole percent, half-up; None without one."""
        if not self.last_net:
            return None
        share = (self.net - self.last_net) * 100 / self.last_net
        return int(share.quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def billable(self) -> bool:
        """Whether there is anything to charge; without it the month is closed with no invoice."""
        return any(line.charged for line in self.lines)


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """What a month end would do. drafts: clients with something to bill; empty_drafts: nothing to bill.

    internal: entries of the studio's own projects, which close keeps as such.
    parked: clients that are not closed because of a problem or a hold. already: clients closed before.
    """

    month: Month
    plan: str
    drafts: tuple[Draft, ...]
    empty_drafts: tuple[Draft, ...]
    skipped: tuple[Skipped, ...]
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    internal: tuple[SetAside, ...] = ()
    parked: tuple[str, ...] = ()
    already: tuple[str, ...] = ()

    def suspicious_first(self) -> list[Draft]:
        """What a person reviews: drafts, and clients that have nothing to bill though they used to."""
        silent = [draft for draft in self.empty_drafts if draft.flags]
        return sorted((*self.drafts, *silent), key=lambda draft: (-draft.suspicion, -draft.net, draft.client))

    @property
    def clients(self) -> tuple[str, ...]:
        """Every client that was planned."""
        drafts = (draft.client for draft in (*self.drafts, *self.empty_drafts))
        return tuple(sorted({*drafts, *self.parked, *self.already}))

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `bill preview` and `bill close` (contract)."""
        return {
            "month": str(self.month),
            "plan": self.plan,
            "drafts": [draft_dict(draft) for draft in self.drafts],
            "skipped": [
                {"entry": row.entry, "minutes": row.minutes, "as": row.disposed, "reason": row.reason}
                for row in self.skipped
            ],
            "problems": [problem.as_dict() for problem in self.problems],
            "notices": [notice.as_dict() for notice in self.notices],
            "nothing_to_bill": [
                {"client": draft.client, "flags": list(draft.flags), "last_minutes": draft.last_minutes}
                for draft in self.empty_drafts
            ],
            "parked": list(self.parked),
            "already": list(self.already),
        }


def line_dict(line: DraftLine) -> dict[str, Any]:
    """The JSON of one line of a draft (contract), with label, tax category and days beside it."""
    return {
        "project": line.project,
        "issue": line.issue,
        "ticket": line.ticket,
        "title": line.title,
        "specialist": line.specialist,
        "minutes": line.minutes,
        "booked_minutes": line.booked_minutes,
        "rate_per_hour": str(line.rate_per_hour),
        "net": str(line.net),
        "gross": None if line.gross is None else str(line.gross),
        "tax_rate": str(line.tax_rate),
        "entries": [entry.id for entry in line.entries],
        "heading": line.heading,
        "label": line.label,
        "tax_category": line.tax_category,
        "first_day": line.first_day.isoformat(),
        "last_day": line.last_day.isoformat(),
    }


def draft_dict(draft: Draft) -> dict[str, Any]:
    """The JSON of one draft (contract)."""
    return {
        "client": draft.client,
        "currency": draft.currency,
        "minutes": draft.minutes,
        "booked_minutes": draft.booked_minutes,
        "net": str(draft.net),
        "tax": str(draft.tax),
        "gross": str(draft.gross),
        "plan": draft.plan,
        "flags": list(draft.flags),
        "number": draft.number,
        "link": draft.link,
        "supplement": draft.supplement,
        "last_minutes": draft.last_minutes,
        "last_net": None if draft.last_net is None else str(draft.last_net),
        "lines": [line_dict(line) for line in draft.lines],
        "taxes": [
            {"category": row.category, "rate": str(row.rate), "base": str(row.base), "tax": str(row.tax)}
            for row in draft.taxes
        ],
    }
