"""Wall-clock time of `--help` beside a bare click program with as many commands; medians of interleaved runs."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

BARE = """
import click
@click.group()
def cli(): pass
for name in "abcdefgh":
    cli.command(name)(lambda: None)
cli(["--help"])
"""
OURS = "from studio_cli.app import main; import sys; sys.argv = ['studio-support', '--help']; main()"
RUNS = 25


def once(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - began) * 1000


once(BARE), once(OURS)
pairs = [(once(BARE), once(OURS)) for _ in range(RUNS)]
print(
    json.dumps({"click_ms": statistics.median(p[0] for p in pairs), "help_ms": statistics.median(p[1] for p in pairs)})
)
