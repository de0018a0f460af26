"""The text of an issue: what the client wrote, shown as written in whatever markup the Redmine uses.

The number stands in the description after the hook, so that a person and a search find it. What the client wrote
stands in a preformatted block that nothing in it can leave: no markup of it works, no macro, no link to an issue.
"""

from __future__ import annotations

import re
from typing import Literal

from studio_support.otrs.model import Article, Ticket
from studio_support.sync.mail_kinds import own_words
from studio_support.tickets.number import NumberPolicy, bare_subject

Markup = Literal["textile", "markdown"]
SUBJECT_LENGTH = 255
_LONGEST_TEXT = 40_000
_CUT = "[…]"
_ENDS_BLOCK = re.compile(r"<(?=/?(?:pre|code|notextile))", re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def issue_subject(ticket: Ticket, numbers: NumberPolicy) -> str:
    """One line of at most 255 characters, without tag and Re:; the ticket's number where nothing is left."""
    line = bare_subject(_UNSEEN.sub(" ", ticket.title.replace("\n", " ")), numbers)
    if len(line) > SUBJECT_LENGTH:
        line = line[: SUBJECT_LENGTH - 1].rstrip() + "…"
    return line or f"{numbers.hook}{ticket.number}"


def issue_description(
    ticket: Ticket, articles: tuple[Article, ...], rules_url: str, numbers: NumberPolicy, markup: Markup
) -> str:
    """Number, address of the ticket, who asks, and the client's letters in order."""
    lines = [f"{numbers.hook}{ticket.number}"]
    if rules_url:
        lines.append(rules_url.replace("{id}", str(ticket.id)).replace("{number}", ticket.number))
    parts = ["\n".join(lines)]
    parts += [f"{_who(one)}\n\n{verbatim(one.body, markup)}" for one in articles]
    return "\n\n".join(parts) + "\n"


def note_text(ticket: Ticket, article: Article, numbers: NumberPolicy, markup: Markup) -> str:
    """A later letter of the client, as a note on the issue. The article's id makes each text the only one."""
    head = f"{numbers.hook}{ticket.number}, article {article.id}"
    return f"{head}\n{_who(article)}\n\n{verbatim(own_words(article.body) or article.body, markup)}\n"


def verbatim(text: str, markup: Markup) -> str:
    """Text as a block that shows it as written."""
    kept = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    if len(kept) > _LONGEST_TEXT:
        kept = kept[:_LONGEST_TEXT].rstrip() + f"\n{_CUT}"
    if markup == "textile":
        # a closing tag in the text would end the block, nothing else in it means anything; the space has no width
        safe = _ENDS_BLOCK.sub("<\u200b", kept)
        return f"<pre>\n{safe}\n</pre>"
    # Indented, not fenced: the older of Redmine's two Markdowns ends a fenced block at fences of any length.
    return "\n".join(f"    {line}" for line in kept.split("\n"))


def _who(article: Article) -> str:
    """Sender and time on one line; signs that markup knows are left out of the name."""
    at = article.received_at or article.created_at
    name = re.sub(r"[^\w\s.@,+'-]|_{2,}", " ", article.sender)
    return f"{' '.join(name.split())}, {at:%Y-%m-%d %H:%M} UTC"
