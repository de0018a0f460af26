"""What README and the how-tos show is so: output, code, commands. It looks at the work tree, which a wheel lacks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pypdfium2
import pytest

from studio_cli.app import cli
from studio_support.studio import Studio
from tests.cli.conftest import Desk
from tests.office import ON_NOVEMBER_2
from tools.rooms import ROOT

README = (ROOT / "README.md").read_text("utf-8")
LIBRARY = (ROOT / "docs/how-to/library.md").read_text("utf-8")
PAGES = sorted(Path(path).relative_to(ROOT) for path in [*ROOT.glob("*.md"), *(ROOT / "docs/how-to").glob("*.md")])
PROGRAM = re.compile(r"(?:\S*/)?studio-support ")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", text)


def masked(line: str) -> str:
    """Without what differs from folder to folder, and from one version of a plan's hash to the next."""
    line = re.sub(r"file:\S+", "LINK", re.sub(r"--plan [0-9a-f]{16}", "--plan HASH", line))
    return re.sub(r"(  Link|  ─+)$", "", line).rstrip()


def test_readme_shows_what_the_demo_prints(desk: Desk, tmp_path: Path) -> None:
    """In this order; left out is what `...` stands for, and sentences between the commands."""
    run = desk.done("demo", str(tmp_path / "demo"))
    printed = iter([masked(line) for line in (run.out + run.err).splitlines()])
    [shown] = blocks(README, "text")
    missing = [line for line in map(masked, shown.splitlines()) if line not in ("", "...") and line not in printed]
    assert missing == []


def test_readme_s_library_closes_a_month(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the office: 225.00 and 270.00 net."""
    [code] = [block for block in blocks(README, "python") if "Studio.from_file" in block]
    names = _run(code, desk, monkeypatch)
    assert {draft.client: str(draft.net) for draft in names["plan"].drafts} == {"acme": "225.00", "beta": "270.00"}
    assert desk.office.rows("select count(*) from invoices") == [2]


def test_how_to_s_library_closes_a_month(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    [code] = [block for block in blocks(LIBRARY, "python") if "Studio.from_file" in block]
    names = _run(code, desk, monkeypatch)
    assert names["result"].created == 2
    assert names["certificate"].balanced


def test_how_to_s_document_is_an_invoice_without_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1:45 and 2:40 at 95.00 are 166.25 and 253.33; 419.58 with 19 % of 79.72 are 499.30."""
    monkeypatch.chdir(tmp_path)
    [code] = [block for block in blocks(LIBRARY, "python") if "render_pdf" in block]
    names: dict[str, Any] = {}
    exec(compile(code, "library.md", "exec"), names)  # noqa: S102 - our own page
    assert names["problems"] == []
    assert names["faults"] == ()
    assert b"<cbc:PayableAmount" in names["xml"]
    for name in ("invoice.pdf", "factur-x.pdf"):
        document = pypdfium2.PdfDocument((tmp_path / name).read_bytes())
        assert "499,30" in document[0].get_textpage().get_text_bounded()
        document.close()
    assert "499,30" in (tmp_path / "invoice.html").read_text("utf-8")


def test_how_to_s_fake_answers(capsys: pytest.CaptureFixture[str]) -> None:
    [code] = [block for block in blocks(LIBRARY, "python") if "FakeRedmine" in block]
    exec(compile(code, "library.md", "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out.startswith("http://127.0.0.1:")


def _run(code: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The code, in the office's folder, on 2 November 2026."""
    real = Studio.from_file
    monkeypatch.chdir(desk.office.folder)
    monkeypatch.setattr(
        Studio,
        "from_file",
        lambda path, **given: real(path, clock=lambda: ON_NOVEMBER_2, environ=desk.office.environ, **given),
    )
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - our own page
    return names


def shown_commands(text: str) -> Iterator[str]:
    """Commands of ours in blocks of code, each without prompt, pipes, redirections and remarks."""
    lines = [line for line in text.splitlines() if line.startswith("    ")]
    lines += [line for block in re.findall(r"(?ms)^```(?!python)\w*\n(.*?)^```", text) for line in block.splitlines()]
    for line in lines:
        for part in re.split(r"\|\||&&|[|;<>]", re.sub(r"\s#\s.*", "", line)):
            if found := PROGRAM.search(part):
                yield part[found.end() :].strip()


def named_commands(text: str) -> Iterator[str]:
    """Commands of ours in sentences and tables: `invoice link NUMBER --renew`."""
    for code in re.findall(r"`([a-z][^`\n]*)`", text):
        command = PROGRAM.sub("", code)
        words = command.split()
        if len(words) > 1 and isinstance(_command(cli, words[0]), click.Group):
            yield command


def _command(group: click.Group, name: str) -> click.Command | None:
    return group.get_command(click.Context(group), name)


def fault_of(command: str) -> str | None:
    """What is wrong with the words of a command: an unknown name or option; None if nothing is."""
    inside: click.Command = cli
    options = _options(cli)
    value_follows = False
    for word in shlex.split(command):
        if value_follows:
            value_follows = False
        elif word.startswith("-") and len(word) > 1:
            name = word.partition("=")[0]
            if name not in options:
                return f"{command}: no option {name}"
            value_follows = options[name] and "=" not in word
        elif isinstance(inside, click.Group):
            found = [_command(inside, name) for name in word.split("|")]  # `sync run|status`
            if None in found:
                return f"{command}: no command {word}"
            inside = found[0] or inside
            for one in found:
                options |= _options(one) if one else {}
    return None


def _options(command: click.Command) -> dict[str, bool]:
    """The names of a command's options, and whether a value follows."""
    return {
        name: not (option.is_flag or option.count)
        for option in command.params
        if isinstance(option, click.Option)
        for name in (*option.opts, *option.secondary_opts)
    }


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_command_shown_exists_with_its_options(page: Path) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert [fault for command in shown_commands(text) if (fault := fault_of(command))] == []
    assert [fault for command in named_commands(text) if (fault := fault_of(command))] == []


def test_commands_that_do_not_exist_are_found() -> None:
    """Else the test above would say nothing."""
    assert list(shown_commands("    cd x && studio-support -q bill sand last --user cron > /dev/null  # now\n")) == [
        "-q bill sand last --user cron"
    ]
    assert fault_of("-q bill sand last --user cron") == "-q bill sand last --user cron: no command sand"
    assert fault_of("bill send last --agin") == "bill send last --agin: no option --agin"
    assert fault_of("bill send last --user cron") is None
    assert list(named_commands("say `invoice lnk N` or `bill.toml` or `invoices out`")) == ["invoice lnk N"]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    text = (ROOT / page).read_text("utf-8")
    prose = re.sub(r"(?ms)^```.*?^```", "", text)
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", prose) if "://" not in target]
    assert [target for target in targets if not (ROOT / page.parent / target).exists()] == []
