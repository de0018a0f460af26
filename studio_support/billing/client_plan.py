"""One client's part of a month's plan: closed before, parked, held, or a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from studio_invoices.errors import Problem
from studio_invoices.model import Prices
from studio_support.billing.flags import flags_of
from studio_support.billing.hashing import Hasher
from studio_support.billing.ledger_view import MARK_OVERLAP, late_mark
from studio_support.billing.lines import Priced, build_lines
from studio_support.billing.month_plan import Draft, SetAside, Skipped
from studio_support.billing.noticed import amount_of
from studio_support.billing.people import People, resolve_specialists
from studio_support.billing.plan_input import PlanInput
from studio_support.billing.pricing import Pricer
from studio_support.billing.rates import clash
from studio_support.billing.sorting import Candidate, closings
from studio_support.billing.terms import Client, RateRow
from studio_support.model import Issue, Project, TimeEntry
from studio_support.period import Month


@dataclass(slots=True)
class Outcome:
    """One client's part of the plan. parked: there is a problem or a hold. already: closed before."""

    hash: str = ""
    draft: Draft | None = None
    parked: bool = False
    already: bool = False
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shared:
    """What the clients of one plan have in common."""

    given: PlanInput
    issues: Mapping[int, Issue]
    projects: Mapping[int, Project]
    people: People
    hasher: Hasher


@dataclass(slots=True)
class ClientPlanner:
    """Plans one client. problems: known before its entries were looked at; any parks it.

    open_months: late time of months that are not closed for it.
    """

    shared: Shared
    client: Client
    candidates: Sequence[Candidate]
    problems: Sequence[Problem]
    open_months: Mapping[Month, Sequence[TimeEntry]]
    out: Outcome = field(default_factory=Outcome)

    def plan(self) -> Outcome:
        """The client's draft, or why there is none; each candidate is in the draft or skipped."""
        given, client = self.shared.given, self.client
        rows = given.ledger.closed.get(client.id, ())
        closed = closings(rows)
        supplement = given.supplement and given.month in closed
        specialists, unresolved = resolve_specialists(client, self.shared.people, given.ledger.specialists)
        self.out.hash = self.shared.hasher.client_hash(client, specialists, (c.entry for c in self.candidates))
        if given.month in closed and not (supplement and self.candidates):
            self.out.already = True
            done = [row for row in rows if row.month == given.month and bool(row.supplement) == given.supplement]
            self.out.hash = max(done or [closed[given.month]], key=lambda row: row.supplement).plan_hash
        elif given.supplement and not supplement:
            self._tell(f"{given.month} is not closed for {client.id}, so there is nothing to supplement.", given.month)
            self._park("its month is not closed yet")
        elif given.start is not None and given.month < given.start:
            self._park(f"before the first month {given.start}")
        elif client.id in given.ledger.held:
            self._hold(given.ledger.held[client.id])
        elif client.draft:
            self._leave_draft_file()
        else:
            self._draft(specialists, [*self.problems, *unresolved, *self._unsought()])
        if given.start is not None and given.month >= given.start:
            self._tell_open_months(given.start, set(closed))
        return self.out

    def _unsought(self) -> list[Problem]:
        """That this read did not look for late time as far back as the client needs: closed from it, his mark would
        pass over what was booked late meanwhile. It was kept from a run for other clients, or is not Redmine's own.
        An export looks for none and moves no mark: that is only told."""
        reading = self.shared.given.reading
        closed = closings(self.shared.given.ledger.closed.get(self.client.id, ()))
        mark = late_mark(closed.values())
        if mark is None or reading.month <= max(closed):
            return []
        if reading.source == "csv":
            self._tell_export(mark, [row.month for row in closed.values() if row.source != "csv"])
            return []
        since = reading.late_since
        if reading.started_at <= mark or (since is not None and since <= mark - MARK_OVERLAP):
            return []
        message = (
            f"This read did not look for time of {self.client.id} that was booked late since {mark:%Y-%m-%d}, when its "
            f"last month was read."
        )
        return [self._problem(message, "Read from Redmine anew: leave out --from.")]

    def _tell_export(self, mark: datetime, from_redmine: Sequence[Month]) -> None:
        if not from_redmine:
            return
        last = max(from_redmine)
        message = (
            f"An export shows no time of {self.client.id} that was booked since {mark:%Y-%m-%d} for {last} or earlier."
        )
        step = (
            "The next close from Redmine looks for it and bills it. To bill it now, from Redmine: "
            f"`bill close {last} --supplement`."
        )
        self._notice(message, step)

    def _park(self, reason: str) -> None:
        self.out.parked = True
        self.out.skipped.extend(
            Skipped(c.entry.id, c.entry.minutes, "unbilled", reason, self.client.id) for c in self.candidates
        )

    def _notice(self, message: str, step: str) -> None:
        self.out.notices.append(Problem(f"client:{self.client.id}", message, step, self.client.id))

    def _problem(self, message: str, step: str) -> Problem:
        return Problem(f"client:{self.client.id}", message, step, self.client.id)

    def _tell(self, message: str, month: Month) -> None:
        self._notice(message, f"Run `bill close {month} --client {self.client.id}`.")

    def _hold(self, why: str) -> None:
        month = self.shared.given.month
        reason = f": {why}" if why else ""
        step = f"Run `bill unhold {month} --client {self.client.id}` to let it be closed."
        self._notice(f"{self.client.id} is held for {month}{reason}.", step)
        self._park(f"on hold{reason}")

    def _leave_draft_file(self) -> None:
        """A draft is never billed; it is worth a word only once there is time for it."""
        if not self.candidates:
            return
        amount = amount_of([c.entry for c in self.candidates])
        step = f"Complete {self.client.file or 'the file'} and take out `draft = true`."
        self.out.problems.append(
            self._problem(f"The file of {self.client.id} is a draft, and time was booked for it: {amount}.", step)
        )
        self._park(f"the file of {self.client.id} is a draft")

    def _tell_open_months(self, start: Month, closed: set[Month]) -> None:
        """A notice of the earlier months that could have been billed, or have late time, and are not closed."""
        given, client = self.shared.given, self.client
        earliest = min((row.from_day for row in (*client.rates, *client.price_list)), default=None)
        left = given.ledger.left_open.get(client.id, frozenset())
        months = {month for month in self.open_months if month not in closed}
        months |= {month for month in left if start <= month < given.month} - closed
        if earliest is not None and not client.draft:
            month = max(start, Month.of(earliest))
            while month < given.month:
                months |= {month} - closed
                month = month.next
        if not months:
            return
        named = ", ".join(
            f"{month} ({amount_of(self.open_months[month])} booked late)" if month in self.open_months else str(month)
            for month in sorted(months)
        )
        step = f"Run `bill close {min(months)} --client {client.id}`; until then nothing of it is billed."
        self._notice(f"Earlier months are not closed for {client.id}: {named}.", step)

    def _draft(self, specialists: Mapping[str, str], problems: list[Problem]) -> None:
        client, shared = self.client, self.shared
        if client.broken:  # what its faults leave out is no further problem
            told = problems or [self._problem(f"The file of {client.id} has faults.", f"Correct {client.file}.")]
            self._park_by(told)
            return
        for rows in (client.rates, client.price_list):
            if (two := clash(rows, specialists)) is not None:
                problems.append(self._clash(*two))
        pricer = Pricer(client, shared.given.terms, shared.people, shared.issues, shared.projects, specialists)
        priced = [row for c in self.candidates if (row := pricer.price(c)) is not None]
        problems.extend(pricer.problems())
        modes: set[Prices] = {row.tax.prices for row in priced if row.rate is not None}
        if len(modes) > 1:
            problems.append(self._mixed_prices())
        if problems:
            self._park_by(problems)
            return
        self.out.skipped.extend(
            Skipped(row.entry.id, row.entry.minutes, row.disposed, row.reason, client.id) for row in pricer.set_aside
        )
        self.out.draft = self._build(priced, pricer.set_aside, specialists, modes.pop() if modes else "net")
        if not self.out.draft.billable and self.out.draft.flags:
            self._notice(f"{client.id}: {self.out.draft.flags[0]}.", "Ask the team whether time is missing.")

    def _build(
        self, priced: Sequence[Priced], set_aside: Sequence[SetAside], specialists: Mapping[str, str], prices: Prices
    ) -> Draft:
        given, client, shared = self.shared.given, self.client, self.shared
        lines, totals = build_lines(client, priced, shared.issues, shared.projects, prices)
        rates = [row.rate for row in priced if row.rate is not None]
        past = given.ledger.past.get(client.id, ())
        closed = given.ledger.closed.get(client.id, ())
        ever_billed = any(row.number is not None for row in closed)
        flags, suspicion = flags_of(client, given.month, lines, rates, shared.issues, past, ever_billed)
        last = next((p for p in past if p.month == given.month.previous), None)
        done = max((row.supplement for row in closed if row.month == given.month), default=0)
        return Draft(
            client=client.id,
            month=given.month,
            currency=client.currency,
            prices=prices,
            minutes=sum(line.minutes for line in lines),
            booked_minutes=sum(line.booked_minutes for line in lines if line.charged),
            net=totals.net,
            tax=totals.tax,
            gross=totals.gross,
            plan=self.out.hash,
            lines=tuple(lines),
            taxes=totals.taxes,
            flags=flags,
            set_aside=tuple(set_aside),
            specialists=tuple(sorted(specialists.items())),
            supplement=done + 1 if given.supplement else 0,
            suspicion=suspicion,
            last_minutes=last.minutes if last is not None else None,
            last_net=last.net if last is not None else None,
        )

    def _park_by(self, problems: Sequence[Problem]) -> None:
        self.out.problems.extend(problems)
        self._park(f"{self.client.id} is parked by a problem")

    def _clash(self, one: RateRow, other: RateRow) -> Problem:
        who = " and ".join(word for word in (other.specialist, other.activity) if word) or "all"
        message = (
            f"Two rate rows of {self.client.id} from {one.from_day} for {who} differ ({one.per_hour} in {one.where}, "
            f"{other.per_hour} in {other.where}), so that none can be chosen."
        )
        return self._problem(message, "Keep one, or change its day.")

    def _mixed_prices(self) -> Problem:
        message = (
            f"Some of the time of {self.client.id} has net prices and some gross prices: one document cannot hold both."
        )
        step = "Give the client one kind of `prices` for all these days, as a [[tax]] row in its file."
        return self._problem(message, step)
