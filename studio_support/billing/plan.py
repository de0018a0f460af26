"""The month end as a plan: from a reading, the clients' contracts and what the ledger knows to drafts.

Pure: the same inputs give the same plan and hash. One client's problem parks that client; the others go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from studio_invoices.errors import Problem
from studio_invoices.model import Prices
from studio_support.billing.flags import flags_of, hours
from studio_support.billing.hashing import client_hash, month_hash, rules_text
from studio_support.billing.ledger_view import LedgerView
from studio_support.billing.lines import Priced, build_lines
from studio_support.billing.month_plan import Draft, MonthPlan, SetAside, Skipped
from studio_support.billing.ownership import find_owners
from studio_support.billing.people import People, resolve_specialists
from studio_support.billing.pricing import Pricer
from studio_support.billing.sorting import Candidate, Sorted, Sorter
from studio_support.billing.terms import Client, RateRow, Terms
from studio_support.model import Issue, Project, Reading
from studio_support.period import Month


@dataclass(frozen=True, slots=True)
class PlanInput:
    """Everything a plan depends on.

    selected: only these clients; None: all. config_problems: what was wrong in files; those that name a client
    park it. supplement: bill now what was booked late for months already closed, this one included.
    """

    month: Month
    reading: Reading
    clients: Sequence[Client]
    terms: Terms
    ledger: LedgerView
    selected: frozenset[str] | None = None
    config_problems: Sequence[Problem] = ()
    supplement: bool = False


@dataclass(slots=True)
class _Outcome:
    """One client's part of the plan."""

    hash: str
    draft: Draft | None = None
    parked: bool = False
    already: bool = False
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def plan_month(given: PlanInput) -> MonthPlan:
    """Plans a month end. Drafts come most suspicious first, then by falling net amount, then by client."""
    return _Planner(given).plan()


class _Planner:
    def __init__(self, given: PlanInput) -> None:
        self.given = given
        self.clients = {client.id: client for client in given.clients}
        self.issues: Mapping[int, Issue] = {issue.id: issue for issue in given.reading.issues}
        self.projects: Mapping[int, Project] = {p.id: p for p in given.reading.projects if p.id is not None}
        self.people = People.of((given.reading.people, given.ledger.people), given.terms.people_aliases)
        self.rules = rules_text(given.terms)
        self.owners = find_owners(given.reading, given.clients, given.terms.internal_projects)
        self.parking: dict[str, list[Problem]] = {}
        for problem in (*given.config_problems, *self.owners.problems):
            if problem.client is not None:
                self.parking.setdefault(problem.client, []).append(problem)
        self.ownerless: list[Problem] = []
        for entry, problem in given.reading.doubtful:
            owners = self.owners.of(entry).clients
            for owner in owners:
                self.parking.setdefault(owner, []).append(replace(problem, client=owner))
            if not owners:
                self.ownerless.append(problem)

    def plan(self) -> MonthPlan:
        given = self.given
        sorted_entries = Sorter(
            given.month,
            given.reading,
            self.clients,
            given.terms,
            given.ledger,
            self.owners,
            given.selected,
            given.supplement,
        ).run()
        chosen = [c for c in given.clients if given.selected is None or c.id in given.selected]
        outcomes = {client.id: self._client(client, sorted_entries) for client in chosen}
        return self._assemble(outcomes, sorted_entries)

    def _assemble(self, outcomes: Mapping[str, _Outcome], sorted_entries: Sorted) -> MonthPlan:
        given = self.given
        whole = given.selected is None
        drafts = [o.draft for o in outcomes.values() if o.draft is not None]
        drafts.sort(key=lambda d: (-d.suspicion, -d.net, d.client))
        general = [p for p in given.config_problems if p.client is None] if whole else []
        unknown = [p for c, rows in self.parking.items() if c not in self.clients and whole for p in rows]
        entry_problems = (*given.reading.problems, *self.ownerless) if whole else ()
        problems = [*general, *unknown, *entry_problems, *sorted_entries.problems]
        notices = [*given.reading.notices, *sorted_entries.notices]
        skipped = list(sorted_entries.skipped)
        for outcome in outcomes.values():
            problems.extend(outcome.problems)
            notices.extend(outcome.notices)
            skipped.extend(outcome.skipped)
        return MonthPlan(
            month=given.month,
            plan=month_hash(str(given.month), {client: o.hash for client, o in outcomes.items()}),
            drafts=tuple(d for d in drafts if d.billable),
            empty_drafts=tuple(d for d in drafts if not d.billable),
            skipped=tuple(skipped),
            problems=tuple(problems),
            notices=tuple(notices),
            internal=tuple(sorted_entries.internal) if whole else (),
            parked=tuple(client for client, o in outcomes.items() if o.parked),
            already=tuple(client for client, o in outcomes.items() if o.already),
        )

    def _client(self, client: Client, sorted_entries: Sorted) -> _Outcome:
        given = self.given
        candidates = sorted_entries.candidates.get(client.id, [])
        closed = given.ledger.closed.get(client.id, ())
        here = [row for row in closed if row.month == given.month]
        seller = repr(given.terms.sellers.get(client.seller))
        outcome = _Outcome(
            client_hash(
                str(given.month),
                client,
                seller,
                self.rules,
                (candidate.entry for candidate in candidates),
                self.issues,
                "supplement" if given.supplement else "",
            )
        )
        if here and not (given.supplement and candidates):
            wanted = [row for row in here if bool(row.supplement) == given.supplement] or here
            outcome.hash = max(wanted, key=lambda row: row.supplement).plan_hash
            outcome.already = True
        elif given.supplement and not here:
            outcome.notices.append(_not_closed(client, given.month))
            self._leave(outcome, client, candidates, "its month is not closed yet")
        elif self._before_start():
            outcome.parked = True
        elif client.id in given.ledger.held:
            self._hold(outcome, client, candidates)
        else:
            self._gaps(outcome, client)
            self._draft(outcome, client, candidates)
        return outcome

    def _before_start(self) -> bool:
        start = self.given.terms.first_month or self.given.ledger.first_month
        return start is not None and self.given.month < start

    def _leave(self, outcome: _Outcome, client: Client, candidates: Sequence[Candidate], reason: str) -> None:
        outcome.parked = True
        outcome.skipped.extend(Skipped(c.entry.id, c.entry.minutes, "unbilled", reason, client.id) for c in candidates)

    def _hold(self, outcome: _Outcome, client: Client, candidates: Sequence[Candidate]) -> None:
        reason = self.given.ledger.held[client.id]
        why = f": {reason}" if reason else ""
        message = f"{client.id} is held for {self.given.month}{why}."
        step = f"Run `bill unhold {self.given.month} --client {client.id}` to let it be closed."
        outcome.notices.append(Problem(f"client:{client.id}", message, step, client.id))
        self._leave(outcome, client, candidates, f"on hold{why}")

    def _gaps(self, outcome: _Outcome, client: Client) -> None:
        """A notice for each earlier month that could have been billed and was never closed."""
        given = self.given
        start = given.terms.first_month or given.ledger.first_month
        earliest = min((row.from_day for row in (*client.rates, *client.price_list)), default=None)
        if start is None or earliest is None or client.draft:
            return
        closed = {row.month for row in given.ledger.closed.get(client.id, ())}
        month = max(start, Month.of(earliest))
        while month < given.month:
            if month not in closed:
                message = f"{month} was never closed for {client.id}."
                step = f"Run `bill close {month} --client {client.id}`; until then nothing of it is billed."
                outcome.notices.append(Problem(f"client:{client.id}", message, step, client.id))
            month = month.next

    def _draft(self, outcome: _Outcome, client: Client, candidates: Sequence[Candidate]) -> None:
        given = self.given
        problems = list(self.parking.get(client.id, ()))
        if client.broken:  # its problems say why; without its rates every entry would add one of its own
            outcome.problems.extend(problems)
            self._leave(outcome, client, candidates, f"the file of {client.id} has faults")
            return
        if client.draft:
            if not candidates and not problems:
                outcome.parked = True
                return
            problems.append(_draft_file(client, candidates))
        specialists, unresolved = resolve_specialists(client, self.people, given.ledger.specialists)
        problems.extend(unresolved)
        pricer = Pricer(client, given.terms, self.people, self.issues, self.projects, specialists)
        priced = [row for c in candidates if (row := pricer.price(c)) is not None]
        problems.extend(pricer.problems())
        modes: set[Prices] = {row.tax.prices for row in priced}
        if len(modes) > 1:
            problems.append(_mixed_prices(client))
        if problems:
            outcome.problems.extend(problems)
            self._leave(outcome, client, candidates, f"{client.id} is parked by a problem")
            return
        outcome.skipped.extend(
            Skipped(row.entry.id, row.entry.minutes, row.disposed, row.reason, client.id) for row in pricer.set_aside
        )
        rates = [row.rate for row in priced if row.rate is not None]
        outcome.draft = self._build(
            outcome.hash, client, priced, pricer.set_aside, specialists, rates, modes.pop() if modes else "net"
        )
        outcome.notices.extend(_none_this_month(client, outcome.draft))

    def _build(
        self,
        plan: str,
        client: Client,
        priced: Sequence[Priced],
        set_aside: Sequence[SetAside],
        specialists: Mapping[str, str],
        rates: Sequence[RateRow],
        prices: Prices,
    ) -> Draft:
        given = self.given
        lines, totals = build_lines(client, priced, self.issues, self.projects, prices)
        past = given.ledger.past.get(client.id, ())
        closed = given.ledger.closed.get(client.id, ())
        flags, suspicion = flags_of(client, given.month, lines, rates, self.issues, past, bool(closed))
        last = next((p for p in past if p.month == given.month.previous), None)
        supplement = 1 + max((row.supplement for row in closed if row.month == given.month), default=-1)
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
            plan=plan,
            lines=tuple(lines),
            taxes=totals.taxes,
            flags=flags,
            set_aside=tuple(set_aside),
            specialists=tuple(sorted(specialists.items())),
            supplement=supplement if given.supplement else 0,
            suspicion=suspicion,
            last_minutes=last.minutes if last is not None else None,
            last_net=last.net if last is not None else None,
        )


def _none_this_month(client: Client, draft: Draft) -> list[Problem]:
    if draft.billable or not draft.flags:
        return []
    message = f"{client.id}: {draft.flags[0]}."
    return [Problem(f"client:{client.id}", message, "Ask the team whether time is missing.", client.id)]


def _not_closed(client: Client, month: Month) -> Problem:
    message = f"{month} is not closed for {client.id}, so there is nothing to supplement."
    return Problem(f"client:{client.id}", message, f"Run `bill close {month} --client {client.id}`.", client.id)


def _draft_file(client: Client, candidates: Sequence[Candidate]) -> Problem:
    minutes = hours(sum(c.entry.minutes for c in candidates))
    message = f"The file of {client.id} is a draft and {minutes} were booked for it."
    step = f"Complete {client.file or 'the file'} and take out `draft = true`."
    return Problem(f"client:{client.id}", message, step, client.id)


def _mixed_prices(client: Client) -> Problem:
    message = f"Some of the time of {client.id} has net prices and some gross prices: one document cannot hold both."
    step = "Give the client one kind of `prices` for all these days, as a [[tax]] row in its file."
    return Problem(f"client:{client.id}", message, step, client.id)
