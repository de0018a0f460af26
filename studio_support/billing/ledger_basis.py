"""The basis of an issued invoice: what it was made from, kept with it for explanations and later comparisons."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from studio_support.billing.fingerprint import fingerprint
from studio_support.billing.ledger_types import IssueOrder
from studio_support.billing.month_plan import draft_dict
from studio_support.model import TimeEntry


def entry_facts(entry: TimeEntry) -> dict[str, Any]:
    """An entry as it was when it was closed. Its comment is kept as a hash only: it may name people."""
    return {
        "id": entry.id,
        "minutes": entry.minutes,
        "user": entry.user,
        "user_id": entry.user_id,
        "activity": entry.activity,
        "project": entry.project,
        "project_id": entry.project_id,
        "issue": entry.issue_id,
        "spent_on": entry.spent_on.isoformat(),
        "comments": hashlib.sha256(entry.comments.encode()).hexdigest()[:16] if entry.comments else "",
        "fingerprint": fingerprint(entry),
    }


def basis_of(order: IssueOrder) -> dict[str, Any]:
    """Draft, where each rate came from, rounding, people, rules, and every entry of the draft: JSON-ready."""
    draft = order.draft
    result = draft_dict(draft)
    for shown, line in zip(result["lines"], draft.lines, strict=True):
        shown["rate_source"] = line.rate_source
        shown["people"] = list(line.people)
    entries = [
        entry_facts(entry) | {"line": number}
        for number, line in enumerate(draft.lines, start=1)
        if line.charged
        for entry in line.entries
    ]
    aside = [
        entry_facts(row.entry) | {"line": None, "as": row.disposed, "reason": row.reason} for row in draft.set_aside
    ]
    return result | {
        "month": str(draft.month),
        "prices": draft.prices,
        "source": order.source,
        "rounding": asdict(order.rounding),
        "specialists": dict(draft.specialists),
        "rules": dict(order.rules),
        "entries": entries + aside,
    }
