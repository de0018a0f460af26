"""The command `studio-support`: global options, and commands that are loaded only when they are called.

`--help` loads click alone: pydantic, SQLAlchemy, reportlab and redminelib cost more than all of click together.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path

import click

from studio_cli.context import Context, parse_instant, whoami
from studio_cli.groups import Group

# name -> (module, attribute, what --help says); a test asserts that the texts match the commands' own.
COMMANDS = {
    "init": ("studio_cli.setup", "init", "Write a commented configuration and a sample client."),
    "doctor": ("studio_cli.setup", "doctor", "Check servers, permissions, files, mail and links; say what to do."),
    "demo": ("studio_cli.setup", "demo", "The whole month end on bundled data, in an empty folder."),
    "cutoff": ("studio_cli.cutoff", "cutoff", "The promise for a request that arrives at WHEN, and why."),
    "sync": ("studio_cli.sync", "sync", "The bridge between tickets and issues: one pass, its state."),
    "inbox": ("studio_cli.inbox", "inbox", "Open promises by due time, who holds the lock, what will be missed."),
    "ticket": ("studio_cli.ticket", "ticket", "One ticket: its story, lock, estimate, task, letters; search."),
    "bill": ("studio_cli.bill", "bill", "The month end: preview, close, send, certificate."),
    "invoice": ("studio_cli.invoice", "invoice", "The life of an issued invoice."),
    "numbers": ("studio_cli.invoice", "numbers", "Proof of the series of invoice numbers."),
    "links": ("studio_cli.links", "links", "All links: take down, change the secret, web servers."),
    "serve": ("studio_cli.serve", "serve", "Serve the pages behind the links."),
    "client": ("studio_cli.client", "client", "The client book."),
    "db": ("studio_cli.db", "db", "The store: upgrade and check."),
}


class LazyGroup(Group):
    """A group that knows its commands' names and texts, and imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


EXIT_CODES = """\
Exit codes: 0 done or nothing to do; 1 failed; 2 usage; 3 partly done or problems left, each named; 4 refused by a
guard; 5 another run holds the lock."""


@click.group(cls=LazyGroup, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Configuration (default: studio-support.toml here, then in the user's config directory).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How data is written to stdout.",
)
@click.option("--as-of", metavar="ISO-8601", help="The clock for this run, so that any run can be replayed.")
@click.option(
    "--user", metavar="LOGIN", help="On whose behalf (default: $STUDIO_SUPPORT_USER, then the system's user)."
)
@click.option("-v", "verbose", count=True, help="Say more on stderr; -vv shows tracebacks of errors.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
@click.version_option(package_name="studio-support", prog_name="studio-support")
@click.pass_context
def cli(
    ctx: click.Context,
    config: Path | None,
    form: str,
    as_of: str | None,
    user: str | None,
    verbose: int,
    quiet: bool,
) -> None:
    """Month end and support desk for web studios.

    Hours booked in Redmine become one numbered invoice per client, and each client gets a link to it.
    """
    moment: datetime | None = parse_instant(as_of) if as_of is not None else None
    person = (user or "").strip() or whoami()
    ctx.obj = Context(config=config, form=form, as_of=moment, user=person, verbose=verbose, quiet=quiet)


_WITH_VALUE = frozenset({"--config", "--format", "--as-of", "--user"})
_SWITCH = re.compile(r"-v+|-q|--quiet")


def global_first(arguments: Sequence[str]) -> list[str]:
    """The same command line with global options that were typed after the command moved before it."""
    front: list[str] = []
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument == "--":
            rest += [argument, *waiting]
            break
        if argument in _WITH_VALUE and waiting:
            front += [argument, waiting.pop(0)]
        elif _SWITCH.fullmatch(argument) or (argument.partition("=")[0] in _WITH_VALUE and "=" in argument):
            front.append(argument)
        else:
            rest.append(argument)
    return front + rest


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code; errors are told on stderr, never raised."""
    from studio_cli.errors import report

    ordered = global_first(arguments)
    verbose = sum(argument.count("v") for argument in ordered if re.fullmatch(r"-v+", argument))
    try:
        code = cli.main(ordered, prog_name="studio-support", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - the one place where errors become sentences and exit codes
        at_terminal = sys.stdin.isatty() and sys.stderr.isatty()
        return report(error, verbose > 1, again=at_terminal or verbose > 0)
    return code if isinstance(code, int) else 0


def main() -> None:
    """Entry point of the `studio-support` command."""
    from studio_cli.streams import settle

    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
    code = run(sys.argv[1:])
    sys.exit(code if settle() else code or 1)
