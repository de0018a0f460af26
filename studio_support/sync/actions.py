"""What a pass is going to do, as plain values: all of it is listed before the first one runs, letters finished.

The first group writes outside, each under its key; `after` names writes without which it does not run. The second
group changes our own store alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from studio_support.sync.model import Intent, IssueState, Key, Known, Mode
from studio_support.tickets.cutoff import Promise as Due

AfterKeys = tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished letter. mode: sent, filed as an internal note, or only counted as told (off)."""

    to: str
    language: str
    subject: str
    text: str
    mode: Mode = "send"


@dataclass(frozen=True, slots=True)
class NewIssue:
    """An issue to be made. project: identifier or name. priority: 1 very low to 5 very high. assignee: Redmine login.

    estimate_minutes: None where nobody estimated. files: the ticket has attachments to be carried over.
    """

    project: str
    subject: str
    description: str
    ticket: str
    estimate_minutes: int | None = None
    priority: int = 3
    assignee: str = ""
    files: bool = False


@dataclass(frozen=True, slots=True)
class _Write:
    """look: the outcome of an earlier try is unknown and its hold is over, so it is looked up first."""

    key: Key
    number: str
    look: Intent | None = None
    after: AfterKeys = ()
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told(_Write):
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge(_Told):
    """Tells the client that the request was received and by when it is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskInWriting(_Told):
    """Asks for a confirmation in writing of what was asked by phone or messenger; it acknowledges as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellEstimate(_Told):
    """Tells hours and cost. estimate: the field's text that is told."""

    estimate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellTaskSet(_Told):
    """Tells that the task is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellDone(_Told):
    """Tells that it is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apologise(_Told):
    """Apologises for a missed promise; only ever made by a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIssue(_Write):
    """Makes an issue, unless one bears the ticket's number by then: that one is linked."""

    issue: NewIssue
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIssue(_Write):
    """Writes the issue into the ticket's field. issue_id: None for the one that this plan makes."""

    issue_id: int | None
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseTicket(_Write):
    """Closes the ticket. why: in words."""

    state: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteOnIssue(_Write):
    """Puts a client's later letter on the issue. The text names the article, so that it is found again."""

    issue_id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle(_Write):
    """Finds out what became of a write that is not wanted any more; `look` is always given."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Stores the promise for a request. arrival: by what its time is known."""

    ticket_id: int
    number: str
    round: int
    article_id: int
    due: Due
    arrival: str
    client: str | None
    critical: bool
    adopted: bool


@dataclass(frozen=True, slots=True)
class Recognise:
    """Stores that a clock of a promise has stopped. by: a letter, somebody's answer, a field, in words."""

    ticket_id: int
    number: str
    round: int
    clock: Literal["acknowledged", "estimated"]
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Connect:
    """Stores that an issue belongs to a ticket. by: field, text or merged."""

    ticket_id: int
    number: str
    issue_id: int
    round: int
    place: int
    by: str
    state: IssueState
    project: str


@dataclass(frozen=True, slots=True)
class SawIssue:
    """Stores what a linked issue looks like now."""

    ticket_id: int
    issue_id: int
    state: IssueState
    project: str


@dataclass(frozen=True, slots=True)
class Remember:
    """Stores what was seen of a ticket; None before: it was unknown."""

    before: Known | None
    after: Known


@dataclass(frozen=True, slots=True)
class OrderEnded:
    """What a person ordered for the ticket by a command is there."""

    ticket_id: int
    number: str


@dataclass(frozen=True, slots=True)
class Warn:
    """Tells the manager. key: the same for the same fact. lasting: it is told again each day until it ends."""

    key: str
    message: str
    next_step: str
    ticket_id: int | None = None
    lasting: bool = True


@dataclass(frozen=True, slots=True)
class WarnEnded:
    """A lasting warning does not hold any more."""

    key: str
    message: str


Write = (
    Acknowledge
    | AskInWriting
    | TellEstimate
    | TellTaskSet
    | TellDone
    | Apologise
    | CreateIssue
    | LinkIssue
    | CloseTicket
    | NoteOnIssue
    | Settle
)
LetterAction = Acknowledge | AskInWriting | TellEstimate | TellTaskSet | TellDone | Apologise
Record = Promise | Recognise | Connect | SawIssue | Remember | OrderEnded | Warn | WarnEnded
Action = Write | Record


@dataclass(frozen=True, slots=True)
class Plan:
    """What a pass will do, in order. held: writes of unknown outcome that are still left alone."""

    actions: tuple[Action, ...] = ()
    held: tuple[Intent, ...] = ()

    @property
    def letters(self) -> int:
        """Letters that would leave the house."""
        return sum(isinstance(one, _Told) and one.letter.mode == "send" for one in self.actions)

    @property
    def closings(self) -> int:
        """Tickets that would be closed."""
        return sum(isinstance(one, CloseTicket) for one in self.actions)
