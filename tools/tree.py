"""The files of the work tree, as git sees them: those it tracks and those that are new and not ignored."""

from __future__ import annotations

import ast
import subprocess
from functools import lru_cache
from pathlib import Path

from tools.rooms import PACKAGE_FOLDERS, ROOT


@lru_cache(maxsize=1)
def files() -> tuple[Path, ...]:
    """All files, relative to the root, in order of their names.

    Raises:
        RuntimeError: this is no git work tree, so nothing can be said of its files.
    """
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"git cannot list the files: {done.stderr.strip()}")
    names = sorted(set(done.stdout.split("\0")) - {""})
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


def python_files(*folders: str) -> list[Path]:
    """The Python files below the folders (all of the tree without any), relative to the root."""
    return [
        path
        for path in files()
        if path.suffix == ".py" and (not folders or any(path.is_relative_to(folder) for folder in folders))
    ]


def package_files() -> list[Path]:
    """The Python files of the three packages, relative to the root."""
    return python_files(*PACKAGE_FOLDERS.values())


def text_of(path: Path) -> str | None:
    """A file's text; None for one that is not text (a picture, a font)."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def parse(path: Path) -> ast.Module:
    """A Python file as a tree."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))
