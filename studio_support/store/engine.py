"""One engine for SQLite and PostgreSQL: how a store is opened, and how a transaction begins.

SQLite: write-ahead log, so that readers never wait for the writer; foreign keys on; every commit synced to disk
(synchronous=FULL), because there is money in it. A writing transaction takes the write lock when it begins
(BEGIN IMMEDIATE): what it read stays true until it commits. SQLAlchemy begins transactions itself, by the event
hooks that its documentation gives for sqlite3 (Python's driver would begin none before the first INSERT).
PostgreSQL: writing transactions take one advisory lock of the database, which is the same promise; reading ones
see one snapshot (REPEATABLE READ). The tables' constraints hold without either.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, IntegrityError, NoSuchModuleError

from studio_support.errors import FilesystemError, StoreError, StoreTooNew
from studio_support.store.failures import shown, told
from studio_support.store.versions import HEAD, VERSION_TABLE, VERSIONS

Result = TypeVar("Result")

_WRITES = "studio_writes"
_BUSY_SECONDS = 30
_BUSY_PAUSE_SECONDS = 0.02
# any fixed number: one writer a database (ASCII of "studio")
_WRITER_KEY = 0x73747564696F


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. url: without its password. id: made once with the store. path: of a SQLite file, else None."""

    engine: Engine = field(repr=False)
    url: str
    id: str = ""
    path: Path | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: the only writer until it ends; committed unless the block raises.

        Raises StoreError, FilesystemError; a broken constraint comes as sqlalchemy.exc.IntegrityError.
        """
        with told(self.engine.url), self.engine.connect() as connection:
            connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads and sees one state of the store. Raises StoreError, FilesystemError."""
        with told(self.engine.url), self.engine.connect() as connection, connection.begin():
            yield connection

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Does the work in a writing transaction; once more if a constraint refused it.

        That happens only where somebody wrote without taking the write lock: the second time the work finds what
        the other wrote. Raises StoreError if it is refused again; nothing of it is written then.
        """
        try:
            with self.writing() as connection:
                return work(connection)
        except IntegrityError:
            pass
        try:
            with self.writing() as connection:
                return work(connection)
        except IntegrityError as error:
            raise StoreError(self.url, f"a rule of the store refuses it ({error.orig})", "Run `db check`.") from error

    def close(self) -> None:
        """Gives all connections back; the store can be used again afterwards."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Opens the store at an SQLAlchemy URL (sqlite:///FILE or postgresql+psycopg://...), making it on first use.

    Raises StoreTooNew, StoreError (not a store, older: `db upgrade`), FilesystemError.
    """
    store = connect(url)
    try:
        with store.reading() as connection:
            version, _ = found(connection)
        if version is None:
            from studio_support.store.upgrade import make  # Alembic, only when a store is made

            make(store)
        elif version not in VERSIONS:
            raise StoreTooNew(
                store.url,
                f"its version is {version}; the newest that this studio-support knows is {HEAD}",
                "Install the newer studio-support that wrote it, or restore an older backup.",
            )
        elif version != HEAD:
            raise StoreError(store.url, f"its version is {version}, not {HEAD}", "Run `studio-support db upgrade`.")
        return identified(store)
    except BaseException:
        store.close()
        raise


def connect(url: str, *, make: bool = True) -> Store:
    """A store whose contents nobody looked at yet: for upgrades and checks.

    make: whether a SQLite file that is not there is made. Raises StoreError, FilesystemError.
    """
    parsed = _parsed(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    path = Path(parsed.database) if sqlite and parsed.database else None
    if path is not None and make:
        _make_file(path)
    elif path is not None and not path.exists():
        raise FilesystemError(path, "there is no such file")
    try:
        engine = create_engine(
            parsed,
            hide_parameters=True,  # whatever an error shows, it shows no client's data
            pool_pre_ping=not sqlite,
            connect_args={"timeout": _BUSY_SECONDS} if sqlite else {"connect_timeout": _BUSY_SECONDS},
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            shown(parsed),
            f"the database driver {error.name} is not installed",
            "Install it with `pip install 'studio-support[postgresql]'`.",
        ) from error
    _hook(engine, sqlite)
    return Store(engine, shown(parsed), path=path)


def found(connection: Connection) -> tuple[str | None, tuple[str, ...]]:
    """The version of the store, None if there is none yet, and the tables that then stand there already."""
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    if connection.dialect.name != "sqlite":
        names = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    tables = {str(row[0]) for row in connection.exec_driver_sql(names)}
    if VERSION_TABLE not in tables:
        return None, tuple(sorted(tables))
    row = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").first()  # noqa: S608 -- a constant
    return (None, tuple(sorted(tables - {VERSION_TABLE}))) if row is None else (str(row[0]), ())


def identified(store: Store) -> Store:
    """The same store with its id. Raises StoreError if it has none."""
    with store.reading() as connection:
        row = connection.exec_driver_sql("SELECT value FROM store_facts WHERE key = 'store_id'").first()
    if row is None:
        raise StoreError(store.url, "it has no id", "Restore a backup: a part of this store is missing.")
    return Store(store.engine, store.url, str(row[0]), store.path)


def _parsed(url: str) -> URL:
    """The URL taken apart. No message quotes it: a password may stand anywhere in what cannot be parsed."""
    right = "Write [store] url as sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE."
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise StoreError("[store] url", "it cannot be understood", right) from None
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(shown(parsed), f"{backend} is not supported", right)
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("sqlite://", "a store in memory is lost when the command ends", right)
    return parsed.set(drivername="sqlite")


def _make_file(path: Path) -> None:
    """A new store's file, readable by its owner only; SQLite gives the log beside it the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise FilesystemError(path, error.strerror or str(error)) from error
    if path.is_dir():
        raise FilesystemError(path, "it is a folder, not a file")


def _to_write_ahead_log(connection: Any) -> None:
    """Switches a SQLite file to the write-ahead log, once for all: where it is in use, the switch is asked for again.

    SQLite calls no busy handler for this one statement, so that its time-out does not help (seen: two of 48 stores
    that six processes made at once).
    """
    until = monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(_BUSY_PAUSE_SECONDS)
        else:
            return


def _hook(engine: Engine, sqlite: bool) -> None:
    """Sets every connection up, and says how transactions begin."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        record.info["pid"] = os.getpid()
        if sqlite:
            connection.isolation_level = None  # the driver begins nothing by itself
            _to_write_ahead_log(connection)
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: Any, proxy: Any) -> None:
        # a connection does not survive a fork: child and parent would talk over one another
        if record.info["pid"] != os.getpid():
            record.dbapi_connection = proxy.dbapi_connection = None
            raise DisconnectionError("opened by another process")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") == "AUTOCOMMIT":
            return
        writes = options.get(_WRITES, False)
        if sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        elif writes:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_KEY})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
