"""Which price and which tax an entry has: chosen by the day of the work, narrowest row first.

Specialist and activity, then specialist, then activity, then all; within one narrowness the latest `from` not
after spent_on; the client's own rows before the price list's: any own row that matches, be it the one for all, beats
the list. No row is None, never a zero. Rule: the contract, "Files".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from studio_support.billing.terms import Client, RateRow, TaxRow


def choose_rate(
    client: Client, spent_on: date, person: str, activity: str, specialists: Mapping[str, str]
) -> RateRow | None:
    """The rate row for this person's work on this activity on this day; None when none matches.

    person: key of the person; specialists: text of a row's specialist -> key of the person it means.
    """
    return _choose(client.rates, spent_on, person, activity, specialists) or _choose(
        client.price_list, spent_on, person, activity, specialists
    )


def _choose(
    rows: Sequence[RateRow], spent_on: date, person: str, activity: str, specialists: Mapping[str, str]
) -> RateRow | None:
    best: RateRow | None = None
    best_rank: tuple[bool, bool, date] | None = None
    for row in rows:
        if row.from_day > spent_on:
            continue
        if row.specialist is not None and specialists.get(row.specialist) != person:
            continue
        if row.activity is not None and row.activity.casefold() != activity.casefold():
            continue
        rank = (row.specialist is not None, row.activity is not None, row.from_day)
        if best_rank is None or rank > best_rank:
            best, best_rank = row, rank
    return best


def clash(rows: Sequence[RateRow], specialists: Mapping[str, str]) -> tuple[RateRow, RateRow] | None:
    """Two rows that price the same work from the same day differently, so that none can be chosen; None if none do.

    They may spell the person in two ways ("i.petrov" and "#5"), which no file alone can show.
    """
    seen: dict[tuple[object, ...], RateRow] = {}
    for row in rows:
        person = None if row.specialist is None else specialists.get(row.specialist, row.specialist)
        activity = None if row.activity is None else row.activity.casefold()
        other = seen.setdefault((row.from_day, person, activity), row)
        if other.per_hour != row.per_hour:
            return other, row
    return None


def choose_tax(client_rows: Sequence[TaxRow], studio_rows: Sequence[TaxRow], spent_on: date) -> TaxRow | None:
    """The tax row of a day: the client's latest that has begun, else the studio's; None when none has."""
    for rows in (client_rows, studio_rows):
        begun = [row for row in rows if row.from_day <= spent_on]
        if begun:
            return max(begun, key=lambda row: row.from_day)
    return None
