"""What the ledger already knows of a month, as plain values handed to the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from studio_support.model import Person, SourceKind, TimeEntry
from studio_support.period import Month

Disposed = Literal["goodwill", "non_billable", "fixed", "internal", "before_start", "written_off"]

MARK_OVERLAP = timedelta(days=1)
"""How much earlier than a client's mark late entries are sought: a clock that runs a little behind, and a transaction
that commits late, must not hide a booking."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """An entry that stands on an invoice which is not cancelled. minutes: booked minutes when it was billed."""

    entry: str
    client: str
    month: Month
    invoice: str
    line: int
    minutes: int
    spent_on: date
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Disposition:
    """An entry set aside for good when its client's month was closed. client: "" for internal time.

    minutes: booked then. fingerprint: of the entry then, "" where it was not kept.
    """

    entry: str
    client: str
    month: Month
    minutes: int
    disposed: Disposed
    reason: str
    spent_on: date
    fingerprint: str = ""


def where_of(held: Allocation | Disposition) -> str:
    """Where an entry stands, in words: "billed on 2026-0001"."""
    return f"billed on {held.invoice}" if isinstance(held, Allocation) else f"set aside as {held.disposed}"


def is_filled(held: Allocation | Disposition, entry: TimeEntry) -> bool:
    """Whether an entry had 0 minutes when it was set aside, and has some by now: nothing of it stands anywhere."""
    return isinstance(held, Disposition) and held.minutes == 0 < entry.minutes


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A client's month that is closed. number: its invoice, None when there was nothing to bill.

    read_started_at: the mark, when the read began from which it was closed. supplement: 0 for the month's own
    closing, 1, 2, ... for supplementary ones.
    """

    client: str
    month: Month
    source: SourceKind
    read_started_at: datetime
    plan_hash: str
    number: str | None
    supplement: int = 0


def late_mark(closed: Iterable[ClosedMonth]) -> datetime | None:
    """How far back late time of one client was sought already: when his last month was read, None if none is closed.

    An export looks for no late time, so a month closed from one moves no mark that Redmine had set. Supplements,
    which may be of old months, do not count.
    """
    own = [row for row in closed if row.supplement == 0]
    sought = [row for row in own if row.source != "csv"] or own
    return max(sought, key=lambda row: row.month).read_started_at if sought else None


@dataclass(frozen=True, slots=True)
class PastMonth:
    """Figures of an earlier invoice of a client, for comparison."""

    month: Month
    minutes: int
    net: Decimal


@dataclass(frozen=True, slots=True)
class LedgerView:
    """Open allocations and dispositions of just the entries asked about, and what is closed.

    specialists: (client, text of the rate row) -> key of the person it was once resolved to.
    held: client -> reason, for the month asked about. past: newest first. left_open: client -> months that a close
    left open for him though time was booked for them; some may have been closed since.
    first_month: the start recorded by the first close of this store.
    """

    allocations: Mapping[str, Allocation] = field(default_factory=dict)
    dispositions: Mapping[str, Disposition] = field(default_factory=dict)
    closed: Mapping[str, tuple[ClosedMonth, ...]] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    past: Mapping[str, tuple[PastMonth, ...]] = field(default_factory=dict)
    left_open: Mapping[str, frozenset[Month]] = field(default_factory=dict)
    specialists: Mapping[tuple[str, str], str] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    first_month: Month | None = None
