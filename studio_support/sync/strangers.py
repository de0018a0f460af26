"""Letters of our agent that this store does not know: of another store on the same tickets, or of its own later self.

A colleague's machine with a copy of the settings would write every letter a second time, and a store that was put back
from a backup would do so as well. Cheap to see: a letter of our own agent that no write of ours accounts for. Only then
is the history of its ticket asked for, whose line bears the mark of the store and the key of the write. Notes do not
count: a trial store may run beside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from studio_support.otrs.model import Article, HistoryRow, Ticket
from studio_support.sync.histories import histories_of
from studio_support.sync.model import LETTER_KINDS, Intent, Key
from studio_support.sync.ports import TicketPort
from studio_support.sync.world import World

STORE = "store:"
"""Warnings of other stores begin with it; what follows is the other store's mark."""
NEXT_STEP = (
    "Let one machine alone write letters and stop the other one. Then `sync run --confirm`: what the other one wrote "
    "counts as written by this store."
)
_LINE = re.compile(r"studio-support ([0-9a-f]{8})/(\d{1,18})/([a-z_]{1,20})/(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Written:
    """A letter that a store wrote, by its line of history. mark: of that store."""

    mark: str
    key: Key
    number: str
    article_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """forgotten: letters of this very store that it knows nothing of, or only a try in vain.

    others: of other stores, or of a copy of it.
    """

    forgotten: tuple[Written, ...] = ()
    others: tuple[Written, ...] = ()

    def warnings(self, mark: str) -> dict[str, tuple[str, str]]:
        """Message and next step for each other store, by the warning's key. mark: of our own store."""
        told: dict[str, tuple[str, str]] = {}
        for one in self.others:
            who = f"another store ({one.mark}; this one is {mark})" if one.mark != mark else "a copy of this store"
            message = (
                f"{who} writes letters to the same tickets: {one.key.kind} at ticket {one.number}, "
                f"{one.at:%Y-%m-%d %H:%M} UTC"
            )
            told.setdefault(f"{STORE}{one.mark}", (message, NEXT_STEP))
        return told


def strangers(world: World, tickets: TicketPort, mark: str, since: datetime) -> Found:
    """Letters at the tickets of a pass that this store does not know of; of other stores those written after `since`.

    Raises SourceError where OTRS does not answer.
    """
    unaccounted = {ticket.id: ids for ticket in world.tickets if (ids := _unaccounted(world, ticket))}
    if world.rules.letters != "send" or not unaccounted:
        return Found()
    rows, _ = histories_of(tickets, sorted(unaccounted))
    forgotten: list[Written] = []
    others: list[Written] = []
    for ticket in world.tickets:
        known = {intent.key: intent for intent in world.intents.get(ticket.id, ())}
        for one in _written(rows.get(ticket.id, ()), unaccounted.get(ticket.id, frozenset()), ticket):
            intent = known.get(one.key)
            if one.mark == mark and (intent is None or intent.state in ("failed", "dropped")):
                forgotten.append(one)
            elif one.at > since and (one.mark != mark or _not_of_ours(intent)):
                others.append(one)
    return Found(tuple(forgotten), tuple(others))


def remembered(world: World, written: Iterable[Written]) -> World:
    """The world as if the store knew these letters as its own, for what must not write to the store."""
    intents = dict(world.intents)
    for one in written:
        mine = tuple(intent for intent in intents.get(one.key.ticket_id, ()) if intent.key != one.key)
        done = Intent(one.key, "done", one.at, 1, "", "", "send", "", one.article_id, False)
        intents[one.key.ticket_id] = (*mine, done)
    return replace(world, intents=intents)


def _unaccounted(world: World, ticket: Ticket) -> frozenset[int]:
    """Letters of our own agent that are none of ours, or whose end we did not see."""
    agent = world.cursor.agent_id
    ours = {intent.result for intent in world.intents.get(ticket.id, ())}
    return frozenset(one.id for one in ticket.articles if _is_letter(one, agent) and one.id not in ours)


def _not_of_ours(intent: Intent | None) -> bool:
    """Whether a letter under the key of one of ours is a second one that we never wrote.

    One that was handed over twice may be there twice: a server may do the first one when its hold is long over.
    """
    return intent is not None and intent.result is not None and intent.attempts == 1


def _is_letter(article: Article, agent: int | None) -> bool:
    by_us = agent is not None and article.created_by == agent
    return by_us and article.sender_type == "agent" and article.channel == "email"


def _written(rows: Iterable[HistoryRow], articles: frozenset[int], ticket: Ticket) -> Iterable[Written]:
    for row in rows:
        line = _LINE.fullmatch(row.text)
        if line is None or row.article_id not in articles or line[3] not in LETTER_KINDS:
            continue
        key = Key(ticket.id, line[3], int(line[4]))
        if int(line[2]) == ticket.id:
            yield Written(line[1], key, ticket.number, row.article_id or 0, row.created_at)
