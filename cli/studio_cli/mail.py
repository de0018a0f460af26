"""What follows a letter: reminders, mail that came back, money that came in or is disputed."""

from __future__ import annotations

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY
from studio_cli.output import Column, Table, emit
from studio_cli.streams import tell

_number = click.argument("number", metavar="NUMBER")


@click.command()
@click.option("--dry-run", is_flag=True, help="Show the letters; queue and send nothing.")
@click.pass_obj
def remind(context: Context, dry_run: bool) -> int:
    """Remind of invoices that are due, as [mail] reminders says.

    Safe to repeat, by cron once a day: each reminder is sent once, and none of what is paid or disputed. Exit code 3
    where a letter did not leave.
    """
    from studio_cli.bill_reports import show_sent

    sent = context.studio(writes=not dry_run).remind(dry_run=dry_run)
    show_sent(context, sent)
    return PARTLY if sent.problems else DONE


@click.command()
@click.pass_obj
def bounces(context: Context) -> int:
    """Mark letters that came back, from the mailbox that [mail] names.

    For cron: what stands is printed when it is new, and once a day; exit code 3 as long as any letter stands as
    bounced. The mailbox is only read.
    """
    from studio_cli.bill_reports import LETTER
    from studio_cli.problems import show_problems

    found = context.studio(writes=True).read_bounces()
    if context.form != "table" or context.at_terminal or found.news == "new":
        rows = [[letter[column.key] for column in LETTER] for letter in found.letters]
        if rows or context.form != "table":
            emit(context, found.as_dict(), [Table(LETTER, rows)])
        show_problems(context, found.problems)
    if context.form == "table" and found.news == "ended":
        tell("No letter stands as bounced any more.")
    if context.form == "table" and context.at_terminal:
        context.say(f"{found.marked} came back since the last look, {len(found.letters)} in all.")
    return PARTLY if found.letters else DONE


@click.command()
@_number
@click.option("--date", "day", metavar="DAY", help="When the money came in (default: today in the studio).")
@click.option("--undo", is_flag=True, help="It was not paid, after all.")
@click.pass_obj
def paid(context: Context, number: str, day: str | None, undo: bool) -> int:
    """Note that an invoice was paid: nobody is reminded of it any more."""
    from studio_cli.bill import parse_day

    if undo and day is not None:
        raise click.UsageError("Give either --date or --undo.")
    studio = context.studio(writes=True)
    known = studio.mark_unpaid(number) if undo else studio.mark_paid(number, parse_day(day))
    _show(context, known.as_dict(), changed=known.changed)
    return DONE


@click.command()
@_number
@click.option("--reason", metavar="TEXT", help="What the client says; kept in the audit log.")
@click.option("--undo", is_flag=True, help="It is settled: reminders may go out again.")
@click.pass_obj
def dispute(context: Context, number: str, reason: str | None, undo: bool) -> int:
    """Note that a client disputes an invoice: nobody is reminded of it."""
    if undo is not (reason is None):
        raise click.UsageError("Give either --reason TEXT or --undo.")
    if reason is not None and not reason.strip():
        raise click.BadParameter("Say why: it is kept in the audit log.", param_hint="--reason")
    known = context.studio(writes=True).dispute(number, None if undo else reason)
    _show(context, known.as_dict(), changed=known.changed)
    return DONE


def _show(context: Context, data: dict[str, object], *, changed: bool) -> None:
    columns = [Column(key) for key in ("number", "client", "paid_on", "dispute")]
    emit(context, data, [Table(columns, [[str(data[column.key] or "") for column in columns]])])
    if context.form == "table" and not changed:
        context.say("It was noted before; nothing was changed.")
