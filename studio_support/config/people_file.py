"""people.toml: who is who on the servers, by login."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PlainValidator, RootModel, model_validator

from studio_support.config import addresses as a
from studio_support.config import fields as f
from studio_support.config.reading import BadFile, check_table, config_error, read_table


def _who(value: Any) -> str:
    """A Redmine person: 5 and "#5" are an id, other text is a name or login."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return f"#{value}"
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise f.fault("names nobody", 'Write a full name, a login, or an id like "#5".')


class Absence(f.FileModel):
    """Days away, both included."""

    from_day: f.Day = Field(alias="from", examples=["2026-07-01"])
    to: f.Day = Field(examples=["2026-07-14"])

    @model_validator(mode="after")
    def _in_order(self) -> Absence:
        if self.to < self.from_day:
            raise f.fault("ends before it begins", "Write from = 2026-07-01, to = 2026-07-14.")
        return self


class PersonTable(f.FileModel):
    """One person."""

    redmine: Annotated[str, PlainValidator(_who)] | None = None
    otrs: f.Text | None = None
    email: a.Email | None = None
    absent: Annotated[list[Absence], f.Rows] = Field(default_factory=list)
    stand_in: f.Text | None = None


class _PeopleTables(RootModel[dict[str, PersonTable]]):
    model_config = {"frozen": True, "hide_input_in_errors": True}


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in people.toml, by login."""

    by_login: dict[str, PersonTable]

    def aliases(self) -> dict[str, str]:
        """Login -> "#id", name or login in Redmine, for those whose table says so."""
        return {login: person.redmine for login, person in self.by_login.items() if person.redmine}


def load_people(path: Path) -> People:
    """Reads people.toml; raises ConfigError with the first fault, all others in its `more`."""
    try:
        table, text = read_table(path)
        return People(check_table(_PeopleTables, _joined(table), text).root)
    except BadFile as bad:
        raise config_error(path, bad.faults) from None


def _joined(table: dict[str, Any]) -> dict[str, Any]:
    """TOML takes [i.petrova] for a table in a table; a login with dots is meant, quoted or not."""
    people: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict) and value and not set(value) & set(PersonTable.model_fields):
            inner = {f"{key}.{rest}": person for rest, person in value.items() if isinstance(person, dict)}
            if len(inner) == len(value):
                people.update(_joined(inner))
                continue
        people[key] = value
    return people
