"""Projects that no client lists, and drafts of client files for them. Drafts are known, but never billed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from studio_support.billing.terms import Client
from studio_support.config.toml_text import text_value, value_text
from studio_support.model import Project


@dataclass(frozen=True, slots=True)
class Draft:
    """A client file to be: its id, and the text with all that still has to be filled in."""

    id: str
    project: Project
    text: str


def unlisted_projects(
    projects: Sequence[Project], clients: Iterable[Client], internal: Iterable[str]
) -> tuple[Project, ...]:
    """Readable projects that are neither listed (themselves, or by an ancestor) nor internal.

    Only the topmost of a tree is given: its subprojects belong to it. Order: identifier, then name.
    """
    listed = {text for client in clients for text in client.redmine_projects} | set(internal)
    by_id = {project.id: project for project in projects if project.id is not None}
    found = [
        project
        for project in projects
        if project.readable
        and not any(_is_listed(member, listed) for member in _chain(project, by_id))
        and not any(ancestor.readable for ancestor in _chain(project, by_id)[1:])
    ]
    return tuple(sorted(found, key=lambda project: (project.identifier, project.name)))


def _is_listed(project: Project, listed: Collection[str]) -> bool:
    return bool(project.identifier and project.identifier in listed) or project.name in listed


def _chain(project: Project, by_id: dict[int, Project]) -> list[Project]:
    """The project and its ancestors, nearest first; a circle (broken data) ends where it closes."""
    chain = [project]
    parent = by_id.get(project.parent_id) if project.parent_id is not None else None
    while parent is not None and parent not in chain:
        chain.append(parent)
        parent = by_id.get(parent.parent_id) if parent.parent_id is not None else None
    return chain


def drafts_for(
    projects: Sequence[Project], taken: Collection[str], *, country: str, language: str, currency: str
) -> tuple[Draft, ...]:
    """A draft for each project, under an id that none of `taken` has. Pure: nothing is written."""
    used = set(taken)
    drafts = []
    for project in projects:
        client_id = _free(_slug(project), used)
        used.add(client_id)
        drafts.append(Draft(client_id, project, _text(client_id, project, country, language, currency)))
    return tuple(drafts)


def _slug(project: Project) -> str:
    slug = re.sub(r"[^a-z0-9._-]+", "-", (project.identifier or project.name).lower()).strip("-._")
    return slug or f"project-{project.id or 1}"


def _free(slug: str, used: Collection[str]) -> str:
    if slug not in used:
        return slug
    number = 2
    while f"{slug}-{number}" in used:
        number += 1
    return f"{slug}-{number}"


def _text(client_id: str, project: Project, country: str, language: str, currency: str) -> str:
    listed = project.identifier or project.name
    return f"""\
# A draft: known, but never billed. Fill in what stands behind #, then take out `draft = true`.
# Or list the project in the file of the client who pays for it, or in internal_projects, and delete this file.
draft = true
id = {text_value(client_id)}
name = {text_value(project.name)}
# address = ["street and number", "postcode and town"]
# country = {text_value(country)}
# vat_id = "", or inn = "" and kpp = ""
# language = {text_value(language)}
# currency = {text_value(currency)}
# emails = ["accounts@client.example"]
redmine_projects = {value_text([listed])}

# [[rates]]
# from = 2026-01-01
# per_hour = "95.00"
"""
