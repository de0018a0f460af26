"""Mail that comes back, waits or is limited; what is paid or disputed. Frozen: later changes are later migrations.

SQLite cannot change a constraint of a table: `letters` is made anew there and its rows are copied.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_STATES = "state IN ('queued', 'handing over', 'accepted', 'uncertain', 'refused', 'bounced', 'withdrawn')"
_KEPT = "id, outbox_id, recipient, message_id, state, attempts, detail, changed_at"


def upgrade() -> None:
    """Letters know `bounced`, when to be tried again and when they were last handed over."""
    if op.get_bind().dialect.name == "sqlite":
        _letters_anew()
    else:
        op.drop_constraint(op.f("ck_letters_state"), "letters", type_="check")
        op.create_check_constraint(op.f("ck_letters_state"), "letters", _STATES)
        op.add_column("letters", sa.Column("deferrals", sa.Integer(), server_default="0", nullable=False))
        op.add_column("letters", sa.Column("next_attempt_at", sa.String(length=27), nullable=True))
        op.add_column("letters", sa.Column("handed_at", sa.String(length=27), nullable=True))
    op.create_index("ix_letters_handed_at", "letters", ["handed_at"])
    op.create_table(
        "bounce_reports",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.String(length=27), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_bounce_reports_letter_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_bounce_reports")),
    )
    op.create_table(
        "receivables",
        sa.Column("invoice_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("dispute", sa.Text(), server_default="", nullable=False),
        sa.Column("disputed_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_receivables_invoice_id")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_receivables")),
    )


def _letters_anew() -> None:
    op.rename_table("letters", "letters_0002")
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deferrals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.String(length=27), nullable=True),
        sa.Column("handed_at", sa.String(length=27), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint(_STATES, name=op.f("ck_letters_state")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_letters_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letters_message_id")),
        sa.UniqueConstraint("outbox_id", "recipient", name=op.f("uq_letters_outbox_id_recipient")),
    )
    op.execute(f"INSERT INTO letters ({_KEPT}) SELECT {_KEPT} FROM letters_0002")  # noqa: S608 -- our own literals
    op.drop_table("letters_0002")
