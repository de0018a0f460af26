"""One pass: read, plan, guard, apply, move the cursor. Cron runs it; commands about one ticket run a part of it.

The caller holds the lock (LOCK). A pass that is killed at any moment leaves intents and a cursor from which the next
one goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from studio_invoices.errors import Problem
from studio_support.errors import Refused, SourceError
from studio_support.sync.actions import Plan, Warn, WarnEnded
from studio_support.sync.apply import Hands, Outcome, apply
from studio_support.sync.clocks import again_from, begun_at, clock_warnings, lag
from studio_support.sync.model import Cursor, Servers
from studio_support.sync.plan import disaster, plan
from studio_support.sync.reading import DAILY, Read, Sides, keep_clock, look_at_clock, read
from studio_support.sync.report import action_dict, instant, shown
from studio_support.sync.strangers import NEXT_STEP, STORE, remembered, strangers
from studio_support.sync.world import Makers, Warned, World

LOCK = "sync"
"""The name of the lock in the store that a pass and the commands about tickets hold; see store.locks."""


class Disaster(Refused):
    """A guard refuses the pass; nothing was written. `plan` is what it would have done."""

    def __init__(self, problem: Problem, plan_: Plan) -> None:
        super().__init__(problem.message, problem.next_step)
        self.plan = plan_


@dataclass(frozen=True, slots=True)
class Pass:
    """What a pass did. told: what is to be said to people now, new failures, lasting ones once a day, and ends.

    failures: everything that is not right, told today already or not: the exit code is made of it. read_at: our clock
    when it began; requests: over both servers; cursor: where the next one begins, None after a dry run.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    told: tuple[Problem, ...] = ()
    failures: tuple[Problem, ...] = ()
    requests: int = 0
    read_at: datetime | None = None
    cursor: Cursor | None = None

    @property
    def quiet(self) -> bool:
        """Whether there was nothing to do and nothing to say."""
        return not (self.plan.actions or self.told)

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `sync run`; letters in full."""
        if self.cursor is None:
            actions = [action_dict(one) for one in self.plan.actions if shown(one)]
        else:
            actions = [action_dict(one.action, one.ending, one.detail) for one in self.outcomes if shown(one.action)]
        return {
            "dry_run": self.cursor is None,
            "read_at": instant(self.read_at),
            "requests": self.requests,
            "actions": actions,
            "on_hold": len(self.plan.held),
            "told": [problem.as_dict() for problem in self.told],
            "problems": [problem.as_dict() for problem in self.failures],
        }


@dataclass(frozen=True, slots=True)
class Passes:
    """Makes passes. overlap: how far back a cursor lies, since no server tells its time."""

    sides: Sides
    makers: Makers
    overlap: timedelta

    def run(self, *, dry_run: bool = False, since: datetime | None = None, confirm: bool = False) -> Pass:
        """One pass. since: read changes from then on; in a store without a cursor also where its work begins.

        Raises Disaster unless confirmed, SourceError where OTRS does not answer, StoreError.
        """
        sides = self.sides
        now, before = sides.clock(), self._requests()
        try:
            known = sides.state.servers()
            servers = look_at_clock(sides, known, now)
            cursor = again_from(self._cursor(now, since, servers), known, servers, self.overlap)
            seen, others = self._seen(cursor, servers, now, keep=not dry_run, confirm=confirm)
        except SourceError as error:
            if not dry_run:
                self._side_down("otrs", error, now)
            raise
        made = plan(seen.world, self.makers)
        problem = disaster(made, seen.world)
        if problem is None and others and made.letters:
            problem = Problem("sync", *next(iter(others.values())))
        if problem is not None and since is not None:
            # in a store that has not begun, the same command without its beginning would begin another one
            problem = replace(
                problem, next_step=problem.next_step.replace("sync run", f"sync run --since {instant(since)}")
            )
        if problem is not None and not confirm and not dry_run:
            self._told("guard", problem.message, problem.next_step, now)
            raise Disaster(problem, made)
        if dry_run:
            return Pass(made, failures=(problem,) if problem else (), requests=self._requests() - before, read_at=now)
        keep_clock(sides, known, servers)
        if confirm and others:
            sides.state.keep_servers(alone_since=now)
            others = {}
        if sides.state.cursor() is None:
            # killed from here on, the store has begun: what it has not come to is not older than it
            sides.state.keep_cursor(cursor)
        for key in self._ended(seen):
            sides.state.record(WarnEnded(key, ""), now=now, today=seen.world.today)
        outcomes = self.apply(made, seen.world)
        moved = self._moved(seen, outcomes, now, known)
        sides.state.keep_cursor(moved)
        beside = self._beside(seen, others)
        told, failures = self._said(made, outcomes, seen)
        told = (*beside, *told)
        return Pass(made, outcomes, told, failures, self._requests() - before, now, moved)

    def apply(self, made: Plan, world: World) -> tuple[Outcome, ...]:
        """Applies a plan: the one way to write, for passes and commands alike."""
        sides = self.sides
        hands = Hands(sides.tickets, sides.issues, sides.state, sides.clock, world.today)
        return apply(made, hands, {ticket.id: ticket for ticket in world.tickets})

    def look(self, *ticket_ids: int) -> Read:
        """The world of single tickets, for a command: known or not, changed or not.

        Letters that the store has forgotten, being put back from a backup, count as written.
        """
        sides, now = self.sides, self.sides.clock()
        seen = read(sides, self._cursor(now, None, sides.state.servers()), now, only=ticket_ids)
        found = strangers(seen.world, sides.tickets, sides.state.mark, now)
        return replace(seen, world=remembered(seen.world, found.forgotten))

    def _cursor(self, now: datetime, since: datetime | None, servers: Servers) -> Cursor:
        cursor = self.sides.state.cursor()
        if cursor is None:
            # servers tell whole seconds: what arrived in the second in which the store begins is not older than it
            start = (since or begun_at(now, servers)).replace(microsecond=0)
            return Cursor(start, start, daily_at=now)
        return cursor if since is None else replace(cursor, since=min(since, cursor.since))

    def _moved(self, seen: Read, outcomes: tuple[Outcome, ...], now: datetime, known: Servers) -> Cursor:
        """Our clock at the start less the overlap, never later than the oldest change that was not applied.

        Less also what a server's clock lies behind: changes bear its time. known: of the servers before the pass.
        """
        servers = self.sides.state.servers()
        oldest = [now - self.overlap - lag(servers), *_not_applied(outcomes)]
        # What stays broken must not hold up the cursor for ever: it is named each day.
        judged = not any(now - ticket.changed_at < DAILY for ticket in seen.left)
        if seen.redmine is not None or not judged:
            oldest.append(seen.cursor.since)
        # What arrived before the start is not written to, so nothing is missed by not going back behind it.
        since = max(min(oldest).replace(microsecond=0), seen.cursor.start)
        stored = self.sides.state.cursor()
        hidden = servers.redmine_behind_seconds > known.redmine_behind_seconds
        if hidden and stored is not None and stored.daily_at is None:
            # this very pass has found out that Redmine's clock hid changes; the next one looks at them
            return replace(seen.cursor, since=min(since, stored.since), daily_at=None, passed_at=now)
        return replace(seen.cursor, since=since, passed_at=now)

    def _seen(
        self, cursor: Cursor, servers: Servers, now: datetime, *, keep: bool, confirm: bool
    ) -> tuple[Read, dict[str, tuple[str, str]]]:
        """Both sides, and what is to be said of other stores that write letters. Raises SourceError.

        What this store has forgotten, being put back from a backup, counts as written; what others wrote when a person
        has confirmed that they are stopped.
        """
        sides, mark = self.sides, self.sides.state.mark
        seen = read(sides, cursor, now)
        found = strangers(seen.world, sides.tickets, mark, servers.alone_since or cursor.start)
        known = (*found.forgotten, *(found.others if confirm else ()))
        if known and keep:
            for one in known:
                sides.state.take_for_done(one.key, one.article_id, at=one.at, day=sides.day_of(one.at))
            seen = read(sides, cursor, now)
        elif known:
            seen = replace(seen, world=remembered(seen.world, known))
        told = found.warnings(mark)
        return seen, told | _still_there(seen.world.warned, told)

    def _beside(self, seen: Read, others: dict[str, tuple[str, str]]) -> list[Problem]:
        """What is to be said today of clocks and of other stores; the store remembers what lasts."""
        state, now, today = self.sides.state, seen.world.now, seen.world.today
        wrong, warned, told = clock_warnings(state.servers()) | others, state.warned(), list[Problem]()
        for key, (message, next_step) in wrong.items():
            if key not in warned or warned[key].told_on < today:
                state.record(Warn(key, message, next_step), now=now, today=today)
                told.append(Problem(key, message, next_step))
        for key in warned:
            if key.startswith(("clock:", STORE)) and key not in wrong:
                state.record(WarnEnded(key, ""), now=now, today=today)
                told.append(Problem(key, f"It has ended: {warned[key].message}", "Nothing needs to be done."))
        return told

    def _requests(self) -> int:
        return self.sides.tickets.requests + self.sides.issues.requests

    def _side_down(self, side: str, error: SourceError, now: datetime) -> tuple[Problem, ...]:
        """Remembers that a server does not answer; what is to be said of it today."""
        return self._told(f"side:{side}", f"{side}: {error}", "Nothing is lost: the next pass goes on from here.", now)

    def _told(self, key: str, message: str, next_step: str, now: datetime) -> tuple[Problem, ...]:
        """Remembers what stops a whole pass or a side; empty where it was told today already."""
        told = self.sides.state.warned().get(key)
        if told is not None and told.told_on >= self.sides.day_of(now):
            return ()
        self.sides.state.record(Warn(key, message, next_step), now=now, today=self.sides.day_of(now))
        return (Problem(key.removeprefix("side:"), message, next_step),)

    def _ended(self, seen: Read) -> list[str]:
        """What stopped passes, or a side, and does not any more."""
        keys = ["side:otrs", "guard", *(["side:redmine"] if seen.redmine is None else [])]
        return [key for key in keys if key in seen.world.warned]

    def _said(
        self, made: Plan, outcomes: tuple[Outcome, ...], seen: Read
    ) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
        told: list[Problem] = []
        failures: list[Problem] = []
        if seen.redmine is not None:
            told += self._side_down("redmine", seen.redmine, seen.world.now)
            failures.append(Problem("redmine", str(seen.redmine), "The next pass tries again."))
        for key in self._ended(seen):
            ended = seen.world.warned[key]
            told.append(
                Problem(key.removeprefix("side:"), f"It has ended: {ended.message}", "Nothing needs to be done.")
            )
        for action in made.actions:
            if isinstance(action, Warn):
                told.append(Problem(action.key, action.message, action.next_step))
            elif isinstance(action, WarnEnded):
                told.append(Problem(action.key, f"It has ended: {action.message}", "Nothing needs to be done."))
        for outcome in outcomes:
            if outcome.ending in ("failed", "not sent", "unknown"):
                failures.append(_failure(outcome))
        failures += [
            Problem(one.key, one.message, "`sync status` lists what lasts, with what to do.")
            for one in self.sides.state.warned().values()
            if one.lasting and not one.key.startswith("side:")
        ]
        return tuple(told), tuple(failures)


def _still_there(warned: Mapping[str, Warned], others: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Other stores that earlier passes saw, until somebody says that they are stopped."""
    return {key: (one.message, NEXT_STEP) for key, one in warned.items() if key.startswith(STORE) and key not in others}


def _failure(outcome: Outcome) -> Problem:
    key = getattr(outcome.action, "key", None)
    number = getattr(outcome.action, "number", "")
    what = {
        "failed": "was refused",
        "not sent": "could not be sent",
        "unknown": "was handed over, and nobody knows what became of it",
    }[outcome.ending]
    next_step = {
        "failed": "Correct what the server names; it is tried again every hour.",
        "not sent": "The next pass tries again.",
        "unknown": "It is left alone for hold_seconds, then looked up, then repeated if it is not there.",
    }[outcome.ending]
    return Problem(
        f"ticket:{number}", f"ticket {number}: {key.kind if key else ''} {what}: {outcome.detail}", next_step
    )


def _not_applied(outcomes: tuple[Outcome, ...]) -> list[datetime]:
    """When the tickets changed whose changes were not applied, and not answered by a refusal either."""
    found: list[datetime] = []
    for outcome in outcomes:
        changed_at = getattr(outcome.action, "changed_at", None)
        if changed_at is not None and outcome.ending in ("not sent", "unknown", "skipped", "taken"):
            found.append(changed_at)
    return found
