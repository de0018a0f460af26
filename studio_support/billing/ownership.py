"""Whose time an entry is: the client of the nearest listed ancestor of its own project.

One global answer per project, so that a subproject listed by another client is never counted twice
(Redmine's project filter includes subprojects by default).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from studio_invoices.errors import Problem
from studio_support.billing.terms import Client, Only
from studio_support.model import Issue, Project, Reading, TimeEntry

ProjectKey = int | str


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
    """Who owns which project. problems: listings that cannot be trusted; each parks its client."""

    by_project: dict[ProjectKey, Owner] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    parents: Mapping[ProjectKey, ProjectKey | None] = field(default_factory=dict)

    def of(self, entry: TimeEntry) -> Owner:
        """The owner of the nearest listed ancestor of the entry's project, NOBODY if there is none."""
        start = key = key_of(entry.project_id, entry.project)
        seen: set[ProjectKey] = set()
        current: ProjectKey | None = start
        while current is not None and current not in seen:
            owner = self.by_project.get(current)
            if owner is not None:
                self.by_project[key] = owner
                return owner
            seen.add(current)
            current = self.parents.get(current)
        self.by_project[key] = NOBODY
        return NOBODY


def find_owners(reading: Reading, clients: Sequence[Client], internal: Sequence[str]) -> Owners:
    """Matches the projects that clients list (identifier, else name) with those of the source."""
    owners = Owners(parents={key_of(p.id, p.name): p.parent_id for p in reading.projects})
    index = _Index(reading.projects)
    listed: dict[ProjectKey, list[Client]] = {}
    for client in clients:
        for text in client.redmine_projects:
            found = index.find(text)
            problem = _listing_problem(reading, client, text, found)
            if problem is not None:
                owners.problems.append(problem)
            for project in found:
                bearers = listed.setdefault(key_of(project.id, project.name), [])
                if client not in bearers:
                    bearers.append(client)
    for key, bearers in listed.items():
        if len(bearers) > 1 and any(client.only is None for client in bearers):
            name = index.by_key[key].name
            owners.problems.extend(_shared_problem(client, bearers, name) for client in bearers)
        owners.by_project[key] = Owner(tuple(client.id for client in bearers))
    for text in internal:
        for project in index.find(text):
            key = key_of(project.id, project.name)
            if key in owners.by_project:
                owners.problems.extend(_internal_problem(c, project.name) for c in owners.by_project[key].clients)
            else:
                owners.by_project[key] = Owner(internal=True)
    return owners


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


def _listing_problem(reading: Reading, client: Client, text: str, found: Sequence[Project]) -> Problem | None:
    if not found and reading.source == "csv":
        return None  # an export names only projects with time in it
    if not found:
        wrong = "cannot be read: it is archived, renamed, or hidden from the key's user"
        step = "Reactivate the project or give the user access, or take it out of the client's file."
    elif len(found) > 1:
        wrong = f"is the name of {len(found)} projects"
        step = f"List it by identifier: {', '.join(sorted(p.identifier for p in found))}."
    elif not found[0].readable:
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
