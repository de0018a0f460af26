"""Memory of a process that draws 10,000 different invoices: MB resident after 1,000, after 5,000 and after all.

The widths of texts that it has measured are kept, up to a bound; they fill up in the first thousands.

Argument: how many.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from pdf_sample import invoice

from studio_invoices.pdf import render_pdf


def resident_mb() -> float:
    """What is in memory now; of Linux."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(many: int) -> None:
    """One JSON object."""
    resident = []
    spent = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, many + 1):
            document = invoice(number, 12)
            began = time.process_time()
            render_pdf(document, cache_dir=Path(folder))
            spent += time.process_time() - began
            if number in (many // 10, many // 2, many):
                resident.append(resident_mb())
    print(json.dumps({"documents": many, "resident": resident, "a_second": many / spent}))


main(int(sys.argv[1]))
