"""Processor seconds and peak memory of planning a generated month, hashing included (arguments: entries, clients).

The plan waits for nothing, so that its processor time is its time, and other load on the machine does not count.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from generate import plan_input

from studio_support.billing.plan import plan_month


def main() -> None:
    entries, clients = (int(text) for text in sys.argv[1:])
    given = plan_input(entries, clients)
    began = time.process_time()
    plan = plan_month(given)
    seconds = time.process_time() - began
    placed = sum(len(line.entries) for draft in plan.drafts for line in draft.lines) + len(plan.skipped)
    assert placed == entries, f"{placed} of {entries} entries are in a place"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"entries": entries, "clients": clients, "seconds": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
