"""What somebody has to know of entries that nobody is billed for here: collected while they are sorted, then put into
words, one Problem a cause. Those of `problems` are to be solved, those of `notices` only to be known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from studio_invoices.errors import Problem
from studio_support.billing.flags import hours
from studio_support.billing.ledger_view import ClosedMonth
from studio_support.billing.month_plan import SETTLE
from studio_support.billing.plan_input import PlanInput
from studio_support.counting import counted
from studio_support.model import TimeEntry
from studio_support.period import Month

_SAME_HOURS = ": Redmine and an export know the same hours under other keys"
_MOST = 3
"""So many entries or projects are named; the others are counted."""


@dataclass(slots=True)
class Noticed:
    """Entries by what is to be said of them.

    unlisted: by project, of the month planned. no_match: by the clients whose `only` should tell them apart.
    By client and month: foreign (unknown keys in a closed month), strays (came to a closed month too late to be found
    as late time), was_ours (kept as the studio's own, and the client's by now). moved: by (client then, client now).
    strangers: late time that no client lists, by month.
    """

    unlisted: dict[str, list[TimeEntry]] = field(default_factory=dict)
    no_match: dict[tuple[str, ...], list[TimeEntry]] = field(default_factory=dict)
    foreign: dict[tuple[str, Month], list[TimeEntry]] = field(default_factory=dict)
    strays: dict[tuple[str, Month], list[TimeEntry]] = field(default_factory=dict)
    moved: dict[tuple[str, str], list[TimeEntry]] = field(default_factory=dict)
    strangers: dict[Month, list[TimeEntry]] = field(default_factory=dict)
    was_ours: dict[tuple[str, Month], list[TimeEntry]] = field(default_factory=dict)

    def problems(self, given: PlanInput, closed: Mapping[str, Mapping[Month, ClosedMonth]]) -> Iterator[Problem]:
        """What is to be solved; it parks nobody. closed: by client, their closed months."""
        if given.selected is None:
            for name, entries in sorted(self.unlisted.items()):
                message = f'No client lists the project "{name}": {amount_of(entries)}.'
                step = "Run `client discover --write`, complete the draft; or add it to internal_projects."
                yield Problem(f"project:{name}", message, step)
        for clients, entries in sorted(self.no_match.items()):
            if given.is_chosen(*clients):
                yield _unmatched(clients, entries)
        for (client, month), entries in sorted(self.foreign.items()):
            yield _foreign(client, closed[client][month], entries, given.reading.source)
        for (client, month), entries in sorted(self.strays.items()):
            message = (
                f"{amount_of(entries)} came to {client} after {month} was closed (moved, filled in, or the "
                f"project was listed since), first entry {entries[0].id}; they are too old to be found as late time."
            )
            step = f"Run `bill close {month} --client {client} --supplement`."
            yield Problem(f"entry:{entries[0].id}", message, step, client)

    def notices(self, closed: Mapping[str, Mapping[Month, ClosedMonth]]) -> Iterator[Problem]:
        """What is to be known. closed: by client, their closed months."""
        for (before, client), entries in sorted(self.moved.items()):
            message = (
                f"{amount_of(entries)} placed for {before} belong to {client} by now, first entry {entries[0].id}."
            )
            yield Problem(f"client:{before}", message, SETTLE, before)
        for month, entries in sorted(self.strangers.items()):
            message = (
                f"{amount_of(entries)} for {month} in projects that no client lists ({_projects_of(entries)}): see "
                f"`bill reconcile {month}`."
            )
            step = "List the projects in a client's file (`client discover --write`), or in internal_projects."
            yield Problem(f"month:{month}", message, step)
        for (client, month), entries in sorted(self.was_ours.items()):
            message = (
                f"{amount_of(entries)} of {month} in projects of {client} were kept as the studio's own time when it "
                f"was closed ({_projects_of(entries)})."
            )
            more = " --supplement" if month in closed.get(client, {}) else ""
            step = (
                f"If they are to be billed: `bill reopen {month} --internal --reason TEXT`, then "
                f"`bill close {month} --client {client}{more}`."
            )
            yield Problem(f"client:{client}", message, step, client)


def _unmatched(clients: Sequence[str], entries: Sequence[TimeEntry]) -> Problem:
    named = ", ".join(clients)
    message = f"The `only` of {named} must match exactly one client: of {amount_of(entries)} it does not."
    step = f"Fill the field in Redmine, first for entry {entries[0].id}, or correct `only`."
    return Problem(f"entry:{entries[0].id}", message, step)


def _foreign(client: str, closed: ClosedMonth, entries: Sequence[TimeEntry], source: str) -> Problem:
    month = closed.month
    more = f" and {len(entries) - _MOST} more" if len(entries) > _MOST else ""
    rows = ", ".join(entry.id for entry in entries[:_MOST]) + more
    message = (
        f"{amount_of(entries)} of {client} for {month} have keys unknown to what was closed from "
        f"{closed.source}: {rows}."
    )
    way = f"`invoice cancel {closed.number}`" if closed.number else f"`bill reopen {month} --client {client}`"
    same = "" if closed.source == source else _SAME_HOURS
    step = (
        f"They are not billed{same}. Compare them with what was billed for {month}; if time is missing there, "
        f"{way} and close the month again."
    )
    return Problem(f"entry:{entries[0].id}", message, step)


def _projects_of(entries: Sequence[TimeEntry]) -> str:
    names = sorted({entry.project for entry in entries})
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more


def amount_of(entries: Sequence[TimeEntry]) -> str:
    """How much time it is, for people: "3 entries, 2:30"."""
    return f"{counted(len(entries), 'entry', 'entries')}, {hours(sum(entry.minutes for entry in entries))}"
