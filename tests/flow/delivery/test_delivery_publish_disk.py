"""Publishing on a disk that is full, read-only, used by somebody else at once, or was left in disorder by a kill."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio_support.delivery.files import FileConflict, temporary_name
from studio_support.delivery.publish import Places, Publication, Publisher
from studio_support.errors import FilesystemError
from tests.publishers import Printer, documents, places_in, publishing, run, tree


@pytest.fixture
def printer() -> Printer:
    return Printer()


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return places_in(tmp_path)


@pytest.fixture
def publisher(books: Any, places: Places, printer: Printer) -> Publisher:
    return publishing(books, places, printer)


def test_what_a_killed_run_left_is_swept_away(books: Any, places: Places, publisher: Publisher) -> None:
    books.issue(published=False)
    run(books, publisher)
    dead = temporary_name().replace(f"-{os.getpid()}-", "-4194305-")  # above Linux's greatest process id
    (places.directory / dead).mkdir()
    (places.directory / dead / "invoice.pdf").write_bytes(b"%P")
    (places.files / "originals" / "2026" / dead).write_bytes(b"%P")
    run(books, publisher)
    assert not (places.directory / dead).exists()
    assert not (places.files / "originals" / "2026" / dead).exists()


@pytest.mark.parametrize("call", range(1, 30))
def test_a_disk_that_fills_up_at_any_write_leaves_nothing_half_made_and_the_next_run_finishes(
    books: Any, places: Places, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    books.issue(published=False)
    books.issue(published=False)
    calls = 0

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def attempt(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == call:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*args, **kwargs)

        return attempt

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", failing(os.write))
        patch.setattr(os, "fsync", failing(os.fsync))
        try:
            run(books, publisher)
        except FilesystemError as error:
            assert error.reason == os.strerror(errno.ENOSPC)
            assert not isinstance(error, FileConflict)
        else:
            assert calls < call, "the failure was swallowed"
    for folder in (places.files, places.directory):
        assert not list(folder.rglob(".tmp-*"))
    for path in places.directory.iterdir():
        assert path.name == ".studio-support-store" or sorted(tree(path)) == ["invoice.html", "invoice.pdf"]

    run(books, publisher)

    assert run(books, publisher) == Publication()
    assert len(tree(places.files)) == 4
    assert len(tree(places.directory)) == 5


def test_a_read_only_folder_is_an_error_that_names_it(books: Any, places: Places, printer: Printer) -> None:
    blocked = places.directory.parent / "blocked"
    blocked.write_bytes(b"a file where a folder should be")
    books.issue(published=False)
    publisher = publishing(books, replace(places, directory=blocked / "published"), printer)
    with pytest.raises(FilesystemError) as caught:
        run(books, publisher)
    assert str(blocked) in caught.value.path


def test_somebody_quicker_with_the_same_folder_is_no_error(
    books: Any, publisher: Publisher, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs at once, the lock switched off: the other one publishes between our look and our rename."""
    books.issue(published=False)
    (document,) = documents(books)
    folder = places.directory / publisher.token(document)
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if target == folder and not folder.exists():
            folder.mkdir()
            (folder / "invoice.pdf").write_bytes(b"%PDF 2026-0001 first")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    assert run(books, publisher).published == ("2026-0001",)
    assert sorted(tree(folder)) == ["invoice.html", "invoice.pdf"]
    assert [path for path in places.directory.iterdir() if path.name.startswith(".tmp-")] == []
