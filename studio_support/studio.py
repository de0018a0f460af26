"""The composition root: one object with the command line's verbs, on a configuration or on parts of one's own.

The clock is read here and nowhere below. Parts are made when a verb needs them: a command asks only for the
sections of the configuration that it uses.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from studio_support.config import ClientBook, Settings, find_config, load_clients, load_settings
from studio_support.errors import ConfigError, Refused, StoreError
from studio_support.period import Month
from studio_support.results import REDMINE, CloseResult, SendResult, Source

if TYPE_CHECKING:
    from studio_support.billing.close import MonthEnd
    from studio_support.billing.ledger import Ledger
    from studio_support.billing.month_plan import MonthPlan
    from studio_support.billing.reconcile import Certificate
    from studio_support.billing.terms import Seller
    from studio_support.model import Project, Reading, TimeEntrySource
    from studio_support.publishing import Documents
    from studio_support.store.engine import Store

__all__ = ["CloseResult", "SendResult", "Source", "Studio"]

LOCK = "billing"
Progress = Callable[[str, int, int], None]


def user_config_dir(environ: Mapping[str, str]) -> Path:
    """$XDG_CONFIG_HOME/studio-support, or ~/.config/studio-support."""
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "studio-support"


def seller_named(sellers: Mapping[str, Seller], key: str, file: Path) -> Seller:
    """The seller of this key; raises ConfigError where the configuration has none any more."""
    if key in sellers:
        return sellers[key]
    section = f"sellers.{key}" if key else "seller"
    raise ConfigError(file, section, "is missing, but invoices were issued by it", f"Put [{section}] back.")


class Studio:
    """A studio: its configuration, store and servers, with the verbs of the command line.

    clock: says the present as an aware instant. person: on whose behalf; every audit row names somebody.
    store, redmine: one's own parts instead of those that the configuration names. lock_wait_seconds: how long to
    wait for another run. progress: called with (what, done, total) during long work.
    """

    def __init__(
        self,
        *,
        config: Settings,
        store: Store | None = None,
        redmine: TimeEntrySource | None = None,
        otrs: object = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        person: str = "library",
        lock_wait_seconds: float = 0.0,
        progress: Progress | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.config = config
        self.clock = clock
        self.person = person
        self.progress = progress
        self.environ = environ
        self.lock_wait_seconds = lock_wait_seconds
        self._store = store
        self._redmine = redmine
        self.otrs = otrs

    @classmethod
    def from_file(cls, path: Path | str | None = None, **options: Any) -> Studio:
        """The studio of a configuration file; None: the one found here or in the user's config directory.

        Raises ConfigError. options: as for Studio().
        """
        environ = options.get("environ", os.environ)
        wanted = None if path is None else Path(path)
        return cls(config=load_settings(find_config(wanted, Path.cwd(), user_config_dir(environ))), **options)

    def today(self) -> date:
        """The day in the studio's zone."""
        return self.clock().astimezone(ZoneInfo(self.config.studio.timezone)).date()

    @cached_property
    def book(self) -> ClientBook:
        """The clients' files."""
        return load_clients(self.config.clients_folder, self.config)

    @property
    def store(self) -> Store:
        """The store, made on first use. Raises StoreError, FilesystemError."""
        if self._store is None:
            from studio_support.store.engine import open_store

            self._store = open_store(self.config.store_url(self.environ).reveal())
        return self._store

    @property
    def ledger(self) -> Ledger:
        """The ledger of the store."""
        from studio_support.billing.ledger import Ledger

        return Ledger(self.store)

    def _ledger_if_there(self) -> Ledger | None:
        """The ledger, or None where no store was made yet: looking at a month makes none."""
        if self._store is not None:
            return self.ledger
        if not self.config.has("store"):
            return None
        url = self.config.store_url(self.environ).reveal()
        if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
            return None
        return self.ledger

    @contextmanager
    def _locked(self, what: str) -> Iterator[None]:
        """Holds the lock of everything that writes money. Raises LockHeld."""
        from studio_support.store.locks import exclusive

        holder = f"{self.person}, {what}, process {os.getpid()}, since {self.clock():%Y-%m-%d %H:%M} UTC"
        with exclusive(self.store, LOCK, holder, self.lock_wait_seconds):
            yield

    def _redmine_source(self) -> TimeEntrySource:
        if self._redmine is None:
            from studio_support.redmine.source import RedmineSource

            section = self.config.redmine
            self._redmine = RedmineSource(
                section.url,
                self.config.redmine_api_key(self.environ).reveal(),
                ticket_field=section.ticket_field,
                clock=self.clock,
                timeout_seconds=section.timeout_seconds,
                ca_file=str(self.config.resolve(section.ca_file)) if section.ca_file else "",
                progress=self.progress,
            )
        return self._redmine

    @property
    def redmine(self) -> TimeEntrySource:
        """The source of booked time, made on first use. Raises ConfigError, MissingSecret, SourceRefused."""
        return self._redmine_source()

    def projects(self, *, kept_read: Path | None = None) -> tuple[Project, ...]:
        """The projects of the source, closed ones too, or those of a kept read.

        Raises SourceError, ConfigError, InputFileError, FilesystemError; Refused by a source that cannot list them.
        """
        from studio_support.model import ProjectSource

        if kept_read is not None:
            from studio_support.reads import load_reading

            return load_reading(kept_read).projects
        source = self.redmine
        if not isinstance(source, ProjectSource):
            raise Refused("This source of time cannot list its projects.", "Give a kept read instead.")
        return source.projects()

    def _month_end(self, ledger: Ledger | None, *, with_files: bool = False) -> MonthEnd:
        from studio_invoices.fonts import missing_glyphs
        from studio_support.billing.close import MonthEnd

        return MonthEnd(
            terms=self.config.terms(),
            clients=self.book.clients,
            config_problems=self.book.problems,
            config_notices=self.book.notices,
            ledger=ledger,
            missing_glyphs=missing_glyphs,
            files=self.config.files_folder if with_files else Path(),
            now=self.clock(),
            person=self.person,
            progress=self.progress,
        )

    def _read(self, end: MonthEnd, month: Month, source: Source, selected: frozenset[str] | None) -> Reading:
        if source.file is None:
            return end.read(self._redmine_source(), month, selected)
        from studio_support.reads import load_source_file

        redmine = self.config.content.redmine
        return load_source_file(
            source.file,
            month,
            date_order=source.date_order,
            ticket_field=redmine.ticket_field if redmine is not None else "",
            now=self.clock(),
            people=() if end.ledger is None else end.ledger.known_people(),
        )

    # the month end

    def plan_month(
        self,
        month: Month,
        *,
        clients: Sequence[str] = (),
        manager: str | None = None,
        source: Source = REDMINE,
        supplement: bool = False,
    ) -> MonthPlan:
        """What a close would do; writes nothing. Raises SourceError, ConfigError, UnknownClient."""
        end = self._month_end(self._ledger_if_there())
        selected = end.select(clients, manager)
        plan, _ = end.plan(self._read(end, month, source, selected), selected, supplement=supplement)
        return plan

    def close_month(
        self,
        month: Month,
        *,
        clients: Sequence[str] = (),
        source: Source = REDMINE,
        plan_hash: str | None = None,
        issue_date: date | None = None,
        supplement: bool = False,
    ) -> CloseResult:
        """Numbers, freezes, renders and publishes; repeated, it finishes what is left.

        Raises Refused (month not over, before the start, another plan, issue date), LockHeld, SourceError.
        """
        documents = self._documents()
        end = self._month_end(self._ledger_if_there(), with_files=True)
        selected = end.select(clients)
        end.guard(month)
        day = end.issue_date(month, issue_date)
        with self._locked(f"bill close {month}"):
            ledger = self.ledger
            end = self._month_end(ledger, with_files=True)
            end.guard(month)
            documents.prepare()
            reading = self._read(end, month, source, selected)
            plan, view = end.plan(reading, selected, supplement=supplement)
            plan, issued = end.close(ledger, reading, plan, plan_hash=plan_hash, day=day)
            published = documents.publish(month)
            drafts = documents.issued(month, None if selected is None else tuple(selected))
        fresh = [row for row in issued if row.created]
        return CloseResult(
            plan=plan,
            drafts=tuple(drafts),
            problems=(*plan.problems, *published),
            notices=(*plan.notices, *end.start_notice(view, month, fresh)),
            created=sum(row.number is not None for row in fresh),
            empty=sum(row.number is None for row in fresh),
            requests=reading.requests,
            waited_seconds=reading.waited_seconds,
        )

    def reconcile(self, month: Month, *, source: Source = REDMINE) -> Certificate:
        """The certificate of a month; what was read for it is kept. Raises SourceError, ConfigError."""
        ledger = self._ledger_if_there()
        end = self._month_end(ledger, with_files=self.config.has("store"))
        reading = self._read(end, month, source, None)
        certificate = end.certify(reading)
        if ledger is not None:
            end.keep_read(ledger, reading)
        return certificate

    def hold(self, month: Month, client: str, reason: str) -> None:
        """Keeps a client from being closed for a month. Raises UnknownClient, Refused if it is closed."""
        self.book.get(client)
        with self._locked(f"bill hold {month}"):
            self.ledger.hold(client, month, reason, person=self.person, now=self.clock())

    def unhold(self, month: Month, client: str) -> bool:
        """Lets a client go; whether it was held."""
        self.book.get(client)
        with self._locked(f"bill unhold {month}"):
            return self.ledger.unhold(client, month, person=self.person, now=self.clock())

    def cancel(self, number: str, reason: str, *, issue_date: date | None = None) -> str:
        """Takes an invoice back: the number of the cancellation. Its month is open again.

        Raises UnknownInvoice, Refused (not an invoice, issue date), LockHeld.
        """
        documents = self._documents()
        with self._locked(f"invoice cancel {number}"):
            documents.prepare()
            day = issue_date or self.today()
            sellers = self.config.terms().sellers
            row = self.ledger.invoice(number).row
            done = self.ledger.cancel(
                number,
                reason=reason,
                person=self.person,
                now=self.clock(),
                issue_date=day,
                seller=seller_named(sellers, row.seller, self.config.file),
            )
            documents.publish(done.month)
        assert done.number is not None
        return done.number

    # documents and letters

    def _documents(self) -> Documents:
        from studio_support.publishing import Documents

        return Documents(self)

    @property
    def documents(self) -> Documents:
        """Issued documents: files, links, letters, explanations."""
        return self._documents()

    def send_month(self, month: Month, *, clients: Sequence[str] = (), dry_run: bool = False) -> SendResult:
        """Mails the links of a month; safe to repeat. Raises MailRefused, LockHeld, UnknownClient."""
        for client in clients:
            self.book.get(client)
        from studio_support.sending import Sender

        sender = Sender(self)
        if dry_run:
            return sender.would_send(month, tuple(clients))
        with self._locked(f"bill send {month}"):
            return sender.send(month, tuple(clients))

    def send_invoice(self, number: str, *, again: bool = False) -> SendResult:
        """Mails one document's link; again: also what is uncertain or refused, under the same Message-ID."""
        from studio_support.sending import Sender

        with self._locked(f"invoice send {number}"):
            return Sender(self).send_one(number, again=again)

    def explain(self, what: str) -> dict[str, Any]:
        """The chain behind INVOICE, INVOICE:LINE or entry:ID. Raises UnknownInvoice, UnknownEntry."""
        from studio_support.explain import explain

        if self._ledger_if_there() is None:
            raise StoreError(
                self.config.store.url or "store", "nothing was closed yet", "Run `bill close MONTH` first."
            )
        return explain(self.ledger, what)

    def write_drafts(self, plan: MonthPlan, folder: Path) -> Path:
        """Watermarked drafts with an index page; returns the index. Raises FilesystemError."""
        from studio_support.draft_pages import write_drafts

        return write_drafts(plan, self.book.clients, self.config.terms(), folder, self.progress)
