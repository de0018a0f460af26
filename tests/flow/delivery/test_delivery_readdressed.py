"""An address that is corrected in the client's file: the letter goes there, once, and the row tells both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from studio_support.billing.audit import read_audit
from studio_support.delivery.outcomes import PermanentFailure, Uncertain
from studio_support.studio import Studio
from tests.flow.delivery.hands import NOW, Scripted, hand, send
from tests.rogue_smtp import RogueSmtp
from tests.world import OCTOBER, keep_reading, make_reading, open_studio, write_world

TYPO, RIGHT, OTHER = "tpyo@acme.example", "typo@acme.example", "b@acme.example"


def shut(where: str, who: str) -> str | None:
    return "450 4.1.2 Domain not found" if where == "rcpt" and who == TYPO else None


def test_a_letter_that_a_server_puts_off_goes_to_the_corrected_address(books: Any, serve: Callable[..., Any]) -> None:
    """Postfix says 450 to a domain with a typo: the letter would wait for ever."""
    server = serve(shut)
    books.issue("acme")
    send(books, server, {"acme": [TYPO, OTHER]})
    assert books.states() == {TYPO: "queued", OTHER: "accepted"}

    for _ in range(2):
        done = send(books, server, {"acme": [RIGHT, OTHER]}, now=NOW + timedelta(minutes=1))
        assert done.complete
        assert books.states() == {TYPO: "withdrawn", OTHER: "accepted", RIGHT: "accepted"}
    assert [kept.recipients for kept in server.kept] == [[OTHER], [RIGHT]]
    [old] = [row for row in books.outbox().letters() if row.recipient == TYPO]
    assert old.detail == f"no longer an address of the client, now {RIGHT}; was queued: 450 4.1.2 Domain not found"
    with books.store.reading() as connection:
        assert "mail withdrawn" in [row.verb for row in read_audit(connection, "invoice:2026-0001")]


def test_a_refused_address_needs_no_word_but_its_correction(books: Any) -> None:
    books.issue("acme")
    hand(books, Scripted(PermanentFailure("550 5.1.1 unknown")), [TYPO])
    hands = Scripted()
    assert hand(books, hands, [RIGHT]).complete
    assert [letter.recipient for letter in hands.sent] == [RIGHT]
    assert hand(books, hands, [TYPO]).complete, "the file is put back: who has the letter keeps it"
    assert [letter.recipient for letter in hands.sent] == [RIGHT]


def test_a_letter_in_doubt_whose_address_is_back_is_told_of_and_sent_on_a_persons_word_alone(books: Any) -> None:
    """It was withdrawn in doubt, and the address in its place refused: nobody has the document for certain."""
    books.issue("acme")
    hand(books, Scripted(Uncertain("cut")), [OTHER])
    books.outbox().send_again("2026-0001", [RIGHT])
    hand(books, Scripted(PermanentFailure("550 5.1.1 unknown")), [RIGHT])
    assert books.states() == {OTHER: "withdrawn", RIGHT: "refused"}

    hands = Scripted()
    for _ in range(2):
        done = hand(books, hands, [OTHER])
        assert [(row.recipient, row.state) for row in done.stuck] == [(OTHER, "uncertain")]
        assert not done.complete
    assert hands.sent == []
    books.outbox().send_again("2026-0001", [OTHER])
    assert hand(books, hands, [OTHER]).complete
    assert [letter.recipient for letter in hands.sent] == [OTHER]


def test_a_file_without_an_address_holds_what_waits_and_says_so(books: Any, serve: Callable[..., Any]) -> None:
    server = serve(shut)
    books.issue("acme")
    books.issue("zeta")
    book = {"acme": [TYPO], "zeta": ["z@zeta.example"]}
    send(books, server, book)
    done = send(books, server, {**book, "acme": []}, now=NOW + timedelta(hours=1))
    assert books.states() == {TYPO: "queued", "z@zeta.example": "accepted"}
    assert [problem.message for problem in done.problems] == [
        "2026-0001 for acme was not mailed: the client has no e-mail address."
    ]
    assert [row.recipient for row in done.held] == [TYPO]
    assert server.stages.count(("rcpt", TYPO)) == 1


def closed(folder: Path, port: int) -> Callable[[int], Studio]:
    """at(minutes): the studio so long after its October was closed."""
    write_world(folder, 2, port)
    open_studio(folder).close_month(OCTOBER, source=keep_reading(make_reading(2, 3), folder))

    def at(minutes: int) -> Studio:
        return open_studio(folder, clock=lambda: NOW + timedelta(hours=1, minutes=minutes))

    return at


def test_a_studio_that_corrects_the_file_sends_to_the_new_address_and_lists_both(tmp_path: Path) -> None:
    server = RogueSmtp("rcpt", "450 4.1.2 Domain not found", "c001@client.example")
    try:
        at = closed(tmp_path, server.port)
        assert len(at(0).send_month(OCTOBER).problems) == 1
        file = tmp_path / "clients" / "c001.toml"
        sound = file.read_text()
        file.write_text(sound.replace("c001@client.example", "right@client.example"))

        shown = at(1).send_month(OCTOBER, dry_run=True)
        assert [(row["to"], row["state"]) for row in shown.letters] == [
            ("right@client.example", "would be sent"),
            ("c001@client.example", "would be withdrawn"),
        ]
        assert [message["to"] for message in shown.messages] == ["right@client.example"]

        sent = at(1).send_month(OCTOBER)
        assert sent.problems == ()
        assert [(row["to"], row["state"]) for row in sent.letters] == [
            ("c001@client.example", "withdrawn"),
            ("c002@client.example", "accepted"),
            ("right@client.example", "accepted"),
        ]
        assert server.kept == {"c002@client.example": 1, "right@client.example": 1}

        server.heal()
        file.write_text(sound)
        assert at(2).send_month(OCTOBER).problems == ()
        at(3).send_invoice("2026-0001", again=False)
        assert server.kept == {"c002@client.example": 1, "right@client.example": 1}
    finally:
        server.close()
