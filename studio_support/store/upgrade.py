"""Makes a store and brings an older one up to date, in one transaction. The only room that imports Alembic."""

from __future__ import annotations

import secrets
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert

from studio_support.errors import StoreError, StoreTooNew
from studio_support.store.engine import Store, connect, found
from studio_support.store.tables import store_facts
from studio_support.store.versions import HEAD, VERSIONS

_SCRIPTS = Path(__file__).parent / "migrations"


def make(store: Store) -> None:
    """Makes the tables in an empty database; a second process that wants the same waits and finds them made.

    Raises StoreError if there are tables already: it is somebody else's database.
    """
    with store.writing() as connection:
        version, foreign = found(connection)
        if version is not None:
            return
        if foreign:
            raise StoreError(
                store.url,
                f"this database belongs to something else (it has a table {foreign[0]})",
                "Give the store a database of its own in [store] url.",
            )
        _run(connection)
        connection.execute(insert(store_facts).values(key="store_id", value=secrets.token_hex(16)))


def upgrade(url: str) -> tuple[str | None, str]:
    """Brings the store at this URL to the newest version, or makes it; (version before, version now).

    All in one transaction: killed in the middle, the store is as before. Raises StoreTooNew, StoreError.
    """
    store = connect(url)
    try:
        with store.reading() as connection:
            before, _ = found(connection)
        if before is None:
            make(store)
        elif before not in VERSIONS:
            raise StoreTooNew(
                store.url,
                f"its version is {before}; the newest that this studio-support knows is {HEAD}",
                "Install the newer studio-support that wrote it.",
            )
        elif before != HEAD:
            with store.writing() as connection:
                _run(connection)
        return before, HEAD
    finally:
        store.close()


def _run(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
