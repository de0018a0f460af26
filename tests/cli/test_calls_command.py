"""A ticket of unknown fate as `sync status`, `sync run` and `inbox` tell of it; warnings of a dry run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio_cli.app import run
from studio_support.bridge import Bridge
from studio_support.studio import Studio
from tests.desk_world import ENVIRON, Room

CALL = ["ticket", "new", "--channel", "phone", "--customer", "jane@acme.example", "--title", "Prices", "--text", "New."]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    made = Room(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    bridge = property(lambda studio: Bridge(studio, tickets=made.tickets, issues=made.issues))
    monkeypatch.setattr(Studio, "bridge", bridge)
    monkeypatch.setattr("studio_cli.context.Context.clock", property(lambda context: made.clock))
    made.passes()
    yield made


def test_a_call_of_unknown_fate_is_listed_with_what_becomes_of_it(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    room.tickets.fate = lambda what: "lost"
    assert run(["--user", "anna", *CALL]) == 3
    room.tickets.fate = lambda what: "fine"
    capsys.readouterr()
    assert run(["sync", "status"]) == 0
    out, err = capsys.readouterr()
    assert re.search(r'new +unknown +2026-11-23 07:10:00 +07:12:00 +"Prices", by anna', out)
    assert err.startswith(
        "Made or unknown: left alone until the time beside it, then the next pass looks it up, and does"
    )
    assert run(["inbox"]) == 3
    assert "looks it up once its hold is over, and makes it if it is not there." in capsys.readouterr().err
    room.clock.tick(minutes=3)
    assert run(["--user", "cron", "sync", "run"]) == 0
    assert [one.title for one in room.tickets.rows.values()] == ["Prices"]
    capsys.readouterr()
    assert run(["sync", "status"]) == 0
    assert "Made or unknown" not in capsys.readouterr().err


def test_a_dry_run_shows_warnings_too(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    room.tickets.mail_in(sender="Joe <joe@elsewhere.example>", customer="")
    assert run(["sync", "run", "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert "whom no client lists" in shown.err
    assert "Add it to otrs_customers in the client's file" in shown.err
    assert "no client lists" not in shown.out
