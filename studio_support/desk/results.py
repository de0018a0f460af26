"""What the commands about tickets give: frozen, and JSON by as_dict()."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from studio_invoices.errors import Problem
from studio_support.sync.actions import Action
from studio_support.sync.model import Intent
from studio_support.sync.report import action_dict, instant, intent_dict, shown


@dataclass(frozen=True, slots=True)
class Step:
    """A part of what was done. ending: as in sync.apply, None where it was only planned."""

    action: Action
    ending: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Acted:
    """What a command did to a ticket, or would do. said: in sentences, what no step shows ("was told already …").

    held: writes that are handed over and of which nobody knows yet what became of them. created: a ticket was made.
    """

    verb: str
    number: str
    title: str
    dry_run: bool
    said: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    held: tuple[Intent, ...] = ()
    problems: tuple[Problem, ...] = ()
    created: bool = False

    @property
    def settled(self) -> bool:
        """Whether nothing is left over."""
        return not (self.problems or self.held)

    def as_dict(self) -> dict[str, Any]:
        """The command's JSON."""
        return {
            "ticket": self.number or None,
            "title": self.title,
            "command": self.verb,
            "dry_run": self.dry_run,
            "created": self.created,
            "said": list(self.said),
            "actions": [action_dict(one.action, one.ending, one.detail) for one in self.steps if shown(one.action)],
            "held": [intent_dict(one, self.number) for one in self.held],
            "problems": [one.as_dict() for one in self.problems],
        }


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds a ticket after a command. changed: whether it did anything. before: who held it, "" for nobody."""

    number: str
    title: str
    owner: str
    locked: bool
    changed: bool
    before: str
    dry_run: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The command's JSON."""
        return {
            "ticket": self.number,
            "title": self.title,
            "owner": self.owner,
            "locked": self.locked,
            "changed": self.changed,
            "held_before_by": self.before or None,
            "dry_run": self.dry_run,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket that a search found. issues: ids that are linked to it."""

    number: str
    title: str
    state: str
    queue: str
    customer: str
    owner: str
    created_at: datetime
    issues: tuple[int, ...]

    def as_dict(self) -> dict[str, Any]:
        """A row of the JSON."""
        return {
            "ticket": self.number,
            "title": self.title,
            "state": self.state,
            "queue": self.queue,
            "customer": self.customer or None,
            "owner": self.owner,
            "created_at": instant(self.created_at),
            "issues": list(self.issues),
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open promise. minutes_left: of working time, negative once missed. holder: OTRS login, "" for no lock.

    title, holder: "" where OTRS could not be asked. risk: why it is at risk, in words; "" where it is not.
    due_local: on the studio's clock.
    """

    number: str
    title: str
    client: str | None
    critical: bool
    received_at: datetime
    due_at: datetime
    due_local: datetime
    minutes_left: int
    holder: str
    stand_in: str
    acknowledged_at: datetime | None
    estimated_at: datetime | None
    risk: str

    def as_dict(self) -> dict[str, Any]:
        """A row of the JSON."""
        return {
            "ticket": self.number,
            "title": self.title,
            "client": self.client,
            "critical": self.critical,
            "received_at": instant(self.received_at),
            "due_at": instant(self.due_at),
            "due_local": self.due_local.isoformat(),
            "minutes_left": self.minutes_left,
            "locked_by": self.holder or None,
            "stand_in": self.stand_in or None,
            "acknowledged_at": instant(self.acknowledged_at),
            "estimated_at": instant(self.estimated_at),
            "at_risk": bool(self.risk),
            "risk": self.risk or None,
        }


@dataclass(frozen=True, slots=True)
class LeftLock:
    """A ticket that somebody who is away has locked. until: the last day away, as ISO text."""

    number: str
    title: str
    holder: str
    until: str
    stand_in: str

    def as_dict(self) -> dict[str, Any]:
        """A row of the JSON."""
        return {
            "ticket": self.number,
            "title": self.title,
            "locked_by": self.holder,
            "away_until": self.until,
            "stand_in": self.stand_in or None,
        }


@dataclass(frozen=True, slots=True)
class Inbox:
    """Open promises by due time, and locks of those who are away. problems: what could not be asked.

    old: what to know of a list that no pass has renewed for an hour, in words; "" for a fresh one.
    """

    waiting: tuple[Waiting, ...] = ()
    left: tuple[LeftLock, ...] = ()
    problems: tuple[Problem, ...] = ()
    old: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The command's JSON."""
        return {
            "promises": [one.as_dict() for one in self.waiting],
            "absent": [one.as_dict() for one in self.left],
            "problems": [one.as_dict() for one in self.problems],
        }
