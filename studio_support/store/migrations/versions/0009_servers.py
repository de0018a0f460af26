"""What passes have found out about the servers: clocks that are behind, other stores. Frozen: changes come later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Makes the table, which has one row."""
    op.create_table(
        "sync_servers",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clock_at", sa.String(length=27), nullable=True),
        sa.Column("otrs_behind_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("redmine_behind_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("alone_since", sa.String(length=27), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_sync_servers_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_servers")),
    )
