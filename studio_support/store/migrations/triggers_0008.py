"""Time sheets, and the sums of the files beside invoices, stay as they were written, and are never deleted."""

from __future__ import annotations

from collections.abc import Iterator

_SAME = {
    "time_sheets": "invoice_id = NEW.invoice_id",
    "invoice_files": "id = NEW.id OR (invoice_id = NEW.invoice_id AND name = NEW.name)",
}


def triggers(dialect: str) -> list[str]:
    """The statements that make them on `sqlite` or `postgresql`."""
    return [statement for table in _SAME for statement in (_sqlite if dialect == "sqlite" else _postgresql)(table)]


def trigger_names(dialect: str) -> set[str]:
    """Their names, to check that none was dropped."""
    return {statement.split()[2] for statement in triggers(dialect)}


def _sqlite(table: str) -> Iterator[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: written once, never changed'); END"
    yield f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} {refuse}"
    yield f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refuse}"
    same = f"EXISTS (SELECT 1 FROM {table} WHERE {_SAME[table]})"  # noqa: S608 -- of the constants above
    yield f"CREATE TRIGGER {table}_replaced BEFORE INSERT ON {table} WHEN {same} {refuse}"


def _postgresql(table: str) -> Iterator[str]:
    # the function is one of the first migration's
    refuse = "EXECUTE FUNCTION refuse_change()"
    yield f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} FOR EACH ROW {refuse}"
    yield f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW {refuse}"
    yield f"CREATE TRIGGER {table}_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}"
