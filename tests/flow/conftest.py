"""What the flow tests share: a ledger over a new SQLite store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio_support.billing.ledger import Ledger
from studio_support.store.engine import open_store


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def ledger(store_url: str) -> Iterator[Ledger]:
    store = open_store(store_url)
    yield Ledger(store)
    store.close()
