"""Documents a second of 1, 2 and 4 processes together, beside a bare CPU loop in as many: what is lost to the machine
is lost to both. The processes take turns at both in short rounds, all at once; time is that of the clock, medians."""

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

COUNTS, ROUNDS, SECONDS = (1, 2, 4), 9, 0.4


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
    """What one process does; it begins each turn together with the others."""
    tasks = {"documents": _documents(folder), "loop": _loop()}
    for task in tasks.values():
        task()
    for turn in range(ROUNDS):
        for what, task in tasks.items():
            barrier.wait()
            made, began = 0, time.perf_counter()
            while time.perf_counter() - began < SECONDS:
                task()
                made += 1
            results.put((what, turn, made / (time.perf_counter() - began)))


def together(count: int, folder: str) -> dict[str, list[float]]:
    """Documents and loops a second of so many processes, by round."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(count), context.Queue()
    processes = [context.Process(target=work, args=(folder, barrier, results)) for _ in range(count)]
    for process in processes:
        process.start()
    rates = {"documents": [0.0] * ROUNDS, "loop": [0.0] * ROUNDS}
    for _ in range(2 * ROUNDS * count):
        what, turn, rate = results.get(timeout=120)
        rates[what][turn] += rate
    for process in processes:
        process.join()
    return rates


def main() -> None:
    """One JSON object: by number of processes, documents and loops a second, and the one by the other."""
    found: dict[str, dict[int, float]] = {"documents": {}, "loop": {}, "shares": {}}
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            rates = together(count, folder)
            pairs = zip(rates["documents"], rates["loop"], strict=True)
            found["documents"][count] = statistics.median(rates["documents"])
            found["loop"][count] = statistics.median(rates["loop"])
            found["shares"][count] = statistics.median(documents / loops for documents, loops in pairs)
    print(json.dumps({"cores": os.cpu_count(), **found}))


if __name__ == "__main__":
    main()
