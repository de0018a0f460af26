"""Acts beside invoices, with numbers of their own. Frozen: later changes are later migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from studio_support.store.migrations.triggers_0006 import triggers

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Makes the table of acts."""
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("series_number", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("act_date", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.String(length=27), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_acts_invoice_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_acts_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_acts_invoice_id")),
        sa.UniqueConstraint("series_id", "series_number", name=op.f("uq_acts_series_id_series_number")),
    )
    for statement in triggers(op.get_bind().dialect.name):
        op.get_bind().exec_driver_sql(statement)
