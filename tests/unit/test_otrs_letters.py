"""Letters: text as written, marks that nobody sees, and what counts as ours when it is looked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_support.otrs.letters import (
    checked_key,
    history_comment,
    html_of,
    is_letter,
    mark_of,
    one_line,
    same_subject,
    written_by,
)
from studio_support.otrs.model import Article, HistoryRow

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NUMBER = "2026112010000015"
LETTER = Article(
    id=7,
    ticket_id=2,
    sender_type="agent",
    channel="email",
    visible=True,
    sender="support@studio.test",
    to="jane@acme.test",
    cc="",
    subject=f"[Ticket#{NUMBER}] Received",
    body="Hello",
    created_at=AT,
    created_by=3,
    html="<p>Hello</p>\n<!-- k/1 -->\n",
)


class Reader(HTMLParser):
    """What a person sees: text, with line breaks."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = ""

    def handle_data(self, data: str) -> None:
        self.seen += data.replace("\n", "")

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in ("p", "br")
        self.seen += "\n" if tag == "br" else ""


def test_a_letter_is_html_with_the_mark_as_a_comment() -> None:
    assert html_of("Hi <b> & co\n  bye", "k/1") == "<p>Hi &lt;b&gt; &amp; co<br/>\n&nbsp; bye</p>\n<!-- k/1 -->\n"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_whatever_is_written_is_seen_as_written(text: str) -> None:
    """Markup, scripts, comments' ends and right-to-left text come out as characters; only our two tags are in it."""
    reader = Reader()
    reader.feed(html_of(text, "k"))
    reader.close()
    wanted = text.replace("\r\n", "\n").replace("\r", "\n")
    assert reader.seen.replace("\xa0", " ") == wanted.replace("\xa0", " ")


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "a>b", "a--b", "ключ", "a\nb"])
def test_a_key_that_could_end_a_comment_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="a key has"):
        checked_key(key)


def test_marks_of_a_key() -> None:
    assert mark_of("done/1") == "<!-- done/1 -->"
    assert history_comment("done/1") == "studio-support done/1"
    assert len(history_comment("x" * 64)) < 200


def test_subjects_and_addresses_stay_on_one_line() -> None:
    assert one_line("Hi\r\nBcc: all@acme.test\u2028x \x00 y") == "Hi Bcc: all@acme.test x y"


@pytest.mark.parametrize(
    ("stored", "same"),
    [
        ("Received", True),
        (f"[Ticket#{NUMBER}] Received", True),
        (f"Received [Ticket#{NUMBER}]", True),
        (f"[Ticket#: {NUMBER} ] Received", True),
        (f"RE: [Ticket#{NUMBER}] Received", False),
        ("Received 2", False),
        ("Receive", False),
        ("[...]", False),
        ("Rec [...]", False),
        ("[Ticket#2026112010000099] Received", False),
    ],
)
def test_a_subject_is_ours_less_the_tag(stored: str, same: bool) -> None:
    assert same_subject(stored, "Received", NUMBER) is same


def test_a_subject_that_the_server_cut_is_ours_if_enough_of_it_is_left() -> None:
    ours = "Your request was received and will be answered today by closing time"
    assert same_subject(f"[Ticket#{NUMBER}] {ours[:40]} [...]", ours, NUMBER)
    assert not same_subject(f"[Ticket#{NUMBER}] {ours[:38]}!! [...]", ours, NUMBER)


def test_a_letter_is_ours_by_agent_subject_and_key_together() -> None:
    asked = {"subject": "Received", "number": NUMBER, "key": "k/1", "agent": 3}
    assert is_letter(LETTER, **asked)  # type: ignore[arg-type]  # keywords in a dict
    assert is_letter(replace(LETTER, html=None, body="x <!-- k/1 --> y"), **asked)  # type: ignore[arg-type]  # likewise
    for other in (
        replace(LETTER, sender_type="customer"),
        replace(LETTER, created_by=4),
        replace(LETTER, subject="RE: Received"),
        replace(LETTER, html="<p>Hello</p><!-- k/11 -->"),
        replace(LETTER, html=None),
    ):
        assert not is_letter(other, **asked)  # type: ignore[arg-type]  # likewise
    unnamed = {**asked, "agent": None}
    assert is_letter(replace(LETTER, created_by=4), **unnamed)  # type: ignore[arg-type]  # likewise
    assert is_letter(replace(LETTER, created_by=None), **asked)  # type: ignore[arg-type]  # likewise


def test_a_line_of_history_stands_for_a_letter_by_key_and_agent() -> None:
    row = HistoryRow(2, "AddNote", "studio-support k/1", AT, 3, 7)
    assert written_by(row, "k/1", 3)
    assert written_by(row, "k/1", None)
    assert not written_by(row, "k/1", 4)
    assert not written_by(row, "k/11", 3)
    assert not written_by(replace(row, article_id=None), "k/1", 3)
