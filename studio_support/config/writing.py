"""Writing files of the configuration: whole or not at all, and never over somebody's own work."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from studio_support.config.discover import Draft
from studio_support.errors import FilesystemError


def write_text(path: Path, text: str, *, replace: bool = False) -> bool:
    """Writes a file (mode 0644, as the umask allows) by way of a temporary one; folders are made as needed.

    False, and nothing written, where the file is there already and must not be replaced.
    Raises FilesystemError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o666 & ~_umask())
            return _place(Path(temporary), path, replace)
        finally:
            with contextlib.suppress(FileNotFoundError):
                Path(temporary).unlink()
    except OSError as error:
        raise FilesystemError(path, error.strerror or type(error).__name__) from None


def write_drafts(folder: Path, drafts: Iterable[Draft]) -> tuple[Path, ...]:
    """Writes drafts of client files, each under its id; a file that is there already is left alone.

    Gives the files written. Raises FilesystemError.
    """
    named = [(folder / f"{draft.id}.toml", draft.text) for draft in drafts]
    return tuple(path for path, text in named if write_text(path, text))


def _place(temporary: Path, path: Path, replace: bool) -> bool:
    if replace:
        temporary.replace(path)
        return True
    try:
        path.hardlink_to(temporary)  # unlike a rename, never replaces a file that appeared meanwhile
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if path.exists():
            return False
        temporary.replace(path)
    return True


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
