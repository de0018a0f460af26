"""Runs at once, with no lock between them: each month once, each entry once, numbers without a gap."""

from __future__ import annotations

from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Connection, event

from studio_support.billing import ledger_issue
from studio_support.billing.ledger import Ledger
from studio_support.billing.ledger_types import Issued
from studio_support.billing.series_audit import audit_series
from studio_support.errors import EntryTaken, StoreError
from studio_support.store.check import check
from studio_support.store.engine import open_store
from studio_support.testing.drafts import NOW, OCTOBER, SELLER, draft, entry, order
from studio_support.testing.processes import at_once

CLIENTS = [f"c{number:02d}" for number in range(12)]


def close_all(url: str, clients: list[str]) -> list[tuple[str, str | None, bool]]:
    ledger = Ledger(open_store(url))
    done = [ledger.issue(order(draft(client, entry(f"{client}-1"), entry(f"{client}-2", 30)))) for client in clients]
    ledger.store.close()
    return [(row.client, row.number, row.created) for row in done]


def test_processes_that_close_the_same_clients(ledger: Ledger, store_url: str) -> None:
    answers = at_once(
        lambda: close_all(store_url, CLIENTS),
        lambda: close_all(store_url, CLIENTS),
        lambda: close_all(store_url, list(reversed(CLIENTS))),
    )
    told = {(client, number) for answer in answers for client, number, _ in answer}
    assert len(told) == len(CLIENTS)  # all three were told the same numbers
    assert sum(created for answer in answers for _, _, created in answer) == len(CLIENTS)
    assert sorted(row.number for row in ledger.invoices()) == [f"2026-{n:04d}" for n in range(1, len(CLIENTS) + 1)]
    assert audit_series(ledger.series_rows()) == []
    assert check(store_url) == []


def test_processes_that_close_different_clients(ledger: Ledger, store_url: str) -> None:
    halves = (CLIENTS[::2], CLIENTS[1::2])
    answers = at_once(*[lambda half=half: close_all(store_url, half) for half in halves])
    assert all(created for answer in answers for _, _, created in answer)
    assert sorted(row.number for row in ledger.invoices()) == [f"2026-{n:04d}" for n in range(1, len(CLIENTS) + 1)]
    assert audit_series(ledger.series_rows()) == []
    assert check(store_url) == []


def test_processes_that_want_the_same_entry_for_different_clients(ledger: Ledger, store_url: str) -> None:
    def close(client: str) -> str:
        mine = Ledger(open_store(store_url))
        try:
            return str(mine.issue(order(draft(client, entry("shared")))).number)
        except EntryTaken as refusal:
            return refusal.entry
        finally:
            mine.store.close()

    answers = at_once(lambda: close("acme"), lambda: close("beta"), lambda: close("gamma"))
    assert sorted(answers) == ["2026-0001", "shared", "shared"]
    assert len(ledger.invoices()) == 1
    assert check(store_url) == []


def test_processes_that_cancel_the_same_invoice(ledger: Ledger, store_url: str) -> None:
    ledger.issue(order(draft("acme", entry(1))))

    def cancel() -> Issued:
        mine = Ledger(open_store(store_url))
        day = date(2026, 11, 2)
        done = mine.cancel("2026-0001", reason="r", person="a", now=NOW, issue_date=day, seller=SELLER)
        mine.store.close()
        return done

    answers = at_once(cancel, cancel, cancel)
    assert {row.number for row in answers} == {"2026-0002"}
    assert sum(row.created for row in answers) == 1
    assert len(ledger.invoices()) == 2
    assert check(store_url) == []


def test_threads_share_one_ledger(ledger: Ledger, store_url: str) -> None:
    barrier = Barrier(3)
    done: list[Issued] = []

    def run(clients: list[str]) -> None:
        barrier.wait(30)
        done.extend(ledger.issue(order(draft(client, entry(client)))) for client in clients)

    threads = [Thread(target=run, args=(part,)) for part in (CLIENTS, CLIENTS, CLIENTS[:6])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 2 * len(CLIENTS) + 6
    assert sum(row.created for row in done) == len(CLIENTS)
    assert check(store_url) == []


@pytest.mark.parametrize("blind", ["closing", "entries"])
def test_what_the_looks_before_writing_miss_the_constraints_hold(
    ledger: Ledger, store_url: str, monkeypatch: pytest.MonkeyPatch, blind: str
) -> None:
    """As if the other run had committed between our looking and our writing: once blind, then seeing."""
    first = ledger.issue(order(draft("acme", entry(1))))
    looked: list[str] = []
    closing, taken = ledger_issue.existing_closing, ledger_issue.refuse_taken

    def no_closing(connection: Connection, *which: Any) -> Issued | None:
        looked.append("closing")
        return None if looked.count("closing") == 1 else closing(connection, *which)

    def not_taken(connection: Connection, entries: list[str]) -> None:
        looked.append("entries")
        if looked.count("entries") > 1:
            taken(connection, entries)

    monkeypatch.setattr(ledger_issue, "refuse_taken", not_taken)
    if blind == "closing":
        monkeypatch.setattr(ledger_issue, "existing_closing", no_closing)
        again = ledger.issue(order(draft("acme", entry(1))))
        assert (again.number, again.created) == (first.number, False)
    else:
        with pytest.raises(EntryTaken):
            ledger.issue(order(draft("beta", entry(1))))
    assert len(ledger.invoices()) == 1
    assert ledger.view(OCTOBER, ["beta"], []).closed == {}
    assert ledger.issue(order(draft("gamma", entry(2)))).number == "2026-0002"
    assert check(store_url) == []


def test_a_rule_that_refuses_twice_is_a_broken_store_not_a_loop(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.issue(order(draft("acme", entry(1))))
    monkeypatch.setattr(ledger_issue, "refuse_taken", lambda connection, entries: None)
    tries = 0

    def begun(connection: Connection) -> None:
        nonlocal tries
        tries += 1

    event.listen(ledger.store.engine, "begin", begun)
    with pytest.raises(StoreError, match="a rule of the store refuses it"):
        ledger.issue(order(draft("beta", entry(1))))
    event.remove(ledger.store.engine, "begin", begun)
    assert tries == 2
    assert len(ledger.invoices()) == 1
