"""The counter of a series: one row, moved in the transaction that issues, so that a roll-back leaves no gap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select, update

from studio_invoices.model import Kind
from studio_support.billing.numbers import NumberFormat, series_year
from studio_support.billing.terms import Seller
from studio_support.errors import IssueDateRefused
from studio_support.store.tables import series

ACT_SERIES = "act"


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number taken: the series' row, its counter, and the text that the document bears."""

    series_id: int
    series_number: int
    printed: str


def take_number(connection: Connection, seller: Seller, kind: Kind, issue_date: date) -> Numbered:
    """The next number of the series that this kind of document belongs to; the counter moves on.

    Cancellations stand in the invoices' series unless the seller has a format for them. Raises IssueDateRefused
    for a date before the series' last one, ValueError for a format that is none.
    """
    own = kind == "cancellation" and seller.cancellation_format is not None
    text = seller.cancellation_format if own and seller.cancellation_format else seller.number_format
    first = 1 if own else seller.first_number
    return _next(connection, seller, "cancellation" if own else "invoice", NumberFormat(text), first, issue_date)


def take_act_number(connection: Connection, seller: Seller, act_date: date) -> Numbered:
    """The next number of the seller's acts. Their dates need not rise: an act bears the last day of its month, and a
    month may be closed after the one that follows it. Raises ValueError for a format that is none."""
    wanted = NumberFormat(seller.act_format)
    return _next(connection, seller, ACT_SERIES, wanted, seller.first_act_number, act_date, rising=False)


def _next(
    connection: Connection,
    seller: Seller,
    series_kind: str,
    wanted: NumberFormat,
    first_ever: int,
    day: date,
    *,
    rising: bool = True,
) -> Numbered:
    year = series_year(seller.yearly, day)
    of_seller = (series.c.seller == seller.key, series.c.kind == series_kind)
    row = connection.execute(
        select(series.c.id, series.c.next_number, series.c.last_issue_date)
        .where(*of_seller, series.c.year == year)
        .with_for_update()
    ).first()
    if row is None:
        # a series kept by hand is continued once; the years that follow begin with 1
        earlier = connection.execute(select(series.c.id).where(*of_seller).limit(1)).first()
        first = first_ever if earlier is None else 1
        made = connection.execute(
            insert(series)
            .values(seller=seller.key, kind=series_kind, year=year, first_number=first, next_number=first)
            .returning(series.c.id)
        ).one()
        series_id, number, last = int(made[0]), first, None
    else:
        series_id, number, last = int(row.id), int(row.next_number), row.last_issue_date
    if rising and last is not None and day < last:
        raise IssueDateRefused(
            f"The issue date {day} lies before {last}, the date of the series' last document.",
            f"Use {last} or a later day; numbers and dates of a series rise together.",
        )
    connection.execute(
        update(series).where(series.c.id == series_id).values(next_number=number + 1, last_issue_date=day)
    )
    return Numbered(series_id, number, wanted.printed(day.year, number))
