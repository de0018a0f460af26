"""`db check` finds what is wrong with a store, and nothing in a sound one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from studio_support.billing.ledger import Ledger
from studio_support.errors import FilesystemError, StoreError
from studio_support.store.check import check
from studio_support.store.engine import open_store
from studio_support.store.migrations.triggers_0001 import trigger_names
from studio_support.testing.drafts import NOW, SELLER, draft, entry, order


@pytest.fixture
def url(store_url: str) -> str:
    """A store with a cancelled invoice, its cancellation, a standing one, and a month with nothing to bill."""
    store = open_store(store_url)
    ledger = Ledger(store)
    ledger.issue(order(draft("acme", entry(1, 90), entry(2, 30), set_aside=((entry(3), "goodwill", "gift"),))))
    ledger.cancel("2026-0001", reason="wrong", person="a", now=NOW, issue_date=date(2026, 11, 2), seller=SELLER)
    ledger.issue(order(draft("acme", entry(1, 90))))
    ledger.issue(order(draft("beta")))
    store.close()
    return store_url


@pytest.fixture
def tamper(url: str, tmp_path: Path) -> Callable[[str], None]:
    """Changes the store behind its own back: triggers off, keys off."""

    def run(statement: str) -> None:
        with closing(sqlite3.connect(tmp_path / "store.db")) as raw:
            kept = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in kept:
                raw.execute(f"DROP TRIGGER {name}")
            raw.execute("PRAGMA ignore_check_constraints = ON")
            raw.execute(statement)
            for _, sql in kept:
                raw.execute(sql)
            raw.commit()

    return run


def found(url: str) -> list[str]:
    return [f"{problem.source} {problem.message}" for problem in check(url)]


def test_a_sound_store_has_no_problems(url: str) -> None:
    assert check(url) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE invoices SET gross = '1.00' WHERE id = 3", ["invoice:2026-0003 Its columns differ"]),
        ("UPDATE invoices SET snapshot = '{}' WHERE id = 3", ["invoice:2026-0003 Its snapshot cannot be read"]),
        ("UPDATE invoices SET snapshot = 'x' WHERE id = 3", ["invoice:2026-0003 Its snapshot cannot be read"]),
        (
            "UPDATE allocations SET minutes = 89 WHERE entry = '1' AND open",
            ["invoice:2026-0003 It bills 90 booked minutes, its entries have 89"],
        ),
        (
            "DELETE FROM allocations WHERE entry = '1' AND open",
            ["invoice:2026-0003 It bills 90 booked minutes, its entries have 0"],
        ),
        (
            "UPDATE allocations SET open = 1 WHERE entry = '2'",
            ["invoice:2026-0001 It is cancelled, but 1 entries still stand on it"],
        ),
        (
            "UPDATE invoices SET state = 'cancelled' WHERE id = 3",
            ["invoice:2026-0003 It is cancelled, its month is not"],
        ),
        ("UPDATE closings SET invoice_id = NULL WHERE invoice_id = 3", ["2026-0003 It bills", "No closed month"]),
        ("UPDATE closings SET read_id = 99 WHERE invoice_id = 3", ["store:closings Row", "refers to a row of reads"]),
        ("UPDATE allocations SET placed = 'lost' WHERE entry = '3'", ["SQLite finds damage: CHECK constraint failed"]),
        ("UPDATE series SET next_number = 9", ["series:/2026 8 numbers were given, 3 documents bear one"]),
    ],
)
def test_each_damage_is_named(url: str, tamper: Callable[[str], None], statement: str, said: list[str]) -> None:
    tamper(statement)
    problems = "\n".join(found(url))
    for words in said:
        assert words in problems


@pytest.mark.parametrize("name", [*sorted(trigger_names("sqlite")), "uq_allocations_open"])
def test_a_rule_that_was_removed_is_named(url: str, tmp_path: Path, name: str) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db")) as raw:
        raw.execute(f"DROP {'INDEX' if name.startswith('uq_') else 'TRIGGER'} {name}")
        raw.commit()
    assert found(url) == [f"store:rules The rule {name} was removed from the database."]


def test_a_damaged_file_is_told(url: str, tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page_size = raw.execute("PRAGMA page_size").fetchone()[0]
        root = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'uq_allocations_open'").fetchone()[0]
    with file.open("r+b") as handle:
        handle.seek((root - 1) * page_size)
        handle.write(b"\x00" * page_size)
    try:
        problems = found(url)
    except StoreError as error:
        problems = [error.wrong]
    assert any("damage" in problem for problem in problems)


def test_no_store_is_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(FilesystemError, match="no such file"):
        check(f"sqlite:///{tmp_path / 'missing.db'}")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="no store yet"):
        check(f"sqlite:///{tmp_path / 'empty.db'}")
