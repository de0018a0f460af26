"""Who a rate row means. People are resolved to ids once and remembered: a name is a label, an id is a person.

A row that names nobody or two people is a Problem, and so is a name that used to mean somebody else: nobody falls
to the general rate in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from studio_invoices.errors import Problem
from studio_support.billing.terms import Client
from studio_support.model import Person, Reading, TimeEntry

_ANONYMOUS = (
    "Anonymous, Anonym, Anonyme, Anónimo, Anônimo, Anonimo, Anònim, Anonim, Anoniem, Anonimowy, Anonymní, Anonimni, "
    "Anoniman, Anonimas, Anonīms, Anonüümne, Névtelen, Ezezaguna, Аноним, Анонім, Анониман, Анонимен, "
    "Хамаагүй хэрэглэгч, Ẩn danh, 이름없음, 匿名用户, 匿名用戶, 匿名ユーザー, אלמוני, ناشناس, مجهول الهوية"
)
ANONYMOUS = frozenset(name.casefold() for name in _ANONYMOUS.split(", "))
"""What Redmine calls the user that a deleted one's entries go to, in the languages that it is shipped with."""


def key_of_id(person_id: int) -> str:
    """The key of a person whose id is known: "#5"."""
    return f"#{person_id}"


def is_id(key: str) -> bool:
    """Whether a key is an id and not a bare name."""
    return key.startswith("#") and key[1:].isdecimal()


def _key(person: Person) -> str:
    return person.name if person.id is None else key_of_id(person.id)


@dataclass(frozen=True, slots=True)
class People:
    """Everybody known, by id where there is one, else by bare name.

    ids: keys of all who have an id. names: full name -> keys of its bearers. logins: folded login -> keys.
    aliases: login -> "#id", login or full name (people.toml). present: keys of those who worked in this reading.
    names_only: the source knows no ids. strangers: names in such a source that may be anybody's.
    """

    ids: frozenset[str]
    names: Mapping[str, frozenset[str]]
    logins: Mapping[str, frozenset[str]]
    aliases: Mapping[str, str]
    present: frozenset[str]
    names_only: bool
    strangers: frozenset[str]

    @classmethod
    def of(cls, reading: Reading, remembered: Iterable[Person], aliases: Mapping[str, str]) -> People:
        """Everybody in a reading, with those remembered by the store. A person's name is the one in the entries,
        else the reading's, else the remembered one; a login once known is not forgotten."""
        booked = {(entry.user_id, entry.user) for entry in (*reading.entries, *reading.late)}
        workers = [Person(id, name) for id, name in sorted(booked, key=str)]
        merged: dict[str, Person] = {}
        for person in (*workers, *reading.people, *remembered):
            old = merged.setdefault(_key(person), person)
            if old.login is None and person.login is not None:
                merged[_key(person)] = replace(old, login=person.login)
        names_only = reading.source == "csv"
        # somebody renamed while we read has two names for a while
        known = _index((person.name, _key(person)) for person in (*workers, *merged.values()))
        logins = _index((person.login.casefold(), key) for key, person in merged.items() if person.login)
        told = {name for name in aliases.values() if not is_id(name) and name.casefold() not in logins}
        if names_only:  # people.toml says that there is such a person, though he may have booked nothing here
            known = {**{name: frozenset({name}) for name in told}, **known}
        # A bare name is the same person as whoever bears it and has an id.
        names = {name: frozenset(filter(is_id, keys)) or keys for name, keys in known.items()}
        return cls(
            ids=frozenset(filter(is_id, merged)),
            names=names,
            logins=logins,
            aliases=aliases,
            present=frozenset(
                key for worker in workers for key in (names[worker.name] if worker.id is None else (_key(worker),))
            ),
            names_only=names_only,
            strangers=frozenset(
                worker.name
                for worker in workers
                if names_only and worker.name not in told and not any(map(is_id, names[worker.name]))
            ),
        )

    def key_of(self, entry: TimeEntry) -> str:
        """The key of the person who worked: by id, else by name where one person bears it, else the name."""
        if entry.user_id is not None:
            return key_of_id(entry.user_id)
        return self.now(entry.user)

    def now(self, key: str) -> str:
        """A key as it is known now: a bare name becomes the id of the only person who bears it."""
        bearers = self.names.get(key, frozenset())
        return next(iter(bearers)) if len(bearers) == 1 else key

    def bearers(self, name: str) -> int:
        """How many known people bear this name."""
        return len(self.names.get(name, ()))

    def match(self, specialist: str) -> frozenset[str]:
        """Keys of all known people that a row's text can mean: "#id", a login (any case), or a full name."""
        text = self.aliases.get(specialist, specialist)
        if is_id(text):
            return self.ids & {text}
        return self.logins.get(text.casefold()) or self.names.get(text, frozenset())


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, key in pairs:
        found.setdefault(name, set()).add(key)
    return {name: frozenset(keys) for name, keys in found.items()}


def resolve_specialists(
    client: Client, people: People, remembered: Mapping[tuple[str, str], str]
) -> tuple[dict[str, str], list[Problem]]:
    """Text of each rate row's specialist -> key of the person; what cannot be resolved comes as Problems.

    remembered: (client, text) -> key that it was resolved to when a month of the client was closed.
    """
    resolved: dict[str, str] = {}
    problems: list[Problem] = []
    wheres = {row.specialist: row.where for row in (*client.price_list, *client.rates) if row.specialist is not None}
    for text, where in sorted(wheres.items()):
        found = people.match(text)
        before = remembered.get((client.id, text))
        if before is not None:
            before = people.now(before)
            if found - {before}:
                others = ", ".join(sorted(found - {before}))
                problems.append(_problem(client, text, where, f"was {before} so far and now names {others}"))
                continue
            found = frozenset({before})
        if len(found) > 1:
            problems.append(_problem(client, text, where, f"names several people: {', '.join(sorted(found))}"))
        elif not found or not (people.names_only or is_id(next(iter(found)))):
            # a bare name is nobody where entries carry ids: it would match none of them
            problems.append(_problem(client, text, where, "names nobody who is known"))
        else:
            resolved[text] = next(iter(found))
    return resolved, problems


def _problem(client: Client, text: str, where: str, wrong: str) -> Problem:
    return Problem(
        source=f"client:{client.id}",
        message=f'The rate row for "{text}" ({where or client.file or client.id}) {wrong}.',
        next_step='Write the login or the full name as Redmine prints it, or the user id as "#5".',
        client=client.id,
    )
