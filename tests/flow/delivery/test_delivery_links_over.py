"""The folder of an expired link: every state in which a sweep, or a link that is opened again, can be cut off is
finished by the next run."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studio_support.config import load_settings
from studio_support.studio import Studio
from tests.world import ENVIRON, NOW, OCTOBER, keep_reading, make_reading, write_world

LATE = date(2027, 3, 10)  # a week after the last day
OVER = ["expired.html", "invoice.html"]


class World:
    """A studio with one issued document, on any day."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def studio(self, day: date | None = None) -> Studio:
        now = NOW if day is None else datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)
        settings = load_settings(self.folder / "studio-support.toml")
        return Studio(config=settings, clock=lambda: now, person="i.petrova", environ=ENVIRON)

    def behind(self) -> Path:
        (folder,) = [path for path in (self.folder / "published").iterdir() if path.is_dir()]
        return folder

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.behind().iterdir())}


@pytest.fixture
def world(tmp_path: Path) -> World:
    folder = tmp_path / "studio"
    write_world(folder, 1)
    world = World(folder)
    world.studio().close_month(OCTOBER, source=keep_reading(make_reading(1, 20), tmp_path / "reading"))
    return world


@pytest.mark.parametrize("cut", ["the mark alone", "the page too", "the page alone, as once", "one file gone"])
def test_a_sweep_that_was_cut_off_is_finished_by_the_next(world: World, cut: str) -> None:
    opened = world.files()
    world.studio(LATE).links.sweep()
    swept = world.files()
    assert list(swept) == OVER
    left = {
        "the mark alone": {**opened, "expired.html": swept["expired.html"]},
        "the page too": {**opened, **swept},
        "the page alone, as once": {"invoice.html": swept["invoice.html"]},
        "one file gone": {"expired.html": swept["expired.html"]},
    }[cut]
    for path in world.behind().iterdir():
        path.unlink()
    for name, data in left.items():
        (world.behind() / name).write_bytes(data)
    assert world.studio(LATE).links.sweep().expired == 1
    assert world.files() == swept
    assert world.studio(LATE).links.sweep().expired == 0


@pytest.mark.parametrize("cut", ["nothing", "the PDF", "all but the mark"])
def test_an_opening_that_was_cut_off_is_finished_by_the_next_close(world: World, cut: str) -> None:
    """While the mark lies there a web server says "expired", whatever else is there."""
    opened = world.files()
    world.studio(LATE).links.sweep()
    swept = world.files()
    world.studio(LATE).links.give("2026-0001", expires_on=date(2027, 6, 1))
    assert world.files() == opened
    left = {
        "nothing": swept,
        "the PDF": {**swept, "invoice.pdf": opened["invoice.pdf"]},
        "all but the mark": {**opened, "expired.html": swept["expired.html"]},
    }[cut]
    for path in world.behind().iterdir():
        path.unlink()
    for name, data in left.items():
        (world.behind() / name).write_bytes(data)
    assert world.studio(LATE).documents.publish(OCTOBER) == []
    assert world.files() == opened


@pytest.mark.parametrize("verb", ["close", "sweep"])
def test_what_a_kill_left_in_the_folder_of_a_link_goes_with_the_next_run(world: World, verb: str) -> None:
    opened = world.files()
    process = subprocess.Popen(["true"])  # one that is gone: nobody else's file is touched
    process.wait()
    (world.behind() / f".tmp-{process.pid}-0123456789abcdef").write_bytes(b"half a page")
    if verb == "close":
        assert world.studio().documents.publish(OCTOBER) == []
    else:
        world.studio().links.sweep()
    assert world.files() == opened
