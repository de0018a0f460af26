"""Checks what a built wheel holds: the three packages with all of their files, and nothing else.

Usage: python -m tools.check_wheel dist/studio_support-0.1.0-py3-none-any.whl
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tools import tree
from tools.rooms import PACKAGE_FOLDERS


def faults(packed: Iterable[str], tracked: Iterable[Path]) -> list[str]:
    """What is missing in a wheel, or too much, by the files of the work tree."""
    wanted = {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for path in tracked
        for package, folder in PACKAGE_FOLDERS.items()
        if path.is_relative_to(folder)
    }
    held = {name for name in packed if not name.partition("/")[0].endswith(".dist-info")}
    return [f"missing: {name}" for name in sorted(wanted - held)] + [
        f"too much: {name}" for name in sorted(held - wanted)
    ]


def main(arguments: list[str]) -> int:
    """Print the faults of one wheel; 1 if there are any."""
    with zipfile.ZipFile(arguments[0]) as wheel:
        packed = [name for name in wheel.namelist() if not name.endswith("/")]
    found = faults(packed, tree.files())
    for fault in found:
        print(fault)
    print(f"{arguments[0]}: {len(packed)} files, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
