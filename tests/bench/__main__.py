"""`make bench`: speed and memory at the sizes that the documentation names. Ratios are taken within one run.

Each measurement runs in a process of its own, so that peak memory is its own. Arguments: which to run (plan, memory,
help, pdf, first, growth, processes, serve); none: all. BENCH_PAST sets the number of past allocations (default
10,000,000).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from pdf_report import machine, print_engines, print_first, print_growth, print_processes

HERE = Path(__file__).parent
PAST = int(os.environ.get("BENCH_PAST", "10000000"))


def measured(name: str, *arguments: str) -> dict[str, Any]:
    """The last line of a measurement's output, as JSON."""
    command = [sys.executable, str(HERE / f"{name}.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE.parents[1])
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stderr}")
    result = json.loads(done.stdout.strip().splitlines()[-1])
    assert isinstance(result, dict)
    return result


def plan() -> None:
    """1,000,000 entries of 10,000 clients, and smaller ones: seconds an entry must stay the same."""
    print("plan: entries, clients, seconds, microseconds an entry, peak MB")
    costs = []
    for entries in (125_000, 250_000, 500_000, 1_000_000):
        row = measured("measure_plan", str(entries), str(entries // 100))
        costs.append(row["seconds"] / entries)
        figures = f"{row['seconds']:8.2f} s  {costs[-1] * 1e6:6.2f} us  {row['peak_mb']:7.0f} MB"
        print(f"  {entries:>9,}  {entries // 100:>6,}  {figures}")
    print(f"  cost of an entry, largest against smallest month: {costs[-1] / costs[0]:.2f}")


def memory() -> None:
    """Peak memory of a preview against a store with no past and with a long one."""
    none = measured("measure_memory", "0")
    past = measured("measure_memory", str(PAST))
    print(f"memory: a month of {none['entries']:,} entries planned against the store")
    for row in (none, past):
        print(f"  {row['past']:>11,} past allocations: peak {row['peak_mb']:.1f} MB, {row['seconds']:.2f} s")
    print(f"  ratio of peaks: {past['peak_mb'] / none['peak_mb']:.3f}")


def help_() -> None:
    """`studio-support --help` against a bare click program."""
    row = measured("measure_help")
    print(f"help: bare click {row['click_ms']:.1f} ms, studio-support --help {row['help_ms']:.1f} ms (medians)")
    print(f"  ratio: {row['help_ms'] / row['click_ms']:.2f}")


def serve() -> None:
    """Requests a second of `serve` and of nginx, and a right link in a flood of wrong ones."""
    row = measured("measure_serve")
    print(f"serve: requests a second, {row['connections']} connections, {row['documents']} documents")
    for server in ("serve", "nginx"):
        if server in row:
            figures = "  ".join(f"{what} {per_second:7.0f}" for what, per_second in row[server].items())
            print(f"  {server:<6} {figures}")
        else:
            print(f"  {server} is not installed: not measured")
    flood = row["flood"]
    for name in ("right", "wrong"):
        median, p95 = flood[f"{name}_median_ms"], flood[f"{name}_p95_ms"]
        print(f"  a right link in a flood of {name:<5} ones: median {median:.2f} ms, 95 of 100 within {p95:.2f} ms")
    print(f"  ratio of medians: {flood['ratio_of_medians']:.2f}, of 95 of 100: {flood['ratio_of_p95']:.2f} (at most 2)")


def first() -> None:
    """A first invoice in a fresh process."""
    print_first(measured("measure_first"))


def growth() -> None:
    """Memory of a process that draws invoice after invoice."""
    print_growth(measured("measure_growth", "10000"))


def processes() -> None:
    """Documents a second of several processes."""
    print_processes(measured("measure_processes"))


def pdf() -> None:
    """Documents a second, ours beside other engines'."""
    print(f"pdf: on {machine()}")
    for lines, rounds in ((12, 11), (400, 5)):
        print_engines(lines, measured("measure_engines", str(lines), str(rounds)))


ALL = {
    "plan": plan,
    "memory": memory,
    "help": help_,
    "pdf": pdf,
    "first": first,
    "growth": growth,
    "processes": processes,
    "serve": serve,
}
for name in sys.argv[1:] or ALL:
    ALL[name]()
