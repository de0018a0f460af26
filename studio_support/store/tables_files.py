"""The tables of what lies beside an invoice: rows of its time sheet, sums of its further files. Part of
`studio_support.store.tables`.

A time sheet repeats the head of its invoice, so only its rows are kept. Page, PDF and act have their sums where they
are numbered.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from studio_support.store.columns import metadata

time_sheets = Table(
    "time_sheets",
    metadata,
    Column("invoice_id", ForeignKey("invoices.id"), primary_key=True, autoincrement=False),
    Column("rows", Text, nullable=False),  # JSON, see billing.time_sheets
)

invoice_files = Table(
    "invoice_files",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("invoice_id", ForeignKey("invoices.id"), nullable=False),
    Column("name", String(40), nullable=False),  # behind the link, such as timesheet.pdf
    Column("sha256", String(64), nullable=False),
    UniqueConstraint("invoice_id", "name"),
)
