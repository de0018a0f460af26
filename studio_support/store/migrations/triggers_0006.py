"""An act stays as it was issued, and is never deleted; its file is recorded once."""

from __future__ import annotations

from collections.abc import Iterator

_FROZEN = ("id", "invoice_id", "series_id", "series_number", "number", "act_date", "issued_at")
_RECORDED = "OLD.pdf_sha256 IS NOT NULL"


def triggers(dialect: str) -> list[str]:
    """The statements that make them on `sqlite` or `postgresql`."""
    return list(_sqlite() if dialect == "sqlite" else _postgresql())


def trigger_names(dialect: str) -> set[str]:
    """Their names, to check that none was dropped."""
    return {statement.split()[2] for statement in triggers(dialect)}


def _sqlite() -> Iterator[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'acts: written once, never changed'); END"
    yield f"CREATE TRIGGER acts_frozen BEFORE UPDATE OF {', '.join(_FROZEN)} ON acts {refuse}"
    yield f"CREATE TRIGGER acts_kept BEFORE DELETE ON acts {refuse}"
    same = "EXISTS (SELECT 1 FROM acts WHERE id = NEW.id OR invoice_id = NEW.invoice_id)"
    yield f"CREATE TRIGGER acts_replaced BEFORE INSERT ON acts WHEN {same} {refuse}"
    yield f"CREATE TRIGGER acts_one_way BEFORE UPDATE OF pdf_sha256 ON acts WHEN {_RECORDED} {refuse}"


def _postgresql() -> Iterator[str]:
    # the function is one of the first migration's
    refuse = "EXECUTE FUNCTION refuse_change()"
    yield f"CREATE TRIGGER acts_frozen BEFORE UPDATE OF {', '.join(_FROZEN)} ON acts FOR EACH ROW {refuse}"
    yield f"CREATE TRIGGER acts_kept BEFORE DELETE ON acts FOR EACH ROW {refuse}"
    yield f"CREATE TRIGGER acts_emptied BEFORE TRUNCATE ON acts FOR EACH STATEMENT {refuse}"
    yield f"CREATE TRIGGER acts_one_way BEFORE UPDATE OF pdf_sha256 ON acts FOR EACH ROW WHEN ({_RECORDED}) {refuse}"
