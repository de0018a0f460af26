"""The CSV export of a fake Redmine: separators, headers, dates and encoding follow the language of the key's owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from studio_support.testing.redmine_world import TICKET_FIELD_ID, FakeEntry, FakeUser, RedmineWorld, rounded


@dataclass(frozen=True, slots=True)
class CsvHabits:
    """How one language writes its CSV; seen on Redmine 5.0.4."""

    separator: str
    decimal: str
    encoding: str
    days: str
    headers: dict[str, str]


_COLUMNS = ("project", "spent_on", "created_on", "user", "activity", "issue", "comments", "hours", "issue.tracker")


def _headers(*names: str) -> dict[str, str]:
    return dict(zip(_COLUMNS, names, strict=True))


HABITS = {
    "en": CsvHabits(
        ",",
        ".",
        "iso-8859-1",
        "%m/%d/%Y",
        _headers("Project", "Date", "Created", "User", "Activity", "Issue", "Comment", "Hours", "Tracker"),
    ),
    "de": CsvHabits(
        ";",
        ",",
        "iso-8859-1",
        "%d.%m.%Y",
        _headers("Projekt", "Datum", "Angelegt", "Benutzer", "Aktivität", "Ticket", "Kommentar", "Stunden", "Tracker"),
    ),
    "fr": CsvHabits(
        ";",
        ",",
        "iso-8859-1",
        "%d/%m/%Y",
        _headers("Projet", "Date", "Créé", "Utilisateur", "Activité", "Demande", "Commentaire", "Heures", "Tracker"),
    ),
    "ru": CsvHabits(
        ";",
        ",",
        "utf-8",
        "%d.%m.%Y",
        _headers(
            "Проект",
            "Дата",
            "Создано",
            "Пользователь",
            "Деятельность",
            "Задача",
            "Комментарий",
            "час(а,ов)",
            "Трекер",
        ),
    ),
}


def csv_of(
    world: RedmineWorld,
    user: FakeUser | None,
    entries: Iterable[FakeEntry],
    columns: Sequence[str],
    encoding: str | None,
) -> bytes:
    """The export as bytes. Columns that do not exist are left out, which shifts the later ones."""
    habits = HABITS[user.language if user else "en"]
    values = {name: _column(world, user, habits, name) for name in columns}
    known = [name for name in columns if values[name] is not None]
    lines: list[list[str | None]] = [[_header(world, habits, name) for name in known]]
    for entry in entries:
        lines.append([value(entry) for name in known if (value := values[name]) is not None])
    text = "".join(habits.separator.join(_quoted(cell, habits.separator) for cell in line) + "\n" for line in lines)
    used = encoding or habits.encoding
    return text.encode("utf-8-sig" if used.lower() == "utf-8" else used, errors="replace")


def _header(world: RedmineWorld, habits: CsvHabits, column: str) -> str:
    return world.ticket_field if column.startswith("issue.cf_") else habits.headers[column]


def _column(
    world: RedmineWorld, user: FakeUser | None, habits: CsvHabits, name: str
) -> Callable[[FakeEntry], str | None] | None:
    """What one column shows of an entry; None if there is no such column."""
    if name == f"issue.cf_{TICKET_FIELD_ID}":
        return lambda entry: world.issues[entry.issue].ticket if entry.issue else None
    columns: dict[str, Callable[[FakeEntry], str | None]] = {
        "project": lambda entry: world.projects[entry.project].name,
        "spent_on": lambda entry: entry.spent_on.strftime(habits.days),
        "created_on": lambda entry: entry.created_on.strftime(f"{habits.days} %H:%M"),
        "user": lambda entry: world.users[entry.user].name,
        "activity": lambda entry: entry.activity,
        "issue": lambda entry: _issue(world, user, entry),
        "comments": lambda entry: entry.comments,
        "hours": lambda entry: _hours(entry.hours).replace(".", habits.decimal),
        "issue.tracker": lambda entry: world.issues[entry.issue].tracker if entry.issue else None,
    }
    return columns.get(name)


def _hours(hours: float | str) -> str:
    return hours if isinstance(hours, str) else f"{rounded(hours):.2f}"


def _issue(world: RedmineWorld, user: FakeUser | None, entry: FakeEntry) -> str | None:
    if entry.issue is None:
        return None
    issue = world.issues[entry.issue]
    return f"{issue.tracker} #{issue.id}: {issue.subject}" if world.issue_seen(user, issue) else f"#{issue.id}"


def _quoted(cell: str | None, separator: str) -> str:
    if cell is None:
        return ""
    if cell == "" or cell != cell.strip() or any(mark in cell for mark in (separator, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell
