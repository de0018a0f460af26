"""`invoice` and `numbers`: the life of an issued invoice, and the proof of its series."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY
from studio_cli.output import Column, Table, amount, emit, hours

if TYPE_CHECKING:
    from studio_support.billing.ledger_types import InvoiceRow

_number = click.argument("number", metavar="NUMBER")


@click.group(short_help="The life of an issued invoice.")
def invoice() -> None:
    """The life of an issued invoice."""


def _state(row: InvoiceRow) -> str:
    if row.kind == "cancellation":
        return f"cancels {row.cancels}"
    return f"cancelled by {row.cancelled_by}" if row.cancelled_by else row.state


@invoice.command("list")
@click.option("--month", metavar="MONTH", help="Only this month.")
@click.pass_obj
def list_(context: Context, month: str | None) -> int:
    """All documents: number, client, amounts, state, letters."""
    studio = context.studio()
    target = None if month is None else context.month(month, studio)
    rows = studio.documents.listed(target)
    columns = [
        Column("Number"),
        Column("Date"),
        Column("Client"),
        Column("Month"),
        Column("Hours", right=True),
        Column("Net", right=True),
        Column("Gross", right=True),
        Column("Cur."),
        Column("State"),
        Column("Mail", wide=True),
    ]
    table = [
        [
            row.number,
            row.issue_date.isoformat(),
            row.client,
            str(row.month),
            hours(row.minutes),
            amount(str(row.net)),
            amount(str(row.gross)),
            row.currency,
            _state(row),
            ", ".join(letters),
        ]
        for row, letters in rows
    ]
    data = [
        {
            "number": row.number,
            "kind": row.kind,
            "issue_date": row.issue_date.isoformat(),
            "due_date": row.due_date.isoformat() if row.due_date else None,
            "client": row.client,
            "month": str(row.month),
            "minutes": row.minutes,
            "booked_minutes": row.booked_minutes,
            "currency": row.currency,
            "net": str(row.net),
            "tax": str(row.tax),
            "gross": str(row.gross),
            "state": row.state,
            "cancels": row.cancels,
            "cancelled_by": row.cancelled_by,
            "letters": letters,
        }
        for row, letters in rows
    ]
    emit(context, data, [Table(columns, table)])
    if not rows:
        context.say("Nothing was issued yet." if month is None else f"Nothing was issued for {target}.")
    return DONE


@invoice.command()
@_number
@click.pass_obj
def show(context: Context, number: str) -> int:
    """One document with its lines, taxes, files, link and letters."""
    shown = context.studio().documents.shown(number)
    columns = [
        Column("Line", right=True),
        Column("Project"),
        Column("Task", wide=True),
        Column("Ticket"),
        Column("Hours", right=True),
        Column("Rate", right=True),
        Column("Net", right=True),
    ]
    rows = [
        [
            str(line["number"]),
            line["project"],
            f"#{line['issue']} {line['title']}" if line["issue"] else line["title"],
            line["ticket"] or "",
            hours(line["minutes"] or line["booked_minutes"]),
            "" if line["label"] else amount(line["rate_per_hour"]),
            line["label"] or amount(line["net"]),
        ]
        for line in shown["lines"]
    ]
    heading = (
        f"{shown['kind']} {shown['number']} of {shown['issue_date']} for {shown['buyer']['name']}, {shown['state']}"
    )
    footer = [
        ["", "", name, "", "", "", f"{amount(shown[name])} {shown['currency']}"] for name in ("net", "tax", "gross")
    ]
    emit(context, shown, [Table(columns, rows, title=heading, footer=footer)])
    if context.form == "table":
        context.say(f"Link: {shown['link'] or 'taken back'}")
        for letter in shown["letters"]:
            context.say(f"Letter to {letter['to']}: {letter['state']} {letter['detail']}".rstrip())
    return DONE


@invoice.command()
@click.argument("number", metavar="NUMBER", required=False)
@click.option("--month", metavar="MONTH", help="All documents of this month, under readable names.")
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="File (or folder, with --month).")
@click.pass_obj
def pdf(context: Context, number: str | None, month: str | None, out: Path | None) -> int:
    """The original PDF: to --out, or to stdout where that is no terminal."""
    if (number is None) == (month is None):
        raise click.UsageError("Give either a NUMBER, or --month MONTH with --out DIR.")
    studio = context.studio()
    if month is not None:
        if out is None:
            raise click.UsageError("--month needs --out DIR.")
        written = studio.documents.export(context.month(month, studio), out)
        context.say(f"{len(written)} PDFs in {out}.")
        return DONE
    assert number is not None
    data = studio.documents.pdf(number)
    if out is not None:
        from studio_support.delivery.files import atomic_write

        atomic_write(out, data, 0o644)
        context.say(f"{out} written.")
    elif sys.stdout.isatty():
        raise click.UsageError("A PDF on a terminal helps nobody: name a file with --out, or redirect.")
    else:
        sys.stdout.buffer.write(data)
    return DONE


@invoice.command()
@_number
@click.option("--again", is_flag=True, help="Also what is uncertain or was refused, under the same Message-ID.")
@click.pass_obj
def send(context: Context, number: str, again: bool) -> int:
    """Mail the link of one document."""
    from studio_cli.bill_tables import show_sent

    sent = context.studio().send_invoice(number, again=again)
    show_sent(context, sent)
    return PARTLY if sent.problems else DONE


@invoice.command()
@_number
@click.option("--reason", required=True, metavar="TEXT", help="Printed on the cancellation.")
@click.option("--date", "day", metavar="DAY", help="Issue date of the cancellation (default: today in the studio).")
@click.pass_obj
def cancel(context: Context, number: str, reason: str, day: str | None) -> int:
    """Take an invoice back whole: its minutes are free, its link is gone, its month is open again."""
    from studio_cli.bill import parse_day

    if not reason.strip():
        raise click.BadParameter("Say why: the client reads it.", param_hint="--reason")
    studio = context.studio()
    done = studio.cancel(number, reason.strip(), issue_date=parse_day(day))
    row = studio.ledger.invoice(done).row
    data = {"number": done, "cancels": number, "client": row.client, "month": str(row.month)}
    emit(context, data, [Table([Column("Cancellation"), Column("Of")], [[done, number]])])
    again = f"`bill close {row.month} --client {row.client}` issues a new number."
    context.say(f"{row.month} is open again for {row.client}: {again}")
    return DONE


@click.group(short_help="Proof of the series of invoice numbers.")
def numbers() -> None:
    """Proof of the series of invoice numbers."""


@numbers.command()
@click.pass_obj
def audit(context: Context) -> int:
    """Every series from its first number to its last: no gap, no double, dates in order."""
    from studio_cli.bill_tables import show_problems

    proof = context.studio().documents.numbers()
    columns = [Column("Seller"), Column("Kind"), Column("Year"), Column("First"), Column("Last"), Column("Documents")]
    rows = [[str(row[key]) for key in ("seller", "kind", "year", "first", "last", "documents")] for row in proof.series]
    emit(context, proof.as_dict(), [Table(columns, rows)])
    show_problems(context, proof.problems, ())
    if not proof.problems:
        context.say("Every series is whole: no gap, no double, dates in order.")
    return PARTLY if proof.problems else DONE
