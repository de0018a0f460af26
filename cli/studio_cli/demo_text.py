"""What `demo` says: each step with the command that a person would type and what that prints, then where to look."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING

import click

from studio_cli.context import Context
from studio_cli.output import Column, Table, emit

if TYPE_CHECKING:
    from studio_support.demo.run import DemoResult

NAME = "studio-support"


def show_demo(context: Context, result: DemoResult) -> None:
    """The whole story on stdout, or its facts as JSON, or what was issued as CSV."""
    from studio_cli.bill_reports import show_certificate
    from studio_cli.bill_tables import show_closed, show_preview

    if context.form == "json":
        emit(context, result.as_dict(), ())
        return
    if context.form == "csv":
        show_closed(context, result.closed)
        return
    month = result.plan.month
    reading = result.reading(month).relative_to(result.folder)
    # One story in one order: what the commands say beside their data comes where they would say it.
    with redirect_stderr(sys.stdout):
        _beginning(result)
        _step(f"bill preview {month} --from {reading} --html drafts", "Look at the month. Nothing is written.")
        show_preview(context, result.plan, flagged=False, by=None)
        _step(
            f"bill close {month} --from {reading} --plan {result.plan.plan}", "Number, freeze, render and publish it."
        )
        show_closed(context, result.closed)
        _step(f"bill reconcile {month} --from {reading}", "The certificate: every booked minute in exactly one place.")
        show_certificate(context, result.certificate, entries=False)
        _step("numbers audit", "The proof of the series: no gap, no number twice, no date that runs back.")
        _numbers(context, result)
        _ending(result)


def _step(command: str, what: str) -> None:
    click.echo("\n" + click.style(what, bold=True))
    click.secho(f"$ {NAME} {command}", fg="cyan")
    click.echo()


def _beginning(result: DemoResult) -> None:
    clients = len({draft["client"] for draft in result.closed.drafts})
    click.echo(
        f"The month end of a small studio: {clients} clients, two months of bookings, no server.\n"
        f"Its settings, clients, store and invoices are in {result.folder}."
    )
    if result.former:
        click.echo("It was done there before: nothing is issued twice.")
    elif result.earlier is not None:
        month, issued = result.earlier.plan.month, len(result.earlier.drafts)
        click.echo(f"{month} was closed first, so that there is something to compare with: {issued} invoices.")


def _numbers(context: Context, result: DemoResult) -> None:
    columns = [Column("seller"), Column("kind"), Column("first"), Column("last"), Column("documents", kind="count")]
    rows = [[row[column.key] for column in columns] for row in result.numbers.series]
    emit(context, {}, [Table(columns, rows)])
    for problem in result.numbers.problems:
        click.echo(f"{problem.message} {problem.next_step}")


def _ending(result: DemoResult) -> None:
    month = result.plan.month
    reading = result.reading(month).relative_to(result.folder)
    name = _called(result.folder)
    click.echo("\n" + click.style("Look around.", bold=True) + " The links open in a browser, each page with its PDF.")
    click.echo("beresta has an act beside it, harbour a time sheet, nordlicht an e-invoice (Factur-X).")
    if result.index is not None:
        click.echo(f"The drafts, watermarked: {result.index.as_uri()}")
    _try(f"cd {_shown(result.folder)}")
    _try(f"{name} invoice list", "what stands issued")
    _try(f"{name} bill explain {_worth_explaining(result)}", "from bookings to the amount of a line")
    _try(f"{name} bill send {month} --dry-run", "the letters that would bring the links")
    _try(f"{name} bill close {month} --from {reading}", "again: nothing is done twice")
    if result.plan.problems:
        _try(
            f"{name} client discover --write --from {reading}",
            "the problem above: complete the file that this makes, close again, and one more invoice is there",
        )


def _try(command: str, why: str = "") -> None:
    if why:
        click.secho(f"  # {why}", dim=True)
    click.echo(f"  {command}")


def _worth_explaining(result: DemoResult) -> str:
    """A line that tells a story: the first that was booked late, else the first of all."""
    for draft in result.closed.drafts:
        for position, line in enumerate(draft["lines"], start=1):
            if line["heading"] is not None:
                return f"{draft['number']}:{position}"
    return f"{result.closed.drafts[0]['number']}:1"


def _called(folder: Path) -> str:
    """How this command is called from the demo's folder, also where it was not installed for all."""
    if shutil.which(NAME) is not None:
        return NAME
    program = Path(sys.argv[0]).absolute()
    return os.path.relpath(program, folder) if program.name == NAME else f"{sys.executable} -m studio_cli"


def _shown(folder: Path) -> str:
    """The folder as one would type it from here."""
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) and folder != here else str(folder)
