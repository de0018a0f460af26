"""`--dry-run`: each letter as it would leave, and all that would keep one back, found without sending anything."""

from __future__ import annotations

import email
import email.policy
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from studio_support.studio import Studio
from tests.rogue_smtp import RogueSmtp
from tests.world import NOW, OCTOBER, SETTINGS, keep_reading, make_reading, open_studio, write_world

SENDER = 'sender = "billing@studio.example"\n'
REPLY = f'{SENDER}reply_to = "help@studio.example"\n'
BOUNDARY = "Content-Type"  # drawn by lot for each letter


def closed(folder: Path, port: int, clients: int = 2, mail: str = REPLY) -> Callable[..., Studio]:
    """at(minutes): the studio so long after its October was closed."""
    write_world(folder, clients, port, SETTINGS.replace(SENDER, mail).replace("Studio Ltd", "Студия «Веб»"))
    open_studio(folder).close_month(OCTOBER, source=keep_reading(make_reading(clients, 3), folder))

    def at(minutes: int = 0) -> Studio:
        return open_studio(folder, clock=lambda: NOW + timedelta(minutes=minutes))

    return at


@pytest.mark.parametrize("divert", ["", "me@studio.example"])
def test_what_is_shown_is_what_leaves(tmp_path: Path, serve: Callable[..., Any], divert: str) -> None:
    """Headers, text, HTML, files and size, first as shown and then as the server got them."""
    server = serve()
    at = closed(tmp_path, server.port, 1, f'{REPLY}divert_to = "{divert}"\n' if divert else REPLY)
    file = tmp_path / "clients" / "c001.toml"
    file.write_text(file.read_text().replace("[[rates]]", 'attach = ["pdf"]\n\n[[rates]]', 1))
    [shown] = at().send_month(OCTOBER, dry_run=True).messages
    assert server.kept == []

    at().send_month(OCTOBER)
    [kept] = server.kept
    mail = email.message_from_bytes(kept.content, policy=email.policy.default)
    assert kept.recipients == [shown["envelope_to"]] == [divert or "c001@client.example"]
    assert shown.get("diverted_to", "") == divert
    headers = [[name, str(value)] for name, value in mail.items()]
    assert [pair for pair in shown["headers"] if pair[0] != BOUNDARY] == [h for h in headers if h[0] != BOUNDARY]
    assert ["Auto-Submitted", "auto-generated"] in shown["headers"]
    assert ["Reply-To", "help@studio.example"] in shown["headers"]
    assert shown["bytes"] == len(kept.content)
    [attached] = mail.iter_attachments()
    assert shown["files"] == [{"name": "2026-0001.pdf", "bytes": len(attached.get_content())}]
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (body.get_content().replace("\r\n", "\n") for body in bodies if body is not None)
    note = "Diverted: this letter was meant for c001@client.example"
    assert text == (f"{note}\n\n" if divert else "") + shown["text"]
    assert html == shown["html"].replace("<body>", f"<body>\n<p><strong>{note}</strong></p>" if divert else "<body>")


def test_what_would_keep_a_letter_back_is_named(tmp_path: Path) -> None:
    """c001 is put off by its server, c002 would leave, c003 is beyond max_letters, nothing lies behind c004's link."""
    server = RogueSmtp("rcpt", "450 4.2.0 greylisted", "c001@client.example")
    try:
        at = closed(tmp_path, server.port, 4, f"{SENDER}max_letters = 1\n")
        at().send_month(OCTOBER)
        assert server.kept == {}
        token = at().documents.publisher.token(at().documents.stored("2026-0004"))
        shutil.rmtree(tmp_path / "published" / token)

        shown = at(1).send_month(OCTOBER, dry_run=True)
        assert [(row["to"], row["state"]) for row in shown.letters] == [
            ("c002@client.example", "would be sent"),
            ("c003@client.example", "would wait"),
            ("c004@client.example", "would wait"),
            ("c001@client.example", "would wait"),
        ]
        told = "\n".join(problem.message for problem in shown.problems)
        assert "It may be tried again from 2026-11-02 09:05 UTC." in told
        assert "2 letters more than max_letters = 1 in one run." in told

        before = at(1).send_month(OCTOBER)
        assert server.kept == {"c002@client.example": 1}
        assert [problem.message for problem in before.problems] == [problem.message for problem in shown.problems]
        at(2).send_month(OCTOBER)
        [row] = [row for row in at(3).send_month(OCTOBER, dry_run=True).letters if row["number"] == "2026-0004"]
        assert (row["state"], row["detail"]) == ("would wait", "nothing lies behind its link")
    finally:
        server.close()
