"""Which rows of a client's rates belong on his printed price list, so that a reader who takes the narrowest row that
fits (specialist and activity, then specialist, then activity, then all) comes to the price that is billed.

The client's own rows beat those of a shared list wherever both fit (`billing.rates`): what they cover is left out, and
where only a part is covered a row says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from studio_invoices.annexes import PriceRow
from studio_support.billing.people import is_id
from studio_support.billing.terms import Client, RateRow
from studio_support.model import Person

NameOf = Callable[[str], str | None]


def names_of(people: Iterable[Person], aliases: dict[str, str]) -> NameOf:
    """Gives the full name of whom a rate row names by login, full name or "#id"; None for one who is not known."""
    known: dict[str, str] = {}
    for person in people:
        known[person.name.casefold()] = person.name
        if person.id is not None:
            known[f"#{person.id}"] = person.name
        if person.login:
            known[person.login.casefold()] = person.name

    def name_of(text: str) -> str | None:
        told = aliases.get(text, text)
        return known.get(told.casefold()) or (told if " " in told.strip() and not is_id(told) else None)

    return name_of


def price_rows(client: Client, as_of: date, name_of: NameOf) -> tuple[PriceRow, ...]:
    """The prices that hold on this day, and those agreed from a later one: for all first, then by specialist and
    activity. Who is not known by name stands as the client's file names him."""
    own = _standing(client.rates, as_of, name_of)
    shared = [
        row
        for row in _standing(client.price_list, as_of, name_of)
        if not any(_covers(one, row) and one.from_day <= max(row.from_day, as_of) for one in own)
    ]
    rows = [*own, *shared, *_parts(own, shared)]
    unique = {(_key(row), row.from_day): row for row in reversed(rows)}
    return tuple(sorted(unique.values(), key=_order))


def _standing(rows: Iterable[RateRow], as_of: date, name_of: NameOf) -> list[PriceRow]:
    """Of each kind the latest that has begun, and all that begin later."""
    begun: dict[tuple[str, str], PriceRow] = {}
    later: list[PriceRow] = []
    for rate in rows:
        specialist = None if rate.specialist is None else name_of(rate.specialist) or rate.specialist
        row = PriceRow(rate.from_day, rate.per_hour, specialist, rate.activity)
        if row.from_day > as_of:
            later.append(row)
        elif _key(row) not in begun or begun[_key(row)].from_day < row.from_day:
            begun[_key(row)] = row
    return [*begun.values(), *later]


def _covers(one: PriceRow, other: PriceRow) -> bool:
    """Whether everything that the other row fits is fitted by this one too."""
    return all(mine in ("", its) for mine, its in zip(_key(one), _key(other), strict=True))


def _parts(own: Iterable[PriceRow], shared: Iterable[PriceRow]) -> list[PriceRow]:
    """An own price of an activity holds for specialists of the shared list too, though a specialist is narrower."""
    return [
        replace(one, specialist=row.specialist, from_day=max(one.from_day, row.from_day))
        for one in own
        for row in shared
        if one.specialist is None and one.activity is not None and row.specialist is not None and row.activity is None
    ]


def _key(row: PriceRow) -> tuple[str, str]:
    return (row.specialist or "").casefold(), (row.activity or "").casefold()


def _order(row: PriceRow) -> tuple[tuple[str, str], date]:
    return _key(row), row.from_day
