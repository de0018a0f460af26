"""The tables of the bridge: what is known of tickets, what was promised, linked, meant, told and ordered.

A part of tables.py, whose words on months and instants hold here too.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from studio_support.store.columns import UtcInstant, metadata
from studio_support.store.columns import one_of as _one_of

INTENT_STATES = ("made", "unknown", "done", "failed", "dropped")
LINK_STATES = ("open", "done", "refused", "gone")

# the bridge: what is known of tickets, by the id that OTRS gives them (numbers can change)

sync_cursor = Table(
    "sync_cursor",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # one row, 1
    Column("start", UtcInstant, nullable=False),  # what arrived before is never written to
    Column("since", UtcInstant, nullable=False),
    Column("passed_at", UtcInstant),
    Column("daily_at", UtcInstant),
    Column("agent_id", Integer),
    CheckConstraint("id = 1", name="one"),
)

# what passes have found out about the servers
sync_servers = Table(
    "sync_servers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # one row, 1
    Column("clock_at", UtcInstant),  # when the clock of OTRS was last looked at
    Column("otrs_behind_seconds", Integer, nullable=False, server_default="0"),
    Column("redmine_behind_seconds", Integer, nullable=False, server_default="0"),
    Column("alone_since", UtcInstant),  # what another store wrote up to then stops no pass
    CheckConstraint("id = 1", name="one"),
)

sync_tickets = Table(
    "sync_tickets",
    metadata,
    Column("ticket_id", Integer, primary_key=True, autoincrement=False),
    Column("number", String(50), nullable=False, index=True),
    Column("adopted", Boolean, nullable=False),
    Column("round", Integer, nullable=False),
    Column("last_article", Integer, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("trigger_spent", Boolean, nullable=False),
    Column("done_round", Integer, nullable=False),
    Column("estimate", Text, nullable=False),
    Column("estimate_round", Integer, nullable=False),
    Column("waiting", Boolean, nullable=False),
    Index("ix_sync_tickets_waiting", "ticket_id", sqlite_where=text("waiting = 1"), postgresql_where=text("waiting")),
)

sync_promises = Table(
    "sync_promises",
    metadata,
    Column("ticket_id", ForeignKey("sync_tickets.ticket_id"), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("article_id", Integer, nullable=False),
    Column("received_at", UtcInstant, nullable=False),
    Column("arrival", Text, nullable=False),  # by what the time is known, in words
    Column("zone", String(80), nullable=False),
    Column("intake_day", Date, nullable=False),
    Column("due_at", UtcInstant, nullable=False),
    Column("rule", String(40), nullable=False),
    Column("calendar", String(200), nullable=False),
    Column("reasons", Text, nullable=False),  # JSON, a list of texts
    Column("client", String(80)),
    Column("critical", Boolean, nullable=False),
    Column("made_at", UtcInstant, nullable=False),
    # what may still change: the two clocks
    Column("acknowledged_at", UtcInstant),
    Column("acknowledged_by", String(200), nullable=False, server_default=""),
    Column("estimated_at", UtcInstant),
    Column("estimated_by", String(200), nullable=False, server_default=""),
    Index("ix_sync_promises_due", "due_at"),
)

sync_links = Table(
    "sync_links",
    metadata,
    Column("ticket_id", ForeignKey("sync_tickets.ticket_id"), primary_key=True),
    Column("issue_id", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("by", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("project", Text, nullable=False),
    Column("made_at", UtcInstant, nullable=False),
    UniqueConstraint("ticket_id", "place"),
    _one_of("state", LINK_STATES),
    Index("ix_sync_links_issue", "issue_id"),
)

sync_intents = Table(
    "sync_intents",
    metadata,
    Column("ticket_id", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(40), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("state", String(20), nullable=False),
    Column("at", UtcInstant, nullable=False),  # when it was last handed over
    Column("attempts", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("mode", String(10), nullable=False),
    Column("day", String(10), nullable=False),  # the studio's day that a letter counts on
    Column("detail", Text, nullable=False),
    Column("result", Integer),
    Column("refused", Boolean, nullable=False),
    Column("person", String(120), nullable=False),
    _one_of("state", INTENT_STATES),
    Index(
        "ix_sync_intents_unfinished",
        "ticket_id",
        sqlite_where=text("state IN ('made', 'unknown', 'failed')"),
        postgresql_where=text("state IN ('made', 'unknown', 'failed')"),
    ),
    Index("ix_sync_intents_day", "day"),
)

sync_warnings = Table(
    "sync_warnings",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("message", Text, nullable=False),
    Column("next_step", Text, nullable=False),
    Column("lasting", Boolean, nullable=False),
    Column("ticket_id", Integer),
    Column("began_at", UtcInstant, nullable=False),
    Column("told_on", String(10), nullable=False),  # the studio's day of the last time
)

# what people order by commands: an issue for a ticket, kept until it is there; tickets for what came by voice

sync_orders = Table(
    "sync_orders",
    metadata,
    Column("ticket_id", ForeignKey("sync_tickets.ticket_id"), primary_key=True, autoincrement=False),
    Column("at", UtcInstant, nullable=False),
    Column("person", String(120), nullable=False),
)

sync_new_tickets = Table(
    "sync_new_tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),  # of what was said, by whom: the same again is the same ticket
    Column("state", String(20), nullable=False),
    Column("at", UtcInstant, nullable=False),  # when it was last handed over
    Column("title", Text, nullable=False),
    Column("ticket_id", Integer),
    Column("number", String(50), nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Column("person", String(120), nullable=False),
    _one_of("state", INTENT_STATES),
    Index("ix_sync_new_tickets_digest", "digest"),
)

sync_calls = Table(
    "sync_calls",
    metadata,
    # what such a ticket is made from; tickets that older versions began have no row
    Column("new_id", ForeignKey("sync_new_tickets.id"), primary_key=True, autoincrement=False),
    Column("called_at", UtcInstant, nullable=False),  # when its words were first told to us
    Column("channel", String(20), nullable=False),
    Column("customer", String(320), nullable=False),
    Column("said", Text, nullable=False),
    Column("queue", String(200), nullable=False),
)
