"""Time sheets in the ledger: their rows are frozen in the invoice's own transaction, so that what a tracker says later
changes none. A cancellation has none: the sheet belongs to the invoice that it takes back. With them the sums of the
files beside an invoice, recorded once those are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, insert, select

from studio_invoices.annexes import TimeRow, TimeSheet
from studio_invoices.codec import invoice_from_dict
from studio_invoices.model import Invoice
from studio_support.billing.time_sheets import rows_of, rows_text, time_sheet
from studio_support.store.tables import invoice_files, invoices, time_sheets


def add_time_sheet(connection: Connection, invoice_id: int, invoice: Invoice, rows: Sequence[TimeRow]) -> None:
    """Keeps the rows of an invoice's time sheet, within the caller's transaction. Raises ValueError if they are not
    the invoice's time."""
    charged = sum(row.minutes for row in rows if row.label is None)
    billed = sum(line.booked_minutes for line in invoice.lines if line.label is None)
    if charged != billed:
        raise ValueError(f"the time sheet has {charged} charged minutes, its invoice bills {billed} booked ones")
    kept = rows_text(time_sheet(invoice, tuple(rows)))
    connection.execute(insert(time_sheets).values(invoice_id=invoice_id, rows=kept))


def time_sheet_of(connection: Connection, invoice_id: int) -> TimeSheet | None:
    """The time sheet beside an invoice, None where the client gets none."""
    query = select(time_sheets.c.rows, invoices.c.snapshot).join_from(
        time_sheets, invoices, invoices.c.id == time_sheets.c.invoice_id
    )
    row = connection.execute(query.where(time_sheets.c.invoice_id == invoice_id)).first()
    return None if row is None else time_sheet(invoice_from_dict(json.loads(row.snapshot)), rows_of(row.rows))


def recorded_sums(connection: Connection, invoice_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """SHA-256 of the files beside these invoices: by the invoice's id, then by name."""
    wanted = (invoice_files.c.invoice_id, invoice_files.c.name, invoice_files.c.sha256)
    query = select(*wanted).where(invoice_files.c.invoice_id.in_(invoice_ids)).order_by(invoice_files.c.id)
    found: dict[int, dict[str, str]] = {}
    for row in connection.execute(query):
        found.setdefault(int(row.invoice_id), {})[str(row.name)] = str(row.sha256)
    return found


def record_sums(connection: Connection, invoice_id: int, sums: Mapping[str, str]) -> None:
    """Records the files that lie beside an invoice, by name: all of them, once."""
    rows = [{"invoice_id": invoice_id, "name": name, "sha256": digest} for name, digest in sums.items()]
    connection.execute(insert(invoice_files), rows)
