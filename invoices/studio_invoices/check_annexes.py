"""What makes a price list impossible to hand out, and what of a time sheet will be drawn with substitutes.

A price list is part of a contract: names on it are exact, like those of an invoice. A time sheet holds free text.
"""

from __future__ import annotations

from collections.abc import Iterator

from studio_invoices.annexes import PriceList, TimeSheet
from studio_invoices.check_texts import Field, Glyphs, lacking_notice, party_texts, undrawable_texts
from studio_invoices.errors import Problem


def price_list_problems(prices: PriceList, glyphs: Glyphs, client: str | None = None) -> list[Problem]:
    """Problems that must be mended before this list can be handed out; empty when there are none. Raises nothing."""
    found = [
        Problem(source, message, step, client) for source, message, step in undrawable_texts(_exact(prices), glyphs)
    ]
    if not prices.rows:
        step = "Add a row [[rates]] to the client's file, or name a price_list."
        found.append(Problem("client:rates", "No price is agreed from this day on.", step, client))
    return found


def _exact(prices: PriceList) -> Iterator[Field]:
    yield from party_texts("client:buyer", prices.buyer)
    yield from party_texts("seller", prices.seller)
    yield "client:contract_number", prices.contract_number
    for row in prices.rows:
        yield "client:rates.specialist", row.specialist or ""
        yield "client:rates.activity", row.activity or ""


def time_sheet_notices(sheet: TimeSheet, glyphs: Glyphs, client: str | None = None) -> list[Problem]:
    """Bookings in which substitutes will be drawn; parks nobody."""
    found = []
    for row in sheet.rows:
        where = f"the time sheet, {row.day} of {row.person},"
        text = " ".join((row.person, row.project, row.task, row.ticket or "", row.text, row.label or ""))
        notice = lacking_notice(f"line:{row.line}", where, text, glyphs)
        if notice is not None:
            found.append(Problem(*notice, client))
    return found
