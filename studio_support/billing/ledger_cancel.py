"""Taking an issued invoice back, in one transaction: a document of its own number that names it, and everything
that hung on the invoice undone with it. The invoice itself stays as it was issued.

Domain §3: a void is a cancellation document with its own number; a number is never reused or deleted. Complaint 5:
"credit note frees nothing, or frees too much": exactly the places that the invoice's closing had made are freed.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from studio_invoices.check import check_act
from studio_invoices.codec import invoice_from_dict, invoice_to_dict
from studio_invoices.model import Act
from studio_support.billing.audit import add_audit
from studio_support.billing.ledger_acts import act_row, add_act
from studio_support.billing.ledger_issue import insert_document
from studio_support.billing.ledger_numbers import take_number
from studio_support.billing.ledger_types import Issued
from studio_support.billing.snapshot import to_cancellation
from studio_support.billing.terms import Seller
from studio_support.errors import InvoiceStateError, IssueDateRefused, Refused, UnknownInvoice
from studio_support.period import Month
from studio_support.store.engine import Store
from studio_support.store.tables import allocations, closings, invoices, letters, outbox

# states of a letter that the client has, or may have
_HANDED_OVER = ("handing over", "accepted", "uncertain", "bounced")


def cancel(
    store: Store, number: str, *, reason: str, person: str, now: datetime, issue_date: date, seller: Seller
) -> Issued:
    """Takes the invoice back. Repeated: the cancellation that stands, created False.

    seller: the one who issued it, for the number. Raises UnknownInvoice, InvoiceStateError (a cancellation cannot
    be cancelled), IssueDateRefused, NumberTaken, Refused (no reason), StoreError, FilesystemError.
    """
    if not reason.strip():
        raise Refused("A cancellation states its reason on the document.", "Give it with --reason TEXT.")

    def work(connection: Connection) -> Issued:
        row = connection.execute(select(invoices).where(invoices.c.number == number)).first()
        if row is None:
            raise UnknownInvoice(number)
        if row.kind != "invoice":
            raise InvoiceStateError(
                f"{number} is itself a cancellation, and stays.",
                f"Close {row.month} of {row.client} again to bill that time under a new number.",
            )
        known = connection.execute(
            select(invoices.c.id, invoices.c.number).where(invoices.c.cancels_id == row.id)
        ).first()
        if known is not None:
            return _issued(row, str(known.number), int(known.id), created=False)
        if seller.key != row.seller:
            raise ValueError(f"{number} was issued by seller {row.seller!r}, not {seller.key!r}")
        if issue_date < row.issue_date:
            raise IssueDateRefused(
                f"The issue date {issue_date} lies before {row.issue_date}, the date of {number} itself.",
                f"Use {row.issue_date} or a later day.",
            )
        return _cancel(connection, row, reason.strip(), person, now, issue_date, seller)

    return store.write(work)


def _cancel(
    connection: Connection, row: Row[Any], reason: str, person: str, now: datetime, issue_date: date, seller: Seller
) -> Issued:
    original = invoice_from_dict(json.loads(row.snapshot))
    document = to_cancellation(original, reason, issue_date)
    has_act = act_row(connection, row.id) is not None
    if has_act:
        _refuse_wrong_act(Act(None, issue_date, document))
    numbered = take_number(connection, seller, "cancellation", issue_date)
    copied = ("seller", "client", "month", "supplement", "currency", "minutes", "booked_minutes", "net", "tax", "gross")
    cancellation_id = insert_document(
        connection,
        numbered,
        snapshot={**invoice_to_dict(document), "number": numbered.printed},
        basis={"cancels": row.number, "reason": reason},
        facts={name: row._mapping[name] for name in (*copied, "plan_hash")}
        | {
            "kind": "cancellation",
            "issue_date": issue_date,
            "due_date": None,
            "cancels_id": row.id,
            "issued_at": now,
            "issued_by": person,
        },
    )
    if has_act:
        add_act(connection, seller, cancellation_id, issue_date, now)
    connection.execute(update(invoices).where(invoices.c.id == row.id).values(state="cancelled", link_live=False))
    freed = _free(connection, row.id, now)
    told = _withdraw_mail(connection, row.id, now)
    if told:  # the client has, or may have, the invoice: so he is told that it is taken back
        connection.execute(
            insert(outbox).values(invoice_id=cancellation_id, kind="cancellation", state="queued", queued_at=now)
        )
    detail = {"by": numbered.printed, "reason": reason, "entries_freed": freed, "client_told": told}
    add_audit(connection, person, "cancel", f"invoice:{row.number}", detail, now)
    return _issued(row, numbered.printed, cancellation_id, created=True)


def _refuse_wrong_act(act: Act) -> None:
    for problem in check_act(act):
        message = problem.message[0].upper() + problem.message[1:]
        raise Refused(f"{message}.", problem.next_step)


def _issued(row: Row[Any], number: str, invoice_id: int, *, created: bool) -> Issued:
    return Issued(row.client, Month.parse(row.month), row.supplement, number, invoice_id, created)


def _free(connection: Connection, invoice_id: int, now: datetime) -> int:
    """Reopens the client's month and frees every place that its closing had made; how many."""
    closing = connection.execute(
        select(closings.c.id).where(closings.c.invoice_id == invoice_id, closings.c.reopened_at.is_(None))
    ).one()
    connection.execute(update(closings).where(closings.c.id == closing.id).values(reopened_at=now))
    freed = connection.execute(
        update(allocations).where(allocations.c.closing_id == closing.id, allocations.c.open).values(open=False)
    )
    return freed.rowcount


def _withdraw_mail(connection: Connection, invoice_id: int, now: datetime) -> bool:
    """Withdraws what was not handed over yet; whether anything was, so that the client has to be told."""
    of_invoice = select(outbox.c.id).where(outbox.c.invoice_id == invoice_id)
    connection.execute(
        update(letters)
        .where(letters.c.outbox_id.in_(of_invoice), letters.c.state.in_(("queued", "refused")))
        .values(state="withdrawn", changed_at=now)
    )
    handed = select(letters.c.id).where(letters.c.outbox_id.in_(of_invoice), letters.c.state.in_(_HANDED_OVER))
    if connection.execute(handed.limit(1)).first() is not None:
        return True
    connection.execute(update(outbox).where(outbox.c.invoice_id == invoice_id).values(state="withdrawn"))
    return False
