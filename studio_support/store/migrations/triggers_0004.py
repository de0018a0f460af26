"""A link that was given out is never forgotten or given to another invoice, and one taken back stays so."""

from __future__ import annotations

from collections.abc import Iterator

_FROZEN = ("id", "invoice_id", "recipient", "generation", "secret", "token_sha256", "made_at", "made_by")
_BACK = "OLD.revoked_at IS NOT NULL"


def triggers(dialect: str) -> list[str]:
    """The statements that make them on `sqlite` or `postgresql`."""
    return list(_sqlite() if dialect == "sqlite" else _postgresql())


def trigger_names(dialect: str) -> set[str]:
    """Their names, to check that none was dropped."""
    return {statement.split()[2] for statement in triggers(dialect)}


def _sqlite() -> Iterator[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'links: written once, never changed'); END"
    yield f"CREATE TRIGGER links_frozen BEFORE UPDATE OF {', '.join(_FROZEN)} ON links {refuse}"
    yield f"CREATE TRIGGER links_kept BEFORE DELETE ON links {refuse}"
    yield f"CREATE TRIGGER links_one_way BEFORE UPDATE OF revoked_at ON links WHEN {_BACK} {refuse}"


def _postgresql() -> Iterator[str]:
    # the function is one of the first migration's
    refuse = "EXECUTE FUNCTION refuse_change()"
    yield f"CREATE TRIGGER links_frozen BEFORE UPDATE OF {', '.join(_FROZEN)} ON links FOR EACH ROW {refuse}"
    yield f"CREATE TRIGGER links_kept BEFORE DELETE ON links FOR EACH ROW {refuse}"
    yield f"CREATE TRIGGER links_one_way BEFORE UPDATE OF revoked_at ON links FOR EACH ROW WHEN ({_BACK}) {refuse}"
