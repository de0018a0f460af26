"""Redmine's issues as the bridge needs them, and what is sent to make one. The forms were seen on Redmine 5.0.4.

Estimates travel as "1:20", which Redmine keeps exactly; a decimal would lose the minutes. A NUL in a text is answered
with 500, so it never gets there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from studio_support.redmine.mapping import BrokenRow, field_id, fields_of, hours_as_minutes, instant_of, row_id
from studio_support.sync.model import IssueSeen

_NOT_STORABLE = re.compile("[\ud800-\udfff]")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*%]')
_LONGEST_NAME = 200
NORMAL_PRIORITY = 3


@dataclass(frozen=True, slots=True)
class Note:
    """A note on an issue. author: id of the user who wrote it. created_at: aware UTC."""

    id: int
    author: int | None
    created_at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Priority:
    """A priority that Redmine offers."""

    id: int
    name: str
    default: bool


def created_at_of(row: object) -> datetime | None:
    """When an issue was made, by the server's clock; None where its row does not say."""
    try:
        return instant_of(row.get("created_on")) if isinstance(row, Mapping) else None
    except BrokenRow:
        return None


def issue_seen(row: Mapping[str, Any], ticket_field: str) -> IssueSeen:
    """An issue. Raises BrokenRow for a row that is none."""
    number = row_id(row)
    status, project = row.get("status"), row.get("project")
    if not isinstance(status, Mapping) or not isinstance(project, Mapping):
        raise BrokenRow(f"issue {number} has no status or no project")
    created_at, updated_at = instant_of(row.get("created_on")), instant_of(row.get("updated_on"))
    if created_at is None or updated_at is None:
        raise BrokenRow(f"issue {number} does not say when it was made and changed")
    fields = fields_of(row.get("custom_fields"))
    return IssueSeen(
        id=number,
        subject=str(row.get("subject") or ""),
        status=str(status.get("name") or ""),
        project=str(project.get("name") or ""),
        created_at=created_at,
        updated_at=updated_at,
        description=_lines(str(row.get("description") or "")),
        ticket_field=dict(fields).get(ticket_field, "").strip() if ticket_field else "",
        fields=fields,
    )


def times_of(row: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Estimated and booked minutes of an issue; None where the key may not see them."""
    return hours_as_minutes(row.get("estimated_hours")), hours_as_minutes(row.get("spent_hours"))


def author_of(row: Mapping[str, Any]) -> int | None:
    """Id of who made an issue; None for a row that does not say."""
    author = row.get("author")
    return row_id(author) if author is not None else None


def notes_of(row: Mapping[str, Any]) -> tuple[Note, ...]:
    """The notes of an issue read with its journals, oldest first; changes without words are left out."""
    found = []
    for journal in row.get("journals") or ():
        text = str(journal.get("notes") or "")
        if text:
            user = journal.get("user")
            author = row_id(user) if user is not None else None
            found.append(Note(row_id(journal), author, instant_of(journal.get("created_on")), _lines(text)))
    return tuple(found)


def same_text(stored: str, ours: str) -> bool:
    """Whether a text that Redmine keeps is ours: line ends, and blanks at the ends of lines, do not count."""
    return _plain(stored) == _plain(ours)


def begins_with_number(description: str, number: str) -> bool:
    """Whether a ticket's number stands in the first line of a description, not as a part of a longer one."""
    return stands_alone(description.lstrip().partition("\n")[0], number)


def stands_alone(text: str, number: str) -> bool:
    """Whether a number stands in a text, not as a part of a longer one."""
    return re.search(rf"(?<!\d){re.escape(number)}(?!\d)", text) is not None


def megabytes(size: int) -> str:
    """Bytes as "0.1 MB", rounded up."""
    tenths = -(-size * 10 // 1024**2)
    return f"{tenths // 10}.{tenths % 10} MB"


def chosen_priority(level: int, offered: Sequence[Priority]) -> int | None:
    """Id of the priority for an urgency of 1 (very low) to 5 (very high), so many steps from Redmine's default.

    None leaves the choice to Redmine: for 3, and where no default is marked. At most two steps up, so that the
    highest of Redmine's five stays for people to choose.
    """
    place = next((place for place, one in enumerate(offered) if one.default), None)
    if level == NORMAL_PRIORITY or place is None:
        return None
    return offered[min(max(place + level - NORMAL_PRIORITY, 0), len(offered) - 1)].id


def hours_text(minutes: int) -> str:
    """Minutes as "1:20"."""
    return f"{minutes // 60}:{minutes % 60:02d}"


def clean(text: str) -> str:
    """Text that every server keeps: no NUL, no half of a surrogate pair."""
    return _NOT_STORABLE.sub("\ufffd", text.replace("\0", ""))


def one_line(text: str) -> str:
    """A subject on one line, single blanks."""
    return " ".join(clean(text).split())


def file_name(name: str) -> str:
    """A file's name without folders and signs that Redmine replaces anyway, its ending kept, never empty."""
    plain = " ".join(_NOT_IN_NAMES.sub("_", clean(name.replace("\\", "/").rpartition("/")[2])).split()).strip(". ")
    if len(plain) > _LONGEST_NAME:
        stem, dot, ending = plain.rpartition(".")
        kept = f".{ending}" if dot and 0 < len(ending) <= 10 else ""
        plain = (stem if kept else plain)[: _LONGEST_NAME - len(kept)].rstrip() + kept
    return plain or "file"


def instant_text(instant: datetime) -> str:
    """An aware instant as Redmine's filters take it: whole seconds, rounded down, in UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def said_field(row: Mapping[str, Any], ticket_field: str) -> tuple[int | None, str]:
    """Id and value of the ticket field on a row; None where the issue has no such field."""
    number = field_id(row.get("custom_fields"), ticket_field)
    return number, dict(fields_of(row.get("custom_fields"))).get(ticket_field, "")


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in _lines(clean(text)).strip().split("\n"))


def _lines(text: str) -> str:
    """Redmine keeps the line ends of browsers, whatever it was given."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
