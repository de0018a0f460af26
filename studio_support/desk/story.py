"""One ticket's story: letters, lock, promises with their reasons, estimate, what we wrote, issues, minutes, invoices.

OTRS has to answer; what Redmine or a store without a month end cannot tell is left out and named.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from studio_invoices.errors import Problem
from studio_support.billing.ledger_tickets import lines_of
from studio_support.config.sync_clients import load_sync_clients
from studio_support.desk.locks import holder_of
from studio_support.desk.parts import DeskParts
from studio_support.errors import SourceError
from studio_support.otrs.model import Article, Ticket
from studio_support.sync.model import LETTER_KINDS, Intent, IssueSeen, Link
from studio_support.sync.report import instant, intent_dict
from studio_support.sync.state_desk import StoredPromise, Trace
from studio_support.sync.talk import at_of, by_voice, estimate_minutes, opening, says_yes
from studio_support.tickets.number import NumberPolicy, bare_subject

Who = Literal["client", "call", "us", "colleague", "system", "note"]
_LINES, _LINE = 3, 160


@dataclass(frozen=True, slots=True)
class Mail:
    """An article. who: the client, a call of his that was taken down, our agent, a colleague, the system, a note."""

    at: datetime
    who: Who
    sender: str
    channel: str
    subject: str
    lines: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """A row of the JSON."""
        return {
            "at": instant(self.at),
            "who": self.who,
            "from": self.sender,
            "channel": self.channel,
            "subject": self.subject,
            "first_lines": list(self.lines),
        }


@dataclass(frozen=True, slots=True)
class Work:
    """An issue. status: "" where Redmine could not be asked, "gone" where it is deleted. Minutes: None if unknown."""

    issue: int
    status: str
    subject: str
    project: str
    by: str
    estimated_minutes: int | None = None
    booked_minutes: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """A row of the JSON."""
        return {
            "issue": self.issue,
            "status": self.status or None,
            "subject": self.subject,
            "project": self.project,
            "linked_by": self.by,
            "estimated_minutes": self.estimated_minutes,
            "booked_minutes": self.booked_minutes,
        }


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket from its first letter to its invoice. estimate_minutes: of the field; None where it is none."""

    ticket: Ticket
    holder: str
    client: str | None
    estimate: str
    estimate_minutes: int | None
    agreed: bool
    mails: tuple[Mail, ...] = ()
    promises: tuple[StoredPromise, ...] = ()
    letters: tuple[Intent, ...] = ()
    traces: tuple[Trace, ...] = ()
    works: tuple[Work, ...] = ()
    invoices: tuple[dict[str, Any], ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The command's JSON."""
        ticket = self.ticket
        return {
            "ticket": ticket.number,
            "title": ticket.title,
            "state": ticket.state,
            "queue": ticket.queue,
            "priority": ticket.priority,
            "customer": ticket.customer or None,
            "customer_user": ticket.customer_user or None,
            "client": self.client,
            "owner": ticket.owner,
            "locked_by": self.holder or None,
            "created_at": instant(ticket.created_at),
            "estimate_minutes": self.estimate_minutes,
            "agreed": self.agreed,
            "mails": [one.as_dict() for one in self.mails],
            "promises": [_promise_dict(one) for one in self.promises],
            "letters": [intent_dict(one, ticket.number) for one in self.letters],
            "desk": [
                {"at": instant(one.at), "person": one.person, "did": one.verb, "detail": one.what or None}
                for one in self.traces
            ],
            "issues": [one.as_dict() for one in self.works],
            "invoices": list(self.invoices),
            "problems": [one.as_dict() for one in self.problems],
        }


def story(parts: DeskParts, typed: str) -> Story:
    """Raises WrongTicketNumber, UnknownTicket, SourceError (of OTRS), ConfigError, StoreError."""
    ticket = parts.find(typed, articles="all")
    problems: list[Problem] = []
    cursor, state = parts.bridge.state.cursor(), parts.bridge.state
    links = state.links(tickets=[ticket.id])
    intents = [one for one in state.intents([ticket.id]).get(ticket.id, ()) if one.key.kind in LETTER_KINDS]
    promises = parts.state.promises_of(ticket.id)
    ours, first = {one.result for one in intents}, opening(ticket)
    said = first.id if first is not None and first.sender_type == "agent" and by_voice(first) else None
    agent = cursor.agent_id if cursor is not None else None
    written = ticket.field(parts.rules.fields.estimate).strip()
    works = _works(parts, links, problems)
    return Story(
        ticket=ticket,
        holder=holder_of(ticket),
        client=_client(parts, ticket),
        estimate=written,
        estimate_minutes=estimate_minutes(written),
        agreed=says_yes(ticket.field(parts.rules.fields.agreed)),
        mails=tuple(_mail(one, agent, ours, said, parts.rules.numbers) for one in ticket.articles),
        promises=promises,
        letters=tuple(sorted(intents, key=lambda one: (one.at, one.result or 0))),
        traces=parts.state.traces(ticket.number),
        works=works,
        invoices=lines_of(parts.bridge.parts.store, ticket.number, [one.issue for one in works]),
        problems=tuple(problems),
    )


def _client(parts: DeskParts, ticket: Ticket) -> str | None:
    folded = ticket.customer.casefold()
    clients = load_sync_clients(parts.bridge.parts.config, parts.today)
    return next((one.id for one in clients if folded and folded in {name.casefold() for name in one.customers}), None)


def _mail(
    article: Article, agent: int | None, letters: Collection[int | None], said: int | None, policy: NumberPolicy
) -> Mail:
    who: Who = "client"
    if article.id == said:
        who = "call"
    elif article.sender_type == "system":
        who = "system"
    elif article.sender_type == "agent":
        ours = article.id in letters or (agent is not None and article.created_by == agent)
        who = "note" if not article.visible else "us" if ours else "colleague"
    lines = [" ".join(line.split())[:_LINE] for line in article.body.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(">")] or lines
    return Mail(
        at_of(article),
        who,
        article.sender,
        article.channel,
        bare_subject(article.subject, policy),
        tuple(lines[:_LINES]),
    )


def _works(parts: DeskParts, links: tuple[Link, ...], problems: list[Problem]) -> tuple[Work, ...]:
    ids = [link.issue_id for link in links]
    seen: dict[int, IssueSeen] = {}
    times: dict[int, tuple[int | None, int | None]] = {}
    asked = False
    if ids:
        try:
            seen = {issue.id: issue for issue in parts.bridge.issues.issues(ids)}
            times = dict(parts.bridge.issues.times(sorted(seen))) if seen else {}
            asked = True
        except SourceError as error:
            problems.append(Problem("redmine", f"Redmine could not be asked: {error}", "Run it again once it answers."))
    return tuple(
        Work(
            link.issue_id,
            seen[link.issue_id].status if link.issue_id in seen else "gone" if asked else "",
            seen[link.issue_id].subject if link.issue_id in seen else "",
            seen[link.issue_id].project if link.issue_id in seen else link.project,
            link.by,
            *times.get(link.issue_id, (None, None)),
        )
        for link in links
    )


def _promise_dict(row: StoredPromise) -> dict[str, Any]:
    return {
        "round": row.round,
        "received_at": instant(row.received_at),
        "due_at": instant(row.due_at),
        "due_local": row.due_local.isoformat(),
        "reasons": list(row.reasons),
        "arrival": row.arrival,
        "critical": row.critical,
        "acknowledged_at": instant(row.acknowledged_at),
        "acknowledged_by": row.acknowledged_by or None,
        "estimated_at": instant(row.estimated_at),
        "estimated_by": row.estimated_by or None,
        "rule": row.rule,
        "calendar": row.calendar,
    }
