"""Where each entry of a reading belongs before anything is priced: a client, the studio itself, the past, nowhere.

Every entry of the month comes out exactly once: as a candidate of one client, or as skipped with its place and
reason. Of other months only what somebody must know or pay comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    _unlisted: dict[str, list[TimeEntry]] = field(default_factory=dict)
    _no_match: dict[tuple[str, ...], list[TimeEntry]] = field(default_factory=dict)
    _foreign: dict[tuple[str, Month], list[TimeEntry]] = field(default_factory=dict)
    _strays: dict[tuple[str, Month], list[TimeEntry]] = field(default_factory=dict)
    _moved: dict[tuple[str, str], list[TimeEntry]] = field(default_factory=dict)
    _strangers: dict[Month, list[TimeEntry]] = field(default_factory=dict)
    _was_ours: dict[tuple[str, Month], list[TimeEntry]] = field(default_factory=dict)

    def run(self, entries: Iterable[TimeEntry]) -> Sorted:
        """Places every entry once and words what was noticed on the way."""
        self._issues = {issue.id: issue for issue in self.given.reading.issues}
        self._closed = {client: closings(rows) for client, rows in self.given.ledger.closed.items()}
        month = self.given.month
        self._closed_now = {client: rows[month] for client, rows in self._closed.items() if month in rows}
        for entry in entries:
            self._sort(entry)
        self._report()
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
            self._was_ours.setdefault((client, held.month), []).append(entry)
        elif here and client is not None and held.client != client:
            self._moved.setdefault((held.client, client), []).append(entry)

    def _note_stranger(self, entry: TimeEntry) -> None:
        when, month = self._when(entry.spent_on)
        if when == "before":
            self._strangers.setdefault(month, []).append(entry)

    def _sort_clientless(self, entry: TimeEntry, owner: Owner) -> None:
        early = self.given.start is not None and self.given.month < self.given.start
        if not early and owner.clients and all(self.clients[c].only is not None for c in owner.clients):
            self._no_match.setdefault(owner.clients, []).append(entry)
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
            self._unlisted.setdefault(entry.project, []).append(entry)
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
            self._foreign.setdefault((client, month), []).append(entry)
            self._skip(entry, "unbilled", f"unknown key in {month}, which is closed for {client}", client)
        elif self.given.supplement:
            self._candidate(entry, client, None)
        elif self._is_found_again(entry, client):
            how = "filled in" if entry.id in self.given.ledger.dispositions else "booked"
            self._skip(entry, "unbilled", f"{how} after {month} was closed: goes on the next invoice", client)
        else:
            self._stray(entry, client, month)

    def _stray(self, entry: TimeEntry, client: str, month: Month) -> None:
        self._strays.setdefault((client, month), []).append(entry)
        reason = f"moved, filled in, or its project listed, after {month} was closed: only a supplement bills it"
        self._skip(entry, "unbilled", reason, client)

    def _sort_earlier(self, entry: TimeEntry, client: str, month: Month) -> None:
        closed = self._closed.get(client, {})
        if month not in closed:
            self.out.open_months.setdefault(client, {}).setdefault(month, []).append(entry)
            self._skip(entry, "unbilled", f"booked for {month}, which is not closed for {client}", client)
        elif self._is_foreign(closed[month]):
            self._foreign.setdefault((client, month), []).append(entry)
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

    def _report(self) -> None:
        if self.given.selected is None:
            for name, entries in sorted(self._unlisted.items()):
                message = f'No client lists the project "{name}": {amount_of(entries)}.'
                step = "Run `client discover --write`, complete the draft; or add it to internal_projects."
                self._problem(f"project:{name}", message, step)
        for clients, entries in sorted(self._no_match.items()):
            if not self.given.is_chosen(*clients):
                continue
            named = ", ".join(clients)
            message = f"The `only` of {named} must match exactly one client: of {amount_of(entries)} it does not."
            step = f"Fill the field in Redmine, first for entry {entries[0].id}, or correct `only`."
            self._problem(f"entry:{entries[0].id}", message, step)
        for (client, month), entries in sorted(self._foreign.items()):
            closed = self._closed[client][month]
            more = f" and {len(entries) - 3} more" if len(entries) > 3 else ""
            rows = ", ".join(entry.id for entry in entries[:3]) + more
            message = (
                f"{amount_of(entries)} of {client} for {month} have keys unknown to what was closed from "
                f"{closed.source}: {rows}."
            )
            way = f"`invoice cancel {closed.number}`" if closed.number else f"`bill reopen {month} --client {client}`"
            same = "" if closed.source == self.given.reading.source else _SAME_HOURS
            step = (
                f"They are not billed{same}. Compare them with what was billed for {month}; if time is missing there, "
                f"{way} and close the month again."
            )
            self._problem(f"entry:{entries[0].id}", message, step)
        for (client, month), entries in sorted(self._strays.items()):
            message = (
                f"{amount_of(entries)} came to {client} after {month} was closed (moved, filled in, or the "
                f"project was listed since), first entry {entries[0].id}; they are too old to be found as late time."
            )
            step = f"Run `bill close {month} --client {client} --supplement`."
            self._problem(f"entry:{entries[0].id}", message, step, client)
        for (before, client), entries in sorted(self._moved.items()):
            message = (
                f"{amount_of(entries)} placed for {before} belong to {client} by now, first entry {entries[0].id}."
            )
            self.out.notices.append(Problem(f"client:{before}", message, SETTLE, before))

        self._report_strangers()

    def _report_strangers(self) -> None:
        """Time of other months that is nobody's, and the studio's own that is somebody's by now."""
        for month, entries in sorted(self._strangers.items()):
            message = (
                f"{amount_of(entries)} for {month} in projects that no client lists ({_projects_of(entries)}): see "
                f"`bill reconcile {month}`."
            )
            step = "List the projects in a client's file (`client discover --write`), or in internal_projects."
            self.out.notices.append(Problem(f"month:{month}", message, step))
        for (client, month), entries in sorted(self._was_ours.items()):
            message = (
                f"{amount_of(entries)} of {month} in projects of {client} were kept as the studio's own time when it "
                f"was closed ({_projects_of(entries)})."
            )
            more = " --supplement" if month in self._closed.get(client, {}) else ""
            step = (
                f"If they are to be billed: `bill reopen {month} --internal --reason TEXT`, then "
                f"`bill close {month} --client {client}{more}`."
            )
            self.out.notices.append(Problem(f"client:{client}", message, step, client))

    def _problem(self, source: str, message: str, step: str, client: str | None = None) -> None:
        self.out.problems.append(Problem(source, message, step, client))


_SAME_HOURS = ": Redmine and an export know the same hours under other keys"


def _projects_of(entries: Sequence[TimeEntry], most: int = 3) -> str:
    names = sorted({entry.project for entry in entries})
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def amount_of(entries: Sequence[TimeEntry]) -> str:
    """How much time it is, for people: "3 entries, 2:30"."""
    count = f"{len(entries)} entries" if len(entries) != 1 else "1 entry"
    return f"{count}, {hours(sum(entry.minutes for entry in entries))}"
