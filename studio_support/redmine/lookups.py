"""What entries refer to: their issues in batches of a hundred, their people by id when unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from studio_invoices.errors import Problem
from studio_support.errors import SourceRefused
from studio_support.model import Issue, Person, TimeEntry
from studio_support.redmine.access import Access
from studio_support.redmine.client import PAGE_ROWS, RedmineClient
from studio_support.redmine.mapping import field_id, issue_of, person_of, row_id
from studio_support.redmine.pages import Progress

_ID = re.compile(r"#(\d{1,18})")


@dataclass(slots=True)
class IssueReader:
    """Reads issues by id, each once. `refused`: those whose batch the server would not give."""

    client: RedmineClient
    ticket_field: str
    progress: Progress
    found: dict[int, Issue] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    refused: str = ""
    ticket_field_id: int | None = None

    def first_batch(self, ids: Iterable[int]) -> int | None:
        """Reads one batch and tells the id of the ticket field, None if no issue of the batch has it."""
        wanted = sorted(set(ids) - self.asked)
        if wanted and self.ticket_field_id is None:
            self._batch(wanted[:PAGE_ROWS])
        return self.ticket_field_id

    def rest(self, ids: Iterable[int]) -> None:
        """Reads all that were not asked for yet."""
        wanted = sorted(set(ids) - self.asked)
        for start in range(0, len(wanted), PAGE_ROWS):
            self._batch(wanted[start : start + PAGE_ROWS])
            self.progress("issues", min(start + PAGE_ROWS, len(wanted)), len(wanted))

    def _batch(self, ids: Sequence[int]) -> None:
        self.asked.update(ids)
        try:
            rows = self.client.issues(ids)
        except SourceRefused as error:
            if error.status == 401:
                raise
            self.refused = f"{error.status} {error.reason}"
            return
        for row in rows:
            issue = issue_of(row, self.ticket_field)
            self.found[issue.id] = issue
            if self.ticket_field_id is None and self.ticket_field:
                self.ticket_field_id = field_id(row.get("custom_fields"), self.ticket_field)


def issues_and_notices(
    reader: IssueReader, subjects: Mapping[int, str], tickets: Mapping[int, str]
) -> tuple[tuple[Issue, ...], list[Problem]]:
    """All issues asked for; one that could not be read is made from the CSV if that showed it, with a notice."""
    issues = dict(reader.found)
    notices: list[Problem] = []
    for number in sorted(reader.asked - set(issues)):
        issues[number] = Issue(id=number, subject=subjects.get(number, ""), ticket=tickets.get(number, ""))
        why = f" ({reader.refused})" if reader.refused else ""
        notices.append(
            Problem(
                source=f"issue:{number}",
                message=f"Issue #{number} cannot be read{why}: its estimate, status and fields are unknown.",
                next_step="Let the role of the API key's user view issues (all of them) in this project.",
            )
        )
    return tuple(issues[number] for number in sorted(issues)), notices


def read_people(
    client: RedmineClient,
    access: Access,
    entries: Iterable[TimeEntry],
    known: Sequence[Person],
    wanted: Sequence[str],
    progress: Progress,
) -> tuple[Person, ...]:
    """Everybody in the entries, everybody known, and whom rate rows want as far as the key can find them.

    A person whom the server does not show (deleted, not visible to the key) stays known by name, and is asked for
    again only while a rate row names somebody unknown. Whom a row names by id is asked for by it. A known person
    keeps the login and takes the name that the entries bear now.
    """
    names = {entry.user_id: entry.user for entry in entries if entry.user_id is not None}
    people = {person.id: person for person in known if person.id is not None}
    for number in names.keys() & people.keys():
        people[number] = replace(people[number], name=names[number])
    for number in sorted(_ids(wanted) - people.keys() - names.keys()):  # named by id, and without time here
        if (named := _person(client, number)) is not None:
            people[number] = named
    wanted = [want for want in wanted if not _ID.fullmatch(want)]
    open_rows = not all(_resolved(want, people.values()) for want in wanted)
    without_login = {number for number, person in people.items() if open_rows and person.login is None}
    unknown = sorted(names.keys() - people.keys() | names.keys() & without_login)
    for place, number in enumerate(unknown, start=1):
        person = _person(client, number)
        people[number] = Person(number, names[number], person.login if person else None)
        progress("people", place, len(unknown))
    if access.admin and any(not _resolved(want, people.values()) for want in wanted):
        with client.expecting("/users.json"):
            for row in client.users():
                people.setdefault(row_id(row), person_of(row))
    return tuple(people[number] for number in sorted(people))


def _person(client: RedmineClient, number: int) -> Person | None:
    try:
        with client.expecting(f"/users/{number}.json"):
            return person_of(client.user(number))
    except SourceRefused as error:
        if error.status == 401:
            raise
        return None


def _ids(wanted: Iterable[str]) -> set[int]:
    return {int(found[1]) for want in wanted if (found := _ID.fullmatch(want))}


def _resolved(wanted: str, people: Iterable[Person]) -> bool:
    """Whether a login (in any case) or a full name names somebody known."""
    return any(wanted == person.name or wanted.casefold() == (person.login or "").casefold() for person in people)
