"""Issued documents as delivery sees them: what is needed to render, to link and to address, read from the store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, Select, select

from studio_invoices.codec import invoice_from_dict
from studio_invoices.model import Invoice
from studio_support.store.tables import invoices


@dataclass(frozen=True, slots=True)
class Selection:
    """Which documents: of a month ("2026-10"), of these clients, of this number; nothing given: all.

    letters: which of their letters; those that bring a document, reminders of it, or both.
    """

    month: str | None = None
    clients: tuple[str, ...] = ()
    number: str | None = None
    letters: Literal["documents", "reminders", "all"] = "all"


ALL = Selection()


@dataclass(frozen=True, slots=True)
class StoredInvoice:
    """An issued document. link_generation, link_live: the link that is good now, if any.

    pdf_sha256, page_sha256: of the originals once rendered, None before. snapshot: JSON of the frozen invoice.
    seller: his key in the settings.
    """

    id: int
    number: str
    kind: str
    client: str
    month: str
    issue_date: date
    state: str
    link_generation: int
    link_live: bool
    pdf_sha256: str | None
    page_sha256: str | None
    snapshot: str
    seller: str

    @property
    def document(self) -> Invoice:
        """The frozen invoice; read anew from the snapshot each time."""
        return invoice_from_dict(json.loads(self.snapshot))


_COLUMNS = tuple(invoices.c[name] for name in StoredInvoice.__dataclass_fields__)


def narrowed(query: Select[Any], selection: Selection) -> Select[Any]:
    """A query over `invoices`, narrowed to what was selected."""
    if selection.month is not None:
        query = query.where(invoices.c.month == selection.month)
    if selection.clients:
        query = query.where(invoices.c.client.in_(selection.clients))
    if selection.number is not None:
        query = query.where(invoices.c.number == selection.number)
    return query


def stored_invoices(connection: Connection, selection: Selection = ALL) -> list[StoredInvoice]:
    """The selected documents, cancelled ones too, in the order of issue."""
    query = narrowed(select(*_COLUMNS), selection).order_by(invoices.c.id)
    return [StoredInvoice(*row) for row in connection.execute(query)]


def stored_invoice(connection: Connection, invoice_id: int) -> StoredInvoice:
    """One document as it stands now; raises NoResultFound if there is none of this id."""
    return StoredInvoice(*connection.execute(select(*_COLUMNS).where(invoices.c.id == invoice_id)).one())
