"""Documents a second of 1, 2 and 4 processes together, beside a bare CPU loop in as many: what is lost to the machine
is lost to both. Interleaved rounds, medians; time is that of the clock."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pdf_sample import invoice

COUNTS, ROUNDS, SECONDS = (1, 2, 4), 5, 1.0


def _loop() -> Callable[[], None]:
    def spin() -> None:
        value = 1
        for _ in range(20_000):
            value = value * 1_103_515_245 % 2_147_483_647

    return spin


def _documents(folder: str) -> Callable[[], None]:
    from studio_invoices.pdf import render_pdf

    documents = itertools.cycle([invoice(number, 12) for number in range(1, 101)])

    def one() -> None:
        render_pdf(next(documents), cache_dir=Path(folder))

    return one


def work(folder: str, barrier: Any, results: Any) -> None:
    """What one process does: rounds for as long as the others do, together with them. No folder: the bare loop."""
    once = _documents(folder) if folder else _loop()
    once()
    barrier.wait()
    made, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        once()
        made += 1
    results.put(made / (time.perf_counter() - began))


def together(count: int, folder: str) -> float:
    """Rounds a second of so many processes."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(count), context.Queue()
    processes = [context.Process(target=work, args=(folder, barrier, results)) for _ in range(count)]
    for process in processes:
        process.start()
    rate = sum(results.get(timeout=120) for _ in processes)
    for process in processes:
        process.join()
    return rate


def main() -> None:
    """One JSON object: by number of processes, documents and loops a second."""
    rates: dict[tuple[str, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for count in COUNTS:
                for what, where in (("documents", folder), ("loop", "")):
                    rates.setdefault((what, count), []).append(together(count, where))
    medians = {
        what: {count: statistics.median(rates[what, count]) for count in COUNTS} for what in ("documents", "loop")
    }
    print(json.dumps({"cores": os.cpu_count(), **medians}))


if __name__ == "__main__":
    main()
