"""Redmine's own CSV export of time, given by a person, as a Reading.

An export knows projects and people by name only and entries not at all: rows are keyed by what they say. Encoding,
delimiter, decimal sign and the order of dates follow the language of whoever exported it, so each is decided once for
the whole file, never row by row.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from studio_invoices.errors import Problem
from studio_support.errors import FilesystemError, InputFileError
from studio_support.model import Fields, Issue, Person, Project, Reading, TimeEntry
from studio_support.period import Month
from studio_support.redmine.export_dates import DateOrder, decide_dates
from studio_support.redmine.mapping import minutes_of, ticket_in

if TYPE_CHECKING:
    import _csv

_HEADERS = {
    "project": ("project", "projekt", "проект", "projet"),
    "spent_on": ("date", "datum", "дата"),
    "user": ("user", "benutzer", "пользователь", "utilisateur"),
    "activity": ("activity", "aktivität", "деятельность", "activité"),
    "issue": ("issue", "ticket", "задача", "demande"),
    "comments": ("comment", "comments", "kommentar", "комментарий", "commentaire"),
    "hours": ("hours", "stunden", "час(а,ов)", "часы", "heures"),
}
_TRACKER = ("tracker", "трекер")
_STATUS = ("status", "статус", "statut")
_IGNORED = (*_TRACKER, *_STATUS, "created", "angelegt", "создано", "créé", "author", "autor", "автор", "auteur")
_ISSUE = re.compile(r"(?:(?P<tracker>.*?)\s)?#(?P<id>\d{1,18})(?:: (?P<subject>.*))?", re.DOTALL)
_EXPORT_AGAIN = "Export again from Redmine's list of spent time: CSV, all columns."
_LATIN = Problem(
    source="file",
    message="The file is not UTF-8 and was read as ISO-8859-1: letters that it lacks (Cyrillic, emoji) may be lost.",
    next_step="If names or comments look wrong, export again with the encoding UTF-8.",
)


def read_export(
    path: Path,
    month: Month,
    *,
    date_order: DateOrder | None,
    ticket_field: str,
    now: datetime,
    people: tuple[Person, ...] = (),
) -> Reading:
    """The month's rows of an export. Raises InputFileError naming the line, FilesystemError.

    Keys are `csv:` + a hash of project, day, person, activity, issue, comment and minutes + the occurrence among
    rows that say the same: the order of rows, the language and further columns do not change them. Rows of other
    months are counted in a notice. Hours that cannot be read make the row doubtful, with a Problem that names the line.
    people: those known from Redmine, with ids and logins; entries name people only.
    """
    text, notices = _decoded(path)
    table = _table(path, text)
    rows = _checked_hours(path, table)
    days = decide_dates(path, [(line, row[table.columns["spent_on"]]) for line, row in table.rows], date_order)
    builder = _Builder(path, table, ticket_field)
    for (line, row), day, minutes in zip(table.rows, days, rows, strict=True):
        builder.add(line, row, day, minutes, month)
    notices += builder.notices(month)
    if not builder.entries and not builder.doubtful:
        held = builder.held() or "no rows at all"
        raise InputFileError(path, None, f"the file holds nothing of {month}, but {held}", f"Export {month}.")
    names = {entry.user for entry in builder.entries} - {person.name for person in people}
    return Reading(
        source="csv",
        month=month,
        started_at=now,
        entries=tuple(builder.entries),
        projects=tuple(Project(id=None, identifier="", name=name) for name in sorted(builder.projects)),
        issues=tuple(builder.issues[number] for number in sorted(builder.issues)),
        people=(*people, *(Person(None, name) for name in sorted(names))),
        control=f"a CSV export given by hand, {len(builder.entries)} rows of the month: nothing proves it whole",
        doubtful=tuple(builder.doubtful),
        notices=tuple(notices),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """columns: place of each known column. rows: with the line that each ends in."""

    header: tuple[str, ...]
    columns: dict[str, int]
    rows: list[tuple[int, list[str]]]


def _decoded(path: Path) -> tuple[str, list[Problem]]:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise FilesystemError(path, error.strerror or str(error)) from None
    if not body.strip():
        raise InputFileError(path, None, "the file is empty", _EXPORT_AGAIN)
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif body.startswith(codecs.BOM_UTF8):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "iso-8859-1"]
    for encoding in encodings:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, [_LATIN] if encoding == "iso-8859-1" else []
    raise InputFileError(path, None, "this is no text in UTF-8 or ISO-8859-1", _EXPORT_AGAIN)


def _table(path: Path, text: str) -> _Table:
    best: dict[str, int] = {}
    for delimiter in (",", ";", "\t"):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            header = next(reader, [])
        except csv.Error:
            continue  # quotes stand elsewhere than this delimiter has them
        columns = _columns(header)
        if len(columns) == len(_HEADERS):
            return _Table(tuple(header), columns, list(_rows(path, reader, len(header))))
        best = max(best, columns, key=len)
    missing = ", ".join(_HEADERS[name][0].capitalize() for name in _HEADERS if name not in best)
    raise InputFileError(path, 1, f"the header lacks {missing} (in English, German or Russian)", _EXPORT_AGAIN)


def _rows(path: Path, reader: _csv.Reader, columns: int) -> Iterator[tuple[int, list[str]]]:
    try:
        for row in reader:
            if len(row) != columns:
                wrong = f"{len(row)} columns, the header has {columns}"
                raise InputFileError(path, reader.line_num, wrong, _EXPORT_AGAIN)
            yield reader.line_num, row
    except csv.Error as error:
        raise InputFileError(path, reader.line_num, f"no CSV: {error}", _EXPORT_AGAIN) from None


def _columns(header: Sequence[str]) -> dict[str, int]:
    """The place of the first column of each known name."""
    found: dict[str, int] = {}
    for place, caption in enumerate(header):
        folded = caption.strip().casefold()
        for name, captions in _HEADERS.items():
            if folded in captions:
                found.setdefault(name, place)
    return found


def _checked_hours(path: Path, table: _Table) -> list[int | str]:
    """Minutes of each row, or the text that is none. One decimal sign for the whole file."""
    place = table.columns["hours"]
    with_comma = next((line for line, row in table.rows if "," in row[place]), None)
    with_point = next((line for line, row in table.rows if "." in row[place]), None)
    if with_comma is not None and with_point is not None:
        wrong = f"hours with a comma here, with a point in line {min(with_comma, with_point)}"
        if with_comma < with_point:
            wrong = f"hours with a point here, with a comma in line {with_comma}"
        raise InputFileError(path, max(with_comma, with_point), wrong, "Do not mix files; export again from Redmine.")
    return [_minutes(row[place]) for _, row in table.rows]


def _minutes(text: str) -> int | str:
    try:
        return minutes_of(text)
    except ValueError:
        return text


@dataclass(slots=True)
class _Builder:
    """Turns rows into entries, and keeps what they tell of issues."""

    path: Path
    table: _Table
    ticket_field: str
    entries: list[TimeEntry] = field(default_factory=list)
    issues: dict[int, Issue] = field(default_factory=dict)
    projects: set[str] = field(default_factory=set)
    doubtful: list[tuple[TimeEntry, Problem]] = field(default_factory=list)
    elsewhere: Counter[Month] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, line: int, row: Sequence[str], day: date, minutes: int | str, month: Month) -> None:
        """One row: an entry of the month, a problem, or one of another month."""
        if day not in month:
            self.elsewhere[Month.of(day)] += 1
            return
        cell = {name: row[place] for name, place in self.table.columns.items()}
        issue = _ISSUE.fullmatch(cell["issue"].strip())
        if issue is None and cell["issue"].strip():
            raise InputFileError(self.path, line, f"no issue like #12: {cell['issue'][:60]!r}", _EXPORT_AGAIN)
        number = int(issue["id"]) if issue else None
        more = self._more(row)
        if issue is not None and number is not None:
            self._keep_issue(number, issue, row, more)
        self.projects.add(cell["project"])
        entry = TimeEntry(
            id=self._key(cell, day, number, minutes),
            project_id=None,
            project=cell["project"],
            issue_id=number,
            user_id=None,
            user=cell["user"],
            activity=cell["activity"],
            minutes=0 if isinstance(minutes, str) else minutes,
            spent_on=day,
            comments=cell["comments"],
            fields=more,
        )
        if not isinstance(minutes, str):
            self.entries.append(entry)
            return
        wrong = Problem(
            source=f"file:{self.path}:{line}",
            message=f"The hours in line {line} ({cell['project']}, {cell['user']}) are no number: {minutes!r}.",
            next_step="Correct the hours in Redmine and export again.",
        )
        self.doubtful.append((entry, wrong))

    def notices(self, month: Month) -> list[Problem]:
        """What a person should know about rows that were left out."""
        if not self.elsewhere:
            return []
        return [
            Problem(
                source=f"file:{self.path}",
                message=f"{self.elsewhere.total()} rows of the file are of other months than {month} ({self.held()}).",
                next_step=f"Nothing, if only {month} was meant; run the other months by themselves.",
            )
        ]

    def held(self) -> str:
        """The other months of the file with their numbers of rows."""
        return ", ".join(f"{other}: {count}" for other, count in sorted(self.elsewhere.items()))

    def _key(self, cell: dict[str, str], day: date, issue: int | None, minutes: int | str) -> str:
        comments = "\n".join(cell["comments"].splitlines()).strip()
        said = [cell["project"], day.isoformat(), cell["user"], cell["activity"], issue, comments, minutes]
        content = hashlib.sha256(json.dumps(said).encode("ascii")).hexdigest()[:24]
        self.seen[content] += 1
        return f"csv:{content}:{self.seen[content]}"

    def _more(self, row: Sequence[str]) -> Fields:
        """Columns that are no column of Redmine's own: custom fields, of the entry or of the issue."""
        known = set(self.table.columns.values())
        return tuple(
            (caption.strip(), row[place])
            for place, caption in enumerate(self.table.header)
            if place not in known and row[place] and caption.strip().casefold() not in _IGNORED
        )

    def _keep_issue(self, number: int, shown: re.Match[str], row: Sequence[str], more: Fields) -> None:
        subject = shown["subject"] or ""
        field_value = next((value for name, value in more if self.ticket_field and self.ticket_field in name), "")
        named = field_value.strip()
        old = self.issues.get(number)
        self.issues[number] = Issue(
            id=number,
            subject=subject or (old.subject if old else ""),
            tracker=shown["tracker"] or self._cell(row, _TRACKER) or (old.tracker if old else ""),
            status=self._cell(row, _STATUS) or (old.status if old else ""),
            ticket=ticket_in(named) or named or ticket_in(subject) or (old.ticket if old else ""),
            fields=more or (old.fields if old else ()),
        )

    def _cell(self, row: Sequence[str], captions: Iterable[str]) -> str:
        places = [place for place, name in enumerate(self.table.header) if name.strip().casefold() in captions]
        return row[places[0]] if places else ""
