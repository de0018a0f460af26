"""A small studio's month as plain values, for tests of the plan: whatever a test does not name is sound and dull."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from studio_invoices.errors import Problem
from studio_invoices.model import BankAccount, Party
from studio_support.billing.fingerprint import fingerprint
from studio_support.billing.ledger_view import Allocation, ClosedMonth, Disposition, LedgerView
from studio_support.billing.month_plan import Draft, MonthPlan
from studio_support.billing.plan import PlanInput, plan_month
from studio_support.billing.terms import Client, RateRow, Seller, TaxRow, Terms
from studio_support.model import Issue, Person, Project, Reading, TimeEntry
from studio_support.period import Month

D = Decimal
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (8, 9, 10, 11))
JANUARY_1 = date(2026, 1, 1)
SITE = Project(1, "site", "Site")
SHOP = Project(2, "shop", "Shop", parent_id=1)
OTHER = Project(3, "other", "Other")
PROJECTS = (SITE, SHOP, OTHER)
ANN, BOB = Person(7, "Ann Able", "a.able"), Person(8, "Bob Best", "b.best")
SELLER = Seller("", Party("Web Studio", ("Lenina 1",), "RU", inn="7802895380", kpp="780201001"), (BankAccount("Bank"),))
GENERAL = RateRow(JANUARY_1, D("95.00"), where="acme.toml: rates[1]")
TAX_22 = TaxRow(JANUARY_1, "S", D(22))


def entry(id: int | str, minutes: int = 60, spent_on: date = date(2026, 10, 5), **more: Any) -> TimeEntry:
    """An hour of Ann's in the project Site, booked in the evening; issue, project and person by keyword."""
    project: Project = more.pop("in_project", SITE)
    person: Person = more.pop("by", ANN)
    values: dict[str, Any] = {
        "project_id": project.id,
        "project": project.name,
        "issue_id": None,
        "user_id": person.id,
        "user": person.name,
        "activity": "Development",
        "created_on": datetime(spent_on.year, spent_on.month, spent_on.day, 18, tzinfo=UTC),
    }
    return TimeEntry(id=str(id), minutes=minutes, spent_on=spent_on, **(values | more))


def client(id: str = "acme", *projects: str, **more: Any) -> Client:
    """A client of 95.00 EUR an hour who lists the project site, unless told otherwise."""
    values: dict[str, Any] = {
        "party": Party(f"Client {id}", ("Street 1",), "DE"),
        "language": "en",
        "currency": "EUR",
        "redmine_projects": projects or ("site",),
        "rates": (GENERAL,),
        "file": f"clients/{id}.toml",
    }
    return Client(id=id, **(values | more))


def terms(**more: Any) -> Terms:
    """A studio with 22 % on net prices."""
    values: dict[str, Any] = {
        "timezone": "Europe/Moscow",
        "language": "ru",
        "currency": "RUB",
        "sellers": {"": SELLER},
        "tax": (TAX_22,),
        "first_month": AUGUST,
    }
    return Terms(**(values | more))


def read_at(month: Month) -> datetime:
    """When a month was read, to be closed: six in the morning of the second day after it."""
    return datetime(month.next.year, month.next.number, 2, 6, tzinfo=UTC)


def reading(*entries: TimeEntry, month: Month = OCTOBER, **more: Any) -> Reading:
    """A whole reading; entries of other months come as late ones."""
    values: dict[str, Any] = {
        "source": "redmine",
        "started_at": read_at(month),
        "projects": PROJECTS,
        "issues": (),
        "people": (ANN, BOB),
        "control": "test",
        "late_since": datetime(2026, 1, 1, tzinfo=UTC),
    }
    here = tuple(row for row in entries if row.spent_on in month)
    late = tuple(row for row in entries if row.spent_on not in month)
    return Reading(month=month, entries=here, late=late, **(values | more))


def planned(*entries: TimeEntry, **more: Any) -> MonthPlan:
    """The plan of October; anything of PlanInput or Reading by keyword."""
    return plan_month(plan_input(*entries, **more))


def plan_input(*entries: TimeEntry, **more: Any) -> PlanInput:
    """What `planned` plans."""
    own = {"clients", "terms", "ledger", "selected", "config_problems", "supplement"}
    values: dict[str, Any] = {"clients": (client(),), "terms": terms(), "ledger": LedgerView()}
    values |= {key: value for key, value in more.items() if key in own}
    read = reading(*entries, **{key: value for key, value in more.items() if key not in own})
    return PlanInput(month=read.month, reading=read, **values)


def draft_of(plan: MonthPlan, client_id: str = "acme") -> Draft:
    """The client's draft, be it empty."""
    return next(draft for draft in (*plan.drafts, *plan.empty_drafts) if draft.client == client_id)


def closing(client_id: str = "acme", month: Month = SEPTEMBER, **more: Any) -> ClosedMonth:
    """A client's month that is closed from Redmine."""
    values: dict[str, Any] = {"source": "redmine", "read_started_at": read_at(month), "plan_hash": "0" * 16}
    return ClosedMonth(client_id, month, **(values | {"number": "2026-0001"} | more))


def ledger(*closings: ClosedMonth, placed: Iterable[Allocation | Disposition] = (), **more: Any) -> LedgerView:
    """What a ledger with these closings and places tells."""
    closed: dict[str, tuple[ClosedMonth, ...]] = {}
    for row in closings:
        closed[row.client] = (*closed.get(row.client, ()), row)
    rows = list(placed)
    return LedgerView(
        closed=closed,
        allocations={row.entry: row for row in rows if isinstance(row, Allocation)},
        dispositions={row.entry: row for row in rows if isinstance(row, Disposition)},
        **more,
    )


def billed(row: TimeEntry, client_id: str = "acme", number: str = "2026-0001") -> Allocation:
    """The entry as it stands on an invoice of its month."""
    month = Month.of(row.spent_on)
    return Allocation(row.id, client_id, month, number, 1, row.minutes, row.spent_on, fingerprint(row))


def set_aside(row: TimeEntry, client_id: str = "acme", **more: Any) -> Disposition:
    """The entry as it was set aside when its month was closed."""
    values: dict[str, Any] = {"disposed": "non_billable", "reason": "a gift", "fingerprint": fingerprint(row)}
    month = Month.of(row.spent_on)
    return Disposition(row.id, client_id, month, row.minutes, spent_on=row.spent_on, **(values | more))


def issue(id: int, subject: str = "", **more: Any) -> Issue:
    """A task."""
    return Issue(id, subject or f"Task {id}", **more)


def skips(plan: MonthPlan) -> dict[str, tuple[str, str | None]]:
    """Entry -> (place, client) of all that is on no line, or on one that charges nothing."""
    return {row.entry: (row.disposed, row.client) for row in plan.skipped}


def charged(plan: MonthPlan) -> dict[str, str]:
    """Entry -> client of all that stands on a line that charges it."""
    return {
        row.id: draft.client for draft in plan.drafts for line in draft.lines if line.charged for row in line.entries
    }


def texts(problems: Sequence[Problem]) -> str:
    """All messages and steps, for looking something up in them."""
    return "\n".join(f"{problem.client}: {problem.message} {problem.next_step}" for problem in problems)


def changed(row: TimeEntry, **values: Any) -> TimeEntry:
    """The entry after somebody edited it."""
    return replace(row, **values)


def days_after(instant: datetime, days: float) -> datetime:
    """So many days later (earlier where negative)."""
    return instant + timedelta(days=days)


def by_key(pairs: Mapping[str, Any], *keys: str) -> tuple[Any, ...]:
    """Several values at once."""
    return tuple(pairs[key] for key in keys)
