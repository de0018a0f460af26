"""kill -9 between the first and the last write of `bill close` and `bill send`; two at once with the lock off."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from studio_invoices.money import amount_for_minutes
from studio_support.studio import Source
from tests.faults.conftest import Sink, finish, fork, kill_after
from tests.world import (
    OCTOBER,
    billable_minutes,
    client_id,
    keep_reading,
    make_reading,
    open_studio,
    rate_of,
    sunk,
    write_world,
)

pytestmark = pytest.mark.faults
CLIENTS = 10
ENTRIES_EACH = 24
# A run may end before its moment comes: it is checked all the same, and another takes its place.
MOST_RUNS = 8


@dataclass(frozen=True)
class Bed:
    """A studio before its close (`fresh`), one after it (`closed`), and how long each job writes."""

    fresh: Path
    closed: Path
    source: Source
    writing: dict[str, tuple[float, float]]


def close(folder: Path, source: Source) -> None:
    open_studio(folder).close_month(OCTOBER, source=source)


def send(folder: Path) -> None:
    open_studio(folder).send_month(OCTOBER)


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Bed:
    root = tmp_path_factory.mktemp("bed")
    fresh, closed = root / "fresh", root / "closed"
    write_world(fresh, CLIENTS, sink.port)
    reading = make_reading(CLIENTS, ENTRIES_EACH)
    source = keep_reading(reading, root / "reading")
    open_studio(fresh).store.close()  # the same store id in every copy, so that links can be compared
    assert finish(fork(lambda: close(_copied(fresh, root / "warm"), source))) == 0
    shutil.copytree(fresh, closed)
    assert finish(fork(lambda: close(closed, source))) == 0
    writing = {
        "close": _writes(fresh, root / "timed", lambda folder: close(folder, source)),
        "send": _writes(closed, root / "timed", send),
    }
    sink.empty()
    return Bed(fresh, closed, source, writing)


def _copied(template: Path, folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    return Path(shutil.copytree(template, folder))


def _writes(template: Path, folder: Path, job: Callable[[Path], None]) -> tuple[float, float]:
    """Seconds after the fork at which the first and the last file under the folder are written.

    The first is watched for; the last is read off the files of runs that nobody watched, since watching slows them.
    """
    _copied(template, folder)
    before = _newest(folder)
    began = time.time()
    pid = fork(lambda: job(folder))
    first = 0.0
    while not first:
        time.sleep(0.0005)
        if _newest(folder) > before:
            first = time.time() - began
    assert finish(pid) == 0
    lasts = []
    for _ in range(3):
        _copied(template, folder)
        began = time.time()
        assert finish(fork(lambda: job(folder))) == 0
        lasts.append(_newest(folder) - began)
    return min(first, min(lasts)), statistics.median(lasts)


def _newest(folder: Path) -> float:
    stamps = [0.0]
    for path in folder.rglob("*"):
        try:
            stamps.append(path.stat().st_mtime)
        except FileNotFoundError:  # a temporary file that is gone again
            continue
    return max(stamps)


def _facts(folder: Path) -> dict[str, Any]:
    """What must be the same however a run was disturbed, read past the product's own code."""
    with sqlite3.connect(folder / "store.db") as database:
        documents = database.execute(
            "select number, client, minutes, net, tax, gross, pdf_sha256 from invoices order by id"
        ).fetchall()
        places = database.execute(
            "select entry, placed, minutes, count(*) from allocations where open group by entry order by entry"
        ).fetchall()
        series = database.execute("select next_number from series").fetchall()
        closings = database.execute("select client, month, count(*) from closings group by 1, 2 order by 1").fetchall()
        queued = database.execute("select invoice_id, count(*) from outbox group by 1 order by 1").fetchall()
    published = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for top in ("published", "files/originals")
        for path in (folder / top).rglob("*")
        if path.is_file()
    }
    leftovers = [path.name for path in folder.rglob("*") if path.name.startswith(".tmp")]
    return {
        "documents": documents,
        "places": places,
        "series": series,
        "closings": closings,
        "queued": queued,
        "published": published,
        "leftovers": leftovers,
    }


def _check_sound(folder: Path, source: Source) -> None:
    """The certificate, the numbers and every sum, by the product and by hand."""
    studio = open_studio(folder)
    certificate = studio.reconcile(OCTOBER, source=source)
    assert certificate.balanced
    assert certificate.minutes()["unbilled"] == 0
    assert not studio.documents.numbers().problems
    reading = make_reading(CLIENTS, ENTRIES_EACH)
    assert certificate.booked == sum(entry.minutes for entry in reading.entries)
    wanted = billable_minutes(reading)
    rows = {row.client: row for row in studio.ledger.invoices(month=OCTOBER)}
    assert sorted(rows) == [client_id(number) for number in range(1, CLIENTS + 1)]
    for number, minutes in wanted.items():
        assert rows[client_id(number)].minutes == minutes
        # every line is minutes x rate / 60 with a whole rate: the sum of lines may differ from the whole by rounding
        assert abs(rows[client_id(number)].net - amount_for_minutes(minutes, rate_of(number), "EUR")) <= 1  # type: ignore[arg-type] # an int serves as Decimal
    studio.store.close()


def followed(first: float, last: float, killed: bool) -> float:
    """The last moment after one more run, which is quicker or slower than the timed ones."""
    return max(first * 1.5, last * (1.03 if killed else 0.9))


def test_close_killed_at_any_moment_is_finished_by_the_next_run(
    bed: Bed, tmp_path: Path, dice: random.Random, kills: int
) -> None:
    """However often a close is killed, the end is the same to the byte as of an undisturbed one."""
    wanted = _facts(bed.closed)
    assert all(count == 1 for *_, count in wanted["places"])
    assert wanted["leftovers"] == []
    first, last = bed.writing["close"]
    wanted_hits, hits, runs = kills // 2, 0, 0
    while hits < wanted_hits and runs < MOST_RUNS * wanted_hits:
        runs += 1
        folder = _copied(bed.fresh, tmp_path / "run")
        killed = True
        while killed and hits < wanted_hits:
            pid = fork(lambda at=folder: close(at, bed.source))  # type: ignore[misc] # the loop's own folder
            killed = kill_after(pid, dice.uniform(first, last))
            hits += killed
            last = followed(first, last, killed)
            if dice.random() < 0.7:  # some runs are killed again and again
                break
        assert finish(fork(lambda at=folder: close(at, bed.source))) == 0  # type: ignore[misc] # likewise
        assert _facts(folder) == wanted
        assert finish(fork(lambda at=folder: _check_sound(at, bed.source))) == 0  # type: ignore[misc] # likewise
    assert hits == wanted_hits, f"only {hits} of {runs} runs were killed while they wrote"


def test_send_killed_at_any_moment_sends_no_letter_twice(
    bed: Bed, tmp_path: Path, sink: Sink, dice: random.Random, kills: int
) -> None:
    """A letter whose end nobody saw is uncertain and stays; no client has two; nothing is left in between."""
    first, last = bed.writing["send"]
    wanted_hits, hits, runs = kills - kills // 2, 0, 0
    while hits < wanted_hits and runs < MOST_RUNS * wanted_hits:
        runs += 1
        sink.empty()
        folder = _copied(bed.closed, tmp_path / "run")
        pid = fork(lambda at=folder: send(at))  # type: ignore[misc] # the loop's own folder
        killed = kill_after(pid, dice.uniform(first, last))
        hits += killed
        last = followed(first, last, killed)
        assert finish(fork(lambda at=folder: send(at))) == 0  # type: ignore[misc] # likewise
        _check_letters(folder, sink)
    assert hits == wanted_hits, f"only {hits} of {runs} runs were killed while they wrote"


def _check_letters(folder: Path, sink: Sink) -> None:
    arrived = Counter(recipient for letter in sunk(sink.folder) for recipient in letter["rcpt_tos"])
    assert not [recipient for recipient, count in arrived.items() if count > 1]
    with sqlite3.connect(folder / "store.db") as database:
        states = dict(database.execute("select recipient, state from letters").fetchall())
    assert sorted(states) == [f"{client_id(number)}@client.example" for number in range(1, CLIENTS + 1)]
    assert set(states.values()) <= {"accepted", "uncertain"}
    assert all(arrived[recipient] == 1 for recipient, state in states.items() if state == "accepted")


@pytest.mark.parametrize("attempt", range(4))
def test_two_closes_at_once_without_the_lock_issue_each_invoice_once(
    bed: Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attempt: int
) -> None:
    """The constraints of the ledger hold by themselves: a lock only spares the work."""
    monkeypatch.setattr("studio_support.store.locks.exclusive", lambda *_: nullcontext())
    folder = _copied(bed.fresh, tmp_path / "run")
    pids = [fork(lambda: close(folder, bed.source)) for _ in range(2)]
    assert [finish(pid) for pid in pids] == [0, 0]
    assert _facts(folder) == _facts(bed.closed)
    assert finish(fork(lambda: _check_sound(folder, bed.source))) == 0


@pytest.mark.parametrize("attempt", range(4))
def test_two_sends_at_once_without_the_lock_send_each_letter_once(
    bed: Bed, tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch, attempt: int
) -> None:
    monkeypatch.setattr("studio_support.store.locks.exclusive", lambda *_: nullcontext())
    sink.empty()
    folder = _copied(bed.closed, tmp_path / "run")
    pids = [fork(lambda: send(folder)) for _ in range(2)]
    assert [finish(pid) for pid in pids] == [0, 0]
    _check_letters(folder, sink)
