"""`bill`: the month end on the command line."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY
from studio_cli.groups import Group
from studio_cli.mail import bounces, remind
from studio_cli.output import Column, Table, emit

if TYPE_CHECKING:
    from studio_support.billing.month_plan import MonthPlan
    from studio_support.billing.subtotals import By
    from studio_support.period import Month
    from studio_support.results import Source

DateOrder = Literal["dmy", "mdy"]

_month = click.argument("month", metavar="MONTH")
_clients = click.option("--client", "clients", multiple=True, metavar="ID", help="Only this client (repeatable).")
_file = click.option(
    "--from",
    "source_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Instead of Redmine: a kept read, or a CSV that a person exported from Redmine.",
)
_date_order = click.option(
    "--date-order", type=click.Choice(["dmy", "mdy"]), help="How the CSV writes 03/04: day or month first."
)


@click.group(cls=Group, short_help="The month end: preview, close, send, certificate.")
def bill() -> None:
    """The month end: preview, close, send, certificate. MONTH is 2026-10, last or this."""


def _source(source_file: Path | None, date_order: DateOrder | None) -> Source:
    from studio_support.results import Source

    return Source(source_file, date_order)


@bill.command()
@_month
@_clients
@click.option("--manager", metavar="LOGIN", help="Only clients of this account manager.")
@click.option("--flagged", is_flag=True, help="Only drafts at which something is to be looked.")
@click.option("--by", type=click.Choice(["project", "task", "person"]), help="Subtotals of each draft.")
@_file
@_date_order
@click.option(
    "--html",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write watermarked drafts, with an index page.",
)
@click.pass_obj
def preview(
    context: Context,
    month: str,
    clients: tuple[str, ...],
    manager: str | None,
    flagged: bool,
    by: By | None,
    source_file: Path | None,
    date_order: DateOrder | None,
    folder: Path | None,
) -> int:
    """Show what a close would do; writes nothing.

    Hours, net, last month and what to look at, the most suspicious drafts first; then problems with what to do, and
    the hash to which `bill close --plan` can be held. Exit code 3 where problems are left.
    """
    from studio_cli.bill_tables import show_preview

    studio = context.studio()
    plan = studio.plan_month(
        context.month(month, studio), clients=clients, manager=manager, source=_source(source_file, date_order)
    )
    index = None if folder is None else studio.write_drafts(plan, folder)
    show_preview(context, plan, flagged=flagged, by=by)
    if index is not None:
        context.say(f"Drafts to look at: {index}")
    if context.form == "table" and (plan.drafts or plan.empty_drafts):
        chosen = plan.clients if manager is not None else clients
        context.say(_how_to_close(plan, chosen, source_file, date_order))
    return PARTLY if plan.problems else DONE


def _how_to_close(
    plan: MonthPlan, clients: Sequence[str], source_file: Path | None, date_order: DateOrder | None
) -> str:
    """The command that closes exactly what was shown."""
    words = ["bill", "close", str(plan.month), "--plan", plan.plan]
    words += [word for client in clients for word in ("--client", client)]
    words += ["--from", str(source_file)] if source_file is not None else []
    words += ["--date-order", date_order] if date_order is not None else []
    return f"Plan {plan.plan}. To close exactly this: {shlex.join(words)}"


@bill.command()
@_month
@_clients
@_file
@_date_order
@click.option("--plan", "plan_hash", metavar="HASH", help="Only if the plan is still the one that a preview showed.")
@click.option("--date", "day", metavar="DAY", help="Issue date, such as 2026-11-01 (default: today in the studio).")
@click.option("--supplement", is_flag=True, help="Bill now what was booked late for months already closed.")
@click.pass_obj
def close(
    context: Context,
    month: str,
    clients: tuple[str, ...],
    source_file: Path | None,
    date_order: DateOrder | None,
    plan_hash: str | None,
    day: str | None,
    supplement: bool,
) -> int:
    """Number, freeze, render and publish.

    Safe to repeat: what is left is finished, nothing is done twice, and all of the month is listed. A client with a
    problem is left out and named, the others go on (exit code 3).
    """
    from studio_cli.bill_tables import show_closed

    studio = context.studio(writes=True)
    result = studio.close_month(
        context.month(month, studio),
        clients=clients,
        source=_source(source_file, date_order),
        plan_hash=plan_hash,
        issue_date=parse_day(day),
        supplement=supplement,
    )
    show_closed(context, result)
    return PARTLY if result.problems else DONE


def parse_day(text: str | None, hint: str = "--date") -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f'"{text}" is no day such as 2026-11-01.', param_hint=hint) from None


@bill.command()
@_month
@click.option("--client", "client", required=True, metavar="ID", help="Whose month.")
@click.option("--reason", default="", metavar="TEXT", help="Why; shown in every preview.")
@click.pass_obj
def hold(context: Context, month: str, client: str, reason: str) -> int:
    """Keep this client from being closed for that month."""
    studio = context.studio(writes=True)
    target = context.month(month, studio)
    studio.hold(target, client, reason)
    _show_hold(context, target, client, held=True)
    if context.form == "table":
        context.say(f"{client} is held for {target}. To let it go: bill unhold {target} --client {client}")
    return DONE


def _show_hold(context: Context, month: Month, client: str, *, held: bool) -> None:
    if context.form != "table":
        data = {"month": str(month), "client": client, "held": held}
        row = [str(month), client, "yes" if held else "no"]
        emit(context, data, [Table([Column(key) for key in data], [row])])


@bill.command()
@_month
@click.option("--client", "client", required=True, metavar="ID", help="Whose month.")
@click.pass_obj
def unhold(context: Context, month: str, client: str) -> int:
    """Let a held client be closed."""
    studio = context.studio(writes=True)
    target = context.month(month, studio)
    was_held = studio.unhold(target, client)
    _show_hold(context, target, client, held=False)
    if context.form == "table":
        context.say(f"{client} is no longer held for {target}." if was_held else f"{client} was not held for {target}.")
    return DONE


@bill.command()
@_month
@click.option("--client", "client", metavar="ID", help="Whose month.")
@click.option("--internal", is_flag=True, help="The studio's own time of that month.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept in the audit log.")
@click.pass_obj
def reopen(context: Context, month: str, client: str | None, internal: bool, reason: str) -> int:
    """Open a month again that was closed with nothing to bill.

    What was set aside then is free. A month with an invoice is opened by `invoice cancel`.
    """
    from studio_cli.bill_tables import show_reopened

    if (client is None) is not internal:
        raise click.UsageError("Give either --client ID or --internal.")
    if not reason.strip():
        raise click.BadParameter("Say why: it is kept in the audit log.", param_hint="--reason")
    studio = context.studio(writes=True)
    show_reopened(context, studio.reopen(context.month(month, studio), client, reason))
    return DONE


@bill.command()
@_month
@_clients
@click.option("--dry-run", is_flag=True, help="Show the letters; send nothing.")
@click.pass_obj
def send(context: Context, month: str, clients: tuple[str, ...], dry_run: bool) -> int:
    """Mail the links of a month.

    Safe to repeat: what was accepted is never sent again. A letter whose fate is unknown is named and left to
    `invoice send --again` (exit code 3).
    """
    from studio_cli.bill_reports import show_sent

    studio = context.studio(writes=not dry_run)
    sent = studio.send_month(context.month(month, studio), clients=clients, dry_run=dry_run)
    show_sent(context, sent)
    return PARTLY if sent.problems else DONE


bill.add_command(remind)
bill.add_command(bounces)


@bill.command()
@_month
@_file
@_date_order
@click.option("--entries", is_flag=True, help="List every entry (JSON always does).")
@click.pass_obj
def reconcile(
    context: Context, month: str, source_file: Path | None, date_order: DateOrder | None, entries: bool
) -> int:
    """The certificate: every booked minute in exactly one place.

    What is read for it is kept. Exit code 3 where it does not balance or problems are left.
    """
    from studio_cli.bill_reports import show_certificate

    studio = context.studio(writes=True)
    certificate = studio.reconcile(context.month(month, studio), source=_source(source_file, date_order))
    show_certificate(context, certificate, entries=entries)
    return DONE if certificate.settled else PARTLY


@bill.command()
@click.argument("what", metavar="INVOICE[:LINE] | entry:ID")
@click.pass_obj
def explain(context: Context, what: str) -> int:
    """The chain from entries to minutes, rate, rounding and amount.

    Such as: bill explain 2026-0001, bill explain 2026-0001:3, bill explain entry:4711
    """
    from studio_cli.explain_text import show_explanation

    explained: dict[str, Any] = context.studio().explain(what)
    show_explanation(context, explained)
    return DONE
