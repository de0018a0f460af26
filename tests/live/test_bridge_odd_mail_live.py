"""Mails that nobody would write on purpose, through real servers: each is served, and so is the plain one beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.live_bridge import JANE, LiveBridge, opened

pytestmark = pytest.mark.live
MEGABYTE = 1024 * 1024
HEAD = b"From: Jane Doe <jane@acme.test>\nTo: support@studio.test\nMIME-Version: 1.0\n"
WRITTEN: dict[str, tuple[str, str]] = {
    "markup": ("<script>alert(1)</script> <b>{{toc}}</b> h1. *x* #1", "</pre><script>alert(2)</script><pre>"),
    "right to left": ("שלום \u202eעולם\u202c", "السلام عليكم\n\u202eabc\u202c"),
    "emoji": ("😀🎉 «ёлки»", "👩\u200d💻 👍🏽\n"),
    "long": ("word " * 200, "x" * 20_000),
    "plain": ("A plain one", "Please mend it."),
}
RAW: dict[str, bytes] = {
    "broken charset": HEAD + b"Subject: =?no-such?Q?Gr=FC=DFe?=\n"
    b"Content-Type: text/plain; charset=no-such-charset\nContent-Transfer-Encoding: 8bit\n\nGr\xfc\xdfe \xff\xfe\n",
    "wrong charset": HEAD + b"Subject: Gr\xfc\xdfe \xff\nContent-Type: text/plain; charset=utf-8\n"
    b"Content-Transfer-Encoding: 8bit\n\n\xd0\xcf\xf0\xe8\xe2\xe5\xf2 \xff\x00\x07\n",
    "no subject": HEAD + b"Content-Type: text/plain\n\nNothing above.\n",
    "ten megabytes": HEAD
    + b"Subject: Long letter\nContent-Type: text/plain\n\n"
    + (b"0123456789" * 7 + b"\n") * 142_000,
}


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[LiveBridge]:
    yield from opened(tmp_path)


def written(subject: str, body: str, sender: str = JANE, file: bytes = b"") -> bytes:
    """A mail in UTF-8, with an attachment."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "support@studio.test", subject
    message.set_content(body)
    if file:
        message.add_attachment(file, maintype="application", subtype="octet-stream", filename="huge.bin")
    return message.as_bytes()


def test_odd_mails_become_issues_and_letters_like_the_plain_one(bridge: LiveBridge) -> None:
    """Ten odd ones and a plain one in a pass: every ticket has its outcome, and a second pass has nothing to do."""
    bridge.configure(timeout=60, hold=120, overlap=0)
    bridge.sync()
    mails = {name: written(*told) for name, told in WRITTEN.items()} | RAW
    mails["huge file"] = written("Huge file", "See the file.", file=b"\xff" * (60 * MEGABYTE))
    mails["stranger"] = written("Who am I", "Call me.", sender="who@nowhere.test")
    names = dict(zip(mails, bridge.raw_mails(*mails.values()), strict=True))
    bridge.sync()
    assert bridge.counted() == {(number, "received", 1): 1 for number in names.values()}
    bridge.move(*names.values())
    made = bridge.sync()
    left_out = [one.detail for one in made.outcomes if one.detail]
    assert len(left_out) == 1 and "huge.bin (60.0 MB)" in left_out[0]
    stranger = names.pop("stranger")
    assert any(stranger in told.message and "no client lists" in told.message for told in made.told)
    assert bridge.issues(stranger) == []
    for name, number in names.items():
        [issue] = bridge.issues(number)
        assert f"Ticket#{number}" in issue["description"], name
        assert 0 < len(issue["subject"]) <= 255, name
        assert bridge.ticket(number).field("RedmineIssue") == str(issue["id"]), name
    wanted = Counter({(number, kind, 1): 1 for number in names.values() for kind in ("received", "task_set")})
    wanted[stranger, "received", 1] = 1
    assert bridge.counted() == wanted
    bridge.sync()
    assert not [one for one in bridge.sync().plan.actions if type(one).__name__ != "Warn"]
    assert bridge.counted() == wanted
