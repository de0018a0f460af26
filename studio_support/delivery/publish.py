"""Rendering what has no file yet and putting copies behind links; taking them down; proving both.

Originals first, then copies, then the sums in the store: whatever is killed in between is finished by the next
run, which finds the same bytes there (documents render byte-identically) and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy import update

from studio_support.delivery import links
from studio_support.delivery.copies import Copies
from studio_support.delivery.files import FileConflict, atomic_write
from studio_support.delivery.originals import Originals, Rendered
from studio_support.delivery.stored import StoredInvoice, dead_links, stored_invoice
from studio_support.errors import FilesystemError, Problem, StudioError
from studio_support.store.engine import Store
from studio_support.store.tables import invoices as invoices_table

__all__ = ["Places", "Publication", "Publisher", "Render", "atomic_write"]

Render = Callable[[StoredInvoice], tuple[bytes, str]]
Done = Literal["published", "restored", "unchanged", "kept", "parked"]


@dataclass(frozen=True, slots=True)
class Places:
    """Where documents go. files: the store's files (originals). directory: copies for a web server.

    base_url: what links begin with, as links.usable_base_url gave it. secret: at least 32 bytes, see links.token.
    """

    files: Path
    directory: Path
    base_url: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Publication:
    """What a pass over documents did, by number. removed: folders of links that are good no more.

    problems: documents that could not be published, each named; the others went on.
    """

    published: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    removed: int = 0
    problems: tuple[Problem, ...] = ()


class Publisher:
    """Publishes documents of one store into one folder. The caller holds the run's lock.

    render: (PDF, page) of a document, the same bytes each time it is called.
    """

    def __init__(self, store: Store, places: Places, render: Render) -> None:
        self._store = store
        self._places = places
        self._render = render
        self._fingerprint = links.fingerprint(places.secret)
        self.originals = Originals(places.files)
        self.copies = Copies(places.directory)

    def token(self, invoice: StoredInvoice) -> str:
        """The folder's name of the document's newest link."""
        return self._name(invoice.id, invoice.link_generation)

    def link(self, invoice: StoredInvoice) -> str | None:
        """The address of the document's page, None when its link was taken back."""
        return links.link(self._places.base_url, self.token(invoice)) if invoice.link_live else None

    def prepare(self) -> None:
        """Makes the folder of copies, or finds it usable: to be asked before anything is numbered.

        Raises Refused for another store's folder or another secret, FilesystemError.
        """
        self.copies.claim(self._store.id, self._fingerprint)

    def publish_pending(
        self,
        documents: Iterable[StoredInvoice],
        on_result: Callable[[StoredInvoice, Done], None] | None = None,
    ) -> Publication:
        """Publishes what has no file yet; restores copies and originals that are missing; removes all dead links.

        One document's problem parks that document. Raises Refused for another store's folder, FilesystemError
        when the disk is full or a folder cannot be written (nothing half-written; run again).
        """
        self.copies.claim(self._store.id, self._fingerprint)
        self.copies.sweep()
        self.originals.sweep()
        done: dict[Done, list[str]] = {}
        problems: list[Problem] = []
        removed = self.take_down_dead()
        for invoice in documents:
            outcome: Done
            try:
                outcome = self.publish_one(invoice)
            except FilesystemError as error:
                if not isinstance(error, FileConflict):
                    raise
                problems.append(_conflict(invoice, error))
                outcome = "parked"
            except StudioError as error:
                problems.append(_not_rendered(invoice, error))
                outcome = "parked"
            done.setdefault(outcome, []).append(invoice.number)
            if on_result is not None:
                on_result(invoice, outcome)
        return Publication(tuple(done.get("published", ())), tuple(done.get("restored", ())), removed, tuple(problems))

    def publish_one(self, invoice: StoredInvoice) -> Done:
        """Renders, keeps and copies one document, as far as that is not done yet.

        "kept": the original was written, but its link was taken back before it was published. Raises FileConflict
        if an original is there with other bytes than were rendered or recorded, FilesystemError on a disk's
        failure, and whatever `render` raises.
        """
        if self._stands(invoice):
            return "unchanged"
        rendered = self._original(invoice)
        if invoice.link_live:
            files = {links.PDF_NAME: rendered.pdf, links.PAGE_NAME: rendered.page}
            self.copies.put(self.token(invoice), files)
        new = invoice.pdf_sha256 is None
        now = self._record(invoice, rendered)
        if now.link_generation != invoice.link_generation or not now.link_live:
            self.take_down_dead()  # taken back while we published
            return "kept"
        return "published" if new else "restored"

    def take_down_dead(self) -> int:
        """Removes the folders of every link of this store that is good no more; how many were still there."""
        with self._store.reading() as connection:
            dead = dead_links(connection)
        return sum(
            self.copies.take_down(self._name(invoice_id, generation))
            for invoice_id, last in dead
            for generation in range(1, last + 1)
        )

    def _name(self, invoice_id: int, generation: int) -> str:
        return links.token(self._places.secret, self._store.id, invoice_id, generation)

    def _stands(self, invoice: StoredInvoice) -> bool:
        if invoice.pdf_sha256 is None or invoice.page_sha256 is None:
            return False
        kept = self.originals.read(invoice)
        if kept is None or (kept.pdf_sha256, kept.page_sha256) != (invoice.pdf_sha256, invoice.page_sha256):
            return False
        wanted = {links.PDF_NAME: invoice.pdf_sha256, links.PAGE_NAME: invoice.page_sha256}
        return not invoice.link_live or self.copies.match(self.token(invoice), wanted)

    def _original(self, invoice: StoredInvoice) -> Rendered:
        """The document as recorded: from the originals, else rendered (anew) and kept."""
        recorded = (invoice.pdf_sha256, invoice.page_sha256)
        kept = self.originals.read(invoice)
        if kept is not None and (kept.pdf_sha256, kept.page_sha256) == recorded:
            return kept
        pdf, page = self._render(invoice)
        rendered = Rendered(pdf, page.encode())
        if recorded != (None, None) and (rendered.pdf_sha256, rendered.page_sha256) != recorded:
            raise FileConflict(self.originals.paths(invoice)[0])
        self.originals.keep(invoice, rendered)
        return rendered

    def _record(self, invoice: StoredInvoice, rendered: Rendered) -> StoredInvoice:
        """Writes the sums down unless they are there; returns the document as it stands now."""
        with self._store.writing() as connection:
            connection.execute(
                update(invoices_table)
                .where(invoices_table.c.id == invoice.id, invoices_table.c.pdf_sha256.is_(None))
                .values(pdf_sha256=rendered.pdf_sha256, page_sha256=rendered.page_sha256)
            )
            return stored_invoice(connection, invoice.id)


def _conflict(invoice: StoredInvoice, error: FileConflict) -> Problem:
    return Problem(
        f"invoice:{invoice.number}",
        f"The original kept in {error.path} is not what was issued, or what was issued no longer renders the same.",
        "Restore that file from a backup, or move it away if it belongs to another store, and run again.",
        invoice.client,
    )


def _not_rendered(invoice: StoredInvoice, error: StudioError) -> Problem:
    return Problem(
        f"invoice:{invoice.number}",
        f"The document could not be drawn: {error}.",
        "The number stays; mend what is named and run again.",
        invoice.client,
    )
