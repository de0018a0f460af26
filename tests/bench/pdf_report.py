"""The tables that `make bench` prints of documents. Targets are those that the documentation names."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

# how many times as many documents a second as another engine, by lines of an invoice
TARGETS = {12: {"platypus": 6.0, "typst": 4.0, "weasyprint": 40.0}, 400: {"platypus": 8.0}}
FIRST_MS = 400
MOST_GROWTH = 1.05


def machine() -> str:
    """What the figures were taken on."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    name = names[0] if names else platform.machine()
    return f"{os.cpu_count()} cores of {name}, Python {platform.python_version()}, {platform.system()}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def _held(is_held: bool) -> str:
    return "held" if is_held else "MISSED"


def print_engines(lines: int, found: dict[str, Any]) -> None:
    """Documents a second of CPU time, ours as a multiple of each, and what was promised."""
    print(f"pdf: {lines} lines: documents a second of one core, median (least to most); ours as a multiple; kB")
    for name, row in found.items():
        if "fault" in row:
            print(f"  {name:<30} not measured: {row['fault']}")
            continue
        ratio = row["ratio"]
        target = TARGETS[lines].get(name)
        promise = "" if target is None else f"  at least {target:g}: {_held(ratio >= target)}"
        spread = f"({row['least']:.1f} to {row['most']:.1f})"
        print(f"  {name:<30} {row['a_second']:7.1f} {spread:<18} {ratio:7.1f}  {row['kilobytes']:4.0f} kB{promise}")


def print_first(found: dict[str, Any]) -> None:
    """Milliseconds of whole processes."""
    print("pdf: a fresh process, ms: median on the clock, best on the clock, median of CPU time")
    for name, (clock, spent, best) in found.items():
        promise = f"  under {FIRST_MS}: {_held(clock < FIRST_MS)}" if name.endswith("warm") else ""
        print(f"  {name:<34} {clock:6.0f} {best:6.0f} {spent:6.0f}{promise}")


def print_growth(found: dict[str, Any]) -> None:
    """Resident memory as the documents go by."""
    many, (early, half, last) = int(found["documents"]), found["resident"]
    print(f"pdf: {many:,} documents of 12 lines in one process, {found['a_second']:.0f} a second of CPU time")
    print(f"  resident after {many // 10:,}, {many // 2:,} and all: {early:.1f}, {half:.1f} and {last:.1f} MB")
    ratio = last / early
    print(f"  growth: {ratio:.3f}  at most {MOST_GROWTH}: {_held(ratio <= MOST_GROWTH)}")


def print_processes(found: dict[str, Any]) -> None:
    """What more processes bring, to documents and to a loop that does nothing else."""
    documents, loop, shares = found["documents"], found["loop"], found["shares"]
    print(
        f"pdf: processes on {found['cores']} cores: documents a second, as a multiple of one process's; a bare loop's;"
        " documents by loops, round by round"
    )
    for count, rate in documents.items():
        multiples = f"{rate / documents['1']:6.2f} {loop[count] / loop['1']:6.2f} {shares[count] / shares['1']:6.2f}"
        print(f"  {count:>2} {rate:8.1f} {multiples}")
