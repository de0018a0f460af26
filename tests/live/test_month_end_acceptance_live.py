"""Three months of a studio with 40 clients closed one after the other, by the commands that a manager types.

Redmine is wound back before each close to what it was at that instant, so that late bookings come when they came.
The keys of an administrator and of the user with the least rights take turns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from math import ceil
from typing import Any

import pytest

from tests.live_recompute import Line, SecondOpinion, second_opinion
from tests.live_studio import Desk, Done, Lab

pytestmark = pytest.mark.live

# closed in the morning after the month's last day, 9:00 in Moscow
CLOSED_AT = {
    "2026-08": "2026-09-01T09:00:00+03:00",
    "2026-09": "2026-10-01T09:00:00+03:00",
    "2026-10": "2026-11-01T09:00:00+03:00",
}
LAST_DAY = {"2026-08": "2026-08-31", "2026-09": "2026-09-30", "2026-10": "2026-10-31"}
AT_THE_END = "2026-11-21T12:00:00+03:00"
months = pytest.mark.parametrize("month", list(CLOSED_AT))


@dataclass
class Closed:
    """One month's close and its repetition."""

    first: Done
    again: Done
    before_again: dict[str, str]
    after_again: dict[str, str]
    requests: list[tuple[str, str]]
    budget: int


@dataclass
class Quarter:
    """What three closes left behind. opinion: on the database as it is at the end, all late time booked."""

    lab: Lab
    desk: Desk
    closed: dict[str, Closed]
    opinion: SecondOpinion
    certificates: dict[str, Done]


@pytest.fixture(scope="module")
def quarter(lab_info: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Quarter:
    lab = Lab(lab_info)
    desk = Desk.seeded(lab, tmp_path_factory.mktemp("quarter"), "--clients", "40", "--entries", "30000")
    lab.wind_back()
    closed = {}
    known_people: set[int] = set()
    for place, (month, instant) in enumerate(CLOSED_AT.items()):
        keys = ("admin", "billing") if place % 2 == 0 else ("billing", "admin")
        lab.wind_to(datetime.fromisoformat(instant))
        since = None if place == 0 else datetime.fromisoformat(list(CLOSED_AT.values())[place - 1])
        budget, known_people = _budget(lab, month, since, known_people)
        desk.key = keys[0]
        start = lab.log_end()
        first = desk.run("-v", "bill", "close", month, as_of=instant)
        requests = lab.requests(start)
        before = desk.kept()
        desk.key = keys[1]
        again = desk.run("bill", "close", month, as_of=instant)
        closed[month] = Closed(first, again, before, desk.kept(), requests, budget)
    lab.wind_to(datetime(2027, 1, 1, tzinfo=UTC))
    certificates = {month: desk.run("bill", "reconcile", month, as_of=AT_THE_END) for month in CLOSED_AT}
    return Quarter(lab, desk, closed, second_opinion(desk.folder, lab.rows), certificates)


def _budget(lab: Lab, month: str, since: datetime | None, known: set[int]) -> tuple[int, set[int]]:
    """How many requests an undisturbed close may make, and whom the store knows after it. Of what was booked since
    the mark only days before the month need a page: the month's own are read anyway."""
    window = "from time_entries t join projects p on p.id = t.project_id where p.status <> 9"
    days = (f"{month}-01", LAST_DAY[month])
    mark = None if since is None else since.astimezone(UTC).replace(tzinfo=None)
    ((entries, issues),) = lab.rows(
        f"select count(*), count(distinct issue_id) {window} and spent_on between %s and %s", *days
    )
    since_mark = "t.created_on >= %s::timestamp - interval '1 day' and spent_on < %s"
    ((late,),) = lab.rows(f"select count(*) {window} and {since_mark}", mark, days[0])
    ((projects,),) = lab.rows("select count(*) from projects where status <> 9")
    people = {row[0] for row in lab.rows(f"select distinct user_id {window} and spent_on between %s and %s", *days)}
    pages = sum(ceil(count / 100) for count in (entries, late, issues, projects))
    return pages + len(people - known) + 10, known | people


@months
def test_a_month_closes_without_a_problem(quarter: Quarter, month: str) -> None:
    """Every project is listed, everybody has a rate: nothing is left to be done by hand."""
    first = quarter.closed[month].first
    assert first.code == 0, first.err
    assert first.data["problems"] == []
    assert len(first.data["drafts"]) >= 35


@months
def test_closing_again_changes_nothing(quarter: Quarter, month: str) -> None:
    """With another key, too: the same answer, the same rows in the store, the same bytes in the files."""
    closed = quarter.closed[month]
    assert closed.again.code == 0
    assert closed.again.data["drafts"] == closed.first.data["drafts"]
    assert closed.after_again == closed.before_again


@months
def test_undisturbed_close_keeps_to_its_requests(quarter: Quarter, month: str) -> None:
    """Counted in Redmine's own log; nothing but reading."""
    requests = quarter.closed[month].requests
    assert {method for method, _ in requests} == {"GET"}
    assert 100 < len(requests) <= quarter.closed[month].budget
    assert re.match(rf"Redmine was asked {len(requests)} times and waited for", quarter.closed[month].first.err)


@months
def test_close_takes_seconds_of_our_own_and_little_memory(quarter: Quarter, month: str) -> None:
    """What a manager waits for is Redmine. The figures are printed (pytest -rP) for whoever wants to quote them."""
    closed = quarter.closed[month]
    first = closed.first
    print(  # noqa: T201 - figures for the release notes
        f"{month}: {len(closed.requests)} requests of {closed.budget}, {first.seconds:.1f} s in all, own"
        f" {first.own_seconds:.1f} s, peak {first.peak_bytes / 1e6:.0f} MB. {first.err}"
    )
    assert first.own_seconds < 20
    assert first.peak_bytes < 200_000_000


def _visible_since(booked_at: datetime) -> str:
    """The first month that was closed after this instant."""
    return next((m for m, at in CLOSED_AT.items() if booked_at < datetime.fromisoformat(at)), "2026-11")


def _where(opinion: SecondOpinion) -> dict[str, str | None]:
    """Entry -> the month on whose invoice it belongs: its own, or the first that was closed after its booking."""
    found: dict[str, str | None] = {}
    for entry in opinion.entries:
        own = entry.day.isoformat()[:7]
        billed = max(own, _visible_since(entry.booked_at))
        found[entry.id] = billed if own >= "2026-08" and billed <= "2026-10" else None
    return found


def _chosen(opinion: SecondOpinion, month: str) -> dict[str, str | None]:
    """Entries to be billed when this month is closed, with the heading that they belong under."""
    where = _where(opinion)
    days = {entry.id: entry.day for entry in opinion.entries}
    first = date.fromisoformat(f"{month}-01")
    return {
        entry: "earlier months" if days[entry] < first else None for entry, billed in where.items() if billed == month
    }


def _facts(line: dict[str, Any]) -> tuple[object, ...]:
    charged = line["label"] is None
    amount = line["net"] if line["gross"] is None else line["gross"]
    return (
        line["issue"],
        line["heading"],
        tuple(sorted(line["entries"])),
        line["minutes"],
        line["booked_minutes"],
        Fraction(line["rate_per_hour"]) if charged else None,
        Fraction(line["tax_rate"]),
        int(Fraction(amount) * 100) if charged else None,
    )


def _sorted(lines: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted(lines, key=lambda facts: facts[2])  # type: ignore[arg-type, return-value] # entries' ids: strings


@months
def test_every_invoice_is_what_database_and_files_say(quarter: Quarter, month: str) -> None:
    """Each line with its entries, minutes, rate, tax and amount, and the totals, recomputed by other code."""
    opinion, chosen = quarter.opinion, _chosen(quarter.opinion, month)
    drafts = {draft["client"]: draft for draft in quarter.closed[month].first.data["drafts"]}
    expected: dict[str, list[Line]] = {client: opinion.lines(client, chosen) for client in opinion.clients}
    billable = {client for client, lines in expected.items() if any(line.cents is not None for line in lines)}
    assert set(drafts) == billable
    for client, draft in drafts.items():
        lines = expected[client]
        assert _sorted([_facts(line) for line in draft["lines"]]) == _sorted([line.facts() for line in lines]), client
        cents = tuple(int(Fraction(draft[name]) * 100) for name in ("net", "tax", "gross"))
        assert cents == opinion.totals(lines), client
        assert sum(int(Fraction(line["net"]) * 100) for line in draft["lines"]) == cents[0], client
        booked = sum(entry.minutes for line in lines if line.cents is not None for entry in line.entries)
        assert (draft["minutes"], draft["booked_minutes"]) == (sum(line.minutes for line in lines), booked), client
        assert draft["currency"] == opinion.clients[client]["currency"]


@months
def test_certificate_has_each_entry_once_and_meets_the_database(quarter: Quarter, month: str) -> None:
    """Booked is what Redmine's database counts; every entry of it stands in one place, the sums are theirs."""
    done = quarter.certificates[month]
    certificate = done.data
    assert certificate["balanced"] is True
    assert certificate["minutes"]["booked"] == quarter.lab.booked_minutes(f"{month}-01", LAST_DAY[month])
    rows = certificate["entries"]
    mine = [entry for entry in quarter.opinion.entries if entry.day.isoformat()[:7] == month]
    assert sorted(row["entry"] for row in rows) == sorted(entry.id for entry in mine)
    assert "compared one by one" in certificate["control"]
    sums: dict[str, int] = dict.fromkeys(certificate["minutes"], 0)
    per_client: dict[str | None, int] = {}
    for row in rows:
        sums[row["as"]] += row["minutes"]
        sums["booked"] += row["minutes"]
        per_client[row["client"]] = per_client.get(row["client"], 0) + row["minutes"]
    assert sums == certificate["minutes"]
    assert per_client == {row["client"]: row["booked"] for row in certificate["clients"]}


@months
def test_certificate_puts_each_entry_where_it_belongs(quarter: Quarter, month: str) -> None:
    """Place, client, minutes and invoice of every entry, by the second opinion."""
    opinion = quarter.opinion
    numbers = {
        (billed, draft["client"]): draft["number"]
        for billed, closed in quarter.closed.items()
        for draft in closed.first.data["drafts"]
    }
    rows = {row["entry"]: row for row in quarter.certificates[month].data["entries"]}
    where = _where(opinion)
    for entry in opinion.entries:
        if entry.day.isoformat()[:7] != month:
            continue
        place, client = opinion.place(entry)
        billed = where[entry.id]
        if billed is None and client is not None:
            place = "unbilled"
        invoice = numbers[billed, client] if place == "billed" and billed and client else None
        row = rows[entry.id]
        found = (row["as"], row["client"], row["minutes"], row["invoice"])
        assert found == (place, client, entry.minutes, invoice), entry


def test_late_time_lands_once_on_a_later_invoice(quarter: Quarter) -> None:
    """Booked in September for August: on September's invoice, under its heading. The seed has hundreds of such."""
    lines = [
        (month, line, entry)
        for month, closed in quarter.closed.items()
        for draft in closed.first.data["drafts"]
        for line in draft["lines"]
        for entry in line["entries"]
    ]
    assert len({entry for _, _, entry in lines}) == len(lines)
    late = [(month, line) for month, line, _ in lines if line["heading"] == "earlier months"]
    assert {month for month, _ in late} == {"2026-09", "2026-10"}
    assert len(late) > 200
    assert all(line["last_day"] < f"{month}-01" for month, line in late)


def test_numbers_and_store_are_sound(quarter: Quarter) -> None:
    audit = quarter.desk.run("numbers", "audit")
    assert (audit.code, audit.data["problems"]) == (0, [])
    issued = sum(len(closed.first.data["drafts"]) for closed in quarter.closed.values())
    assert sum(row["documents"] for row in audit.data["series"]) == issued
    assert quarter.desk.run("db", "check").code == 0
