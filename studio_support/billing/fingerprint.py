"""The state of an entry when it was closed, in 16 hex digits: a later change of what was billed shows."""

from __future__ import annotations

import hashlib

from studio_support.model import TimeEntry


def fingerprint(entry: TimeEntry) -> str:
    """16 hex digits of SHA-256 over id, minutes, person, activity, project, issue and day.

    People and projects count by id where there is one, so that a renaming changes nothing.
    """
    person = entry.user if entry.user_id is None else entry.user_id
    project = entry.project if entry.project_id is None else entry.project_id
    state = (
        entry.id,
        entry.minutes,
        person,
        entry.activity,
        project,
        entry.issue_id,
        entry.spent_on.toordinal(),
    )
    return hashlib.sha256(repr(state).encode()).hexdigest()[:16]
