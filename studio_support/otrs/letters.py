"""A letter as OTRS sends it: our text as HTML, and the marks by which it is found again.

Znuny appends the queue's signature as HTML even to plain text, so letters are HTML with our text escaped; the plain
part that clients see is made from it. Of all marks these survive on an article: who wrote it, the subject, a comment
in the HTML, the comment in the history. A hidden element would show in the plain part.
"""

from __future__ import annotations

import re
from html import escape
from string import ascii_letters, digits

from studio_support.otrs.mapping import text_of
from studio_support.otrs.model import Article, HistoryRow

KEY_LENGTH = 64
_KEY_CHARACTERS = frozenset(ascii_letters + digits + "._:/-")
_HISTORY = "studio-support {key}"
# Znuny's Ticket::SubjectSize is 100 and its fallback 120: what is longer is cut and ends in this.
_CUT = "[...]"
_SHORTEST_CUT = 20


def checked_key(key: str) -> str:
    """The key of an intent, fit for an HTML comment and a history line. Raises ValueError."""
    if not 1 <= len(key) <= KEY_LENGTH or not _KEY_CHARACTERS.issuperset(key) or "--" in key:
        raise ValueError(f"a key has 1 to {KEY_LENGTH} letters, digits and . _ : / - (not --), not {key!r}")
    return key


def mark_of(key: str) -> str:
    """The HTML comment that a letter bears."""
    return f"<!-- {checked_key(key)} -->"


def history_comment(key: str) -> str:
    """The line that the history of a ticket shows for an article of ours."""
    return _HISTORY.format(key=checked_key(key))


def html_of(text: str, key: str) -> str:
    """The body of a letter: every character of the text shown as written, lines kept, the mark behind it."""
    lines = escape(text_of(text)).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = (re.sub(r"  +", lambda found: "&nbsp;" * (len(found[0]) - 1) + " ", line) for line in lines)
    return "<p>" + "<br/>\n".join(kept) + f"</p>\n{mark_of(key)}\n"


def one_line(text: str) -> str:
    """A subject, title or address as one line: a line break in a header would be a header of its own."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", text_of(text)).split())


def same_subject(stored: str, ours: str, number: str) -> bool:
    """Whether a stored subject is ours: less the ticket's tag, wherever it stands, and less what the server cut off."""
    plain = one_line(re.sub(rf"\[[^\[\]]*?{re.escape(number)}\s*\]", " ", stored))
    wanted = one_line(re.sub(rf"\[[^\[\]]*?{re.escape(number)}\s*\]", " ", ours))
    if plain == wanted:
        return True
    beginning = plain.removesuffix(_CUT).rstrip()
    return beginning != plain and len(beginning) >= _SHORTEST_CUT and wanted.startswith(beginning)


def is_letter(article: Article, *, subject: str, number: str, key: str, agent: int | None) -> bool:
    """Whether an article is our letter, by its HTML: our agent's, the exact subject, the key in a comment.

    A client's answer that quotes it is from a customer; an agent's that does has another subject.
    """
    return _ours(article, subject, number, agent) and mark_of(key) in (article.html or article.body)


def written_by(row: HistoryRow, key: str, agent: int | None) -> bool:
    """Whether a line of history stands for an article that bears our key."""
    return row.text == history_comment(key) and row.article_id is not None and agent in (None, row.created_by)


def _ours(article: Article, subject: str, number: str, agent: int | None) -> bool:
    by_us = agent is None or article.created_by is None or article.created_by == agent
    return article.sender_type == "agent" and by_us and same_subject(article.subject, subject, number)
