"""Kept readings: what a month was billed from, as compressed JSON lines, so that any run can be planned again.

The first line says what the file is, each further line is one value of the model, the last one counts them: a file
that was cut off is noticed even where the compression would not. Written for the owner's eyes only.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields as fields_of
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from studio_invoices.errors import Problem
from studio_support.delivery.files import sweep, temporary_name
from studio_support.errors import FilesystemError, InputFileError
from studio_support.model import Issue, Person, Project, Reading, TimeEntry
from studio_support.period import Month

if TYPE_CHECKING:
    from studio_support.redmine.export_dates import DateOrder

FORMAT = "studio-support reading"
VERSION = 1
FOLDER = "readings"
_KINDS: dict[str, type] = {
    "projects": Project,
    "issues": Issue,
    "people": Person,
    "entries": TimeEntry,
    "late": TimeEntry,
    "problems": Problem,
    "doubtful": tuple,
    "notices": Problem,
}
_T = TypeVar("_T")


def write_reading(reading: Reading, folder: Path) -> tuple[str, str]:
    """Keeps a reading under a folder; gives the file's path relative to it and the SHA-256 of its bytes.

    The same reading gives the same file. Mode 0600; raises FilesystemError, then nothing half-written is left.
    """
    target = folder / FOLDER
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(target)
        temporary = target / temporary_name()
        try:
            digest = _write(reading, temporary)
            name = f"{reading.month}-{digest[:16]}.jsonl.gz"
            temporary.replace(target / name)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        _sync_folder(target)
    except OSError as error:
        raise FilesystemError(error.filename or target, error.strerror or str(error)) from None
    return f"{FOLDER}/{name}", digest


def _write(reading: Reading, path: Path) -> str:
    # mtime 0 and no file name: the bytes depend on the reading alone.
    with (
        os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="ascii", newline="\n") as lines,
    ):
        for line in _lines(reading):
            lines.write(json.dumps(line, separators=(",", ":")) + "\n")
        lines.flush()
        packed.close()
        raw.flush()
        os.fsync(raw.fileno())
    with path.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lines(reading: Reading) -> Iterator[Any]:
    yield {
        "format": FORMAT,
        "version": VERSION,
        "source": reading.source,
        "month": str(reading.month),
        "started_at": reading.started_at.isoformat(),
        "late_since": reading.late_since.isoformat() if reading.late_since else None,
        "control": reading.control,
        "requests": reading.requests,
        "waited_seconds": reading.waited_seconds,
    }
    count = 0
    for name in _KINDS:
        for value in getattr(reading, name):
            count += 1
            yield [name, *(_row(value) if name != "doubtful" else map(_row, value))]
    yield {"end": count}


def _row(value: Any) -> list[object]:
    return [_plain(getattr(value, field.name)) for field in fields_of(value)]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def load_reading(path: Path) -> Reading:
    """Reads a kept reading back; raises InputFileError naming the line, or FilesystemError."""
    reader = _Reader(path)
    try:
        with gzip.open(path, "rt", encoding="ascii", newline="\n") as lines:
            return reader.reading(enumerate(lines, start=1))
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise reader.broken("the compressed data is damaged or cut off") from None
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise reader.broken(f"this line cannot be read ({error})") from None
    except OSError as error:
        raise FilesystemError(path, error.strerror or str(error)) from None


def load_source_file(
    path: Path,
    month: Month,
    *,
    date_order: DateOrder | None,
    ticket_field: str,
    now: datetime,
    people: tuple[Person, ...] = (),
) -> Reading:
    """What `--from` names: a kept reading or Redmine's CSV export, told apart by the first bytes.

    now: when the file is read, the start of a CSV's reading. people: known ones, for names in a CSV. Raises
    InputFileError, also for a kept reading of another month, and FilesystemError.
    """
    try:
        with path.open("rb") as file:
            begins = file.read(2)
    except OSError as error:
        raise FilesystemError(path, error.strerror or str(error)) from None
    if begins != b"\x1f\x8b":
        from studio_support.redmine.export_csv import read_export

        return read_export(path, month, date_order=date_order, ticket_field=ticket_field, now=now, people=people)
    reading = load_reading(path)
    if reading.month != month:
        raise InputFileError(path, 1, f"the file holds {reading.month}, not {month}", f"Ask for {reading.month}.")
    return reading


class _Reader:
    """Remembers the line that it is on, for errors."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 0

    def broken(self, wrong: str) -> InputFileError:
        return InputFileError(
            self.path, self.line or None, wrong, "Take the file from a backup, or read the month again from Redmine."
        )

    def reading(self, lines: Iterable[tuple[int, str]]) -> Reading:
        head: dict[str, Any] = {}
        found: dict[str, list[Any]] = {name: [] for name in _KINDS}
        ended = False
        for self.line, text in lines:
            value = json.loads(text)
            if ended:
                raise ValueError("something follows the last line")
            if self.line == 1:
                head = _head(value)
            elif isinstance(value, dict):
                if value["end"] != self.line - 2:
                    raise ValueError(f"{value['end']} lines are announced")
                ended = True
            else:
                found[value[0]].append(_BUILD[value[0]](value[1:]))
        if not ended:
            raise self.broken("the file ends before its last line")
        head.update({name: tuple(values) for name, values in found.items()})
        return Reading(**head)


def _head(value: Any) -> dict[str, Any]:
    if value["format"] != FORMAT:
        raise ValueError("not a kept reading")
    if value["version"] != VERSION:
        raise ValueError(f"written in form {value['version']}, this version reads form {VERSION}")
    if value["source"] not in ("redmine", "csv"):
        raise ValueError(f"no such source: {value['source']!r}")
    return {
        "source": value["source"],
        "month": Month.parse(value["month"]),
        "started_at": _instant(value["started_at"]),
        "late_since": _optional(value["late_since"], _instant),
        "control": _text(value["control"]),
        "requests": _whole(value["requests"]),
        "waited_seconds": float(value["waited_seconds"]),
    }


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {str(value)[:40]}")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"not a whole number: {str(value)[:40]}")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"neither true nor false: {str(value)[:40]}")
    return value


def _instant(value: Any) -> datetime:
    instant = datetime.fromisoformat(_text(value))
    if instant.tzinfo is None:
        raise ValueError(f"an instant without a zone: {value}")
    return instant


def _optional(value: Any, read: Callable[[Any], _T]) -> _T | None:
    return None if value is None else read(value)


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((_text(name), _text(text)) for name, text in value)


def _entry(row: list[Any]) -> TimeEntry:
    entry, project_id, project, issue_id, user_id, user, activity, minutes, spent_on, created_on, comments, more = row
    return TimeEntry(
        id=_text(entry),
        project_id=_optional(project_id, _whole),
        project=_text(project),
        issue_id=_optional(issue_id, _whole),
        user_id=_optional(user_id, _whole),
        user=_text(user),
        activity=_text(activity),
        minutes=_whole(minutes),
        spent_on=date.fromisoformat(_text(spent_on)),
        created_on=_optional(created_on, _instant),
        comments=_text(comments),
        fields=_pairs(more),
    )


def _project(row: list[Any]) -> Project:
    number, identifier, name, parent_id, readable, status = row
    parent, known = _optional(parent_id, _whole), _optional(number, _whole)
    return Project(known, _text(identifier), _text(name), parent, _truth(readable), _text(status))


def _issue(row: list[Any]) -> Issue:
    number, subject, tracker, status, ticket, estimated, spent, more = row
    texts = (_text(subject), _text(tracker), _text(status), _text(ticket))
    return Issue(_whole(number), *texts, _optional(estimated, _whole), _optional(spent, _whole), _pairs(more))


def _person(row: list[Any]) -> Person:
    number, name, login = row
    return Person(_optional(number, _whole), _text(name), _optional(login, _text))


def _problem(row: list[Any]) -> Problem:
    source, message, next_step, client = row
    return Problem(_text(source), _text(message), _text(next_step), _optional(client, _text))


def _doubtful(row: list[Any]) -> tuple[TimeEntry, Problem]:
    entry, problem = row
    return _entry(entry), _problem(problem)


_BUILD: dict[str, Callable[[list[Any]], Any]] = {
    "projects": _project,
    "issues": _issue,
    "people": _person,
    "entries": _entry,
    "late": _entry,
    "problems": _problem,
    "doubtful": _doubtful,
    "notices": _problem,
}
