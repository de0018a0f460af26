"""Tickets that letters of documents are articles of (mail.via = "otrs"). Frozen: later changes are later migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Makes the table of billing tickets."""
    op.create_table(
        "billing_tickets",
        sa.Column("invoice_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_at", sa.String(length=27), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("ticket_number", sa.String(length=50), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_billing_tickets_invoice_id")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_billing_tickets")),
    )
