"""Letters to clients: a template by kind and language, ours or the studio's own, and the facts that it may speak of.

The first line is the subject, the rest the text. Nothing is escaped here: the letter is plain text, of which the OTRS
edge makes HTML. The ticket's tag is added by OTRS to the subject, the queue's signature below the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from studio_support.errors import LetterTemplateBroken
from studio_support.sync.letter_facts import LetterFacts
from studio_support.sync.model import LETTER_KINDS, LetterKind
from studio_support.sync.wording import LANGUAGES, due_words, duration, language_of

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment, Template

SUFFIX = ".txt.j2"
_LONGEST_TITLE = 50  # the server cuts subjects at 100 characters
_BLANK_LINES = re.compile(r"\n{3,}")
_LEFTOVER = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


class Letters:
    """Writes letters. folder: the studio's own templates (`received.ru.txt.j2`), each in place of ours."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._loaded: Environment | None = None

    def render(self, kind: LetterKind, language: str, facts: LetterFacts) -> tuple[str, str]:
        """Subject (one line, without the ticket's tag) and plain text; languages without letters get English.

        The same facts give the same letter. Raises LetterTemplateBroken, naming file and line.
        """
        name = f"{kind}.{language_of(language)}{SUFFIX}"
        template = self._template(name)
        try:
            written = template.render(_context(language, facts))
        except Exception as error:  # noqa: BLE001 - a template of the studio's own may raise anything
            raise LetterTemplateBroken(self._file(name), _line_of(error, template), _said(error)) from None
        subject, _, body = written.strip().partition("\n")
        text = "\n".join(line.rstrip() for line in body.strip().splitlines())
        if not subject.strip() or not text:
            wrong = "it gives no subject" if not subject.strip() else "it gives no text below the subject"
            raise LetterTemplateBroken(self._file(name), 1, wrong)
        return " ".join(subject.split()), _BLANK_LINES.sub("\n\n", text) + "\n"

    def check(self) -> tuple[LetterTemplateBroken, ...]:
        """What is wrong with the templates, ours and the studio's own: each is written with sample facts.

        A file of the folder that is no template's name is named as well: it would stand for nothing, in silence.
        """
        return tuple(self._faults())

    def _faults(self) -> Iterator[LetterTemplateBroken]:
        names = {f"{kind}.{language}{SUFFIX}" for kind in LETTER_KINDS for language in LANGUAGES}
        if self._folder is not None:
            if not self._folder.is_dir():
                yield LetterTemplateBroken(self._folder, None, "there is no such folder")
            else:
                strange = sorted(file.name for file in self._folder.glob("*.j2") if file.name not in names)
                for name in strange:
                    wrong = f"no letter has this name; names are like {min(names)}"
                    yield LetterTemplateBroken(self._folder / name, None, wrong)
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
                        yield LetterTemplateBroken(self._file(name), None, f"{left[0]} is left in the letter")
                        break

    def _template(self, name: str) -> Template:
        from jinja2 import TemplateError, TemplateSyntaxError

        try:
            return self._environment().get_template(name)
        except TemplateSyntaxError as error:
            raise LetterTemplateBroken(error.filename or name, error.lineno, str(error.message)) from None
        except (TemplateError, OSError, UnicodeDecodeError) as error:
            raise LetterTemplateBroken(self._file(name), None, _said(error)) from None

    def _file(self, name: str) -> Path | str:
        own = self._folder / name if self._folder is not None else None
        return own if own is not None and own.exists() else name

    def _environment(self) -> Environment:
        from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        if self._loaded is None:
            loaders: list[BaseLoader] = [PackageLoader("studio_support.sync")]
            if self._folder is not None:
                loaders.insert(0, FileSystemLoader(self._folder))
            self._loaded = ImmutableSandboxedEnvironment(
                loader=ChoiceLoader(loaders),
                undefined=StrictUndefined,
                autoescape=False,  # plain text; the edge that makes HTML of it escapes all of it
                trim_blocks=True,
                lstrip_blocks=True,
            )
            self._loaded.filters["short"] = _short
        return self._loaded


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


def _line_of(error: BaseException, template: Template) -> int | None:
    """The line of the template at which it failed."""
    line: int | None = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == template.filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


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
