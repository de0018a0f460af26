"""Redmine's JSON rows as plain values. The forms were seen on Redmine 5.0.4; `hours` of 6.0.0 may be "1/3".

Redmine hands out hours rounded to two decimals, so 0:20 arrives as 0.33. `minutes = round(hours * 60)` gives every
whole minute back exactly; hours are never summed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from studio_invoices.errors import Problem
from studio_support.model import Fields, Issue, Person, Project, TimeEntry
from studio_support.tickets.number import digits_after_hook

_RATIONAL = re.compile(r"([+-]?\d{1,12})/(\d{1,12})")
_CLOCK = re.compile(r"([+-]?)(\d{1,9}):(\d{2})")
_NUMBER = re.compile(r"[+-]?(?:\d{1,9}(?:[.,]\d{0,12})?|[.,]\d{1,12})")
_MOST_HOURS = 10**9
STATUS_NAMES = {1: "active", 5: "closed", 9: "archived", 10: "being deleted"}
TIME_TRACKING = "time_tracking"


class BrokenRow(ValueError):
    """A row that is no row of the kind asked for: the whole answer cannot be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadEntry(Problem):
    """An entry whose hours cannot be read: what is wrong, and the row as an entry of 0 minutes, so that its owner is
    known and parked."""

    entry: TimeEntry

    def doubtful(self) -> tuple[TimeEntry, Problem]:
        """The pair that a Reading keeps."""
        return self.entry, Problem(self.source, self.message, self.next_step)


def minutes_of(hours: object) -> int:
    """Whole minutes of hours given as 7.25, 7, "7.25", "7,25", "1/3" or "0:20"; half a minute is rounded up.

    Negative hours keep their sign (half a minute then goes away from zero): whether they can be billed is judged
    elsewhere. Raises ValueError for anything that is no number of hours.
    """
    exact = _hours(hours)
    if abs(exact) > _MOST_HOURS:
        raise ValueError(f"no number of hours: {str(hours)[:40]!r}")
    sixtieths = exact * 60
    whole = int(abs(sixtieths) + Fraction(1, 2))
    return whole if sixtieths >= 0 else -whole


def _hours(hours: object) -> Fraction:
    if isinstance(hours, Decimal) and hours.is_finite() and abs(hours.adjusted()) < 40:
        return Fraction(hours)
    if isinstance(hours, int) and not isinstance(hours, bool):
        return Fraction(hours)
    if isinstance(hours, str):
        return _hours_text(hours.strip())
    raise ValueError(f"no number of hours: {str(hours)[:40]!r}")


def _hours_text(text: str) -> Fraction:
    if _NUMBER.fullmatch(text):
        return Fraction(Decimal(text.replace(",", ".")))
    rational = _RATIONAL.fullmatch(text)
    if rational and int(rational[2]):
        return Fraction(int(rational[1]), int(rational[2]))
    clock = _CLOCK.fullmatch(text)
    if clock and int(clock[3]) < 60:
        value = int(clock[2]) + Fraction(int(clock[3]), 60)
        return -value if clock[1] == "-" else value
    raise ValueError(f"no number of hours: {text[:40]!r}")


def hours_as_minutes(hours: object) -> int | None:
    """Minutes of an optional number of hours (an estimate); None where there is none or it cannot be read."""
    if hours is None:
        return None
    try:
        return minutes_of(hours)
    except ValueError:
        return None


def instant_of(text: object) -> datetime | None:
    """An aware UTC instant of "2026-10-05T19:11:59Z"; None for null. Raises BrokenRow for anything else."""
    if text is None or text == "":
        return None
    try:
        value = datetime.fromisoformat(str(text))
    except ValueError:
        raise BrokenRow(f"no instant: {str(text)[:40]!r}") from None
    if value.tzinfo is None:
        raise BrokenRow(f"an instant without a zone: {str(text)[:40]!r}")
    return value.astimezone(UTC)


def row_id(row: object) -> int:
    """The id of a row; raises BrokenRow for a row without one."""
    value = row.get("id") if isinstance(row, Mapping) else None
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise BrokenRow(f"a row without an id: {str(row)[:80]}")
    return value


def entry_of(row: Mapping[str, Any]) -> TimeEntry | UnreadEntry:
    """A time entry; an UnreadEntry naming it if its hours cannot be read; raises BrokenRow if it is no time entry."""
    number = row_id(row)
    project_id, project = _reference(row, "project")
    user_id, user = _reference(row, "user")
    issue = row.get("issue")
    try:
        spent_on = date.fromisoformat(str(row.get("spent_on")))
    except ValueError:
        raise BrokenRow(f"entry {number} has no day: {str(row.get('spent_on'))[:40]!r}") from None
    minutes, unread = 0, ""
    try:
        minutes = minutes_of(row.get("hours"))
    except ValueError as error:
        unread = str(error)
    entry = TimeEntry(
        id=str(number),
        project_id=project_id,
        project=project,
        issue_id=row_id(issue) if issue is not None else None,
        user_id=user_id,
        user=user,
        activity=_named(row.get("activity")),
        minutes=minutes,
        spent_on=spent_on,
        created_on=instant_of(row.get("created_on")),
        comments=str(row.get("comments") or ""),
        fields=fields_of(row.get("custom_fields")),
    )
    if not unread:
        return entry
    return UnreadEntry(
        source=f"entry:{number}",
        message=f"The hours of time entry {number} ({project}, {user}, {spent_on}) cannot be read: {unread}.",
        next_step=f"Correct the hours of time entry {number} in Redmine and run again.",
        entry=entry,
    )


def _reference(row: Mapping[str, Any], key: str) -> tuple[int, str]:
    value = row.get(key)
    if value is None:
        raise BrokenRow(f"entry {row.get('id')} has no {key}")
    return row_id(value), _named(value)


def _named(value: object) -> str:
    # Interned: the same few names stand in tens of thousands of entries.
    return sys.intern(str(value.get("name") or "")) if isinstance(value, Mapping) else ""


def fields_of(rows: object) -> Fields:
    """Custom fields that have a value, by name; values of a list field are joined by ", "."""
    if not isinstance(rows, Sequence):
        return ()
    found: list[tuple[str, str]] = []
    for row in rows:
        if isinstance(row, Mapping):
            value = row.get("value")
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value if value is not None else "")
            if text:
                found.append((sys.intern(str(row.get("name") or "")), sys.intern(text)))
    return tuple(found)


def field_id(rows: object, name: str) -> int | None:
    """The id of the custom field of this name among a row's custom fields, None if it is not there."""
    if not isinstance(rows, Sequence):
        return None
    return next((row_id(row) for row in rows if isinstance(row, Mapping) and row.get("name") == name), None)


def issue_of(row: Mapping[str, Any], ticket_field: str) -> Issue:
    """An issue with its ticket number: from the field, else from `Ticket#...` in subject or description."""
    fields = fields_of(row.get("custom_fields"))
    subject = str(row.get("subject") or "")
    named = dict(fields).get(ticket_field, "").strip()
    return Issue(
        id=row_id(row),
        subject=subject,
        tracker=_named(row.get("tracker")),
        status=_named(row.get("status")),
        ticket=ticket_in(named) or named or ticket_in(subject) or ticket_in(str(row.get("description") or "")),
        estimated_minutes=hours_as_minutes(row.get("estimated_hours")),
        spent_minutes=hours_as_minutes(row.get("spent_hours")),
        fields=fields,
    )


def ticket_in(text: str) -> str:
    """The number after the first `Ticket#` in a text, "" without one. Any digits: documents show what people wrote."""
    return digits_after_hook(text)


def project_of(row: Mapping[str, Any]) -> Project:
    """A project. It counts as unreadable if its module for time is known to be off."""
    parent = row.get("parent")
    modules = row.get("enabled_modules")
    status = row.get("status")
    return Project(
        id=row_id(row),
        identifier=str(row.get("identifier") or ""),
        name=str(row.get("name") or ""),
        parent_id=row_id(parent) if parent is not None else None,
        readable=modules is None or any(_named(module) == TIME_TRACKING for module in modules),
        status=STATUS_NAMES.get(status, str(status)) if isinstance(status, int) else "active",
    )


def person_of(row: Mapping[str, Any]) -> Person:
    """A user by id, with the login if Redmine shows it (Anonymous has none)."""
    name = " ".join(part for part in (str(row.get("firstname") or ""), str(row.get("lastname") or "")) if part)
    return Person(id=row_id(row), name=name, login=str(row.get("login") or "") or None)
