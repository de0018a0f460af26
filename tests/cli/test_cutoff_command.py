"""`cutoff` as typed: text, JSON, CSV, a client's wait, and what is refused. Needs [studio] and nothing else."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

STUDIO = """
[studio]
timezone = "Europe/Moscow"
country = "RU"
opens = "09:00"
closes = "18:00"
cutoff = "12:00"
"""
CLIENT = """
id = "{id}"
name = "Client"
address = ["Road 1", "Town"]
country = "DE"
language = "en"
currency = "EUR"
{more}
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `cutoff` beside a configuration of one section, as of 21 November 2026."""
    (tmp_path / "studio-support.toml").write_text(STUDIO)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "COVERAGE_PROCESS_START") if name in os.environ}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "studio_cli", "--as-of", "2026-11-21T09:00:00Z", "cutoff", *arguments],
            cwd=tmp_path,
            env={**kept, "HOME": str(tmp_path / "home"), "TZ": "America/Lima"},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )

    return call


def client(folder: Path, name: str, more: str) -> None:
    (folder / "clients").mkdir(exist_ok=True)
    (folder / "clients" / f"{name}.toml").write_text(CLIENT.format(id=name, more=more))


def due(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["due_local"])


def test_json_has_the_keys_that_scripts_build_on(run: Run) -> None:
    done = run("2026-06-11T11:00:00+03:00", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    assert data.pop("calendar").startswith("RU-2026-")
    assert data == {
        "arrived_at": "2026-06-11T08:00:00Z",
        "zone": "Europe/Moscow",
        "intake_day": "2026-06-11",
        "due_at": "2026-06-11T14:00:00Z",
        "due_local": "2026-06-11T17:00:00+03:00",
        "reasons": [
            "Arrived Thu 2026-06-11 11:00:00 in Europe/Moscow.",
            "A working day, before the cutoff at 12:00: it belongs to that day.",
            "Due the same day by closing time, 17:00 (a short day: before Russia Day).",
        ],
        "rule": "noon-1",
    }


def test_people_read_the_due_and_why(run: Run) -> None:
    """The moment noon strikes is late; the calendar leads over a holiday and a weekend."""
    done = run("2026-06-11T09:00:00Z")
    assert done.returncode == 0, done.stderr
    assert "Mon 2026-06-15 12:00 Europe/Moscow" in done.stdout
    assert "Fri 2026-06-12 (Russia Day), Sat 2026-06-13 to Sun 2026-06-14 (weekend)" in done.stdout


def test_a_due_on_a_second_is_shown_with_it(run: Run, tmp_path: Path) -> None:
    client(tmp_path, "acme", "max_wait_minutes = 120")
    assert "Tue 2026-06-16 13:59:30 Europe/Moscow" in run("2026-06-16T11:59:30+03:00", "--client", "acme").stdout


def test_csv_is_one_row(run: Run) -> None:
    (row,) = csv.DictReader(io.StringIO(run("2026-06-16T12:00:00+03:00", "--format", "csv").stdout))
    assert (row["arrived_at"], row["due_at"]) == ("2026-06-16T09:00:00Z", "2026-06-17T09:00:00Z")
    assert "late" in row["reasons"]


def test_a_clients_wait_makes_it_earlier(run: Run, tmp_path: Path) -> None:
    """Two hours in general, half an hour for what is critical unless the file says otherwise."""
    client(tmp_path, "acme", "max_wait_minutes = 120")
    client(tmp_path, "own", "max_wait_minutes = 120\ncritical_wait_minutes = 45")
    client(tmp_path, "odd", "max_wait_minutes = 20\ncritical_wait_minutes = 45")
    client(tmp_path, "calm", "")
    when = ("2026-06-16T10:00:00+03:00", "--format", "json", "--client")
    assert due(run(*when, "acme")) == "2026-06-16T12:00:00+03:00"
    assert due(run(*when, "acme", "--critical")) == "2026-06-16T10:30:00+03:00"
    assert due(run(*when, "own", "--critical")) == "2026-06-16T10:45:00+03:00"
    assert due(run(*when, "odd", "--critical")) == "2026-06-16T10:20:00+03:00"
    calm = run(*when, "calm", "--critical")
    assert due(calm) == "2026-06-16T18:00:00+03:00"
    assert "calm agreed on no maximum wait" in calm.stderr


def test_the_studios_own_days_count(run: Run, tmp_path: Path) -> None:
    own = "closed = [2026-06-17]\nworking = [2026-06-20]\nshort = [2026-06-16]\nshort_minutes = 120\n"
    (tmp_path / "studio-support.toml").write_text(STUDIO + own)
    assert due(run("2026-06-16T10:00:00+03:00", "--format", "json")) == "2026-06-16T16:00:00+03:00"
    assert due(run("2026-06-16T13:00:00+03:00", "--format", "json")) == "2026-06-18T12:00:00+03:00"
    assert due(run("2026-06-19T13:00:00+03:00", "--format", "json")) == "2026-06-20T12:00:00+03:00"


def test_a_calendar_year_beside_the_settings_counts(run: Run, tmp_path: Path) -> None:
    """2028 is not decreed yet; when it is, a file does until the next version. 3 January is then a Monday."""
    asked = ("2027-12-30T13:00:00+03:00", "--format", "json")
    missing = run(*asked)
    assert missing.returncode == 1
    assert "RU has no data for 2028" in missing.stderr
    assert "calendars/RU-2028.toml" in missing.stderr
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "RU-2028.toml").write_text('source = "a decree"\nworking_days = 260\n')
    assert due(run(*asked)) == "2028-01-03T12:00:00+03:00"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["2026-06-16T12:00:00"], 2, "has no offset"),
        (["2026-06-16"], 2, "has no offset"),
        (["tomorrow"], 2, "WHEN"),
        ([], 2, "WHEN"),
        (["2026-06-16T12:00:00Z", "--critical"], 2, "--client"),
        (["2026-06-16T12:00:00Z", "--client", "nobody"], 2, "nobody"),
        (["2026-06-16T12:00:00Z", "--client", "broken"], 1, "max_wait_minutes"),
        (["2026-06-16T12:00:00Z", "--client", "twice"], 1, "another file"),
        (["2024-12-30T12:00:00Z"], 1, "no data for 2024"),
    ],
)
def test_what_cannot_be_answered(run: Run, tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    client(tmp_path, "broken", 'max_wait_minutes = "2 h"')
    client(tmp_path, "twice", "")
    (tmp_path / "clients" / "also.toml").write_text(CLIENT.format(id="twice", more=""))
    (tmp_path / "clients" / "torn.toml").write_text("id = ")
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('opens = "09:00"\n', "", 'Add opens = "09:00"'),
        ('cutoff = "12:00"\n', "", 'Add cutoff = "12:00"'),
        ('country = "RU"\n', "", 'Add country = "RU"'),
        ('country = "RU"', 'country = "DE"\nsubdivision = "XX"', "BE"),
        ("[studio]", "[store]", "Add [studio]"),
    ],
)
def test_what_the_settings_lack_is_named(run: Run, tmp_path: Path, old: str, new: str, said: str) -> None:
    text = STUDIO.replace(old, new) if old != "[studio]" else '[store]\nurl = "sqlite:///x.db"\n'
    (tmp_path / "studio-support.toml").write_text(text)
    done = run("2026-06-16T12:00:00Z")
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
