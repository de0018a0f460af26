"""Subtotals of a draft per project, task or person: another view of the same lines, nothing is reckoned anew.

A line may hold time of several people at one rate. Its net is then shared out to them by booked minutes, by largest
remainder, so that the people's sums meet the draft's; their minutes are those that they booked, before rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from studio_invoices.money import share_out
from studio_support.billing.month_plan import Draft, DraftLine

By = Literal["project", "task", "person"]


@dataclass(frozen=True, slots=True)
class Subtotal:
    """Minutes (charged; booked where it is a person's) and net of one project, task or person."""

    name: str
    minutes: int
    net: Decimal

    def as_dict(self) -> dict[str, str | int]:
        """Its JSON."""
        return {"name": self.name, "minutes": self.minutes, "net": str(self.net)}


def subtotals(draft: Draft, by: By) -> list[Subtotal]:
    """The draft's charged lines summed up, the largest net first."""
    sums: dict[str, tuple[int, Decimal]] = {}
    for line in draft.lines:
        if not line.charged:
            continue
        for name, minutes, net in _people(line, draft.currency) if by == "person" else [_whole(line, by)]:
            before = sums.get(name, (0, Decimal(0)))
            sums[name] = (before[0] + minutes, before[1] + net)
    found = [Subtotal(name, minutes, net) for name, (minutes, net) in sums.items()]
    return sorted(found, key=lambda row: (-row.net, -row.minutes, row.name))


def _whole(line: DraftLine, by: By) -> tuple[str, int, Decimal]:
    number = f"#{line.issue} " if line.issue is not None else ""
    return line.project if by == "project" else f"{line.project}: {number}{line.title}", line.minutes, line.net


def _people(line: DraftLine, currency: str) -> Iterator[tuple[str, int, Decimal]]:
    booked: dict[str, int] = {}
    for entry in line.entries:
        booked[entry.user] = booked.get(entry.user, 0) + entry.minutes
    shares = share_out(line.net, [Decimal(minutes) for minutes in booked.values()], currency)
    for (name, minutes), net in zip(booked.items(), shares, strict=True):
        yield name, minutes, net
