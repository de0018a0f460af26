"""What a fake Znuny holds: agents, customers, queues, tickets, articles, histories, letters; and what people do there.

Times are aware UTC; what the REST interface says of them is in `zone`. The clock stands still unless it is advanced,
or is the caller's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from studio_support.testing.otrs_records import (
    ARTICLE_FIELDS,
    FIELD_VALUES,
    FIELDS,
    STATES,
    FakeAgent,
    FakeArticle,
    FakeFile,
    FakeHistory,
    FakeLetter,
    FakeTicket,
)

Clock = Callable[[], datetime]


class OtrsWorld:
    """The state of a server. Agent 1 is root@localhost, agent 2 `robot`, the one that programs work as.

    auto_reply: new tickets are answered by the server itself, those made over REST too; auto_follow_up: so are articles
    added over REST, where they do not ask for another kind of answer.
    """

    def __init__(self, *, zone: str = "UTC", system_id: str = "10", clock: Clock | None = None) -> None:
        self.zone = ZoneInfo(zone)
        self.system_id = system_id
        self.hook = "Ticket#"
        self.auto_reply = True
        self.auto_follow_up = False
        self._clock = clock
        self._stands_at = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
        self._counter = count(1)
        self._article_ids = count(1)
        self.queues: dict[str, str] = {}
        self.agents: dict[int, FakeAgent] = {}
        self.customers: dict[str, tuple[str, str]] = {}
        self.field_names: list[str] = list(FIELDS)
        self.field_values: dict[str, tuple[str, ...]] = dict(FIELD_VALUES)
        self.article_field_names: list[str] = list(ARTICLE_FIELDS)
        self.tickets: dict[int, FakeTicket] = {}
        self.letters: list[FakeLetter] = []
        for name in ("Support", "To Redmine", "Postmaster", "Junk"):
            self.add_queue(name)
        self.add_agent("root@localhost", "root", "Admin OTRS")
        self.add_agent("robot", "robot-password", "Studio Support")

    def now(self) -> datetime:
        """The server's clock, aware UTC, whole seconds."""
        return (self._clock() if self._clock else self._stands_at).astimezone(UTC).replace(microsecond=0)

    def set_clock(self, at: datetime) -> None:
        """Puts the clock where it then stands."""
        self._clock, self._stands_at = None, at

    def advance(self, seconds: float) -> None:
        """Moves the standing clock on."""
        self._stands_at += timedelta(seconds=seconds)

    def add_queue(self, name: str, address: str = "") -> None:
        """A queue with the address that its letters come from."""
        self.queues[name] = address or f"{name.lower().replace(' ', '-')}@studio.test"

    def add_agent(self, login: str, password: str, name: str = "", queues: Sequence[str] | None = None) -> int:
        """An agent; gives the id."""
        number = len(self.agents) + 1
        allowed = None if queues is None else frozenset(queues)
        self.agents[number] = FakeAgent(number, login, password, name or login, allowed)
        return number

    def add_customer(self, login: str, company: str, name: str = "") -> None:
        """A customer's user, who writes from the address `login`."""
        self.customers[login] = (company, name or login)

    def agent(self, login: str) -> FakeAgent:
        """An agent by login."""
        return next(one for one in self.agents.values() if one.login == login)

    def ticket(self, number: str) -> FakeTicket:
        """A ticket by number."""
        return next(one for one in self.tickets.values() if one.number == number)

    def wall(self, at: datetime) -> str:
        """A time as the REST interface tells it."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def next_number(self) -> str:
        """The next ticket number, as the DateChecksum generator makes it."""
        digits = f"{self.now().astimezone(self.zone):%Y%m%d}{self.system_id}{next(self._counter):05d}"
        weighed = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
        return f"{digits}{(10 - weighed % 10) % 10 or 1}"

    def open_ticket(self, title: str, *, queue: str = "Support", customer_user: str = "", by: int = 1) -> FakeTicket:
        """A ticket without an article."""
        at = self.now()
        company = self.customers.get(customer_user, ("", ""))[0] or customer_user
        number = len(self.tickets) + 1
        ticket = FakeTicket(number, self.next_number(), title, queue, customer_user, company, at, at, owner=by)
        self.tickets[number] = ticket
        self.note_history(ticket, "NewTicket", f"%%{ticket.number}%%{queue}%%3 normal%%new%%{number}", by)
        return ticket

    def add_article(self, ticket: FakeTicket, **facts: object) -> FakeArticle:
        """An article, with the names of FakeArticle; touches the ticket."""
        at = self.now()
        told = {"sender": "", "to": "", "visible": True, "created_by": 1, **facts}
        article = FakeArticle(next(self._article_ids), created_at=at, **told)  # type: ignore[arg-type]  # its own names
        ticket.articles.append(article)
        ticket.changed_at = at
        return article

    def note_history(
        self, ticket: FakeTicket, kind: str, text: str, by: int, article: FakeArticle | None = None
    ) -> None:
        """A line of history; touches the ticket."""
        ticket.changed_at = self.now()
        line = FakeHistory(kind, text[:200], self.now(), by, article.id if article else None)
        ticket.history.append(line)

    def receive_mail(
        self,
        sender: str,
        subject: str,
        body: str,
        *,
        queue: str = "Support",
        html: str | None = None,
        files: Sequence[FakeFile] = (),
        fields: Mapping[str, str] | None = None,
    ) -> FakeTicket:
        """A mail from a customer: a new ticket, or, with a known number in its subject, one more article.

        fields: of the article, as a filter of PostMaster fills them. A follow-up opens a closed ticket again. A new
        ticket gets the server's automatic reply.
        """
        address = re.sub(r".*<([^>]+)>.*", r"\1", sender)
        found = re.search(rf"{re.escape(self.hook)}:?\s*(\d+)", subject)
        known = next((one for one in self.tickets.values() if one.number == found[1]), None) if found else None
        ticket = known or self.open_ticket(subject, queue=queue, customer_user=address)
        article = self.add_article(
            ticket,
            sender_type="customer",
            channel="Email",
            sender=sender,
            to=self.queues[ticket.queue],
            subject=subject,
            body=body,
            html=html,
            files=list(files),
            message_id=f"<{len(ticket.articles)}.{ticket.id}@{address.rpartition('@')[2]}>",
        )
        self.note_history(ticket, "FollowUp" if known else "EmailCustomer", "%%", 1, article)
        article.fields.update(fields or {})
        if known and STATES[ticket.state] == "closed":
            self.set_state(ticket, "open", 1)
        if not known and self.auto_reply:
            self.reply_by_itself(ticket, address)
        return ticket

    def reply_by_itself(self, ticket: FakeTicket, address: str) -> None:
        """The server writes to the customer of its own accord."""
        sender = self.queues[ticket.queue]
        subject = f"[{self.hook}{ticket.number}] RE: {ticket.title}"
        article = self.add_article(
            ticket, sender_type="system", channel="Email", sender=sender, to=address, subject=subject, body="Received."
        )
        self.note_history(ticket, "SendAutoReply", f"%%{address}", 1, article)
        self.letters.append(
            FakeLetter(ticket.number, article.id, sender, address, "", subject, "Received.", self.now())
        )

    def answer_by_hand(self, ticket: FakeTicket, agent: str, body: str, *, subject: str = "") -> FakeArticle:
        """An agent's own letter, from the web interface."""
        by = self.agent(agent)
        subject = f"[{self.hook}{ticket.number}] {subject or 'RE: ' + ticket.title}"
        sender = f"{by.name} <{self.queues[ticket.queue]}>"
        article = self.add_article(
            ticket,
            sender_type="agent",
            channel="Email",
            sender=sender,
            to=ticket.customer_user,
            subject=subject,
            body=body,
            created_by=by.id,
        )
        self.note_history(ticket, "SendAnswer", f"%%{ticket.customer_user}", by.id, article)
        to = ticket.customer_user
        self.letters.append(FakeLetter(ticket.number, article.id, sender, to, "", subject, body, self.now()))
        return article

    def set_state(self, ticket: FakeTicket, state: str, by: int) -> None:
        """Another state; a closed ticket is unlocked."""
        if ticket.state == state:
            return
        if STATES[state] == "closed":
            self.set_lock(ticket, False, by)
        self.note_history(ticket, "StateUpdate", f"%%{ticket.state}%%{state}%%", by)
        ticket.state = state

    def set_lock(self, ticket: FakeTicket, locked: bool, by: int) -> None:
        """Locks or unlocks."""
        if ticket.locked != locked:
            ticket.locked = locked
            self.note_history(ticket, "Lock" if locked else "Unlock", "%%lock" if locked else "%%unlock", by)

    def merge(self, ticket: FakeTicket, into: FakeTicket) -> None:
        """Merges a ticket into another, as an agent does by hand."""
        into.articles += ticket.articles
        ticket.articles = []
        self.note_history(into, "Merged", f"%%{ticket.number}%%{ticket.id}%%{into.number}%%{into.id}", 1)
        self.set_state(ticket, "merged", 1)
