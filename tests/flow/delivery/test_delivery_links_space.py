"""The published folder as its owner may find it: open to lists, on a full or a read-only disk, of another machine."""

from __future__ import annotations

import errno
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from studio_support.config import load_settings
from studio_support.doctor import Check, examine, places
from studio_support.errors import FilesystemError
from studio_support.studio import Studio
from tests.world import ENVIRON, NOW, OCTOBER, keep_reading, make_reading, write_world


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A studio with two published documents."""
    made = tmp_path / "studio"
    write_world(made, 2)
    studio_at(made).close_month(OCTOBER, source=keep_reading(make_reading(2, 20), tmp_path / "reading"))
    return made


def studio_at(folder: Path, day: date | None = None) -> Studio:
    now = NOW if day is None else datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)
    settings = load_settings(folder / "studio-support.toml")
    return Studio(config=settings, clock=lambda: now, person="i.petrova", environ=ENVIRON)


def looked(folder: Path) -> dict[str, Check]:
    return {check.name: check for check in examine(studio_at(folder), None)}


def test_doctor_warns_of_a_folder_that_everybody_may_list(folder: Path) -> None:
    published = folder / "published"
    assert (looked(folder)["web space"].result, published.stat().st_mode & 0o777) == ("ok", 0o711)
    published.chmod(0o755)
    found = looked(folder)["web space"]
    assert (found.result, found.next_step.split(":")[0]) == ("warning", f"`chmod 711 {published}`")
    assert "may list" in found.detail


def test_doctor_measures_the_room_on_the_disk_of_the_published_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where it is not the disk of the originals, which has a line already."""
    assert "web disk" not in looked(folder)
    usage, real = places.shutil.disk_usage(folder)._replace(free=10 * 1024**2), Path.stat

    class Elsewhere:
        st_dev = -1
        st_mode = 0o40711

    def stat(path: Path, **options: Any) -> Any:
        return Elsewhere() if path.name == "published" else real(path, **options)

    monkeypatch.setattr(Path, "stat", stat)
    monkeypatch.setattr(places.shutil, "disk_usage", lambda path: usage)
    found = looked(folder)["web disk"]
    assert (found.result, found.detail) == ("failed", "0.0 GB are free for the published folder")


def test_a_link_is_taken_back_even_where_the_folder_cannot_be_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`serve` opens it no more; the copies come down when the same is said again."""
    link = studio_at(folder).links.show("2026-0001").link
    name = link.split("/")[-2]

    def refused(*args: Any, **options: Any) -> Any:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        patch.setattr("studio_support.delivery.copies.TemporaryFile", refused)
        with pytest.raises(FilesystemError, match="Read-only"):
            studio_at(folder).links.revoke("2026-0001")
    assert studio_at(folder).documents.link("2026-0001") is None
    assert (folder / "published" / name).is_dir()
    done = studio_at(folder).links.revoke("2026-0001")
    assert (done.links, done.folders) == (0, 1)
    assert not (folder / "published" / name).exists()
