"""What is handed to the ledger and what it hands back, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from studio_invoices.annexes import TimeRow
from studio_invoices.model import Invoice, Kind
from studio_support.billing.month_plan import Draft
from studio_support.billing.terms import Rounding, Seller
from studio_support.model import SourceKind
from studio_support.period import Month


@dataclass(frozen=True, slots=True)
class IssueOrder:
    """One client's month, to be closed in one transaction.

    invoice: the draft as a document without number (its issue date counts), None when there is nothing to bill.
    issue_date: the day that the document bears; unused without one. read_started_at, late_since: of the reading
    that the draft was made from (Reading.started_at, Reading.late_since); they decide how far back late entries
    are sought next time. read_id: of the kept read. now: aware UTC. person: who closes.
    first_month: recorded as the start of the store if none is yet. rules: what else belongs into the basis
    (JSON-ready), beside rounding, rates and people, which stand there anyway. act_date: the day that the act beside
    the invoice bears; None for a client who gets no acts. time_rows: of the time sheet beside it; None for a client who
    gets none.
    """

    draft: Draft
    invoice: Invoice | None
    seller: Seller
    source: SourceKind
    read_started_at: datetime
    late_since: datetime | None
    read_id: int | None
    issue_date: date
    person: str
    now: datetime
    rounding: Rounding = field(default_factory=Rounding)
    first_month: Month | None = None
    act_date: date | None = None
    time_rows: tuple[TimeRow, ...] | None = None
    rules: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Issued:
    """What stands in the ledger now. created: False if it stood there before (another run, or an earlier one).

    number, invoice_id: None when the month was closed with nothing to bill.
    """

    client: str
    month: Month
    supplement: int
    number: str | None
    invoice_id: int | None
    created: bool


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An issued document without its lines.

    minutes: charged; booked_minutes: of the billed entries. state: issued or cancelled. cancels: the number that a
    cancellation takes back; cancelled_by: the number of the cancellation. link_generation, link_live: the link
    that is good now, if any. pdf_sha256, page_sha256: of the files once made.
    """

    id: int
    number: str
    kind: Kind
    seller: str
    client: str
    month: Month
    supplement: int
    currency: str
    issue_date: date
    due_date: date | None
    minutes: int
    booked_minutes: int
    net: Decimal
    tax: Decimal
    gross: Decimal
    state: str
    issued_at: datetime
    issued_by: str
    link_generation: int
    link_live: bool
    pdf_sha256: str | None
    page_sha256: str | None
    cancels: str | None = None
    cancelled_by: str | None = None


@dataclass(frozen=True, slots=True)
class ActRow:
    """The act beside an invoice. pdf_sha256: of its file once made."""

    invoice_id: int
    number: str
    act_date: date
    pdf_sha256: str | None


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """An issued document whole. document: the frozen invoice. basis: the draft, entries, rates and rules behind it."""

    row: InvoiceRow
    document: Invoice
    basis: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EntryPlace:
    """One place where an entry stands, or stood until it was freed (open False).

    placed: "billed", or the disposition. facts: the entry as it was then (id, minutes, user, activity, project,
    issue, spent_on), {} for one that never stood in a basis. number, line: where it is billed. source: redmine, csv.
    """

    entry: str
    client: str
    month: Month
    supplement: int
    placed: str
    reason: str
    minutes: int
    spent_on: date
    fingerprint: str
    open: bool
    number: str | None
    line: int | None
    source: str
    closed_at: datetime
    closed_by: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeriesDocument:
    """A document in its series. series_number: the counter; number: as printed."""

    series_number: int
    number: str
    issue_date: date


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series of numbers with all its documents, in the order of issue. year: 0 when it runs across years."""

    seller: str
    kind: str
    year: int
    first_number: int
    next_number: int
    documents: tuple[SeriesDocument, ...]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to what, and when (aware UTC). detail: JSON text."""

    id: int
    at: datetime
    person: str
    verb: str
    subject: str
    detail: str
