"""The lab itself, brought up beside whatever runs already, and wiped again. Needs root and Debian's packages."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

LAB = Path(__file__).resolve().parent.parent
NAME = f"selftest-{os.getpid()}"
SIZE = ["--clients", "12", "--entries", "1500", "--seed", "7"]
pytestmark = pytest.mark.live


def run(script: str, *arguments: str) -> str:
    done = subprocess.run(
        [LAB / script, "--name", NAME, *arguments], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def lab() -> Iterator[dict[str, Any]]:
    state = Path(tempfile.mkdtemp(prefix="studio-support-lab-", dir="/var/lib"))
    state.chmod(0o755)  # its servers' users come here too
    patch = pytest.MonkeyPatch()
    patch.setenv("STUDIO_LAB_STATE", str(state))
    try:
        try:
            yield json.loads(run("up", "--only", "redmine", "--json"))
        finally:
            run("down", "--wipe")
        assert not (state / NAME).exists()
        shutil.rmtree(state)
    finally:
        patch.undo()


def rest(lab: dict[str, Any], path: str, key: str = "billing") -> bytes:
    request = urllib.request.Request(  # noqa: S310 - the lab's own address
        lab["redmine"]["url"] + path, headers={"X-Redmine-API-Key": lab["redmine"]["api_keys"][key]}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - likewise
        return bytes(answer.read())


def rows(lab: dict[str, Any], query: str, key: str = "billing") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = json.loads(
            rest(lab, f"/time_entries.json?{query}&sort=id&limit=100&offset={len(found)}", key), parse_float=Decimal
        )
        found += page["time_entries"]
        if len(found) >= page["total_count"]:
            return found


def test_everything_runs(lab: dict[str, Any]) -> None:
    """And a second `up` changes nothing but takes the same lab."""
    assert lab["running"] == {"postgres": True, "redmine": True, "smtp": True}
    before = (Path(lab["dir"]) / "redmine.process").read_text(encoding="utf-8")
    assert json.loads(run("up", "--json")) == lab
    assert (Path(lab["dir"]) / "redmine.process").read_text(encoding="utf-8") == before


def test_seeded_month_is_the_same_by_page_by_csv_and_in_the_database(lab: dict[str, Any]) -> None:
    """Row i of the CSV is row i of the pages; the minutes agree with the database's own sum."""
    run("seed", *SIZE)
    entries = rows(lab, "from=2026-10-01&to=2026-10-31")
    columns = "&".join(f"c[]={name}" for name in ("project", "user", "issue", "comments", "hours"))
    answer = rest(lab, f"/time_entries.csv?from=2026-10-01&to=2026-10-31&sort=id&encoding=UTF-8&{columns}")
    table = list(csv.reader(io.StringIO(answer.decode("utf-8-sig"), newline="")))[1:]
    assert len(entries) > 400
    assert [[row["project"]["name"], row["user"]["name"], row["comments"] or "", row["hours"]] for row in entries] == [
        [row[0], row[1], row[3], Decimal(row[4])] for row in table
    ]
    minutes = run(
        "sql",
        *("--", "-At", "-c"),
        "select sum(round(round(hours::numeric, 2) * 60)) from time_entries t join projects p on p.id = t.project_id"
        " where p.status <> 9 and spent_on between '2026-10-01' and '2026-10-31'",
    )
    assert sum(round(row["hours"] * 60) for row in entries) == int(minutes)


def test_own_role_sees_its_own_entries_only(lab: dict[str, Any]) -> None:
    """That is how a key with too few rights hides time without an error."""
    run("seed", *SIZE)
    assert {row["user"]["name"] for row in rows(lab, "from=2026-07-01&to=2026-11-30", "own")} == {"Olga Ownova"}
    assert len({row["user"]["name"] for row in rows(lab, "from=2026-10-01&to=2026-10-31")}) > 5


def test_redmine_finds_the_projects_tree_and_rights_in_order(lab: dict[str, Any]) -> None:
    """A project with its subprojects by the nested set, roles of the minimal user, and a booking over REST."""
    run("seed", *SIZE)
    user = json.loads(rest(lab, "/users/current.json?include=memberships"))["user"]
    assert {role["name"] for membership in user["memberships"] for role in membership["roles"]} == {"Billing"}
    tree = {row["project"]["name"] for row in rows(lab, "project_id=client-0010")}
    assert len(tree) == 3
    body = {"time_entry": {"project_id": 1, "hours": "0:20", "activity_id": 9, "spent_on": "2026-10-30"}}
    request = urllib.request.Request(  # noqa: S310 - the lab's own address
        lab["redmine"]["url"] + "/time_entries.json",
        data=json.dumps(body).encode(),
        headers={"X-Redmine-API-Key": lab["redmine"]["api_keys"]["admin"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - likewise
        made = json.loads(answer.read())["time_entry"]
    assert made["id"] == 1501  # the sequence goes on after the seeded rows


def test_reset_puts_a_clean_state_back(lab: dict[str, Any]) -> None:
    """What was changed is gone; the base has no entry, the seed all of them."""
    run("seed", *SIZE)
    run("sql", "--", "-c", "delete from time_entries")
    run("reset")
    assert run("sql", "--", "-At", "-c", "select count(*) from time_entries").strip() == "1500"
    run("reset", "--to", "base")
    assert run("sql", "--", "-At", "-c", "select count(*) from time_entries").strip() == "0"
