"""The month end put together: read, plan, apply. Preview stops after the plan; close applies the same object.

One transaction a client, in order of client id; a crash anywhere, or a second run, goes on where the first
stopped. What is published or sent follows from what the ledger holds, never from the run that put it there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from studio_invoices.check import Ids
from studio_invoices.errors import Problem
from studio_support.billing.documents import GlyphsOf, WordsAsked, act_date, checked
from studio_support.billing.ledger import Ledger
from studio_support.billing.ledger_facts import ReadFacts
from studio_support.billing.ledger_types import Issued, IssueOrder
from studio_support.billing.ledger_view import MARK_OVERLAP, LedgerView
from studio_support.billing.month_plan import Draft, MonthPlan
from studio_support.billing.plan import PlanInput, plan_month
from studio_support.billing.reconcile import Certificate, certify
from studio_support.billing.snapshot import to_invoice
from studio_support.billing.terms import Client, Terms
from studio_support.billing.time_sheets import time_rows, wants_sheet
from studio_support.errors import (
    IssueDateRefused,
    MonthBeforeStart,
    MonthNotOver,
    PlanChanged,
    Refused,
    UnknownClient,
    UnknownManager,
)
from studio_support.model import Reading, TimeEntrySource
from studio_support.period import Month
from studio_support.reads import write_reading

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """The parts of one studio's month end.

    ledger: None before the store is made (a preview writes nothing). files: where kept reads lie.
    now: aware UTC, the instant of the run. person: on whose behalf.
    """

    terms: Terms
    clients: Mapping[str, Client]
    config_problems: Sequence[Problem]
    config_notices: Sequence[Problem]
    ledger: Ledger | None
    ids: Ids
    glyphs_of: GlyphsOf
    files: Path
    now: datetime
    person: str
    progress: Progress | None = None
    words_asked: WordsAsked = lambda seller: False

    def today(self) -> date:
        """The day in the studio's zone."""
        return self.now.astimezone(ZoneInfo(self.terms.timezone)).date()

    def select(self, ids: Sequence[str], manager: str | None = None) -> frozenset[str] | None:
        """The chosen clients, None for all. Raises UnknownClient, UnknownManager."""
        for client in ids:
            if client not in self.clients:
                raise UnknownClient(client, get_close_matches(client, self.clients, n=3))
        if manager is None:
            return frozenset(ids) or None
        managers = {client.account_manager for client in self.clients.values() if client.account_manager}
        if manager not in managers:
            raise UnknownManager(manager, sorted(managers))
        managed = {client.id for client in self.clients.values() if client.account_manager == manager}
        return frozenset(managed & set(ids)) if ids else frozenset(managed)

    def read(self, source: TimeEntrySource, month: Month, selected: frozenset[str] | None) -> Reading:
        """Reads the month whole, with what was booked late for the chosen clients."""
        chosen = [c for c in self.clients.values() if selected is None or c.id in selected]
        mark = None if self.ledger is None else self.ledger.oldest_mark([client.id for client in chosen])
        rows = [row for c in chosen for row in (*c.rates, *c.price_list) if row.specialist is not None]
        named = {self.terms.people_aliases.get(row.specialist or "", row.specialist or "") for row in rows}
        return source.read_month(
            month,
            late_since=None if mark is None else mark - MARK_OVERLAP,
            known_people=() if self.ledger is None else self.ledger.known_people(),
            wanted_people=tuple(sorted(named)),
        )

    def plan(
        self, reading: Reading, selected: frozenset[str] | None, *, supplement: bool = False
    ) -> tuple[MonthPlan, LedgerView]:
        """The plan of what was read, its documents checked."""
        view = LedgerView()
        if self.ledger is not None:
            ids = (entry.id for entry in (*reading.entries, *reading.late))
            view = self.ledger.view(reading.month, list(self.clients), ids)
        given = PlanInput(
            month=reading.month,
            reading=reading,
            clients=tuple(self.clients.values()),
            terms=self.terms,
            ledger=view,
            selected=selected,
            config_problems=self.config_problems,
            supplement=supplement,
        )
        plan = checked(plan_month(given), self.clients, self.terms, self.ids, self.glyphs_of, self.words_asked)
        return replace(plan, notices=(*self.config_notices, *plan.notices)), view

    def guard(self, month: Month) -> None:
        """Refuses a month that is not over, or lies before the first one. Raises MonthNotOver, MonthBeforeStart."""
        if self.today() < month.end:
            raise MonthNotOver(str(month), month.end)
        recorded = None if self.ledger is None else self.ledger.first_month()
        start = self.terms.first_month or recorded
        if start is not None and month < start:
            raise MonthBeforeStart(str(month), str(start))

    def issue_date(self, month: Month, wanted: date | None) -> date:
        """The day that documents bear. Raises IssueDateRefused."""
        today = self.today()
        day = wanted or today
        if day > today:
            raise IssueDateRefused(f"{day} lies in the future.", f"Choose a day up to today, {today}.")
        if day < month.last_day:
            raise IssueDateRefused(
                f"{day} lies before the end of {month}.", f"Choose a day from {month.last_day} to {today}."
            )
        return day

    def close(
        self, ledger: Ledger, reading: Reading, plan: MonthPlan, *, plan_hash: str | None, day: date
    ) -> tuple[MonthPlan, list[Issued]]:
        """Applies the plan: one transaction a client. Returns the plan with what was refused as problems.

        Raises PlanChanged before anything is written; IssueDateRefused where no client could be closed at that date.
        """
        if plan_hash is not None and plan_hash != plan.plan:
            raise PlanChanged(plan_hash, plan.plan)
        ledger.leave_open(reading.month, _left_open(reading, plan), self.now)
        drafts = sorted((*plan.drafts, *plan.empty_drafts), key=lambda draft: draft.client)
        if not drafts:
            self._keep_internal(ledger, reading, plan, None)
            return plan, []
        read_id = self.keep_read(ledger, reading)
        ledger.remember_people(reading.people, self.now)
        first = reading.month if self.terms.first_month is None else None
        issued: list[Issued] = []
        refused: list[tuple[str, Refused]] = []
        for done, draft in enumerate(drafts):
            if self.progress is not None:
                self.progress("Closing", done, len(drafts))
            try:
                issued.append(ledger.issue(self._order(draft, reading, read_id, day, first)))
            except Refused as refusal:
                refused.append((draft.client, refusal))
        if not issued and all(isinstance(refusal, IssueDateRefused) for _, refusal in refused):
            raise refused[0][1]
        self._keep_internal(ledger, reading, plan, read_id)
        problems = [Problem(f"client:{client}", error.wrong, error.next_step, client) for client, error in refused]
        return replace(plan, problems=(*plan.problems, *problems)), issued

    def _order(self, draft: Draft, reading: Reading, read_id: int, day: date, first_month: Month | None) -> IssueOrder:
        client = self.clients[draft.client]
        seller = self.terms.sellers[client.seller]
        return IssueOrder(
            draft=draft,
            invoice=to_invoice(draft, client, seller, day) if draft.billable else None,
            seller=seller,
            source=reading.source,
            read_started_at=reading.started_at,
            late_since=reading.late_since,
            read_id=read_id,
            issue_date=day,
            person=self.person,
            now=self.now,
            rounding=client.rounding,
            first_month=first_month,
            act_date=act_date(draft, client),
            time_rows=time_rows(draft, client) if draft.billable and wants_sheet(client) else None,
            rules=self._rules(client),
        )

    def _rules(self, client: Client) -> dict[str, Any]:
        return {"client_file": client.file, "currency": client.currency, "payment_days": client.payment_days}

    def start_notice(self, view: LedgerView, month: Month, fresh: Sequence[Issued]) -> list[Problem]:
        """Says that this month is the store's first, when this run made it so."""
        if not fresh or self.terms.first_month is not None or view.first_month is not None:
            return []
        message = f"{month} is now the first month of this store, for all clients: nothing earlier is billed from it."
        step = (
            f'If an earlier month is to be billed here too, set first_month in [billing], such as "{month.previous}".'
        )
        return [Problem("store", message, step)]

    def keep_read(self, ledger: Ledger, reading: Reading) -> int:
        """Keeps what was read, so that the run can be planned again; its id in the store."""
        file, sha256 = write_reading(reading, self.files)
        return ledger.record_read(
            ReadFacts(
                month=reading.month,
                source=reading.source,
                started_at=reading.started_at,
                sha256=sha256,
                file=file,
                control=reading.control,
                entries=len(reading.entries),
                requests=reading.requests,
            )
        )

    def _keep_internal(self, ledger: Ledger, reading: Reading, plan: MonthPlan, read_id: int | None) -> None:
        if plan.internal:
            ledger.set_internal(
                reading.month,
                plan.internal,
                source=reading.source,
                read_started_at=reading.started_at,
                late_since=reading.late_since,
                read_id=read_id,
                person=self.person,
                now=self.now,
            )

    def certify(self, reading: Reading) -> Certificate:
        """The certificate of what was read."""
        plan, view = self.plan(reading, None)
        recorded = () if self.ledger is None else self.ledger.allocations_in_month(reading.month)
        return certify(reading, plan, view.allocations, view.dispositions, recorded)


def _left_open(reading: Reading, plan: MonthPlan) -> set[str]:
    """Clients who have time in this month and are not closed with it."""
    booked = {entry.id for entry in reading.entries if entry.minutes}
    waiting = (row for row in plan.skipped if row.disposed == "unbilled" and row.entry in booked)
    return {row.client for row in waiting if row.client is not None and row.client in plan.parked}
