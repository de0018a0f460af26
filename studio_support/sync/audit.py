"""What hangs in the air between tickets and issues, as `sync audit` names it.

A pass warns of much of this once, when it happens. The audit looks at all of it again, whatever was told before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from studio_support.otrs.model import Ticket
from studio_support.sync.model import Intent, IssueSeen, Known, Link, Promised, Rules
from studio_support.sync.plan_links import issues_in, numbers_in
from studio_support.sync.report import instant
from studio_support.sync.talk import triggered
from studio_support.tickets.number import Wrong, find_wrong

Kind = Literal["wrong_number", "issue_without_ticket", "unlinked", "ticket_without_issue", "unanswered", "done_untold"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both sides as read, and the store. tickets: by number, those that changed and those that issues name."""

    rules: Rules
    tickets: Mapping[str, Ticket] = field(default_factory=dict)
    issues: tuple[IssueSeen, ...] = ()
    links: tuple[Link, ...] = ()
    known: Mapping[int, Known] = field(default_factory=dict)
    promises: Mapping[int, tuple[Promised, ...]] = field(default_factory=dict)
    intents: Mapping[int, tuple[Intent, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be."""

    kind: Kind
    ticket: str
    issue: int | None
    message: str
    next_step: str

    def as_dict(self) -> dict[str, Any]:
        """The JSON of one finding."""
        return {
            "kind": self.kind,
            "ticket": self.ticket or None,
            "issue": self.issue,
            "message": self.message,
            "next_step": self.next_step,
        }


def audit(seen: Evidence) -> tuple[Finding, ...]:
    """Everything that is found, issues first, in the order of their ids; then tickets in the order of their numbers."""
    found: list[Finding] = []
    for issue in sorted(seen.issues, key=lambda one: one.id):
        found += _issue(seen, issue)
    for number in sorted(seen.tickets):
        found += _ticket(seen, seen.tickets[number])
    found += _untold(seen)
    return tuple(found)


def _issue(seen: Evidence, issue: IssueSeen) -> Iterator[Finding]:
    text = f"{issue.ticket_field}\n{issue.subject}\n{issue.description}"
    for wrong in _wrong(text, seen):
        told = f"; likely {' or '.join(wrong.likely[:3])}" if wrong.likely else ""
        yield Finding(
            "wrong_number",
            wrong.written,
            issue.id,
            f"issue #{issue.id} has the ticket number {wrong.written}, which {wrong.fault}{told}",
            "Correct it in the issue.",
        )
    by, numbers = numbers_in(issue, seen.rules)
    linked = {link.ticket_id for link in seen.links if link.issue_id == issue.id}
    for number in numbers:
        ticket = seen.tickets.get(number)
        if ticket is None:
            yield Finding(
                "issue_without_ticket",
                number,
                issue.id,
                f"issue #{issue.id} names ticket {number}, which is not there or cannot be seen",
                "Correct the number, or let the agent see the ticket's queue.",
            )
        elif ticket.id not in linked and ticket.state_type != "merged":
            yield Finding(
                "unlinked",
                number,
                issue.id,
                f"issue #{issue.id} names ticket {number} and is not linked to it",
                f"Run `sync run --since {instant(issue.updated_at)}`: it reads the issue again and links it."
                if by == "field"
                else "Write that number alone into its ticket field; the next pass links it.",
            )


def _wrong(text: str, seen: Evidence) -> tuple[Wrong, ...]:
    """Numbers with a typing error: meant is a ticket that was read, else what the check digit makes likely."""
    near = {one.written: one for one in find_wrong(text, seen.rules.numbers, seen.tickets.keys())}
    if "DateChecksum" not in seen.rules.numbers.generators:
        return tuple(near.values())
    found = {one.written: one for one in find_wrong(text, seen.rules.numbers)}
    return tuple(
        {**found, **{written: one for written, one in near.items() if one.likely or written not in found}}.values()
    )


def _ticket(seen: Evidence, ticket: Ticket) -> Iterator[Finding]:
    live = {link.issue_id for link in seen.links if link.ticket_id == ticket.id and link.state != "gone"}
    for issue_id in issues_in(ticket, seen.rules):
        if issue_id not in live:
            yield Finding(
                "ticket_without_issue",
                ticket.number,
                issue_id,
                f"ticket {ticket.number} names issue #{issue_id}, which is not there or is not linked to it",
                "Correct the ticket's field, or write the ticket's number into the issue.",
            )
    if triggered(ticket, seen.rules) and not ticket.closed and not live:
        yield Finding(
            "ticket_without_issue",
            ticket.number,
            None,
            f"ticket {ticket.number} waits to become an issue and is none",
            f"`ticket show {ticket.number}` says what it lacks.",
        )
    promised = seen.promises.get(ticket.id, ())
    if ticket.state_type == "closed" and not live and promised and promised[-1].estimated_at is None:
        yield Finding(
            "unanswered",
            ticket.number,
            None,
            f"ticket {ticket.number} was closed, and its client was told neither volume nor cost",
            "Look at it with `ticket show`, and write to the client if an answer is owed.",
        )


def _untold(seen: Evidence) -> Iterator[Finding]:
    by_ticket: dict[int, list[Link]] = {}
    for link in seen.links:
        if link.state != "gone":
            by_ticket.setdefault(link.ticket_id, []).append(link)
    for ticket_id in sorted(by_ticket.keys() & seen.known.keys()):
        links, known = by_ticket[ticket_id], seen.known[ticket_id]
        ended = [link for link in links if link.state == "done"]
        if not ended or any(link.state == "open" for link in links):
            continue
        told = next(
            (
                one
                for one in seen.intents.get(ticket_id, ())
                if one.key.kind == "done" and one.key.round == known.done_round and one.state == "done"
            ),
            None,
        )
        if told is not None and told.mode == "note":
            yield Finding(
                "done_untold",
                known.number,
                ended[0].issue_id,
                f"issue #{ended[0].issue_id} of ticket {known.number} is done; its client's letter is an internal note"
                " of a trial and was never sent",
                "Tell the client by hand, if nobody has: a pass never sends what it has filed as a note.",
            )
        elif told is None:
            older = "" if known.adopted else " (the ticket is older than this store, so no pass writes to it)"
            yield Finding(
                "done_untold",
                known.number,
                ended[0].issue_id,
                f"issue #{ended[0].issue_id} of ticket {known.number} is done, and its client was never told{older}",
                f"Run `ticket done {known.number}`, or tell the client by hand.",
            )
