"""A promise is never made anew: triggers hold everything of it but its two clocks, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

_FROZEN = (
    *("ticket_id", "round", "article_id", "received_at", "arrival", "zone", "intake_day", "due_at"),
    *("rule", "calendar", "reasons", "client", "critical", "made_at"),
)


def triggers(dialect: str) -> list[str]:
    """The statements that make them on `sqlite` or `postgresql`."""
    return list(_sqlite() if dialect == "sqlite" else _postgresql())


def trigger_names(dialect: str) -> set[str]:
    """Their names, to check that none was dropped."""
    return {statement.split()[2] for statement in triggers(dialect)}


def _sqlite() -> Iterator[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'sync_promises: written once, never changed'); END"
    yield f"CREATE TRIGGER sync_promises_frozen BEFORE UPDATE OF {', '.join(_FROZEN)} ON sync_promises {refuse}"
    yield f"CREATE TRIGGER sync_promises_kept BEFORE DELETE ON sync_promises {refuse}"


def _postgresql() -> Iterator[str]:
    # the function is one of the first migration's
    refuse = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    yield f"CREATE TRIGGER sync_promises_frozen BEFORE UPDATE OF {', '.join(_FROZEN)} ON sync_promises {refuse}"
    yield f"CREATE TRIGGER sync_promises_kept BEFORE DELETE ON sync_promises {refuse}"
