"""Links of issued documents as people handle them: shown, given anew, prolonged, taken back, swept, rotated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from studio_invoices.errors import Problem
from studio_support.billing.audit import add_audit
from studio_support.config.secrets import Secret
from studio_support.delivery import link_rows as rows
from studio_support.delivery.letter import usable_address
from studio_support.delivery.links import last_day, usable_base_url
from studio_support.delivery.notices import expired_page
from studio_support.delivery.publish import Publisher, SweptLinks
from studio_support.delivery.stored import StoredInvoice
from studio_support.delivery.web_config import apache, nginx
from studio_support.delivery.web_headers import style_hashes
from studio_support.errors import FilesystemError, InvoiceStateError, LockHeld, Refused, StudioError

if TYPE_CHECKING:
    from studio_support.studio import Studio


@dataclass(frozen=True, slots=True)
class LinkShown:
    """A link and the last day on which it opens. recipient: "" for the document's own. problems: of its copies."""

    number: str
    recipient: str
    link: str
    expires_on: date
    expired: bool
    problems: tuple[Problem, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "for": self.recipient or None,
            "link": self.link,
            "expires_on": self.expires_on.isoformat(),
            "expired": self.expired,
            "problems": [problem.as_dict() for problem in self.problems],
        }


@dataclass(frozen=True, slots=True)
class LinksRevoked:
    """How many links were taken back now, and how many folders came down with them."""

    number: str
    recipient: str
    links: int
    folders: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "for": self.recipient or None,
            "links": self.links,
            "folders": self.folders,
        }


@dataclass(frozen=True, slots=True)
class LinksRotated:
    """The secret was changed. links: how many have a second name now; kept_in: the file that holds the new secret, ""
    where a person keeps it."""

    links: int
    kept_in: str
    problems: tuple[Problem, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        problems = [problem.as_dict() for problem in self.problems]
        return {"links": self.links, "secret_file": self.kept_in or None, "problems": problems}


@dataclass(frozen=True, slots=True)
class DailySweep:
    """A sweep beside a pass of the bridge, or the error that ended it. told_today: that was known today already."""

    swept: SweptLinks | None
    error: StudioError | None = None
    told_today: bool = False


class Links:
    """The links of one studio."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._documents = studio.documents

    def show(self, number: str) -> LinkShown:
        """A document's own link. Raises UnknownInvoice, InvoiceStateError (taken back, cancelled), Refused (secret)."""
        publisher = self._documents.publisher
        invoice = self._documents.stored(number)
        _refuse_cancelled(invoice)
        if not invoice.link_live:
            raise _taken_back(invoice.number, "")
        with self._studio.store.reading() as connection:
            known = rows.link_rows(connection, [invoice.id])
        row = _newest(known, "")
        day = row.expires_on if row else last_day(invoice.issue_date, self._days)
        missing: tuple[Problem, ...] = ()
        if day >= self._studio.today() and not publisher.copies.holds(publisher.token(invoice)):
            missing = (_not_published(invoice, publisher.copies.directory),)
        return self._shown(publisher, invoice, "", invoice.link_generation, day, missing)

    def give(
        self, number: str, *, recipient: str = "", renew: bool = False, expires_on: date | None = None
    ) -> LinkShown:
        """A link to a document, made if there is none for this recipient; published.

        renew: another address; the one before opens nothing any more. expires_on: its last day (default for a new one:
        [links] expires_after_days from today). Raises UnknownInvoice, InvoiceStateError, Refused, LockHeld.
        """
        studio, today = self._studio, self._studio.today()
        recipient = recipient.strip()
        if recipient and (wrong := usable_address(recipient)) is not None:
            raise Refused(f"{recipient!r} {wrong}.", "Give one whole address: --for name@domain.example.")
        if expires_on is not None and expires_on < today:
            raise Refused(
                f"{expires_on} has passed.", f"Name a day from {today} on; `invoice revoke` takes a link back."
            )
        with studio.locked(f"invoice link {number}"):
            publisher = self._documents.publisher
            publisher.prepare()
            invoice = self._documents.stored(number)
            _refuse_cancelled(invoice)
            known = publisher.register([invoice])[invoice.id]
            recipient = _as_given(known, recipient)
            mine = [row for row in known if row.recipient == recipient]
            good = [row for row in mine if row.good]
            if mine and not good and not renew:
                raise _taken_back(invoice.number, recipient)
            if renew or not mine:
                self._make(publisher, invoice, recipient, mine, expires_on or last_day(today, self._days))
            elif expires_on is not None:
                self._prolong(invoice, good, expires_on)
            invoice = self._documents.stored(number)
            published = publisher.publish_pending([invoice])
            with studio.store.reading() as connection:
                row = _newest(rows.link_rows(connection, [invoice.id]), recipient)
        assert row is not None, "it was written down above"
        return self._shown(publisher, invoice, recipient, row.generation, row.expires_on, published.problems)

    def revoke(self, number: str, *, recipient: str = "") -> LinksRevoked:
        """Takes back every link of a document, or the one of a recipient; nothing is left behind them. Repeated: 0.

        Raises UnknownInvoice, Refused, LockHeld; FilesystemError where the folder cannot be changed: then the store has
        it taken back all the same, so that `serve` opens it no more, and the folders come down when this is repeated.
        """
        studio = self._studio
        recipient = recipient.strip()
        with studio.locked(f"invoice revoke {number}"):
            publisher, unusable = self._documents.publisher, None
            try:
                publisher.prepare()
            except FilesystemError as error:
                unusable = error
            invoice = self._documents.stored(number)
            known = publisher.register([invoice])[invoice.id]
            if recipient and not any(_same(row, recipient) for row in known):
                raise Refused(
                    f"{number} has no link for {recipient}.", f"Run `invoice show {number}` to see its links."
                )
            back = [row for row in known if row.good and (not recipient or _same(row, recipient))]
            if back:
                with studio.store.writing() as connection:
                    rows.revoke(connection, [row.id for row in back], studio.clock())
                    if not recipient:
                        rows.set_own_link(connection, invoice.id, invoice.link_generation, live=False)
                    detail = {"links": len(back), "for": recipient}
                    add_audit(
                        connection, studio.person, "link revoke", f"invoice:{invoice.number}", detail, studio.clock()
                    )
            if unusable is not None:
                raise unusable
            swept = publisher.sweep_links()
        return LinksRevoked(invoice.number, recipient, len(back), swept.removed)

    def sweep(self) -> SweptLinks:
        """Takes down what was taken back, and leaves the page of an expired link where one has expired.

        Raises Refused, FilesystemError, LockHeld.
        """
        with self._studio.locked("links sweep"):
            publisher = self._documents.publisher
            publisher.prepare()
            self._register_all(publisher)
            publisher.copies.sweep()
            return publisher.sweep_links()

    def sweep_daily(self) -> DailySweep | None:
        """What `sync run` does: the day's first call sweeps, and so does every one after a failure.

        None where there was nothing to do, or another run holds the lock: the next call does it.
        """
        store, today = self._studio.store, self._studio.today().isoformat()
        with store.reading() as connection:
            before = rows.last_sweep(connection)
            if before == today or not rows.is_anything_issued(connection):
                return None
        failed = f"{today} failed"
        try:
            done = DailySweep(self.sweep())
        except LockHeld:
            return None
        except StudioError as error:
            done = DailySweep(None, error, told_today=before == failed)
        with store.writing() as connection:
            rows.remember_sweep(connection, failed if done.error else today)
        return done

    def rotate(self, new: Secret | None = None) -> LinksRotated:
        """Changes the secret: every link gets a second name, and the first one works until it expires.

        new: a secret that a person keeps; None: one is made here and put into [links] secret_file. Interrupted, it is
        finished by being run again. Raises ConfigError, Refused (the store knows another secret), LockHeld.
        """
        from studio_support.link_secret import SecretFile

        studio = self._studio
        with studio.locked("links rotate"):
            file = SecretFile.of(studio.config) if new is None else None
            after = self._documents.publisher_with(Secret(file.coming().decode()) if file else new or Secret(""))
            with studio.store.reading() as connection:
                begun = rows.known_secret(connection) == after.fingerprint
            given = 0 if begun else self._rename(after)
            after.copies.rotate(studio.store.id, after.fingerprint)
            published = after.publish_pending(self._documents.all())
            if file is not None:
                file.settle()
        return LinksRotated(given, str(file.path) if file else "", published.problems)

    def web_server(self, kind: Literal["nginx", "apache"]) -> str:
        """The configuration of a web server for the published folder, with the styles of all pages there.

        Raises ConfigError, Refused for links to files or where nothing is published yet.
        """
        publisher, config = self._documents.publisher, self._studio.config
        base_url = usable_base_url(config.links.base_url)
        if base_url.startswith("file:"):
            raise Refused(
                f"Links begin with {base_url}: they lead to files, and no web server is needed.",
                "Write the address that clients will open into [links] base_url.",
            )
        hashes = publisher.copies.styles()
        if not hashes:
            raise Refused(
                "Nothing is published yet, so the style of the pages is not known.",
                "Run `bill close MONTH` first, then this again.",
            )
        expired = style_hashes(expired_page("en", "", "", "").encode())
        make = {"nginx": nginx, "apache": apache}[kind]
        return make(base_url, config.links_directory, tuple(dict.fromkeys((*hashes, *expired))))

    def _rename(self, after: Publisher) -> int:
        """Gives every good link a second name, and makes the new secret the store's: one transaction."""
        studio, before = self._studio, self._documents.publisher
        before.prepare()
        self._register_all(before)
        by_id = {invoice.id: invoice for invoice in self._documents.all()}
        with studio.store.reading() as connection:
            good = [row for row in rows.link_rows(connection) if row.good and row.secret == before.fingerprint]
        new = [after.new_link(by_id[row.invoice_id], row.recipient, row.generation, row.expires_on) for row in good]
        with studio.store.writing() as connection:
            rows.add_links(connection, new, studio.person, studio.clock())
            rows.remember_secret(connection, after.fingerprint)
            detail = {"links": len(new), "secret": after.fingerprint}
            add_audit(connection, studio.person, "links rotate", "links", detail, studio.clock())
        return len(new)

    def _audit(self, connection: Any, verb: str, invoice: StoredInvoice, detail: dict[str, Any]) -> None:
        studio = self._studio
        add_audit(connection, studio.person, verb, f"invoice:{invoice.number}", detail, studio.clock())

    @property
    def _days(self) -> int:
        return self._studio.config.links.expires_after_days

    def _register_all(self, publisher: Publisher) -> None:
        with self._studio.store.reading() as connection:
            missing = set(rows.unregistered(connection, publisher.fingerprint))
        if missing:
            publisher.register([invoice for invoice in self._documents.all() if invoice.id in missing])

    def _make(
        self, publisher: Publisher, invoice: StoredInvoice, recipient: str, before: Sequence[rows.LinkRow], day: date
    ) -> None:
        studio = self._studio
        generation = max((row.generation for row in before), default=0) + 1
        new = publisher.new_link(invoice, recipient, generation, day)
        with studio.store.writing() as connection:
            rows.revoke(connection, [row.id for row in before], studio.clock())
            rows.add_links(connection, [new], studio.person, studio.clock())
            if not recipient:
                rows.set_own_link(connection, invoice.id, generation, live=True)
            detail = {"for": recipient, "generation": generation, "expires_on": day.isoformat()}
            self._audit(connection, "link new", invoice, detail)

    def _prolong(self, invoice: StoredInvoice, good: Sequence[rows.LinkRow], day: date) -> None:
        studio = self._studio
        with studio.store.writing() as connection:
            rows.expire_on(connection, [row.id for row in good], day)
            detail = {"for": good[0].recipient, "expires_on": day.isoformat()}
            self._audit(connection, "link expires", invoice, detail)

    def _shown(
        self,
        publisher: Publisher,
        invoice: StoredInvoice,
        recipient: str,
        generation: int,
        day: date,
        problems: tuple[Problem, ...] = (),
    ) -> LinkShown:
        address = publisher.link(invoice, recipient, generation)
        assert address is not None, "asked for before"
        return LinkShown(invoice.number, recipient, address, day, day < self._studio.today(), problems)


def _same(row: rows.LinkRow, recipient: str) -> bool:
    """Whether a link is this person's: addresses that differ in case only are one."""
    return row.recipient.casefold() == recipient.casefold()


def _as_given(known: Sequence[rows.LinkRow], recipient: str) -> str:
    """A person's address as it was written when the first link of his own was made: names are made from it."""
    return next((row.recipient for row in known if recipient and _same(row, recipient)), recipient)


def _newest(known: Sequence[rows.LinkRow], recipient: str) -> rows.LinkRow | None:
    mine = [row for row in known if row.recipient == recipient and row.good]
    return max(mine, key=lambda row: (row.generation, row.id), default=None)


def _not_published(invoice: StoredInvoice, directory: Path) -> Problem:
    return Problem(
        f"invoice:{invoice.number}",
        f"Nothing lies behind the link of {invoice.number} in {directory}.",
        f"Run `bill close {invoice.month}`: it publishes what is missing.",
        invoice.client,
    )


def _refuse_cancelled(invoice: StoredInvoice) -> None:
    if invoice.state == "cancelled":
        raise InvoiceStateError(
            f"{invoice.number} was cancelled: links to it open nothing.",
            f"Run `invoice show {invoice.number}`; the document that cancels it has a link of its own.",
        )


def _taken_back(number: str, recipient: str) -> InvoiceStateError:
    whom = f" for {recipient}" if recipient else ""
    option = f" --for {recipient}" if recipient else ""
    return InvoiceStateError(
        f"The link to {number}{whom} was taken back.", f"Run `invoice link {number}{option} --renew` for a new one."
    )
