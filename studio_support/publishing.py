"""Issued documents put together: rendered, kept, published, listed. What is done follows from the ledger alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio_invoices.codec import invoice_to_dict
from studio_invoices.errors import Problem
from studio_invoices.look import PLAIN
from studio_invoices.model import Act
from studio_support.beside import files_beside, render_sheet, sheet_csv
from studio_support.billing.ledger_sheets import recorded_sums
from studio_support.billing.ledger_types import ActRow, InvoiceRow, SeriesRow
from studio_support.billing.series_audit import audit_series
from studio_support.config.secrets import Secret
from studio_support.delivery import link_rows
from studio_support.delivery.act_files import ActFiles
from studio_support.delivery.beside import beside_path
from studio_support.delivery.files import as_issued, atomic_write, make_folder, read_if_there
from studio_support.delivery.links import ROWS_NAME, SHEET_NAME, XML_NAME, usable_base_url
from studio_support.delivery.originals import Originals, safe_name
from studio_support.delivery.outbox import LetterRow, Outbox
from studio_support.delivery.publish import Places, Publisher
from studio_support.delivery.stored import Selection, StoredInvoice, stored_invoices
from studio_support.errors import ConfigError, Refused, UnknownInvoice
from studio_support.period import Month
from studio_support.rendering import Which, render, render_act, render_cancelled

if TYPE_CHECKING:
    from studio_invoices.annexes import TimeSheet
    from studio_invoices.einvoice.profiles import Syntax
    from studio_support.einvoices import EInvoice
    from studio_support.studio import Studio


class Documents:
    """The issued documents of one studio."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._faults: list[Problem] = []

    @cached_property
    def publisher(self) -> Publisher:
        """The publisher of [links]. Raises ConfigError, MissingSecret."""
        return self.publisher_with(self._studio.config.link_secret(self._studio.environ))

    def publisher_with(self, secret: Secret) -> Publisher:
        """The publisher of [links] with this secret. Raises ConfigError."""
        studio, config = self._studio, self._studio.config
        try:
            base_url = usable_base_url(config.links.base_url)
            days = config.links.expires_after_days
            places = Places(config.files_folder, config.links_directory, base_url, secret.reveal().encode(), days)
            return Publisher(
                studio.store,
                places,
                self._render,
                clock=studio.clock,
                today=studio.today,
                person=studio.person,
                render_act=self._render_act,
                render_beside=self._render_beside,
            )
        except ValueError as error:
            right = (
                "Write an https address, and a secret of at least 32 characters, such as `openssl rand -hex 32` gives."
            )
            raise ConfigError(config.file, "links", str(error), right) from None

    def _render(self, invoice: StoredInvoice) -> tuple[bytes, str]:
        has_act = self._studio.ledger.act(invoice.id) is not None
        beside = self._sums(invoice)
        return render(invoice, self._studio.config.look(invoice.seller), has_act=has_act, beside=beside)

    def _sums(self, invoice: StoredInvoice) -> Mapping[str, str]:
        """The sums of the files beside a document, by name."""
        with self._studio.store.reading() as connection:
            return recorded_sums(connection, [invoice.id]).get(invoice.id, {})

    def _render_beside(self, invoice: StoredInvoice) -> Mapping[str, bytes]:
        files, faults = files_beside(self._studio.ledger, invoice, self._studio.config.look(invoice.seller))
        self._faults.extend(replace(fault, source=f"invoice:{invoice.number}") for fault in faults)
        return files

    def _render_act(self, invoice: StoredInvoice, act: Act) -> bytes:
        return render_act(act, self._studio.config.look(invoice.seller))

    def prepare(self) -> None:
        """Makes sure that documents can be drawn and published before anything is numbered. Raises ConfigError,
        Refused, FilesystemError."""
        self.check_looks()
        self.publisher.prepare()

    def check_looks(self) -> None:
        """Raises ConfigError for the first picture, font or colour that cannot be used."""
        config = self._studio.config
        looks = {seller: look for seller, look in config.looks().items() if look != PLAIN}
        for seller, look in looks.items():
            from studio_invoices.pdf.kit import look_problems  # heavy, and seldom needed

            for problem in look_problems(look):
                section = f"sellers.{seller}" if seller else "seller"
                raise ConfigError(config.file, f"{section}.{problem.source}", problem.message, problem.next_step)

    def _stored(self, selection: Selection) -> list[StoredInvoice]:
        with self._studio.store.reading() as connection:
            return stored_invoices(connection, selection)

    def publish(self, month: Month) -> list[Problem]:
        """Publishes what has no file yet, of this month and of runs that were killed; removes dead links."""
        here = self._stored(Selection(month=str(month)))
        elsewhere = [row.number for row in self._studio.ledger.unpublished() if row.month != month]
        documents = [*here, *(self.stored(number) for number in elsewhere)]
        progress = self._studio.progress
        done = 0

        def told(_: StoredInvoice, __: object) -> None:
            nonlocal done
            done += 1
            if progress is not None:
                progress("Publishing", done, len(documents))

        self._faults.clear()
        problems = list(self.publisher.publish_pending(documents, told).problems)
        return [*problems, *self._faults]

    def issued(self, month: Month, clients: Sequence[str] | None) -> list[dict[str, Any]]:
        """The drafts that stand issued for a month, as the contract's JSON, in order of number."""
        ledger = self._studio.ledger
        links = {row.number: self.publisher.link(row) for row in self._stored(Selection(month=str(month)))}
        drafts = []
        for row in ledger.invoices(month=month):
            if row.kind != "invoice" or row.state != "issued" or (clients is not None and row.client not in clients):
                continue
            basis = ledger.invoice(row.number).basis
            shown = {key: value for key, value in basis.items() if key in _DRAFT_KEYS}
            drafts.append({**shown, "number": row.number, "link": links.get(row.number)})
        return drafts

    def link(self, number: str) -> str | None:
        """The link of a document, None when it was taken back. Raises UnknownInvoice."""
        return self.publisher.link(self.stored(number))

    def all(self) -> list[StoredInvoice]:
        """Every document, in the order of issue."""
        return self._stored(Selection())

    def stored(self, number: str) -> StoredInvoice:
        """One document as delivery sees it. Raises UnknownInvoice."""
        rows = self._stored(Selection(number=number))
        if not rows:
            raise UnknownInvoice(number)
        return rows[0]

    def pdf(self, number: str) -> bytes:
        """The original PDF of a document, rendered if that is not done yet. Raises UnknownInvoice, FileConflict."""
        row = self.stored(number)
        path = self._originals.paths(row)[0]
        kept = read_if_there(path)
        pdf = self._render(row)[0] if kept is None else kept
        return as_issued(path, pdf, row.pdf_sha256, drawn=kept is None)

    def copy(self, number: str, which: Which = "invoice") -> bytes:
        """A PDF as the document stands now: see render_cancelled where it was cancelled, else the original's bytes. The
        original is never touched. Raises like pdf, act_pdf and time_sheet_file."""
        row = self.stored(number)
        if row.state != "cancelled":
            return self.one(number, which)
        look = self._studio.config.look(row.seller)
        if which == "act":
            act = self._act(row)
            return render_cancelled(Act(act.number, act.act_date, row.document), look)
        return render_cancelled(self.time_sheet(number) if which == "timesheet" else row, look)

    def act_pdf(self, number: str) -> bytes:
        """The PDF of the act beside a document. Raises UnknownInvoice; Refused where there is none."""
        row = self.stored(number)
        return self._act_files().pdf(row, self._act(row))

    def _act(self, row: StoredInvoice) -> ActRow:
        act = self._studio.ledger.act(row.id)
        if act is None:
            raise Refused(
                f"There is no act beside {row.number}.",
                'Acts are made at issue, for a client whose file has documents = ["invoice", "act"].',
            )
        return act

    def time_sheet(self, number: str) -> TimeSheet:
        """The time sheet beside a document. Raises UnknownInvoice; Refused where there is none."""
        sheet = self._studio.ledger.time_sheet(self.stored(number).id)
        if sheet is None:
            raise Refused(
                f"There is no time sheet beside {number}.",
                'Time sheets are made at issue, for a client whose file has documents = ["invoice", "timesheet"].',
            )
        return sheet

    def time_sheet_file(self, number: str, *, csv: bool = False) -> bytes:
        """The time sheet as PDF, or as CSV, as issued. Raises like time_sheet; FileConflict."""
        row, sheet, name = self.stored(number), self.time_sheet(number), ROWS_NAME if csv else SHEET_NAME
        path = beside_path(self._studio.config.files_folder, row, name)
        data = kept = read_if_there(path)
        if data is None:
            data = sheet_csv(sheet) if csv else render_sheet(sheet, self._studio.config.look(row.seller))
        return as_issued(path, data, self._sums(row).get(name), drawn=kept is None)

    def _act_files(self) -> ActFiles:
        return ActFiles(self._studio.store, self._studio.config.files_folder, self._render_act)

    def xml(self, number: str, syntax: Syntax | None = None) -> EInvoice:
        """A document as an e-invoice: the kept original, else written now. syntax: by default the client's format's
        usual one. Raises UnknownInvoice, FilesystemError."""
        from studio_support.einvoices import e_invoice, usual_syntax

        row = self.stored(number)
        usual = syntax in (None, usual_syntax(row.document))
        kept = self._originals.read_xml(row) if usual else None
        if kept is not None:
            as_issued(self._originals.xml_path(row), kept, self._sums(row).get(XML_NAME))
        return e_invoice(row.document, row.client, syntax, kept=kept)

    @property
    def _originals(self) -> Originals:
        return Originals(self._studio.config.files_folder)

    def export(self, month: Month, folder: Path, *, copies: bool = False) -> Exported:
        """All PDFs of a month under readable names: number and client. copies: see copy. Raises FilesystemError."""
        make_folder(folder, 0o755)
        written, cancelled = [], []
        for row in self._stored(Selection(month=str(month))):
            wanted: list[tuple[Which, str]] = [("invoice", "")]
            if self._studio.ledger.act(row.id) is not None:
                wanted.append(("act", " act"))
            if self._studio.ledger.time_sheet(row.id) is not None:
                wanted.append(("timesheet", " timesheet"))
            for which, suffix in wanted:
                target = folder / f"{safe_name(row.number)} {safe_name(row.client)}{suffix}.pdf"
                atomic_write(target, self.one(row.number, which, copy=copies), 0o644)
                written.append(target)
            if row.state == "cancelled":
                cancelled.append(row.number)
        return Exported(tuple(written), tuple(cancelled))

    def one(self, number: str, which: Which = "invoice", *, copy: bool = False) -> bytes:
        """A PDF beside a number: the original, or see copy."""
        if copy:
            return self.copy(number, which)
        if which == "act":
            return self.act_pdf(number)
        return self.time_sheet_file(number) if which == "timesheet" else self.pdf(number)

    def listed(self, month: Month | None) -> list[tuple[InvoiceRow, list[str]]]:
        """Documents with the states of their letters, such as "accepted info@acme.example", in order of issue."""
        states: dict[str, list[str]] = {}
        for letter in self._letters(Selection(month=None if month is None else str(month))):
            states.setdefault(letter.number, []).append(f"{letter.state} {letter.recipient}")
        return [(row, states.get(row.number, [])) for row in self._studio.ledger.invoices(month=month)]

    def _letters(self, selection: Selection) -> list[LetterRow]:
        studio = self._studio
        return Outbox(studio.store, studio.clock, studio.person, "nobody@localhost").letters(selection)

    def shown(self, number: str) -> dict[str, Any]:
        """One document whole: snapshot, state, files, link, letters. Raises UnknownInvoice."""
        stored = self._studio.ledger.invoice(number)
        row = self.stored(number)
        pdf, page = self.publisher.originals.paths(row)
        act = self._studio.ledger.act(row.id)
        letters = self._letters(Selection(number=number))
        return {
            **invoice_to_dict(stored.document),
            "client": stored.row.client,
            "month": str(stored.row.month),
            "state": stored.row.state,
            "cancels": stored.row.cancels,
            "cancelled_by": stored.row.cancelled_by,
            "link": self.link(number),
            "links": self._shown_links(row),
            "files": {"pdf": str(pdf), "page": str(page)},
            "pdf_sha256": stored.row.pdf_sha256,
            "act": None if act is None else self._shown_act(row, act),
            "beside": self._shown_beside(row),
            "letters": [{"to": row.recipient, "state": row.state, "detail": row.detail} for row in letters],
        }

    def _shown_links(self, row: StoredInvoice) -> list[dict[str, Any]]:
        """Every link that was not taken back; without its address where a former secret made it."""
        publisher, today = self.publisher, self._studio.today()
        with self._studio.store.reading() as connection:
            good = [link for link in link_rows.link_rows(connection, [row.id]) if link.good]
        return [
            {
                "for": link.recipient or None,
                "link": publisher.link(row, link.recipient, link.generation)
                if link.secret == publisher.fingerprint
                else None,
                "expires_on": link.expires_on.isoformat(),
                "expired": link.expires_on < today,
            }
            for link in good
        ]

    def _shown_act(self, row: StoredInvoice, act: ActRow) -> dict[str, Any]:
        file = str(self._act_files().path(row))
        return {"number": act.number, "date": act.act_date.isoformat(), "file": file, "pdf_sha256": act.pdf_sha256}

    def _shown_beside(self, row: StoredInvoice) -> list[dict[str, str]]:
        folder = self._studio.config.files_folder
        sums = self._sums(row).items()
        return [{"name": name, "file": str(beside_path(folder, row, name)), "sha256": digest} for name, digest in sums]

    def numbers(self) -> SeriesProof:
        """Every series of this store, and what is wrong with one."""
        return prove(self._studio.ledger.series_rows())


@dataclass(frozen=True, slots=True)
class Exported:
    """The PDFs of a month that were written. cancelled: the numbers among them that were taken back."""

    written: tuple[Path, ...]
    cancelled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeriesProof:
    """`numbers audit`. series: seller, kind, year, first and last printed number, how many documents."""

    series: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, Any]:
        return {"series": list(self.series), "problems": [problem.as_dict() for problem in self.problems]}


def prove(rows: Sequence[SeriesRow]) -> SeriesProof:
    """The proof of the series: each from its first number to its last without gap, double or date that runs back."""
    series = []
    for row in rows:
        documents = row.documents
        series.append(
            {
                "seller": row.seller or "(seller)",
                "kind": row.kind,
                "year": row.year or "all",
                "first": documents[0].number if documents else "",
                "last": documents[-1].number if documents else "",
                "documents": len(documents),
            }
        )
    return SeriesProof(tuple(series), tuple(finding.as_problem() for finding in audit_series(rows)))


_DRAFT_KEYS = frozenset(
    {
        "client",
        "currency",
        "minutes",
        "booked_minutes",
        "net",
        "tax",
        "gross",
        "plan",
        "flags",
        "lines",
        "taxes",
        "supplement",
        "last_minutes",
        "last_net",
    }
)
