"""Locks between runs: flock beside a SQLite store, an advisory lock on PostgreSQL. Never a row: the kernel, or the
server when the connection dies, releases them, so a killed run leaves none behind.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import Connection

from studio_support.errors import FilesystemError, LockHeld
from studio_support.store.engine import Store
from studio_support.store.failures import told

_POLL_SECONDS = 0.1
_SHOWN = 200


@contextmanager
def exclusive(
    store: Store,
    name: str,
    holder: str,
    wait_seconds: float,
    *,
    clock: Callable[[], float] = monotonic,
    pause: Callable[[float], None] = sleep,
) -> Iterator[None]:
    """Holds the store's lock of this name while the block runs; one holder at a time, over all processes.

    holder: who asks, in words for the one who has to wait. wait_seconds: 0 leaves at once.
    Raises LockHeld with the description of the present holder, FilesystemError.
    """
    if store.path is None:
        yield from _advisory(store, name, holder, _Patience(wait_seconds, clock, pause))
        return
    path = store.path.with_name(f"{store.path.name}.{name}.lock")
    with _opened(path) as handle:
        patience = _Patience(wait_seconds, clock, pause)
        while not _flock(handle):
            patience.wait(lambda: _read(handle))
        try:
            _write(handle, holder)
            yield
        finally:
            _write(handle, "")


class _Patience:
    """Waits in short steps until a deadline, then says who holds the lock."""

    def __init__(self, seconds: float, clock: Callable[[], float], pause: Callable[[float], None]) -> None:
        self._clock, self._pause = clock, pause
        self._until = clock() + seconds

    def wait(self, holder: Callable[[], str]) -> None:
        left = self._until - self._clock()
        if left <= 0:
            raise LockHeld(holder() or "another run")
        self._pause(min(_POLL_SECONDS, left))


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    # never unlinked: a lock file that is removed while another run opens it would be two locks
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FilesystemError(path, error.strerror or str(error)) from error
    try:
        yield handle
    finally:
        os.close(handle)


def _flock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _read(handle: int) -> str:
    return os.pread(handle, _SHOWN * 4, 0).decode("utf-8", "replace").strip()


def _write(handle: int, holder: str) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, holder[:_SHOWN].encode(), 0)


def _advisory(store: Store, name: str, holder: str, patience: _Patience) -> Iterator[None]:
    digest = hashlib.sha256(f"{store.id} {name}".encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    with told(store.engine.url), store.engine.connect() as connection:
        # its own session outside any transaction: the server releases the lock when the session ends
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        while not connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s)", (key,)).scalar_one():
            patience.wait(lambda: _advisory_holder(connection, key))
        connection.exec_driver_sql("SELECT set_config('application_name', %s, false)", (holder[:_SHOWN],))
        yield


def _advisory_holder(connection: Connection, key: int) -> str:
    unsigned = key & 0xFFFFFFFFFFFFFFFF
    row = connection.exec_driver_sql(
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' "
        "AND l.granted AND l.objsubid = 1 AND l.classid::bigint = %s AND l.objid::bigint = %s",
        (unsigned >> 32, unsigned & 0xFFFFFFFF),
    ).first()
    return "" if row is None else str(row[0])
