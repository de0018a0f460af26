"""Killed in the middle of a close: whole or not at all, and the next run goes on where it stopped."""

from __future__ import annotations

import os
import signal
from multiprocessing import get_context
from typing import Any

import pytest
from sqlalchemy import Engine, event

from studio_support.billing.ledger import Ledger
from studio_support.billing.series_audit import audit_series
from studio_support.store.check import check
from studio_support.store.engine import open_store
from studio_support.testing.drafts import NOW, SELLER, draft, entry, order

CLIENTS = ("acme", "beta", "gamma")


def close_all(url: str) -> list[str | None]:
    ledger = Ledger(open_store(url))
    numbers = [
        ledger.issue(order(draft(client, entry(f"{client}1"), entry(f"{client}2", 30)))).number for client in CLIENTS
    ]
    ledger.store.close()
    return numbers


def cancel_first(url: str) -> None:
    ledger = Ledger(open_store(url))
    day = order(draft("x", entry(0))).issue_date
    ledger.cancel("2026-0001", reason="r", person="a", now=NOW, issue_date=day, seller=SELLER)
    ledger.store.close()


def killed(url: str, work: Any, moment: int, when: str) -> bool:
    """Does the work in a child that kills itself at its moment-th statement or commit; whether it came so far."""

    def child() -> None:
        count = 0

        def tick(*_: Any) -> None:
            nonlocal count
            count += 1
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, when, tick)
        work(url)

    process = get_context("fork").Process(target=child)
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def sound(url: str) -> None:
    assert check(url) == []
    ledger = Ledger(open_store(url))
    assert audit_series(ledger.series_rows()) == []
    ledger.store.close()


# opening takes 5 statements, an issue 14: these lie before, between and after its writes, in all three transactions
@pytest.mark.parametrize("moment", [3, 6, 10, 14, 16, 17, 18, 19, 20, 27, 32, 46])
@pytest.mark.parametrize("when", ["before_cursor_execute", "after_cursor_execute"])
def test_a_killed_close_is_finished_by_the_next(store_url: str, moment: int, when: str) -> None:
    open_store(store_url).close()
    assert killed(store_url, close_all, moment, when)
    sound(store_url)
    assert close_all(store_url) == ["2026-0001", "2026-0002", "2026-0003"]
    sound(store_url)


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_killed_just_before_a_commit(store_url: str, moment: int) -> None:
    open_store(store_url).close()
    assert killed(store_url, close_all, moment + 2, "commit")  # the first two end the looks of open_store
    ledger = Ledger(open_store(store_url))
    assert len(ledger.invoices()) == moment - 1
    ledger.store.close()
    sound(store_url)
    assert close_all(store_url) == ["2026-0001", "2026-0002", "2026-0003"]
    sound(store_url)


@pytest.mark.parametrize("moment", [6, 10, 12, 13, 15, 16, 19, 20])
def test_a_killed_cancellation_is_whole_or_none(store_url: str, moment: int) -> None:
    close_all(store_url)
    assert killed(store_url, cancel_first, moment, "after_cursor_execute")
    sound(store_url)
    cancel_first(store_url)
    ledger = Ledger(open_store(store_url))
    assert [(row.number, row.state) for row in ledger.invoices()] == [
        ("2026-0001", "cancelled"),
        ("2026-0002", "issued"),
        ("2026-0003", "issued"),
        ("2026-0004", "issued"),
    ]
    ledger.store.close()
    sound(store_url)
