"""Closing one client's month: number, snapshot, one place for every entry, outbox and audit row, in ONE transaction.

A crash, a refusal or a concurrent run before the commit leaves nothing behind, not even a number: the counter is
a row of the same transaction (complaints: "number at issue, inside the transaction, one counter row per series").
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from studio_invoices.codec import invoice_to_dict
from studio_support.billing.audit import add_audit
from studio_support.billing.fingerprint import fingerprint
from studio_support.billing.ledger_acts import add_act
from studio_support.billing.ledger_basis import basis_of
from studio_support.billing.ledger_guards import (
    existing_closing,
    free_empty,
    refuse_held,
    refuse_mixed_sources,
    refuse_taken,
)
from studio_support.billing.ledger_numbers import Numbered, take_number
from studio_support.billing.ledger_sheets import add_time_sheet
from studio_support.billing.ledger_types import Issued, IssueOrder
from studio_support.errors import EntryTaken, NumberTaken
from studio_support.model import TimeEntry
from studio_support.store.engine import Store
from studio_support.store.tables import allocations, closings, invoices, outbox, specialists, store_facts

_ROWS_AT_ONCE = 1000


def issue(store: Store, order: IssueOrder) -> Issued:
    """Closes the month of the order's client; what is closed already is returned as it stands.

    Raises ClientHeld, SourceKindMixed, IssueDateRefused, EntryTaken, NumberTaken (nothing is written then),
    StoreError, FilesystemError; ValueError for an order that contradicts itself.
    """
    _check(order)
    return store.write(lambda connection: _issue(connection, order))


def _issue(connection: Connection, order: IssueOrder) -> Issued:
    draft = order.draft
    known = existing_closing(connection, draft.client, draft.month, draft.supplement)
    if known is not None:
        return known
    refuse_held(connection, draft.client, draft.month)
    entries = list(_entries(order))
    months = {draft.month.first_day, *(entry.spent_on.replace(day=1) for entry in entries)}
    refuse_mixed_sources(connection, draft.client, draft.month, months, order.source)
    try:
        refuse_taken(connection, entries)
    except EntryTaken:
        # by a run that closed this very month after our first look, without waiting for the write lock?
        known = existing_closing(connection, draft.client, draft.month, draft.supplement)
        if known is None:
            raise
        return known
    free_empty(connection, entries)
    if order.first_month is not None:
        remember_first_month(connection, str(order.first_month))
    number, invoice_id = None, None
    if order.invoice is not None:
        numbered = take_number(connection, order.seller, "invoice", order.issue_date)
        number, invoice_id = numbered.printed, _document(connection, order, numbered)
        connection.execute(
            insert(outbox).values(invoice_id=invoice_id, kind="invoice", state="queued", queued_at=order.now)
        )
        if order.act_date is not None:
            add_act(connection, order.seller, invoice_id, order.act_date, order.now)
        if order.time_rows is not None:
            add_time_sheet(connection, invoice_id, order.invoice, order.time_rows)
    closing_id = _closing(connection, order, invoice_id)
    _allocate(connection, order, closing_id, invoice_id)
    _remember_specialists(connection, order)
    detail = {"month": str(draft.month), "supplement": draft.supplement, "plan": draft.plan, "number": number}
    add_audit(connection, order.person, "close", f"client:{draft.client}", detail, order.now)
    return Issued(draft.client, draft.month, draft.supplement, number, invoice_id, created=True)


def _check(order: IssueOrder) -> None:
    """What the plan promises; without it minutes could be lost or counted twice. Raises ValueError."""
    draft, invoice = order.draft, order.invoice
    if (invoice is not None) != draft.billable:
        raise ValueError(f"{draft.client}: an invoice exactly if there is something to bill")
    charged = [line for line in draft.lines if line.charged]
    for line in charged:
        if line.booked_minutes != sum(entry.minutes for entry in line.entries):
            raise ValueError(f"{draft.client}: booked minutes of {line.title!r} differ from its entries")
    if draft.booked_minutes != sum(line.booked_minutes for line in charged):
        raise ValueError(f"{draft.client}: booked minutes differ from the charged lines")
    placed = [entry.id for entry in _entries(order)]
    if len(set(placed)) != len(placed):
        raise ValueError(f"{draft.client}: an entry stands twice in the draft")
    shown = {entry.id for line in draft.lines for entry in line.entries}
    if shown - set(placed):
        raise ValueError(f"{draft.client}: {min(shown - set(placed))} is shown, but neither billed nor set aside")
    if invoice is None:
        return
    if invoice.number is not None or invoice.issue_date != order.issue_date or len(invoice.lines) != len(draft.lines):
        raise ValueError(f"{draft.client}: the document is not this draft of {order.issue_date}, without number")
    if (invoice.net, invoice.tax, invoice.gross) != (draft.net, draft.tax, draft.gross):
        raise ValueError(f"{draft.client}: the document's totals differ from the draft's")


def _entries(order: IssueOrder) -> Iterator[TimeEntry]:
    for line in order.draft.lines:
        if line.charged:
            yield from line.entries
    for row in order.draft.set_aside:
        yield row.entry


def _document(connection: Connection, order: IssueOrder, numbered: Numbered) -> int:
    assert order.invoice is not None
    return insert_document(
        connection,
        numbered,
        snapshot={**invoice_to_dict(order.invoice), "number": numbered.printed},
        basis=basis_of(order),
        facts={
            "seller": order.seller.key,
            "kind": "invoice",
            "client": order.draft.client,
            "month": str(order.draft.month),
            "supplement": order.draft.supplement,
            "currency": order.draft.currency,
            "issue_date": order.issue_date,
            "due_date": order.invoice.due_date,
            "minutes": order.draft.minutes,
            "booked_minutes": order.draft.booked_minutes,
            "net": str(order.draft.net),
            "tax": str(order.draft.tax),
            "gross": str(order.draft.gross),
            "plan_hash": order.draft.plan,
            "issued_at": order.now,
            "issued_by": order.person,
        },
    )


def insert_document(
    connection: Connection, numbered: Numbered, *, snapshot: Any, basis: Any, facts: dict[str, Any]
) -> int:
    """Writes an issued document under its number; its id. Raises NumberTaken if another bears the number."""
    taken = connection.execute(select(invoices.c.id).where(invoices.c.number == numbered.printed)).first()
    if taken is not None:
        raise NumberTaken(numbered.printed, str(facts["seller"]))
    row = connection.execute(
        insert(invoices)
        .values(
            number=numbered.printed,
            series_id=numbered.series_id,
            series_number=numbered.series_number,
            snapshot=json.dumps(snapshot, ensure_ascii=False),
            basis=json.dumps(basis, ensure_ascii=False),
            state="issued",
            **facts,
        )
        .returning(invoices.c.id)
    ).one()
    return int(row[0])


def _closing(connection: Connection, order: IssueOrder, invoice_id: int | None) -> int:
    row = connection.execute(
        insert(closings)
        .values(
            client=order.draft.client,
            month=str(order.draft.month),
            supplement=order.draft.supplement,
            source=order.source,
            read_id=order.read_id,
            read_started_at=order.read_started_at,
            late_since=order.late_since,
            plan_hash=order.draft.plan,
            invoice_id=invoice_id,
            closed_at=order.now,
            closed_by=order.person,
        )
        .returning(closings.c.id)
    ).one()
    return int(row[0])


def _allocate(connection: Connection, order: IssueOrder, closing_id: int, invoice_id: int | None) -> None:
    rows = [
        place(entry, closing_id, "billed", "", invoice_id, number)
        for number, line in enumerate(order.draft.lines, start=1)
        if line.charged
        for entry in line.entries
    ]
    rows.extend(place(row.entry, closing_id, row.disposed, row.reason) for row in order.draft.set_aside)
    insert_places(connection, rows)


def place(
    entry: TimeEntry, closing_id: int, placed: str, reason: str, invoice_id: int | None = None, line: int | None = None
) -> dict[str, Any]:
    """The row that gives an entry its one place."""
    return {
        "entry": entry.id,
        "closing_id": closing_id,
        "invoice_id": invoice_id,
        "line": line,
        "placed": placed,
        "reason": reason,
        "minutes": entry.minutes,
        "spent_on": entry.spent_on,
        "fingerprint": fingerprint(entry),
        "open": True,
    }


def insert_places(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Writes places of entries, many at once."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        connection.execute(insert(allocations), rows[start : start + _ROWS_AT_ONCE])


def remember_first_month(connection: Connection, month: str) -> None:
    """Records the first month that is ever billed from this store, if none is recorded."""
    known = connection.execute(select(store_facts.c.value).where(store_facts.c.key == "first_month")).first()
    if known is None:
        connection.execute(insert(store_facts).values(key="first_month", value=month))


def _remember_specialists(connection: Connection, order: IssueOrder) -> None:
    client = order.draft.client
    wanted = dict(order.draft.specialists)
    if not wanted:
        return
    rows = connection.execute(
        select(specialists.c.specialist, specialists.c.person).where(specialists.c.client == client)
    )
    known = {str(row.specialist): str(row.person) for row in rows}
    for specialist, person in sorted(wanted.items()):
        if specialist not in known:
            connection.execute(insert(specialists).values(client=client, specialist=specialist, person=person))
        elif known[specialist] != person:
            connection.execute(
                update(specialists)
                .where(specialists.c.client == client, specialists.c.specialist == specialist)
                .values(person=person)
            )
