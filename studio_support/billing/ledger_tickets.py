"""Which issued documents bear a ticket or an issue: the end of a ticket's story."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import or_, select

from studio_support.store.engine import Store
from studio_support.store.tables import invoices


def lines_of(store: Store, number: str, issues: Collection[int]) -> tuple[dict[str, Any], ...]:
    """Lines of invoices in the order of issue, JSON-ready; minutes: charged.

    number: the ticket's. issues: ids in the tracker.
    """
    wanted = {str(issue) for issue in issues}
    said = [invoices.c.basis.contains(f'"{number}"', autoescape=True)]
    said += [
        invoices.c.basis.contains(f'"issue":{gap}{quote}{one}{quote}', autoescape=True)
        for one in sorted(wanted)
        for gap in ("", " ")
        for quote in ("", '"')
    ]
    query = select(
        invoices.c.number,
        invoices.c.state,
        invoices.c.kind,
        invoices.c.month,
        invoices.c.issue_date,
        invoices.c.currency,
        invoices.c.basis,
    ).where(or_(*said), invoices.c.kind == "invoice")
    with store.reading() as connection:
        return tuple(
            line for row in connection.execute(query.order_by(invoices.c.id)) for line in _lines(row, number, wanted)
        )


def _lines(row: Any, number: str, wanted: Collection[str]) -> Iterator[dict[str, Any]]:
    for place, line in enumerate(json.loads(row.basis)["lines"], start=1):
        if line.get("ticket") == number or str(line.get("issue") or "") in wanted:
            yield {
                "invoice": row.number,
                "state": row.state,
                "month": row.month,
                "issue_date": row.issue_date.isoformat(),
                "line": place,
                "title": line["title"],
                "minutes": line["minutes"],
                "booked_minutes": line["booked_minutes"],
                "net": line["net"],
                "currency": row.currency,
            }
