"""The CSV of a window as the control of a paged read: one consistent query, compared with the pages row by row.

Row i of the CSV is row i of the pages when both are asked for ids ascending. The CSV has no ids: it proves a read, it
cannot replace one. Its separators follow the language of the key's owner, its hours have two decimals. How a day is
written is not known either, nor needed: each day must always be written alike, and no two days alike.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from studio_support.model import TimeEntry
from studio_support.redmine.mapping import minutes_of
from studio_support.redmine.pages import Row

COLUMNS = ("project", "spent_on", "user", "activity", "issue", "comments", "hours")
_MOST_DIFFERENCES = 10


class UnusableCsv(Exception):
    """The CSV cannot serve as a control; the text says why."""


@dataclass(slots=True)
class Compared:
    """What the comparison found: differences as sentences, subjects and ticket numbers by issue.

    days, written: how each day was written so far, and which day each text meant.
    """

    rows: int = 0
    differences: list[str] = field(default_factory=list)
    days: dict[date, str] = field(default_factory=dict)
    written: dict[str, date] = field(default_factory=dict)
    subjects: dict[int, str] = field(default_factory=dict)
    tickets: dict[int, str] = field(default_factory=dict)

    def note(self, difference: str) -> None:
        """Keeps the first few differences: enough to see what happened."""
        if len(self.differences) < _MOST_DIFFERENCES:
            self.differences.append(difference)


def parse(body: bytes, columns: int) -> list[list[str]]:
    """The rows below the header; raises UnusableCsv, e.g. if columns were dropped (Redmine does so in silence)."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableCsv("it is not UTF-8") from None
    widths = []
    for delimiter in (",", ";", "\t"):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            width = len(next(reader, []))
        except csv.Error:
            continue  # quotes stand elsewhere than this delimiter has them
        if width == columns:
            return _rows(reader, columns)
        widths.append(width)
    raise UnusableCsv(f"it has {max(widths, default=0)} columns instead of {columns}")


def _rows(reader: Iterable[list[str]], columns: int) -> list[list[str]]:
    try:
        rows = list(reader)
    except csv.Error as error:
        raise UnusableCsv(f"it is no CSV: {error}") from None
    for number, row in enumerate(rows, start=1):
        if len(row) != columns:
            raise UnusableCsv(f"its row {number} has {len(row)} columns instead of {columns}")
    return rows


def compare(pages: Sequence[Row], csv_rows: Sequence[Sequence[str]], into: Compared) -> None:
    """Compares position by position; adds to `into`. A column beyond COLUMNS is the ticket field."""
    if len(pages) != len(csv_rows):
        into.note(f"the pages have {len(pages)} rows, the CSV export {len(csv_rows)}")
    for number, (entry, row) in enumerate(zip(pages, csv_rows, strict=False), start=1):
        into.rows += 1
        if isinstance(entry, TimeEntry):
            _compare_row(number, entry, row, into)


def _compare_row(number: int, entry: TimeEntry, row: Sequence[str], into: Compared) -> None:
    project, spent_on, user, activity, issue, comments, hours = row[: len(COLUMNS)]
    _same(into, number, entry, "project", entry.project, project)
    if into.days.setdefault(entry.spent_on, spent_on) != spent_on:
        _differs(into, number, entry, "day", into.days[entry.spent_on], spent_on)
    elif into.written.setdefault(spent_on, entry.spent_on) != entry.spent_on:
        _differs(into, number, entry, "day", str(entry.spent_on), spent_on)
    _same(into, number, entry, "user", entry.user, user)
    _same(into, number, entry, "activity", entry.activity, activity)
    _same(into, number, entry, "comment", entry.comments, comments)
    try:
        minutes: int | str = minutes_of(hours)
    except ValueError:
        minutes = hours
    if minutes != entry.minutes:
        _differs(into, number, entry, "minutes", str(entry.minutes), str(minutes))
    subject = _subject(issue, entry.issue_id)
    if subject is None:
        _differs(into, number, entry, "issue", f"#{entry.issue_id}" if entry.issue_id else "none", issue)
    elif entry.issue_id is not None:
        if subject:
            into.subjects[entry.issue_id] = subject
        if len(row) > len(COLUMNS) and row[len(COLUMNS)].strip():
            into.tickets[entry.issue_id] = row[len(COLUMNS)].strip()


def _subject(shown: str, issue_id: int | None) -> str | None:
    """The subject in "Bug #12: Subject" if it is about this issue, "" if none is shown, None if it is another."""
    if issue_id is None:
        return "" if shown == "" else None
    if shown == f"#{issue_id}":
        return ""
    _, found, subject = shown.partition(f" #{issue_id}: ")
    return subject if found else None


def _same(into: Compared, number: int, entry: TimeEntry, name: str, page: str, shown: str) -> None:
    if page != shown:
        _differs(into, number, entry, name, page, shown)


def _differs(into: Compared, number: int, entry: TimeEntry, name: str, page: str, shown: str) -> None:
    into.note(f"row {number}, entry {entry.id}: {name} is {page[:60]!r} in the pages, {shown[:60]!r} in the CSV export")
