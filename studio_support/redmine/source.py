"""A Redmine as a source of booked time: a whole month in one Reading. Rules: see the modules it puts together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from studio_invoices.errors import Problem
from studio_support.model import Issue, Person, Project, Reading, TimeEntry
from studio_support.period import Month
from studio_support.redmine.access import check_unchanged, read_access, read_projects
from studio_support.redmine.checks import SourceCheck, check_source
from studio_support.redmine.client import RedmineClient
from studio_support.redmine.late_read import read_late
from studio_support.redmine.lookups import IssueReader, issues_and_notices, read_people
from studio_support.redmine.mapping import UnreadEntry
from studio_support.redmine.month_read import CSV_ROWS, read_whole
from studio_support.redmine.pages import Row
from studio_support.redmine.transport import Transport


def _no_progress(stage: str, done: int, total: int) -> None:
    pass


class RedmineSource:
    """Implements `studio_support.model.TimeEntrySource` for a Redmine from 5.0 on.

    clock: says the present as an aware instant. ticket_field: name of the issues' custom field with the ticket
    number. progress: called with (what, how many done, of how many), from the calling thread.
    Raises SourceRefused for an address or a key that cannot be one.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        ticket_field: str,
        clock: Callable[[], datetime],
        timeout_seconds: float = 30,
        ca_file: str = "",
        progress: Callable[[str, int, int], None] | None = None,
        backoff_seconds: float = 0.5,
        csv_rows: int = CSV_ROWS,
    ) -> None:
        transport = Transport(
            url, api_key, timeout_seconds=timeout_seconds, ca_file=ca_file, backoff_seconds=backoff_seconds
        )
        self._client = RedmineClient(transport)
        self._ticket_field = ticket_field
        self._clock = clock
        self._progress = progress or _no_progress
        self._csv_rows = csv_rows

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._client.transport.url}>"

    def __enter__(self) -> RedmineSource:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._client.transport.close()

    def read_month(
        self,
        month: Month,
        *,
        late_since: datetime | None = None,
        known_people: tuple[Person, ...] = (),
        wanted_people: tuple[str, ...] = (),
    ) -> Reading:
        """A month whole, see TimeEntrySource; raises SourceError, and IncompleteRead if it kept changing."""
        client, progress = self._client, self._progress
        requests, waited = client.transport.requests, client.transport.waited_seconds
        started_at = self._clock().astimezone(UTC)
        access = read_access(client)
        reader = IssueReader(client, self._ticket_field, progress)
        whole = read_whole(
            client, month, lambda rows: reader.first_batch(_issue_ids(rows)), progress, csv_rows=self._csv_rows
        )
        late: list[TimeEntry] = []
        unread = [row for row in whole.rows if isinstance(row, UnreadEntry)]
        if late_since is not None:
            late, more_unread = read_late(client, month, late_since, progress)
            known = {row.source for row in unread}
            unread += [row for row in more_unread if row.source not in known]
        entries = tuple(row for row in whole.rows if isinstance(row, TimeEntry))
        # After the entries: a project archived in between is missing here too, and parks its clients.
        projects, with_public = read_projects(client, access)
        reader.rest(_issue_ids([*entries, *late]))
        issues, notices = issues_and_notices(reader, whole.subjects, whole.tickets)
        people = read_people(client, with_public, [*entries, *late], known_people, wanted_people, progress)
        projects, more = _with_unlisted(projects, [*entries, *late])
        check_unchanged(client, access)
        return Reading(
            source="redmine",
            month=month,
            started_at=started_at,
            entries=entries,
            projects=projects,
            issues=_used(issues, [*entries, *late]),
            people=people,
            control=whole.control,
            late=tuple(late),
            late_since=late_since,
            doubtful=tuple(row.doubtful() for row in unread),
            notices=(*notices, *more),
            requests=client.transport.requests - requests,
            waited_seconds=client.transport.waited_seconds - waited,
        )

    def projects(self) -> tuple[Project, ...]:
        """All projects that the key sees, closed ones too, `readable` as far as it goes. Raises SourceError."""
        return read_projects(self._client, read_access(self._client))[0]

    def check(self) -> list[SourceCheck]:
        """What `doctor` asks: each check with what was found and the next step; raises nothing."""
        return check_source(self._client, self._ticket_field, self._clock())


def _issue_ids(rows: Sequence[Row]) -> set[int]:
    return {row.issue_id for row in rows if isinstance(row, TimeEntry) and row.issue_id is not None}


def _used(issues: tuple[Issue, ...], entries: list[TimeEntry]) -> tuple[Issue, ...]:
    """Without issues that only a repeated read had met."""
    ids = _issue_ids(entries)
    return tuple(issue for issue in issues if issue.id in ids)


def _with_unlisted(
    projects: tuple[Project, ...], entries: list[TimeEntry]
) -> tuple[tuple[Project, ...], list[Problem]]:
    """Projects that entries name but the list no longer holds, as unreadable, with a notice."""
    listed = {project.id for project in projects}
    missing = {entry.project_id: entry.project for entry in entries if entry.project_id not in listed}
    added = tuple(
        Project(id=number, identifier="", name=name, readable=False, status="archived")
        for number, name in sorted(missing.items(), key=str)
    )
    notices = [
        Problem(
            source=f"project:{project.id}",
            message=f"Project {project.name} was archived, deleted or hidden from the key while the month was read.",
            next_step="Reactivate the project, or give the key's user access, and run again.",
        )
        for project in added
    ]
    return (*projects, *added), notices
