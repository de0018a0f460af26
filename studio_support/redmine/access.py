"""Who the key belongs to and what it may see of everybody's time.

A wrong key is no error on lists (200 and nothing in them), and a role may show its owner's own entries only (200 as
well): both are found out before anything is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio_support.errors import IncompleteRead, OwnEntriesOnly, SourceBroken, SourceRefused
from studio_support.model import Project
from studio_support.redmine.client import RedmineClient
from studio_support.redmine.mapping import project_of, row_id

_CURRENT = "/users/current.json"
_NON_MEMBER = 1
_VIEW = "view_time_entries"


@dataclass(frozen=True, slots=True)
class Role:
    """What a role lets its members see of time entries: nothing, their own, or all."""

    name: str
    sees: str


@dataclass(frozen=True, slots=True)
class Access:
    """The key's owner. member_roles: ids of the roles held, by project. roles: what each of them sees."""

    user_id: int
    login: str
    admin: bool
    member_roles: Mapping[int, frozenset[int]]
    roles: Mapping[int, Role]

    def sees(self, project_id: int | None) -> str:
        """What the owner sees of a project's time: "all", "own" or "nothing"."""
        if self.admin:
            return "all"
        held = self.member_roles.get(project_id or 0, frozenset({_NON_MEMBER}))
        seen = {self.roles[role].sees for role in held if role in self.roles}
        return next((kind for kind in ("all", "own") if kind in seen), "nothing")


def read_access(client: RedmineClient) -> Access:
    """Asks who the key belongs to and what its roles see.

    Raises SourceRefused for a wrong key, OwnEntriesOnly if every role held shows its holder's own time only.
    """
    access = _owner(client)
    held = () if access.admin else sorted(frozenset().union(*access.member_roles.values()))
    access = replace(access, roles={role: _role(client, role) for role in held})
    kinds = {role.sees for role in access.roles.values()} - {"nothing"}
    if kinds == {"own"}:
        raise OwnEntriesOnly(client.address(_CURRENT), _named(access.roles, held))
    return access


def check_unchanged(client: RedmineClient, before: Access) -> None:
    """Asks once more who the key belongs to: revoked or cut down meanwhile, it would have read less, in silence.

    Raises SourceRefused, or IncompleteRead if the owner's rights changed.
    """
    if replace(_owner(client), roles=before.roles) != before:
        reason = "the rights of the key's owner changed while the month was read"
        raise IncompleteRead(client.address(_CURRENT), reason, (reason,))


def _owner(client: RedmineClient) -> Access:
    try:
        row = client.current_user()
    except SourceRefused as error:
        if error.status == 404:
            raise SourceBroken(error.url, "there is no Redmine at this address", 404) from None
        raise
    with client.expecting(_CURRENT):
        return Access(
            user_id=row_id(row),
            login=str(row.get("login") or ""),
            admin=bool(row.get("admin")),
            member_roles=_member_roles(row),
            roles={},
        )


def _member_roles(row: Mapping[str, Any]) -> dict[int, frozenset[int]]:
    held: dict[int, frozenset[int]] = {}
    for membership in row.get("memberships") or ():
        project = row_id(membership["project"])
        held[project] = held.get(project, frozenset()) | {row_id(role) for role in membership["roles"]}
    return held


def _role(client: RedmineClient, role_id: int) -> Role:
    row = client.role(role_id)
    may_view = _VIEW in (row.get("permissions") or (_VIEW,))
    visibility = str(row.get("time_entries_visibility") or "all")
    return Role(name=str(row.get("name") or role_id), sees=visibility if may_view else "nothing")


def read_projects(client: RedmineClient, access: Access) -> tuple[tuple[Project, ...], Access]:
    """All projects, `readable` as far as the key goes; raises OwnEntriesOnly if it sees a part of a project's time.

    Public projects that the owner is no member of are seen through the role "Non member", asked for only if there
    are such.
    """
    rows = client.projects()
    if not access.admin and any(_public_only(row, access) for row in rows):
        access = replace(access, roles={**access.roles, _NON_MEMBER: _role(client, _NON_MEMBER)})
    with client.expecting("/projects.json"):
        projects = tuple(project_of(row) for row in rows)
    own = _own_roles(projects, access)
    if own:
        raise OwnEntriesOnly(client.address(_CURRENT), own)
    return tuple(
        replace(project, readable=project.readable and access.sees(project.id) == "all") for project in projects
    ), access


def _public_only(row: Mapping[str, Any], access: Access) -> bool:
    return bool(row.get("is_public")) and row.get("id") not in access.member_roles


def _own_roles(projects: Iterable[Project], access: Access) -> list[str]:
    partial = [project for project in projects if project.readable and access.sees(project.id) == "own"]
    held = {role for project in partial for role in access.member_roles.get(project.id or 0, {_NON_MEMBER})}
    return _named(access.roles, held)


def _named(roles: Mapping[int, Role], held: Iterable[int]) -> list[str]:
    return sorted(roles[role].name for role in held if roles[role].sees == "own")
