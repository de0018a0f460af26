"""A first invoice in a fresh process: from the start of the interpreter to its end, beside imports alone.

Medians of interleaved runs, in milliseconds: on the clock, and of CPU time. cold: no font cache yet.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 11
INVOICE = """
import pickle, sys
document = pickle.load(open(sys.argv[1], "rb"))
from pathlib import Path
from studio_invoices.pdf import render_pdf
render_pdf(document, cache_dir=Path(sys.argv[2]))
"""
SCRIPTS = {
    "python": "pass",
    "import reportlab": "import reportlab",
    "import reportlab.platypus": "import reportlab.platypus",
    "first invoice, font cache cold": INVOICE,
    "first invoice, font cache warm": INVOICE,
}


def once(script: str, *arguments: str) -> tuple[float, float]:
    """Milliseconds on the clock and of CPU time."""
    before = os.times()
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", script, *arguments], check=True)
    clock = time.perf_counter() - began
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return clock * 1000, spent * 1000


def main() -> None:
    """One JSON object: name -> [median on the clock, median of CPU time, best on the clock]."""
    import pickle

    from pdf_sample import invoice

    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in SCRIPTS}
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "invoice"
        document.write_bytes(pickle.dumps(invoice(1, 12)))
        warm = f"{folder}/warm"
        once(INVOICE, str(document), warm)
        for run in range(RUNS):
            for name, script in SCRIPTS.items():
                cache = f"{folder}/{run}" if name.endswith("cold") else warm
                figures[name].append(once(script, str(document), cache))
    print(
        json.dumps(
            {
                name: [statistics.median(clock), statistics.median(spent), min(clock)]
                for name, (clock, spent) in ((name, tuple(zip(*rows, strict=True))) for name, rows in figures.items())
            }
        )
    )


main()
