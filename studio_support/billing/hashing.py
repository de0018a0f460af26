"""Fingerprints of plans: the same hash means the same entries, client files and rules, hence the same money.

Hashes are made of the repr of frozen values: what is no part of it (names of files) is declared so where the
value is. Of an entry and its task only what can change the document counts: comments only where they are printed,
custom fields only where a rule or an `only` looks at them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from studio_support.billing.people import People
from studio_support.billing.terms import Client, Terms
from studio_support.model import Fields, Issue, Project, TimeEntry
from studio_support.period import Month

LENGTH = 16


def rules_text(terms: Terms) -> str:
    """Everything of the studio's own rules that can change a draft."""
    return repr(
        (
            terms.tax,
            terms.rules,
            terms.non_billable_activities,
            terms.internal_projects,
            terms.first_month,
            terms.max_hours_per_entry,
        )
    )


@dataclass(slots=True)
class Hasher:
    """Hashes of the clients' parts of one plan. supplement: whether it is one, which is another document."""

    month: Month
    terms: Terms
    people: People
    issues: Mapping[int, Issue]
    projects: Mapping[int, Project]
    supplement: bool
    _rules: str = field(init=False)
    _fields: frozenset[tuple[str, str]] = field(init=False)
    _issue_texts: dict[int, str] = field(default_factory=dict)
    _places: dict[tuple[int | None, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rules = self.terms.rules
        self._rules = rules_text(self.terms)
        self._fields = frozenset(
            [("issue_field", rule.issue_field[0]) for rule in rules if rule.issue_field]
            + [("entry_field", rule.entry_field[0]) for rule in rules if rule.entry_field]
        )

    def client_hash(self, client: Client, specialists: Mapping[str, str], entries: Iterable[TimeEntry]) -> str:
        """Hash of one client's month: 16 hex digits of SHA-256 over the inputs of its draft, entries as given
        (in order of id). specialists: whom its rate rows mean."""
        only = {(client.only.kind, client.only.name)} if client.only is not None else set()
        wanted = self._fields | only
        seller = self.terms.sellers.get(client.seller)
        extra = "supplement" if self.supplement else ""
        head = (str(self.month), client, seller, self._rules, sorted(specialists.items()), extra)
        digest = hashlib.sha256(repr(head).encode())
        entry_fields = {name for kind, name in wanted if kind == "entry_field"}
        issue_fields = {name for kind, name in wanted if kind == "issue_field"}
        rows = [
            (
                entry.id,
                self._place(entry),
                entry.issue_id,
                entry.user,
                self.people.key_of(entry),
                entry.activity,
                entry.minutes,
                entry.spent_on.toordinal(),
                entry.comments if client.comments else "",
                _fields_in(entry.fields, entry_fields),
                self._issue(entry.issue_id, issue_fields),
            )
            for entry in entries
        ]
        digest.update(repr(rows).encode())
        return digest.hexdigest()[:LENGTH]

    def _issue(self, issue_id: int | None, wanted: set[str]) -> str:
        issue = None if issue_id is None else self.issues.get(issue_id)
        if issue is None:
            return ""
        text = self._issue_texts.get(issue.id)
        if text is None:
            tracker = issue.tracker if any(rule.tracker for rule in self.terms.rules) else ""
            text = self._issue_texts[issue.id] = repr((issue.subject, issue.ticket, tracker))
        return text + repr(_fields_in(issue.fields, wanted)) if wanted else text

    def _place(self, entry: TimeEntry) -> str:
        key = (entry.project_id, entry.project)
        text = self._places.get(key)
        if text is None:
            above = self._above(entry.project_id) if any(rule.project for rule in self.terms.rules) else ()
            text = self._places[key] = repr((*key, *above))
        return text

    def _above(self, project_id: int | None) -> Iterable[tuple[str, str]]:
        """The project and those above it: a rule may name any of them."""
        seen: set[int] = set()
        while project_id is not None and project_id not in seen and project_id in self.projects:
            project = self.projects[project_id]
            yield project.identifier, project.name
            seen.add(project_id)
            project_id = project.parent_id


def _fields_in(fields: Fields, wanted: set[str]) -> Fields:
    return tuple(sorted(pair for pair in fields if pair[0] in wanted)) if wanted and fields else ()


def month_hash(month: str, client_hashes: Mapping[str, str]) -> str:
    """Hash of a whole plan: over the clients' hashes, in order of client id."""
    return hashlib.sha256(repr((month, sorted(client_hashes.items()))).encode()).hexdigest()[:LENGTH]
