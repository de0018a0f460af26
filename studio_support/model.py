"""What is read from the outside, as plain values: time entries, projects, issues, people, and a whole reading.

Minutes are integers: hours exist only at the edges (Redmine hands them out rounded to two decimals).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable

from studio_invoices.errors import Problem
from studio_support.period import Month

SourceKind = Literal["redmine", "csv"]
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TimeEntry:
    """One booking.

    id: the source's own id ("4711"), or "csv:..." (content and occurrence) where the source has none.
    project_id, user_id: None where the source knows names only. issue_id: None for time on the project.
    minutes: booked, whole. spent_on: the day the work was done, in the booker's own calendar.
    created_on: when it was booked (aware UTC), None where unknown. fields: custom fields by name.
    """

    id: str
    project_id: int | None
    project: str
    issue_id: int | None
    user_id: int | None
    user: str
    activity: str
    minutes: int
    spent_on: date
    created_on: datetime | None = None
    comments: str = ""
    fields: Fields = ()


@dataclass(frozen=True, slots=True)
class Project:
    """A project of the source. readable: False where its time entries cannot be seen (archived, module off)."""

    id: int | None
    identifier: str
    name: str
    parent_id: int | None = None
    readable: bool = True
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Issue:
    """A task. ticket: the client's ticket number or ""; estimated_minutes, spent_minutes: None where unknown."""

    id: int
    subject: str
    tracker: str = ""
    status: str = ""
    ticket: str = ""
    estimated_minutes: int | None = None
    spent_minutes: int | None = None
    fields: Fields = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who books time. id: the source's, None where only the name is known; login None if unknown."""

    id: int | None
    name: str
    login: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A month read whole, or not at all.

    started_at: our clock when the read began (aware UTC): the mark that late entries are sought back to.
    entries: every visible entry whose spent_on lies in the month, ids ascending. late: entries of earlier months
    created since `late_since`. control: in words, what proved the read whole. issues: those the entries
    refer to. people: everybody known to the source by id, login or name. problems: what parks nobody by itself.
    doubtful: rows whose time could not be read, as entries of 0 minutes, each with its Problem: the client that
    owns the project is parked.
    requests, waited_seconds: what the read cost the server.
    """

    source: SourceKind
    month: Month
    started_at: datetime
    entries: tuple[TimeEntry, ...]
    projects: tuple[Project, ...]
    issues: tuple[Issue, ...]
    people: tuple[Person, ...]
    control: str
    late: tuple[TimeEntry, ...] = ()
    late_since: datetime | None = None
    problems: tuple[Problem, ...] = ()
    doubtful: tuple[tuple[TimeEntry, Problem], ...] = ()
    notices: tuple[Problem, ...] = ()
    requests: int = 0
    waited_seconds: float = 0.0

    @property
    def booked_minutes(self) -> int:
        """Sum over the month's entries, late ones of other months not counted."""
        return sum(entry.minutes for entry in self.entries)


class TimeEntrySource(Protocol):
    """Where booked time comes from. Other trackers can serve it."""

    def read_month(
        self,
        month: Month,
        *,
        late_since: datetime | None = None,
        known_people: tuple[Person, ...] = (),
        wanted_people: tuple[str, ...] = (),
    ) -> Reading:
        """Reads a month whole.

        late_since: also bring entries of earlier months created since then; None: nobody has late time.
        known_people: need not be asked for again. wanted_people: logins, names or "#id" of rate rows that should be
        resolved to people if the source can. Raises SourceError (unreachable, refused, broken, incomplete).
        """
        ...


@runtime_checkable
class ProjectSource(Protocol):
    """A source that can list its projects without reading a month."""

    def projects(self) -> tuple[Project, ...]:
        """All projects that can be seen, closed ones too. Raises SourceError."""
        ...
