"""What goes with an invoice or a contract, as frozen values: the time sheet and the price list.

Times are minutes; prices are per hour, net or gross as `PriceList.prices` says; both rounded already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from studio_invoices.model import Party, Prices


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One booking. day: when the work was done. issue: number of the task; ticket: the client's own request.

    task: its subject. text: the entry's comment, only where the client gets comments, else empty.
    minutes: as booked; label: why they are not charged, None where they are. line: of the invoice (BT-126).
    """

    day: date
    person: str
    project: str
    task: str
    minutes: int
    issue: str | None = None
    ticket: str | None = None
    text: str = ""
    label: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class TimeSheet:
    """The annex to an invoice (BG-24): who did what on which day. invoice_number: None beside a draft."""

    invoice_number: str | None
    issue_date: date
    period_start: date
    period_end: date
    language: str
    seller: Party
    buyer: Party
    rows: tuple[TimeRow, ...]
    notes: tuple[str, ...] = ()

    @property
    def minutes(self) -> int:
        """All booked minutes."""
        return sum(row.minutes for row in self.rows)


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price from a day on; specialist and activity narrow it (None: for all)."""

    from_day: date
    per_hour: Decimal
    specialist: str | None = None
    activity: str | None = None


@dataclass(frozen=True, slots=True)
class PriceList:
    """The annex to a contract: what an hour costs from when on. as_of: the day for which it was printed.

    notes: how durations are rounded, which tax is added, in the document's language.
    """

    as_of: date
    language: str
    currency: str
    prices: Prices
    seller: Party
    buyer: Party
    rows: tuple[PriceRow, ...]
    contract_number: str = ""
    contract_date: date | None = None
    notes: tuple[str, ...] = ()
