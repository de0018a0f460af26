"""The bridge: cursor, tickets, promises, links, intents, warnings. Frozen: later changes are later migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from studio_support.store.migrations.triggers_0002 import triggers

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the tables of the bridge in a store that has none yet."""
    _seen()
    _acts()
    _promises()
    for statement in triggers(op.get_bind().dialect.name):
        op.get_bind().exec_driver_sql(statement)


def _seen() -> None:
    """Where the reading stands, what was seen of tickets, what was told to people."""
    op.create_table(
        "sync_cursor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start", sa.String(length=27), nullable=False),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.Column("passed_at", sa.String(length=27), nullable=True),
        sa.Column("daily_at", sa.String(length=27), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_sync_cursor_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_cursor")),
    )
    op.create_table(
        "sync_tickets",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=50), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("last_article", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("trigger_spent", sa.Boolean(), nullable=False),
        sa.Column("done_round", sa.Integer(), nullable=False),
        sa.Column("estimate", sa.Text(), nullable=False),
        sa.Column("estimate_round", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_sync_tickets")),
    )
    op.create_index(op.f("ix_sync_tickets_number"), "sync_tickets", ["number"])
    op.create_index(
        "ix_sync_tickets_waiting",
        "sync_tickets",
        ["ticket_id"],
        sqlite_where=sa.text("waiting = 1"),
        postgresql_where=sa.text("waiting"),
    )
    op.create_table(
        "sync_warnings",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("lasting", sa.Boolean(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("began_at", sa.String(length=27), nullable=False),
        sa.Column("told_on", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sync_warnings")),
    )


def _acts() -> None:
    """Writes that were meant, and issues of tickets."""
    op.create_table(
        "sync_intents",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("result", sa.Integer(), nullable=True),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "state IN ('made', 'unknown', 'done', 'failed', 'dropped')", name=op.f("ck_sync_intents_state")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "kind", "round", name=op.f("pk_sync_intents")),
    )
    op.create_index("ix_sync_intents_day", "sync_intents", ["day"])
    op.create_index(
        "ix_sync_intents_unfinished",
        "sync_intents",
        ["ticket_id"],
        sqlite_where=sa.text("state IN ('made', 'unknown', 'failed')"),
        postgresql_where=sa.text("state IN ('made', 'unknown', 'failed')"),
    )
    op.create_table(
        "sync_links",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'refused', 'gone')", name=op.f("ck_sync_links_state")),
        sa.ForeignKeyConstraint(["ticket_id"], ["sync_tickets.ticket_id"], name=op.f("fk_sync_links_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "issue_id", name=op.f("pk_sync_links")),
        sa.UniqueConstraint("ticket_id", "place", name=op.f("uq_sync_links_ticket_id_place")),
    )
    op.create_index("ix_sync_links_issue", "sync_links", ["issue_id"])


def _promises() -> None:
    """Promises and their clocks."""
    op.create_table(
        "sync_promises",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.String(length=27), nullable=False),
        sa.Column("arrival", sa.Text(), nullable=False),
        sa.Column("zone", sa.String(length=80), nullable=False),
        sa.Column("intake_day", sa.Date(), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("calendar", sa.String(length=200), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("client", sa.String(length=80), nullable=True),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("acknowledged_at", sa.String(length=27), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("estimated_at", sa.String(length=27), nullable=True),
        sa.Column("estimated_by", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["sync_tickets.ticket_id"], name=op.f("fk_sync_promises_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "round", name=op.f("pk_sync_promises")),
    )
    op.create_index("ix_sync_promises_due", "sync_promises", ["due_at"])
