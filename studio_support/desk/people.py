"""Who is who at the desk: people.toml's logins, what OTRS calls these people, who is away and who stands in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from studio_support.config.people_file import load_people

if TYPE_CHECKING:
    from studio_support.config.people_file import PersonTable
    from studio_support.config.settings import Settings


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who is away. login: in people.toml; otrs: in OTRS; until: the last day. stand_in: "" where nobody is."""

    login: str
    otrs: str
    until: date
    stand_in: str


class DeskPeople:
    """The people of a studio; an absent people.toml has nobody in it. Raises ConfigError."""

    def __init__(self, settings: Settings) -> None:
        file = settings.people_file
        self._people: dict[str, PersonTable] = load_people(file).by_login if file.exists() else {}

    def otrs_login(self, person: str) -> str:
        """What OTRS calls a person; a login that people.toml does not know is taken for one of OTRS."""
        table = self._people.get(person)
        return (table.otrs if table is not None and table.otrs else None) or person

    def login_of(self, otrs: str) -> str:
        """The login in people.toml of an agent of OTRS, else the agent's own."""
        folded = otrs.casefold()
        return next((login for login in self._people if self.otrs_login(login).casefold() == folded), otrs)

    def away(self, day: date) -> dict[str, Away]:
        """Who is away on a day, by OTRS login in lower case."""
        found: dict[str, Away] = {}
        for login, person in self._people.items():
            days = [one.to for one in person.absent if one.from_day <= day <= one.to]
            if days:
                otrs = self.otrs_login(login)
                found[otrs.casefold()] = Away(login, otrs, max(days), person.stand_in or "")
        return found
