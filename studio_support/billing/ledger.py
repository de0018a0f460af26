"""The ledger: what was billed, under which number, and where every minute stands. A ledger, not a flag.

One object over a store; each writing method is one transaction. The rooms behind it: ledger_issue, ledger_acts,
ledger_sheets, ledger_cancel, ledger_reopen, ledger_read, ledger_documents, ledger_facts, audit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from studio_invoices.annexes import TimeSheet
from studio_invoices.model import Act
from studio_support.billing import (
    ledger_acts,
    ledger_cancel,
    ledger_documents,
    ledger_facts,
    ledger_issue,
    ledger_read,
    ledger_reopen,
    ledger_sheets,
)
from studio_support.billing.audit import add_audit, read_audit
from studio_support.billing.ledger_facts import ReadFacts
from studio_support.billing.ledger_types import (
    ActRow,
    AuditRow,
    EntryPlace,
    InvoiceRow,
    Issued,
    IssueOrder,
    SeriesRow,
    StoredInvoice,
)
from studio_support.billing.ledger_view import Allocation, Disposition, LedgerView
from studio_support.billing.month_plan import SetAside
from studio_support.billing.terms import Seller
from studio_support.model import Person, SourceKind
from studio_support.period import Month
from studio_support.store.engine import Store


class Ledger:
    """The ledger of one store. Every method may raise StoreError and FilesystemError beside what it names."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def view(self, month: Month, clients: Sequence[str], entry_ids: Iterable[str]) -> LedgerView:
        """What a plan of this month needs to know: places of just these entries, what is closed, held and past."""
        with self.store.reading() as connection:
            return ledger_read.view(connection, month, clients, entry_ids)

    def oldest_mark(self, clients: Sequence[str]) -> datetime | None:
        """How far back late entries are to be sought (aware UTC), None when none of the clients was ever closed."""
        with self.store.reading() as connection:
            return ledger_read.oldest_mark(connection, clients)

    def known_people(self) -> tuple[Person, ...]:
        """Everybody who was remembered, by id."""
        with self.store.reading() as connection:
            return ledger_read.known_people(connection)

    def first_month(self) -> Month | None:
        """The start that the first close of this store recorded."""
        with self.store.reading() as connection:
            return ledger_read.first_month(connection)

    def issue(self, order: IssueOrder) -> Issued:
        """Closes one client's month; see ledger_issue.issue for what it refuses. Repeated: the same, created False."""
        return ledger_issue.issue(self.store, order)

    def cancel(
        self, number: str, *, reason: str, person: str, now: datetime, issue_date: date, seller: Seller
    ) -> Issued:
        """Takes an invoice back under a number of its own and reopens that month; see ledger_cancel.cancel."""
        return ledger_cancel.cancel(
            self.store, number, reason=reason, person=person, now=now, issue_date=issue_date, seller=seller
        )

    def set_internal(
        self,
        month: Month,
        rows: Sequence[SetAside],
        *,
        source: SourceKind,
        read_started_at: datetime,
        late_since: datetime | None,
        read_id: int | None,
        person: str,
        now: datetime,
    ) -> int:
        """Records where internal time stands; how many entries were added. See ledger_facts.set_internal."""
        return ledger_facts.set_internal(
            self.store,
            month,
            rows,
            source=source,
            read_started_at=read_started_at,
            late_since=late_since,
            read_id=read_id,
            person=person,
            now=now,
        )

    def hold(self, client: str, month: Month, reason: str, *, person: str, now: datetime) -> bool:
        """Keeps a client's month from being closed; False if nothing changed. Raises InvoiceStateError if closed."""
        return ledger_facts.hold(self.store, client, month, reason, person=person, now=now)

    def unhold(self, client: str, month: Month, *, person: str, now: datetime) -> bool:
        """Lifts a hold; False if there was none."""
        return ledger_facts.unhold(self.store, client, month, person=person, now=now)

    def leave_open(self, month: Month, clients: Iterable[str], now: datetime) -> None:
        """Remembers for which clients a close left this month open though time was booked for it."""
        ledger_facts.leave_open(self.store, month, clients, now)

    def reopen(self, client: str, month: Month, reason: str, *, person: str, now: datetime) -> int | None:
        """Opens a month again that was closed with nothing to bill; how many entries were freed, None if it is open.

        client: "" for the studio's own time. Raises InvoiceStateError, Refused; see ledger_reopen.reopen.
        """
        return ledger_reopen.reopen(self.store, client, month, reason, person=person, now=now)

    def record_read(self, facts: ReadFacts) -> int:
        """Remembers a kept read; its id. The same file again gives the same id."""
        return ledger_facts.record_read(self.store, facts)

    def remember_people(self, persons: Iterable[Person], now: datetime) -> int:
        """Remembers everybody who has an id; how many were new or had changed."""
        return ledger_facts.remember_people(self.store, persons, now)

    def files_made(self, invoice_id: int, pdf_sha256: str, page_sha256: str) -> None:
        """Records the hashes of a document's files once they stand in the store's files."""
        self.store.write(lambda c: ledger_documents.files_made(c, invoice_id, pdf_sha256, page_sha256))

    def invoices(self, month: Month | None = None, client: str | None = None) -> list[InvoiceRow]:
        """Documents in the order of issue, without their lines."""
        with self.store.reading() as connection:
            return ledger_documents.list_invoices(connection, month, client)

    def invoice(self, number: str) -> StoredInvoice:
        """One document whole. Raises UnknownInvoice."""
        with self.store.reading() as connection:
            return ledger_documents.stored_invoice(connection, number)

    def unpublished(self) -> list[InvoiceRow]:
        """Documents whose files are not made yet."""
        with self.store.reading() as connection:
            return ledger_documents.unpublished(connection)

    def revoked_links(self) -> list[InvoiceRow]:
        """Documents whose published copies are to be taken down."""
        with self.store.reading() as connection:
            return ledger_documents.revoked_links(connection)

    def allocations_of(self, entry_ids: Iterable[str]) -> Mapping[str, Allocation | Disposition]:
        """Where these entries stand now, by id; those that stand nowhere are missing."""
        with self.store.reading() as connection:
            return {place.entry: place for place in ledger_read.places_of(connection, entry_ids)}

    def allocations_in_month(self, month: Month) -> Iterator[Allocation | Disposition]:
        """Every place of an entry whose day lies in this month, streamed: deleted entries are found by it."""
        with self.store.reading() as connection:
            yield from ledger_read.places_in_month(connection, month)

    def explain_entry(self, entry: str) -> list[EntryPlace]:
        """Where an entry stands and stood, the open place first. Raises UnknownEntry."""
        with self.store.reading() as connection:
            return ledger_documents.explain_entry(connection, entry)

    def act(self, invoice_id: int) -> ActRow | None:
        """The act beside an invoice, None where the client gets none."""
        with self.store.reading() as connection:
            return ledger_acts.act_row(connection, invoice_id)

    def act_document(self, invoice_id: int) -> Act | None:
        """The act as a document, to be rendered."""
        with self.store.reading() as connection:
            return ledger_acts.act_document(connection, invoice_id)

    def time_sheet(self, invoice_id: int) -> TimeSheet | None:
        """The time sheet beside an invoice, None where the client gets none."""
        with self.store.reading() as connection:
            return ledger_sheets.time_sheet_of(connection, invoice_id)

    def series_rows(self) -> list[SeriesRow]:
        """Every series of numbers with its documents, for the proof that it has no gap."""
        with self.store.reading() as connection:
            return list(ledger_documents.series_rows(connection))

    def write_audit(self, person: str, verb: str, subject: str, detail: Mapping[str, Any] | str, now: datetime) -> None:
        """Adds an audit row for something done outside the ledger. Raises ValueError if nobody is named."""
        self.store.write(lambda c: add_audit(c, person, verb, subject, detail, now))

    def audit_rows(self, subject: str | None = None) -> list[AuditRow]:
        """The audit log, or what concerns one subject, oldest first."""
        with self.store.reading() as connection:
            return read_audit(connection, subject)
