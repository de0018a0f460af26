"""people.toml: logins with dots, ids, absences."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from studio_support.config import load_people
from studio_support.errors import ConfigError


def put(folder: Path, text: str) -> Path:
    path = folder / "people.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_people_are_known_by_login_with_or_without_quotes(tmp_path: Path) -> None:
    """TOML takes [i.petrov] for a table in a table; a login is meant."""
    people = load_people(
        put(
            tmp_path,
            '[i.petrov]\nredmine = "Пётр Петров"\nemail = "p@studio.example"\n'
            'absent = [{ from = 2026-07-01, to = 2026-07-14 }]\nstand_in = "anna"\n'
            '["i.sidorova"]\nredmine = 7\n[anna]\nredmine = "#9"\n[i.f.lee]\nredmine = "lee"\n'
            '[otrs-only]\notrs = "o"\n',
        )
    )
    assert people.aliases() == {"i.petrov": "Пётр Петров", "i.sidorova": "#7", "anna": "#9", "i.f.lee": "lee"}
    petrov = people.by_login["i.petrov"]
    assert (petrov.absent[0].from_day, petrov.absent[0].to) == (date(2026, 7, 1), date(2026, 7, 14))
    assert petrov.stand_in == "anna"
    assert people.by_login["otrs-only"].otrs == "o"


@pytest.mark.parametrize(
    ("text", "key", "wrong", "right"),
    [
        ("[anna]\nredmin = 5\n", "anna.redmin", "no known key", "Did you mean redmine?"),
        ("[anna]\nredmine = 0\n", "anna.redmine", "names nobody", '"#5"'),
        ("[anna]\nredmine = true\n", "anna.redmine", "names nobody", '"#5"'),
        ('[anna]\nredmine = " "\n', "anna.redmine", "names nobody", '"#5"'),
        ("[anna]\nemail = 'x'\n", "anna.email", "no e-mail", "@"),
        ("anna = 5\n", "anna", "is a whole number", "Write a table."),
        (
            "[anna]\nabsent = [{ from = 2026-07-02, to = 2026-07-01 }]\n",
            "anna.absent[1]",
            "ends before it begins",
            "from = 2026-07-01",
        ),
        ("[anna]\nabsent = [{ from = 2026-07-02 }]\n", "anna.absent[1].to", "is missing", "Add to = 2026-07-14."),
        ("[anna\n", "", "is not TOML", "line"),
    ],
)
def test_each_fault_is_named(tmp_path: Path, text: str, key: str, wrong: str, right: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_people(put(tmp_path, text))
    assert caught.value.key == key
    assert wrong in caught.value.wrong
    assert right in caught.value.right
