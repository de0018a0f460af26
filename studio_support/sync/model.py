"""What the bridge knows, as plain values: links, intents, promises, what was seen of a ticket, and the rules.

Everything here comes out of our own store or settings; what servers say is in otrs.model and in `IssueSeen`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from studio_support.tickets.number import NumberPolicy

IntentState = Literal["made", "unknown", "done", "failed", "dropped"]
Mode = Literal["send", "note", "off"]
IssueState = Literal["open", "done", "refused", "gone"]
LetterKind = Literal["received", "in_writing", "estimate", "task_set", "done", "apology"]
LETTER_KINDS: tuple[LetterKind, ...] = ("received", "in_writing", "estimate", "task_set", "done", "apology")


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Names a write for ever: which ticket (its id), what kind, which round of it.

    kind: a letter's, or issue, link, close, close_again, note. round: of the intake; for done the done-round, for
    close_again and note the id of the article that is answered, for link the place among the ticket's links.
    """

    ticket_id: int
    kind: str
    round: int

    def mark(self, store_mark: str) -> str:
        """The text by which the write is found again; store_mark tells two stores on one server apart."""
        return f"{store_mark}/{self.ticket_id}/{self.kind}/{self.round}"


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that was meant. at: our clock when it was last handed over. subject: of the letter, as handed over.

    state: made (handed over, nothing known: a crash), unknown (handed over, no answer), done, failed (refused or not
    sent; nothing changed), dropped (looked up, not there, and not wanted any more). detail: what the server said.
    result: id of the article or issue. refused: the server understood and said no.
    """

    key: Key
    state: IntentState
    at: datetime
    attempts: int = 1
    subject: str = ""
    recipient: str = ""
    mode: Mode = "send"
    detail: str = ""
    result: int | None = None
    refused: bool = False

    @property
    def open(self) -> bool:
        """Whether nobody knows what became of it."""
        return self.state in ("made", "unknown")


@dataclass(frozen=True, slots=True)
class Link:
    """A ticket and its issue. place: 1 for the ticket's first link. by: created, field, text or merged.

    round: the intake round in which it was made. state, project: as last seen in Redmine.
    """

    ticket_id: int
    issue_id: int
    place: int
    round: int
    by: str
    state: IssueState = "open"
    project: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store remembers of a ticket.

    adopted: it arrived after the store's start; others are read for links and never written to. round: intake rounds
    so far (0: nothing was asked yet). last_article: newest customer article that was dealt with. closed: as last seen,
    or as left by us. trigger_spent: what makes it an issue has done so and was not seen switched off since.
    done_round: of the next letter that it is done. waiting: something is still owed, so it is read in every pass.
    """

    ticket_id: int
    number: str
    adopted: bool
    round: int = 0
    last_article: int = 0
    closed: bool = False
    trigger_spent: bool = False
    done_round: int = 1
    estimate: str = ""
    estimate_round: int = 0
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Promised:
    """A stored promise with its two clocks. Nothing but the clocks ever changes. article_id: 0 where none began it.

    due_local: due_at on the studio's clock.
    """

    ticket_id: int
    round: int
    article_id: int
    received_at: datetime
    due_at: datetime
    due_local: datetime
    acknowledged_at: datetime | None = None
    estimated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssueSeen:
    """An issue as Redmine shows it. ticket_field: text of the custom field for the ticket number.

    created_at, updated_at: aware UTC. fields: custom fields by name, client note among them.
    """

    id: int
    subject: str
    status: str
    project: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    ticket_field: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    def field(self, name: str) -> str:
        """The value of a custom field; "" where there is none."""
        return dict(self.fields).get(name, "")


@dataclass(frozen=True, slots=True)
class SyncClient:
    """A client as the bridge needs it. projects: those of its file, in order. no_contract: why nothing is agreed now.

    letters: None where the client has no say of its own.
    """

    id: str
    name: str
    language: str
    customers: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    default_project: str = ""
    account_manager: str = ""
    letters: Mode | None = None
    no_contract: str = ""

    @property
    def project(self) -> str:
        """Where its issues go: the default project, or the only one; "" where it cannot be told."""
        return self.default_project or (self.projects[0] if len(self.projects) == 1 else "")


@dataclass(frozen=True, slots=True)
class FieldNames:
    """Names of the dynamic fields of tickets."""

    estimate: str = "Estimate"
    agreed: str = "Agreed"
    urgency: str = "Urgency"
    issue: str = "RedmineIssue"
    auto: str = "AutoSubmitted"
    project: str = "RedmineProject"

    def named(self, word: str) -> str:
        """The field behind a word of `sync.required`; a word that is none of ours is a field's own name."""
        return {"estimate": self.estimate, "agreed": self.agreed, "urgency": self.urgency}.get(word, word)


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of the bridge. trigger: which of queue, state and field makes a ticket an issue, and its value.

    queues: where requests come in (the trigger's queue is watched as well). hold_seconds: how long a write of unknown
    outcome is left alone. critical: what an urgency, or a priority, says that shortens the wait (compared lower case).
    """

    queues: tuple[str, ...]
    language: str
    trigger: tuple[Literal["queue", "state", "field"], str]
    numbers: NumberPolicy = field(default_factory=NumberPolicy)
    fields: FieldNames = field(default_factory=FieldNames)
    required: tuple[str, ...] = ()
    assignees: Mapping[str, str] = field(default_factory=dict)
    done_statuses: tuple[str, ...] = ("Closed", "Resolved")
    refused_statuses: tuple[str, ...] = ("Rejected",)
    client_note_field: str = ""
    letters: Mode = "send"
    letters_by_kind: Mapping[str, Mode] = field(default_factory=dict)
    hold_seconds: int = 120
    max_letters: int = 50
    max_closings: int = 50
    letters_a_day: int = 5
    letters_a_day_to_one: int = 20
    closed_state: str = "closed successful"
    markup: Literal["textile", "markdown"] = "textile"
    ticket_url: str = ""
    critical: tuple[str, ...] = ("critical", "kritisch", "critique", "критично", "критический", "5 very high")

    def watches(self, queue: str) -> bool:
        """Whether requests come in there, or become issues there."""
        return queue.casefold() in {
            one.casefold() for one in (*self.queues, self.trigger[1] if self.trigger[0] == "queue" else "")
        }

    def state_of(self, status: str) -> IssueState:
        """What a status of Redmine means here; compared without regard to case."""
        folded = status.casefold()
        if folded in (one.casefold() for one in self.refused_statuses):
            return "refused"
        return "done" if folded in (one.casefold() for one in self.done_statuses) else "open"

    def mode(self, kind: str, client: SyncClient | None) -> Mode:
        """How a letter goes out: the most careful of what studio, kind and client say."""
        said = {self.letters, self.letters_by_kind.get(kind, "send"), (client and client.letters) or "send"}
        return "off" if "off" in said else "note" if "note" in said else "send"


@dataclass(frozen=True, slots=True)
class Servers:
    """What passes have found out about the servers. clock_at: when the clock of OTRS was last looked at, by ours.

    ..._behind_seconds: how far a server's clock lies behind ours. alone_since: what another store wrote up to then
    stops no pass; None: the store's start.
    """

    clock_at: datetime | None = None
    otrs_behind_seconds: int = 0
    redmine_behind_seconds: int = 0
    alone_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the reading stands. start: what arrived before is never written to. since: read what changed from then on.

    daily_at: when all linked issues were last looked up. agent_id: our own agent in OTRS, None until asked.
    """

    start: datetime
    since: datetime
    daily_at: datetime | None = None
    agent_id: int | None = None
    passed_at: datetime | None = None
