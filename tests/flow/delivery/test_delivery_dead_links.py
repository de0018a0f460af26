"""A letter never brings a link behind which nothing lies: it waits, named with the next step, and the others leave."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from studio_support.delivery.publish import Publisher
from studio_support.studio import Studio
from tests.world import OCTOBER, SETTINGS, keep_reading, make_reading, open_studio, write_world


def closed(folder: Path, port: int, settings: str = SETTINGS) -> Studio:
    write_world(folder, 2, port, settings)
    studio = open_studio(folder)
    close(studio, folder)
    return studio


def close(studio: Studio, folder: Path) -> None:
    studio.close_month(OCTOBER, source=keep_reading(make_reading(2, 20), folder / "reading"))


def folder_of(studio: Studio, number: str, published: Path) -> Path:
    link = studio.links.show(number).link
    assert link is not None
    return published / link.rsplit("/", 2)[1]


def recipients(server: Any) -> list[str]:
    return sorted(kept.recipients[0] for kept in server.kept)


def test_a_letter_waits_for_the_copy_behind_its_link_and_the_others_leave(
    tmp_path: Path, serve: Callable[..., Any]
) -> None:
    server, home = serve(), tmp_path / "studio"
    studio = closed(home, server.port)
    shutil.rmtree(folder_of(studio, "2026-0001", home / "published"))

    sent = studio.send_month(OCTOBER)
    assert recipients(server) == ["c002@client.example"]
    assert [(row["number"], row["state"]) for row in sent.letters] == [
        ("2026-0001", "queued"),
        ("2026-0002", "accepted"),
    ]
    (problem,) = sent.problems
    assert (problem.source, problem.client) == ("invoice:2026-0001", "c001")
    assert f"nothing lies behind its link in {home / 'published'}" in problem.message
    assert "`bill close 2026-10`" in problem.next_step

    close(studio, home)
    assert studio.send_month(OCTOBER).problems == ()
    assert recipients(server) == ["c001@client.example", "c002@client.example"]


def test_without_the_whole_folder_nothing_leaves_until_it_is_back(tmp_path: Path, serve: Callable[..., Any]) -> None:
    server, home = serve(), tmp_path / "studio"
    studio = closed(home, server.port)
    shutil.rmtree(home / "published")

    assert len(studio.send_month(OCTOBER).problems) == 2
    (problem,) = studio.send_invoice("2026-0001").problems
    assert "2026-0001" in problem.message
    assert server.kept == []

    studio.links.give("2026-0001")
    assert studio.send_invoice("2026-0001").problems == ()
    assert recipients(server) == ["c001@client.example"]


def test_a_letter_waits_while_the_page_of_an_expired_link_lies_behind_the_prolonged_one(
    tmp_path: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`invoice link --expires` was killed after it wrote the day down: web servers still answer 410."""
    server, home = serve(), tmp_path / "studio"
    closed(home, server.port)
    late = open_studio(home, clock=lambda: datetime(2027, 6, 1, 9, tzinfo=UTC))
    assert late.links.sweep().expired == 2

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Publisher, "publish_pending", killed)
        late.links.give("2026-0001", expires_on=date(2027, 7, 1))
    (problem,) = late.send_invoice("2026-0001").problems
    assert "nothing lies behind its link" in problem.message
    assert server.kept == []

    late.links.give("2026-0001")
    assert late.send_invoice("2026-0001").problems == ()
    assert recipients(server) == ["c001@client.example"]


def test_a_recipients_own_link_is_the_one_that_counts(tmp_path: Path, serve: Callable[..., Any]) -> None:
    server, home = serve(), tmp_path / "studio"
    studio = closed(home, server.port)
    studio.links.give("2026-0001", recipient="c001@client.example")
    shutil.rmtree(folder_of(studio, "2026-0001", home / "published"))  # the document's own, which he is not sent
    studio.send_month(OCTOBER)
    assert recipients(server) == ["c001@client.example", "c002@client.example"]


def test_links_of_this_machine_alone_are_sent_while_their_copies_lie_there(
    tmp_path: Path, serve: Callable[..., Any]
) -> None:
    server, home = serve(), tmp_path / "studio"
    address = SETTINGS.replace("https://invoices.studio.example", f"file://{home}/published")
    assert closed(home, server.port, address).send_month(OCTOBER).problems == ()
    assert len(server.kept) == 2
