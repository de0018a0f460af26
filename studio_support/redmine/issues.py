"""The bridge's hands in Redmine: reads issues, makes them, puts notes and files on them.

A write is handed over once and never repeated here: RedmineRefused and NotSent say that nothing was changed,
OutcomeUnknown that nobody knows (see server_errors). What Redmine ignores without a word (a status that the workflow
does not allow, a field that the tracker does not have) is seen by reading its answer, or reading again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from studio_support.errors import NotSent, OutcomeUnknown, RedmineRefused, SourceError, SourceRefused
from studio_support.otrs.model import Attachment
from studio_support.redmine.client import RedmineClient
from studio_support.redmine.handover import Handover
from studio_support.redmine.issue_people import ProjectBook
from studio_support.redmine.issue_read import IssueReads, IssuesRead, WithNotes
from studio_support.redmine.issue_rows import (
    NORMAL_PRIORITY,
    chosen_priority,
    clean,
    created_at_of,
    file_name,
    hours_text,
    megabytes,
    one_line,
    same_text,
)
from studio_support.redmine.mapping import BrokenRow, row_id
from studio_support.redmine.transport import Transport
from studio_support.sync.actions import NewIssue
from studio_support.sync.model import IssueSeen
from studio_support.sync.ports import HandingOver, IssueMade

LARGEST_FILE_BYTES = 50 * 1024 * 1024
_ISSUES = "/issues.json"
_T = TypeVar("_T")


class RedmineIssues:
    """Issues of a Redmine from 5.0 on. largest_file_bytes: larger files are left out without asking the server.

    Raises SourceError only. One pass uses one object: projects, members and priorities are read once.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        ticket_field: str,
        timeout_seconds: float = 30,
        ca_file: str = "",
        backoff_seconds: float = 0.5,
        largest_file_bytes: int = LARGEST_FILE_BYTES,
    ) -> None:
        transport = Transport(
            url, api_key, timeout_seconds=timeout_seconds, ca_file=ca_file, backoff_seconds=backoff_seconds
        )
        client = RedmineClient(transport)
        self._transport = transport
        self._reads = IssueReads(client, ticket_field)
        self._book = ProjectBook(client)
        self._handover = Handover(transport.url, api_key, timeout_seconds=timeout_seconds, ca_file=ca_file)
        self._ticket_field = ticket_field
        self._largest_file_bytes = largest_file_bytes

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._transport.url}>"

    def __enter__(self) -> RedmineIssues:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    @property
    def requests(self) -> int:
        """Requests made so far, repeated ones included."""
        return self._transport.requests + self._handover.requests

    @property
    def waited_seconds(self) -> float:
        """Seconds spent waiting for the server."""
        return self._transport.waited_seconds + self._handover.waited_seconds

    def changed_since(self, since: datetime) -> tuple[IssueSeen, ...]:
        """Issues of any status changed at or after an aware instant (to the second), ids ascending."""
        return self._reads.changed_since(since)

    def issues(self, ids: Sequence[int]) -> tuple[IssueSeen, ...]:
        """Issues by id, ids ascending; those that are deleted or hidden from the key are not among them."""
        return self._reads.by_ids(ids, reasons=False).issues

    def by_ids(self, ids: Sequence[int]) -> IssuesRead:
        """Issues by id, and those that did not come with the reason: deleted or hidden from the key."""
        return self._reads.by_ids(ids, reasons=True)

    def by_ticket(self, numbers: Sequence[str]) -> tuple[IssueSeen, ...]:
        """Issues that belong to tickets, ids ascending: by the ticket field, else made by us for it."""
        return self._reads.by_ticket(numbers)

    def with_notes(self, issue_id: int) -> WithNotes | None:
        """An issue with notes and file names; None where it is deleted."""
        return self._reads.with_notes(issue_id)

    def times(self, ids: Sequence[int]) -> dict[int, tuple[int | None, int | None]]:
        """Estimated and booked minutes by issue; None where there is none, or the key may not see it."""
        return self._reads.times(ids)

    def create(
        self, issue: NewIssue, files: Sequence[Attachment], handing_over: HandingOver | None = None
    ) -> IssueMade:
        """Makes an issue. What could not be had with it is left out and named: files, an assignee, the ticket field.

        RedmineRefused with the server's words, and with `about` where a project is not there; nothing was made then.
        """
        project_id = self._book.project(issue.project)
        told: dict[str, object] = {
            "project_id": project_id,
            "subject": one_line(issue.subject),
            "description": clean(issue.description),
        }
        left_out: list[str] = []
        told |= self._priority(issue.priority) | self._assignee(project_id, issue.assignee, left_out)
        if issue.estimate_minutes is not None:
            told["estimated_hours"] = hours_text(issue.estimate_minutes)
        field_id = self._before(self._reads.field_id)
        if field_id is not None:
            told["custom_fields"] = [{"id": field_id, "value": issue.ticket}]
        uploads = self._uploaded(files, left_out)
        if uploads:
            told["uploads"] = uploads
        if handing_over is not None:
            handing_over()
        row = self._sent_new(told, issue.assignee, left_out)
        number = self._id_of(row)
        self._keep_ticket(number, row, issue.ticket, left_out)
        return IssueMade(number, tuple(left_out), created_at_of(row))

    def keep_ticket(self, issue_id: int, ticket: str) -> None:
        """Writes a ticket number into the ticket field, where issues have one."""
        field_id = self._before(self._reads.field_id)
        if field_id is not None:
            self._put(issue_id, {"custom_fields": [{"id": field_id, "value": ticket}]})

    def add_note(self, issue_id: int, text: str) -> None:
        """Puts a public note on an issue. RedmineRefused about "issue" where it is gone."""
        self._put(issue_id, {"notes": clean(text)})

    def has_note(self, issue_id: int, text: str) -> bool:
        """Whether a note of our own user has exactly this text; line ends and blanks at ends of lines do not count."""
        seen, me = self._reads.with_notes(issue_id), self._reads.me()
        return any(note.author == me and same_text(note.text, text) for note in (seen.notes if seen else ()))

    def attach(self, issue_id: int, files: Sequence[Attachment]) -> tuple[str, ...]:
        """Puts files on an issue; names those that were left out."""
        left_out: list[str] = []
        uploads = self._uploaded(files, left_out)
        if uploads:
            self._put(issue_id, {"uploads": uploads})
        return tuple(left_out)

    def statuses(self) -> tuple[str, ...]:
        """Names of all statuses."""
        return tuple(self._book.statuses())

    def set_status(self, issue_id: int, status: str) -> None:
        """Sets a status by name. RedmineRefused about "status" where it does not exist or the workflow forbids it."""
        status_id = self._book.status(status)
        self._put(issue_id, {"status_id": status_id})
        # 204 comes for a step that the workflow does not allow, too.
        read = self.issues([issue_id])
        if read and read[0].status.casefold() != status.casefold():
            reason = f"issue {issue_id} stays {read[0].status}: the workflow lets the key's user not make it {status}"
            raise RedmineRefused(self._address(f"/issues/{issue_id}.json"), reason, about="status")

    def _put(self, issue_id: int, told: Mapping[str, object]) -> None:
        try:
            self._handover.send("PUT", f"/issues/{issue_id}.json", {"issue": told})
        except RedmineRefused as error:
            if error.status == 404:
                raise RedmineRefused(error.url, f"issue {issue_id} is not there any more", 404, about="issue") from None
            raise

    def _priority(self, level: int) -> dict[str, object]:
        chosen = None if level == NORMAL_PRIORITY else chosen_priority(level, self._book.priorities())
        return {} if chosen is None else {"priority_id": chosen}

    def _assignee(self, project_id: int, name: str, left_out: list[str]) -> dict[str, object]:
        if not name:
            return {}
        try:
            return {"assigned_to_id": self._book.member(project_id, name)}
        except RedmineRefused as error:
            left_out.append(f"assignee {name}: {error.reason}")
            return {}

    def _sent_new(self, told: dict[str, object], assignee: str, left_out: list[str]) -> object:
        """The answer to a new issue. A member whose role is given no issues is refused, so it goes without him then."""
        try:
            return self._handover.send("POST", _ISSUES, {"issue": told}).get("issue")
        except RedmineRefused as error:
            if error.status != 422 or "assigned_to_id" not in told:
                raise
            refused = error
        rest = {key: value for key, value in told.items() if key != "assigned_to_id"}
        row = self._handover.send("POST", _ISSUES, {"issue": rest}).get("issue")
        left_out.append(f"assignee {assignee}: {refused.reason}")
        return row

    def _uploaded(self, files: Sequence[Attachment], left_out: list[str]) -> list[dict[str, str]]:
        """Hands files over before the issue that takes them: an outcome unknown here leaves nothing on any issue."""
        uploads = []
        for file in files:
            name = file_name(file.filename)
            if file.content is None:
                left_out.append(f"{name}: its content was not read")
                continue
            what = f"{name} ({megabytes(len(file.content))})"
            if len(file.content) > self._largest_file_bytes:
                left_out.append(f"{what}: larger than {megabytes(self._largest_file_bytes)}")
                continue
            try:
                token = self._token(name, file.content)
            except RedmineRefused as error:
                if error.status in (401, 403):
                    raise
                left_out.append(f"{what}: {error.reason}")
                continue
            uploads.append({"token": token, "filename": name, "content_type": one_line(file.content_type)})
        return uploads

    def _token(self, name: str, content: bytes) -> str:
        try:
            upload = self._handover.upload(name, content).get("upload")
        except OutcomeUnknown as error:
            raise NotSent(error.url, f"the file {name} was not taken: {error.reason}", error.status) from None
        token = upload.get("token") if isinstance(upload, Mapping) else None
        if not isinstance(token, str) or not token:
            raise NotSent(self._address("/uploads.json"), f"the answer names no file for {name}")
        return token

    def _id_of(self, row: object) -> int:
        try:
            return row_id(row)
        except BrokenRow:
            reason = "the answer does not name the new issue"
            raise OutcomeUnknown(self._address(_ISSUES), reason, 201) from None

    def _keep_ticket(self, issue_id: int, row: Any, ticket: str, left_out: list[str]) -> None:
        """Sees that the number stands in the field: the first issue of all teaches us the field's id."""
        if not self._ticket_field:
            return
        field_id, value = self._reads.learn(row)
        if field_id is None:
            left_out.append(f"ticket number: issues of this project and tracker have no field {self._ticket_field!r}")
        elif value != ticket:
            try:
                self._put(issue_id, {"custom_fields": [{"id": field_id, "value": ticket}]})
            except SourceError as error:
                # The issue is there, which the caller must learn; the number stands in its description as well.
                left_out.append(f"ticket number: the field {self._ticket_field!r} was not set: {error.reason}")

    def _before(self, read: Callable[[], _T]) -> _T:
        """A read on the way to a write: a server that does not answer has not been sent the write."""
        try:
            return read()
        except SourceRefused:
            raise
        except SourceError as error:
            raise NotSent(error.url, error.reason, error.status) from None

    def _address(self, path: str) -> str:
        return self._transport.url + path
