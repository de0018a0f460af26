"""What the fake Znuny's records are: agents, tickets, articles, histories, letters. Times are aware UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

STATES = {
    "new": "new",
    "open": "open",
    "closed successful": "closed",
    "closed unsuccessful": "closed",
    "pending reminder": "pending reminder",
    "pending auto close+": "pending auto",
    "merged": "merged",
    "removed": "removed",
}
PRIORITIES = ("1 very low", "2 low", "3 normal", "4 high", "5 very high")
CHANNELS = {"Email": 1, "Phone": 2, "Internal": 3, "Chat": 4}
FIELDS = ("ToRedmine", "Estimate", "Agreed", "Urgency", "RedmineIssue")
FIELD_VALUES = {"Urgency": ("", "normal", "high", "critical"), "ToRedmine": ("", "0", "1"), "Agreed": ("", "0", "1")}
ARTICLE_FIELDS = ("AutoSubmitted",)
AUTO_RESPONSES = ("auto reply", "auto reject", "auto follow up", "auto reply/new ticket", "auto remove")
SUBJECT_SIZE = 100
SIGNATURE = "<br/>\n-- <br/>\nYour support<br/>\n"


@dataclass(slots=True)
class FakeFile:
    """An attachment."""

    filename: str
    content: bytes
    content_type: str = "application/octet-stream"


@dataclass(slots=True)
class FakeAgent:
    """An agent. queues: the only ones that may be seen and changed; None: all."""

    id: int
    login: str
    password: str
    name: str
    queues: frozenset[str] | None = None


@dataclass(slots=True)
class FakeArticle:
    """An article. html: its HTML part, kept as a file beside the plain body. incoming: when it was taken in."""

    id: int
    sender_type: str
    channel: str
    visible: bool
    sender: str
    to: str
    subject: str
    body: str
    created_at: datetime
    created_by: int
    cc: str = ""
    html: str | None = None
    files: list[FakeFile] = field(default_factory=list)
    message_id: str = ""
    time_unit: str = "0"
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class FakeHistory:
    """A line of history."""

    kind: str
    text: str
    created_at: datetime
    created_by: int
    article: int | None = None


@dataclass(slots=True)
class FakeTicket:
    """A ticket. owner: the id of an agent."""

    id: int
    number: str
    title: str
    queue: str
    customer_user: str
    customer: str
    created_at: datetime
    changed_at: datetime
    state: str = "new"
    priority: str = "3 normal"
    locked: bool = False
    owner: int = 1
    fields: dict[str, object] = field(default_factory=dict)
    articles: list[FakeArticle] = field(default_factory=list)
    history: list[FakeHistory] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FakeLetter:
    """A letter that left (or waits in the queue of mails, which is the same to who asks over REST)."""

    ticket: str
    article: int
    sender: str
    to: str
    cc: str
    subject: str
    html: str
    at: datetime
