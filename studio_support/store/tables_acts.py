"""The table of acts: what a client gets beside an invoice, for both to sign. Part of `studio_support.store.tables`.

An act repeats its invoice, so it keeps no snapshot of its own: the invoice's and these columns make the same document
again. Its number is unique within its series alone: two sellers may both have an act No. 1.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, UniqueConstraint

from studio_support.store.columns import UtcInstant, metadata

acts = Table(
    "acts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("invoice_id", ForeignKey("invoices.id"), nullable=False, unique=True),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("series_number", Integer, nullable=False),
    Column("number", String(80), nullable=False),
    Column("act_date", Date, nullable=False),
    Column("issued_at", UtcInstant, nullable=False),
    # what may still be filled in:
    Column("pdf_sha256", String(64)),
    UniqueConstraint("series_id", "series_number"),
)
