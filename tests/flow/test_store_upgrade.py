"""`db upgrade`: an older store becomes the newest in one transaction, with all that it holds, or stays as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic.command import upgrade as upgrade_to
from sqlalchemy import text

from studio_support.billing.ledger import Ledger
from studio_support.errors import StoreError
from studio_support.store import engine, upgrade
from studio_support.store.engine import open_store
from studio_support.store.versions import HEAD, VERSIONS
from studio_support.testing.drafts import draft, entry, order
from studio_support.testing.processes import at_once

NEXT = '''
"""A later version, for the test alone."""

from alembic import op

revision = "9000"
down_revision = "{head}"


def upgrade() -> None:
    op.execute("ALTER TABLE holds ADD COLUMN until TEXT")
    {then}
'''


@pytest.fixture
def older(store_url: str) -> str:
    """A store of the present version, with an invoice in it."""
    store = open_store(store_url)
    Ledger(store).issue(order(draft("acme", entry(1))))
    store.close()
    return store_url


def release(monkeypatch: pytest.MonkeyPatch, folder: Path, then: str = "") -> None:
    """From here on this is a studio-support that knows one version more."""
    shutil.copytree(upgrade._SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    (folder / "versions" / "9000_next.py").write_text(NEXT.format(head=HEAD, then=then))
    monkeypatch.setattr(upgrade, "_SCRIPTS", folder)
    for module in (engine, upgrade):
        monkeypatch.setattr(module, "VERSIONS", (*VERSIONS, "9000"))
        monkeypatch.setattr(module, "HEAD", "9000")


def columns(url: str) -> set[str]:
    store = engine.connect(url)
    with store.reading() as connection:
        found = {str(row[1]) for row in connection.execute(text("PRAGMA table_info(holds)"))}
    store.close()
    return found


def test_an_older_store_is_upgraded_with_all_that_it_holds(
    older: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(monkeypatch, tmp_path / "scripts")
    with pytest.raises(StoreError, match=f"{HEAD}, not 9000"):
        open_store(older)
    assert upgrade.upgrade(older) == (HEAD, "9000")
    assert "until" in columns(older)
    store = open_store(older)
    assert [row.number for row in Ledger(store).invoices()] == ["2026-0001"]
    store.close()
    assert upgrade.upgrade(older) == ("9000", "9000")


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(
    older: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        release(newer, tmp_path / "scripts", "raise KeyboardInterrupt")
        with pytest.raises(KeyboardInterrupt):
            upgrade.upgrade(older)
    assert "until" not in columns(older)
    store = open_store(older)
    assert [row.number for row in Ledger(store).invoices()] == ["2026-0001"]
    store.close()


def test_two_upgrades_at_once_make_one(older: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release(monkeypatch, tmp_path / "scripts")
    answers = at_once(*[lambda: upgrade.upgrade(older)[1]] * 3)
    assert answers == ["9000", "9000", "9000"]
    assert "until" in columns(older)


def test_a_store_is_made_at_the_newest_version_at_once(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(monkeypatch, tmp_path / "scripts")
    open_store(store_url).close()
    assert "until" in columns(store_url)
    assert upgrade.upgrade(store_url) == ("9000", "9000")


@pytest.mark.parametrize("version", VERSIONS[:-1])
def test_a_store_of_every_older_version_becomes_the_newest(
    version: str, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a later version adds is there afterwards: made anew, the store has the same tables."""
    with monkeypatch.context() as past:
        past.setattr(upgrade, "HEAD", version)
        past.setattr(upgrade.command, "upgrade", lambda config, _: upgrade_to(config, version))
        upgrade.upgrade(store_url)
    assert upgrade.upgrade(store_url) == (version, HEAD)
    open_store(store_url).close()
    fresh = f"sqlite:///{tmp_path / 'fresh.db'}"
    open_store(fresh).close()
    assert rules(store_url) == rules(fresh)


def rules(url: str) -> set[tuple[str, str]]:
    store = engine.connect(url)
    with store.reading() as connection:
        found = {(str(row[0]), str(row[1])) for row in connection.execute(text("SELECT type, name FROM sqlite_master"))}
    store.close()
    return found
