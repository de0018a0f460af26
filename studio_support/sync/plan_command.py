"""What a person orders for one ticket by a command, put on its desk behind all that a pass would do by itself.

The keys are those of the passes: what cron has written is not written again, and what a killed command left behind
cron looks up. A letter that the plan has made already takes the person's note and is not doubled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from studio_support.sync.actions import Apologise, CloseTicket, LetterAction, TellDone, TellEstimate
from studio_support.sync.letter_facts import LetterFacts
from studio_support.sync.model import Key, LetterKind, Promised
from studio_support.sync.plan_intake import article_of_round, facts_of
from studio_support.sync.talk import estimate_minutes, recipient
from studio_support.sync.world import Desk

Order = Callable[[Desk], None]


def tell_done(note: str = "") -> Order:
    """The letter that it is done; a ticket that has no issue is closed behind it."""

    def order(desk: Desk) -> None:
        if _noted(desk, TellDone, "done", facts_of(desk, note=note), note):
            return
        key = desk.letter(TellDone, "done", _done_round(desk), _to(desk), facts_of(desk, note=note))
        if key is not None and not desk.links and not desk.ticket.closed:
            _close(desk, key)

    return order


def tell_estimate(note: str = "") -> Order:
    """The estimate in the ticket's field, of a ticket to which a pass alone would not write: an older one."""

    def order(desk: Desk) -> None:
        text = desk.ticket.field(desk.rules.fields.estimate).strip()
        minutes = estimate_minutes(text)
        cost = desk.office.makers.cost(desk.client.id, minutes) if desk.client and minutes is not None else ""
        facts = facts_of(desk, estimate_minutes=minutes, cost=cost, note=note)
        if _noted(desk, TellEstimate, "estimate", facts, note) or minutes is None or desk.ticket.closed:
            return
        served = desk.known.adopted and desk.promised is not None
        if served or text == desk.known.estimate or any(link.state != "gone" for link in desk.links):
            return
        desk.letter(TellEstimate, "estimate", desk.known.estimate_round + 1, _to(desk), facts, estimate=text)

    return order


def apologise(note: str = "") -> Order:
    """The apology for the missed promise of the present round."""

    def order(desk: Desk) -> None:
        desk.letter(Apologise, "apology", desk.known.round, _to(desk), facts_of(desk, note=note))

    return order


def missed(row: Promised | None, now: datetime) -> bool:
    """Whether a promise was not kept: one of its clocks ran past the due, or still runs then. now: aware."""
    if row is None:
        return False
    return any((at or now) > row.due_at for at in (row.acknowledged_at, row.estimated_at))


def _done_round(desk: Desk) -> int:
    """The next round where the client has asked for something else since he was told."""
    round_ = desk.known.done_round
    told = desk.intent(desk.key("done", round_))
    if told is None or told.state != "done" or desk.promised is None or told.at >= desk.promised.received_at:
        return round_
    desk.remember(done_round=round_ + 1)
    return round_ + 1


def _to(desk: Desk) -> str:
    return recipient(desk.ticket, article_of_round(desk))


def _close(desk: Desk, told: Key) -> None:
    key = desk.key("close", desk.promised.round if desk.promised else desk.known.round)
    free, look = desk.free(key)
    if free:
        desk.closing = True
        state, changed_at = desk.rules.closed_state, desk.ticket.changed_at
        desk.write(CloseTicket(key, desk.ticket.number, look, (told,), changed_at, state=state, why="it is done"))


def _noted(desk: Desk, kind: type[LetterAction], name: LetterKind, facts: LetterFacts, note: str) -> bool:
    """Whether the plan has made the letter already; it gets the person's note then."""
    for place, action in enumerate(desk.actions):
        if isinstance(action, kind):
            if note:
                # the plan has rendered the same template a moment ago
                _, text = desk.office.makers.render(name, action.letter.language, facts)
                desk.actions[place] = replace(action, letter=replace(action.letter, text=text))
            return True
    return False
