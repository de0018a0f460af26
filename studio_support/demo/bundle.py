"""The bundled studio: its files as they are put into a folder, and its bookings as readings of a month.

The data stand beside this module as people write them: TOML for the studio and its clients, CSV for what a Redmine
would know. Bookings appear in a reading as they would on a server: once they were booked, whatever month they are for.
"""

from __future__ import annotations

import csv
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from studio_support.config.settings import FILE_NAME
from studio_support.config.writing import write_text
from studio_support.delivery.files import atomic_write, disk, make_folder
from studio_support.errors import Refused
from studio_support.model import Issue, Person, Project, Reading, TimeEntry
from studio_support.period import Month

MARK = "# Made by `studio-support demo`"
CONTROL = "bundled data, no server was asked"
SECRET_NAME = "link-secret"  # noqa: S105 -- the name of the file, not what stands in it
PAYER_FIELD = "Плательщик"
_BASE_URL = re.compile(r'^base_url = "file:[^"]*"', re.MULTILINE)


def is_former_demo(folder: Path) -> bool:
    """Whether the folder was made by `demo`. Raises Refused if it holds something else, FilesystemError."""
    with disk(folder):
        if not folder.exists():
            return False
        if not folder.is_dir():
            raise Refused(f"{folder} is a file.", "Name a folder that is empty, or is not there yet.")
        names = {entry.name for entry in folder.iterdir()}
        if not names:
            return False
        settings = folder / FILE_NAME
        if FILE_NAME in names and settings.read_text(encoding="utf-8", errors="replace").startswith(MARK):
            return True
    raise Refused(f"{folder} is not empty.", "Name an empty folder: `studio-support demo DIR`; nothing was changed.")


def write_studio(folder: Path) -> Path:
    """Writes what is missing of the studio's files; gives the settings. What is there already is left as it is,
    except the address that links begin with: the folder may have been moved. Raises FilesystemError."""
    settings = folder / FILE_NAME
    bundled = files("studio_support.demo").joinpath("data")
    with disk(settings):
        known = settings.read_text(encoding="utf-8") if settings.exists() else None
    text = _BASE_URL.sub(_base_url(folder), bundled.joinpath(FILE_NAME).read_text("utf-8") if known is None else known)
    if text != known:
        write_text(settings, text, replace=True)
    secret = folder / SECRET_NAME
    if not secret.exists():
        atomic_write(secret, f"{secrets.token_hex(32)}\n".encode(), 0o600)
    _write_missing(bundled.joinpath("people.toml"), folder)
    for client in sorted(bundled.joinpath("clients").iterdir(), key=lambda file: file.name):
        _write_missing(client, folder / "clients")
    make_folder(folder / "published", 0o711)
    # In somebody's checkout nothing of a demo is to be committed, and what is published there must not be.
    write_text(folder / ".gitignore", "*\n")
    return settings


def _base_url(folder: Path) -> str:
    return f'base_url = "{(folder / "published").resolve().as_uri()}"'


def _write_missing(file: Traversable, folder: Path) -> None:
    write_text(folder / file.name, file.read_text("utf-8"))


def bundled_reading(month: Month, started_at: datetime, late_since: datetime | None) -> Reading:
    """What a Redmine with the bundled bookings would have shown at `started_at`.

    late_since: as in TimeEntrySource.read_month. All entries are there that were booked before `started_at`.
    """
    projects = {row["identifier"]: _project(row) for row in _rows("projects")}
    people = {row["login"]: Person(int(row["id"]), row["name"], row["login"]) for row in _rows("people")}
    every = [(_instant(row["booked_at"]), _entry(row, projects, people)) for row in _rows("entries")]
    booked = [(at, entry) for at, entry in every if at < started_at]
    entries = tuple(entry for _, entry in booked if entry.spent_on in month)
    since = started_at if late_since is None else late_since
    late = tuple(entry for at, entry in booked if entry.spent_on not in month and at >= since)
    used = {entry.issue_id for entry in (*entries, *late)}
    return Reading(
        source="redmine",
        month=month,
        started_at=started_at,
        entries=entries,
        projects=tuple(projects.values()),
        issues=tuple(_issue(row, [entry for _, entry in booked]) for row in _rows("issues") if int(row["id"]) in used),
        people=tuple(people.values()),
        control=CONTROL,
        late=late,
        late_since=late_since,
    )


def _rows(name: str) -> list[dict[str, str]]:
    file = files("studio_support.demo").joinpath("data", "redmine", f"{name}.csv")
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


def _project(row: Mapping[str, str]) -> Project:
    return Project(int(row["id"]), row["identifier"], row["name"], int(row["parent"]) if row["parent"] else None)


def _entry(row: Mapping[str, str], projects: Mapping[str, Project], people: Mapping[str, Person]) -> TimeEntry:
    project, person = projects[row["project"]], people[row["person"]]
    return TimeEntry(
        id=row["id"],
        project_id=project.id,
        project=project.name,
        issue_id=int(row["issue"]) if row["issue"] else None,
        user_id=person.id,
        user=person.name,
        activity=row["activity"],
        minutes=_minutes(row["time"]),
        spent_on=date.fromisoformat(row["spent_on"]),
        created_on=_instant(row["booked_at"]),
        comments=row["comment"],
    )


def _issue(row: Mapping[str, str], booked: list[TimeEntry]) -> Issue:
    number = int(row["id"])
    return Issue(
        id=number,
        subject=row["subject"],
        tracker=row["tracker"],
        status=row["status"],
        ticket=row["ticket"],
        estimated_minutes=_minutes(row["estimate"]) if row["estimate"] else None,
        spent_minutes=sum(entry.minutes for entry in booked if entry.issue_id == number),
        fields=((PAYER_FIELD, row["payer"]),) if row["payer"] else (),
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
