"""The bridge of one studio: its settings, servers, store and lock put together, for `sync` and `ticket` commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import cast
from zoneinfo import ZoneInfo

from studio_invoices.errors import Problem
from studio_support.config.sync_clients import load_sync_clients
from studio_support.desk.new import CALL_UNDONE, settle
from studio_support.desk.parts import DeskParts
from studio_support.errors import Refused
from studio_support.parts import Parts
from studio_support.sync.actions import Warn, WarnEnded
from studio_support.sync.audit import Evidence, Finding, audit
from studio_support.sync.letter_cost import AnnexCost
from studio_support.sync.letter_facts import Cost, no_cost
from studio_support.sync.letters import Letters
from studio_support.sync.plan_links import numbers_in
from studio_support.sync.ports import IssuePort, TicketPort
from studio_support.sync.reading import Sides
from studio_support.sync.rules import rules_of
from studio_support.sync.run import LOCK, Pass, Passes
from studio_support.sync.state import State
from studio_support.sync.state_forget import forget
from studio_support.sync.state_status import Status, status
from studio_support.sync.world import Makers


class Bridge:
    """Passes, and what commands about tickets need. tickets, issues: ports of one's own instead of the servers'."""

    def __init__(self, parts: Parts, *, tickets: TicketPort | None = None, issues: IssuePort | None = None) -> None:
        self._parts = parts
        self._tickets = tickets if tickets is not None else cast(TicketPort | None, parts.otrs)
        self._issues = issues

    @property
    def parts(self) -> Parts:
        """The studio that the bridge belongs to."""
        return self._parts

    @cached_property
    def tickets(self) -> TicketPort:
        """OTRS. Raises ConfigError, MissingSecret, SourceRefused."""
        if self._tickets is not None:
            return self._tickets
        from studio_support.otrs.client import OtrsClient

        section = self._parts.config.otrs
        return OtrsClient(
            section.url,
            section.web_service,
            section.user,
            self._parts.config.otrs_password(self._parts.environ),
            timezone=section.timezone,
            routes=section.routes,
            timeout_seconds=section.timeout_seconds,
        )

    @cached_property
    def issues(self) -> IssuePort:
        """Redmine's issues. Raises ConfigError, MissingSecret, SourceRefused."""
        if self._issues is not None:
            return self._issues
        from studio_support.redmine.issues import RedmineIssues

        config = self._parts.config
        section = config.redmine
        return RedmineIssues(
            section.url,
            config.redmine_api_key(self._parts.environ).reveal(),
            ticket_field=section.ticket_field,
            timeout_seconds=section.timeout_seconds,
            ca_file=str(config.resolve(section.ca_file)) if section.ca_file else "",
            largest_file_bytes=section.largest_file_mb * 1024 * 1024,
        )

    @cached_property
    def state(self) -> State:
        """What the bridge remembers."""
        return State(self._parts.store, person=self._parts.person)

    @cached_property
    def passes(self) -> Passes:
        """The passes of this studio. Raises ConfigError, MissingSecret."""
        parts = self._parts
        sides = Sides(
            self.tickets,
            self.issues,
            self.state,
            rules_of(parts.config),
            load_sync_clients(parts.config, parts.today()),
            parts.clock,
            self._day_of,
        )
        makers = Makers(parts.promises.promise, Letters(parts.config.letters_folder).render, self._cost())
        return Passes(sides, makers, timedelta(minutes=parts.config.sync.overlap_minutes))

    def run(self, *, dry_run: bool = False, since: datetime | None = None, confirm: bool = False) -> Pass:
        """One pass of `sync run`, under the lock unless nothing is written.

        Raises LockHeld, Refused (`since` lies ahead; sync.run.Disaster), SourceError, ConfigError, StoreError.
        """
        if since is not None and since > self._parts.clock():
            raise Refused(
                f"--since {since:%Y-%m-%dT%H:%M:%SZ} is yet to come: what arrives until then would never be answered.",
                "Name a time that has passed, or leave it out to begin now.",
            )
        if dry_run:
            return self.passes.run(dry_run=True, since=since)
        passes = self.passes
        with self.locked("sync run"):
            before = self.tickets.requests
            for one in settle(DeskParts(self)):
                # kept, since only a pass that ends tells of it
                self._record(Warn(one.source, one.message, one.next_step, lasting=False))
            asked = self.tickets.requests - before
            made = passes.run(since=since, confirm=confirm)
            calls = [
                Problem(key, one.message, one.next_step)
                for key, one in sorted(self.state.warned().items())
                if key.startswith(CALL_UNDONE)
            ]
            for problem in calls:
                self._record(WarnEnded(problem.source, ""))
            return replace(
                made,
                told=(*calls, *made.told),
                failures=(*calls, *made.failures),
                requests=made.requests + asked,
            )

    def _record(self, action: Warn | WarnEnded) -> None:
        now = self._parts.clock()
        self.state.record(action, now=now, today=self._day_of(now))

    def status(self) -> Status:
        """Where the bridge stands, by the store alone. Raises ConfigError, StoreError."""
        return status(self._parts.store, self._parts.clock(), self._parts.config.sync.hold_seconds)

    def audit(self, since: datetime | None = None) -> tuple[Finding, ...]:
        """What hangs in the air on either side, of all that changed since (default: since the store's start).

        Raises SourceError, ConfigError, StoreError; Refused where neither a start nor `since` says how far back.
        """
        cursor = self.state.cursor()
        begins = since or (cursor.start if cursor is not None else None)
        if begins is None:
            raise Refused("No pass has run yet, so there is no start to look from.", "Give `--since WHEN`.")
        return audit(self._evidence(begins))

    def _evidence(self, since: datetime) -> Evidence:
        rules, state = rules_of(self._parts.config), self.state
        tickets = self.tickets.tickets(self.tickets.changed_ids_since(since)).tickets
        issues = self.issues.changed_since(since)
        here = {ticket.number: ticket for ticket in tickets}
        named = {number for issue in issues for number in numbers_in(issue, rules)[1]} - here.keys()
        here |= {one.number: one for one in self.tickets.tickets_by_number(sorted(named)).tickets} if named else {}
        links = {(link.ticket_id, link.issue_id): link for link in state.live_links()}
        ids = {ticket.id for ticket in here.values()} | {link.ticket_id for link in links.values()}
        links |= {(link.ticket_id, link.issue_id): link for link in state.links(tickets=ids)}
        known = state.known(ids)
        return Evidence(
            rules,
            {
                number: one
                for number, one in here.items()
                if rules.watches(one.queue) or one.id in known or number in named
            },
            issues,
            tuple(links.values()),
            known,
            state.promises(ids),
            state.intents(ids),
        )

    def told_today(self, key: str) -> bool:
        """Whether a failure of whole passes (`side:otrs`, `guard`) was told today already."""
        told = self.state.warned().get(key)
        return told is not None and told.told_on >= self._day_of(self._parts.clock())

    def forget(self, number: str) -> bool:
        """Gives up a ticket that was deleted in OTRS: nothing waits for it or warns of it any more.

        What was promised and written stays on record. False where nothing is known of the number. Raises Refused where
        OTRS shows the ticket, LockHeld, SourceError.
        """
        with self.locked(f"sync forget {number}"):
            ticket_id = self.state.tickets_of_numbers([number]).get(number)
            if ticket_id is None:
                return False
            if self.tickets.tickets([ticket_id]).tickets:
                raise Refused(
                    f"OTRS shows ticket {number}, so there is nothing to forget.",
                    "Close it, or move it out of the queues that are watched.",
                )
            forget(self._parts.store, ticket_id)
            return True

    def close(self) -> None:
        """Ends what was opened at the servers: a session in OTRS would lie there until it runs out."""
        for name in ("tickets", "issues"):
            close = getattr(self.__dict__.get(name), "close", None)  # a port of one's own need not have one
            if close is not None:
                close()

    @contextmanager
    def locked(self, what: str) -> Iterator[None]:
        """Holds the lock of passes and of commands that write to tickets. Raises LockHeld."""
        with self._parts.locked(what, LOCK):
            yield

    def _day_of(self, at: datetime) -> str:
        return at.astimezone(ZoneInfo(self._parts.config.studio.timezone)).date().isoformat()

    def _cost(self) -> Cost:
        parts = self._parts
        if not parts.config.has("billing"):
            return no_cost
        today: date = parts.today()
        return AnnexCost(parts.book.clients.values(), parts.config.terms().tax, lambda: today)
