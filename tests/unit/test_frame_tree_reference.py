"""docs/reference says what --help says. It looks at the work tree, so the wheel's run leaves it out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from studio_cli.app import cli
from tools.cli_reference import TARGET, reference

DOCS = Path(__file__).parents[2] / "docs" / "reference"


def _commands(group: click.Group, *above: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from _commands(command, *above, name)


def test_the_reference_is_current() -> None:
    """After a change of commands or options: python -m tools.cli_reference"""
    assert TARGET.read_text(encoding="utf-8") == reference()


def test_every_command_has_its_section_and_every_exit_code_its_row() -> None:
    text = TARGET.read_text(encoding="utf-8")
    assert [words for words in _commands(cli) if f"### studio-support {' '.join(words)}\n" not in text] == []
    output = (DOCS / "output.md").read_text(encoding="utf-8")
    assert [code for code in (0, 1, 2, 3, 4, 5, 130) if f"| {code} |" not in output] == []
