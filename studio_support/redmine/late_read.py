"""Entries booked since a mark for earlier months: newest first, back to the mark.

Redmine cannot filter by the time of booking, but sorts by it. Rows booked while we page push the others down, which
only shows rows twice; rows deleted pull them up, which could hide one. So the totals of all pages must agree; where
they do not, the pages are read again with an overlap of one row, which proves that none was missed between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from studio_support.errors import IncompleteRead, SourceBroken
from studio_support.model import TimeEntry
from studio_support.period import Month
from studio_support.redmine.client import TIME_ENTRIES, RedmineClient
from studio_support.redmine.mapping import UnreadEntry
from studio_support.redmine.month_read import READ_AGAIN
from studio_support.redmine.pages import Disturbed, Page, Progress, Row, day_of, read_page
from studio_support.redmine.transport import Params


def _newest_first(month: Month) -> Params:
    """The query for what lies before a month, the newest booking first. Later months are not billed with this one."""
    day_before = month.first_day - timedelta(days=1)
    return (("to", day_before.isoformat()), ("sort", "created_on:desc"))


def read_late(
    client: RedmineClient, month: Month, since: datetime, progress: Progress
) -> tuple[list[TimeEntry], list[UnreadEntry]]:
    """Entries created at `since` or later whose day lies before `month`, ids ascending, and rows that cannot be read.

    Raises IncompleteRead if rows keep being deleted while we read.
    """
    disturbed = Disturbed("nothing was read")
    for attempt in range(READ_AGAIN + 1):
        try:
            # Redmine's times have whole seconds: an entry booked in the mark's own second is not missed.
            mark = since.replace(microsecond=0)
            rows = list(_since(client, month, mark, progress, overlap=1 if attempt else 0))
            break
        except Disturbed as error:
            disturbed = error
    else:
        reason = f"the entries booked since {since:%Y-%m-%d} kept changing while they were read: {disturbed.reason}"
        raise IncompleteRead(client.address(TIME_ENTRIES), reason, disturbed.differences)
    entries = [row for row in rows if isinstance(row, TimeEntry)]
    return sorted(entries, key=lambda entry: int(entry.id)), [row for row in rows if isinstance(row, UnreadEntry)]


def _since(client: RedmineClient, month: Month, since: datetime, progress: Progress, *, overlap: int) -> Iterator[Row]:
    seen: set[int] = set()
    newest: datetime | None = None
    offset, total, boundary = 0, -1, 0
    while True:
        page = read_page(client, _newest_first(month), offset)
        _check_days(client, month, page)
        _check_undisturbed(page, offset, total, boundary, overlap)
        total = page.total
        for number, created_on, row in zip(page.ids, page.created_on, page.rows, strict=True):
            if number in seen:
                continue
            if created_on is None or (newest is not None and created_on > newest):
                reason = f"asked for the newest first, entry {number} booked at {created_on} came out of order"
                raise SourceBroken(client.address(TIME_ENTRIES), reason)
            if created_on < since:
                return
            newest = created_on
            seen.add(number)
            yield row
        progress("late entries", len(seen), max(total, len(seen)))
        if offset + len(page.ids) >= total:
            return
        boundary = page.ids[-1]
        offset += len(page.ids) - overlap


def _check_days(client: RedmineClient, month: Month, page: Page) -> None:
    for number, row in zip(page.ids, page.rows, strict=True):
        if day_of(row) >= month.first_day:
            reason = f"asked for days before {month}, entry {number} of {day_of(row)} came: the filter was ignored"
            raise SourceBroken(client.address(TIME_ENTRIES), reason)


def _check_undisturbed(page: Page, offset: int, total: int, boundary: int, overlap: int) -> None:
    if len(page.ids) <= overlap and offset + len(page.ids) < page.total:
        raise Disturbed(f"only {len(page.ids)} rows came from row {offset} on")
    if overlap and offset and boundary not in page.ids:
        raise Disturbed(f"entry {boundary} was deleted or moved")
    if not overlap and total not in (-1, page.total):
        raise Disturbed(f"the server counted {total} rows, then {page.total}")
    if not overlap and len(page.ids) != max(0, min(page.limit, page.total - offset)):
        raise Disturbed(f"{len(page.ids)} rows came from row {offset} on, of {page.total}")
