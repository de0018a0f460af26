"""The month end with PostgreSQL as the store: the same commands and answers, and locks that die with their run."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.live_studio import Desk, Done, Lab, Running
from tests.proxies import before
from tests.waiting import until

pytestmark = pytest.mark.live

SIZE = ("--clients", "12", "--entries", "1800")
NOW = "2026-11-02T09:00:00+03:00"
OCTOBER = ("2026-10-01", "2026-10-31")


class Office:
    """A studio whose store is a schema of its own on the lab's server."""

    def __init__(self, desk: Desk) -> None:
        self.lab = desk.lab
        self.desk = desk
        self.schema = f"test_{secrets.token_hex(6)}"
        self._dsn = self.lab.info["postgres"]["store_dsn"]
        self._store_url = f"{self.lab.info['postgres']['store_url']}?options=-csearch_path%3D{self.schema}"
        desk.edit("studio-support.toml", 'url = "sqlite:///studio-support.db"', 'url_env = "STORE_URL"')
        self._do(sql.SQL("create schema {}"))

    def close(self) -> None:
        """Takes the schema away."""
        self._do(sql.SQL("drop schema {} cascade"))

    def _do(self, statement: sql.SQL) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as server:
            server.execute(statement.format(sql.Identifier(self.schema)))

    def start(self, *arguments: str) -> Running:
        """Starts a command."""
        return self.desk.start(*arguments, as_of=NOW, STORE_URL=self._store_url)

    def run(self, *arguments: str) -> Done:
        """Runs a command to its end."""
        return self.start(*arguments).wait()

    def rows(self) -> dict[str, list[Any]]:
        """All rows of all tables of the store."""
        with psycopg.connect(self._dsn, options=f"-csearch_path={self.schema}") as server:
            listed = server.execute("select tablename from pg_tables where schemaname = %s", (self.schema,)).fetchall()
            return {name: self._table(server, name) for (name,) in sorted(listed)}

    @staticmethod
    def _table(server: psycopg.Connection[Any], name: str) -> list[Any]:
        return sorted(server.execute(sql.SQL("select * from {}").format(sql.Identifier(name))).fetchall(), key=repr)

    def holders(self) -> int:
        """How many advisory locks are held on this server."""
        with psycopg.connect(self._dsn) as server:
            found = server.execute("select count(*) from pg_locks where locktype = 'advisory' and granted").fetchone()
            assert found is not None
            return int(found[0])


@pytest.fixture
def office(lab_info: dict[str, Any], tmp_path: Path) -> Iterator[Office]:
    made = Office(Desk.seeded(Lab(lab_info), tmp_path, *SIZE))
    yield made
    made.close()


def test_month_closed_sent_cancelled_and_closed_again(office: Office) -> None:
    """All of it on PostgreSQL: repeated, nothing changes; in the end every minute of the database is placed."""
    lab = office.lab
    for letter in Path(lab.info["smtp"]["dir"]).iterdir():
        letter.unlink()
    closed = office.run("bill", "close", "2026-10")
    assert (closed.code, closed.err, closed.data["problems"]) == (0, "", [])
    rows = office.rows()
    assert len(rows["invoices"]) == len(closed.data["drafts"]) == 12
    assert (
        len(rows["allocations"])
        == lab.rows(
            "select count(*) from time_entries t join projects p on p.id = project_id"
            " where p.status <> 9 and spent_on between %s and %s",
            *OCTOBER,
        )[0][0]
    )
    again = office.run("bill", "close", "2026-10")
    assert (again.code, again.data["drafts"]) == (0, closed.data["drafts"])
    assert office.rows() == rows
    assert office.run("bill", "send", "2026-10").code == 0
    assert office.run("bill", "send", "2026-10").code == 0
    assert len(lab.letters()) == 12

    old = closed.data["drafts"][0]
    cancelled = office.run("invoice", "cancel", old["number"], "--reason", "Wrong order number")
    assert cancelled.code == 0
    (new,) = office.run("bill", "close", "2026-10", "--client", old["client"]).data["drafts"]
    assert {new["number"], cancelled.data["number"], old["number"]} == {
        row["number"] for row in office.run("invoice", "list").data if row["client"] == old["client"]
    }
    assert (new["lines"], new["gross"]) == (old["lines"], old["gross"])
    assert office.run("bill", "send", "2026-10").code == 0
    assert len(lab.letters()) == 14  # a client who has the invoice is told of its cancellation, and gets the new one
    certificate = office.run("bill", "reconcile", "2026-10").data
    assert certificate["balanced"] is True
    assert certificate["minutes"]["unbilled"] == 0
    assert certificate["minutes"]["booked"] == lab.booked_minutes(*OCTOBER)
    assert office.run("numbers", "audit").code == 0
    assert office.run("db", "check").code == 0
    explained = office.run("bill", "explain", new["number"])
    assert explained.code == 0


def test_second_run_leaves_at_once_and_names_the_first(office: Office) -> None:
    """Two closes at the same time: one does the work, the other ends with 5 and says who holds the lock.

    The first is at work for as long as Redmine's pages are held.
    """
    assert office.run("bill", "hold", "2026-10", "--client", "client-0001").code == 0  # the store is made by now
    with before(office.lab.info["redmine"]["url"], hold="/time_entries.json") as (door, address):
        office.desk.ask_through(address)
        first = office.start("bill", "close", "2026-10")
        door.wait_for("/time_entries.json")
        second = office.run("bill", "close", "2026-10")
        assert first.running()
        door.let_go()
        done = first.wait()
    assert (done.code, second.code) == (0, 5)
    assert re.search(r"Another run holds the lock: tester, bill close 2026-10, process \d+, since", second.err)
    assert len(done.data["drafts"]) == 11


def test_killed_run_leaves_no_lock_and_the_next_finishes(office: Office) -> None:
    """kill -9 while the run holds the lock: the server lets go of it by itself."""
    before = office.holders()
    closing = office.start("bill", "close", "2026-10")
    until(lambda: office.holders() > before, "the run holds the lock")
    closing.kill()
    until(lambda: office.holders() == before, "the lock is free")
    closed = office.run("bill", "close", "2026-10")
    assert closed.code == 0
    assert len(closed.data["drafts"]) == 12
    assert office.run("bill", "reconcile", "2026-10").data["minutes"]["unbilled"] == 0
