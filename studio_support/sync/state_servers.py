"""What passes have found out about the servers, in the store: clocks that lie behind, and since when we are alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from studio_support.store.tables import sync_cursor, sync_servers
from studio_support.sync.clocks import TOLD_SECONDS
from studio_support.sync.model import Servers

_READ_AGAIN = timedelta(days=1)


def servers(connection: Connection) -> Servers:
    """What is known; nothing yet in a new store."""
    row = connection.execute(select(sync_servers)).first()
    if row is None:
        return Servers()
    return Servers(row.clock_at, row.otrs_behind_seconds, row.redmine_behind_seconds, row.alone_since)


def keep_servers(connection: Connection, **values: Any) -> None:
    """Stores what has changed."""
    if connection.execute(update(sync_servers).values(**values)).rowcount == 0:
        connection.execute(insert(sync_servers).values(id=1, **values))


def keep_redmine_clock(connection: Connection, behind_seconds: int, now: datetime) -> None:
    """Stores how far Redmine lies behind.

    If that is much further than was known, issues have changed unseen: the last day is read again, and all links.
    """
    known = servers(connection).redmine_behind_seconds
    if behind_seconds == known:
        return
    keep_servers(connection, redmine_behind_seconds=behind_seconds)
    cursor = connection.execute(select(sync_cursor)).first()
    if behind_seconds > known + TOLD_SECONDS and cursor is not None:
        since = now - _READ_AGAIN - timedelta(seconds=behind_seconds)
        since = max(min(cursor.since, since.replace(microsecond=0)), cursor.start)
        connection.execute(update(sync_cursor).values(since=since, daily_at=None))
