"""The month end as a plan: from a reading, the clients' contracts and what the ledger knows to drafts.

Pure: the same inputs, in whatever order, give the same plan and hash. One client's problem parks that client; the
others go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from studio_invoices.errors import Problem
from studio_support.billing.client_plan import ClientPlanner, Outcome, Shared
from studio_support.billing.hashing import Hasher, month_hash
from studio_support.billing.month_plan import MonthPlan, Skipped
from studio_support.billing.ownership import Owners, find_owners
from studio_support.billing.people import People
from studio_support.billing.plan_input import PlanInput, by_id, entries_in_order
from studio_support.billing.sorting import Sorted, Sorter
from studio_support.model import Reading

__all__ = ["PlanInput", "plan_month"]


def plan_month(given: PlanInput) -> MonthPlan:
    """Plans a month end. Drafts come most suspicious first, then by falling net amount, then by client.

    Raises SourceBroken if the reading holds an entry twice.
    """
    clients = {client.id: client for client in sorted(given.clients, key=lambda client: client.id)}
    owners = find_owners(given.reading, list(clients.values()), given.terms.internal_projects)
    unread = _Unread(given, owners)
    sorted_entries = Sorter(given, clients, owners).run(entries_in_order(given.reading))
    parking: dict[str, list[Problem]] = {}
    for problem in (*given.config_problems, *owners.problems, *unread.problems):
        if problem.client is not None:
            parking.setdefault(problem.client, []).append(problem)
    shared = _shared(given)
    outcomes = {
        client.id: ClientPlanner(
            shared,
            client,
            sorted_entries.candidates.get(client.id, ()),
            parking.get(client.id, ()),
            sorted_entries.open_months.get(client.id, {}),
        ).plan()
        for client in clients.values()
        if given.is_chosen(client.id)
    }
    loose = [p for p in (*given.config_problems, *owners.problems, *unread.problems) if _is_loose(p, given, clients)]
    # one that is closed is parked by nothing more, yet his certificate cannot balance
    loose += [p for p in unread.problems if p.client in outcomes and outcomes[p.client].already]
    return _assemble(given, outcomes, sorted_entries, loose, unread.skipped)


def _shared(given: PlanInput) -> Shared:
    issues = {issue.id: issue for issue in given.reading.issues}
    projects = {project.id: project for project in given.reading.projects if project.id is not None}
    people = People.of(given.reading, given.ledger.people, given.terms.people_aliases)
    hasher = Hasher(given.month, given.terms, people, issues, projects, given.supplement)
    return Shared(given, issues, projects, people, hasher)


def _is_loose(problem: Problem, given: PlanInput, clients: Mapping[str, object]) -> bool:
    """Whether a problem must be told though it parks no client that is planned."""
    if problem.client is None:
        return given.selected is None
    return problem.client not in clients and given.is_chosen(problem.client)


class _Unread:
    """Rows whose time could not be read: they park whoever the project belongs to, and stand on the certificate."""

    def __init__(self, given: PlanInput, owners: Owners) -> None:
        self.problems: list[Problem] = []
        self.skipped: list[Skipped] = []
        for entry, problem in given.reading.doubtful:
            clients = owners.of(entry).clients
            self.problems.extend(replace(problem, client=client) for client in clients)
            if not clients:
                self.problems.append(replace(problem, client=None))
            client = clients[0] if len(clients) == 1 else None
            if entry.spent_on in given.month and (given.selected is None or client in given.selected):
                self.skipped.append(Skipped(entry.id, 0, "unbilled", "its time cannot be read", client))


def _assemble(
    given: PlanInput,
    outcomes: Mapping[str, Outcome],
    sorted_entries: Sorted,
    loose: list[Problem],
    unread: list[Skipped],
) -> MonthPlan:
    reading: Reading = given.reading
    whole = given.selected is None
    drafts = [outcome.draft for outcome in outcomes.values() if outcome.draft is not None]
    drafts.sort(key=lambda draft: (-draft.suspicion, -draft.net, draft.client))
    problems = [*loose, *(reading.problems if whole else ()), *sorted_entries.problems]
    notices = [*reading.notices, *sorted_entries.notices]
    skipped = [*sorted_entries.skipped, *unread]
    for outcome in outcomes.values():
        problems.extend(outcome.problems)
        notices.extend(outcome.notices)
        skipped.extend(outcome.skipped)
    return MonthPlan(
        month=given.month,
        plan=month_hash(str(given.month), {client: outcome.hash for client, outcome in outcomes.items()}),
        drafts=tuple(draft for draft in drafts if draft.billable),
        empty_drafts=tuple(draft for draft in drafts if not draft.billable),
        skipped=tuple(sorted(skipped, key=lambda row: by_id(row.entry))),
        problems=tuple(problems),
        notices=tuple(notices),
        internal=tuple(sorted_entries.internal),
        parked=tuple(client for client, outcome in outcomes.items() if outcome.parked),
        already=tuple(client for client, outcome in outcomes.items() if outcome.already),
    )
