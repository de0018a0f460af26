"""Where each entry of a reading belongs before anything is priced: a client, the studio itself, the past, nowhere.

Every entry of the month comes out exactly once: as a candidate of one client, or as skipped with its place and
reason. Of other months only what somebody must know or pay comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from studio_invoices.errors import Problem
from studio_support.billing.fingerprint import fingerprint
from studio_support.billing.flags import hours
from studio_support.billing.ledger_view import (
    MARK_OVERLAP,
    Allocation,
    ClosedMonth,
    Disposition,
    is_filled,
    late_mark,
    where_of,
)
from studio_support.billing.month_plan import EARLIER_MONTHS, SETTLE, SetAside, Skipped
from studio_support.billing.noticed import Noticed
from studio_support.billing.ownership import NOBODY, Owner, Owners, passes
from studio_support.billing.plan_input import PlanInput
from studio_support.billing.terms import Client
from studio_support.model import Issue, TimeEntry
from studio_support.period import Month

When = Literal["early", "before", "now", "later"]
"""Where a day lies: before the first month ever billed, in an earlier month, in the month planned, after it."""


class Candidate(NamedTuple):
    """An entry that its client's draft has to place. heading: None, or "earlier months" for late time."""

    entry: TimeEntry
    heading: str | None


@dataclass(slots=True)
class Sorted:
    """Everything in its place. internal: entries of the studio's own projects, for the ledger to keep.

    open_months: late time that cannot be billed because its month is not closed, by client and month.
    problems, notices: about entries that nobody is billed for here; they park nobody.
    """

    candidates: dict[str, list[Candidate]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    internal: list[SetAside] = field(default_factory=list)
    open_months: dict[str, dict[Month, list[TimeEntry]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)


def closings(rows: Iterable[ClosedMonth]) -> dict[Month, ClosedMonth]:
    """The months of one client that stand closed. A supplement alone, its month cancelled, closes nothing."""
    return {row.month: row for row in rows if row.supplement == 0}


@dataclass(slots=True)
class Sorter:
    """Sorts entries that come in order of id. clients: all that are known, by id."""

    given: PlanInput
    clients: Mapping[str, Client]
    owners: Owners
    out: Sorted = field(default_factory=Sorted)
    _issues: Mapping[int, Issue] = field(default_factory=dict)
    _closed: dict[str, dict[Month, ClosedMonth]] = field(default_factory=dict)
    _closed_now: Mapping[str, ClosedMonth] = field(default_factory=dict)
    _days: dict[date, tuple[When, Month]] = field(default_factory=dict)
    _noticed: Noticed = field(default_factory=Noticed)

    def run(self, entries: Iterable[TimeEntry]) -> Sorted:
        """Places every entry once and words what was noticed on the way."""
        self._issues = {issue.id: issue for issue in self.given.reading.issues}
        self._closed = {client: closings(rows) for client, rows in self.given.ledger.closed.items()}
        month = self.given.month
        self._closed_now = {client: rows[month] for client, rows in self._closed.items() if month in rows}
        for entry in entries:
            self._sort(entry)
        self.out.problems.extend(self._noticed.problems(self.given, self._closed))
        self.out.notices.extend(self._noticed.notices(self._closed))
        return self.out

    def _when(self, day: date) -> tuple[When, Month]:
        known = self._days.get(day)
        if known is None:
            month, start = Month.of(day), self.given.start
            when: When = "early" if start is not None and month < start else "now"
            if when == "now" and month != self.given.month:
                when = "before" if month < self.given.month else "later"
            known = self._days[day] = (when, month)
        return known

    def _skip(self, entry: TimeEntry, placed: str, reason: str, client: str | None) -> None:
        self.out.skipped.append(Skipped(entry.id, entry.minutes, placed, reason, client))

    def _sort(self, entry: TimeEntry) -> None:
        owner = self.owners.of(entry)
        client = self._client(owner, entry)
        held = self.given.ledger.allocations.get(entry.id) or self.given.ledger.dispositions.get(entry.id)
        if held is not None and not is_filled(held, entry):
            self._sort_placed(entry, held, client)
        elif client is None:
            if entry.spent_on in self.given.month:
                self._sort_clientless(entry, owner)
            elif owner == NOBODY and entry.minutes and self.given.selected is None:
                self._note_stranger(entry)
        elif self.given.selected is None or client in self.given.selected:
            self._sort_open(entry, client)

    def _client(self, owner: Owner, entry: TimeEntry) -> str | None:
        """The entry's client; None where there is none, or where `only` does not leave exactly one.

        `only` is about the projects that its client shares; where he shares none, it narrows all of them.
        """
        if len(owner.clients) == 1:
            (client,) = owner.clients
            if self.clients[client].only is None or client in self.owners.sharing:
                return client
        issue = None if entry.issue_id is None else self._issues.get(entry.issue_id)
        matching = [c for c in owner.clients if passes(self.clients[c].only, entry, issue)]
        if len(matching) > 1:  # the `only` of a broken file is not known: it claims what nobody else does
            matching = [c for c in matching if not self.clients[c].broken]
        return matching[0] if len(matching) == 1 else None

    def _sort_placed(self, entry: TimeEntry, held: Allocation | Disposition, client: str | None) -> None:
        """What was billed or set aside stays so; what differs now is worth a word."""
        if not self.given.is_chosen(client, held.client):
            return
        here = entry.spent_on in self.given.month
        if isinstance(held, Allocation):
            placed, reason = "billed", f"on invoice {held.invoice}"
        else:
            placed, reason = held.disposed, held.reason
        if here and self.given.is_chosen(held.client):
            self._skip(entry, placed, reason, held.client or None)
        if held.fingerprint != fingerprint(entry) if held.fingerprint else held.minutes != entry.minutes:
            message = (
                f"The entry was {where_of(held)} with {hours(held.minutes)} when {held.month} was closed, and has been "
                f"changed since (time, day, person, activity, project or task): it is now {hours(entry.minutes)} on "
                f"{entry.spent_on} in {entry.project}."
            )
            self.out.notices.append(Problem(f"entry:{entry.id}", message, SETTLE, held.client or client))
        elif client is not None and held.client == "":
            self._noticed.was_ours.setdefault((client, held.month), []).append(entry)
        elif here and client is not None and held.client != client:
            self._noticed.moved.setdefault((held.client, client), []).append(entry)

    def _note_stranger(self, entry: TimeEntry) -> None:
        when, month = self._when(entry.spent_on)
        if when == "before":
            self._noticed.strangers.setdefault(month, []).append(entry)

    def _sort_clientless(self, entry: TimeEntry, owner: Owner) -> None:
        early = self.given.start is not None and self.given.month < self.given.start
        if not early and owner.clients and all(self.clients[c].only is not None for c in owner.clients):
            self._noticed.no_match.setdefault(owner.clients, []).append(entry)
        if self.given.selected is not None:
            return
        if early:
            self._skip(entry, "before_start", f"before the first month {self.given.start}", None)
        elif owner.internal:
            reason = f'internal project "{entry.project}"'
            self.out.internal.append(SetAside(entry, None, "internal", reason))
            self._skip(entry, "internal", reason, None)
        elif owner.clients:
            named = " and ".join(owner.clients)
            self._skip(entry, "unbilled", f"its project is shared by {named}, and it is not clear whose it is", None)
        else:
            self._noticed.unlisted.setdefault(entry.project, []).append(entry)
            self._skip(entry, "unbilled", f'no client lists the project "{entry.project}"', None)

    def _sort_open(self, entry: TimeEntry, client: str) -> None:
        when, month = self._when(entry.spent_on)
        if when == "now":
            closed = self._closed_now.get(client)
            if closed is None:
                self._candidate(entry, client, None)
            else:
                self._sort_after_closing(entry, client, closed)
        elif when == "before":
            self._sort_earlier(entry, client, month)
        elif when == "early":
            reason = f"booked for {month}, before the first month {self.given.start}"
            self._skip(entry, "before_start", reason, client)

    def _sort_after_closing(self, entry: TimeEntry, client: str, closed: ClosedMonth) -> None:
        month = self.given.month
        if self._is_foreign(closed):
            self._noticed.foreign.setdefault((client, month), []).append(entry)
            self._skip(entry, "unbilled", f"unknown key in {month}, which is closed for {client}", client)
        elif self.given.supplement:
            self._candidate(entry, client, None)
        elif self._is_found_again(entry, client):
            how = "filled in" if entry.id in self.given.ledger.dispositions else "booked"
            self._skip(entry, "unbilled", f"{how} after {month} was closed: goes on the next invoice", client)
        else:
            self._stray(entry, client, month)

    def _stray(self, entry: TimeEntry, client: str, month: Month) -> None:
        self._noticed.strays.setdefault((client, month), []).append(entry)
        reason = f"moved, filled in, or its project listed, after {month} was closed: only a supplement bills it"
        self._skip(entry, "unbilled", reason, client)

    def _sort_earlier(self, entry: TimeEntry, client: str, month: Month) -> None:
        closed = self._closed.get(client, {})
        if month not in closed:
            self.out.open_months.setdefault(client, {}).setdefault(month, []).append(entry)
            self._skip(entry, "unbilled", f"booked for {month}, which is not closed for {client}", client)
        elif self._is_foreign(closed[month]):
            self._noticed.foreign.setdefault((client, month), []).append(entry)
            self._skip(entry, "unbilled", f"unknown key in {month}, which is closed for {client}", client)
        elif client in self._closed_now and not self.given.supplement:
            if self._is_found_again(entry, client):
                self._skip(entry, "unbilled", f"booked late for {month}: goes on the next invoice", client)
            else:  # here only because another client's mark is older
                self._stray(entry, client, month)
        else:
            self._candidate(entry, client, EARLIER_MONTHS)

    def _is_foreign(self, closed: ClosedMonth) -> bool:
        """Whether an entry that is new to this closed month cannot be trusted to be new: a row of a CSV may be an
        old one that says something else now, and other kinds of source have other keys for the same time."""
        return self.given.reading.source == "csv" or closed.source != self.given.reading.source

    def _is_found_again(self, entry: TimeEntry, client: str) -> bool:
        """Whether the client's next close surely looks back as far as this entry was booked."""
        mark = late_mark(self._closed[client].values())
        return entry.created_on is None or mark is None or entry.created_on >= mark - MARK_OVERLAP

    def _candidate(self, entry: TimeEntry, client: str, heading: str | None) -> None:
        self.out.candidates.setdefault(client, []).append(Candidate(entry, heading))
