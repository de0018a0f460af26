"""Memory of a process that draws 10,000 different invoices: resident after 1,000 and after all (MB), and the peaks.

Argument: how many.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from pdf_sample import invoice

from studio_invoices.pdf import render_pdf


def resident_mb() -> float:
    """What is in memory now; of Linux."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_mb() -> float:
    """The most that ever was."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main(many: int) -> None:
    """One JSON object."""
    found: dict[str, float] = {"documents": many}
    spent = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, many + 1):
            document = invoice(number, 12)
            began = time.process_time()
            render_pdf(document, cache_dir=Path(folder))
            spent += time.process_time() - began
            if number == many // 10:
                found |= {"resident_early": resident_mb(), "peak_early": peak_mb()}
    found |= {"resident": resident_mb(), "peak": peak_mb(), "a_second": many / spent}
    print(json.dumps(found))


main(int(sys.argv[1]))
