"""Whose time an entry is: the client of the nearest listed ancestor of its own project.

One global answer per project, so that a subproject listed by another client is never counted twice
(Redmine's project filter includes subprojects by default).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from studio_invoices.errors import Problem
from studio_support.billing.terms import Client, Only
from studio_support.model import Issue, Project, Reading, TimeEntry

ProjectKey = int | str
_UNREADABLE = ("archived", "being deleted")


def key_of(project_id: int | None, name: str) -> ProjectKey:
    """A project's key: its id, or its name where the source knows names only."""
    return name if project_id is None else project_id


@dataclass(frozen=True, slots=True)
class Owner:
    """clients: whose entry it may be (several share a project by `only`); internal: never billed."""

    clients: tuple[str, ...] = ()
    internal: bool = False


NOBODY = Owner()


@dataclass(slots=True)
class Owners:
    """Who owns which project. problems: listings that cannot be trusted; each parks the client that it names.

    sharing: clients that share a project with another one.
    """

    by_project: dict[ProjectKey, Owner] = field(default_factory=dict)
    sharing: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    parents: Mapping[ProjectKey, ProjectKey | None] = field(default_factory=dict)

    def of(self, entry: TimeEntry) -> Owner:
        """The owner of the nearest listed ancestor of the entry's project, NOBODY if there is none."""
        key = entry.project if entry.project_id is None else entry.project_id
        owner = self.by_project.get(key)
        return self._nearest(key) if owner is None else owner

    def _nearest(self, key: ProjectKey) -> Owner:
        seen: set[ProjectKey] = set()
        current: ProjectKey | None = key
        while current is not None and current not in seen and current not in self.by_project:
            seen.add(current)
            current = self.parents.get(current)
        # None: the root was passed; a project seen before: parents in a ring
        owner = NOBODY if current is None else self.by_project.get(current, NOBODY)
        self.by_project[key] = owner  # asked for again with each entry of the project
        return owner


def find_owners(reading: Reading, clients: Sequence[Client], internal: Sequence[str]) -> Owners:
    """Matches the projects that clients list (identifier, else name) with those of the source.

    A draft gives way to a client that lists the same project, and a name that several projects bear to a listing
    that is exact: the draft or the doubtful listing is what must be corrected, and the other client goes on.
    """
    owners = Owners(parents={key_of(p.id, p.name): p.parent_id for p in reading.projects})
    index = _Index(reading.projects)
    exact: dict[ProjectKey, list[Client]] = {}
    doubtful: dict[ProjectKey, list[Client]] = {}
    for client in clients:
        for text in dict.fromkeys(client.redmine_projects):
            found = index.find(text)
            problem = _listing_problem(reading, client, text, found)
            if problem is not None:
                owners.problems.append(problem)
            for project in found:
                bearers = (exact if len(found) == 1 else doubtful).setdefault(key_of(project.id, project.name), [])
                if client not in bearers:
                    bearers.append(client)
    for key, listing in {**doubtful, **exact}.items():
        bearers = [client for client in listing if not client.draft] or listing
        if len(bearers) > 1 and any(client.only is None and not client.broken for client in bearers):
            name = index.by_key[key].name
            owners.problems.extend(_shared_problem(client, bearers, name) for client in bearers)
        owners.by_project[key] = Owner(tuple(client.id for client in bearers))
        owners.sharing.update(client.id for client in bearers if len(bearers) > 1)
    _own_by_studio(owners, index, internal)
    return owners


def _own_by_studio(owners: Owners, index: _Index, internal: Iterable[str]) -> None:
    for text in dict.fromkeys(internal):
        found = index.find(text)
        if len(found) > 1:
            message = f'The internal project "{text}" is the name of {len(found)} projects: none is taken for internal.'
            owners.problems.append(Problem("file:studio-support.toml", message, _by_identifier(found)))
            continue
        for project in found:
            owner = owners.by_project.setdefault(key_of(project.id, project.name), Owner(internal=True))
            owners.problems.extend(_internal_problem(client, project.name) for client in owner.clients)


class _Index:
    def __init__(self, projects: Sequence[Project]) -> None:
        self.by_key = {key_of(p.id, p.name): p for p in projects}
        self.by_identifier = {p.identifier: p for p in projects if p.identifier}
        self.by_name: dict[str, list[Project]] = {}
        for project in projects:
            self.by_name.setdefault(project.name, []).append(project)

    def find(self, text: str) -> list[Project]:
        by_identifier = self.by_identifier.get(text)
        return [by_identifier] if by_identifier is not None else self.by_name.get(text, [])


def _by_identifier(found: Iterable[Project]) -> str:
    return f"List it by identifier: {', '.join(sorted(p.identifier for p in found))}."


def _listing_problem(reading: Reading, client: Client, text: str, found: Sequence[Project]) -> Problem | None:
    if not found and reading.source == "csv":
        return None  # an export names only projects with time in it
    if not found:
        wrong = "cannot be read: it is archived, renamed, or hidden from the key's user"
        step = "Reactivate the project or give the user access, or take it out of the client's file."
    elif len(found) > 1:
        wrong = f"is the name of {len(found)} projects"
        step = _by_identifier(found)
    elif not found[0].readable or found[0].status in _UNREADABLE:
        wrong = "has time that cannot be read: archived, or its time tracking is switched off"
        step = "Switch the time tracking module on, or take the project out of the client's file."
    else:
        return None
    return Problem(f"client:{client.id}", f'The project "{text}" {wrong}.', step, client.id)


def _shared_problem(client: Client, bearers: Sequence[Client], name: str) -> Problem:
    others = ", ".join(other.id for other in bearers if other is not client)
    return Problem(
        f"client:{client.id}",
        f'The project "{name}" is listed by {others} too, and not every file says `only`.',
        "List it in one file, or add `only = {issue_field = ..., value = ...}` to each of them.",
        client.id,
    )


def _internal_problem(client: str, name: str) -> Problem:
    return Problem(
        f"client:{client}",
        f'The project "{name}" is listed by this client and in internal_projects.',
        "Take it out of one of the two.",
        client,
    )


def passes(only: Only | None, entry: TimeEntry, issue: Issue | None) -> bool:
    """Whether an entry is this client's where clients share a project by a custom field."""
    if only is None:
        return True
    fields = entry.fields if only.kind == "entry_field" else (issue.fields if issue is not None else ())
    return (only.name, only.value) in fields
