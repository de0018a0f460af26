"""Applies a plan, item by item: claim, look up if the outcome of an earlier try is unknown, write, store the outcome.

The hold is what makes a look-up worth something: a server was seen to go on with a request whose client was gone. So
what is found after it is done, and what is not found is repeated. One item that fails harms no other, but for those
that stand on it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from studio_support.errors import NotSent, SourceError, SourceRefused
from studio_support.otrs.model import Ticket
from studio_support.sync.actions import (
    Action,
    CloseTicket,
    CreateIssue,
    LetterAction,
    LinkIssue,
    NoteOnIssue,
    Plan,
    Settle,
    Write,
)
from studio_support.sync.clocks import behind_seconds
from studio_support.sync.model import LETTER_KINDS, Intent, Key
from studio_support.sync.ports import IssuePort, TicketPort
from studio_support.sync.state import State
from studio_support.sync.world import TRIED_OFTEN

Ending = Literal["done", "found", "dropped", "failed", "not sent", "unknown", "skipped", "taken"]
GOOD: tuple[Ending, ...] = ("done", "found", "dropped")
LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an action ended. skipped: a write that it stands on did not end well. taken: another pass has it.

    detail: what the server said, or what was left out.
    """

    action: Action
    ending: Ending
    detail: str = ""

    @property
    def applied(self) -> bool:
        """Whether what was wanted is so now."""
        return self.ending in GOOD


@dataclass(frozen=True, slots=True)
class Hands:
    """What applies: both servers, the store, the clock; today: the studio's day, as ISO text."""

    tickets: TicketPort
    issues: IssuePort
    state: State
    clock: Callable[[], datetime]
    today: str


def apply(plan: Plan, hands: Hands, read: dict[int, Ticket]) -> tuple[Outcome, ...]:
    """Does everything in order; one outcome an action. read: the tickets that the plan was made from, by id.

    Raises StoreError, after which nothing more is written anywhere.
    """
    outcomes: list[Outcome] = []
    failed: set[Key] = set()
    for action in plan.actions:
        if isinstance(action, Write):
            outcome = Outcome(action, "skipped") if failed & set(action.after) else _write(action, hands, read)
            if not outcome.applied:
                failed.add(action.key)
        else:
            hands.state.record(action, now=hands.clock(), today=hands.today)
            outcome = Outcome(action, "done")
        outcomes.append(outcome)
    return tuple(outcomes)


def _write(action: Write, hands: Hands, read: dict[int, Ticket]) -> Outcome:
    state = hands.state
    if action.look is not None and action.look.open:
        try:
            found = _look_up(action, action.look, hands, read)
        except SourceError as error:
            return Outcome(action, "unknown", f"it cannot be looked up: {error}")
        if found is not None:
            state.complete(action, found or None, now=hands.clock(), by="field")
            return Outcome(action, "found")
    if isinstance(action, Settle):
        state.settle(action.key, "dropped", detail="not there, and not wanted any more")
        return Outcome(action, "dropped")
    if not state.claim(action, now=hands.clock(), today=hands.today):
        return Outcome(action, "taken")
    try:
        result, by, detail = _do(action, hands)
    except NotSent as error:
        state.settle(action.key, "failed", detail=str(error))
        return Outcome(action, "not sent", str(error))
    except SourceRefused as error:
        state.settle(action.key, "failed", detail=error.reason, refused=True)
        return Outcome(action, "failed", str(error))
    except SourceError as error:
        # counted from now: what came before the hand-over, and waiting for its answer, may have taken as long as a hold
        state.settle(action.key, "unknown", detail=str(error), at=hands.clock())
        return Outcome(action, "unknown", str(error))
    state.complete(action, result, now=hands.clock(), by=by)
    return Outcome(action, "done", detail)


def _do(action: Write, hands: Hands) -> tuple[int | None, str, str]:
    """The write itself: id of what was made, how it came about, what is to be told of it."""
    ticket_id, mark = action.key.ticket_id, action.key.mark(hands.state.mark)
    if isinstance(action, LetterAction):
        letter = action.letter
        if letter.mode == "off":
            return None, "", ""
        if letter.mode == "note":
            body = f"{letter.to}\n\n{letter.text}"
            return hands.tickets.add_note(ticket_id, subject=letter.subject, body=body, key=mark), "", ""
        sent = hands.tickets.send_letter(ticket_id, to=letter.to, subject=letter.subject, text=letter.text, key=mark)
        return sent, "", ""
    if isinstance(action, CreateIssue):
        return _create(action, hands)
    if isinstance(action, LinkIssue):
        ids = [link.issue_id for link in hands.state.links(tickets=[ticket_id]) if link.state != "gone"]
        hands.tickets.update_ticket(ticket_id, fields={action.field: ",".join(map(str, ids))})
    elif isinstance(action, CloseTicket):
        hands.tickets.update_ticket(ticket_id, state=action.state)
    elif isinstance(action, NoteOnIssue):
        hands.issues.add_note(action.issue_id, action.text)
    return None, "", ""


def _create(action: CreateIssue, hands: Hands) -> tuple[int | None, str, str]:
    """One that a person has made meanwhile is taken; looking costs a request, a second issue costs trust."""
    try:
        there = hands.issues.by_ticket([action.issue.ticket])
        whole = _with_files(action.key, hands) if not there and action.issue.files else None
    except SourceError as error:
        # these were reads: nothing was handed over yet
        raise NotSent(error.url, error.reason, error.status) from None
    if there:
        return min(issue.id for issue in there), "field", ""
    articles = whole.articles if whole else ()
    files = [file for one in articles if one.sender_type == "customer" for file in one.attachments if not file.inline]
    handed = [hands.clock()]

    def handing_over() -> None:
        handed.append(hands.clock())
        hands.state.handing_over(action.key, handed[-1])

    made = hands.issues.create(action.issue, files, handing_over)
    if made.created_at is not None:
        # it costs no request, and nothing else of Redmine tells its time
        after = hands.clock()
        hands.state.keep_redmine_clock(behind_seconds(handed[-1], made.created_at, after), after)
    return made.id, "created", f"{LEFT_OUT}: {', '.join(made.left_out)}" if made.left_out else ""


def _with_files(key: Key, hands: Hands) -> Ticket | None:
    """The ticket with its files; with their names alone where they did not come in so many tries.

    The issue is then made without them, and they are named: work is not kept waiting by a file that is too heavy.
    """
    try:
        return hands.tickets.ticket_with_files(key.ticket_id)
    except SourceError:
        tries = (one.attempts for one in hands.state.intents([key.ticket_id])[key.ticket_id] if one.key == key)
        if max(tries, default=0) < TRIED_OFTEN:
            raise
        return hands.tickets.ticket_with_files(key.ticket_id, contents=False)


def _issue_there(number: str, hands: Hands) -> int | None:
    """The issue of a try whose end nobody saw. The field may be empty: Redmine tells its id with a first issue only."""
    first = min(hands.issues.by_ticket([number]), key=lambda one: one.id, default=None)
    if first is None:
        return None
    if number not in first.ticket_field:
        with suppress(SourceError):  # it was found all the same, by its text
            hands.issues.keep_ticket(first.id, number)
    return first.id


def _look_up(action: Write, intent: Intent, hands: Hands, read: dict[int, Ticket]) -> int | None:
    """What became of an earlier try: the id of what is there (0 where it has none), None where nothing is there."""
    kind, ticket_id = action.key.kind, action.key.ticket_id
    mark = action.key.mark(hands.state.mark)
    if kind in LETTER_KINDS:
        if intent.mode == "off":
            return None
        if intent.mode == "note":
            return hands.tickets.find_written(ticket_id, key=mark)
        return hands.tickets.find_letter(read[ticket_id], subject=intent.subject, key=mark)
    if kind == "issue":
        return _issue_there(action.number, hands)
    if kind == "note" and isinstance(action, NoteOnIssue):
        return 0 if hands.issues.has_note(action.issue_id, action.text) else None
    if kind in ("close", "close_again"):
        return 0 if read[ticket_id].closed else None
    # A field that is written twice holds the same; a note that is not wanted any more is left as it is.
    return None
