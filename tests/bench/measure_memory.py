"""Peak memory of planning a month of 20,000 entries against a store with so many past allocations (argument).

The past is written in a process of its own, so that only the planning counts.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.world import OCTOBER, client_id, keep_reading, make_reading, open_studio, write_world

CLIENTS, ENTRIES_EACH = 200, 100


def rows(past: int) -> Iterator[tuple[str, int, str, int, str, str]]:
    """Allocations of closed months, a hundred an hour of work, over thirty years."""
    for number in range(past):
        day = f"{1995 + number % 30:04d}-{1 + number % 12:02d}-{1 + number % 28:02d}"
        yield f"p{number}", 1 + number % CLIENTS, "non_billable", 60, day, f"{number:016x}"


def fill(folder: Path, past: int) -> None:
    """Makes the store and gives it a past; indexes are made anew afterwards, which is quicker."""
    open_studio(folder).store.close()
    with sqlite3.connect(folder / "store.db") as database:
        database.execute("pragma synchronous = off")
        for number in range(1, CLIENTS + 1):
            database.execute(
                "insert into closings (id, client, month, supplement, source, read_started_at, plan_hash, closed_at,"
                " closed_by) values (?, ?, '2026-09', 0, 'redmine', '2026-10-02T09:00:00.000000Z', '', "
                "'2026-10-02T09:00:00.000000Z', 'bench')",
                (number, client_id(number)),
            )
        indexes = database.execute(
            "select name, sql from sqlite_master where type = 'index' and tbl_name = 'allocations' and sql is not null"
        ).fetchall()
        for name, _ in indexes:
            database.execute(f"drop index {name}")
        database.executemany(
            "insert into allocations (entry, closing_id, placed, minutes, spent_on, fingerprint) "
            "values (?, ?, ?, ?, ?, ?)",
            rows(past),
        )
        for _, statement in indexes:
            database.execute(statement)
        database.execute("analyze")


def main() -> None:
    if len(sys.argv) == 3:
        fill(Path(sys.argv[2]), int(sys.argv[1]))
        return
    past = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "studio"
        write_world(folder, CLIENTS)
        subprocess.run([sys.executable, __file__, str(past), str(folder)], check=True)
        source = keep_reading(make_reading(CLIENTS, ENTRIES_EACH), Path(name))
        studio = open_studio(folder)
        began = time.perf_counter()
        plan = studio.plan_month(OCTOBER, source=source)
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        entries = sum(len(line.entries) for draft in plan.drafts for line in draft.lines) + len(plan.skipped)
    print(json.dumps({"past": past, "entries": entries, "seconds": seconds, "peak_mb": peak}))


main()
