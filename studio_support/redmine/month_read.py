"""A month's entries read whole, or an error that shows why not.

The pages are compared with the CSV of the same window, which is one consistent query of the server's. Without a
usable CSV two paged reads must agree. A difference means that somebody booked meanwhile: read again, at most three
times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from studio_support.errors import IncompleteRead, SourceError
from studio_support.period import Month
from studio_support.redmine.client import TIME_ENTRIES, RedmineClient
from studio_support.redmine.control_csv import COLUMNS, Compared, UnusableCsv, compare, parse
from studio_support.redmine.pages import Disturbed, Progress, Row, day_of, read_all

CSV_ROWS = 20_000
READ_AGAIN = 3


@dataclass(slots=True)
class WholeMonth:
    """The rows, what proved them whole, and what the CSV told of issues."""

    rows: list[Row]
    control: str
    subjects: dict[int, str] = field(default_factory=dict)
    tickets: dict[int, str] = field(default_factory=dict)


def read_whole(
    client: RedmineClient,
    month: Month,
    ticket_field_id: Callable[[Sequence[Row]], int | None],
    progress: Progress,
    *,
    csv_rows: int = CSV_ROWS,
) -> WholeMonth:
    """Reads until a control agrees; raises IncompleteRead with the last differences, or another SourceError.

    ticket_field_id: asked once for the id of the ticket field, so that the CSV can bring ticket numbers.
    csv_rows: above so many rows the CSV is taken in windows of whole days.
    """
    unusable = ""
    previous: list[Row] | None = None
    disturbed = Disturbed("nothing was read")
    again = 0
    while again <= READ_AGAIN:
        try:
            rows = read_all(client, month, progress)
        except Disturbed as error:
            disturbed, previous, again = error, None, again + 1
            continue
        try:
            if not unusable:
                return _against_csv(client, month, rows, ticket_field_id(rows), csv_rows, progress)
            if previous is not None:
                return _agreed(previous, rows, unusable)
        except UnusableCsv as error:
            unusable = str(error)
        except Disturbed as error:
            disturbed, again = error, again + 1
        previous = rows
    reason = f"{READ_AGAIN + 1} reads of {month} did not agree with their control: {disturbed.reason}"
    raise IncompleteRead(client.address(TIME_ENTRIES), reason, disturbed.differences)


def _agreed(first: list[Row], second: list[Row], unusable: str) -> WholeMonth:
    if first == second:
        control = f"two paged reads of {len(second)} rows agree (no usable CSV export: {unusable})"
        return WholeMonth(second, control)
    differences = (
        [f"the first read has {len(first)} rows, the second {len(second)}"] if len(first) != len(second) else []
    )
    differences += [f"{a} became {b}" for a, b in zip(first, second, strict=False) if a != b][:5]
    raise Disturbed("two paged reads differ", tuple(differences))


def _against_csv(
    client: RedmineClient, month: Month, rows: list[Row], field_id: int | None, csv_rows: int, progress: Progress
) -> WholeMonth:
    columns = COLUMNS if field_id is None else (*COLUMNS, f"issue.cf_{field_id}")
    windows = list(_windows(month, rows, csv_rows))
    compared = Compared()
    for number, (first_day, last_day, part) in enumerate(windows):
        progress("control", number, len(windows))
        compare(part, _csv(client, first_day, last_day, columns, len(part)), compared)
        if compared.differences:
            raise Disturbed("the pages and the CSV export differ", tuple(compared.differences))
    progress("control", len(windows), len(windows))
    split = f", in {len(windows)} windows of whole days" if len(windows) > 1 else ""
    control = f"CSV export of the same window{split}: {compared.rows} rows compared one by one"
    return WholeMonth(rows, control, compared.subjects, compared.tickets)


def _csv(client: RedmineClient, first_day: date, last_day: date, columns: Sequence[str], rows: int) -> list[list[str]]:
    params = (("from", first_day.isoformat()), ("to", last_day.isoformat()), ("sort", "id"))
    try:
        body = client.time_entries_csv(params, columns, rows)
    except SourceError as error:
        raise UnusableCsv(f"{error.status or ''} {error.reason}".strip()) from None
    return parse(body, len(columns))


def _windows(month: Month, rows: list[Row], most: int) -> Iterator[tuple[date, date, list[Row]]]:
    """The month, or windows of whole days with at most `most` rows each (a fuller day is a window of its own)."""
    if len(rows) <= most:
        yield month.first_day, month.last_day, rows
        return
    counted = {day: len(list(found)) for day, found in groupby(sorted(day_of(row) for row in rows))}
    starts, held = [month.first_day], 0
    for day, count in counted.items():
        if held and held + count > most:
            starts.append(day)
            held = 0
        held += count
    ends = [*(start for start in starts[1:]), month.end]
    for start, end in zip(starts, ends, strict=True):
        last_day = date.fromordinal(end.toordinal() - 1)
        yield start, last_day, [row for row in rows if start <= day_of(row) < end]
