"""Writing files whole or not at all: a temporary file in the same folder, fsync, rename, fsync of the folder.

Whoever is killed in between leaves a temporary file that names his process; `sweep` removes those of the dead.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from studio_support.errors import FilesystemError

_TEMPORARY = re.compile(r"\.tmp-(\d+)-[0-9a-f]{16}")
NOT_ISSUED = "is not what was issued"
DRAWN_OTHERWISE = "is missing, and would be drawn otherwise now than it was issued"


class FileConflict(FilesystemError):
    """A file that must never change is there already, with other bytes."""

    def __init__(self, path: Path, reason: str = "exists already with other content") -> None:
        super().__init__(path, reason)


@contextlib.contextmanager
def disk(path: Path) -> Iterator[None]:
    """Turns an OSError of the block (full disk, read-only folder, missing permission) into FilesystemError."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise FilesystemError(path, reason) from error


def temporary_name() -> str:
    """A fresh hidden name that tells which process made it."""
    return f".tmp-{os.getpid()}-{secrets.token_hex(8)}"


def atomic_write(path: Path, data: bytes, mode: int, *, replace: bool = True, sync: bool = True) -> None:
    """Writes a file so that a reader, now or after a crash, sees it whole or not at all.

    mode: the permissions it gets, whatever the umask. replace=False: only if nothing is there; the same bytes
    there already are fine, others raise FileConflict. sync=False: the caller syncs the folder, after its last file.
    The folder must exist. Raises FilesystemError with the path when the disk is full, the folder read-only or
    missing; nothing of ours is left behind then.
    """
    temporary = path.parent / temporary_name()
    with disk(path):
        try:
            _write_through(temporary, data, mode)
            if replace:
                temporary.replace(path)
            else:
                _put_new(temporary, path, data)
        except BaseException:  # Ctrl-C included: whatever ends the write, its temporary file goes
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        if sync:
            sync_folder(path.parent)


def build_folder(path: Path, files: Mapping[str, bytes], folder_mode: int, file_mode: int) -> bool:
    """Makes a folder that appears with all its files at once; False if one of that name holds something already.

    Raises FilesystemError; nothing of ours is left behind then.
    """
    aside = path.parent / temporary_name()
    with disk(path):
        try:
            aside.mkdir()
            for name, data in files.items():
                _write_through(aside / name, data, file_mode)
            aside.chmod(folder_mode)
            sync_folder(aside)
            aside.rename(path)
        except BaseException as error:  # Ctrl-C included: what is half-made goes
            shutil.rmtree(aside, ignore_errors=True)
            if isinstance(error, OSError) and error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
                return False
            raise
        sync_folder(path.parent)
    return True


def make_folder(path: Path, mode: int) -> None:
    """Makes a folder, and its parents, where missing; new ones get the mode, existing ones are left as they are."""
    with disk(path):
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)  # mkdir's own mode is cut by the umask
            sync_folder(folder.parent)
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str | None:
    """SHA-256 of a file in hex, None if there is no such file. Raises FilesystemError if it cannot be read."""
    data = read_if_there(path)
    return None if data is None else sha256(data).hexdigest()


def as_issued(path: Path, data: bytes, recorded: str | None, *, drawn: bool = False) -> bytes:
    """The bytes of an original, if they have the recorded SHA-256; None: none is recorded yet. Raises FileConflict.

    drawn: they were drawn anew, because the original is not there.
    """
    if recorded is not None and sha256(data).hexdigest() != recorded:
        raise FileConflict(path, DRAWN_OTHERWISE if drawn else NOT_ISSUED)
    return data


def read_if_there(path: Path) -> bytes | None:
    """The bytes of a file, None if there is none. Raises FilesystemError if it cannot be read."""
    with disk(path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def remove_folder(path: Path) -> bool:
    """Takes a folder away at once (rename), then deletes it. False if it was not there; safe to repeat."""
    with disk(path):
        aside = path.parent / temporary_name()
        try:
            path.rename(aside)
        except FileNotFoundError:
            return False
        sync_folder(path.parent)
        shutil.rmtree(aside)
    return True


def sweep(folder: Path) -> int:
    """Removes temporary files and folders whose process is gone; returns how many."""
    removed = 0
    with disk(folder):
        for entry in list(folder.iterdir()) if folder.is_dir() else []:
            found = _TEMPORARY.fullmatch(entry.name)
            if found is None or _alive(int(found[1])):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)
            removed += 1
    return removed


def _write_through(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fchmod(handle, mode)
        os.fsync(handle)
    finally:
        os.close(handle)


def _put_new(temporary: Path, path: Path, data: bytes) -> None:
    """Gives the temporary file its name unless the name is taken; a hard link does both in one step."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        if path.read_bytes() != data:
            raise FileConflict(path) from None
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EMLINK}:
            raise
        # A file system without hard links: two steps, and the lock of the run stands between them and others.
        if path.exists() and path.read_bytes() != data:
            raise FileConflict(path) from None
        temporary.replace(path)
        return
    temporary.unlink()


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's process
    return True
