"""What the bridge needs of both servers. OtrsClient is a TicketPort as it is; redmine/issues.py makes an IssuePort.

Reads raise SourceError. Writes raise SourceRefused or NotSent where nothing was changed, OutcomeUnknown where nobody
knows; every other SourceError of a write is taken for unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from studio_support.otrs.model import Agent, Attachment, HistoryRow, Ticket, TicketsRead
from studio_support.otrs.read import Articles
from studio_support.otrs.write import FieldValue
from studio_support.sync.actions import NewIssue
from studio_support.sync.model import IssueSeen

HandingOver = Callable[[], object]
"""Called when all that comes before a write is done and it is handed over now: its hold begins here."""


class TicketPort(Protocol):
    """OTRS, as otrs.client.OtrsClient is."""

    @property
    def requests(self) -> int:
        """Requests made so far."""
        ...

    def me(self) -> Agent: ...

    def server_time(self) -> datetime:
        """What the server's clock shows, cut to the second; the earlier one of its two where its zone is wrong."""
        ...

    def changed_ids_since(self, since: datetime, *, queues: Sequence[str] = ()) -> tuple[int, ...]: ...

    def tickets(self, ids: Sequence[int], *, articles: Articles = "none", fields: bool = True) -> TicketsRead: ...

    def tickets_by_number(self, numbers: Iterable[str], *, articles: Articles = "none") -> TicketsRead: ...

    def history(self, ids: Sequence[int]) -> dict[int, tuple[HistoryRow, ...]]: ...

    def ticket_with_files(self, ticket_id: int, *, contents: bool = True) -> Ticket | None: ...

    def update_ticket(
        self, ticket_id: int, *, state: str | None = None, fields: Mapping[str, FieldValue] | None = None
    ) -> None: ...

    def add_note(self, ticket_id: int, *, subject: str, body: str, key: str = "", visible: bool = False) -> int: ...

    def send_letter(self, ticket_id: int, *, to: str, subject: str, text: str, key: str) -> int: ...

    def find_letter(self, ticket: Ticket, *, subject: str, key: str) -> int | None: ...

    def find_written(self, ticket_id: int, *, key: str) -> int | None: ...


@dataclass(frozen=True, slots=True)
class IssueMade:
    """An issue that was created. left_out: files that the server would not take, each with the reason in words.

    created_at: by the server's clock, cut to the second; None where it does not say.
    """

    id: int
    left_out: tuple[str, ...] = ()
    created_at: datetime | None = None


class IssuePort(Protocol):
    """Redmine's issues, read and written."""

    @property
    def requests(self) -> int:
        """Requests made so far."""
        ...

    def changed_since(self, since: datetime) -> tuple[IssueSeen, ...]:
        """Issues of every status updated since (aware, inclusive, to the second), descriptions with them.

        Two requests where nothing is new. Makes sure first that the key is accepted: a wrong one is an empty list to
        Redmine, not an error.
        """
        ...

    def issues(self, ids: Sequence[int]) -> tuple[IssueSeen, ...]:
        """Issues by id, every status; one that is deleted or cannot be seen is simply not among them."""
        ...

    def by_ticket(self, numbers: Sequence[str]) -> tuple[IssueSeen, ...]:
        """Issues of every status whose ticket field holds one of the numbers; checked against what was asked."""
        ...

    def times(self, ids: Sequence[int]) -> Mapping[int, tuple[int | None, int | None]]:
        """Estimated and booked minutes by issue; None where nobody estimated, or the key may not see time."""
        ...

    def create(
        self, issue: NewIssue, files: Sequence[Attachment], handing_over: HandingOver | None = None
    ) -> IssueMade:
        """Makes an issue with the ticket number in its ticket field. Uploads the files before.

        A file that is refused (too large, of a kind not allowed) is left out and named; a project, person or field
        that the server does not accept raises SourceRefused with what it says. priority 1 to 5 is a place among the
        server's priorities; an assignee who is not known there is left out and named.
        """
        ...

    def keep_ticket(self, issue_id: int, ticket: str) -> None:
        """Writes the ticket number into the ticket field of an issue of ours that was found without it."""
        ...

    def add_note(self, issue_id: int, text: str) -> None:
        """Adds a public note. Raises SourceRefused where the issue is gone."""
        ...

    def has_note(self, issue_id: int, text: str) -> bool:
        """Whether a note of our own user has exactly this text (line ends and outer blanks apart)."""
        ...
