"""What a plan is made of, brought into one order, so that the order it came in can change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from studio_invoices.errors import Problem
from studio_support.billing.ledger_view import LedgerView
from studio_support.billing.terms import Client, Terms
from studio_support.errors import SourceBroken
from studio_support.model import Reading, TimeEntry
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

    @property
    def start(self) -> Month | None:
        """The first month ever billed here: the configuration's word before the store's."""
        return self.terms.first_month or self.ledger.first_month

    def is_chosen(self, *clients: str | None) -> bool:
        """Whether one of these clients is planned."""
        return self.selected is None or not self.selected.isdisjoint(clients)


def by_id(entry_id: str) -> tuple[int, str]:
    """The order of entries: "9" before "10"."""
    return len(entry_id), entry_id


def entries_in_order(reading: Reading) -> list[TimeEntry]:
    """All entries of a reading, those of other months among them, in order of id.

    Raises SourceBroken if an id comes twice: the time would be billed twice.
    """
    entries = sorted((*reading.entries, *reading.late), key=lambda entry: (len(entry.id), entry.id))
    for one, next_one in pairwise(entries):
        if one.id == next_one.id:
            raise SourceBroken(f"reading of {reading.month} from {reading.source}", f"entry {one.id} came twice")
    return entries
