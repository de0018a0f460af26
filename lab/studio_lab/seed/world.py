"""A studio made up from a seed: clients, projects, issues and booked time, as plain values.

The first eleven clients have one peculiarity each (see `_projects`); with fewer clients, fewer peculiarities.
"""

from __future__ import annotations

import calendar
from bisect import bisect
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from studio_lab import people

from . import texts
from .numbers import Tickets
from .size import Size, add_months

ACTIVE, CLOSED, ARCHIVED = 1, 5, 9  # Redmine's project statuses
RENAMED, LOCKED, DELETED = "m.schmidt", "t.weiss", "d.oneil"
NEW_LAST_NAME = "Weber"
SPECIAL = (RENAMED, LOCKED, DELETED)

ACTIVITIES = {"Development": 50, "Support": 20, "Design": 15, "Consultation": 5, "Testing": 5, "Management": 5}
TRACKERS = {"Bug": 50, "Feature": 30, "Support": 20}
STATUSES = {"New": 15, "In Progress": 30, "Resolved": 15, "Feedback": 10, "Closed": 25, "Rejected": 5}
CLOSED_STATUSES = ("Closed", "Rejected")


@dataclass(frozen=True)
class Project:
    """One project of Redmine; `owner` is the number of the client whose tree it stands in, None for ours."""

    identifier: str
    name: str
    parent: str | None = None
    status: int = ACTIVE
    owner: int | None = None


@dataclass(frozen=True)
class Client:
    """One client: the projects its file lists, and the value of `Payer` where it shares a project."""

    number: int
    name: str
    german: bool
    projects: tuple[str, ...]
    payer: str | None = None

    @property
    def id(self) -> str:
        return f"client-{self.number:04d}"


@dataclass
class Issue:
    """One issue. `number` is its id; `ticket` stands in the field, in the description, in both or nowhere."""

    number: int
    project: str
    subject: str
    description: str
    tracker: str
    status: str
    author: str
    created_at: datetime
    estimated_hours: float | None
    ticket_in_field: str
    payer: str
    parent: int | None = None
    children: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """One booking; `created_at` is naive UTC, `hours` the float as Redmine's database has it."""

    project: str
    issue: int | None
    login: str
    activity: str
    hours: float
    comment: str | None
    spent_on: date
    created_at: datetime
    billable: bool | None
    invoice: str


@dataclass(frozen=True)
class World:
    """All of it. Entries stand in the order of their creation, as ids do in a real Redmine."""

    size: Size
    clients: list[Client]
    projects: list[Project]
    issues: list[Issue]
    entries: list[Entry]
    people: list[str]
    own_activity_project: str | None  # this one has an activity `Development` of its own


def build(size: Size) -> World:
    """Make the world of these arguments; the same every time."""
    chance = Random(size.seed)
    clients, projects = _projects(size)
    ordinary = [login for login in people.BOOKING if login not in SPECIAL]
    logins = [*ordinary[: max(1, size.people - len(SPECIAL))], *SPECIAL]
    issues = _issues(chance, size, projects, clients, logins)
    entries = _entries(chance, size, projects, clients, issues, logins)
    own_activity = "client-0008" if size.clients >= 8 else None
    return World(size, clients, projects, issues, entries, [*logins, people.OWN], own_activity)


def _projects(size: Size) -> tuple[list[Client], list[Project]]:
    clients: list[Client] = []
    projects: list[Project] = []
    for number in range(1, size.clients + 1):
        german = number % 2 == 1
        name = texts.firm(number - 1, german)
        root = f"client-{number:04d}"
        listed = [root]
        payer = None
        projects.append(Project(root, name, owner=number))
        if number == 1:
            projects.append(Project(f"{root}-shop", f"{name}: Shop", root, owner=2))
        elif number == 2:
            listed.append("client-0001-shop")  # nearer to its entries than client 1's own project
        elif number in (3, 4):
            projects.append(Project(f"{root}-relaunch", "Relaunch", root, owner=number))
        elif number == 5:
            projects.append(Project(f"{root}-old", f"{name}: alter Auftritt", root, CLOSED, owner=number))
        elif number in (6, 7):
            if number == 7:
                projects.append(Project("shared-0001", "Общий портал", owner=None))
            if size.clients >= 7:
                listed.append("shared-0001")
                payer = name
        elif number == 10:
            projects.append(Project(f"{root}-web", f"{name}: web", root, owner=number))
            projects.append(Project(f"{root}-web-blog", f"{name}: web: blog", f"{root}-web", owner=number))
        elif number == 11:
            projects.append(Project(f"{root}-care", f"{name}: Pflegevertrag", root, owner=number))
        elif number % 3 == 0:
            projects.append(Project(f"{root}-site", f"{name}: сайт", root, owner=number))
        clients.append(Client(number, name, german, tuple(listed), payer))
    projects.append(Project("internal", "Internal"))
    projects.append(Project("archived-0001", "Архив: старый клиент", status=ARCHIVED))
    return clients, projects


def _pick(chance: Random, weights: dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _issues(
    chance: Random, size: Size, projects: list[Project], clients: list[Client], logins: list[str]
) -> list[Issue]:
    first = add_months(size.window()[0], -1)
    days = (add_months(size.window()[-1], 1) - first).days
    moments = sorted(first + timedelta(days=chance.randrange(days)) for _ in range(size.issues))
    payers = [client.payer for client in clients if client.payer]
    tickets = Tickets()
    issues: list[Issue] = []
    open_parents: dict[str, Issue] = {}
    for number, day in enumerate(moments, 1):
        project = projects[(number - 1) % len(projects)] if number <= len(projects) else chance.choice(projects)
        ticket, place = tickets.take(day), chance.random()
        mail = f"Ticket#{ticket}\n\nHello,\n<b>please</b> look at this. Спасибо!" if place < 0.85 else "Из разговора."
        issue = Issue(
            number=number,
            project=project.identifier,
            subject=texts.subject(chance, number),
            description=mail if place > 0.1 else "",
            tracker=_pick(chance, TRACKERS),
            status=_pick(chance, STATUSES),
            author=chance.choice(logins),
            created_at=datetime.combine(day, time(8 + chance.randrange(9), chance.randrange(60))),
            estimated_hours=chance.choice((0.5, 2.0, 8.0, 40.0, 100.0)) if chance.random() < 0.4 else None,
            ticket_in_field=ticket if place < 0.7 else "",
            payer=payers[number % len(payers)] if project.identifier == "shared-0001" and payers else "",
        )
        parent = open_parents.get(project.identifier)
        if parent is not None and chance.random() < 0.08:
            issue.parent = parent.number
            parent.children.append(number)
        elif parent is None or chance.random() < 0.3:
            open_parents[project.identifier] = issue
        issues.append(issue)
    return issues


_ODD_HOURS = (0.0, 0.01, 0.33, 7.25, 1 / 3, 1.3333333333, 2 / 3, 0.1 + 0.2, 1 / 60, 24.0, 0.005, 1.005, 8 + 1e-9)


def _hours(chance: Random) -> float:
    """Typed in quarters, by a timer in minutes, in hundredths, or odd."""
    draw = chance.random()
    if draw < 0.05:
        return chance.choice(_ODD_HOURS)
    if draw < 0.45:
        return chance.randrange(1, 25) / 4
    if draw < 0.85:
        return chance.randrange(1, 361) / 60
    return chance.randrange(1, 600) / 100


def _spent_on(chance: Random, size: Size, place: int) -> date:
    """A day in one of the window's months in turn, seldom at a weekend; one in a hundred is in a month beside it."""
    months = size.window()
    first = months[place % len(months)]
    if place % 100 == 99:
        first = add_months(months[0], -1) if chance.random() < 0.6 else add_months(months[-1], 1)
    day = first.replace(day=1 + chance.randrange(calendar.monthrange(first.year, first.month)[1]))
    if day.weekday() >= 5 and chance.random() < 0.9:
        day = day.replace(day=day.day - 2 if day.day > 2 else day.day + 2)
    return min(day, size.horizon() - timedelta(days=1))


def _created_at(chance: Random, size: Size, spent_on: date) -> datetime:
    """Mostly that day, sometimes days later, now and then when the month is long over."""
    draw = chance.random()
    if draw < 0.90:
        day = spent_on
    elif draw < 0.98:
        day = spent_on + timedelta(days=chance.randrange(1, 5))
    else:
        day = add_months(spent_on.replace(day=1), 1) + timedelta(days=chance.randrange(5, 20))
    day = min(day, size.horizon() - timedelta(days=1))
    return datetime.combine(day, time(7 + chance.randrange(12), chance.randrange(60), chance.randrange(60)))


def _entries(
    chance: Random,
    size: Size,
    projects: list[Project],
    clients: list[Client],
    issues: list[Issue],
    logins: list[str],
) -> list[Entry]:
    by_project: dict[str, list[Issue]] = {project.identifier: [] for project in projects}
    for each in issues:
        by_project[each.project].append(each)
    weight = {client.number: min(chance.paretovariate(1.1), 30.0) for client in clients}
    bounds = list(accumulate(weight.get(project.owner or 0, 1.0) for project in projects))
    last, quiet, fresh = size.window()[-1], size.clients, size.clients - 1
    entries: list[Entry] = []
    while len(entries) < size.entries:
        place = len(entries)
        spent_on = _spent_on(chance, size, place)
        drawn = bisect(bounds, chance.random() * bounds[-1])
        project = projects[place] if place < len(projects) else projects[drawn]
        out_of_place = (project.owner == quiet and spent_on >= last) or (project.owner == fresh and spent_on < last)
        if place >= len(projects) and size.clients > 3 and out_of_place:
            continue  # the last client has nothing in the last month, the one before is new in it
        own = by_project[project.identifier]
        on_issue = chance.random() < 0.9 or project.identifier == "shared-0001"  # only issues tell its payer
        issue = chance.choice(own) if own and on_issue else None
        draw = chance.random()
        entries.append(
            Entry(
                project=project.identifier,
                issue=issue.number if issue else None,
                login=people.OWN if draw < 0.01 else chance.choice(logins),
                activity=_pick(chance, ACTIVITIES),
                hours=_hours(chance),
                comment=texts.comment(chance) if place >= len(texts.ODD_COMMENTS) else texts.ODD_COMMENTS[place],
                spent_on=spent_on,
                created_at=_created_at(chance, size, spent_on),
                billable=chance.random() < 0.8 if chance.random() < 0.03 else None,
                invoice=f"INV-{place}" if chance.random() < 0.002 else "",
            )
        )
    entries.sort(key=lambda entry: entry.created_at)
    return entries
