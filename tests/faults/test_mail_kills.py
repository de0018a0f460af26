"""kill -9 of senders, two at a time without a lock, over five invoices a kill: 1,000 invoices at 200 kills."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest

from studio_support.delivery.links import PAGE_NAME
from studio_support.studio import Studio
from tests.faults.conftest import Sink, finish, fork
from tests.flow.delivery.conftest import Books
from tests.world import OCTOBER, client_id, open_studio, sunk, write_world

pytestmark = pytest.mark.faults
CLIENTS = 50
INVOICES_A_KILL = 5
MOST_ROUNDS_A_KILL = 4
WAIT_SECONDS = 60.0


def issued(folder: Path, sink: Sink, count: int) -> Studio:
    """A studio with so many published invoices that nobody was sent, its clients read."""
    write_world(folder, CLIENTS, sink.port)
    issue(folder, 0, count)
    fresh = open_studio(folder)
    assert len(fresh.book.clients) == CLIENTS
    return fresh


def issue(folder: Path, before: int, count: int) -> None:
    """Puts more invoices into the store."""
    studio = open_studio(folder)
    books = Books(studio.store, folder / "store.db", issued=before)
    publisher = studio.documents.publisher
    publisher.prepare()
    for number in range(before, before + count):
        books.issue(client_id(1 + number % CLIENTS))
        document = studio.documents.stored(f"2026-{books.issued:04d}")
        publisher.copies.put(publisher.token(document), {PAGE_NAME: b"page"})  # no letter leaves without one
    studio.store.close()


def send(studio: Studio) -> None:
    studio.send_month(OCTOBER)


def states(folder: Path) -> Counter[str]:
    with sqlite3.connect(folder / "store.db") as database:
        return Counter(row[0] for row in database.execute("select state from letters"))


def waits_for_a_write(folder: Path, pids: list[int]) -> bool:
    """Until a sender has written something; False if all of them ended without."""
    log = folder / "store.db-wal"
    deadline = time.monotonic() + WAIT_SECONDS
    before = log.stat().st_mtime_ns if log.exists() else 0
    while not (log.exists() and log.stat().st_mtime_ns > before):
        if all(os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) for pid in pids):
            return False
        assert time.monotonic() < deadline
        time.sleep(0.0005)
    return True


def kill(pid: int, moment: float) -> bool:
    """kill -9 at that moment; whether the sender was still at work."""
    while time.monotonic() < moment:
        time.sleep(0.0005)
    os.kill(pid, signal.SIGKILL)
    return finish(pid) == -signal.SIGKILL


def test_whatever_is_killed_each_letter_arrives_once_or_is_listed_as_uncertain(
    tmp_path: Path,
    sink: Sink,
    dice: random.Random,
    kills: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two senders at once, each killed at a moment of its own, until all kills have hit; then a run to the end."""
    monkeypatch.setattr("studio_support.store.locks.exclusive", lambda *_: nullcontext())
    sink.empty()
    count = kills * INVOICES_A_KILL
    folder = tmp_path / "run"
    studio = issued(folder, sink, count)
    hits, rounds, seconds, gone = 0, 0, 0.015, 5  # as if 5 letters had taken 3 ms each
    while hits < kills and rounds < MOST_ROUNDS_A_KILL * kills:
        rounds += 1
        done = states(folder)
        left = count - done["accepted"] - done["uncertain"]
        if left < 2 * (kills - hits):  # this machine sent more than was foreseen
            issue(folder, count, kills)
            count, left = count + kills, left + kills
        pids = [fork(lambda: send(studio)) for _ in range(2)]
        if not waits_for_a_write(folder, pids):
            assert [finish(pid) for pid in pids] == [0, 0]
            continue
        began = time.monotonic()
        window = seconds / gone * left / (kills - hits)  # the moments follow how long a letter takes here
        moments = sorted(began + dice.uniform(0, window) for _ in pids)
        hits += sum(kill(pid, moment) for pid, moment in zip(pids, moments, strict=True))
        seconds += time.monotonic() - began
        gone += states(folder)["accepted"] - done["accepted"]
    assert hits >= kills, f"only {hits} of {kills} kills hit a sender at work"

    left = count - states(folder)["accepted"]
    pids = [fork(lambda: send(studio)) for _ in range(2)]
    assert [finish(pid) for pid in pids] == [0, 0]
    uncertain = check(folder, sink, count)
    assert len(uncertain) <= hits
    assert uncertain or kills < 100, "of so many kills some must have met a letter in hand"
    told(f"{count} invoices, {hits} kills in {rounds} rounds of two senders, {left} left after them", uncertain, sink)

    for number in sorted(set(uncertain.values())):
        studio.send_invoice(number, again=True)
    assert states(folder) == {"accepted": count}
    again = Counter(letter["message_id"] for letter in sunk(sink.folder))
    assert len(again) == count
    assert max(again.values()) <= 2
    assert {name for name, times in again.items() if times == 2} <= set(uncertain)


def check(folder: Path, sink: Sink, count: int) -> dict[str, str]:
    """No letter twice, none lost; those in doubt, as Message-ID to number of the invoice."""
    arrived = Counter(letter["message_id"] for letter in sunk(sink.folder))
    assert not [name for name, times in arrived.items() if times > 1]
    query = (
        "select l.message_id, l.state, i.number from letters l "
        "join outbox o on o.id = l.outbox_id join invoices i on i.id = o.invoice_id"
    )
    with sqlite3.connect(folder / "store.db") as database:
        rows = database.execute(query).fetchall()
    assert len(rows) == len({number for *_, number in rows}) == count
    assert {state for _, state, _ in rows} <= {"accepted", "uncertain"}
    assert not [name for name, state, _ in rows if state == "accepted" and arrived[name] != 1]
    assert set(arrived) <= {name for name, *_ in rows}
    return {name: number for name, state, number in rows if state == "uncertain"}


def told(what: str, uncertain: dict[str, str], sink: Sink) -> None:
    """The figures, for who runs it with -rP."""
    arrived = {letter["message_id"] for letter in sunk(sink.folder)}
    there = sum(name in arrived for name in uncertain)
    print(f"{what}: {len(uncertain)} uncertain, of which {there} had arrived; all others once")  # noqa: T201 - pytest -rP shows it
