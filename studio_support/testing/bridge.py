"""Both sides of the bridge in memory: fast fakes of its ports, with what people do by hand and writes that go wrong.

A write can be refused, not sent, lost, done without an answer, or done late: some seconds after its client gave up, as
real servers were seen to do. HTTP and its traps are the business of the other fakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from studio_support.errors import AccessDenied, OtrsRefused, SourceRefused
from studio_support.otrs.letters import history_comment, same_subject
from studio_support.otrs.model import Agent, Article, Attachment, HistoryRow, Ticket, TicketsRead, Unreadable
from studio_support.otrs.read import Articles
from studio_support.otrs.write import FieldValue
from studio_support.sync.actions import NewIssue
from studio_support.sync.model import IssueSeen
from studio_support.sync.ports import HandingOver, IssueMade
from studio_support.testing.bridge_side import Clock, Fate, Side, always_fine
from studio_support.tickets.number import check_digit

ROBOT = Agent(9, "robot", "Robot")
FIELDS = ("ToRedmine", "Estimate", "Agreed", "Urgency", "RedmineIssue", "AutoSubmitted", "RedmineProject")
__all__ = ["ROBOT", "Clock", "FakeIssues", "FakeTickets", "Fate", "always_fine"]


class FakeTickets(Side):
    """OTRS in memory. `mailbox` is what left the house: (address, subject, text). `heavy`: tickets that are there and
    whose articles never come in time.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.rows: dict[int, Ticket] = {}
        self.marks: dict[int, str] = {}
        self.mailbox: list[tuple[str, str, str]] = []
        self.hidden: set[int] = set()
        self.heavy: set[int] = set()
        self.past: dict[int, list[HistoryRow]] = {}
        self.secret_history = False
        self._article = 100
        self._counter = 0

    # what people do

    def mail_in(
        self,
        body: str = "Please change the logo.",
        *,
        sender: str = "Jane Doe <jane@acme.example>",
        subject: str = "Logo",
        customer: str = "ACME",
        to: int | None = None,
        queue: str = "Support",
        channel: str = "email",
        by_agent: bool = False,
        priority: str = "3 normal",
    ) -> int:
        """A letter or call of a client: a new ticket, or one to the ticket `to`, which opens it again."""
        if to is None:
            self._counter += 1
            start = f"{self.now:%Y%m%d}10{self._counter:05d}"
            to = len(self.rows) + 1
            self.rows[to] = Ticket(
                id=to,
                number=start + check_digit(start),
                title=subject,
                queue=queue,
                state="new",
                state_type="new",
                locked=False,
                owner="root@localhost",
                customer=customer,
                customer_user="jane",
                priority=priority,
                created_at=self.now,
                changed_at=self.now,
                fields=tuple((name, "") for name in FIELDS),
            )
        elif self.rows[to].state_type == "closed":
            self._change(to, state="open", state_type="open")
        self._add(
            to, sender, subject, body, sender_type="agent" if by_agent else "customer", channel=channel, agent_id=5
        )
        return to

    def answer(self, ticket_id: int, body: str = "We look into it.", *, visible: bool = True, agent_id: int = 5) -> int:
        """A person's letter to the client."""
        return self._add(ticket_id, "Anna <anna@studio.example>", "Re", body, visible=visible, agent_id=agent_id)

    def auto_reply(self, ticket_id: int) -> int:
        """Znuny's own answer."""
        return self._add(ticket_id, "support@studio.example", "RE:", "We got it.", sender_type="system", agent_id=1)

    def move(self, ticket_id: int, queue: str) -> None:
        """A person moves a ticket."""
        self._change(ticket_id, queue=queue)

    def put(self, ticket_id: int, **values: object) -> None:
        """A person changes attributes."""
        self._change(ticket_id, **values)

    def fill(self, ticket_id: int, name: str, value: str) -> None:
        """A person fills a field."""
        fields = tuple((one, value if one == name else old) for one, old in self.rows[ticket_id].fields)
        self._change(ticket_id, fields=fields)

    def close(self, ticket_id: int, state: str = "closed successful") -> None:
        """A person closes a ticket."""
        self._change(ticket_id, state=state, state_type="closed")

    def merge(self, ticket_id: int, into: int) -> None:
        """A person merges a ticket into another one, which gets its articles."""
        old, main = self.rows[ticket_id], self.rows[into]
        moved = tuple(replace(one, ticket_id=into) for one in old.articles)
        self._change(into, articles=tuple(sorted((*main.articles, *moved), key=lambda one: one.id)))
        self._change(ticket_id, articles=(), state="merged", state_type="merged")
        body = f"Merged Ticket {old.number} to {main.number}."
        self._add(ticket_id, "Anna", "Ticket Merged", body, visible=False, channel="internal", agent_id=5)

    def split(self, ticket_id: int) -> int:
        """A person splits a letter off a ticket: a new one by phone, linked to the old one."""
        old = self.rows[ticket_id]
        first = old.articles[0]
        new = self.mail_in(first.body, sender=first.sender, customer=old.customer, channel="phone", by_agent=True)
        text = f"%%{old.number}%%{ticket_id}%%{new}"
        self.past.setdefault(new, []).append(HistoryRow(new, "TicketLinkAdd", text, self.now, 5))
        return new

    def ours(self, ticket_id: int) -> list[Article]:
        """The letters that the robot wrote at a ticket."""
        return [one for one in self.rows[ticket_id].articles if one.created_by == ROBOT.id]

    # the port

    def me(self) -> Agent:
        self._read()
        return ROBOT

    def server_time(self) -> datetime:
        self._read()
        self._read()
        return self.now.replace(microsecond=0)

    def changed_ids_since(self, since: datetime, *, queues: Sequence[str] = ()) -> tuple[int, ...]:
        self._read()
        oldest = since.replace(microsecond=0)
        return tuple(one.id for one in self.rows.values() if one.changed_at >= oldest and one.id not in self.hidden)

    def tickets(self, ids: Sequence[int], *, articles: Articles = "none", fields: bool = True) -> TicketsRead:
        self.requests += max(0, -(-len(ids) // 100) - 1)
        self._read()
        seen = [self.rows[one] for one in sorted(set(ids)) if one in self.rows and one not in self.hidden]
        lost = [Unreadable(one, "may not be seen") for one in sorted(set(ids) - {one.id for one in seen})]
        if articles != "none":
            light = [replace(one, articles=()) for one in seen if one.id in self.heavy]
            lost += [Unreadable(one.id, "no answer within 30 s", True, one) for one in light]
            seen = [one for one in seen if one.id not in self.heavy]
        return TicketsRead(tuple(seen), tuple(lost))

    def tickets_by_number(self, numbers: Iterable[str], *, articles: Articles = "none") -> TicketsRead:
        self._read()
        asked = set(numbers)
        found = (one for one in self.rows.values() if one.number in asked and one.id not in self.hidden)
        return TicketsRead(tuple(found))

    def history(self, ids: Sequence[int]) -> dict[int, tuple[HistoryRow, ...]]:
        self._read()
        if self.secret_history:
            raise AccessDenied(self.url, "no such ticket", 200, code="TicketHistoryGet.AccessDenied")
        return {one: tuple(self.past.get(one, ())) for one in ids}

    def ticket_with_files(self, ticket_id: int, *, contents: bool = True) -> Ticket | None:
        self._read()
        return self.rows.get(ticket_id)

    def update_ticket(
        self, ticket_id: int, *, state: str | None = None, fields: Mapping[str, FieldValue] | None = None
    ) -> None:
        def work() -> int:
            if state is not None:
                self._change(ticket_id, state=state, state_type="closed" if "closed" in state else "open")
            for name, value in (fields or {}).items():
                self.fill(ticket_id, name, str(value))
            return 0

        self._write(f"update {ticket_id} {state or ''}".strip(), work)

    def add_note(self, ticket_id: int, *, subject: str, body: str, key: str = "", visible: bool = False) -> int:
        def work() -> int:
            return self._mine(ticket_id, subject, body, key, visible=visible, channel="internal")

        return self._write(f"note {ticket_id} {key}", work)

    def send_letter(self, ticket_id: int, *, to: str, subject: str, text: str, key: str) -> int:
        def work() -> int:
            self.mailbox.append((to, subject, text))
            return self._mine(ticket_id, f"[Ticket#{self.rows[ticket_id].number}] {subject}", text, key)

        return self._write(f"letter {ticket_id} {key}", work)

    def find_letter(self, ticket: Ticket, *, subject: str, key: str) -> int | None:
        self._read()
        return next(
            (
                one.id
                for one in self.rows[ticket.id].articles
                if self.marks.get(one.id) == key and same_subject(one.subject, subject, ticket.number)
            ),
            None,
        )

    def find_written(self, ticket_id: int, *, key: str) -> int | None:
        self._read()
        return next((one.id for one in self.rows[ticket_id].articles if self.marks.get(one.id) == key), None)

    def _refusal(self) -> SourceRefused:
        return OtrsRefused(self.url, "refused", 200, code="TicketUpdate.InvalidParameter")

    def _mine(
        self, ticket_id: int, subject: str, body: str, key: str, *, visible: bool = True, channel: str = "email"
    ) -> int:
        article_id = self._add(
            ticket_id, "support@studio.example", subject, body, visible=visible, channel=channel, agent_id=ROBOT.id
        )
        self.marks[article_id] = key
        row = HistoryRow(ticket_id, "SendAnswer", history_comment(key), self.now, ROBOT.id, article_id)
        self.past.setdefault(ticket_id, []).append(row)
        return article_id

    def _add(
        self,
        ticket_id: int,
        sender: str,
        subject: str,
        body: str,
        *,
        sender_type: str = "agent",
        channel: str = "email",
        visible: bool = True,
        agent_id: int = 1,
    ) -> int:
        self._article += 1
        article = Article(
            id=self._article,
            ticket_id=ticket_id,
            sender_type=sender_type,
            channel=channel,  # type: ignore[arg-type]  # a test names a channel
            visible=visible,
            sender=sender,
            to="",
            cc="",
            subject=subject,
            body=body,
            created_at=self.now,
            received_at=self.now,
            created_by=agent_id,
        )
        self._change(ticket_id, articles=(*self.rows[ticket_id].articles, article))
        return article.id

    def _change(self, ticket_id: int, **values: object) -> None:
        if "state" in values:
            text = f"%%{self.rows[ticket_id].state}%%{values['state']}%%"
            row = HistoryRow(ticket_id, "StateUpdate", text, self.now, 5)
            self.past.setdefault(ticket_id, []).append(row)
        self.rows[ticket_id] = replace(self.rows[ticket_id], changed_at=self.now, **values)  # type: ignore[arg-type]  # likewise


class FakeIssues(Side):
    """Redmine's issues in memory."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.rows: dict[int, IssueSeen] = {}
        self.made: list[tuple[NewIssue, tuple[Attachment, ...]]] = []
        self.notes: dict[int, list[str]] = {}
        self.minutes: dict[int, tuple[int | None, int | None]] = {}
        self._next = 336

    def by_hand(self, subject: str = "Logo", *, description: str = "", ticket: str = "", status: str = "New") -> int:
        """An issue that a person makes."""
        return self._make(subject, description, ticket, "acme-site", status)

    def set(self, issue_id: int, **values: object) -> None:
        """A person changes an issue."""
        self.rows[issue_id] = replace(self.rows[issue_id], updated_at=self.now, **values)  # type: ignore[arg-type]  # a test names attributes

    def delete(self, issue_id: int) -> None:
        """A person deletes an issue."""
        del self.rows[issue_id]

    def changed_since(self, since: datetime) -> tuple[IssueSeen, ...]:
        self._read()
        self._read()
        oldest = since.replace(microsecond=0)
        return tuple(one for one in self.rows.values() if one.updated_at >= oldest)

    def issues(self, ids: Sequence[int]) -> tuple[IssueSeen, ...]:
        self._read()
        return tuple(self.rows[one] for one in ids if one in self.rows)

    def by_ticket(self, numbers: Sequence[str]) -> tuple[IssueSeen, ...]:
        self._read()
        return tuple(one for one in self.rows.values() if one.ticket_field in numbers)

    def times(self, ids: Sequence[int]) -> dict[int, tuple[int | None, int | None]]:
        self._read()
        return {one: self.minutes.get(one, (None, 0)) for one in ids if one in self.rows}

    def create(
        self, issue: NewIssue, files: Sequence[Attachment], handing_over: HandingOver | None = None
    ) -> IssueMade:
        if handing_over is not None:
            handing_over()

        def work() -> int:
            self.made.append((issue, tuple(files)))
            return self._make(issue.subject, issue.description, issue.ticket, issue.project, "New")

        made = self._write(f"create {issue.ticket}", work)
        return IssueMade(made, created_at=self.rows[made].created_at.replace(microsecond=0))

    def keep_ticket(self, issue_id: int, ticket: str) -> None:
        self.set(issue_id, ticket_field=ticket)

    def add_note(self, issue_id: int, text: str) -> None:
        def work() -> int:
            if issue_id not in self.rows:
                raise SourceRefused(self.url, "there is no such issue", 404)
            self.notes.setdefault(issue_id, []).append(text)
            self.set(issue_id)
            return 0

        self._write(f"note {issue_id}", work)

    def has_note(self, issue_id: int, text: str) -> bool:
        self._read()
        return text.strip() in (one.strip() for one in self.notes.get(issue_id, []))

    def _make(self, subject: str, description: str, ticket: str, project: str, status: str) -> int:
        self._next += 1
        now = self.now
        self.rows[self._next] = IssueSeen(self._next, subject, status, project, now, now, description, ticket)
        return self._next
