"""Is the store sound: the database itself, its rules, and the ledger's sums against what was issued."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from studio_invoices.errors import Problem
from studio_support.errors import StoreError
from studio_support.store.engine import connect, found, identified
from studio_support.store.migrations import triggers_0001, triggers_0002, triggers_0004, triggers_0006, triggers_0008
from studio_support.store.tables import acts, allocations, closings, invoices, metadata, series
from studio_support.store.versions import HEAD

_RESTORE = "Restore the last backup, and compare what was issued since."
_ROWS_AT_ONCE = 200


def check(url: str) -> list[Problem]:
    """Everything that is wrong with the store at this URL; empty when it is sound. Writes nothing.

    Raises StoreError if there is no store of this version, FilesystemError if its file cannot be read.
    """
    store = connect(url, make=False)
    try:
        with store.reading() as connection:
            version, _ = found(connection)
        if version != HEAD:
            wrong = "there is no store yet" if version is None else f"its version is {version}, not {HEAD}"
            raise StoreError(store.url, wrong, "Run `studio-support db upgrade`.")
        store = identified(store)
        with store.reading() as connection:
            return [
                *_database(connection),
                *_rules(connection),
                *_documents(connection),
                *_places(connection),
                *_numbers(connection),
            ]
    finally:
        store.close()


def _database(connection: Connection) -> Iterator[Problem]:
    if connection.dialect.name != "sqlite":
        return  # PostgreSQL checks its own pages, and no key or constraint there can be switched off by a setting
    for row in connection.exec_driver_sql("PRAGMA integrity_check"):
        if row[0] != "ok":
            yield Problem("store:file", f"SQLite finds damage: {row[0]}.", _RESTORE)
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Problem(f"store:{row[0]}", f"Row {row[1]} refers to a row of {row[2]} that is not there.", _RESTORE)


def _rules(connection: Connection) -> Iterator[Problem]:
    if connection.dialect.name == "sqlite":
        names = "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger')"
    else:
        names = (
            "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() UNION ALL SELECT tgname "
            "FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE c.relnamespace = current_schema()::regnamespace"
        )
    present = {str(row[0]) for row in connection.exec_driver_sql(names)}
    indexes = {str(index.name) for table in metadata.tables.values() for index in table.indexes}
    dialect = connection.dialect.name
    rooms = (triggers_0001, triggers_0002, triggers_0004, triggers_0006, triggers_0008)
    triggers = {name for room in rooms for name in room.trigger_names(dialect)}
    for name in sorted((triggers | indexes) - present):
        yield Problem("store:rules", f"The rule {name} was removed from the database.", _RESTORE)


def _documents(connection: Connection) -> Iterator[Problem]:
    """Columns against the snapshot that was issued: both were written once, in one transaction."""
    streamed = connection.execution_options(yield_per=_ROWS_AT_ONCE)
    for row in streamed.execute(select(invoices)):
        try:
            snapshot = json.loads(row.snapshot)
            issued = tuple(snapshot[name] for name in ("number", "kind", "issue_date", "net", "tax", "gross"))
            lines = snapshot["lines"]
            minutes = sum(line["minutes"] for line in lines)
            booked = sum(line["booked_minutes"] for line in lines if line["label"] is None)
        except (ValueError, KeyError, TypeError):
            yield Problem(f"invoice:{row.number}", "Its snapshot cannot be read.", _RESTORE)
            continue
        kept = (row.number, row.kind, row.issue_date.isoformat(), row.net, row.tax, row.gross)
        if issued != kept or (minutes, booked) != (row.minutes, row.booked_minutes):
            yield Problem(f"invoice:{row.number}", "Its columns differ from the document that was issued.", _RESTORE)


def _places(connection: Connection) -> Iterator[Problem]:
    """Minutes on invoices against the places of entries, freed exactly where an invoice was taken back."""
    billed = (
        select(
            closings.c.invoice_id,
            func.sum(allocations.c.minutes).label("minutes"),
            func.count().filter(allocations.c.open).label("open"),
        )
        .join_from(allocations, closings, allocations.c.closing_id == closings.c.id)
        .where(allocations.c.placed == "billed")
        .group_by(closings.c.invoice_id)
        .subquery()
    )
    query = (
        select(
            invoices.c.number,
            invoices.c.state,
            invoices.c.booked_minutes,
            func.coalesce(billed.c.minutes, 0).label("minutes"),
            func.coalesce(billed.c.open, 0).label("open"),
            closings.c.reopened_at,
            closings.c.id.label("closing"),
        )
        .outerjoin_from(invoices, billed, billed.c.invoice_id == invoices.c.id)
        .outerjoin(closings, closings.c.invoice_id == invoices.c.id)
        .where(invoices.c.kind == "invoice")
    )
    for row in connection.execute(query):
        where = f"invoice:{row.number}"
        if row.minutes != row.booked_minutes:
            message = f"It bills {row.booked_minutes} booked minutes, its entries have {row.minutes}."
            yield Problem(where, message, _RESTORE)
        if row.closing is None:
            yield Problem(where, "No closed month belongs to it.", _RESTORE)
        elif (row.state == "cancelled") != (row.reopened_at is not None):
            yield Problem(where, f"It is {row.state}, its month is not.", _RESTORE)
        elif row.state == "cancelled" and row.open:
            yield Problem(where, f"It is cancelled, but {row.open} entries still stand on it.", _RESTORE)


def _numbers(connection: Connection) -> Iterator[Problem]:
    numbered = select(invoices.c.series_id).union_all(select(acts.c.series_id)).subquery()
    query = (
        select(
            series.c.seller,
            series.c.year,
            (series.c.next_number - series.c.first_number).label("given"),
            func.count(numbered.c.series_id).label("documents"),
        )
        .outerjoin_from(series, numbered, numbered.c.series_id == series.c.id)
        .group_by(series.c.id, series.c.seller, series.c.year, series.c.next_number, series.c.first_number)
    )
    for row in connection.execute(query):
        if row.given != row.documents:
            message = f"{row.given} numbers were given, {row.documents} documents bear one."
            yield Problem(f"series:{row.seller}/{row.year}", message, "Run `numbers audit`.")
