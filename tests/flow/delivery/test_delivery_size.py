"""Letters and the room that a server says it has (RFC 1870): asked before anything of the letter leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio_support.delivery.letter import Attachment, Letter, Message, as_bytes
from studio_support.delivery.mail import Mailer, SmtpServer
from studio_support.delivery.outcomes import Accepted, PermanentFailure
from tests.rogue_smtp import RogueSmtp
from tests.world import OCTOBER, keep_reading, make_reading, open_studio, write_world

SENDER = "billing@studio.example"
NOW = datetime(2026, 11, 2, tzinfo=UTC)
SMALL = Letter("a@acme.example", "<1@x>", NOW, Message("S", "T\n", "<p>T</p>\n"))
LARGE = replace(SMALL, message=replace(SMALL.message, attachments=(Attachment("a.pdf", "pdf", bytes(60_000)),)))


@pytest.fixture
def roomy() -> Iterator[Callable[[str | None], RogueSmtp]]:
    """roomy(size) -> a server that says so after SIZE."""
    opened: list[RogueSmtp] = []

    def make(size: str | None) -> RogueSmtp:
        opened.append(RogueSmtp(size=size))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def mailer(server: RogueSmtp) -> Mailer:
    return Mailer(SmtpServer(f"smtp://127.0.0.1:{server.port}", timeout_seconds=5), SENDER)


def verbs(server: RogueSmtp) -> list[str]:
    return [line.split()[0] for line in server.said]


def test_a_letter_that_is_too_large_is_refused_before_it_is_begun_and_the_next_one_goes(
    roomy: Callable[[str | None], RogueSmtp],
) -> None:
    """60,000 bytes are more than 80,000 characters in base64, and 50,000 is the limit."""
    server = roomy("50000")
    with mailer(server) as hands:
        refused = hands.send(LARGE)
        assert isinstance(refused, PermanentFailure)
        size = len(as_bytes(LARGE, SENDER))
        assert refused.detail == f"too large: {size} bytes, and the server takes 50000 (SIZE)"
        assert [verb.upper() for verb in verbs(server)] == ["EHLO"]
        assert hands.send(SMALL) == Accepted("250 kept")
    assert [verb.upper() for verb in verbs(server)] == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.parametrize("less", [0, 1])
def test_the_limit_itself_still_fits(roomy: Callable[[str | None], RogueSmtp], less: int) -> None:
    size = len(as_bytes(SMALL, SENDER)) - less
    with mailer(roomy(str(size))) as hands:
        assert isinstance(hands.send(SMALL), PermanentFailure if less else Accepted)


@pytest.mark.parametrize("offered", ["", "0", "many", "9" * 5000, "-5", "٣"])
def test_a_server_that_names_no_limit_is_told_the_size_and_decides(
    roomy: Callable[[str | None], RogueSmtp], offered: str
) -> None:
    server = roomy(offered)
    with mailer(server) as hands:
        assert hands.send(LARGE) == Accepted("250 kept")
    assert f"mail FROM:<{SENDER}> SIZE={len(as_bytes(LARGE, SENDER))}".lower() in [line.lower() for line in server.said]


def test_a_server_that_does_not_know_the_word_is_not_told(roomy: Callable[[str | None], RogueSmtp]) -> None:
    server = roomy(None)
    with mailer(server) as hands:
        assert hands.send(LARGE) == Accepted("250 kept")
    assert f"mail FROM:<{SENDER}>".lower() in [line.lower() for line in server.said]


def test_who_asked_for_files_that_are_too_large_is_named_with_what_to_do(
    tmp_path: Path, roomy: Callable[[str | None], RogueSmtp]
) -> None:
    """c001 wants the PDF, which is larger than 8,000 bytes; c002 gets the link alone. Then c001 takes the link."""
    server = roomy("8000")
    write_world(tmp_path, 2, server.port)
    file = tmp_path / "clients" / "c001.toml"
    file.write_text(file.read_text().replace("[[rates]]", 'attach = ["pdf"]\n\n[[rates]]', 1))
    open_studio(tmp_path).close_month(OCTOBER, source=keep_reading(make_reading(2, 3), tmp_path))

    sent = open_studio(tmp_path).send_month(OCTOBER)
    assert [letter["state"] for letter in sent.letters] == ["refused", "accepted"]
    [problem] = sent.problems
    assert problem.message.startswith("The letter with 2026-0001 to c001@client.example was refused: too large: ")
    assert problem.next_step == (
        "Take files out of attach in clients/c001.toml, or let the mail server take larger letters, "
        "then `invoice send 2026-0001 --again`."
    )
    file.write_text(file.read_text().replace('attach = ["pdf"]', ""))
    assert open_studio(tmp_path).send_invoice("2026-0001", again=True).problems == ()
    assert server.kept == {"c001@client.example": 1, "c002@client.example": 1}
