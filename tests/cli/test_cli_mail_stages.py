"""One table: a mail server that spoils each stage of the dialogue in each way, and what `bill send` makes of it.

Two letters wait, that of c001 first. The rule behind every row: before the content nothing was taken, and the letter
stays queued; from its first byte on only the server's word counts, and without one the letter is in doubt (RFC 5321,
4.2.5). Exit code 1: no letter could leave at all. 3: something is left to be done. 0: all is well.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from studio_cli.app import run
from tests.rogue_smtp import CUT, HANG, TLS, RogueSmtp
from tests.world import ENVIRON, OCTOBER, SETTINGS, keep_reading, make_reading, open_studio, write_world

FIRST, SECOND = "c001@client.example", "c002@client.example"
MAIL = 'smtp_url = "smtp://127.0.0.1:{smtp_port}"\n'
OVER_TLS = f"""\
smtp_url = "smtp://localhost:{{smtp_port}}"
user = "robot"
password_env = "SMTP_PASSWORD"
ca_file = "{TLS}"
timeout_seconds = 20
"""
QUEUED, ACCEPTED, REFUSED, UNCERTAIN = "queued", "accepted", "refused", "uncertain"


class Row(NamedTuple):
    """stage, answer: see RogueSmtp. code: of the first run. first, second: states after it; kept: of the first letter.
    again: the first letter's state after a second run, an hour later, by a server that behaves; code_again: of that."""

    stage: str
    answer: str
    code: int
    first: str
    second: str
    kept: int
    again: str
    code_again: int


def nothing_left(stage: str, *answers: str) -> list[Row]:
    """The server could not be used: nothing left, and an hour later all goes."""
    return [Row(stage, answer, 1, QUEUED, QUEUED, 0, ACCEPTED, 0) for answer in answers]


def later(stage: str, *answers: str) -> list[Row]:
    """The first was not taken, and goes an hour later; the second is not held up."""
    return [Row(stage, answer, 3, QUEUED, ACCEPTED, 0, ACCEPTED, 0) for answer in answers]


def refused(stage: str, *answers: str) -> list[Row]:
    """The first is refused for good and waits for a person."""
    return [Row(stage, answer, 3, REFUSED, ACCEPTED, 0, REFUSED, 3) for answer in answers]


def doubtful(stage: str, kept: int, *answers: str) -> list[Row]:
    """Nobody knows whether the first was taken: it is never sent again by itself."""
    return [Row(stage, answer, 3, UNCERTAIN, ACCEPTED, kept, UNCERTAIN, 3) for answer in answers]


TABLE = [
    *nothing_left("banner", "421 4.3.2 busy", "554 5.7.1 go away", "hm?", CUT, HANG),
    *nothing_left("ehlo", "421 4.3.2 busy", "550 5.7.1 no", "hm?", CUT, HANG),
    *nothing_left("starttls", "454 4.7.0 no TLS now", "502 5.5.1 what?", "hm?", CUT, HANG),
    *nothing_left("auth", "535 5.7.8 wrong", "454 4.7.0 ask later", "hm?", CUT, HANG),
    *nothing_left("mail", "550 5.7.1 not your domain"),
    *later("mail", "421 4.3.2 busy", "451 4.3.0 later", "452 4.3.1 no room", "hm?", CUT, HANG),
    *refused("mail", "552 5.3.4 too large"),
    *later("rcpt", "421 4.3.2 busy", "450 4.2.0 greylisted", "hm?", CUT, HANG),
    *refused("rcpt", "550 5.1.1 unknown", "553 5.1.3 what?"),
    *later("data", "421 4.3.2 busy", "451 4.3.0 later", "250 what for?", "hm?", CUT, HANG),
    *refused("data", "554 5.7.1 no"),
    *doubtful("body", 0, CUT, HANG),
    *later("dot", "451 4.7.1 greylisted", "421 4.3.2 busy"),
    *refused("dot", "554 5.7.1 spam", "552 5.3.4 too large"),
    *doubtful("dot", 0, CUT, HANG, "hm?", "354 go on"),
    *doubtful("kept", 1, CUT, HANG, "hm?"),
    *[Row("quit", answer, 0, ACCEPTED, ACCEPTED, 1, ACCEPTED, 0) for answer in ("500 what?", CUT, HANG)],
]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A studio whose October is closed and not mailed."""
    folder = tmp_path_factory.mktemp("closed") / "studio"
    write_world(folder, 2, settings=SETTINGS.replace(MAIL, OVER_TLS))
    studio = open_studio(folder)
    assert studio.close_month(OCTOBER, source=keep_reading(make_reading(2, 3), folder)).problems == ()
    studio.store.close()
    return folder


@pytest.fixture
def rogue() -> Iterator[Callable[..., RogueSmtp]]:
    opened: list[RogueSmtp] = []

    def make(*how: str) -> RogueSmtp:
        opened.append(RogueSmtp(*how))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def studio(closed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """studio(port) -> a copy of the closed studio, whose mail server listens there; commands are typed in it.
    patience: seconds for each answer; short only where the server is silent, since a slow machine's is not."""

    def make(port: int, patience: int = 20) -> Path:
        folder = tmp_path / "studio"
        shutil.copytree(closed, folder)
        settings = folder / "studio-support.toml"
        text = settings.read_text().replace("{smtp_port}", str(port)).replace(':9"', f':{port}"')
        settings.write_text(text.replace("timeout_seconds = 20", f"timeout_seconds = {patience}"))
        monkeypatch.chdir(folder)
        for name, value in {**ENVIRON, "SMTP_PASSWORD": "correct horse", "STUDIO_SUPPORT_USER": "tester"}.items():
            monkeypatch.setenv(name, value)
        return folder

    return make


def states(folder: Path) -> dict[str, str]:
    with open_studio(folder).store.reading() as connection:
        found: Any = connection.exec_driver_sql("select recipient, state from letters order by id").all()
    return dict(found)


def bill_send(hour: int) -> int:
    return run(["--as-of", f"2026-11-02T{hour:02d}:00:00Z", "-q", "bill", "send", "2026-10"])


@pytest.mark.parametrize("row", TABLE, ids=[f"{row.stage}-{row.answer}".replace(" ", "_") for row in TABLE])
def test_each_stage_spoilt_in_each_way(row: Row, rogue: Callable[..., RogueSmtp], studio: Callable[..., Path]) -> None:
    server = rogue(row.stage, row.answer, FIRST)
    folder = studio(server.port, patience=1 if row.answer == HANG else 20)

    assert bill_send(9) == row.code
    assert states(folder) == {FIRST: row.first, SECOND: row.second}
    assert server.kept == Counter({FIRST: row.kept, SECOND: int(row.second == ACCEPTED)})
    assert server.spoilt >= 1, "the row tests nothing"

    server.heal()
    assert bill_send(10) == row.code_again
    assert states(folder) == {FIRST: row.again, SECOND: ACCEPTED}
    assert server.kept == Counter({FIRST: int(row.again == ACCEPTED) or row.kept, SECOND: 1})


def test_nobody_listens(rogue: Callable[..., RogueSmtp], studio: Callable[..., Path]) -> None:
    server = rogue()
    server.close()
    folder = studio(server.port)
    assert bill_send(9) == 1
    assert states(folder) == {FIRST: QUEUED, SECOND: QUEUED}


def test_one_address_of_a_client_is_taken_and_the_other_refused(
    rogue: Callable[..., RogueSmtp], studio: Callable[..., Path]
) -> None:
    """Each has a letter of his own, so that who was refused keeps nobody else from his, and nobody gets two."""
    server = rogue("rcpt", "550 5.1.1 unknown", "typo@client.example")
    folder = studio(server.port)
    file = folder / "clients" / "c001.toml"
    file.write_text(file.read_text().replace(f'["{FIRST}"]', f'["{FIRST}", "typo@client.example", "a@client.example"]'))
    expected = {FIRST: ACCEPTED, "typo@client.example": REFUSED, "a@client.example": ACCEPTED, SECOND: ACCEPTED}
    for hour in (9, 10):
        assert bill_send(hour) == 3
        assert states(folder) == expected
        assert server.kept == Counter({FIRST: 1, "a@client.example": 1, SECOND: 1})
