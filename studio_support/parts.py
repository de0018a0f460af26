"""What a studio is made of: configuration, clients, store, lock, sources. Made when a verb needs it, and no sooner.

The clock is read here and nowhere below.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from studio_support.config import ClientBook, Settings, find_config, load_clients, load_settings
from studio_support.errors import LockHeld, Refused

if TYPE_CHECKING:
    from studio_support.billing.close import MonthEnd
    from studio_support.billing.ledger import Ledger
    from studio_support.model import Project, Reading, TimeEntrySource
    from studio_support.period import Month
    from studio_support.promises import Promises
    from studio_support.results import Source
    from studio_support.store.engine import Store

LOCK = "billing"
Progress = Callable[[str, int, int], None]


def user_config_dir(environ: Mapping[str, str]) -> Path:
    """$XDG_CONFIG_HOME/studio-support, or ~/.config/studio-support."""
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "studio-support"


class Parts:
    """The parts of one studio; see Studio."""

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
        on_wait: Callable[[str], None] | None = None,
        progress: Progress | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.config = config
        self.clock = clock
        self.person = person
        self.progress = progress
        self.environ = environ
        self.lock_wait_seconds = lock_wait_seconds
        self.on_wait = on_wait
        self._store = store
        self._redmine = redmine
        self.otrs = otrs

    @classmethod
    def from_file(cls, path: Path | str | None = None, **options: Any) -> Self:
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
    def promises(self) -> Promises:
        """Calendar and rule of the promise, as known today; they need [studio] alone."""
        from studio_support.promises import Promises

        return Promises(self.config, self.today())

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

    @property
    def has_store(self) -> bool:
        """Whether a store is configured or was handed in; it may still have to be made."""
        return self._store is not None or self.config.has("store")

    def ledger_if_there(self) -> Ledger | None:
        """The ledger, or None where no store was made yet: looking at a month makes none."""
        if self._store is not None:
            return self.ledger
        if not self.has_store:
            return None
        url = self.config.store_url(self.environ).reveal()
        if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
            return None
        return self.ledger

    @contextmanager
    def locked(self, what: str, name: str = LOCK) -> Iterator[None]:
        """Holds a lock of the store, by default that of everything that writes money. Raises LockHeld."""
        from studio_support.store.locks import exclusive

        holder = f"{self.person}, {what}, process {os.getpid()}, since {self.clock():%Y-%m-%d %H:%M} UTC"
        with ExitStack() as held:
            try:
                held.enter_context(exclusive(self.store, name, holder, 0.0))
            except LockHeld as other:
                if self.lock_wait_seconds <= 0:
                    raise
                if self.on_wait is not None:
                    self.on_wait(other.holder)
                held.enter_context(exclusive(self.store, name, holder, self.lock_wait_seconds))
            yield

    @property
    def redmine(self) -> TimeEntrySource:
        """The source of booked time, made on first use. Raises ConfigError, MissingSecret, SourceRefused."""
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

    def month_end(self, ledger: Ledger | None, *, with_files: bool = False) -> MonthEnd:
        """The month end of this studio at this moment. with_files: it keeps what is read. Raises ConfigError."""
        from studio_invoices.ids import fault
        from studio_invoices.sheet_money import asks_for_words
        from studio_support.billing.close import MonthEnd
        from studio_support.glyphs import glyphs_of

        return MonthEnd(
            terms=self.config.terms(),
            clients=self.book.clients,
            config_problems=self.book.problems,
            config_notices=self.book.notices,
            ledger=ledger,
            ids=fault,
            glyphs_of=lambda seller: glyphs_of(self.config, seller),
            files=self.config.files_folder if with_files else Path(),
            now=self.clock(),
            person=self.person,
            progress=self.progress,
            words_asked=lambda seller: asks_for_words(self.config.look(seller).texts),
        )

    def read(self, end: MonthEnd, month: Month, source: Source, selected: frozenset[str] | None) -> Reading:
        """The month from Redmine, or from the file that a person named. Raises SourceError, InputFileError."""
        if source.file is None:
            return end.read(self.redmine, month, selected)
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
