"""The first store: ledger, series, reads, people, outbox, audit. Frozen: later changes are later migrations.

The revision is written out, not taken from tables.py, because tables.py moves on; a test holds that all
migrations together make exactly what tables.py says, on both databases.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from studio_support.store.migrations.triggers_0001 import triggers

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes every table, index and trigger in an empty database."""
    _facts()
    _people()
    _documents()
    _closings()
    _allocations()
    _mail()
    for statement in triggers(op.get_bind().dialect.name):
        op.get_bind().exec_driver_sql(statement)


def _facts() -> None:
    """What the store knows of itself, the series of numbers, and what was read."""
    op.create_table(
        "store_facts",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_store_facts")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seller", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first_number", sa.Integer(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("last_issue_date", sa.Date(), nullable=True),
        sa.CheckConstraint("next_number >= first_number AND first_number >= 1", name=op.f("ck_series_numbers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("seller", "kind", "year", name=op.f("uq_series_seller_kind_year")),
    )
    op.create_table(
        "reads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("control", sa.Text(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reads")),
        sa.UniqueConstraint("sha256", name=op.f("uq_reads_sha256")),
    )


def _people() -> None:
    """Who booked, whom rate rows mean, what is held, who did what."""
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "specialists",
        sa.Column("client", sa.String(length=80), nullable=False),
        sa.Column("specialist", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("client", "specialist", name=op.f("pk_specialists")),
    )
    op.create_table(
        "holds",
        sa.Column("client", sa.String(length=80), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("held_by", sa.String(length=120), nullable=False),
        sa.Column("held_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("client", "month", name=op.f("pk_holds")),
    )
    op.create_table(
        "left_open",
        sa.Column("client", sa.String(length=80), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("left_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("client", "month", name=op.f("pk_left_open")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )


def _documents() -> None:
    """Issued documents."""
    op.create_table(
        "invoices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("series_number", sa.Integer(), nullable=False),
        sa.Column("seller", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("client", sa.String(length=80), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("supplement", sa.Integer(), server_default="0", nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("booked_minutes", sa.Integer(), nullable=False),
        sa.Column("net", sa.String(length=40), nullable=False),
        sa.Column("tax", sa.String(length=40), nullable=False),
        sa.Column("gross", sa.String(length=40), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.Column("cancels_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.String(length=27), nullable=False),
        sa.Column("issued_by", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("link_generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("link_live", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("page_sha256", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(kind = 'cancellation') = (cancels_id IS NOT NULL)", name=op.f("ck_invoices_cancels")),
        sa.CheckConstraint("kind = 'invoice' OR state = 'issued'", name=op.f("ck_invoices_cancellation_stands")),
        sa.CheckConstraint("kind IN ('invoice', 'cancellation')", name=op.f("ck_invoices_kind")),
        sa.CheckConstraint("state IN ('issued', 'cancelled')", name=op.f("ck_invoices_state")),
        sa.ForeignKeyConstraint(["cancels_id"], ["invoices.id"], name=op.f("fk_invoices_cancels_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_invoices_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("cancels_id", name=op.f("uq_invoices_cancels_id")),
        sa.UniqueConstraint("number", name=op.f("uq_invoices_number")),
        sa.UniqueConstraint("series_id", "series_number", name=op.f("uq_invoices_series_id_series_number")),
    )
    op.create_index("ix_invoices_client", "invoices", ["client", "month"])
    op.create_index("ix_invoices_month", "invoices", ["month"])


def _closings() -> None:
    """Closed months."""
    op.create_table(
        "closings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client", sa.String(length=80), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("supplement", sa.Integer(), server_default="0", nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("read_id", sa.Integer(), nullable=True),
        sa.Column("read_started_at", sa.String(length=27), nullable=False),
        sa.Column("late_since", sa.String(length=27), nullable=True),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.String(length=27), nullable=False),
        sa.Column("closed_by", sa.String(length=120), nullable=False),
        sa.Column("reopened_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_closings_invoice_id")),
        sa.ForeignKeyConstraint(["read_id"], ["reads.id"], name=op.f("fk_closings_read_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closings")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_closings_invoice_id")),
    )
    op.create_index(
        "ix_closings_reopened",
        "closings",
        ["client"],
        sqlite_where=sa.text("reopened_at IS NOT NULL"),
        postgresql_where=sa.text("reopened_at IS NOT NULL"),
    )
    op.create_index(
        "uq_closings_open",
        "closings",
        ["client", "month", "supplement"],
        unique=True,
        sqlite_where=sa.text("reopened_at IS NULL"),
        postgresql_where=sa.text("reopened_at IS NULL"),
    )


def _allocations() -> None:
    """The one place of every entry."""
    op.create_table(
        "allocations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(length=80), nullable=False),
        sa.Column("closing_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("placed", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("open", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint(
            "(placed = 'billed') = (invoice_id IS NOT NULL AND line IS NOT NULL)", name=op.f("ck_allocations_billed")
        ),
        sa.CheckConstraint(
            "placed IN ('billed', 'prepaid', 'goodwill', 'non_billable', 'fixed', 'internal', 'before_start', "
            "'written_off')",
            name=op.f("ck_allocations_placed"),
        ),
        sa.ForeignKeyConstraint(["closing_id"], ["closings.id"], name=op.f("fk_allocations_closing_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_allocations_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
    )
    op.create_index(op.f("ix_allocations_closing_id"), "allocations", ["closing_id"])
    op.create_index(
        "ix_allocations_freed",
        "allocations",
        ["entry"],
        sqlite_where=sa.text("open = 0"),
        postgresql_where=sa.text("NOT open"),
    )
    op.create_index(op.f("ix_allocations_spent_on"), "allocations", ["spent_on"])
    op.create_index(
        "uq_allocations_open",
        "allocations",
        ["entry"],
        unique=True,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )


def _mail() -> None:
    """What is to be mailed, and to whom it was."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("queued_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'addressed', 'withdrawn')", name=op.f("ck_outbox_state")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_outbox_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("invoice_id", "kind", name=op.f("uq_outbox_invoice_id_kind")),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'handing over', 'accepted', 'uncertain', 'refused', 'withdrawn')",
            name=op.f("ck_letters_state"),
        ),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_letters_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letters_message_id")),
        sa.UniqueConstraint("outbox_id", "recipient", name=op.f("uq_letters_outbox_id_recipient")),
    )
