"""A second opinion on a month end: from Redmine's database and the clients' files to amounts, by other code.

Nothing here comes from the product. Amounts are whole cents, computed with fractions; rates, taxes and rounding are
read from the TOML files by the words of their documentation.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

_ENTRIES = """
select t.id, t.project_id, t.issue_id, t.user_id, u.login, u.firstname || ' ' || u.lastname, a.name,
       round(round(t.hours::numeric, 2) * 60)::int, t.spent_on, t.created_on, v.value
from time_entries t
join projects p on p.id = t.project_id
join users u on u.id = t.user_id
join enumerations a on a.id = t.activity_id
left join custom_values v on v.customized_type = 'Issue' and v.customized_id = t.issue_id
     and v.custom_field_id = (select id from custom_fields where name = 'Payer')
where p.status <> 9
order by t.id
"""


@dataclass(frozen=True)
class Booking:
    """A row of Redmine's time_entries. payer: of its issue."""

    id: str
    project: int
    issue: int | None
    user: int
    login: str
    name: str
    activity: str
    minutes: int
    day: date
    booked_at: datetime
    payer: str | None


@dataclass
class Line:
    """What should be one line of an invoice. cents: net, or gross where prices are gross; None where not charged."""

    issue: int | None
    heading: str | None
    tax_percent: Fraction
    rate: Fraction | None
    gross: bool
    entries: list[Booking] = field(default_factory=list)
    minutes: int = 0
    cents: int | None = None

    def facts(self) -> tuple[object, ...]:
        """What the product must say as well."""
        booked = sum(entry.minutes for entry in self.entries)
        ids = tuple(sorted(entry.id for entry in self.entries))
        charged = None if self.rate is None else self.rate
        return (self.issue, self.heading, ids, self.minutes, booked, charged, self.tax_percent, self.cents)


def rounded(amount: Fraction) -> int:
    """Half up; amounts here are never negative."""
    return int(amount + Fraction(1, 2))


def bookings(rows: Iterable[tuple[Any, ...]]) -> list[Booking]:
    """Rows of the query below as values."""
    return [Booking(*(str(row[0]), *row[1:9], row[9].replace(tzinfo=UTC), row[10])) for row in rows]


class SecondOpinion:
    """Who owes what, by the files in a folder and the bookings of a database."""

    def __init__(self, folder: Path, entries: list[Booking], projects: Iterable[tuple[int, str, int | None]]) -> None:
        self.studio = tomllib.loads((folder / "studio-support.toml").read_text("utf-8"))
        files = sorted((folder / "clients").glob("*.toml"))
        self.clients: dict[str, dict[str, Any]] = {
            data["id"]: data for data in (tomllib.loads(path.read_text("utf-8")) for path in files)
        }
        self.entries = entries
        self._identifiers = {number: identifier for number, identifier, _ in projects}
        self._parents = {number: parent for number, _, parent in projects}
        self._listing: dict[str, list[str]] = {}
        for client, data in self.clients.items():
            for project in data["redmine_projects"]:
                self._listing.setdefault(project, []).append(client)

    def place(self, entry: Booking) -> tuple[str, str | None]:
        """(place on the certificate, client) of an entry, were it closed now."""
        project: int | None = entry.project
        above: list[str] = []
        while project is not None:
            identifier = self._identifiers[project]
            above.append(identifier)
            if identifier in self.studio["billing"]["internal_projects"]:
                return "internal", None
            if identifier in self._listing:
                break
            project = self._parents[project]
        sharing = self._listing[above[-1]]
        if len(sharing) > 1:
            sharing = [client for client in sharing if self.clients[client]["only"]["value"] == entry.payer]
        (client,) = sharing
        if entry.minutes and self._fixed(entry):
            return "fixed", client
        unpaid = entry.minutes == 0 or entry.activity in self.studio["billing"]["non_billable_activities"]
        return ("non_billable" if unpaid else "billed"), client

    def _fixed(self, entry: Booking) -> bool:
        wanted = {rule["project"] for rule in self.studio["billing"].get("rule", [])}
        project: int | None = entry.project
        while project is not None and self._identifiers[project] not in wanted:
            project = self._parents[project]
        return project is not None

    def lines(self, client: str, chosen: Mapping[str, str | None]) -> list[Line]:
        """The lines of an invoice over these entries: id -> heading."""
        made: dict[tuple[object, ...], Line] = {}
        for entry in self.entries:
            if entry.id not in chosen or entry.minutes == 0:
                continue
            place, owner = self.place(entry)
            if owner != client or place == "non_billable":
                continue
            heading = chosen[entry.id]
            tax = self._row(self._tax_rows(client), entry.day)
            rate = self._rate(client, entry) if place == "billed" else None
            task = entry.activity if entry.issue is None else entry.issue
            percent, gross = Fraction(tax["rate"]), tax.get("prices", "net") == "gross"
            key = (heading, entry.project, task, rate, percent)
            line = made.setdefault(key, Line(entry.issue, heading, percent, rate, gross))
            line.entries.append(entry)
        for line in made.values():
            if line.rate is not None:
                line.minutes = self._charged(client, [entry.minutes for entry in line.entries])
                line.cents = rounded(line.rate * 100 * line.minutes / 60)
        return list(made.values())

    def totals(self, lines: Iterable[Line]) -> tuple[int, int, int]:
        """(net, tax, gross) in cents."""
        sums: dict[Fraction, int] = {}
        gross_prices = False
        for line in lines:
            if line.cents is not None:
                sums[line.tax_percent] = sums.get(line.tax_percent, 0) + line.cents
                gross_prices = line.gross
        total = sum(sums.values())
        if gross_prices:
            tax = sum(rounded(cents * percent / (100 + percent)) for percent, cents in sums.items())
            return total - tax, tax, total
        tax = sum(rounded(cents * percent / 100) for percent, cents in sums.items())
        return total, tax, total + tax

    def _charged(self, client: str, minutes: list[int]) -> int:
        rounding = self.clients[client].get("rounding", {"increment_minutes": 1, "mode": "up", "per": "task"})
        step = rounding["increment_minutes"]
        pieces = minutes if rounding["per"] == "entry" else [sum(minutes)]
        if rounding["mode"] == "up":
            return sum(step * ((piece + step - 1) // step) for piece in pieces)
        return sum(max(step, step * rounded(Fraction(piece, step))) for piece in pieces)

    def _tax_rows(self, client: str) -> list[dict[str, Any]]:
        own: list[dict[str, Any]] | None = self.clients[client].get("tax")
        return own or self.studio["billing"]["tax"]

    @staticmethod
    def _row(rows: list[dict[str, Any]], day: date) -> dict[str, Any]:
        return max((row for row in rows if row["from"] <= day), key=lambda row: row["from"])

    def _rate(self, client: str, entry: Booking) -> Fraction:
        data = self.clients[client]
        lists = [data.get("rates", []), self.studio["price_lists"].get(data.get("price_list", ""), [])]
        for rows in lists:
            for wanted in ((True, True), (True, False), (False, True), (False, False)):
                fitting = [
                    row
                    for row in rows
                    if ("specialist" in row, "activity" in row) == wanted
                    and row["from"] <= entry.day
                    and row.get("specialist", entry.login) in (entry.login, entry.name, f"#{entry.user}")
                    and row.get("activity", entry.activity) == entry.activity
                ]
                if fitting:
                    return Fraction(self._row(fitting, entry.day)["per_hour"])
        raise AssertionError(f"no rate for entry {entry.id} of {client}")


def second_opinion(folder: Path, ask: Any) -> SecondOpinion:
    """On the files in a folder and a database as it is now. ask: runs a query."""
    return SecondOpinion(folder, bookings(ask(_ENTRIES)), ask("select id, identifier, parent_id from projects"))
