"""Who a rate row means. People are resolved to ids once and remembered: a name is a label, an id is a person.

A row that names nobody or two people is a Problem, and so is a name that used to mean somebody else: nobody falls
to the general rate in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from studio_invoices.errors import Problem
from studio_support.billing.terms import Client
from studio_support.model import Person, TimeEntry

# What Redmine calls the user that a deleted one's entries go to, in the languages seen.
ANONYMOUS = frozenset({"anonymous", "anonym", "аноним", "anonyme"})


def key_of_id(person_id: int) -> str:
    """The key of a person whose id is known: "#5"."""
    return f"#{person_id}"


@dataclass(frozen=True, slots=True)
class People:
    """Everybody known, by id where there is one. aliases: login -> "#id" or full name (people.toml)."""

    known: tuple[Person, ...]
    aliases: Mapping[str, str]
    by_name: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, groups: Iterable[Iterable[Person]], aliases: Mapping[str, str]) -> People:
        """Merges groups of people, earlier groups winning by id; people without id are known by name only."""
        merged: dict[str, Person] = {}
        for group in groups:
            for person in group:
                key = key_of_id(person.id) if person.id is not None else person.name
                old = merged.get(key)
                if old is None or (old.login is None and person.login is not None):
                    merged[key] = person
        by_name: dict[str, set[str]] = {}
        for key, person in merged.items():
            by_name.setdefault(person.name, set()).add(key)
        # A name without id is the same person as the only one with id who bears it.
        names = {
            name: frozenset(key for key in keys if key.startswith("#")) or frozenset(keys)
            for name, keys in by_name.items()
        }
        return cls(tuple(merged.values()), aliases, names)

    def key_of(self, entry: TimeEntry) -> str:
        """The key of the person who worked: by id, else by name where one person bears it, else the name."""
        if entry.user_id is not None:
            return key_of_id(entry.user_id)
        keys = self.by_name.get(entry.user, frozenset())
        return next(iter(keys)) if len(keys) == 1 else entry.user

    def bearers(self, name: str) -> int:
        """How many known people bear this name."""
        return len(self.by_name.get(name, ()))

    def match(self, specialist: str) -> frozenset[str]:
        """Keys of all that a row's text can mean: "#id", a login (any case), or a full name."""
        text = self.aliases.get(specialist, specialist)
        if text.startswith("#") and text[1:].isdecimal():
            return frozenset({text})
        by_login = frozenset(
            key_of_id(person.id) if person.id is not None else person.name
            for person in self.known
            if person.login is not None and person.login.casefold() == text.casefold()
        )
        return by_login or self.by_name.get(text, frozenset())


def resolve_specialists(
    client: Client, people: People, remembered: Mapping[tuple[str, str], str]
) -> tuple[dict[str, str], list[Problem]]:
    """Text of each rate row's specialist -> key of the person; what cannot be resolved comes as Problems."""
    resolved: dict[str, str] = {}
    problems: list[Problem] = []
    rows = [row for row in (*client.rates, *client.price_list) if row.specialist is not None]
    for row in rows:
        text = row.specialist or ""
        if text in resolved:
            continue
        before = remembered.get((client.id, text))
        found = people.match(text)
        if before is not None and found <= {before}:
            resolved[text] = before
        elif before is not None:
            others = ", ".join(sorted(found - {before}))
            problems.append(_row_problem(client, text, row.where, f"was {before} so far and now names {others}"))
        elif len(found) == 1:
            resolved[text] = next(iter(found))
        elif found:
            problems.append(_row_problem(client, text, row.where, f"names several people: {', '.join(sorted(found))}"))
        else:
            problems.append(_row_problem(client, text, row.where, "names nobody who is known"))
    return resolved, problems


def _row_problem(client: Client, text: str, where: str, wrong: str) -> Problem:
    return Problem(
        source=f"client:{client.id}",
        message=f'The rate row for "{text}" ({where or client.file or client.id}) {wrong}.',
        next_step='Write the login or the full name as Redmine prints it, or the user id as "#5".',
        client=client.id,
    )
