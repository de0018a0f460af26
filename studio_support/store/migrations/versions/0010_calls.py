"""What was said by phone or messenger, kept so that a pass can make the ticket for it. Frozen: changes come later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Makes the table; tickets that older versions began have no row in it."""
    op.create_table(
        "sync_calls",
        sa.Column("new_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("called_at", sa.String(length=27), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("customer", sa.String(length=320), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("queue", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["new_id"], ["sync_new_tickets.id"], name=op.f("fk_sync_calls_new_id")),
        sa.PrimaryKeyConstraint("new_id", name=op.f("pk_sync_calls")),
    )
