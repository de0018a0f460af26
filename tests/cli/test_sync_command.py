"""`sync` as cron and people type it, over HTTP fakes of both servers: what is said, what is silent, exit codes."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio_support.testing import FakeRedmine
from studio_support.testing.otrs import FakeZnuny
from studio_support.testing.otrs_faults import Fault

BEGUN = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)  # Friday, 10:00 in Moscow
SETTINGS = """
[studio]
timezone = "Europe/Moscow"
country = "RU"
opens = "09:00"
closes = "18:00"
cutoff = "12:00"
language = "en"

[redmine]
url = "{redmine}"
api_key_env = "KEY"
ticket_field = "OTRS ticket"
timeout_seconds = 5

[otrs]
url = "{otrs}"
web_service = "GenericTicketConnectorREST"
user = "robot"
password_env = "PASSWORD"
timezone = "UTC"
queues = ["Support"]
timeout_seconds = 5

[sync]
max_letters = 2

[store]
url = "sqlite:///store.db"
"""
CLIENT = """
id = "acme"
name = "ACME GmbH"
address = ["Road 1"]
country = "DE"
language = "en"
currency = "EUR"
redmine_projects = ["acme"]
otrs_customers = ["ACME"]
"""


@dataclass
class Desk:
    """A studio on disk between two servers, and a clock that is moved by hand."""

    folder: Path
    otrs: FakeZnuny
    redmine: FakeRedmine
    now: datetime = BEGUN

    def run(self, *typed: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "COVERAGE_PROCESS_START") if name in os.environ}
        secrets = {"KEY": self.redmine.admin_key, "PASSWORD": self.otrs.password}
        done = subprocess.run(
            [sys.executable, "-m", "studio_cli", "--as-of", self.now.isoformat(), "--user", "cron", *typed],
            cwd=self.folder,
            env={**kept, **secrets, "HOME": str(self.folder / "home")},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
        assert not any(secret in done.stdout + done.stderr for secret in secrets.values())
        return done

    def tick(self, **by: float) -> None:
        self.now += timedelta(**by)
        self.otrs.set_clock(self.now)
        self.redmine.set_clock(self.now)

    def mail(self, subject: str = "Logo", **more: str) -> None:
        self.otrs.receive_mail("jane@acme.example", subject, "Please change it.", **more)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A bridge that has begun, ten minutes ago."""
    with FakeZnuny() as otrs, FakeRedmine() as redmine:
        otrs.add_customer("jane@acme.example", "ACME", "Jane Doe")
        redmine.add_project("acme", "ACME site")
        redmine.set_clock(BEGUN - timedelta(days=9))
        redmine.add_issue(1, "Old", ticket="2026110210000015")
        (tmp_path / "studio-support.toml").write_text(SETTINGS.format(redmine=redmine.url, otrs=otrs.url))
        (tmp_path / "clients").mkdir()
        (tmp_path / "clients" / "acme.toml").write_text(CLIENT)
        made = Desk(tmp_path, otrs, redmine)
        made.tick()
        begun = made.run("sync", "run")
        assert (begun.returncode, begun.stdout, begun.stderr) == (0, "", "")
        made.tick(minutes=10)
        yield made


def said(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, done.stdout, done.stderr


def test_cron_hears_nothing_when_all_is_well(desk: Desk) -> None:
    desk.mail()
    assert said(desk.run("sync", "run")) == (0, "", "")
    [ticket] = desk.otrs.tickets.values()
    assert sum(one.sender_type == "agent" for one in ticket.articles) == 1
    desk.tick(minutes=10)
    assert said(desk.run("sync", "run")) == (0, "", "")


def test_a_dry_run_shows_the_letter_in_full_and_writes_nothing(desk: Desk) -> None:
    desk.mail("<script>alert(1)</script>\x1b[2J")
    before = (desk.folder / "store.db").read_bytes()
    done = desk.run("sync", "run", "--dry-run")
    assert done.returncode == 0
    assert "to jane@acme.example" in done.stdout
    assert "Subject: " in done.stdout
    assert "\x1b" not in done.stdout
    assert (desk.folder / "store.db").read_bytes() == before
    [ticket] = desk.otrs.tickets.values()
    assert all(one.sender_type != "agent" for one in ticket.articles)


def test_json_tells_each_action_with_its_letter_and_how_it_ended(desk: Desk) -> None:
    desk.mail()
    done = json.loads(desk.run("--format", "json", "sync", "run").stdout)
    assert [(one["action"], one["ending"]) for one in done["actions"]] == [("promise", "done"), ("acknowledge", "done")]
    letter = done["actions"][1]["letter"]
    assert (letter["to"], letter["mode"]) == ("jane@acme.example", "send")
    assert done["actions"][0]["promise"]["due_at"] == "2026-11-20T15:00:00Z"  # 18:00 in Moscow
    assert (done["dry_run"], done["problems"], done["on_hold"]) == (False, [], 0)


def test_a_server_that_is_down_is_told_once_a_day_and_when_it_answers_again(desk: Desk) -> None:
    otrs = desk.otrs
    settings = desk.folder / "studio-support.toml"
    text = settings.read_text()
    settings.write_text(text.replace(otrs.url, "http://127.0.0.1:9/otrs"))
    first = desk.run("sync", "run")
    assert first.returncode == 1
    assert "gives no answer" in first.stderr
    desk.tick(minutes=10)
    assert said(desk.run("sync", "run")) == (1, "", "")
    desk.tick(days=1)
    assert "gives no answer" in desk.run("sync", "run").stderr
    settings.write_text(text)
    desk.tick(minutes=10)
    ended = desk.run("sync", "run")
    assert ended.returncode == 0
    assert "It has ended" in ended.stderr


def test_a_guard_refuses_with_four_until_it_is_confirmed(desk: Desk) -> None:
    for number in range(3):
        desk.mail(f"Request {number}")
    refused = desk.run("sync", "run")
    assert refused.returncode == 4
    assert "3 letters; max_letters is 2" in refused.stderr
    assert "sync run --confirm" in refused.stderr
    desk.tick(minutes=10)
    assert said(desk.run("sync", "run")) == (4, "", "")
    desk.tick(minutes=10)
    assert desk.run("sync", "run", "--confirm").returncode == 0
    assert sum(one.sender_type == "agent" for ticket in desk.otrs.tickets.values() for one in ticket.articles) == 3


def test_a_second_pass_leaves_at_once_with_five_and_says_who_runs(desk: Desk) -> None:
    [lock] = desk.folder.glob("*sync*lock*")
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = desk.run("sync", "run")
    assert done.returncode == 5
    assert "Another run holds the lock" in done.stderr


def test_status_tells_the_age_of_the_last_pass_by_its_exit_code(desk: Desk) -> None:
    assert desk.run("sync", "status", "--max-age", "30m").returncode == 0
    desk.tick(minutes=30)
    old = desk.run("sync", "status", "--max-age", "30m")
    assert old.returncode == 1
    assert "the last pass is of 2026-11-20 07:00:00 UTC" in old.stderr
    wrong = desk.run("sync", "status", "--max-age", "soon")
    assert wrong.returncode == 2
    assert "30m, 2h or 1d" in wrong.stderr
    shown = json.loads(desk.run("--format", "json", "sync", "status").stdout)
    assert (shown["passed_at"], shown["age_seconds"]) == ("2026-11-20T07:00:00Z", 2400)


def test_a_write_without_an_answer_stands_in_the_status_until_its_hold_is_over(desk: Desk) -> None:
    desk.mail()
    desk.otrs.faults.append(Fault("TicketUpdate", "empty"))
    done = desk.run("sync", "run")
    assert done.returncode == 3
    [held] = json.loads(desk.run("--format", "json", "sync", "status").stdout)["on_hold"]
    assert (held["kind"], held["state"], held["looked_up_at"]) == ("received", "unknown", "2026-11-20T07:12:00Z")
    assert "received" in desk.run("sync", "status").stdout
    desk.otrs.faults.clear()
    desk.tick(minutes=10)
    assert desk.run("sync", "run").returncode == 0
    assert json.loads(desk.run("--format", "json", "sync", "status").stdout)["on_hold"] == []


def test_audit_names_what_hangs_in_the_air(desk: Desk) -> None:
    done = desk.run("sync", "audit", "--since", "2026-01-01T00:00:00Z")
    assert done.returncode == 3
    assert re.search(r"issue without\s+ticket|issue without ticket", done.stdout)
    desk.redmine.delete_issue(1)
    assert desk.run("sync", "audit", "--since", "2026-01-01T00:00:00Z").returncode == 0


def test_times_without_offset_and_studios_without_servers_are_usage_and_configuration_errors(desk: Desk) -> None:
    naive = desk.run("sync", "run", "--since", "2026-11-20T00:00:00")
    assert naive.returncode == 2
    assert "no offset" in naive.stderr
    text = (desk.folder / "studio-support.toml").read_text()
    begin, end = text.index("[otrs]"), text.index("[sync]")
    (desk.folder / "studio-support.toml").write_text(text[:begin] + text[end:])
    bare = desk.run("sync", "run")
    assert bare.returncode == 1
    assert "[otrs]" in bare.stderr


def test_no_session_stays_open_at_the_server(desk: Desk) -> None:
    for number in range(2):
        desk.mail(f"Request {number}")
    assert desk.run("sync", "run").returncode == 0
    asked = [call.operation for call in desk.otrs.calls]
    assert asked.count("SessionCreate") == asked.count("SessionRemove") > 0
    assert desk.otrs.operations.sessions == {}


def test_a_deleted_ticket_can_be_given_up_and_one_that_is_there_cannot(desk: Desk) -> None:
    desk.mail()
    desk.otrs.faults.append(Fault("TicketUpdate", "empty"))
    assert desk.run("sync", "run").returncode == 3  # nobody knows whether the client has the letter
    desk.otrs.faults.clear()
    [ticket] = desk.otrs.tickets.values()
    refused = desk.run("sync", "forget", ticket.number)
    assert refused.returncode == 4
    assert f"OTRS shows ticket {ticket.number}" in refused.stderr
    del desk.otrs.tickets[ticket.id]
    desk.tick(minutes=10)
    waits = desk.run("sync", "run")
    assert waits.returncode == 3
    assert f"ticket {ticket.number} cannot be read" in waits.stderr
    assert f"`sync forget {ticket.number}`" in waits.stderr
    given_up = desk.run("--format", "json", "sync", "forget", ticket.number)
    assert given_up.returncode == 0, given_up.stderr
    assert json.loads(given_up.stdout) == {
        "ticket": ticket.number,
        "forgotten": True,
    }
    desk.tick(minutes=10)
    assert said(desk.run("sync", "run")) == (0, "", "")
    shown = json.loads(desk.run("--format", "json", "sync", "status").stdout)
    assert (shown["open_promises"], shown["on_hold"], shown["warnings"]) == (0, [], [])
    assert json.loads(desk.run("--format", "json", "inbox").stdout)["promises"] == []
    again = desk.run("sync", "forget", "2026112010099991")
    assert again.returncode == 0
    assert "Nothing is known" in again.stderr
