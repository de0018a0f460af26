"""Makes a store and brings an older one up to date, in one transaction. The only room that imports Alembic."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert

from studio_support.errors import StoreError, StoreTooNew
from studio_support.store.engine import Store, connect, found
from studio_support.store.locks import file_lock
from studio_support.store.tables import store_facts
from studio_support.store.versions import HEAD, VERSIONS

_SCRIPTS = Path(__file__).parent / "migrations"


def make(store: Store, foreign: tuple[str, ...]) -> None:
    """Makes the tables in an empty database; a second process that wants the same waits and finds them made.

    foreign: tables found there. Raises StoreError if there are any: it is somebody else's database.
    """
    if foreign:
        raise _foreign(store, foreign)
    with _alone(store):
        version, others = found(store)
        if version is not None:
            return
        if others:
            raise _foreign(store, others)
        with store.writing() as connection:
            _run(connection)
            connection.execute(insert(store_facts).values(key="store_id", value=secrets.token_hex(16)))


def upgrade(url: str) -> tuple[str | None, str]:
    """Brings the store at this URL to the newest version, or makes it; (version before, version now).

    All in one transaction: killed in the middle, the store is as before. Raises StoreTooNew, StoreError.
    """
    store = connect(url)
    try:
        before, foreign = found(store)
        if before is None:
            make(store, foreign)
        elif before not in VERSIONS:
            raise StoreTooNew(
                store.url,
                f"its version is {before}; the newest that this studio-support knows is {HEAD}",
                "Install the newer studio-support that wrote it.",
            )
        elif before != HEAD:
            with _alone(store), store.writing() as connection:
                _run(connection)
        return before, HEAD
    finally:
        store.close()


def _foreign(store: Store, tables: tuple[str, ...]) -> StoreError:
    return StoreError(
        store.url,
        f"this database belongs to something else (it has a table {tables[0]})",
        "Give the store a database of its own in [store] url.",
    )


def _run(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """One maker at a time: beside a SQLite file by a lock on a file; PostgreSQL's writers wait by themselves."""
    if store.path is None:
        yield
        return
    with file_lock(store.path.with_name(store.path.name + ".made.lock")):
        yield
