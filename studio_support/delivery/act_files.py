"""The files of acts: kept once like originals, recorded in the store, copied into the folder of the invoice's links."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from studio_invoices.model import Act
from studio_support.billing.ledger_acts import act_file_made, act_rows
from studio_support.billing.ledger_types import ActRow
from studio_support.delivery.files import (
    DRAWN_OTHERWISE,
    NOT_ISSUED,
    FileConflict,
    atomic_write,
    make_folder,
    read_if_there,
    sweep,
)
from studio_support.delivery.originals import FILE_MODE, FOLDER_MODE, Named, safe_name
from studio_support.delivery.stored import StoredInvoice
from studio_support.store.engine import Store

FOLDER = "acts"
RenderAct = Callable[[StoredInvoice, Act], bytes]


def act_path(files: Path, invoice: Named) -> Path:
    """Where the act beside an invoice is kept, under the folder of the store's files."""
    return files / FOLDER / f"{invoice.issue_date.year:04d}" / f"{safe_name(invoice.number)}.pdf"


class ActFiles:
    """`acts/<year of the invoice's issue>/<number of the invoice>.pdf` under the folder of the store's files.

    By the invoice's number, because two sellers may both have an act of one number. render: the PDF of an act, the same
    bytes each time it is called.
    """

    def __init__(self, store: Store, files: Path, render: RenderAct) -> None:
        self.folder = files / FOLDER
        self._store = store
        self._render = render

    def path(self, invoice: Named) -> Path:
        """Where the act beside an invoice is kept."""
        return act_path(self.folder.parent, invoice)

    def beside(self, invoices: Iterable[StoredInvoice]) -> dict[int, ActRow]:
        """The acts of these invoices, by the invoice's id."""
        ids = [invoice.id for invoice in invoices]
        with self._store.reading() as connection:
            return act_rows(connection, ids)

    def stands(self, invoice: StoredInvoice, act: ActRow) -> bool:
        """Whether the act is recorded and kept as recorded."""
        kept = read_if_there(self.path(invoice))
        return kept is not None and sha256(kept).hexdigest() == act.pdf_sha256

    def pdf(self, invoice: StoredInvoice, act: ActRow) -> bytes:
        """The act as recorded: the kept file, else rendered (anew), kept and recorded.

        Raises FileConflict where one is kept with other bytes than were recorded or are rendered, FilesystemError.
        """
        path = self.path(invoice)
        kept = read_if_there(path)
        if kept is not None and sha256(kept).hexdigest() == act.pdf_sha256:
            return kept
        pdf = self._render(invoice, Act(act.number, act.act_date, invoice.document))
        digest = sha256(pdf).hexdigest()
        if act.pdf_sha256 not in (None, digest):
            raise FileConflict(path, DRAWN_OTHERWISE if kept is None else NOT_ISSUED)
        make_folder(path.parent, FOLDER_MODE)
        atomic_write(path, pdf, FILE_MODE, replace=False)
        if act.pdf_sha256 is None:
            with self._store.writing() as connection:
                act_file_made(connection, invoice.id, digest)
        return pdf

    def sweep(self) -> None:
        """Removes what killed runs left half-written."""
        for year in sorted(self.folder.iterdir()) if self.folder.is_dir() else []:
            sweep(year)
