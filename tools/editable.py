"""Lets an environment inside the work tree find the packages by relative paths.

An editable install writes the tree's absolute path into a .pth file, which Python before 3.13 reads in the locale's
encoding: no interpreter starts where the path has letters that the locale lacks (LC_ALL=C, or a locale that is not
installed). A relative path has none. tools/environment runs this with `python -S`, which does not read the file.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def make_relative(environment: Path, root: Path = ROOT) -> None:
    """Rewrites the lines of the environment's .pth files that name a folder of the tree; none where it lies outside."""
    if not environment.resolve().is_relative_to(root):
        return
    for file in environment.glob("lib/python*/site-packages/*.pth"):
        before = file.read_bytes()
        lines = [_relative(line, file.parent, root) for line in before.splitlines()]
        after = b"".join(line + b"\n" for line in lines)
        if lines != before.splitlines():
            file.write_bytes(after)


def _relative(line: bytes, start: Path, root: Path) -> bytes:
    path = Path(os.fsdecode(line))
    if not path.is_absolute() or not path.is_relative_to(root):
        return line
    return os.fsencode(os.path.relpath(path, start.resolve()))


if __name__ == "__main__":
    make_relative(Path(sys.argv[1]))
