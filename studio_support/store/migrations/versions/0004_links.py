"""Links as they were given out: the hash of each, until when it opens. Frozen: later changes are later migrations.

Links of a store from before have no row yet: they get one when documents are next published, since only the
secret, which is not in the store, can tell their names.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from studio_support.store.migrations.triggers_0004 import triggers

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Makes the table of links."""
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=320), server_default="", nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(length=16), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("revoked_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_links_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_links_token_sha256")),
        sa.UniqueConstraint(
            "invoice_id",
            "recipient",
            "generation",
            "secret",
            name=op.f("uq_links_invoice_id_recipient_generation_secret"),
        ),
    )
    op.create_index("ix_links_expires_on", "links", ["expires_on"])
    for statement in triggers(op.get_bind().dialect.name):
        op.get_bind().exec_driver_sql(statement)
