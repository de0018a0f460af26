"""The store's rules: migrations make exactly the tables of tables.py, and what is written once stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, insert, text
from sqlalchemy.exc import IntegrityError

from studio_support.billing.ledger import Ledger
from studio_support.store.engine import Store, open_store
from studio_support.store.migrations import triggers_0001
from studio_support.store.tables import allocations, closings, invoices, metadata
from studio_support.store.versions import HEAD, VERSION_TABLE, VERSIONS
from studio_support.testing.drafts import NOW, draft, entry, order


def statements(connection: Connection) -> dict[str, list[str]]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index')")
    # white space and the order of constraints within a table mean nothing
    return {
        name: sorted(part.strip(" ()\n\t") for part in re.split(r",\s*\n", re.sub(r"[ \t]+", " ", sql or "")))
        for name, sql in rows
    }


def test_migrations_make_exactly_what_the_tables_say(store_url: str, tmp_path: Path) -> None:
    store = open_store(store_url)
    with store.reading() as connection:
        migrated = statements(connection)
    store.close()
    direct = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    metadata.create_all(direct)
    with direct.connect() as connection:
        wanted = statements(connection)
    direct.dispose()
    migrated = {name: sql for name, sql in migrated.items() if VERSION_TABLE not in name}
    assert migrated == wanted


def test_the_scripts_are_the_versions_that_are_known() -> None:
    folder = Path(triggers_0001.__file__).parent / "versions"
    assert sorted(file.name.partition("_")[0] for file in folder.glob("[0-9]*.py")) == list(VERSIONS)
    assert VERSIONS[-1] == HEAD


def test_of_every_guarded_table_each_column_is_frozen_or_named_here_as_free() -> None:
    free = {
        "audit": set(),
        "invoices": {"state", "link_generation", "link_live", "pdf_sha256", "page_sha256"},
        "closings": {"reopened_at"},
        "allocations": {"open"},
    }
    for table, columns in triggers_0001._FROZEN.items():
        assert set(columns) | free[table] == set(metadata.tables[table].columns.keys())
        assert not set(columns) & free[table]


@pytest.fixture
def store(ledger: Ledger) -> Iterator[Store]:
    issued = ledger.issue(order(draft("acme", entry(1))))
    assert issued.number is not None
    yield ledger.store


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET detail = ''",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit (id, at, person, verb, subject, detail) VALUES (1, '', '', '', '', '')",
        "DELETE FROM invoices",
        "UPDATE invoices SET number = '2026-0002'",
        "UPDATE invoices SET snapshot = '{}'",
        "UPDATE invoices SET net = '0.00'",
        "UPDATE invoices SET issue_date = '2026-11-03'",
        "UPDATE invoices SET client = 'beta', month = '2026-11'",
        "INSERT OR REPLACE INTO invoices SELECT * FROM invoices",
        "DELETE FROM closings",
        "UPDATE closings SET plan_hash = ''",
        "DELETE FROM allocations",
        "UPDATE allocations SET minutes = 1",
        "UPDATE allocations SET placed = 'goodwill', invoice_id = NULL, line = NULL",
    ],
)
def test_what_is_written_once_cannot_be_changed(store: Store, statement: str) -> None:
    with pytest.raises(IntegrityError, match="written once, never changed"), store.writing() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ("UPDATE invoices SET state = 'cancelled'", "UPDATE invoices SET state = 'issued'"),
        ("UPDATE closings SET reopened_at = '2026-11-02T09:00:00.000000Z'", "UPDATE closings SET reopened_at = NULL"),
        ("UPDATE allocations SET open = 0", "UPDATE allocations SET open = 1"),
    ],
)
def test_what_may_change_changes_in_one_direction(store: Store, there: str, back: str) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql(there)
    with pytest.raises(IntegrityError, match="written once"), store.writing() as connection:
        connection.exec_driver_sql(back)


def test_links_and_files_of_an_issued_invoice_may_change(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(
            text("UPDATE invoices SET link_generation = 2, link_live = 0, pdf_sha256 = 'a', page_sha256 = 'b'")
        )
    with store.reading() as connection:
        row = connection.exec_driver_sql(
            "SELECT link_generation, link_live, pdf_sha256, page_sha256 FROM invoices"
        ).one()
    assert tuple(row) == (2, 0, "a", "b")


def _copied(connection: Connection, table: str, **changed: object) -> dict[str, object]:
    row = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings().one()
    return {**{name: value for name, value in row.items() if name != "id"}, **changed}


def _insert(connection: Connection, table: str, values: dict[str, object]) -> None:
    names = ", ".join(values)
    connection.execute(
        text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in values)})"), values
    )


@pytest.mark.parametrize(
    ("table", "changed", "rule"),
    [
        ("allocations", {}, "allocations.entry"),
        ("closings", {"invoice_id": None}, "closings.client, closings.month, closings.supplement"),
        ("closings", {"month": "2026-11"}, "closings.invoice_id"),
        ("invoices", {"number": "2026-0002"}, "invoices.series_id, invoices.series_number"),
        ("outbox", {}, "outbox.invoice_id, outbox.kind"),
        ("series", {}, "series.seller, series.kind, series.year"),
        ("allocations", {"entry": "2", "placed": "lost", "invoice_id": None, "line": None}, "ck_allocations_placed"),
        ("allocations", {"entry": "2", "placed": "goodwill"}, "ck_allocations_billed"),
        ("allocations", {"entry": "2", "closing_id": 99}, "FOREIGN KEY"),
        ("invoices", {"number": "x", "series_number": 2, "kind": "cancellation"}, "ck_invoices_cancels"),
        ("invoices", {"number": "x", "series_number": 2, "state": "lost"}, "ck_invoices_state"),
        ("series", {"year": 2027, "next_number": 0}, "ck_series_numbers"),
    ],
)
def test_the_tables_themselves_refuse(store: Store, table: str, changed: dict[str, object], rule: str) -> None:
    with pytest.raises(IntegrityError, match=re.escape(rule)), store.writing() as connection:
        _insert(connection, table, _copied(connection, table, **changed))


def test_a_number_is_never_given_twice(store: Store) -> None:
    with pytest.raises(IntegrityError), store.writing() as connection:
        _insert(connection, "invoices", _copied(connection, "invoices", series_number=2))


def test_an_instant_without_zone_cannot_be_stored(store: Store) -> None:
    with pytest.raises(Exception, match="without zone"), store.writing() as connection:
        values = {"client": "b", "month": "2026-10", "source": "csv", "plan_hash": "", "closed_by": "a"}
        naive = NOW.replace(tzinfo=None)
        connection.execute(insert(closings).values(**values, read_started_at=naive, closed_at=NOW))


def test_instants_come_back_as_they_went(store: Store) -> None:
    with store.reading() as connection:
        assert connection.execute(invoices.select()).one().issued_at == NOW
        assert connection.execute(allocations.select()).one().open is True
