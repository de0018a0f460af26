"""doctor on a store that was used: whole, damaged, too new, of other tables, and read-only."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from studio_support.demo.run import CLOSED_AT, run_demo
from studio_support.doctor import Check, examine
from studio_support.studio import Studio

pytestmark = pytest.mark.xdist_group("test_demo_doctor")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_demo(tmp_path_factory.mktemp("used")).folder


@pytest.fixture
def folder(done: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(done, tmp_path / "copy"))


def store_check(folder: Path) -> Check:
    studio = Studio.from_file(folder / "studio-support.toml", environ={}, clock=lambda: CLOSED_AT)
    found = {check.name: check for check in examine(studio)}
    assert found["files"].result == "ok"
    return found["store"]


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "studio-support.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_used_store_is_whole(folder: Path) -> None:
    found = store_check(folder)
    assert (found.result, "whole and can be written" in found.detail) == ("ok", True)


def test_a_rule_that_was_removed_is_found(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "studio-support.db")) as connection:
        [(name,)] = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' LIMIT 1").fetchall()
    change(folder, f"DROP TRIGGER {name}")
    found = store_check(folder)
    assert (found.result, name in found.detail, "db check" in found.next_step) == ("failed", True, True)


def test_a_store_of_another_version_fails_with_what_to_do(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "studio-support.db")) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%version_num%'")]
    change(folder, f"UPDATE {tables[0]} SET version_num = '9999'")
    found = store_check(folder)
    assert (found.result, "9999" in found.detail, bool(found.next_step)) == ("failed", True, True)


def test_a_file_that_is_no_database_fails(folder: Path) -> None:
    for file in folder.glob("studio-support.db-*"):
        file.unlink()
    (folder / "studio-support.db").write_bytes(
        b"not a database at all, but long enough to have a header of its own" * 20
    )
    found = store_check(folder)
    assert (found.result, found.error is not None) == ("failed", True)


def test_a_database_of_somebody_else_fails(folder: Path) -> None:
    for file in folder.glob("studio-support.db*"):
        file.unlink()
    change(folder, "CREATE TABLE recipes (id INTEGER)")
    found = store_check(folder)
    assert (found.result, "recipes" in found.detail) == ("failed", True)


def test_an_empty_file_is_a_store_to_be(folder: Path) -> None:
    for file in folder.glob("studio-support.db*"):
        file.unlink()
    (folder / "studio-support.db").touch()
    found = store_check(folder)
    assert (found.result, "first use" in found.detail) == ("ok", True)
