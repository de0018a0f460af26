"""What --help says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from studio_cli.app import COMMANDS, cli, global_first
from tests.cli.conftest import Desk


def commands(group: click.Group, *above: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below a group, with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*above, name), command
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)


ALL = dict(commands(cli))


def test_the_commands_of_the_month_end_are_there() -> None:
    wanted = """
    init; doctor; demo; bill preview; bill close; bill hold; bill unhold; bill send; bill reconcile; bill explain;
    invoice list; invoice show; invoice pdf; invoice send; invoice cancel; numbers audit; client list; client show;
    client check; client import; client discover; db upgrade; db check
    """
    assert {tuple(words.split()) for words in wanted.split(";")} <= set(ALL)


@pytest.mark.parametrize("name", COMMANDS)
def test_texts_known_before_a_command_is_loaded_are_the_commands_own(name: str) -> None:
    assert COMMANDS[name][2] == ALL[(name,)].get_short_help_str(limit=200)


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_each_command_and_option_says_what_it_is_for(words: tuple[str, ...]) -> None:
    command = ALL[words]
    short = command.get_short_help_str(limit=66)
    assert short.endswith(".")
    assert not short.endswith("..."), "it fits on its line of a list"
    described = [option for option in command.params if isinstance(option, click.Option) and option.help]
    plain = {"bank_name", "bic", "account", "correspondent_account", "iban", "closes", "redmine_url", "smtp_url"}
    silent = {option.name for option in command.params if isinstance(option, click.Option)} - {
        option.name for option in described
    }
    assert silent <= plain, "only what its name says whole goes without words"


@pytest.mark.parametrize(
    ("typed", "ordered"),
    [
        (["bill", "close", "--format", "json", "2026-10"], ["--format", "json", "bill", "close", "2026-10"]),
        (["bill", "close", "2026-10", "-q"], ["-q", "bill", "close", "2026-10"]),
        (["client", "list", "--format=csv", "-vv"], ["--format=csv", "-vv", "client", "list"]),
        (["--user", "x", "invoice", "list"], ["--user", "x", "invoice", "list"]),
        (["invoice", "show", "--", "-q"], ["invoice", "show", "--", "-q"]),
        (["bill", "close", "--config"], ["bill", "close", "--config"]),
    ],
)
def test_global_options_may_stand_after_the_command(typed: list[str], ordered: list[str]) -> None:
    assert global_first(typed) == ordered


def test_a_run_can_be_replayed_and_is_signed(desk: Desk) -> None:
    """--as-of is the clock, --user the person: before the month's end a close is refused, later it is dated so."""
    early = desk.run("--as-of", "2026-10-31T20:59:00Z", "bill", "close", "2026-10")
    assert early.code == 4
    desk.done("bill", "close", "last", "--as-of", "2026-11-15T09:00:00Z", "--user", "s.orlova")
    assert desk.json("invoice", "list")[0]["issue_date"] == "2026-11-15"
    assert set(desk.office.rows("select person from audit")) == {"s.orlova"}
    assert set(desk.office.rows("select at from audit")) == {"2026-11-15T09:00:00.000000Z"}
    desk.done("bill", "hold", "2026-11", "--client", "acme")
    assert desk.office.rows("select person from audit where verb = 'hold'") == ["i.petrova"]
    assert desk.json("bill", "explain", "2026-0001")["issued_by"] == "s.orlova"


def test_quiet_leaves_data_problems_and_errors(desk: Desk) -> None:
    run = desk.run("-q", "bill", "close", "2026-10")
    assert (run.code, run.err) == (0, "")
    assert "2026-0002" in run.out
    desk.office.write_client("gamma", "10.00")
    run = desk.run("-q", "bill", "close", "2026-10")
    assert run.code == 3
    assert "gamma" in run.err, "its project is not to be found"
    assert "notice" not in run.err


def test_more_is_said_on_request(desk: Desk) -> None:
    """What the read cost the server, in requests and seconds."""
    assert "was asked" not in desk.done("bill", "close", "2026-10", "--client", "beta").err
    assert re.search(
        r"Redmine was asked \d+ times and waited for \d+\.\d s\.", desk.done("-v", "bill", "close", "2026-10").err
    )


def test_last_and_this_are_months_of_the_studios_zone(desk: Desk) -> None:
    """On 31 October at 21:30 UTC it is November in Moscow."""
    data = desk.json("--as-of", "2026-10-31T21:30:00Z", "bill", "preview", "last")
    assert data["month"] == "2026-10"
    assert desk.json("--as-of", "2026-10-31T20:30:00Z", "bill", "preview", "this")["month"] == "2026-10"
