"""Problems and notices on stderr: what is wrong, for whom, and what to do."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from studio_cli.context import Context
from studio_cli.output import visible
from studio_cli.streams import tell
from studio_support.counting import counted

if TYPE_CHECKING:
    from studio_invoices.errors import Problem

NOTICES_OF_A_KIND = 3


def show_problems(context: Context, problems: Sequence[Problem], notices: Sequence[Problem] = ()) -> None:
    """Every problem with what to do; of notices that ask for the same thing the first three, with -v all.

    JSON holds them already. Problems are told in spite of --quiet.
    """
    if context.form == "json":
        return
    if problems:
        tell(f"{counted(len(problems), 'problem')}:")
    for problem in problems:
        _tell(problem)
    if context.quiet or not notices:
        return
    tell(f"{counted(len(notices), 'notice')}:")
    for kind in _by_step(notices):
        shown = kind if context.verbose else kind[:NOTICES_OF_A_KIND]
        for notice in shown:
            _tell(notice, step=notice is shown[-1])
        if len(shown) < len(kind):
            rest = sorted({notice.client for notice in kind[len(shown) :] if notice.client})
            about = f": {', '.join(rest)}" if rest else ""
            _wrapped(f"... and {len(kind) - len(shown)} more of this kind{about} (-v shows all).", "  ")


def _by_step(notices: Sequence[Problem]) -> Iterator[list[Problem]]:
    kinds: dict[str, list[Problem]] = {}
    for notice in notices:
        kinds.setdefault(notice.next_step, []).append(notice)
    yield from kinds.values()


def _tell(problem: Problem, *, step: bool = True) -> None:
    named = problem.client is not None and problem.client not in problem.message
    who = f"{problem.client}: " if named else ""
    _wrapped(f"{who}{problem.message}", "  ")
    if step:
        _wrapped(f"-> {problem.next_step}", "     ")


def _wrapped(text: str, indent: str) -> None:
    """One paragraph, hanging, as wide as the terminal; where there is none, on one line."""
    text = visible(text)
    if not sys.stderr.isatty():
        tell(indent + text)
        return
    width = max(shutil.get_terminal_size().columns, 40)
    hanging = indent + ("   " if text.startswith("-> ") else "")
    for line in textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    ):
        tell(line)
