"""Writes docs/reference/commands.md from the commands' own --help; a test finds it out of date.

Run as `python -m tools.cli_reference`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from studio_cli.app import cli

TARGET = Path(__file__).resolve().parent.parent / "docs" / "reference" / "commands.md"
WIDTH = 100
HEAD = """\
# Commands

Every command's own `--help`; written by `python -m tools.cli_reference`. What they print as JSON and which exit codes
they give stands in [output.md](output.md), the configuration in [configuration.md](../configuration.md).

Global options (`--config`, `--format`, `--as-of`, `--user`, `-v`, `-q`) may stand before the command or after it. MONTH
is `2026-10`, `last` or `this`, in the studio's time zone. Data goes to stdout, everything else to stderr.
"""


def reference() -> str:
    """The whole page."""
    return HEAD + "".join(_sections(cli, _context(cli, "studio-support"), 2))


def _sections(command: click.Command, context: click.Context, level: int) -> Iterator[str]:
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield f"\n{'#' * level} {context.command_path}\n\n```text\n{text}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None, name
            yield from _sections(child, _context(child, name, context), min(level + 1, 3))


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    """A context in which the help is as wide as the page, whatever terminal this runs in."""
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    return click.Context(command, parent=parent, info_name=name, **settings)


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
