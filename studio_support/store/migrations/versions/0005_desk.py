"""What people order at the desk: issues, and tickets for what came by voice. Frozen: changes are later migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the tables of the commands about tickets."""
    op.create_table(
        "sync_orders",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["sync_tickets.ticket_id"], name=op.f("fk_sync_orders_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_sync_orders")),
    )
    op.create_table(
        "sync_new_tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=50), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "state IN ('made', 'unknown', 'done', 'failed', 'dropped')", name=op.f("ck_sync_new_tickets_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_new_tickets")),
    )
    op.create_index("ix_sync_new_tickets_digest", "sync_new_tickets", ["digest"])
