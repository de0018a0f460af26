"""The originals of everything issued, in the store's files: written once, never changed, readable by the owner only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from studio_support.delivery.files import (
    DRAWN_OTHERWISE,
    NOT_ISSUED,
    FileConflict,
    atomic_write,
    make_folder,
    read_if_there,
    sha256_of,
    sweep,
)
from studio_support.delivery.stored import StoredInvoice

FOLDER_MODE = 0o700
FILE_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document as it is handed out: the PDF and the page beside it."""

    pdf: bytes
    page: bytes

    @property
    def pdf_sha256(self) -> str:
        return sha256(self.pdf).hexdigest()

    @property
    def page_sha256(self) -> str:
        return sha256(self.page).hexdigest()

    @property
    def sums(self) -> tuple[str, str]:
        """Both."""
        return self.pdf_sha256, self.page_sha256


def safe_name(number: str) -> str:
    """A document's number as a file name: readable, never hidden, never a path, and two numbers never share one."""
    name = "".join(
        character if character.isalnum() or character in "-_." else quote(character, safe="") for character in number
    )
    return "%2E" + name[1:] if name.startswith(".") else name


class Named(Protocol):
    """Whatever says by which number and on which day a document was issued."""

    @property
    def number(self) -> str: ...

    @property
    def issue_date(self) -> date: ...


class Originals:
    """`originals/<year of issue>/<number>.pdf`, `.html` and `.xml` under the folder of the store's files."""

    def __init__(self, files: Path) -> None:
        self.folder = files / "originals"

    def paths(self, invoice: Named) -> tuple[Path, Path]:
        """Where the PDF and the page of a document are kept."""
        folder = self.folder / f"{invoice.issue_date.year:04d}"
        name = safe_name(invoice.number)
        return folder / f"{name}.pdf", folder / f"{name}.html"

    def read(self, invoice: StoredInvoice) -> Rendered | None:
        """What is kept, None if either file is missing. Raises FilesystemError if one cannot be read."""
        pdf, page = (read_if_there(path) for path in self.paths(invoice))
        return None if pdf is None or page is None else Rendered(pdf, page)

    def conflict(self, invoice: StoredInvoice, recorded: tuple[str | None, str | None]) -> FileConflict:
        """What is wrong with the files of a document that cannot be drawn again: which was changed, or is missing."""
        files = list(zip(self.paths(invoice), recorded, strict=True))
        changed = [path for path, digest in files if sha256_of(path) not in (None, digest)]
        if changed:
            return FileConflict(changed[0], NOT_ISSUED)
        missing = [path for path, _ in files if sha256_of(path) is None]
        return FileConflict((missing or [files[0][0]])[0], DRAWN_OTHERWISE)

    def keep(self, invoice: StoredInvoice, rendered: Rendered) -> None:
        """Writes both files unless they are there with the same bytes.

        Raises FileConflict if one is there with other bytes (nothing is overwritten), FilesystemError if the disk
        is full or the folder cannot be written.
        """
        pdf, page = self.paths(invoice)
        make_folder(pdf.parent, FOLDER_MODE)
        atomic_write(pdf, rendered.pdf, FILE_MODE, replace=False, sync=False)
        atomic_write(page, rendered.page, FILE_MODE, replace=False)

    def xml_path(self, invoice: Named) -> Path:
        """Where the e-invoice of a document is kept, of those whose client wants one."""
        return self.paths(invoice)[0].with_name(f"{safe_name(invoice.number)}.xml")

    def read_xml(self, invoice: Named) -> bytes | None:
        """The e-invoice as it was kept, None where none was. Raises FilesystemError if it cannot be read."""
        return read_if_there(self.xml_path(invoice))

    def sweep(self) -> None:
        """Removes what killed runs left half-written."""
        for year in sorted(self.folder.iterdir()) if self.folder.is_dir() else []:
            sweep(year)
