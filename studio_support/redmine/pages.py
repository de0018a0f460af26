"""Pages of time entries: read two at a time, taken in order, every row checked against what was asked.

Redmine ignores filters and sort names that it does not understand and answers 200 with everything, and rows that
come or go while paging shift the pages. So nothing is believed: ids ascend strictly, days lie in the window, every
page counts the same total.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from studio_support.errors import SourceBroken
from studio_support.model import TimeEntry
from studio_support.period import Month
from studio_support.redmine.client import PAGE_ROWS, TIME_ENTRIES, RedmineClient
from studio_support.redmine.mapping import BrokenRow, UnreadEntry, entry_of, instant_of, row_id
from studio_support.redmine.transport import Params

Row = TimeEntry | UnreadEntry
Progress = Callable[[str, int, int], None]
_AT_ONCE = 2


class Disturbed(Exception):
    """The rows changed while they were read; `differences` shows how. Read again."""

    def __init__(self, reason: str, differences: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.differences = differences or (reason,)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows with their ids and times of booking, and what the server counts in all."""

    total: int
    limit: int
    ids: tuple[int, ...]
    created_on: tuple[datetime | None, ...]
    rows: tuple[Row, ...]


def window_params(month: Month) -> Params:
    """The query for a month's entries, ids ascending."""
    # `id` is no sortable name: asking for it leaves the tie-breaker, ascending ids, alone in force.
    return (("from", month.first_day.isoformat()), ("to", month.last_day.isoformat()), ("sort", "id"))


def read_page(client: RedmineClient, params: Params, offset: int) -> Page:
    """One page; raises SourceBroken for an answer that is no page of time entries."""
    answer = client.time_entries(params, offset)
    try:
        rows: list[Any] = answer["time_entries"]
        total, limit, said = (_count(answer, key) for key in ("total_count", "limit", "offset"))
        if said != offset or not 0 < limit <= PAGE_ROWS or len(rows) > limit:
            raise BrokenRow(f"a page of {len(rows)} rows from {said} came, asked was from {offset}")
        return Page(
            total=total,
            limit=limit,
            ids=tuple(row_id(row) for row in rows),
            created_on=tuple(instant_of(row.get("created_on")) for row in rows),
            rows=tuple(entry_of(row) for row in rows),
        )
    except (KeyError, TypeError, AttributeError):
        raise SourceBroken(client.address(TIME_ENTRIES), "the answer is no page of time entries") from None
    except BrokenRow as error:
        raise SourceBroken(client.address(TIME_ENTRIES), str(error)) from None


def _count(answer: dict[str, Any], key: str) -> int:
    value = answer[key]
    if not isinstance(value, int) or value < 0:
        raise BrokenRow(f"{key} is no count: {str(value)[:40]}")
    return value


def read_all(client: RedmineClient, month: Month, progress: Progress) -> list[Row]:
    """All rows of the month by pages, ids ascending; raises Disturbed if they changed meanwhile."""
    params = window_params(month)
    first = read_page(client, params, 0)
    rows: list[Row] = []
    last_id = 0
    for offset, page in _pages(client, params, first):
        expected = max(0, min(first.limit, first.total - offset))
        if page.total != first.total:
            raise Disturbed(f"the server counted {first.total} rows, then {page.total}")
        if page.limit != first.limit or len(page.ids) != expected:
            raise Disturbed(f"from row {offset} on {len(page.ids)} rows came, expected were {expected}")
        _check_days(client, month, page)
        for number in page.ids:
            if number <= last_id:
                raise Disturbed(f"entry {number} came after entry {last_id}")
            last_id = number
        rows.extend(page.rows)
        progress("time entries", len(rows), first.total)
    return rows


def _check_days(client: RedmineClient, month: Month, page: Page) -> None:
    for number, row in zip(page.ids, page.rows, strict=True):
        if day_of(row) not in month:
            reason = f"asked for {month}, entry {number} of {day_of(row)} came: the filter was ignored"
            raise SourceBroken(client.address(TIME_ENTRIES), reason)


def day_of(row: Row) -> date:
    """The day that a row was booked for, also where its hours cannot be read."""
    return row.spent_on if isinstance(row, TimeEntry) else row.entry.spent_on


def _pages(client: RedmineClient, params: Params, first: Page) -> Iterator[tuple[int, Page]]:
    """Page by page in order of offset, with at most two requests under way."""
    yield 0, first
    offsets = range(first.limit, first.total, first.limit)
    pool = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="redmine")
    try:
        waiting: list[Future[Page]] = [pool.submit(read_page, client, params, at) for at in offsets[:_AT_ONCE]]
        for place, offset in enumerate(offsets):
            page = waiting.pop(0).result()
            if place + _AT_ONCE < len(offsets):
                waiting.append(pool.submit(read_page, client, params, offsets[place + _AT_ONCE]))
            yield offset, page
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
