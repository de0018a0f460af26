"""kill -9 while links are rotated, swept, renewed and opened again; and a disk that fills up under their folder.

After each kill, before anything is run again: every link that is good in the store opens what it did, whole; there is
no folder that the store does not know; the secret that the store knows is on disk. Run again, the command is finished,
what was taken back is gone, and nothing is left half-made.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studio_support.config import load_settings
from studio_support.config.secrets import Secret
from studio_support.delivery import link_rows
from studio_support.delivery.links import digest
from studio_support.errors import FilesystemError
from studio_support.studio import Studio
from tests.faults.conftest import finish, fork, kill_after
from tests.world import NOW, OCTOBER, SECRET, SETTINGS, keep_reading, make_reading, write_world

pytestmark = pytest.mark.faults
CLIENTS = 5
LATE = date(2027, 3, 10)  # a week after the last day of every link
NUMBERS = [f"2026-{number:04d}" for number in range(1, CLIENTS + 1)]


def studio_at(folder: Path, day: date | None = None) -> Studio:
    now = NOW if day is None else datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)
    settings = load_settings(folder / "studio-support.toml")
    return Studio(config=settings, clock=lambda: now, person="i.petrova", environ={})


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("links")
    folder = root / "studio"
    write_world(folder, CLIENTS, settings=SETTINGS.replace('secret_env = "LINK_SECRET"', 'secret_file = "link-secret"'))
    (folder / "link-secret").write_text(SECRET)
    (folder / "link-secret").chmod(0o600)
    studio_at(folder).close_month(OCTOBER, source=keep_reading(make_reading(CLIENTS, 20), root / "reading"))
    return folder


def published(folder: Path) -> dict[str, dict[str, bytes]]:
    """What lies behind each link, by the digest of its name."""
    return {
        digest(path.name): {file.name: file.read_bytes() for file in path.iterdir()}
        for path in (folder / "published").iterdir()
        if path.is_dir() and not path.name.startswith(".tmp-")
    }


def check_now(folder: Path, before: dict[str, dict[str, bytes]], day: date | None) -> None:
    """What must hold at any moment: see the module."""
    studio, there = studio_at(folder, day), published(folder)
    with studio.store.reading() as connection:
        known = link_rows.known_secret(connection)
        rows = {row.token_sha256: row for row in link_rows.link_rows(connection)}
    assert there.keys() <= rows.keys()
    for name, files in before.items():
        row = rows[name]
        if row.good and row.expires_on >= studio.today():
            held = there[name]
            if "expired.html" not in files:
                assert held == files
            elif "expired.html" not in held:  # opened again: whole
                assert sorted(held) == ["invoice.html", "invoice.pdf"]
                assert b"This link has expired" not in held["invoice.html"]
    secrets = [path.read_text().strip() for path in folder.glob("link-secret*")]
    assert known in {studio.documents.publisher_with(Secret(text)).fingerprint for text in secrets}


def check_end(folder: Path, day: date | None) -> None:
    """Nothing is half-made: each good link of this secret opens its files, whatever is over does not."""
    studio, there = studio_at(folder, day), published(folder)
    assert not list((folder / "published").glob(".tmp-*"))
    assert not (folder / "link-secret.new").exists()
    with studio.store.reading() as connection:
        rows = link_rows.link_rows(connection)
    for row in rows:
        files = sorted(there.get(row.token_sha256, {}))
        if not row.good:
            assert files == []
        elif row.expires_on < studio.today():
            assert files in ([], ["expired.html", "invoice.html"])
        else:
            assert files == ["invoice.html", "invoice.pdf"]


def opened_again(folder: Path) -> None:
    for number in NUMBERS[:3]:
        studio_at(folder, LATE).links.give(number, expires_on=date(2027, 6, 1))


VERBS: dict[str, tuple[Callable[[Path], object], date | None]] = {
    "rotate": (lambda folder: studio_at(folder).links.rotate(), None),
    "sweep": (lambda folder: studio_at(folder, LATE).links.sweep(), LATE),
    "renew": (lambda folder: studio_at(folder).links.give(NUMBERS[0], renew=True), None),
    "open again": (opened_again, LATE),
}


@pytest.mark.parametrize("verb", list(VERBS))
def test_links_survive_kill_9_at_any_moment(
    verb: str, template: Path, tmp_path: Path, kills: int, dice: random.Random
) -> None:
    act, day = VERBS[verb]
    base = tmp_path / "base"
    shutil.copytree(template, base)
    if verb == "open again":
        studio_at(base, LATE).links.sweep()
    before = published(base)
    seconds = _lasts(act, base, tmp_path / "timed")
    killed = 0
    for number in range(max(kills // 2, 5)):
        folder = tmp_path / f"{number}"
        shutil.copytree(base, folder)
        died = kill_after(fork(lambda: act(folder)), dice.uniform(0, seconds))  # noqa: B023 - ends before the next
        killed += died
        seconds *= 1.03 if died else 0.7  # a run that is quicker than the timed one is met all the same
        check_now(folder, before, day)
        act(folder)
        check_end(folder, day)
        if verb == "rotate":  # once more in full: one rotation was finished, no link was lost
            assert before.items() <= published(folder).items()
        shutil.rmtree(folder)
    print(f"{verb}: {killed} killed within {seconds:.2f} s")  # noqa: T201 - shown by -s
    assert killed > 0


def _lasts(act: Callable[[Path], object], base: Path, folder: Path) -> float:
    shutil.copytree(base, folder)
    began = time.monotonic()
    assert finish(fork(lambda: act(folder))) == 0
    lasted = time.monotonic() - began
    shutil.rmtree(folder)
    return lasted


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB of its own as the published folder (root)."""
    assert os.getuid() == 0, "make faults is run as root"
    place = tmp_path / "studio" / "published"
    place.mkdir(parents=True, mode=0o711)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=711", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_full_in_the_middle_of_publishing(small_disk: Path, tmp_path: Path) -> None:
    """What was published is whole, numbers stay, links can be taken back, and room lets the same close go on."""
    other = tmp_path / "other"
    write_world(other, 30, settings=SETTINGS.replace('secret_env = "LINK_SECRET"', 'secret_file = "link-secret"'))
    folder = small_disk.parent
    shutil.copytree(other, folder, dirs_exist_ok=True)
    (folder / "link-secret").write_text(SECRET)
    (folder / "link-secret").chmod(0o600)
    source = keep_reading(make_reading(30, 20), tmp_path / "reading")
    with pytest.raises(FilesystemError, match="No space left"):
        studio_at(folder).close_month(OCTOBER, source=source)
    there = published(folder)
    assert 0 < len(there) < 30
    assert {tuple(sorted(files)) for files in there.values()} == {("invoice.html", "invoice.pdf")}
    assert not list(small_disk.glob(".tmp-*"))
    with pytest.raises(FilesystemError, match="No space left"):
        studio_at(folder).close_month(OCTOBER, source=source)
    assert published(folder) == there
    first = studio_at(folder).links.revoke("2026-0001")
    assert (first.links, first.folders) == (1, 1)
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    done = studio_at(folder).close_month(OCTOBER, source=source)
    assert sorted(draft["number"] for draft in done.drafts) == [f"2026-{number:04d}" for number in range(1, 31)]
    now = published(folder)
    assert len(now) == 29
    assert all(now[name] == files for name, files in there.items() if name in now)
