"""Writes constraints.txt: one exact version of everything that is installed to run, test or build.

`python -m tools.pins` keeps the versions that are pinned and adds what is new in pyproject.toml; `--upgrade` takes
the newest of everything. Run it with the oldest Python that is supported: it needs the most packages.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

from tools.rooms import ROOT

CONSTRAINTS = ROOT / "constraints.txt"
HEAD = "# Exact versions of everything that is installed to run, test or build. Written by `make pins`.\n"
NOT_PINNED = {"pip", "setuptools", "wheel", "studio-support"}
BUILDERS = ["editables"]  # hatchling asks for it when it builds an editable install


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def resolve(upgrade: bool) -> list[str]:
    """`name==version` of everything that a new environment gets, sorted by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "bin" / "python"
        venv.create(folder, with_pip=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input"]
        wanted = [".[dev,postgresql,bench]", *project["build-system"]["requires"], *BUILDERS]
        pinned = [] if upgrade else ["--constraint", CONSTRAINTS.name]
        subprocess.run([*pip, "install", "-qq", *pinned, *wanted], cwd=ROOT, check=True)
        frozen = subprocess.run(
            [*pip, "list", "--format=freeze"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.split()
    pins = {normal(line.partition("==")[0]): line.partition("==")[2] for line in frozen}
    return [f"{name}=={version}" for name, version in sorted(pins.items()) if name not in NOT_PINNED]


def main(arguments: list[str]) -> None:
    """Resolve, then write the file in one step."""
    parser = argparse.ArgumentParser(prog="python -m tools.pins", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest version of everything")
    lines = resolve(parser.parse_args(arguments).upgrade)
    CONSTRAINTS.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{len(lines)} versions in {CONSTRAINTS.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
