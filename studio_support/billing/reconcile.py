"""The certificate of a month: every booked minute in exactly one place, per entry, client and in sum.

Booked is what the source shows now; places are what the ledger recorded when months were closed, and the plan's
word for what is not closed yet. An entry that was changed or deleted after closing keeps its recorded minutes
in their place, and the difference stands under `unbilled` with the reason: so sums always meet, and what needs a
correction can be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from studio_invoices.errors import Problem
from studio_support.billing.flags import hours
from studio_support.billing.ledger_view import Allocation, Disposition, is_filled, where_of
from studio_support.billing.month_plan import SETTLE, MonthPlan
from studio_support.model import Reading
from studio_support.period import Month

Place = Literal[
    "billed",
    "prepaid",
    "goodwill",
    "non_billable",
    "fixed",
    "internal",
    "before_start",
    "written_off",
    "unbilled",
]
PLACES: tuple[Place, ...] = (
    "billed",
    "prepaid",
    "goodwill",
    "non_billable",
    "fixed",
    "internal",
    "before_start",
    "written_off",
    "unbilled",
)


@dataclass(frozen=True, slots=True)
class Row:
    """Where minutes of one entry stand. minutes may be negative only for a difference under `unbilled`."""

    entry: str
    client: str | None
    minutes: int
    placed: str
    reason: str
    invoice: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON of one row (contract)."""
        return {
            "entry": self.entry,
            "client": self.client,
            "minutes": self.minutes,
            "as": self.placed,
            "reason": self.reason,
            "invoice": self.invoice,
        }


@dataclass(frozen=True, slots=True)
class Certificate:
    """`bill reconcile`. changed: entries whose time differs from what was closed; unread: whose time is not known.

    problems: what is to be solved or settled. notices: edits after the close that leave the sums alone.
    """

    month: Month
    control: str
    booked: int
    rows: tuple[Row, ...]
    changed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: tuple[str, ...] = ()
    notices: tuple[Problem, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether it balances and nothing is left to be solved before all of it can be billed."""
        return self.balanced and not self.problems

    @property
    def balanced(self) -> bool:
        """Whether booked equals the sum of the places, all time was read, and none differs from what was closed."""
        return not self.changed and not self.unread and self.booked == sum(row.minutes for row in self.rows)

    def minutes(self) -> dict[str, int]:
        """Booked and each place, in sum."""
        return {"booked": self.booked, **_sums(self.rows)}

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `bill reconcile` (contract)."""
        by_client: dict[str | None, list[Row]] = {}
        for row in self.rows:
            by_client.setdefault(row.client, []).append(row)
        clients = []
        for client, rows in sorted(by_client.items(), key=lambda item: (item[0] is None, item[0] or "")):
            sums = _sums(rows)
            clients.append({"client": client, "booked": sum(sums.values()), **sums})
        return {
            "month": str(self.month),
            "balanced": self.balanced,
            "control": self.control,
            "minutes": self.minutes(),
            "clients": clients,
            "entries": [row.as_dict() for row in self.rows],
            "problems": [problem.as_dict() for problem in self.problems],
            "notices": [notice.as_dict() for notice in self.notices],
        }


def _sums(rows: Iterable[Row]) -> dict[str, int]:
    sums: dict[str, int] = dict.fromkeys(PLACES, 0)
    for row in rows:
        sums[row.placed] += row.minutes
    return sums


def certify(
    reading: Reading,
    plan: MonthPlan,
    allocations: Mapping[str, Allocation],
    dispositions: Mapping[str, Disposition],
    recorded: Iterable[Allocation | Disposition],
) -> Certificate:
    """The certificate of a reading.

    plan: of the same month over all clients. allocations, dispositions: open ones of the reading's entries.
    recorded: everything the ledger holds for days of this month; what the source no longer has shows there.
    """
    where = _drafted(plan)
    skipped = {row.entry: row for row in plan.skipped}
    unread = [entry for entry, _ in reading.doubtful if entry.spent_on in reading.month]
    rows: list[Row] = []
    changed: list[str] = []
    lost: dict[tuple[str, str, Month], list[Allocation | Disposition]] = {}
    for entry in (*reading.entries, *unread):
        held = allocations.get(entry.id) or dispositions.get(entry.id)
        if held is not None and not is_filled(held, entry):
            rows.append(_held_row(held))
            if held.minutes != entry.minutes:
                reason = f"changed after closing: {hours(held.minutes)} then, {hours(entry.minutes)} now"
                rows.append(Row(entry.id, held.client or None, entry.minutes - held.minutes, "unbilled", reason))
                changed.append(entry.id)
        elif entry.id in skipped:
            skip = skipped[entry.id]
            rows.append(Row(entry.id, skip.client, entry.minutes, skip.disposed, skip.reason))
        else:
            client, reason = where.get(entry.id, (None, "in no draft"))
            rows.append(Row(entry.id, client, entry.minutes, "unbilled", reason))
    seen = {entry.id for entry in (*reading.entries, *unread)}
    for held in recorded:
        if held.entry not in seen:
            seen.add(held.entry)
            rows.append(_held_row(held))
            if not held.minutes:
                continue
            gone = "deleted, moved to another month or hidden after closing"
            lost.setdefault((held.client, where_of(held), held.month), []).append(held)
            rows.append(Row(held.entry, held.client or None, -held.minutes, "unbilled", gone))
            changed.append(held.entry)
    here = {f"entry:{entry.id}" for entry in reading.entries if entry.id in allocations or entry.id in dispositions}
    edited = [notice for notice in plan.notices if notice.source in here]
    sources = {f"entry:{entry}" for entry in changed}
    return Certificate(
        month=reading.month,
        control=reading.control,
        booked=reading.booked_minutes,
        rows=tuple(rows),
        changed=tuple(changed),
        problems=(*plan.problems, *(told for told in edited if told.source in sources), *_lost(lost, reading)),
        unread=tuple(entry.id for entry in unread),
        notices=tuple(told for told in edited if told.source not in sources),
    )


def _drafted(plan: MonthPlan) -> dict[str, tuple[str, str]]:
    return {
        entry.id: (draft.client, "not closed yet")
        for draft in (*plan.drafts, *plan.empty_drafts)
        for line in draft.lines
        if line.charged
        for entry in line.entries
    }


def _lost(
    groups: Mapping[tuple[str, str, Month], Sequence[Allocation | Disposition]], reading: Reading
) -> Iterator[Problem]:
    """What was placed and is not there any more, told once for each place."""
    seen_in = "the file" if reading.source == "csv" else "Redmine"
    for (client, where, month), rows in groups.items():
        minutes = hours(sum(row.minutes for row in rows))
        what = f"Entry {rows[0].entry}, " if len(rows) == 1 else f"{len(rows)} entries (first {rows[0].entry}), "
        message = (
            f"{what}{minutes}, {where} when {month} was closed, cannot be found in {seen_in} for {reading.month} any "
            f"more: deleted, moved to another month or hidden."
        )
        yield Problem(f"entry:{rows[0].entry}", message, SETTLE, client or None)


def _held_row(held: Allocation | Disposition) -> Row:
    client = held.client or None
    if isinstance(held, Allocation):
        return Row(held.entry, client, held.minutes, "billed", f"line {held.line}", held.invoice)
    return Row(held.entry, client, held.minutes, held.disposed, held.reason)
