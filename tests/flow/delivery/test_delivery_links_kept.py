"""Links of a former secret, and of one person under two spellings: what is said of them holds in the folder too."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studio_support.config import load_settings
from studio_support.config.secrets import Secret
from studio_support.studio import Studio
from tests.world import NOW, OCTOBER, SECRET, keep_reading, make_reading, write_world

BASE = "https://invoices.studio.example/"
OTHER = SECRET[::-1]
FIRST = "2026-0001"
LATE = date(2027, 3, 10)  # a week after the last day


class World:
    """A studio with two issued documents, on any day and with any secret."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def studio(self, day: date | None = None, secret: str = SECRET) -> Studio:
        now = NOW if day is None else datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)
        settings = load_settings(self.folder / "studio-support.toml")
        return Studio(config=settings, clock=lambda: now, person="i.petrova", environ={"LINK_SECRET": secret})

    def behind(self, link: str) -> Path:
        return self.folder / "published" / link.removeprefix(BASE).removesuffix("/invoice.html")

    def opens(self, link: str) -> bool:
        folder = self.behind(link)
        return (folder / "invoice.pdf").exists() and "Client c00" in (folder / "invoice.html").read_text("utf-8")


@pytest.fixture
def world(tmp_path: Path) -> World:
    folder = tmp_path / "studio"
    write_world(folder, 2)
    world = World(folder)
    world.studio().close_month(OCTOBER, source=keep_reading(make_reading(2, 20), tmp_path / "reading"))
    return world


def test_an_expired_link_of_a_former_secret_opens_again_when_its_day_is_moved(world: World) -> None:
    letter = world.studio().links.show(FIRST).link
    world.studio().links.rotate(Secret(OTHER))
    late = world.studio(LATE, OTHER)
    late.links.sweep()
    assert not world.opens(letter)
    late.links.give(FIRST, expires_on=date(2027, 6, 1))
    assert world.opens(letter)
    assert world.opens(late.links.show(FIRST).link)


def test_what_is_lost_behind_a_link_of_a_former_secret_is_put_back(world: World) -> None:
    letter = world.studio().links.show(FIRST).link
    world.studio().links.rotate(Secret(OTHER))
    (world.behind(letter) / "invoice.pdf").unlink()
    assert world.studio(secret=OTHER).documents.publish(OCTOBER) == []
    assert world.opens(letter)


def test_a_former_link_that_was_taken_back_stays_so(world: World) -> None:
    letter = world.studio().links.show(FIRST).link
    world.studio().links.rotate(Secret(OTHER))
    world.studio(secret=OTHER).links.give(FIRST, renew=True)
    world.studio(secret=OTHER).documents.publish(OCTOBER)
    assert not world.behind(letter).exists()


def test_one_person_has_one_link_however_the_address_is_written(world: World) -> None:
    links = world.studio().links
    given = links.give(FIRST, recipient="Tax@client.example").link
    assert links.give(FIRST, recipient="tax@CLIENT.example").link == given
    assert links.revoke(FIRST, recipient="tax@client.example").links == 1
    assert not world.opens(given)
