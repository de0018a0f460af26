"""What goes wrong in a database, as errors of this product: no statement, no parameter, no password in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError

from studio_support.errors import FilesystemError, StoreError, StudioError

# SQLite's own words -> (what to say, what to do); looked for in the message, which is all that sqlite3 tells
_SQLITE = (
    ("file is not a database", "this file is no SQLite database", "Name another file in [store] url, or restore it."),
    ("malformed", "the database file is damaged", "Restore the last backup; `db check` shows what is damaged."),
    ("database is locked", "another process keeps the store busy", "Wait until it is done, then repeat the command."),
)
_SQLITE_FILES = (
    ("disk is full", "the disk is full"),
    ("readonly database", "the file or its folder is read-only"),
    ("unable to open database file", "the file cannot be opened: its folder is missing, read-only or not permitted"),
    ("disk i/o error", "the disk reports an input/output error"),
)


def shown(url: URL) -> str:
    """The store's address as it may be printed: without password, without options."""
    return url.set(query={}).render_as_string(hide_password=True)


def translated(url: URL, error: DBAPIError) -> StudioError:
    """The error that tells a person what is wrong with the store."""
    said = str(error.orig).strip()
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        for words, reason in _SQLITE_FILES:
            if words in said.lower():
                return FilesystemError(path, reason)
        for words, wrong, next_step in _SQLITE:
            if words in said.lower():
                return StoreError(shown(url), wrong, next_step)
        return StoreError(shown(url), f"SQLite says: {said}", "Run `db check`; if it finds nothing, report this.")
    first = (said.splitlines() or ["no reason given"])[0]
    if url.password:
        first = first.replace(str(url.password), "***")
    return StoreError(
        shown(url),
        f"PostgreSQL says: {first}",
        "Check that the server runs and that address, user and password in [store] are right; `doctor` tries them.",
    )


@contextmanager
def told(url: URL) -> Iterator[None]:
    """Turns what the driver raises into typed errors. Broken constraints pass: the ledger knows what they mean."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise translated(url, error) from error
