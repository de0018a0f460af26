"""Letters to clients: a template by kind and language, ours or the studio's own, and the facts that it may speak of.

The first line is the subject, the rest the text. Nothing is escaped here: the letter is plain text, of which the OTRS
edge makes HTML. The ticket's tag is added by OTRS to the subject, the queue's signature below the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

from studio_support.errors import LetterTemplateBroken
from studio_support.letter_templates import Templates
from studio_support.sync.letter_facts import LetterFacts
from studio_support.sync.model import LETTER_KINDS, LetterKind
from studio_support.sync.wording import LANGUAGES, due_words, duration, language_of

SUFFIX = ".txt.j2"
_LONGEST_TITLE = 50  # the server cuts subjects at 100 characters
_BLANK_LINES = re.compile(r"\n{3,}")
_LEFTOVER = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


class Letters:
    """Writes letters. folder: the studio's own templates (`received.ru.txt.j2`), each in place of ours."""

    def __init__(self, folder: Path | None = None) -> None:
        self._templates = Templates("studio_support.sync", folder, {"short": _short})

    def render(self, kind: LetterKind, language: str, facts: LetterFacts) -> tuple[str, str]:
        """Subject (one line, without the ticket's tag) and plain text; languages without letters get English.

        The same facts give the same letter. Raises LetterTemplateBroken, naming file and line.
        """
        name = f"{kind}.{language_of(language)}{SUFFIX}"
        written = self._templates.written(name, _context(language, facts))
        subject, _, body = written.strip().partition("\n")
        text = "\n".join(line.rstrip() for line in body.strip().splitlines())
        if not subject.strip() or not text:
            wrong = "it gives no subject" if not subject.strip() else "it gives no text below the subject"
            raise LetterTemplateBroken(self._templates.file(name), 1, wrong)
        return " ".join(subject.split()), _BLANK_LINES.sub("\n\n", text) + "\n"

    def check(self) -> tuple[LetterTemplateBroken, ...]:
        """What is wrong with the templates, ours and the studio's own: each is written with sample facts.

        A file of the folder that is no template's name is named as well: it would stand for nothing, in silence.
        """
        return tuple(self._faults())

    def _faults(self) -> Iterator[LetterTemplateBroken]:
        names = {f"{kind}.{language}{SUFFIX}" for kind in LETTER_KINDS for language in LANGUAGES}
        yield from self._templates.strange(names)
        for kind in LETTER_KINDS:
            for language in LANGUAGES:
                for facts in SAMPLES:
                    try:
                        subject, text = self.render(kind, language, facts)
                    except LetterTemplateBroken as error:
                        yield error
                        break
                    left = _LEFTOVER.search(f"{subject}\n{text}")
                    if left is not None:
                        name = f"{kind}.{language}{SUFFIX}"
                        yield LetterTemplateBroken(self._templates.file(name), None, f"{left[0]} is left in the letter")
                        break


def _context(language: str, facts: LetterFacts) -> dict[str, object]:
    """What a template may use.

    due: by when, "" where nothing is promised or the time is over; promised: the same for a time that is over, too.
    """
    spoken = language_of(language)
    promised = due_words(facts.promised_at, facts.now, spoken) if facts.promised_at is not None else ""
    over = facts.promised_at is not None and facts.now is not None and facts.promised_at <= facts.now
    return {
        "facts": facts,
        "number": facts.number,
        "title": " ".join(facts.title.split()),
        "client": " ".join(facts.client.split()),
        "by_phone": facts.channel == "phone",
        "due": "" if over else promised,
        "promised": promised,
        "hours": duration(facts.estimate_minutes, spoken) if facts.estimate_minutes is not None else "",
        "cost": facts.cost,
        "note": facts.note.strip(),
        "issues": ", ".join(f"#{issue}" for issue in facts.issues),
    }


def _short(text: str) -> str:
    """A title for a subject: the server would cut a long one in the middle of a word."""
    if len(text) <= _LONGEST_TITLE:
        return text
    words = text[:_LONGEST_TITLE].rpartition(" ")[0]
    return (words if len(words) > _LONGEST_TITLE // 2 else text[: _LONGEST_TITLE - 1]).rstrip(" ,.;:-–—") + "…"


_MOSCOW = timezone(timedelta(hours=3))
_NOW = datetime(2026, 6, 16, 10, 30, tzinfo=_MOSCOW)
SAMPLES: tuple[LetterFacts, ...] = (
    LetterFacts(
        number="2026061610000017",
        title="The order form sends nothing",
        client="ACME GmbH",
        received_at=_NOW,
        promised_at=_NOW.replace(hour=18, minute=0),
        now=_NOW,
        channel="phone",
        estimate_minutes=210,
        cost="332.50 EUR",
        note="The form works again.",
        issues=(417,),
    ),
    LetterFacts(number="2026061610000017", title=""),
)
"""Facts that templates are checked with: all there is, and as little as there can be."""
