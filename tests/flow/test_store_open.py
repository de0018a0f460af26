"""Opening a store: made on first use, whole or not at all, and every fault named without its password."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing import get_context
from pathlib import Path

import pytest

from studio_support.errors import FilesystemError, StoreError, StoreTooNew
from studio_support.store import engine, upgrade
from studio_support.store.engine import open_store
from studio_support.store.tables import audit
from studio_support.store.versions import HEAD, VERSIONS
from studio_support.testing.drafts import NOW
from studio_support.testing.processes import at_once

NOBODY = 65534


def id_of(url: str) -> str:
    store = open_store(url)
    store.close()
    return store.id


def test_a_store_is_made_with_its_folders_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "er" / "store.db"
    store = open_store(f"sqlite:///{file}")
    assert file.stat().st_mode & 0o777 == 0o600
    with store.writing() as connection:
        connection.execute(audit.insert().values(at=NOW, person="a", verb="v", subject="s", detail=""))
        log = file.with_name("store.db-wal")
        assert log.stat().st_mode & 0o777 == 0o600
    store.close()


def test_a_store_keeps_its_id_and_two_stores_differ(tmp_path: Path) -> None:
    first = id_of(f"sqlite:///{tmp_path / 'a.db'}")
    assert len(first) == 32
    assert id_of(f"sqlite:///{tmp_path / 'a.db'}") == first
    assert id_of(f"sqlite:///{tmp_path / 'b.db'}") != first


def test_connections_are_safe_for_money(store_url: str) -> None:
    store = open_store(store_url)
    with store.reading() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    store.close()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_writing_transaction_holds_the_write_lock_from_its_beginning(store_url: str, tmp_path: Path) -> None:
    store = open_store(store_url)
    with store.writing(), closing(sqlite3.connect(tmp_path / "store.db", timeout=0)) as other:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM audit").fetchone() == (0,)  # readers go on
    store.close()


def test_what_raises_inside_a_transaction_leaves_nothing(store_url: str) -> None:
    store = open_store(store_url)
    with pytest.raises(KeyboardInterrupt), store.writing() as connection:
        connection.execute(audit.insert().values(at=NOW, person="a", verb="v", subject="s", detail=""))
        raise KeyboardInterrupt
    with store.reading() as connection:
        assert connection.execute(audit.select()).all() == []
    store.close()


def test_opening_a_made_store_does_not_load_alembic(store_url: str) -> None:
    id_of(store_url)
    code = (
        "import sys\nfrom studio_support.store.engine import open_store\n"
        f"open_store({store_url!r}).close()\nprint('alembic' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout == "False\n"


def test_processes_that_make_one_store_at_once_make_one(store_url: str) -> None:
    assert len(set(at_once(*[lambda: id_of(store_url)] * 4))) == 1


def test_a_making_that_dies_leaves_nothing_and_can_be_repeated(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(length: int) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(upgrade.secrets, "token_hex", dies)  # after the tables, before the id
        with pytest.raises(KeyboardInterrupt):
            open_store(store_url)
    with closing(sqlite3.connect(tmp_path / "store.db")) as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    assert len(id_of(store_url)) == 32


def test_a_child_of_a_fork_opens_its_own_connection(store_url: str) -> None:
    store = open_store(store_url)

    def child() -> None:
        with store.reading() as connection:
            assert connection.connection.info["pid"] == os.getpid()
            assert connection.exec_driver_sql("SELECT count(*) FROM audit").scalar_one() == 0

    process = get_context("fork").Process(target=child)
    process.start()
    process.join(30)
    assert process.exitcode == 0
    store.close()


def test_a_store_of_a_newer_version_is_refused(store_url: str, tmp_path: Path) -> None:
    id_of(store_url)
    with closing(sqlite3.connect(tmp_path / "store.db")) as raw:
        raw.execute("UPDATE store_version SET version_num = '9999'")
        raw.commit()
    with pytest.raises(StoreTooNew) as caught:
        open_store(store_url)
    assert "9999" in caught.value.wrong
    assert "Install the newer" in caught.value.next_step
    with pytest.raises(StoreTooNew):
        upgrade.upgrade(store_url)


def test_an_older_store_asks_for_the_upgrade(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    id_of(store_url)
    monkeypatch.setattr(engine, "VERSIONS", (*VERSIONS, "9000"))
    monkeypatch.setattr(engine, "HEAD", "9000")
    with pytest.raises(StoreError, match="not 9000") as caught:
        open_store(store_url)
    assert caught.value.next_step == "Run `studio-support db upgrade`."


def test_upgrade_makes_a_store_and_repeated_does_nothing(store_url: str) -> None:
    assert upgrade.upgrade(store_url) == (None, HEAD)
    first = id_of(store_url)
    assert upgrade.upgrade(store_url) == (HEAD, HEAD)
    assert id_of(store_url) == first


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello " * 200)
    with pytest.raises(StoreError, match="no SQLite database"):
        open_store(f"sqlite:///{tmp_path / 'notes.txt'}")
    assert (tmp_path / "notes.txt").read_text() == "hello " * 200


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "redmine.db")) as raw:
        raw.execute("CREATE TABLE time_entries (id)")
    for call in (open_store, upgrade.upgrade):
        with pytest.raises(StoreError, match="time_entries") as caught:
            call(f"sqlite:///{tmp_path / 'redmine.db'}")
        assert "database of its own" in caught.value.next_step
    with closing(sqlite3.connect(tmp_path / "redmine.db")) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("time_entries",)]


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(FilesystemError) as caught:
        open_store(f"sqlite:///{tmp_path}")
    assert caught.value.path == str(tmp_path)


def test_a_parent_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FilesystemError) as caught:
        open_store(f"sqlite:///{tmp_path / 'file' / 'store.db'}")
    assert caught.value.path.endswith("file/store.db")


@contextmanager
def read_only_folder() -> Iterator[Path]:
    """A folder that this process cannot write to; root gives its rights away for as long."""
    folder = Path(tempfile.mkdtemp())
    is_root = os.geteuid() == 0
    try:
        open_store(f"sqlite:///{folder / 'store.db'}").close()
        (folder / "store.db").chmod(0o444)
        folder.chmod(0o555)
        if is_root:
            os.seteuid(NOBODY)
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_read_only_folder_is_named() -> None:
    with read_only_folder() as folder:
        for name in ("store.db", "new.db", "sub/new.db"):
            with pytest.raises(FilesystemError) as caught:
                store = open_store(f"sqlite:///{folder / name}")
                with store.writing():
                    pass
            assert caught.value.path.startswith(str(folder))


def test_a_full_disk_is_told_and_nothing_is_half_written(store_url: str) -> None:
    store = open_store(store_url)
    with pytest.raises(FilesystemError, match="the disk is full"), store.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")
        row = {"at": NOW, "person": "a", "verb": "v", "subject": "s", "detail": "x" * 3000}
        for _ in range(10):
            connection.execute(audit.insert().values(**row))
    with store.reading() as connection:
        assert connection.execute(audit.select()).all() == []
    store.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "cannot be understood"),
        ("geheim", "cannot be understood"),
        ("postgresql+psycopg://u:geheim@[::1/db", "cannot be understood"),
        ("postgresql+psycopg://u:geheim@host:port/db", "cannot be understood"),
        ("mysql://u:geheim@host/db", "mysql is not supported"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("postgresql+psycopg://u:geheim@127.0.0.1:1/db", "PostgreSQL says"),
        ("postgresql://u@127.0.0.1:1/db?password=geheim", "PostgreSQL says"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(url: str, said: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert said in caught.value.wrong
    assert caught.value.next_step
    told = [repr(caught.value), repr(vars(caught.value)), *traceback.format_exception(caught.value)]
    assert "geheim" not in "".join(told)


def test_a_missing_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match="psycopg is not installed") as caught:
        open_store("postgresql+psycopg://u@127.0.0.1:1/db")
    assert "studio-support[postgresql]" in caught.value.next_step


def test_the_shown_address_has_neither_password_nor_options() -> None:
    parsed = engine.make_url("postgresql+psycopg://u:geheim@host/db?password=geheim&sslmode=require")
    assert engine.shown(parsed) == "postgresql+psycopg://u:***@host/db"
