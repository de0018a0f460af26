"""Rendering what has no file yet and putting copies behind links; taking them down; proving both.

Originals first, then the links in the store, then copies, then the sums in the store: whatever is killed in between is
finished by the next run, which finds the same bytes there (documents render byte-identically) and goes on. A link is
in the store before its folder is there, so that none is ever forgotten by those who take folders down. What is taken
down is found by the digest of its name: links of a former secret too, whose names nobody can derive any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import update

from studio_support.billing.ledger_types import ActRow
from studio_support.delivery import link_rows as rows
from studio_support.delivery import links
from studio_support.delivery.act_files import ActFiles, RenderAct
from studio_support.delivery.beside import BesideFiles, RenderBeside
from studio_support.delivery.copies import Copies
from studio_support.delivery.files import DRAWN_OTHERWISE, FileConflict, atomic_write, read_if_there
from studio_support.delivery.notices import expired_page
from studio_support.delivery.originals import Originals, Rendered
from studio_support.delivery.stored import StoredInvoice, stored_invoice
from studio_support.errors import FilesystemError, Problem, Refused, StudioError
from studio_support.store.engine import Store
from studio_support.store.tables import invoices as invoices_table

__all__ = ["Places", "Publication", "Publisher", "Render", "SweptLinks", "atomic_write"]

Render = Callable[[StoredInvoice], tuple[bytes, str]]
Done = Literal["published", "restored", "unchanged", "kept", "parked"]
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Places:
    """Where documents go. files: the store's files (originals). directory: copies for a web server.

    base_url: what links begin with, as links.usable_base_url gave it. secret: at least 32 bytes, see links.token.
    expires_after_days: how long after the issue date a link opens.
    """

    files: Path
    directory: Path
    base_url: str
    secret: bytes = field(repr=False)
    expires_after_days: int = 120


@dataclass(frozen=True, slots=True)
class Publication:
    """What a pass over documents did, by number. removed: folders of links that are good no more; expired: those
    that now hold the page of an expired link.

    problems: documents that could not be published, each named; the others went on.
    """

    published: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    removed: int = 0
    expired: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SweptLinks:
    """How many folders were taken down, and in how many the page of an expired link was left."""

    removed: int
    expired: int


class Publisher:
    """Publishes documents of one store into one folder. The caller holds the run's lock.

    render: (PDF, page) of a document, the same bytes each time it is called. render_act: the PDF of an act; None: acts
    are not published. render_beside: the further files, likewise. clock: the present, an aware instant;
    today: the day in the studio's zone. person: on whose behalf.
    """

    def __init__(
        self,
        store: Store,
        places: Places,
        render: Render,
        *,
        clock: Callable[[], datetime],
        today: Callable[[], date],
        person: str,
        render_act: RenderAct | None = None,
        render_beside: RenderBeside | None = None,
    ) -> None:
        self._store = store
        self._places = places
        self._render = render
        self._clock, self._today, self._person = clock, today, person
        self._checked = False
        self._lying: dict[str, str] | None = None  # folders by the digests of their names, in one pass
        self.fingerprint = links.fingerprint(places.secret)
        self.originals = Originals(places.files)
        self.copies = Copies(places.directory)
        self.acts = None if render_act is None else ActFiles(store, places.files, render_act)
        self.beside = BesideFiles(store, places.files, render_beside or (lambda _: {}))

    def token(self, invoice: StoredInvoice, recipient: str = "", generation: int | None = None) -> str:
        """The folder's name of a link. recipient: "" for the document's own; generation None: the newest of that.

        Raises Refused if this store's links are made with another secret.
        """
        self._same_secret()
        newest = invoice.link_generation if generation is None else generation
        return links.token(self._places.secret, self._store.id, invoice.id, newest, recipient)

    def link(self, invoice: StoredInvoice, recipient: str = "", generation: int | None = None) -> str | None:
        """The address of a page, None when the document's link was taken back. Raises Refused, see token."""
        if not recipient and not invoice.link_live:
            return None
        return links.link(self._places.base_url, self.token(invoice, recipient, generation))

    def new_link(
        self, invoice: StoredInvoice, recipient: str, generation: int, expires_on: date | None = None
    ) -> rows.NewLink:
        """A link to be written down; expires_on None: so many days after the issue date."""
        name = links.token(self._places.secret, self._store.id, invoice.id, generation, recipient)
        day = expires_on or links.last_day(invoice.issue_date, self._places.expires_after_days)
        return rows.NewLink(invoice.id, recipient, generation, self.fingerprint, links.digest(name), day)

    def prepare(self) -> None:
        """Makes the folder of copies, or finds it usable: to be asked before anything is numbered.

        Raises Refused for another store's folder or another secret, FilesystemError.
        """
        self._same_secret()
        self.copies.claim(self._store.id, self.fingerprint)
        with self._store.reading() as connection:
            known = rows.known_secret(connection)
        if known is None:
            with self._store.writing() as connection:
                rows.remember_secret(connection, self.fingerprint)

    def _same_secret(self) -> None:
        if self._checked:
            return
        with self._store.reading() as connection:
            known = rows.known_secret(connection)
        if known is not None and known != self.fingerprint:
            raise Refused(
                "The links of this store are made with another secret than the one given here.",
                "Set the secret that was used so far ([links] secret_env or secret_file). To change it on purpose, "
                "run `links rotate`.",
            )
        self._checked = True

    def publish_pending(
        self,
        documents: Iterable[StoredInvoice],
        on_result: Callable[[StoredInvoice, Done], None] | None = None,
    ) -> Publication:
        """Publishes what has no file yet; restores copies and originals that are missing; takes down what is not to
        be read any more, of all documents.

        One document's problem parks that document. Raises Refused for another store's folder, FilesystemError
        when the disk is full or a folder cannot be written (nothing half-written; run again).
        """
        self.prepare()
        self.copies.sweep()
        self.originals.sweep()
        if self.acts is not None:
            self.acts.sweep()
        self.beside.sweep()
        wanted = list(documents)
        done: dict[Done, list[str]] = {}
        problems: list[Problem] = []
        swept = self.sweep_links()
        self._lying = None
        for start in range(0, len(wanted), _AT_ONCE):
            batch = wanted[start : start + _AT_ONCE]
            known = self.register(batch)
            acts = {} if self.acts is None else self.acts.beside(batch)
            sums = self.beside.recorded(batch)
            for invoice in batch:
                outcome: Done
                try:
                    outcome = self._publish(invoice, known[invoice.id], acts.get(invoice.id), sums.get(invoice.id, {}))
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
        return Publication(
            tuple(done.get("published", ())),
            tuple(done.get("restored", ())),
            swept.removed,
            swept.expired,
            tuple(problems),
        )

    def register(self, documents: Sequence[StoredInvoice]) -> dict[int, list[rows.LinkRow]]:
        """Writes down the own links of documents that have no row yet; all links of each, by the document's id."""
        ids = [invoice.id for invoice in documents]
        with self._store.reading() as connection:
            known = _by_document(ids, rows.link_rows(connection, ids))
        missing = []
        for invoice in documents:
            mine = [row for row in known[invoice.id] if not row.recipient and row.generation == invoice.link_generation]
            if not any(row.secret == self.fingerprint for row in mine):
                day = mine[-1].expires_on if mine else None  # made with a former secret: as long as that one
                missing.append(self.new_link(invoice, "", invoice.link_generation, day))
        if not missing:
            return known
        with self._store.writing() as connection:
            rows.add_links(connection, missing, self._person, self._clock())
            return _by_document(ids, rows.link_rows(connection, ids))

    def _publish(
        self, invoice: StoredInvoice, known: Sequence[rows.LinkRow], act: ActRow | None, sums: Mapping[str, str]
    ) -> Done:
        """Renders, keeps and copies one document, as far as that is not done yet.

        "kept": the original was written, but its link was taken back before it was published. Raises FileConflict
        if an original is there with other bytes than were rendered or recorded, FilesystemError on a disk's
        failure, and whatever `render` raises.
        """
        names = self._open(invoice, known)
        if self._stands(invoice, names, act, sums):
            return "unchanged"
        beside = self.beside.whole(invoice, sums)  # before the page, which names them
        rendered = self._original(invoice, names)
        files = {**beside, links.PDF_NAME: rendered.pdf, links.PAGE_NAME: rendered.page}
        if self.acts is not None and act is not None:
            files[links.ACT_NAME] = self.acts.pdf(invoice, act)
        for name in names:
            self.copies.put(name, files)
        new = invoice.pdf_sha256 is None
        now = self._record(invoice, rendered)
        if now.link_generation != invoice.link_generation or not now.link_live:
            self.sweep_links()  # taken back while we published
            return "kept"
        return "published" if new else "restored"

    def sweep_links(self) -> SweptLinks:
        """Takes down the folders of links that are good no more, and leaves the page of an expired link where one has
        expired. Folders that are not ours stay."""
        with self._store.reading() as connection:
            over = rows.not_open(connection, self._today())
            gone = rows.gone_with_document(connection)
        if gone:
            with self._store.writing() as connection:
                rows.revoke(connection, gone, self._clock())
        removed = expired = 0
        for name in self.copies.names() if over else ():
            row = over.get(links.digest(name))
            if row is None:
                continue
            if not row.good:
                removed += self.copies.take_down(name)
            elif not self.copies.expired(name):
                self.copies.expire(name, self._expired(row))
                expired += 1
        return SweptLinks(removed, expired)

    def _expired(self, row: rows.LinkRow) -> bytes:
        with self._store.reading() as connection:
            document = stored_invoice(connection, row.invoice_id).document
        seller = document.seller
        return expired_page(document.language, document.number or "", seller.name, seller.email).encode()

    def _open(self, invoice: StoredInvoice, known: Iterable[rows.LinkRow]) -> list[str]:
        """The names of this document's links that open today: those of a former secret too, while their folders lie
        there to tell them."""
        today = self._today()
        names = []
        for row in known:
            if not row.good or row.expires_on < today:
                continue
            if row.secret == self.fingerprint:
                names.append(self.token(invoice, row.recipient, row.generation))
                continue
            if self._lying is None:
                self._lying = {links.digest(name): name for name in self.copies.names()}
            names += [name for name in (self._lying.get(row.token_sha256),) if name is not None]
        return names

    def _stands(
        self, invoice: StoredInvoice, names: Iterable[str], act: ActRow | None, sums: Mapping[str, str]
    ) -> bool:
        if invoice.pdf_sha256 is None or invoice.page_sha256 is None:
            return False
        kept = self.originals.read(invoice)
        if kept is None or (kept.pdf_sha256, kept.page_sha256) != (invoice.pdf_sha256, invoice.page_sha256):
            return False
        if not self.beside.stand(invoice, sums):
            return False
        wanted = {**sums, links.PDF_NAME: invoice.pdf_sha256, links.PAGE_NAME: invoice.page_sha256}
        if self.acts is not None and act is not None:
            if act.pdf_sha256 is None or not self.acts.stands(invoice, act):
                return False
            wanted[links.ACT_NAME] = act.pdf_sha256
        return all(self.copies.match(name, wanted) for name in names)

    def _original(self, invoice: StoredInvoice, names: Iterable[str]) -> Rendered:
        """The document as recorded: from the originals, else from a published copy, else rendered (anew); and kept.

        Raises FileConflict where none of them has the recorded sums: an original was lost or changed, and the seller's
        look, or this program, draws otherwise now.
        """
        recorded = (invoice.pdf_sha256, invoice.page_sha256)
        kept = self.originals.read(invoice)
        if kept is not None and kept.sums == recorded:
            return kept
        found = None if recorded == (None, None) else self._published(names, recorded)
        if found is None:
            pdf, page = self._render(invoice)
            found = Rendered(pdf, page.encode())
            if recorded not in ((None, None), found.sums):
                raise self.originals.conflict(invoice, recorded)
        self.originals.keep(invoice, found)
        return found

    def _published(self, names: Iterable[str], recorded: tuple[str | None, str | None]) -> Rendered | None:
        """The document from a folder of its links, if one still holds what was recorded."""
        for name in names:
            folder = self._places.directory / name
            pdf, page = read_if_there(folder / links.PDF_NAME), read_if_there(folder / links.PAGE_NAME)
            if pdf is not None and page is not None and (copy := Rendered(pdf, page)).sums == recorded:
                return copy
        return None

    def _record(self, invoice: StoredInvoice, rendered: Rendered) -> StoredInvoice:
        """Writes the sums down unless they are there; returns the document as it stands now."""
        with self._store.writing() as connection:
            connection.execute(
                update(invoices_table)
                .where(invoices_table.c.id == invoice.id, invoices_table.c.pdf_sha256.is_(None))
                .values(pdf_sha256=rendered.pdf_sha256, page_sha256=rendered.page_sha256)
            )
            return stored_invoice(connection, invoice.id)


def _by_document(ids: Iterable[int], found: Iterable[rows.LinkRow]) -> dict[int, list[rows.LinkRow]]:
    known: dict[int, list[rows.LinkRow]] = {invoice_id: [] for invoice_id in ids}
    for row in found:
        known[row.invoice_id].append(row)
    return known


_CHANGED = "Restore that file from a backup, or move it away if it belongs to another store, and run again."
_LOST = "Restore that file from a backup, or set [seller.look] as it was when it was issued, and run again."


def _conflict(invoice: StoredInvoice, error: FileConflict) -> Problem:
    return Problem(
        f"invoice:{invoice.number}",
        f"The original {error.path} {error.reason}.",
        _LOST if error.reason == DRAWN_OTHERWISE else _CHANGED,
        invoice.client,
    )


def _not_rendered(invoice: StoredInvoice, error: StudioError) -> Problem:
    return Problem(
        f"invoice:{invoice.number}",
        f"The document could not be drawn: {error}.",
        "The number stays; mend what is named and run again.",
        invoice.client,
    )
