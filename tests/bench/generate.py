"""Generated months for measuring: as many entries of as many clients as asked, the same for the same seed.

Shaped like a studio's month: each client has a project with a subproject, tasks and time without one, ten people
of whom one has a rate of his own, two activities that cost, one that does not, late time for the month before.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from studio_invoices.model import Party
from studio_support.billing.ledger_view import ClosedMonth, LedgerView, PastMonth
from studio_support.billing.plan import PlanInput
from studio_support.billing.terms import Client, RateRow, Rounding, Seller, TaxRow, Terms
from studio_support.model import Issue, Person, Project, Reading, TimeEntry
from studio_support.period import Month

MONTH = Month(2026, 10)
STARTED = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
CLOSED = datetime(2026, 10, 2, 6, 0, tzinfo=UTC)
PEOPLE = tuple(Person(number, f"Person {number}", f"p.{number}") for number in range(1, 41))
ACTIVITIES = ("Development", "Development", "Development", "Design", "Consultation")
LATE_SHARE, WITHOUT_ISSUE_SHARE, ISSUES_PER_CLIENT = 0.02, 0.1, 12
_CURRENCIES = ("RUB", "EUR", "JPY", "KWD")


def terms() -> Terms:
    """The studio's rules: 22 % on net prices, consultation free of charge."""
    return Terms(
        timezone="Europe/Moscow",
        language="ru",
        currency="RUB",
        sellers={"": Seller("", Party("Web Studio", ("Lenina 1",), "RU", inn="7802895380", kpp="780201001"))},
        tax=(TaxRow(date(2026, 1, 1), "S", Decimal(22)),),
        non_billable_activities=("Consultation",),
        internal_projects=("office",),
        first_month=Month(2026, 9),
    )


def client(number: int) -> Client:
    """One of the clients, in one of four currencies, one in three rounded to quarters of an hour."""
    return Client(
        id=f"client-{number:05d}",
        party=Party(f"Client {number}", ("Street 1",), "RU"),
        language="en",
        currency=_CURRENCIES[number % len(_CURRENCIES)],
        redmine_projects=(f"site-{number}",),
        rates=(
            RateRow(date(2026, 1, 1), Decimal("95.00"), where="rates[1]"),
            RateRow(date(2026, 3, 1), Decimal("120.00"), "p.1", where="rates[2]"),
        ),
        rounding=Rounding(15) if number % 3 == 0 else Rounding(),
    )


def _projects(clients: int) -> Iterator[Project]:
    yield Project(1, "office", "Office")
    for number in range(clients):
        yield Project(2 * number + 2, f"site-{number}", f"Site {number}")
        yield Project(2 * number + 3, f"site-{number}-shop", f"Shop {number}", 2 * number + 2)


def _issues(clients: int) -> Iterator[Issue]:
    for number in range(clients * ISSUES_PER_CLIENT):
        yield Issue(number + 1, f"Task {number + 1}", "Support", "Closed", f"20261001100{number:06d}", 600, 300)


def _entry(chance: random.Random, number: int, clients: int, late: bool) -> TimeEntry:
    owner = chance.randrange(clients)
    person = PEOPLE[(owner + chance.randrange(10)) % len(PEOPLE)]
    is_shop = chance.random() < 0.3
    with_issue = chance.random() >= WITHOUT_ISSUE_SHARE
    day = MONTH.previous.first_day if late else MONTH.first_day
    return TimeEntry(
        id=str(number),
        project_id=2 * owner + (3 if is_shop else 2),
        project=f"Shop {owner}" if is_shop else f"Site {owner}",
        issue_id=owner * ISSUES_PER_CLIENT + chance.randrange(ISSUES_PER_CLIENT) + 1 if with_issue else None,
        user_id=person.id,
        user=person.name,
        activity=chance.choice(ACTIVITIES),
        minutes=chance.randrange(1, 480),
        spent_on=day + timedelta(days=chance.randrange(30)),
        created_on=CLOSED + timedelta(minutes=number % 40_000),
        comments="Fixed the form on the contact page",
    )


def reading(entries: int, clients: int, seed: int = 1) -> Reading:
    """A month of so many entries, one in fifty of them booked late for the month before."""
    chance = random.Random(seed)
    in_month: list[TimeEntry] = []
    late: list[TimeEntry] = []
    for number in range(1, entries + 1):
        is_late = chance.random() < LATE_SHARE
        (late if is_late else in_month).append(_entry(chance, number, clients, is_late))
    return Reading(
        source="redmine",
        month=MONTH,
        started_at=STARTED,
        entries=tuple(in_month),
        projects=tuple(_projects(clients)),
        issues=tuple(_issues(clients)),
        people=PEOPLE,
        control="generated",
        late=tuple(late),
        late_since=CLOSED - timedelta(days=1),
    )


def ledger(clients: int) -> LedgerView:
    """A store in which every client's month before is closed."""
    names = [client(number).id for number in range(clients)]
    before = MONTH.previous
    return LedgerView(
        closed={
            name: (ClosedMonth(name, before, "redmine", CLOSED, "0" * 16, f"2026-{number:05d}"),)
            for number, name in enumerate(names, start=1)
        },
        past={name: (PastMonth(before, 6000, Decimal("9500.00")),) for name in names},
        first_month=before,
    )


def plan_input(entries: int, clients: int, seed: int = 1) -> PlanInput:
    """Everything that planning such a month needs."""
    return PlanInput(
        month=MONTH,
        reading=reading(entries, clients, seed),
        clients=tuple(client(number) for number in range(clients)),
        terms=terms(),
        ledger=ledger(clients),
    )
