"""What a fake Redmine knows, and who may see what of it: the rules of Redmine 5.0.4 as far as billing meets them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Sees = Literal["all", "own", "nothing"]
ACTIVE, CLOSED, ARCHIVED = 1, 5, 9
STATUSES = {"active": ACTIVE, "closed": CLOSED, "archived": ARCHIVED}
LOCKED = 3
NON_MEMBER = 1
ANONYMOUS = 2
TICKET_FIELD_ID = 1
CLOSED_STATUSES = ("Closed", "Rejected")
STATUS_IDS = {"New": 1, "In Progress": 2, "Resolved": 3, "Feedback": 4, "Closed": 5, "Rejected": 6}
PRIORITIES = {1: "Low", 2: "Normal", 3: "High", 4: "Urgent", 5: "Immediate"}
NORMAL_PRIORITY = 2
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
Clock = Callable[[], datetime]


def rounded(hours: float) -> float:
    """Hours as Redmine shows them: two decimals, half away from zero (Ruby's rule)."""
    return float(Decimal(hours).quantize(Decimal("0.01"), ROUND_HALF_UP))


@dataclass(slots=True)
class FakeUser:
    """id 2 is Anonymous, to whom a deleted user's entries fall."""

    id: int
    login: str
    first: str
    last: str
    admin: bool = False
    key: str = ""
    language: str = "en"
    status: int = 1

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()


@dataclass(slots=True)
class FakeRole:
    id: int
    name: str
    sees: Sees = "all"


@dataclass(slots=True)
class FakeProject:
    id: int
    identifier: str
    name: str
    parent: int | None = None
    status: int = ACTIVE
    modules: tuple[str, ...] = ("issue_tracking", "time_tracking")
    public: bool = False
    members: dict[int, set[int]] = field(default_factory=dict)


@dataclass(slots=True)
class FakeIssue:
    id: int
    project: int
    subject: str
    ticket: str = ""
    description: str = ""
    estimated_hours: float | None = None
    tracker: str = "Bug"
    status: str = "New"
    hidden: bool = False
    author: int = 1
    assignee: int | None = None
    priority: int = 2
    created_on: datetime = NOON
    updated_on: datetime = NOON
    fields: dict[str, str] = field(default_factory=dict)
    notes: list[FakeNote] = field(default_factory=list)
    files: list[FakeFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FakeNote:
    """A journal with words."""

    id: int
    author: int
    text: str
    created_on: datetime


@dataclass(frozen=True, slots=True)
class FakeFile:
    """A file that was uploaded; token: by which an issue takes it, once."""

    id: int
    name: str
    content: bytes
    token: str


@dataclass(slots=True)
class FakeEntry:
    """hours: as stored, unrounded, or any text that a broken row is to have."""

    id: int
    project: int
    user: int
    hours: float | str
    spent_on: date
    created_on: datetime
    issue: int | None = None
    activity: str = "Development"
    comments: str | None = ""
    fields: Mapping[str, str | None] = field(default_factory=dict)


class RedmineWorld:
    """Users, roles, projects, issues and entries, and the methods that fill them. Ids count from 1 of each kind."""

    def __init__(self, ticket_field: str = "OTRS ticket") -> None:
        self.ticket_field = ticket_field
        self.users: dict[int, FakeUser] = {}
        self.roles: dict[int, FakeRole] = {}
        self.projects: dict[int, FakeProject] = {}
        self.issues: dict[int, FakeIssue] = {}
        self.entries: dict[int, FakeEntry] = {}
        self.uploads: dict[str, FakeFile] = {}
        self.without_ticket_field: set[int] = set()
        kinds = ("user", "role", "project", "issue", "entry", "note", "file")
        self._ids = {kind: itertools.count(1) for kind in kinds}
        self._clock: Clock | None = None
        self._stands_at = NOON
        self._activities: dict[str, int] = {}
        self.add_user("admin", "Redmine", "Admin", admin=True)
        self.add_user("", "", "Anonymous")
        self.add_role("Non member", "nothing")
        self.add_role("Anonymous", "nothing")

    def now(self) -> datetime:
        """The server's clock, aware UTC, whole seconds. It stands still unless it is advanced or another is set."""
        return (self._clock() if self._clock else self._stands_at).astimezone(UTC).replace(microsecond=0)

    def set_clock(self, clock: Clock | datetime) -> None:
        """A clock to ask, or an instant at which it stands."""
        if isinstance(clock, datetime):
            self._clock, self._stands_at = None, clock
        else:
            self._clock = clock

    def advance(self, **amount: float) -> None:
        """Moves the standing clock on: advance(minutes=5)."""
        self._stands_at += timedelta(**amount)

    @property
    def admin_key(self) -> str:
        """The key of an administrator."""
        return self.users[1].key

    def add_user(
        self, login: str, first: str, last: str, *, admin: bool = False, language: str = "en", locked: bool = False
    ) -> int:
        """A user with an API key of his own; gives the id."""
        number = next(self._ids["user"])
        status = LOCKED if locked else 1
        key = f"{number:040x}" if login else ""
        self.users[number] = FakeUser(number, login, first, last, admin, key, language, status)
        return number

    def key_of(self, user: int) -> str:
        """The API key of a user."""
        return self.users[user].key

    def add_role(self, name: str, sees: Sees = "all") -> int:
        """A role that shows all time entries, its holder's own, or nothing; gives the id."""
        number = next(self._ids["role"])
        self.roles[number] = FakeRole(number, name, sees)
        return number

    def add_project(
        self,
        identifier: str,
        name: str,
        *,
        parent: int | None = None,
        status: str = "active",
        modules: tuple[str, ...] = ("issue_tracking", "time_tracking"),
        public: bool = False,
    ) -> int:
        """A project, `status` active, closed or archived; gives the id."""
        number = next(self._ids["project"])
        self.projects[number] = FakeProject(number, identifier, name, parent, STATUSES[status], modules, public)
        return number

    def add_member(self, project: int, user: int, role: int) -> None:
        """Makes a user a member of a project in a role, beside the roles already held."""
        self.projects[project].members.setdefault(user, set()).add(role)

    def add_issue(
        self,
        project: int,
        subject: str,
        *,
        ticket: str = "",
        description: str = "",
        estimated_hours: float | None = None,
        tracker: str = "Bug",
        status: str = "New",
        hidden: bool = False,
        author: int = 1,
    ) -> int:
        """An issue; hidden: one that the key may not see though it sees its time. Gives the id."""
        number = next(self._ids["issue"])
        made = FakeIssue(number, project, subject, ticket, description, estimated_hours, tracker, status, hidden)
        made.author, made.created_on, made.updated_on = author, self.now(), self.now()
        self.issues[number] = made
        return number

    def change_issue(self, issue: int, *, note: str = "", author: int = 1, **changes: object) -> None:
        """Changes an issue as a person does: attributes of FakeIssue, and a note; it counts as updated now."""
        row = self.issues[issue]
        for name, value in changes.items():
            setattr(row, name, value)
        if note:
            row.notes.append(FakeNote(next(self._ids["note"]), author, note, self.now()))
        row.updated_on = self.now()

    def delete_issue(self, issue: int) -> None:
        """Deletes an issue with the time booked on it."""
        del self.issues[issue]
        self.entries = {number: entry for number, entry in self.entries.items() if entry.issue != issue}

    def add_file(self, name: str, content: bytes) -> FakeFile:
        """An upload that no issue has taken yet."""
        number = next(self._ids["file"])
        return FakeFile(number, name, content, f"{number}.{hashlib.sha256(content).hexdigest()}")

    def book(
        self,
        project: int,
        user: int,
        hours: float | str,
        spent_on: date,
        *,
        issue: int | None = None,
        activity: str = "Development",
        comments: str | None = "",
        created_on: datetime | None = None,
        fields: Mapping[str, str | None] | None = None,
    ) -> int:
        """A time entry, booked at noon (UTC) of its day unless said otherwise; gives the id."""
        number = next(self._ids["entry"])
        booked = created_on or datetime(spent_on.year, spent_on.month, spent_on.day, 12, tzinfo=UTC)
        self.entries[number] = FakeEntry(
            number, project, user, hours, spent_on, booked, issue, activity, comments, fields or {}
        )
        return number

    def delete_entry(self, entry: int) -> None:
        """Deletes an entry; nothing tells that it was there."""
        del self.entries[entry]

    def delete_user(self, user: int) -> None:
        """Deletes a user; the entries become Anonymous's."""
        del self.users[user]
        for entry in self.entries.values():
            if entry.user == user:
                entry.user = ANONYMOUS

    def archive(self, project: int) -> None:
        """Archives a project: its entries vanish, for administrators too."""
        self.projects[project].status = ARCHIVED

    def activity_id(self, name: str) -> int:
        """The id of an activity by name."""
        return self._activities.setdefault(name, 9 + len(self._activities))

    def by_key(self, key: str) -> FakeUser | None:
        """The active user with this key, None for a key that nobody has."""
        return next((user for user in self.users.values() if key and user.key == key and user.status == 1), None)

    def project_ids_seen(self, user: FakeUser | None) -> set[int]:
        """Projects that a user sees at all; archived ones nobody does."""
        return {
            project.id
            for project in self.projects.values()
            if project.status != ARCHIVED
            and (project.public or (user is not None and (user.admin or user.id in project.members)))
        }

    def time_seen(self, user: FakeUser | None, project: FakeProject) -> Sees:
        """What a user sees of the time booked on a project."""
        if project.status == ARCHIVED or "time_tracking" not in project.modules:
            return "nothing"
        if user is not None and user.admin:
            return "all"
        if user is not None and user.id in project.members:
            roles = project.members[user.id]
        elif project.public:
            roles = {NON_MEMBER if user is not None else ANONYMOUS}
        else:
            return "nothing"
        kinds = {self.roles[role].sees for role in roles}
        return "all" if "all" in kinds else "own" if "own" in kinds and user is not None else "nothing"

    def entries_seen(self, user: FakeUser | None) -> Iterator[FakeEntry]:
        """The entries that a user may see."""
        kinds = {project.id: self.time_seen(user, project) for project in self.projects.values()}
        for entry in list(self.entries.values()):
            kind = kinds[entry.project]
            if kind == "all" or (kind == "own" and user is not None and entry.user == user.id):
                yield entry

    def has_ticket_field(self, project: int) -> bool:
        """Whether issues of a project have the field for the ticket's number."""
        return project not in self.without_ticket_field

    def spent(self) -> dict[int | None, float]:
        """Hours booked by issue."""
        found: dict[int | None, float] = {}
        for entry in self.entries.values():
            if isinstance(entry.hours, float | int):
                found[entry.issue] = found.get(entry.issue, 0.0) + entry.hours
        return found

    def issue_seen(self, user: FakeUser | None, issue: FakeIssue) -> bool:
        """Whether a user may see an issue."""
        return issue.project in self.project_ids_seen(user) and (not issue.hidden or (user is not None and user.admin))
