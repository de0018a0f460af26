"""Where each entry of a reading belongs before anything is priced: a client, the studio itself, the past, nowhere.

Every entry comes out exactly once: as a candidate of one client, or as skipped with its place and reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from studio_invoices.errors import Problem
from studio_support.billing.fingerprint import fingerprint
from studio_support.billing.flags import hours
from studio_support.billing.ledger_view import LedgerView
from studio_support.billing.month_plan import EARLIER_MONTHS, SetAside, Skipped
from studio_support.billing.ownership import NOBODY, Owners, passes
from studio_support.billing.terms import Client, Terms
from studio_support.model import Issue, Reading, TimeEntry
from studio_support.period import Month


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that its client's draft has to place. heading: None, or "earlier months" for late time."""

    entry: TimeEntry
    heading: str | None


@dataclass(slots=True)
class Sorted:
    """Everything in its place. internal: entries of the studio's own projects, for the ledger to keep."""

    candidates: dict[str, list[Candidate]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    internal: list[SetAside] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Sorter:
    """Sorts the entries of one reading. selected: None for all clients."""

    month: Month
    reading: Reading
    clients: Mapping[str, Client]
    terms: Terms
    ledger: LedgerView
    owners: Owners
    selected: frozenset[str] | None
    supplement: bool
    out: Sorted = field(default_factory=Sorted)
    _issues: Mapping[int, Issue] = field(default_factory=dict)
    _closed: dict[str, frozenset[Month]] = field(default_factory=dict)
    _unlisted: dict[str, list[TimeEntry]] = field(default_factory=dict)
    _no_match: dict[str, list[TimeEntry]] = field(default_factory=dict)
    _never_closed: dict[tuple[str, Month], list[TimeEntry]] = field(default_factory=dict)
    _foreign: dict[tuple[str, Month], list[TimeEntry]] = field(default_factory=dict)

    def run(self) -> Sorted:
        """Places every entry once and words what was noticed on the way."""
        self._issues = {issue.id: issue for issue in self.reading.issues}
        self._closed = {client: frozenset(row.month for row in rows) for client, rows in self.ledger.closed.items()}
        for entry in (*self.reading.entries, *self.reading.late):
            self._sort(entry)
        self._report()
        return self.out

    @property
    def start(self) -> Month | None:
        """The first month ever billed here: the configuration's word before the store's."""
        return self.terms.first_month or self.ledger.first_month

    def _skip(self, entry: TimeEntry, placed: str, reason: str, client: str | None) -> None:
        if client is None and self.selected is not None:
            return
        self.out.skipped.append(Skipped(entry.id, entry.minutes, placed, reason, client))

    def _sort(self, entry: TimeEntry) -> None:
        client = self._owner(entry)
        if client is not None and self.selected is not None and client not in self.selected:
            return
        if self._placed_before(entry, client):
            return
        if client is None:
            return
        month = Month.of(entry.spent_on)
        if self.start is not None and month < self.start:
            self._skip(entry, "before_start", f"booked for {month}, before the first month {self.start}", client)
        elif month == self.month:
            self._sort_in_month(entry, client)
        elif month < self.month:
            self._sort_earlier(entry, client, month)

    def _sort_in_month(self, entry: TimeEntry, client: str) -> None:
        if self.month not in self._closed.get(client, frozenset()):
            self._candidate(entry, client, None)
        elif self.reading.source == "csv" or self._closed_from(client, self.month) != self.reading.source:
            self._foreign.setdefault((client, self.month), []).append(entry)
            self._skip(entry, "unbilled", f"unknown key in {self.month}, which is closed for {client}", client)
        elif self.supplement:
            self._candidate(entry, client, None)
        else:
            reason = f"booked after {self.month} was closed: goes on the next invoice"
            self._skip(entry, "unbilled", reason, client)

    def _sort_earlier(self, entry: TimeEntry, client: str, month: Month) -> None:
        if month not in self._closed.get(client, frozenset()):
            self._never_closed.setdefault((client, month), []).append(entry)
            self._skip(entry, "unbilled", f"booked for {month}, which was never closed for {client}", client)
        elif self._closed_from(client, month) != self.reading.source:
            self._foreign.setdefault((client, month), []).append(entry)
            self._skip(entry, "unbilled", f"{month} was closed for {client} from another kind of source", client)
        elif self.month in self._closed.get(client, frozenset()) and not self.supplement:
            self._skip(entry, "unbilled", f"booked late for {month}: goes on the next invoice", client)
        else:
            self._candidate(entry, client, EARLIER_MONTHS)

    def _candidate(self, entry: TimeEntry, client: str, heading: str | None) -> None:
        self.out.candidates.setdefault(client, []).append(Candidate(entry, heading))

    def _closed_from(self, client: str, month: Month) -> str:
        return next(row.source for row in self.ledger.closed[client] if row.month == month)

    def _placed_before(self, entry: TimeEntry, client: str | None) -> bool:
        billed = self.ledger.allocations.get(entry.id)
        aside = self.ledger.dispositions.get(entry.id)
        here = entry.spent_on in self.month  # of other months only what changed is worth a word
        if billed is not None:
            if here:
                self._skip(entry, "billed", f"on invoice {billed.invoice}", client or billed.client)
            changed = billed.fingerprint != fingerprint(entry)
            was = f"billed on {billed.invoice} with {hours(billed.minutes)}"
        elif aside is not None:
            if here:
                self._skip(entry, aside.disposed, aside.reason, client)
            changed = aside.minutes != entry.minutes
            was = f"set aside as {aside.disposed} with {hours(aside.minutes)} when {aside.month} was closed"
        else:
            return False
        if changed:
            message = f"The entry was {was} and has been changed since: it is now {hours(entry.minutes)}."
            step = (
                "What was issued stays as it is. Settle the difference with the client by hand or cancel the invoice."
            )
            self.out.notices.append(Problem(f"entry:{entry.id}", message, step, client))
        return True

    def _owner(self, entry: TimeEntry) -> str | None:
        """The entry's client; None where it is placed here already: unlisted, internal, or matched by no `only`."""
        owner = self.owners.of(entry)
        if owner is NOBODY or owner.internal:
            known = entry.id in self.ledger.allocations or entry.id in self.ledger.dispositions
            if not known and Month.of(entry.spent_on) == self.month:
                self._sort_clientless(entry, owner.internal)
            return None
        if len(owner.clients) == 1 and self.clients[owner.clients[0]].only is None:
            return owner.clients[0]
        issue = None if entry.issue_id is None else self._issues.get(entry.issue_id)
        matching = [c for c in owner.clients if passes(self.clients[c].only, entry, issue)]
        if len(matching) == 1:
            return matching[0]
        known = entry.id in self.ledger.allocations or entry.id in self.ledger.dispositions
        if not known and Month.of(entry.spent_on) == self.month:
            self._no_match.setdefault(", ".join(owner.clients), []).append(entry)
            self._skip(entry, "unbilled", f"matches {len(matching)} of the clients that share its project", None)
        return None

    def _sort_clientless(self, entry: TimeEntry, internal: bool) -> None:
        if self.start is not None and self.month < self.start:
            self._skip(entry, "before_start", f"before the first month {self.start}", None)
        elif internal:
            self.out.internal.append(SetAside(entry, None, "internal", f'internal project "{entry.project}"'))
            self._skip(entry, "internal", f'internal project "{entry.project}"', None)
        else:
            self._unlisted.setdefault(entry.project, []).append(entry)
            self._skip(entry, "unbilled", f'no client lists the project "{entry.project}"', None)

    def _report(self) -> None:
        if self.selected is None:
            for name, entries in sorted(self._unlisted.items()):
                message = f'No client lists the project "{name}": {_amount(entries)}.'
                step = "Run `client discover --write`, complete the draft; or add it to internal_projects."
                self.out.problems.append(Problem(f"project:{name}", message, step))
            for clients, entries in sorted(self._no_match.items()):
                message = f"The `only` of {clients} must match exactly one client: {_amount(entries)} do not."
                step = f"Fill the field in Redmine, first in entry {entries[0].id}, or correct `only`."
                self.out.problems.append(Problem(f"entry:{entries[0].id}", message, step))
        for (client, month), entries in sorted(self._never_closed.items()):
            message = f"{_amount(entries)} booked for {month}, which was never closed for {client}."
            self.out.notices.append(Problem(f"client:{client}", message, _close_step(month, client), client))
        for (client, month), entries in sorted(self._foreign.items()):
            source = self._closed_from(client, month)
            rows = ", ".join(entry.id for entry in entries[:3])
            message = (
                f"{_amount(entries)} of {client} for {month} have keys unknown to what was closed from {source}: "
                f"{rows}{' ...' if len(entries) > 3 else ''}."
            )
            step = f"They are not billed. Compare them with the invoice of {month}; bill what is missing from {source}."
            self.out.problems.append(Problem(f"entry:{entries[0].id}", message, step))


def _amount(entries: Sequence[TimeEntry]) -> str:
    count = f"{len(entries)} entries" if len(entries) != 1 else "1 entry"
    return f"{count}, {hours(sum(entry.minutes for entry in entries))}"


def _close_step(month: Month, client: str) -> str:
    return f"Run `bill close {month} --client {client}` if that month is to be billed here."
