"""What `demo` says: each step with the command that a person would type, what it shows, and where to look next."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from studio_cli.bill_tables import beside_drafts, certificate_table, certificate_verdict, preview_table
from studio_cli.context import Context
from studio_cli.output import Column, Table, amount, emit, hours

if TYPE_CHECKING:
    from studio_support.demo.run import DemoResult
    from studio_support.errors import Problem

NAME = "studio-support"


def show_demo(context: Context, result: DemoResult) -> None:
    """The whole story on stdout, or the facts of it as JSON, or the issued documents as CSV."""
    if context.form != "table":
        emit(context, result.as_dict(), [_issued(result)])
        return
    month = result.plan.month
    reading = result.reading(month).relative_to(result.folder)
    _beginning(result)
    _step(f"bill preview {month} --from {reading} --html drafts", f"What {month} would be. Nothing is written.")
    _preview(context, result)
    _step(f"bill close {month} --from {reading} --plan {result.plan.plan}", "Number, freeze, render, publish.")
    emit(context, {}, [_issued(result)])
    _lines(f"{draft['number']}  {draft['link']}" for draft in result.closed.drafts)
    _text(f"\n{result.closed.summary}")
    _step(f"bill reconcile {month} --from {reading}", "The certificate: every booked minute in exactly one place.")
    emit(context, {}, [certificate_table(result.certificate.as_dict())])
    _text(certificate_verdict(result.certificate))
    _step("numbers audit", "The proof: no gap, no number twice, no date that runs back.")
    _numbers(context, result)
    _ending(result)


def _text(text: str) -> None:
    click.echo(text)


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        _text(f"  {line}")


def _step(command: str, what: str) -> None:
    _text("\n" + click.style(what, bold=True))
    _text(click.style(f"  $ {NAME} {command}", fg="cyan"))


def _problem(problem: Problem) -> None:
    _text(click.style("Problem: ", fg="yellow", bold=True) + problem.message)
    _text(f"    {problem.next_step}")


def _beginning(result: DemoResult) -> None:
    clients = len({draft["client"] for draft in result.closed.drafts})
    _text(
        f"The month end of a small studio: {clients} clients, two months of bookings, no server.\n"
        f"Settings, clients, store and invoices are in {result.folder}."
    )
    if result.former:
        _text("It was done there before: what stands issued is not issued again.")
    if result.earlier is not None:
        month = result.earlier.plan.month
        _text(f"{month} comes first, so that there is something to compare with: {result.earlier.summary}")


def _preview(context: Context, result: DemoResult) -> None:
    plan = result.plan
    if plan.drafts:
        emit(context, {}, [preview_table(plan.drafts)])
        _text(beside_drafts(plan))
    else:
        _text(f"Nothing left to draft: {plan.month} is closed.")
    for problem in plan.problems:
        _problem(problem)


def _issued(result: DemoResult) -> Table:
    columns = [Column("Number"), Column("Client"), Column("Hours", right=True), Column("Net", right=True)]
    columns += [Column("Gross", right=True), Column("Cur.")]
    rows = [
        [
            str(draft["number"]),
            str(draft["client"]),
            hours(draft["minutes"]),
            amount(draft["net"]),
            amount(draft["gross"]),
            str(draft["currency"]),
        ]
        for draft in result.closed.drafts
    ]
    return Table(columns, rows)


def _numbers(context: Context, result: DemoResult) -> None:
    columns = [Column("Seller"), Column("First"), Column("Last"), Column("Documents", right=True)]
    rows = [[str(row[key]) for key in ("seller", "first", "last", "documents")] for row in result.numbers.series]
    emit(context, {}, [Table(columns, rows)])
    for problem in result.numbers.problems:
        _problem(problem)


def _ending(result: DemoResult) -> None:
    month = result.plan.month
    reading = result.reading(month).relative_to(result.folder)
    name = _called(result.folder)
    number, line = _worth_a_look(result)
    _text("\n" + click.style("Look around.", bold=True) + " The links above open in a browser, each with its PDF.")
    if result.index is not None:
        _text(f"The drafts, watermarked: {result.index.as_uri()}")
    around = [
        (f"cd {_shown(result.folder)}", ""),
        (f"{name} invoice list", "what stands issued"),
        (f"{name} bill explain {number}:{line}", "from bookings to the amount of a line"),
        (f"{name} bill close {month} --from {reading}", "again: nothing is done twice"),
    ]
    if result.plan.problems:
        around.append(
            (f"{name} client discover --write --from {reading}", "settle the problem: make that client's file,")
        )
        around.append(("", "complete it, and close again: one more invoice"))
    width = max(len(command) for command, _ in around) + 2
    _lines(f"{command:{width}}{('# ' + why) if why else ''}".rstrip() for command, why in around)


def _worth_a_look(result: DemoResult) -> tuple[str, int]:
    """A line that tells a story: the first that was booked late, else the first of all."""
    first = result.closed.drafts[0]
    for draft in result.closed.drafts:
        for position, line in enumerate(draft["lines"], start=1):
            if line["heading"] is not None:
                return str(draft["number"]), position
    return str(first["number"]), 1


def _called(folder: Path) -> str:
    """How this command can be called from the demo's folder, also where it was not installed for all."""
    if shutil.which(NAME) is not None:
        return NAME
    program = Path(sys.argv[0]).absolute()
    return os.path.relpath(program, folder) if program.name == NAME else f"{sys.executable} -m studio_cli"


def _shown(folder: Path) -> str:
    """The folder as one would type it from here."""
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) and folder != here else str(folder)
