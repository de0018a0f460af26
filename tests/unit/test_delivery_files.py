"""Files appear whole or not at all, whatever the disk does, and nothing half-written stays."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio_support.delivery import files
from studio_support.delivery.files import FileConflict, atomic_write, make_folder, remove_folder, sha256_of, sweep
from studio_support.errors import FilesystemError


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_has_its_bytes_and_its_mode_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        atomic_write(tmp_path / "page.html", b"hello", 0o644)
    finally:
        os.umask(before)
    assert (tmp_path / "page.html").read_bytes() == b"hello"
    assert (tmp_path / "page.html").stat().st_mode & 0o777 == 0o644
    assert names(tmp_path) == ["page.html"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    atomic_write(tmp_path / "page.html", b"a long first version", 0o644)
    atomic_write(tmp_path / "page.html", b"second", 0o600)
    assert (tmp_path / "page.html").read_bytes() == b"second"


def test_the_same_original_may_be_written_again_another_may_not(tmp_path: Path) -> None:
    path = tmp_path / "1.pdf"
    atomic_write(path, b"one", 0o600, replace=False)
    atomic_write(path, b"one", 0o600, replace=False)
    with pytest.raises(FileConflict) as caught:
        atomic_write(path, b"two", 0o600, replace=False)
    assert caught.value.path == str(path)
    assert path.read_bytes() == b"one"
    assert names(tmp_path) == ["1.pdf"]


@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOTSUP])
def test_originals_are_kept_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def refuse(*args: Any) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "1.pdf"
    atomic_write(path, b"one", 0o600, replace=False)
    atomic_write(path, b"one", 0o600, replace=False)
    with pytest.raises(FileConflict):
        atomic_write(path, b"two", 0o600, replace=False)
    assert path.read_bytes() == b"one"
    assert names(tmp_path) == ["1.pdf"]


@pytest.mark.parametrize("call", ["write", "fsync", "link", "rename"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_a_failing_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: int
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    atomic_write(old, b"old", 0o600)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError(error, os.strerror(error))

    if call == "rename":
        monkeypatch.setattr(Path, "replace", fail)
    else:
        monkeypatch.setattr(os, call, fail)
    with pytest.raises(FilesystemError) as caught:
        atomic_write(new, b"new", 0o600, replace=call != "link")
    assert caught.value.path == str(new)
    assert caught.value.reason == os.strerror(error)
    if call != "link":
        with pytest.raises(FilesystemError):
            atomic_write(old, b"changed", 0o600)
    assert old.read_bytes() == b"old"
    assert names(tmp_path) == ["old"]


def test_file_and_folder_are_on_the_disk_before_it_is_called_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    synced: list[tuple[int, bool]] = []

    def record(handle: int) -> None:
        synced.append((os.fstat(handle).st_ino, path.exists()))

    monkeypatch.setattr(os, "fsync", record)
    atomic_write(path, b"data", 0o600)
    assert synced == [(path.stat().st_ino, False), (tmp_path.stat().st_ino, True)]


def test_a_disk_that_takes_a_part_of_each_write_gets_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, bytes(data)[:3]))
    atomic_write(tmp_path / "file", b"0123456789", 0o600)
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_ctrl_c_in_the_middle_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        atomic_write(tmp_path / "file", b"data", 0o600)
    assert names(tmp_path) == []


FULL = """
import resource, signal, sys
from pathlib import Path
from studio_support.delivery.files import atomic_write
from studio_support.errors import FilesystemError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    atomic_write(Path(sys.argv[1]), b"x" * 10_000, 0o600)
except FilesystemError as error:
    sys.exit(f"{error.path}|{error.reason}")
"""


def test_a_limit_of_the_system_stops_a_file_in_the_middle_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "big.pdf"
    child = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, timeout=60)
    assert child.returncode == 1
    assert child.stderr.strip() == f"{path}|{os.strerror(errno.EFBIG)}"
    assert names(tmp_path) == []


def test_a_missing_folder_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(FilesystemError) as caught:
        atomic_write(tmp_path / "no" / "file", b"data", 0o600)
    assert caught.value.path == str(tmp_path / "no" / "file")


def test_new_folders_get_their_mode_and_old_ones_keep_theirs(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    make_folder(tmp_path / "a" / "b", 0o700)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b", ".")] == [0o700, 0o700, 0o750]


def test_a_folder_in_the_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FilesystemError):
        make_folder(tmp_path / "file" / "folder", 0o700)
    with pytest.raises(FilesystemError):
        sha256_of(tmp_path)


def test_a_folder_is_removed_once_and_asked_for_again_is_simply_gone(tmp_path: Path) -> None:
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "page").write_bytes(b"x")
    assert remove_folder(tmp_path / "link") is True
    assert remove_folder(tmp_path / "link") is False
    assert names(tmp_path) == []


def test_sweeping_removes_what_the_dead_left_and_spares_the_living(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    dead = f".tmp-{child.pid}-{'0' * 16}"
    (tmp_path / dead).mkdir()
    (tmp_path / dead / "invoice.pdf").write_bytes(b"x")
    (tmp_path / dead.replace("0" * 16, "1" * 16)).write_bytes(b"x")
    mine = files.temporary_name()
    (tmp_path / mine).write_bytes(b"x")
    (tmp_path / ".tmp-notes").write_bytes(b"x")
    assert sweep(tmp_path) == 2
    assert names(tmp_path) == sorted([mine, ".tmp-notes"])
    assert sweep(tmp_path / "missing") == 0


def test_a_process_of_somebody_else_counts_as_living(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(process: int, signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbid)
    (tmp_path / files.temporary_name()).write_bytes(b"x")
    assert sweep(tmp_path) == 0
