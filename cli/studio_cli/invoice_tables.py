"""What `invoice` and `numbers` print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from studio_cli.context import Context
from studio_cli.output import Cell, Column, Table, emit, visible
from studio_cli.problems import show_problems

if TYPE_CHECKING:
    from studio_invoices.annexes import TimeSheet
    from studio_support.billing.ledger_types import InvoiceRow
    from studio_support.delivery.outbox_receivables import Receivable
    from studio_support.period import Month
    from studio_support.publishing import SeriesProof
    from studio_support.results import Cancelled

DOCUMENT = (
    Column("number"),
    Column("issue_date", "Date", minor=True),
    Column("client"),
    Column("month", minor=True),
    Column("minutes", "Hours", "minutes"),
    Column("net", kind="money"),
    Column("gross", kind="money"),
    Column("currency", "Cur."),
    Column("state", minor=True),
    Column("letters", "Mail", wide=True),
)
LINE = (
    Column("line", kind="count"),
    Column("task", wide=True),
    Column("minutes", "Hours", "minutes"),
    Column("rate_per_hour", "Rate", "money"),
    Column("net", kind="money"),
)
TIME = (
    Column("day", "Date"),
    Column("person"),
    Column("project", minor=True),
    Column("task", wide=True),
    Column("minutes", "Hours", "minutes"),
    Column("label", "Not charged", minor=True),
)
_BESIDE = {"timesheet.pdf": "Time sheet", "timesheet.csv": "Time sheet as CSV", "invoice.xml": "E-invoice"}
SERIES = (
    Column("seller"),
    Column("kind"),
    Column("year"),
    Column("first"),
    Column("last"),
    Column("documents", kind="count"),
)


def show_list(
    context: Context,
    rows: Sequence[tuple[InvoiceRow, Sequence[str]]],
    month: Month | None,
    receivables: Mapping[str, Receivable],
) -> None:
    """Documents in the order of issue, with the states of their letters, and what is known of their money."""
    table: list[list[Cell]] = []
    for row, letters in rows:
        figures: list[Cell] = [row.minutes, str(row.net), str(row.gross), row.currency]
        who = [row.number, row.issue_date.isoformat(), row.client, str(row.month)]
        table.append([*who, *figures, _state(row, receivables.get(row.number)), ", ".join(letters)])
    data = [_document_json(row, letters, receivables.get(row.number)) for row, letters in rows]
    emit(context, data, [Table(DOCUMENT, table)])
    if not rows:
        context.say("Nothing was issued yet." if month is None else f"Nothing was issued for {month}.")


def _state(row: InvoiceRow, known: Receivable | None) -> str:
    if row.kind == "cancellation":
        return f"cancels {row.cancels}"
    if row.cancelled_by:
        return f"cancelled by {row.cancelled_by}"
    if known is not None and known.paid_on is not None:
        return f"paid {known.paid_on}"
    return "disputed" if known is not None and known.disputed_at is not None else row.state


def _document_json(row: InvoiceRow, letters: Sequence[str], known: Receivable | None) -> dict[str, Any]:
    return {
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
        "letters": list(letters),
        "paid_on": known.paid_on.isoformat() if known is not None and known.paid_on else None,
        "dispute": known.dispute if known is not None and known.disputed_at is not None else None,
    }


def show_document(context: Context, shown: Mapping[str, Any]) -> None:
    """One document: its lines by project, totals, link, files and letters."""
    if context.form == "csv":
        columns = [*(Column(key) for key in ("number", "project", "issue", "ticket", "title")), *LINE[2:]]
        rows = [[line[column.key] for column in columns] for line in shown["lines"]]
        emit(context, shown, [Table(columns, rows)])
        return
    what = f"{shown['kind'].capitalize()} {shown['number']} of {shown['issue_date']}, {shown['state']}"
    about = f"{shown['client']}: {visible(shown['buyer']['name'])}, {shown['month']}"
    emit(context, shown, [Table(LINE, _lines(shown), title=f"{what}\n{about}", footer=_totals(shown))])
    if context.form == "json":
        return
    if shown["link"] is None:
        context.say("Link: taken down")
    for link in shown["links"]:
        whom = f" for {visible(link['for'])}" if link["for"] else ""
        until = f"{'expired on' if link['expired'] else 'opens until'} {link['expires_on']}"
        context.say(f"Link{whom}: {link['link'] or 'made with a former secret'} ({until})")
    context.say(f"PDF:  {shown['files']['pdf']}")
    if shown["act"] is not None:
        context.say(f"Act:  {shown['act']['number']} of {shown['act']['date']}, {shown['act']['file']}")
    for file in shown["beside"]:
        context.say(f"{_BESIDE.get(file['name'], 'File')}: {file['file']}")
    for letter in shown["letters"]:
        context.say(f"Letter to {letter['to']}: {letter['state']} {visible(letter['detail'])}".rstrip())


def show_time_sheet(context: Context, sheet: TimeSheet) -> None:
    """The bookings behind an invoice, and their sum."""
    from studio_invoices.codec import to_dict

    rows: list[list[Cell]] = []
    for row in sheet.rows:
        task = f"#{row.issue} {row.task}" if row.issue else row.task
        ticket = f" [{row.ticket}]" if row.ticket else ""
        text = f": {row.text}" if row.text else ""
        rows.append([row.day.isoformat(), row.person, row.project, f"{task}{ticket}{text}", row.minutes, row.label])
    total: list[Cell] = [None, None, None, "All", sheet.minutes, None]
    title = f"Time sheet to {sheet.invoice_number}: {visible(sheet.buyer.name)}"
    emit(context, to_dict(sheet), [Table(TIME, rows, title=title, footer=[total])])


def _lines(shown: Mapping[str, Any]) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    place = ""
    for line in shown["lines"]:
        heading = f" ({line['heading']})" if line["heading"] else ""
        if line["project"] + heading != place:
            place = line["project"] + heading
            rows.append([None, place, None, None, None])
        task = f"#{line['issue']} {line['title']}" if line["issue"] else line["title"]
        ticket = f" [{line['ticket']}]" if line["ticket"] else ""
        rate, net = (None, line["label"]) if line["label"] else (line["rate_per_hour"], line["net"])
        minutes = line["booked_minutes"] if line["label"] else line["minutes"]
        rows.append([line["number"], f"  {task}{ticket}", minutes, rate, net])
    return rows


def _totals(shown: Mapping[str, Any]) -> list[list[Cell]]:
    minutes = sum(line["minutes"] for line in shown["lines"])
    rows: list[list[Cell]] = [[None, f"Net, {shown['currency']}", minutes, None, shown["net"]]]
    for tax in shown["taxes"]:
        rows.append([None, f"Tax {tax['category']} {tax['rate']} % on {tax['base']}", None, None, tax["tax"]])
    return [*rows, [None, f"Total, {shown['currency']}", None, None, shown["gross"]]]


def show_cancelled(context: Context, done: Cancelled) -> None:
    """The cancellation's number, and what happens next."""
    columns = [Column("number", "Cancellation"), Column("cancels", "Of"), Column("client"), Column("month")]
    data = done.as_dict()
    emit(context, data, [Table(columns, [[data[column.key] for column in columns]])])
    show_problems(context, done.problems)
    if context.form == "table":
        if done.letter_waits:
            context.say(f"The client was told of {done.cancels}. To mail the cancellation: invoice send {done.number}")
        if not done.created:
            context.say(f"{done.cancels} had been cancelled before; nothing was changed.")
            return
        step = f"bill close {done.month} --client {done.client}"
        context.say(f"{done.month} is open again for {done.client}. To issue a new invoice: {step}")


def show_series(context: Context, proof: SeriesProof) -> None:
    """Each series from its first number to its last."""
    rows = [[row[column.key] for column in SERIES] for row in proof.series]
    emit(context, proof.as_dict(), [Table(SERIES, rows)])
    show_problems(context, proof.problems)
    if context.form == "table" and not proof.problems:
        context.say(
            "Every series is whole: no gap, no double, dates in order." if rows else "No number was given out yet."
        )
