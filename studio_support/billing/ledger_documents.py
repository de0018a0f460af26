"""Issued documents, and the past of single entries, as they are shown, explained and proved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, false, or_, select, update

from studio_invoices.codec import invoice_from_dict
from studio_support.billing.ledger_types import EntryPlace, InvoiceRow, SeriesDocument, SeriesRow, StoredInvoice
from studio_support.errors import UnknownEntry, UnknownInvoice
from studio_support.period import Month
from studio_support.store.tables import acts, allocations, closings, invoices, series

_HEAVY = {"snapshot", "basis"}
_original = invoices.alias("original")
_cancellation = invoices.alias("cancellation")


def _rows(*wanted: ColumnElement[Any]) -> Select[Any]:
    light = [column for column in invoices.c if column.name not in _HEAVY]
    joined = invoices.outerjoin(_original, invoices.c.cancels_id == _original.c.id).outerjoin(
        _cancellation, _cancellation.c.cancels_id == invoices.c.id
    )
    return select(
        *light, *wanted, _original.c.number.label("cancels"), _cancellation.c.number.label("cancelled_by")
    ).select_from(joined)


def _row(row: Row[Any]) -> InvoiceRow:
    values = {name: row._mapping[name] for name in InvoiceRow.__dataclass_fields__}
    return InvoiceRow(
        **values
        | {
            "month": Month.parse(row.month),
            "net": Decimal(row.net),
            "tax": Decimal(row.tax),
            "gross": Decimal(row.gross),
        }
    )


def list_invoices(connection: Connection, month: Month | None, client: str | None) -> list[InvoiceRow]:
    """Documents in the order of issue, cancelled ones and cancellations too; narrowed if asked."""
    query = _rows().order_by(invoices.c.id)
    if month is not None:
        query = query.where(invoices.c.month == str(month))
    if client is not None:
        query = query.where(invoices.c.client == client)
    return [_row(row) for row in connection.execute(query)]


def unpublished(connection: Connection) -> list[InvoiceRow]:
    """Documents whose files are not made yet, in the order of issue."""
    missing = or_(invoices.c.pdf_sha256.is_(None), invoices.c.page_sha256.is_(None))
    return [_row(row) for row in connection.execute(_rows().where(missing).order_by(invoices.c.id))]


def revoked_links(connection: Connection) -> list[InvoiceRow]:
    """Documents whose link is to lead nowhere: published copies of them are to be taken down."""
    return [_row(row) for row in connection.execute(_rows().where(invoices.c.link_live == false()))]


def stored_invoice(connection: Connection, number: str) -> StoredInvoice:
    """One document whole. Raises UnknownInvoice."""
    query = _rows(invoices.c.snapshot, invoices.c.basis).where(invoices.c.number == number)
    row = connection.execute(query).first()
    if row is None:
        raise UnknownInvoice(number)
    return StoredInvoice(_row(row), invoice_from_dict(json.loads(row.snapshot)), json.loads(row.basis))


def files_made(connection: Connection, invoice_id: int, pdf_sha256: str, page_sha256: str) -> None:
    """Records the hashes of a document's files once they stand in the store's files."""
    connection.execute(
        update(invoices).where(invoices.c.id == invoice_id).values(pdf_sha256=pdf_sha256, page_sha256=page_sha256)
    )


def explain_entry(connection: Connection, entry: str) -> list[EntryPlace]:
    """Where an entry stands, and where it stood: the open place first, then freed ones, newest first.

    Raises UnknownEntry for one that was never billed or set aside here.
    """
    query = (
        select(
            allocations,
            closings.c.client,
            closings.c.month,
            closings.c.supplement,
            closings.c.source,
            closings.c.closed_at,
            closings.c.closed_by,
            closings.c.invoice_id.label("closing_invoice"),
        )
        .join_from(allocations, closings, allocations.c.closing_id == closings.c.id)
        .where(allocations.c.entry == entry)
    )
    # one query for each of the two partial indexes
    rows = [
        *connection.execute(query.where(allocations.c.open)),
        *connection.execute(query.where(~allocations.c.open).order_by(allocations.c.id.desc())),
    ]
    if not rows:
        raise UnknownEntry(entry)
    return [_place(connection, row) for row in rows]


def _place(connection: Connection, row: Row[Any]) -> EntryPlace:
    number: str | None = None
    facts: Mapping[str, Any] = {}
    if row.closing_invoice is not None:
        document = connection.execute(
            select(invoices.c.number, invoices.c.basis).where(invoices.c.id == row.closing_invoice)
        ).one()
        number = document.number if row.invoice_id is not None else None
        facts = _facts(json.loads(document.basis), row.entry)
    copied = ("entry", "client", "supplement", "placed", "reason", "minutes", "spent_on", "fingerprint", "open")
    more = ("line", "source", "closed_at", "closed_by")
    return EntryPlace(
        **{name: row._mapping[name] for name in (*copied, *more)},
        month=Month.parse(row.month),
        number=number,
        facts=facts,
    )


def _facts(basis: Mapping[str, Any], entry: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next((row for row in basis["entries"] if row["id"] == entry), {})
    return found


def series_rows(connection: Connection) -> Iterator[SeriesRow]:
    """Every series with its documents in the order of issue, one series at a time."""
    of_acts = select(acts.c.id, acts.c.series_id, acts.c.series_number, acts.c.number, acts.c.act_date)
    of_invoices = select(
        invoices.c.id, invoices.c.series_id, invoices.c.series_number, invoices.c.number, invoices.c.issue_date
    )
    numbered = of_invoices.union_all(of_acts).subquery()
    query = (
        select(
            series.c.id,
            series.c.seller,
            series.c.kind,
            series.c.year,
            series.c.first_number,
            series.c.next_number,
            numbered.c.series_number,
            numbered.c.number,
            numbered.c.issue_date,
        )
        .outerjoin_from(series, numbered, numbered.c.series_id == series.c.id)
        .order_by(series.c.seller, series.c.kind, series.c.year, series.c.id, numbered.c.id)
    )
    for _, group in groupby(connection.execute(query), key=lambda row: row.id):
        rows = list(group)
        yield SeriesRow(
            seller=rows[0].seller,
            kind=rows[0].kind,
            year=rows[0].year,
            first_number=rows[0].first_number,
            next_number=rows[0].next_number,
            documents=tuple(
                SeriesDocument(row.series_number, row.number, row.issue_date) for row in rows if row.number is not None
            ),
        )
