"""`db upgrade`: an older store becomes the newest in one transaction, with all that it holds, or stays as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from studio_support.billing.ledger import Ledger
from studio_support.errors import StoreError
from studio_support.store import engine, upgrade
from studio_support.store.engine import open_store
from studio_support.testing.drafts import draft, entry, order
from studio_support.testing.processes import at_once

NEXT = '''
"""A later version, for the test alone."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE holds ADD COLUMN until TEXT")
    {then}
'''


@pytest.fixture
def older(store_url: str) -> str:
    """A store of version 0001 with an invoice in it."""
    store = open_store(store_url)
    Ledger(store).issue(order(draft("acme", entry(1))))
    store.close()
    return store_url


def release(monkeypatch: pytest.MonkeyPatch, folder: Path, then: str = "") -> None:
    """From here on this is a studio-support that knows version 0002."""
    shutil.copytree(upgrade._SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    (folder / "versions" / "0002_next.py").write_text(NEXT.format(then=then))
    monkeypatch.setattr(upgrade, "_SCRIPTS", folder)
    for module in (engine, upgrade):
        monkeypatch.setattr(module, "VERSIONS", ("0001", "0002"))
        monkeypatch.setattr(module, "HEAD", "0002")


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
    with pytest.raises(StoreError, match="0001, not 0002"):
        open_store(older)
    assert upgrade.upgrade(older) == ("0001", "0002")
    assert "until" in columns(older)
    store = open_store(older)
    assert [row.number for row in Ledger(store).invoices()] == ["2026-0001"]
    store.close()
    assert upgrade.upgrade(older) == ("0002", "0002")


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
    assert answers == ["0002", "0002", "0002"]
    assert "until" in columns(older)


def test_a_store_is_made_at_the_newest_version_at_once(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(monkeypatch, tmp_path / "scripts")
    open_store(store_url).close()
    assert "until" in columns(store_url)
    assert upgrade.upgrade(store_url) == ("0002", "0002")
