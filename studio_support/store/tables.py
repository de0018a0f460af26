"""The tables of the store. Their constraints hold what the product promises, whoever writes and however often.

An entry's minutes stand in exactly one place: `allocations` has one open row an entry, billed or set aside.
A client's month is closed once: `closings` has one open row a (client, month, supplement). A number is given
once: `invoices.number`. A letter exists once: `letters` has one row an (outbox row, recipient).
Months are text ("2026-10"), amounts are decimal text, instants are RFC 3339 text in UTC: SQLite and PostgreSQL
keep all of them alike. What may never change once written is held by triggers (migrations/triggers_0001.py).

Partial indexes say `open = 1` to SQLite, because its planner uses one only where the query repeats the very
term, and that is how SQLAlchemy writes a boolean column for it.
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

from studio_support.store.columns import UtcInstant as UtcInstant
from studio_support.store.columns import metadata as metadata
from studio_support.store.columns import one_of as _one_of
from studio_support.store.tables_acts import acts as acts
from studio_support.store.tables_files import invoice_files as invoice_files
from studio_support.store.tables_files import time_sheets as time_sheets
from studio_support.store.tables_sync import sync_calls as sync_calls
from studio_support.store.tables_sync import sync_cursor as sync_cursor
from studio_support.store.tables_sync import sync_intents as sync_intents
from studio_support.store.tables_sync import sync_links as sync_links
from studio_support.store.tables_sync import sync_new_tickets as sync_new_tickets
from studio_support.store.tables_sync import sync_orders as sync_orders
from studio_support.store.tables_sync import sync_promises as sync_promises
from studio_support.store.tables_sync import sync_servers as sync_servers
from studio_support.store.tables_sync import sync_tickets as sync_tickets
from studio_support.store.tables_sync import sync_warnings as sync_warnings

PLACED = ("billed", "prepaid", "goodwill", "non_billable", "fixed", "internal", "before_start", "written_off")
LETTER_STATES = ("queued", "handing over", "accepted", "uncertain", "refused", "bounced", "withdrawn")
OUTBOX_STATES = ("queued", "addressed", "withdrawn")

store_facts = Table(
    "store_facts",
    metadata,
    Column("key", String(40), primary_key=True),  # store_id, first_month
    Column("value", Text, nullable=False),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("year", Integer, nullable=False),  # 0 for a series that runs across years
    Column("first_number", Integer, nullable=False),  # the series begins here: what the audit counts from
    Column("next_number", Integer, nullable=False),
    Column("last_issue_date", Date),
    CheckConstraint("next_number >= first_number AND first_number >= 1", name="numbers"),
    UniqueConstraint("seller", "kind", "year"),
)

reads = Table(
    "reads",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("month", String(7), nullable=False),
    Column("source", String(10), nullable=False),
    Column("started_at", UtcInstant, nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("file", Text, nullable=False),  # relative to the store's files
    Column("control", Text, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("requests", Integer, nullable=False),
)

invoices = Table(
    "invoices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(80), nullable=False, unique=True),
    Column("series_id", ForeignKey("series.id"), nullable=False),
    Column("series_number", Integer, nullable=False),
    Column("seller", String(80), nullable=False),
    Column("kind", String(20), nullable=False),  # invoice | cancellation
    Column("client", String(80), nullable=False),
    Column("month", String(7), nullable=False),
    Column("supplement", Integer, nullable=False, server_default="0"),
    Column("currency", String(3), nullable=False),
    Column("issue_date", Date, nullable=False),
    Column("due_date", Date),
    Column("minutes", Integer, nullable=False),
    Column("booked_minutes", Integer, nullable=False),
    Column("net", String(40), nullable=False),
    Column("tax", String(40), nullable=False),
    Column("gross", String(40), nullable=False),
    Column("snapshot", Text, nullable=False),  # studio_invoices.codec
    Column("basis", Text, nullable=False),  # the draft it was made from: entries, rates' sources, rules
    Column("plan_hash", String(64), nullable=False),
    Column("cancels_id", ForeignKey("invoices.id"), unique=True),
    Column("issued_at", UtcInstant, nullable=False),
    Column("issued_by", String(120), nullable=False),
    # what may still change after issue:
    Column("state", String(20), nullable=False),  # issued | cancelled
    Column("link_generation", Integer, nullable=False, server_default="1"),
    Column("link_live", Boolean, nullable=False, server_default=text("true")),
    Column("pdf_sha256", String(64)),
    Column("page_sha256", String(64)),
    UniqueConstraint("series_id", "series_number"),
    _one_of("kind", ("invoice", "cancellation")),
    _one_of("state", ("issued", "cancelled")),
    CheckConstraint("(kind = 'cancellation') = (cancels_id IS NOT NULL)", name="cancels"),
    CheckConstraint("kind = 'invoice' OR state = 'issued'", name="cancellation_stands"),
    Index("ix_invoices_month", "month"),
    Index("ix_invoices_client", "client", "month"),
)

closings = Table(
    "closings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("client", String(80), nullable=False),  # "" for time that belongs to no client (internal)
    Column("month", String(7), nullable=False),
    Column("supplement", Integer, nullable=False, server_default="0"),
    Column("source", String(10), nullable=False),
    Column("read_id", ForeignKey("reads.id")),
    Column("read_started_at", UtcInstant, nullable=False),
    Column("late_since", UtcInstant),  # how far back that read looked for late entries; null: not at all
    Column("plan_hash", String(64), nullable=False),
    Column("invoice_id", ForeignKey("invoices.id"), unique=True),  # null: there was nothing to bill
    Column("closed_at", UtcInstant, nullable=False),
    Column("closed_by", String(120), nullable=False),
    Column("reopened_at", UtcInstant),
    Index(
        "uq_closings_open",
        "client",
        "month",
        "supplement",
        unique=True,
        sqlite_where=text("reopened_at IS NULL"),
        postgresql_where=text("reopened_at IS NULL"),
    ),
    Index(
        "ix_closings_reopened",
        "client",
        sqlite_where=text("reopened_at IS NOT NULL"),
        postgresql_where=text("reopened_at IS NOT NULL"),
    ),
)

allocations = Table(
    "allocations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry", String(80), nullable=False),
    Column("closing_id", ForeignKey("closings.id"), nullable=False, index=True),
    Column("invoice_id", ForeignKey("invoices.id")),  # null unless billed
    Column("line", Integer),
    Column("placed", String(20), nullable=False),  # billed, or a disposition of the certificate
    Column("reason", Text, nullable=False, server_default=""),
    Column("minutes", Integer, nullable=False),  # booked
    Column("spent_on", Date, nullable=False, index=True),
    Column("fingerprint", String(16), nullable=False),
    Column("open", Boolean, nullable=False, server_default=text("true")),
    _one_of("placed", PLACED),
    CheckConstraint("(placed = 'billed') = (invoice_id IS NOT NULL AND line IS NOT NULL)", name="billed"),
    Index("uq_allocations_open", "entry", unique=True, sqlite_where=text("open = 1"), postgresql_where=text("open")),
    # what an entry's past is asked by; cancellations are rare, so this one stays small
    Index("ix_allocations_freed", "entry", sqlite_where=text("open = 0"), postgresql_where=text("NOT open")),
)

holds = Table(
    "holds",
    metadata,
    Column("client", String(80), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("held_by", String(120), nullable=False),
    Column("held_at", UtcInstant, nullable=False),
)

# months that a close left open for a client, with time booked: said again until they are closed
left_open = Table(
    "left_open",
    metadata,
    Column("client", String(80), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("left_at", UtcInstant, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # the tracker's user id
    Column("name", Text, nullable=False),
    Column("login", Text),
    Column("seen_at", UtcInstant, nullable=False),
)

specialists = Table(
    "specialists",
    metadata,
    Column("client", String(80), primary_key=True),
    Column("specialist", String(200), primary_key=True),  # as the rate row spells it
    Column("person", String(200), nullable=False),  # "#id", or the name where the source knows no ids
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("invoice_id", ForeignKey("invoices.id"), nullable=False),
    Column("kind", String(20), nullable=False),  # invoice | cancellation | credit_note | reminder N
    Column("state", String(20), nullable=False),  # queued | addressed | withdrawn
    Column("queued_at", UtcInstant, nullable=False),
    UniqueConstraint("invoice_id", "kind"),
    _one_of("state", OUTBOX_STATES),
)

letters = Table(
    "letters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outbox_id", ForeignKey("outbox.id"), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("message_id", String(200), nullable=False, unique=True),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("deferrals", Integer, nullable=False, server_default="0"),  # how often in a row the server said: later
    Column("next_attempt_at", UtcInstant),  # not before
    Column("handed_at", UtcInstant),  # when it was last taken in hand: what the limits count
    Column("detail", Text, nullable=False, server_default=""),
    Column("changed_at", UtcInstant, nullable=False),
    UniqueConstraint("outbox_id", "recipient"),
    _one_of("state", LETTER_STATES),
    Index("ix_letters_handed_at", "handed_at"),
)

# reports of mail that came back, so that each is counted once
bounce_reports = Table(
    "bounce_reports",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("letter_id", ForeignKey("letters.id"), nullable=False),
    Column("read_at", UtcInstant, nullable=False),
    Column("detail", Text, nullable=False),
)

# the ticket that a document's letters are articles of; ticket_id null: it was asked for, and nobody saw the answer
billing_tickets = Table(
    "billing_tickets",
    metadata,
    Column("invoice_id", ForeignKey("invoices.id"), primary_key=True, autoincrement=False),
    Column("begun_at", UtcInstant, nullable=False),
    Column("ticket_id", Integer),
    Column("ticket_number", String(50), nullable=False, server_default=""),
)

# what is known of the money of an issued invoice; no row: nothing
receivables = Table(
    "receivables",
    metadata,
    Column("invoice_id", ForeignKey("invoices.id"), primary_key=True, autoincrement=False),
    Column("paid_on", Date),
    Column("dispute", Text, nullable=False, server_default=""),  # why, in the client's or the studio's words
    Column("disputed_at", UtcInstant),  # null: not disputed
)

links = Table(
    "links",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("invoice_id", ForeignKey("invoices.id"), nullable=False),
    Column("recipient", String(320), nullable=False, server_default=""),  # "": the document's own link
    Column("generation", Integer, nullable=False),
    Column("secret", String(16), nullable=False),  # fingerprint of the secret that it was derived from
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("made_at", UtcInstant, nullable=False),
    Column("made_by", String(120), nullable=False),
    # what may still change:
    Column("expires_on", Date, nullable=False),  # the last day on which it opens, in the studio's zone
    Column("revoked_at", UtcInstant),
    UniqueConstraint("invoice_id", "recipient", "generation", "secret"),
    Index("ix_links_expires_on", "expires_on"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcInstant, nullable=False),
    Column("person", String(120), nullable=False),
    Column("verb", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", Text, nullable=False),
)
