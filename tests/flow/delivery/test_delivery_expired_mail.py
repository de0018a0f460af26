"""A letter never brings a link that has expired: it is refused, and leaves once the link opens again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from studio_support.config import load_settings
from studio_support.studio import Studio
from tests.world import ENVIRON, OCTOBER, keep_reading, make_reading, open_studio, write_world

LATE = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)  # 121 days after the issue date


def test_a_letter_with_an_expired_link_waits_until_it_opens(tmp_path: Path, serve: Callable[..., Any]) -> None:
    server = serve()
    folder = tmp_path / "studio"
    write_world(folder, 2, server.port)
    studio = open_studio(folder)
    studio.close_month(OCTOBER, source=keep_reading(make_reading(2, 20), tmp_path / "reading"))
    studio.links.give("2026-0002", recipient="c002@client.example", expires_on=date(2027, 4, 1))

    settings = load_settings(folder / "studio-support.toml")
    late = Studio(config=settings, clock=lambda: LATE, person="i.petrova", environ=ENVIRON)
    sent = late.send_month(OCTOBER)
    assert [kept.recipients for kept in server.kept] == [["c002@client.example"]]
    (problem,) = [problem for problem in sent.problems if "2026-0001" in problem.message]
    assert "its link expired on 2027-03-02; `invoice link 2026-0001 --expires DAY`" in problem.message

    link = late.links.give("2026-0001", expires_on=date(2027, 4, 1)).link
    late.send_invoice("2026-0001", again=True)
    assert [kept.recipients for kept in server.kept][1:] == [["c001@client.example"]]
    assert link.encode() in server.kept[1].content.replace(b"=\r\n", b"")
