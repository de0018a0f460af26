"""What may never change once written, held by the database itself: triggers for SQLite and PostgreSQL.

Audit rows are only ever added. An issued document's number, amounts, dates, snapshot and basis stay; it is
never deleted (domain: number never reused or deleted; a correction is a document of its own). An allocation is
only ever freed, a closing only ever reopened. SQLite's INSERT OR REPLACE deletes without firing delete
triggers, so the insert is refused there.
"""

from __future__ import annotations

from collections.abc import Iterator

# columns that never change; all others of these tables may
_FROZEN: dict[str, tuple[str, ...]] = {
    "audit": ("id", "at", "person", "verb", "subject", "detail"),
    "invoices": (
        *("id", "number", "series_id", "series_number", "seller", "kind", "client", "month", "supplement"),
        *("currency", "issue_date", "due_date", "minutes", "booked_minutes", "net", "tax", "gross"),
        *("snapshot", "basis", "plan_hash", "cancels_id", "issued_at", "issued_by"),
    ),
    "closings": (
        *("id", "client", "month", "supplement", "source", "read_id", "read_started_at", "late_since"),
        *("plan_hash", "invoice_id", "closed_at", "closed_by"),
    ),
    "allocations": (
        *("id", "entry", "closing_id", "invoice_id", "line", "placed", "reason", "minutes", "spent_on"),
        "fingerprint",
    ),
}
# what may change, may change in one direction only: (column, condition under which the change is refused)
_ONE_WAY: dict[str, tuple[str, str]] = {
    "invoices": ("state", "OLD.state = 'cancelled' AND NEW.state <> 'cancelled'"),
    "closings": ("reopened_at", "OLD.reopened_at IS NOT NULL"),
    "allocations": ("open", "NEW.open AND NOT OLD.open"),
}
# what an INSERT OR REPLACE would silently remove in SQLite
_SAME_ROW: dict[str, str] = {
    "audit": "id = NEW.id",
    "invoices": "id = NEW.id OR number = NEW.number",
}


def triggers(dialect: str) -> list[str]:
    """The statements that make all triggers on `sqlite` or `postgresql`."""
    return list(_sqlite() if dialect == "sqlite" else _postgresql())


def trigger_names(dialect: str) -> set[str]:
    """The names of all triggers on that dialect, to check that none was dropped."""
    return {statement.split()[2] for statement in triggers(dialect) if statement.startswith("CREATE TRIGGER")}


def _sqlite() -> Iterator[str]:
    for table, frozen in _FROZEN.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: written once, never changed'); END"
        yield f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OF {', '.join(frozen)} ON {table} {refuse}"
        yield f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refuse}"
        if table in _SAME_ROW:
            exists = f"EXISTS (SELECT 1 FROM {table} WHERE {_SAME_ROW[table]})"  # noqa: S608 -- our own literals
            yield f"CREATE TRIGGER {table}_replaced BEFORE INSERT ON {table} WHEN {exists} {refuse}"
        if table in _ONE_WAY:
            column, wrong = _ONE_WAY[table]
            yield f"CREATE TRIGGER {table}_one_way BEFORE UPDATE OF {column} ON {table} WHEN {wrong} {refuse}"


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ': written once, never changed', "
        "ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table, frozen in _FROZEN.items():
        refuse = "EXECUTE FUNCTION refuse_change()"
        columns = ", ".join(frozen)
        yield f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OF {columns} ON {table} FOR EACH ROW {refuse}"
        yield f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW {refuse}"
        yield f"CREATE TRIGGER {table}_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}"
        if table in _ONE_WAY:
            column, wrong = _ONE_WAY[table]
            yield (
                f"CREATE TRIGGER {table}_one_way BEFORE UPDATE OF {column} ON {table} "
                f"FOR EACH ROW WHEN ({wrong}) {refuse}"
            )
