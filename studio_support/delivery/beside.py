"""The further files behind an invoice's link, time sheet and e-invoice: kept once like originals, recorded, copied.

Which of them there are is settled when the invoice is first published, before its page, which names them, is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from studio_support.billing.ledger_sheets import record_sums, recorded_sums
from studio_support.delivery.files import (
    DRAWN_OTHERWISE,
    NOT_ISSUED,
    FileConflict,
    atomic_write,
    make_folder,
    read_if_there,
    sweep,
)
from studio_support.delivery.links import ROWS_NAME, SHEET_NAME, XML_NAME
from studio_support.delivery.originals import FILE_MODE, FOLDER_MODE, Named, Originals, safe_name
from studio_support.delivery.stored import StoredInvoice
from studio_support.store.engine import Store

FOLDER = "timesheets"
RenderBeside = Callable[[StoredInvoice], Mapping[str, bytes]]
_SUFFIX = {SHEET_NAME: ".pdf", ROWS_NAME: ".csv"}


def beside_path(files: Path, invoice: Named, name: str) -> Path:
    """Where such a file is kept under the folder of the store's files, by its name behind the link."""
    if name == XML_NAME:
        return Originals(files).xml_path(invoice)
    return files / FOLDER / f"{invoice.issue_date.year:04d}" / f"{safe_name(invoice.number)}{_SUFFIX[name]}"


class BesideFiles:
    """`timesheets/<year of issue>/<number>.pdf` and `.csv`, and the originals' `.xml`, under the store's files.

    render: all files that belong beside an invoice, by name: the same bytes each time it is called.
    """

    def __init__(self, store: Store, files: Path, render: RenderBeside) -> None:
        self._store = store
        self._files = files
        self._render = render

    def recorded(self, invoices: Iterable[StoredInvoice]) -> dict[int, dict[str, str]]:
        """The sums of the files beside these invoices, by the invoice's id."""
        ids = [invoice.id for invoice in invoices]
        with self._store.reading() as connection:
            return recorded_sums(connection, ids)

    def stand(self, invoice: StoredInvoice, sums: Mapping[str, str]) -> bool:
        """Whether every recorded file is kept as recorded."""
        return all(self._kept(invoice, name, digest) is not None for name, digest in sums.items())

    def whole(self, invoice: StoredInvoice, sums: Mapping[str, str]) -> dict[str, bytes]:
        """The files beside an invoice as recorded: kept, else made (anew) and kept. sums: what is recorded of it.

        Raises FileConflict where one is kept with other bytes than were recorded or are made now, FilesystemError,
        and whatever `render` raises.
        """
        kept = {name: self._kept(invoice, name, digest) for name, digest in sums.items()}
        whole = {name: data for name, data in kept.items() if data is not None}
        if len(whole) == len(sums) and (sums or invoice.page_sha256 is not None):
            return whole
        made = self._render(invoice)
        if not sums:
            return self._first(invoice, dict(made))
        for name in sums.keys() - whole.keys():
            data = made.get(name)
            if data is None or sha256(data).hexdigest() != sums[name]:
                path = beside_path(self._files, invoice, name)
                raise FileConflict(path, DRAWN_OTHERWISE if read_if_there(path) is None else NOT_ISSUED)
            whole[name] = self._keep(invoice, name, data)
        return {name: whole[name] for name in sums}

    def _first(self, invoice: StoredInvoice, made: dict[str, bytes]) -> dict[str, bytes]:
        """Keeps all, then records them together: a killed run leaves all of them recorded, or none."""
        for name, data in made.items():
            self._keep(invoice, name, data)
        if made:
            sums = {name: sha256(data).hexdigest() for name, data in made.items()}
            with self._store.writing() as connection:
                record_sums(connection, invoice.id, sums)
        return made

    def _keep(self, invoice: StoredInvoice, name: str, data: bytes) -> bytes:
        path = beside_path(self._files, invoice, name)
        make_folder(path.parent, FOLDER_MODE)
        atomic_write(path, data, FILE_MODE, replace=False)
        return data

    def _kept(self, invoice: StoredInvoice, name: str, digest: str) -> bytes | None:
        data = read_if_there(beside_path(self._files, invoice, name))
        return data if data is not None and sha256(data).hexdigest() == digest else None

    def sweep(self) -> None:
        """Removes what killed runs left half-written."""
        folder = self._files / FOLDER
        for year in sorted(folder.iterdir()) if folder.is_dir() else []:
            sweep(year)
