"""Promises by a studio's settings: what they read, and what they say when something is missing."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from studio_support.config.client_waits import Waits, load_waits
from studio_support.errors import ConfigError, UnknownClient
from studio_support.studio import Studio

STUDIO = '[studio]\ntimezone = "Europe/Berlin"\ncountry = "DE"\nsubdivision = "BE"\nopens = "09:00"\ncloses = "18:00"\n'
NOW = datetime.fromisoformat("2026-11-21T09:00:00Z")


def studio(folder: Path, text: str) -> Studio:
    (folder / "studio-support.toml").write_text(text)
    return Studio.from_file(folder / "studio-support.toml", clock=lambda: NOW)


def test_the_library_gives_the_same_promise_as_the_command(tmp_path: Path) -> None:
    """With grace of the settings; 7 March 2027 is a Sunday, Monday a holiday in Berlin alone."""
    berlin = studio(tmp_path, STUDIO + 'cutoff = "12:00"\ngrace_minutes = 10\n')
    found = berlin.promise(datetime.fromisoformat("2027-03-05T12:10:00+01:00"))
    assert found.due_local.isoformat() == "2027-03-09T12:00:00+01:00"
    assert found.calendar.startswith("DE-BE-2027-")
    graced = berlin.promise(datetime.fromisoformat("2027-03-05T12:09:59+01:00"))
    assert graced.intake_day == date(2027, 3, 5)


@pytest.mark.parametrize(
    ("old", "new", "key", "right"),
    [
        ('subdivision = "BE"', 'subdivision = "Berlin"', "studio.subdivision", "Known there: BB, BE, BW"),
        ('opens = "09:00"\n', "", "studio.opens", 'Add opens = "09:00"'),
        ('country = "DE"\n', "", "studio.country", "Add country"),
    ],
)
def test_what_the_settings_lack_is_an_error_of_their_file(
    tmp_path: Path, old: str, new: str, key: str, right: str
) -> None:
    berlin = studio(tmp_path, STUDIO.replace(old, new) + 'cutoff = "12:00"\n')
    with pytest.raises(ConfigError) as caught:
        berlin.promise(NOW)
    assert caught.value.key == key
    assert right in caught.value.right


@pytest.mark.parametrize(
    ("waits", "usual", "critical"),
    [
        (Waits(), None, None),
        (Waits(120), 120, 30),
        (Waits(20), 20, 20),
        (Waits(120, 45), 120, 45),
        (Waits(None, 45), None, 45),
        (Waits(20, 45), 20, 20),
    ],
)
def test_what_a_client_waits(waits: Waits, usual: int | None, critical: int | None) -> None:
    assert (waits.minutes(critical=False), waits.minutes(critical=True)) == (usual, critical)


def test_a_faulty_file_is_an_error_for_its_own_client_only(tmp_path: Path) -> None:
    head = 'name = "C"\naddress = ["A"]\ncountry = "DE"\nlanguage = "de"\ncurrency = "EUR"\n'
    folder = tmp_path / "clients"
    assert load_waits(folder) == {}
    folder.mkdir()
    (folder / "good.toml").write_text(f'id = "good"\n{head}max_wait_minutes = 60\n')
    (folder / "bad.toml").write_text(f'id = "bad"\n{head}max_wait_minutes = 0\n')
    (folder / ".#good.toml").write_text("an editor's lock")
    berlin = studio(tmp_path, STUDIO + 'cutoff = "12:00"\n')
    assert berlin.promises.policy("good").max_wait_minutes == 60
    with pytest.raises(ConfigError) as caught:
        berlin.promises.policy("bad")
    assert caught.value.key == "max_wait_minutes"
    with pytest.raises(UnknownClient) as unknown:
        berlin.promises.policy("goood")
    assert unknown.value.known == ("good",)


def test_a_folder_of_clients_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "clients").write_text("")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_waits(tmp_path / "clients")
