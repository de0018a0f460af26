"""Fingerprints of plans: the same hash means the same entries, client files and rules, hence the same money."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from studio_support.billing.terms import Client, Terms
from studio_support.model import Issue, TimeEntry

LENGTH = 16


def rules_text(terms: Terms) -> str:
    """Everything of the studio's own rules that can change a draft."""
    return repr(
        (
            terms.tax,
            terms.rules,
            terms.non_billable_activities,
            terms.internal_projects,
            terms.first_month,
            terms.max_hours_per_entry,
            sorted(terms.people_aliases.items()),
        )
    )


def client_hash(
    month: str,
    client: Client,
    seller: str,
    rules: str,
    entries: Iterable[TimeEntry],
    issues: Mapping[int, Issue],
    extra: str = "",
) -> str:
    """Hash of one client's month: 16 hex digits of SHA-256 over the inputs of its draft, entries in order of id."""
    digest = hashlib.sha256(repr((month, client, seller, rules, extra)).encode())
    for entry in sorted(entries, key=lambda e: e.id):
        issue = None if entry.issue_id is None else issues.get(entry.issue_id)
        shown = None if issue is None else (issue.subject, issue.ticket, issue.tracker, issue.fields)
        row = (
            entry.id,
            entry.project_id,
            entry.project,
            entry.issue_id,
            entry.user_id,
            entry.user,
            entry.activity,
            entry.minutes,
            entry.spent_on.toordinal(),
            entry.comments,
            entry.fields,
            shown,
        )
        digest.update(repr(row).encode())
    return digest.hexdigest()[:LENGTH]


def month_hash(month: str, client_hashes: Mapping[str, str]) -> str:
    """Hash of a whole plan: over the clients' hashes, in order of client id."""
    return hashlib.sha256(repr((month, sorted(client_hashes.items()))).encode()).hexdigest()[:LENGTH]
