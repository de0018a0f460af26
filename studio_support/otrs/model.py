"""What is read from OTRS, as plain values: tickets, articles, attachments, history, an arrival, our own agent.

Every instant is aware UTC; the server's own zone is left behind in mapping. Ticket numbers are strings, ids integers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Channel = Literal["email", "phone", "internal", "chat", "other"]
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file at an article. size: bytes, as the server counts them. content: None where it was not asked for."""

    filename: str
    content_type: str
    size: int
    content: bytes | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """A letter, call or note at a ticket.

    sender_type: customer, agent or system (Znuny's auto-reply). visible: whether the customer may see it. body: plain
    text as the server keeps it. html: the HTML part, None where there is none or it was not asked for.
    received_at: when the server took it in (IncomingTime); None where the server does not say. created_by: id of the
    agent that wrote it. fields: dynamic fields of the article, like those of a ticket.
    """

    id: int
    ticket_id: int
    sender_type: str
    channel: Channel
    visible: bool
    sender: str
    to: str
    cc: str
    subject: str
    body: str
    created_at: datetime
    received_at: datetime | None = None
    created_by: int | None = None
    message_id: str = ""
    content_type: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    fields: Fields = ()

    def field(self, name: str) -> str:
        """The value of a dynamic field; "" where it is unset or there is none of this name."""
        return dict(self.fields).get(name, "")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket with those of its articles that were asked for, in the order of their ids.

    number: always text. state_type: new, open, closed, pending reminder, pending auto, merged or removed.
    customer: CustomerID, the client's company; customer_user: who writes. changed_wall: `Changed` as the server wrote
    it, in its own zone. fields: dynamic fields, several values joined by commas, unset ones as "".
    """

    id: int
    number: str
    title: str
    queue: str
    state: str
    state_type: str
    locked: bool
    owner: str
    customer: str
    customer_user: str
    priority: str
    created_at: datetime
    changed_at: datetime
    responsible: str = ""
    fields: Fields = ()
    articles: tuple[Article, ...] = ()
    changed_wall: str = ""

    def field(self, name: str) -> str:
        """The value of a dynamic field; "" where it is unset or there is none of this name."""
        return dict(self.fields).get(name, "")

    @property
    def closed(self) -> bool:
        """Whether the work on it has ended: closed, merged or removed."""
        return self.state_type in ("closed", "merged", "removed")


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a request arrived (aware UTC), by what it is known, and a sentence that says so."""

    at: datetime
    by: Literal["incoming", "created"]
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A line of a ticket's history. text: the comment; article_id None where the line is about the ticket itself."""

    ticket_id: int
    kind: str
    text: str
    created_at: datetime
    created_by: int
    article_id: int | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """The agent that the client works as."""

    id: int
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A ticket that could not be read, and why: missing and forbidden look the same to the server.

    broken: the server gave it, and something in it is not what it should be; or it is there and does not come, and
    light is then what comes of it without its articles.
    """

    id: int
    reason: str
    broken: bool = False
    light: Ticket | None = None


@dataclass(frozen=True, slots=True)
class TicketsRead:
    """Tickets by ascending id, and those that could not be read; the others are whole."""

    tickets: tuple[Ticket, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()

    def by_number(self) -> dict[str, Ticket]:
        """The tickets by their number."""
        return {ticket.number: ticket for ticket in self.tickets}


@dataclass(frozen=True, slots=True)
class Created:
    """A ticket that was made."""

    id: int
    number: str
    article_id: int | None


def first_customer_article(articles: Iterable[Article]) -> Article | None:
    """The earliest article that a customer wrote."""
    return min((one for one in articles if one.sender_type == "customer"), key=lambda one: one.id, default=None)
