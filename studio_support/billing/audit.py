"""The audit log: who did what, when, on whose behalf. Rows are only ever added; the database refuses the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from studio_support.billing.ledger_types import AuditRow
from studio_support.store.tables import audit

_PERSON, _SUBJECT = 120, 200


def add_audit(
    connection: Connection, person: str, verb: str, subject: str, detail: Mapping[str, Any] | str, now: datetime
) -> None:
    """Adds a row within the caller's transaction, so that an act and its trace stand or fall together.

    Raises ValueError if no person is named.
    """
    if not person.strip():
        raise ValueError("every audit row names a person")
    text = detail if isinstance(detail, str) else json.dumps(detail, ensure_ascii=False, sort_keys=True)
    connection.execute(
        insert(audit).values(at=now, person=person[:_PERSON], verb=verb, subject=subject[:_SUBJECT], detail=text)
    )


def read_audit(connection: Connection, subject: str | None = None) -> list[AuditRow]:
    """All rows, or those of one subject, oldest first."""
    query = select(audit.c.id, audit.c.at, audit.c.person, audit.c.verb, audit.c.subject, audit.c.detail)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    return [AuditRow(*row) for row in connection.execute(query.order_by(audit.c.id))]
