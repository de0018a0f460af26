"""Reading a ticket: who asked, who answered by hand, what it lacks, whom to write to.

Znuny's auto-reply is an article of sender type system and answers nobody. An article of our own agent is our own
letter or note, never somebody's answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from studio_support.otrs.model import Article, HistoryRow, Ticket
from studio_support.sync.mail_kinds import MailKind, address_of, mail_kind
from studio_support.sync.model import Rules

_YES = frozenset(("1", "yes", "true", "on", "ja", "oui", "да"))
_NO = frozenset(("", "0", "no", "false", "off", "nein", "non", "нет"))
_HOUR = r"(?:h|hrs?|hours?|std|stunden?|heures?|ч|час(?:а|ов)?)\.?"
_MINUTE = r"(?:m|mins?|minut(?:e[ns]?)?|мин|минут[аы]?)\.?"
_HOURS = re.compile(rf"(\d{{1,5}})(?:[.,](\d{{1,4}}))?\s*(?:{_HOUR})?", re.IGNORECASE)
_HOURS_MINUTES = re.compile(rf"(\d{{1,5}})\s*{_HOUR}\s*(\d{{1,2}})\s*(?:{_MINUTE})?", re.IGNORECASE)
_MINUTES = re.compile(rf"(\d{{1,6}})\s*{_MINUTE}", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,5}):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's article and its kind."""

    article: Article
    kind: MailKind


def customer_articles(ticket: Ticket, rules: Rules) -> tuple[Said, ...]:
    """What the client said, oldest first. A call or a chat that an agent took down counts if it opens the ticket."""
    mine = [one for one in ticket.articles if one.sender_type == "customer"]
    newest = max((one.id for one in mine), default=0)
    told = ticket.field(rules.fields.auto)
    found = [
        Said(one, mail_kind(one, rules.numbers, one.field(rules.fields.auto) or (told if one.id == newest else "")))
        for one in mine
    ]
    first = opening(ticket)
    if first is not None and first.sender_type != "customer" and by_voice(first):
        found.insert(0, Said(first, "request"))
    return tuple(found)


def opening(ticket: Ticket) -> Article | None:
    """The first article that the customer may see, leaving out what the system wrote."""
    seen = (one for one in ticket.articles if one.visible and one.sender_type != "system")
    return min(seen, key=lambda one: one.id, default=None)


def by_voice(article: Article) -> bool:
    """Whether it was said, not written: by phone, in a chat, or taken down by an agent from a messenger."""
    return article.channel in ("phone", "chat") or (article.channel == "internal" and article.visible)


def answered_by_hand(ticket: Ticket, since_article: int, own_agent: int | None) -> Article | None:
    """The first answer that a person gave after an article: visible, by an agent that is not ours."""
    found = (
        one
        for one in ticket.articles
        if one.id > since_article
        and one.sender_type == "agent"
        and one.visible
        and one.channel != "internal"
        and (own_agent is None or one.created_by != own_agent)
    )
    return min(found, key=lambda one: one.id, default=None)


def closed_by(row: HistoryRow, rules: Rules) -> bool:
    """Whether a line of history says that the ticket was closed: `%%old state%%new state%%` in Znuny.

    States are known by name here, the history has no more: ours, and those that Znuny calls closed.
    """
    states = [part.strip().casefold() for part in row.text.split("%%") if part.strip()]
    new = states[-1] if row.kind == "StateUpdate" and states else ""
    return new == rules.closed_state.casefold() or new.startswith("closed")


def recipient(ticket: Ticket, article: Article | None) -> str:
    """The address to write to: who wrote the article, else the customer user; "" where nobody is known."""
    wrote = address_of(article.sender) if article is not None and article.sender_type == "customer" else ""
    return wrote or address_of(ticket.customer_user) or (address_of(article.sender) if article is not None else "")


def triggered(ticket: Ticket, rules: Rules) -> bool:
    """Whether the ticket stands where the studio's rule makes it an issue."""
    kind, value = rules.trigger
    if kind == "queue":
        return ticket.queue.casefold() == value.casefold()
    if kind == "state":
        return ticket.state.casefold() == value.casefold()
    return says_yes(ticket.field(value))


def says_yes(text: str) -> bool:
    """Whether a field was filled in with something that is not a no."""
    return text.strip().casefold() not in _NO


def lacking(ticket: Ticket, rules: Rules) -> tuple[str, ...]:
    """The words of `sync.required` whose fields say nothing yet, or no."""
    return tuple(word for word in rules.required if not says_yes(ticket.field(rules.fields.named(word))))


def is_critical(ticket: Ticket, rules: Rules) -> bool:
    """Whether priority or urgency says what the client calls critical."""
    words = {one.casefold() for one in rules.critical}
    urgency = ticket.field(rules.fields.urgency).strip().casefold()
    return ticket.priority.strip().casefold() in words or urgency in words | _YES


def estimate_minutes(text: str) -> int | None:
    """Minutes of an estimate as people write it: 3, "3,5", "3.5 h", "3:30", "3h30", "90 min"; None for anything else.

    Parts of a minute are rounded up.
    """
    clock = _CLOCK.fullmatch(text.strip()) or _HOURS_MINUTES.fullmatch(text.strip())
    if clock:
        return int(clock[1]) * 60 + int(clock[2])
    alone = _MINUTES.fullmatch(text.strip())
    if alone:
        return int(alone[1])
    hours = _HOURS.fullmatch(text.strip())
    if hours is None:
        return None
    part = hours[2] or "0"
    return int(hours[1]) * 60 + -(-int(part) * 60 // int("1" + "0" * len(part)))


def priority_level(priority: str) -> int:
    """1 very low to 5 very high, by the digit that OTRS's names begin with; 3 for other names."""
    found = re.match(r"\s*([1-5])\b", priority)
    return int(found[1]) if found else 3


def at_of(article: Article) -> datetime:
    """When an article came, aware UTC."""
    return article.received_at or article.created_at
