"""Acts in the ledger: one beside an invoice whose client gets acts, numbered in the invoice's own transaction.

An invoice that is taken back has its act taken back too: the cancellation gets an act of its own, dated as it is
(domain §1.1: a mistake is corrected by a document that names what it corrects).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from studio_invoices.codec import invoice_from_dict
from studio_invoices.model import Act
from studio_support.billing.ledger_numbers import take_act_number
from studio_support.billing.ledger_types import ActRow
from studio_support.billing.terms import Seller
from studio_support.store.tables import acts, invoices


def add_act(connection: Connection, seller: Seller, invoice_id: int, act_date: date, now: datetime) -> str:
    """Numbers the act of an invoice, within the caller's transaction; the number. Raises ValueError, see numbers."""
    numbered = take_act_number(connection, seller, act_date)
    connection.execute(
        insert(acts).values(
            invoice_id=invoice_id,
            series_id=numbered.series_id,
            series_number=numbered.series_number,
            number=numbered.printed,
            act_date=act_date,
            issued_at=now,
        )
    )
    return numbered.printed


def act_rows(connection: Connection, invoice_ids: Sequence[int]) -> dict[int, ActRow]:
    """The acts of these invoices, by the invoice's id."""
    wanted = (acts.c.invoice_id, acts.c.number, acts.c.act_date, acts.c.pdf_sha256)
    rows = connection.execute(select(*wanted).where(acts.c.invoice_id.in_(invoice_ids)))
    return {int(row.invoice_id): ActRow(*row) for row in rows}


def act_row(connection: Connection, invoice_id: int) -> ActRow | None:
    """The act of an invoice, None where the client gets none."""
    return act_rows(connection, [invoice_id]).get(invoice_id)


def act_file_made(connection: Connection, invoice_id: int, pdf_sha256: str) -> None:
    """Records the sum of an act's file, unless one is recorded."""
    wanted = (acts.c.invoice_id == invoice_id, acts.c.pdf_sha256.is_(None))
    connection.execute(update(acts).where(*wanted).values(pdf_sha256=pdf_sha256))


def act_document(connection: Connection, invoice_id: int) -> Act | None:
    """The act as a document: its own columns over the frozen invoice."""
    row = act_row(connection, invoice_id)
    if row is None:
        return None
    snapshot = connection.execute(select(invoices.c.snapshot).where(invoices.c.id == invoice_id)).scalar_one()
    return Act(row.number, row.act_date, invoice_from_dict(json.loads(snapshot)))
