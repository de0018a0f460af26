"""The store and the ledger on PostgreSQL: the same rules, the same promises, on the lab's server."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Callable, Iterator
from datetime import date
from multiprocessing import get_context
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from studio_support.billing.ledger import Ledger
from studio_support.billing.series_audit import audit_series
from studio_support.errors import EntryTaken, LockHeld, StoreError, StoreTooNew
from studio_support.period import Month
from studio_support.store import engine as engine_module
from studio_support.store.check import check
from studio_support.store.engine import open_store
from studio_support.store.locks import exclusive
from studio_support.store.migrations.triggers_0001 import trigger_names
from studio_support.store.tables import metadata
from studio_support.store.upgrade import upgrade
from studio_support.store.versions import HEAD
from studio_support.testing.drafts import NOW, OCTOBER, SELLER, draft, entry, order
from studio_support.testing.processes import at_once

pytestmark = pytest.mark.live

CLIENTS = [f"c{number:02d}" for number in range(8)]


@pytest.fixture(scope="module")
def server(lab_info: dict[str, Any]) -> Iterator[tuple[Engine, str]]:
    """A connection to the lab's store database, and its URL. The lab's own store there is not touched."""
    url = lab_info["postgres"]["store_url"]
    direct = create_engine(url, isolation_level="AUTOCOMMIT")
    yield direct, url
    direct.dispose()


@pytest.fixture
def make_schema(server: tuple[Engine, str]) -> Iterator[Callable[[], tuple[str, str]]]:
    """Makes empty schemas of their own, gone after the test: (name, URL that sees only it)."""
    direct, url = server
    made: list[str] = []

    def make() -> tuple[str, str]:
        name = f"test_{secrets.token_hex(6)}"
        made.append(name)
        with direct.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        options = {"options": f"-csearch_path={name}"}
        return name, make_url(url).update_query_dict(options).render_as_string(hide_password=False)

    yield make
    with direct.connect() as connection:
        for name in made:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


@pytest.fixture
def url(make_schema: Callable[[], tuple[str, str]]) -> str:
    return make_schema()[1]


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    store = open_store(url)
    yield Ledger(store)
    store.close()


def catalog(connection: Connection, schema: str) -> set[tuple[Any, ...]]:
    """Everything that the server knows of a schema's tables: columns, constraints, indexes."""
    columns = text(
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = :schema"
    )
    constraints = text(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = CAST(:schema AS regnamespace)"
    )
    indexes = text("SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = :schema")
    return {
        tuple(str(value).replace(f"{schema}.", "") for value in row)
        for query in (columns, constraints, indexes)
        for row in connection.execute(query, {"schema": schema})
        if "store_version" not in str(row[0])
    }


def test_migrations_make_exactly_what_the_tables_say(
    make_schema: Callable[[], tuple[str, str]], server: tuple[Engine, str]
) -> None:
    (migrated, url), (wanted, direct_url) = make_schema(), make_schema()
    open_store(url).close()
    direct = create_engine(direct_url)
    metadata.create_all(direct)
    direct.dispose()
    with server[0].connect() as connection:
        made, said = catalog(connection, migrated), catalog(connection, wanted)
    assert len(said) > 120
    assert made == said


def test_a_store_is_made_once_and_kept(url: str) -> None:
    assert upgrade(url) == (None, HEAD)
    store = open_store(url)
    again = open_store(url)
    assert len(store.id) == 32
    assert again.id == store.id
    assert "@127.0.0.1" in store.url
    assert ":***@" in store.url
    assert check(url) == []
    store.close()
    again.close()


def test_processes_that_make_one_store_at_once_make_one(url: str) -> None:
    def make() -> str:
        store = open_store(url)
        store.close()
        return store.id

    assert len(set(at_once(make, make, make))) == 1


def test_a_newer_store_and_a_foreign_database_are_refused(make_schema: Callable[[], tuple[str, str]]) -> None:
    _, newer = make_schema()
    store = open_store(newer)
    with store.writing() as connection:
        connection.execute(text("UPDATE store_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreTooNew):
        open_store(newer)
    _, foreign = make_schema()
    direct = create_engine(foreign)
    with direct.begin() as connection:
        connection.execute(text("CREATE TABLE time_entries (id int)"))
    direct.dispose()
    with pytest.raises(StoreError, match="time_entries"):
        open_store(foreign)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET detail = ''",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "DELETE FROM invoices",
        "UPDATE invoices SET number = '2026-0002'",
        "UPDATE invoices SET snapshot = '{}'",
        "DELETE FROM closings",
        "UPDATE closings SET plan_hash = ''",
        "DELETE FROM allocations",
        "TRUNCATE allocations",
        "UPDATE allocations SET minutes = 1",
    ],
)
def test_what_is_written_once_cannot_be_changed(ledger: Ledger, statement: str) -> None:
    ledger.issue(order(draft("acme", entry(1))))
    with pytest.raises(DBAPIError, match="written once, never changed"), ledger.store.writing() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ("UPDATE invoices SET state = 'cancelled'", "UPDATE invoices SET state = 'issued'"),
        ("UPDATE closings SET reopened_at = 'x'", "UPDATE closings SET reopened_at = NULL"),
        ("UPDATE allocations SET open = false", "UPDATE allocations SET open = true"),
    ],
)
def test_what_may_change_changes_in_one_direction(ledger: Ledger, there: str, back: str) -> None:
    ledger.issue(order(draft("acme", entry(1))))
    with ledger.store.writing() as connection:
        connection.execute(text(there))
    with pytest.raises(DBAPIError, match="written once"), ledger.store.writing() as connection:
        connection.execute(text(back))


def test_a_removed_rule_is_named(ledger: Ledger, url: str) -> None:
    assert len(trigger_names("postgresql")) == 15
    with ledger.store.writing() as connection:
        connection.execute(text("DROP TRIGGER invoices_frozen ON invoices"))
    assert [problem.message for problem in check(url)] == ["The rule invoices_frozen was removed from the database."]


def test_a_whole_life_close_cancel_close_again(ledger: Ledger, url: str) -> None:
    day = date(2026, 11, 2)
    made = draft("acme", entry(1, 90), entry(2, 30), set_aside=((entry(3), "goodwill", "gift"),))
    assert ledger.issue(order(made, first_month=OCTOBER)).number == "2026-0001"
    assert not ledger.issue(order(made)).created
    with pytest.raises(EntryTaken):
        ledger.issue(order(draft("beta", entry(1))))
    done = ledger.cancel("2026-0001", reason="r", person="a", now=NOW, issue_date=day, seller=SELLER)
    assert done.number == "2026-0002"
    assert ledger.issue(order(draft("acme", entry(1, 90)))).number == "2026-0003"
    known = ledger.view(OCTOBER, ["acme"], ["1", "2", "3"])
    assert {entry: row.invoice for entry, row in known.allocations.items()} == {"1": "2026-0003"}
    assert (known.first_month, known.dispositions) == (OCTOBER, {})
    assert [row.entry for row in ledger.allocations_in_month(OCTOBER)] == ["1"]
    assert [place.open for place in ledger.explain_entry("1")] == [True, False]
    assert ledger.oldest_mark(["acme"]) == order(made).read_started_at
    assert ledger.hold("beta", Month(2026, 11), "r", person="a", now=NOW)
    assert audit_series(ledger.series_rows()) == []
    assert check(url) == []


def close_all(url: str, clients: list[str]) -> list[tuple[str, str | None, bool]]:
    ledger = Ledger(open_store(url))
    done = [ledger.issue(order(draft(client, entry(f"{client}-1"), entry(f"{client}-2", 30)))) for client in clients]
    ledger.store.close()
    return [(row.client, row.number, row.created) for row in done]


def proved(ledger: Ledger, url: str) -> None:
    assert sorted(row.number for row in ledger.invoices()) == [f"2026-{n:04d}" for n in range(1, len(CLIENTS) + 1)]
    assert audit_series(ledger.series_rows()) == []
    assert check(url) == []


def test_processes_that_close_the_same_clients(ledger: Ledger, url: str) -> None:
    answers = at_once(*[lambda: close_all(url, CLIENTS)] * 3)
    assert len({(client, number) for answer in answers for client, number, _ in answer}) == len(CLIENTS)
    assert sum(created for answer in answers for _, _, created in answer) == len(CLIENTS)
    proved(ledger, url)


def test_without_the_write_lock_the_constraints_hold_alone(ledger: Ledger, url: str) -> None:
    def run() -> list[tuple[str, str | None, bool]]:
        engine_module._WRITER_KEY = os.getpid()  # each process takes a lock that nobody else wants
        return close_all(url, CLIENTS)

    answers = at_once(run, run)
    assert len({(client, number) for answer in answers for client, number, _ in answer}) == len(CLIENTS)
    assert sum(created for answer in answers for _, _, created in answer) == len(CLIENTS)
    proved(ledger, url)


@pytest.mark.parametrize("moment", [12, 16, 18, 20, 30, 45])
def test_a_killed_close_is_finished_by_the_next(ledger: Ledger, url: str, moment: int) -> None:
    def child() -> None:
        count = 0

        def tick(*_: Any) -> None:
            nonlocal count
            count += 1
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "after_cursor_execute", tick)
        close_all(url, CLIENTS)

    process = get_context("fork").Process(target=child)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    close_all(url, CLIENTS)
    proved(ledger, url)


def test_the_lock_names_its_holder_and_dies_with_him(ledger: Ledger) -> None:
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def hold() -> None:
        with exclusive(ledger.store, "bill", "i.petrova, process 4711", 0):
            sender.send("held")
            signal.pause()

    child = context.Process(target=hold)
    child.start()
    assert receiver.poll(30)
    with pytest.raises(LockHeld) as caught, exclusive(ledger.store, "bill", "me", 0):
        pass
    assert caught.value.holder == "i.petrova, process 4711"
    with exclusive(ledger.store, "sync", "me", 0):
        pass
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join(30)
    with exclusive(ledger.store, "bill", "me", 30):
        pass
    with exclusive(ledger.store, "bill", "me", 0):
        pass
