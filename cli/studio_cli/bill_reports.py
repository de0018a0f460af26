"""What `bill send` and `bill reconcile` print: letters, and the certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from studio_cli.context import Context
from studio_cli.output import Cell, Column, Table, emit, hours, visible
from studio_cli.problems import show_problems
from studio_cli.streams import tell, write
from studio_support.counting import counted

if TYPE_CHECKING:
    from studio_support.billing.reconcile import Certificate
    from studio_support.results import SendResult

MOST_REASONS = 20
LETTER = (
    Column("number"),
    Column("client"),
    Column("to", wide=True, whole=True),
    Column("state"),
    Column("detail", wide=True),
)
ENTRY = (
    Column("entry"),
    Column("client"),
    Column("minutes", "Time", "minutes"),
    Column("as"),
    Column("invoice"),
    Column("reason", wide=True),
)


def show_sent(context: Context, sent: SendResult) -> None:
    """One row a letter, and what to do about those that did not go; a dry run shows the letters too."""
    rows = [[row[column.key] for column in LETTER] for row in sent.letters]
    emit(context, sent.as_dict(), [Table(LETTER, rows)])
    if context.form == "table":
        for message in sent.messages:
            write(_readable(message, html=bool(context.verbose)))
    if context.at_terminal or context.verbose or sent.news != "known":
        show_problems(context, sent.problems)
    if sent.news == "ended" and context.form == "table":
        tell("All letters that were named here before have left, or need nobody any more.")
    if context.form == "table":
        context.say(sent.summary)


def _readable(message: Mapping[str, Any], *, html: bool) -> str:
    """A letter as it would leave, its headers decoded, without what steers a terminal. html: that part too."""
    diverted = f", diverted to {message['diverted_to']}" if "diverted_to" in message else ""
    lines = [f"--- {message['number']} to {message['to']}{diverted}"]
    headers = message.get("headers", [("Subject", message["subject"])])
    lines += [f"{name}: {value}" for name, value in headers]
    lines += ["", *message["text"].splitlines()]
    if html:
        lines += ["", "--- HTML", *message["html"].splitlines()]
    if message["files"] or "bytes" in message:
        lines.append("")
    lines += [f"--- attached: {file['name']}, {file['bytes']} bytes" for file in message["files"]]
    lines += [f"--- {message['bytes']} bytes in all"] if "bytes" in message else []
    return "\n" + "".join(f"{visible(line)}\n" for line in lines)


def show_certificate(context: Context, certificate: Certificate, *, entries: bool) -> None:
    """The certificate on one page: per client and in sum, in h:mm."""
    data: dict[str, Any] = certificate.as_dict()
    sums = data["minutes"]
    every = [name for name in sums if name != "booked"]
    places = every if context.form == "csv" else [n for n in every if sums[n] or n in {"billed", "unbilled"}]
    columns = [Column("client", wide=True), *(Column(name, kind="minutes") for name in ("booked", *places))]
    nobody = "" if context.form == "csv" else "(no client)"
    rows: list[list[Cell]] = [
        [row["client"] or nobody, row["booked"], *(row[name] for name in places)] for row in data["clients"]
    ]
    footer: list[list[Cell]] = [["All", sums["booked"], *(sums[name] for name in places)]]
    tables = [Table(columns, rows, footer=footer, title=f"Certificate of {certificate.month}")]
    if entries:
        listed = Table(ENTRY, [[row[column.key] for column in ENTRY] for row in data["entries"]])
        tables = [listed] if context.form == "csv" else [*tables, listed]
    emit(context, data, tables)
    show_problems(context, certificate.problems, certificate.notices)
    if context.form != "table":
        return
    verdict = "balances" if certificate.balanced else "DOES NOT BALANCE"
    context.say(f"{certificate.month} {verdict}: {hours(sums['booked'])} booked. Control: {certificate.control}.")
    _say_unbilled(context, certificate)


def _say_unbilled(context: Context, certificate: Certificate) -> None:
    reasons: dict[str, tuple[int, int]] = {}
    for row in certificate.rows:
        if row.placed == "unbilled":
            count, minutes = reasons.get(row.reason, (0, 0))
            reasons[row.reason] = (count + 1, minutes + row.minutes)
    ordered: Sequence[tuple[str, tuple[int, int]]] = sorted(reasons.items(), key=lambda item: -abs(item[1][1]))
    for reason, (count, minutes) in ordered[:MOST_REASONS]:
        entries = counted(count, "entry", "entries")
        context.say(f"  unbilled {hours(minutes)} ({entries}): {reason}")
    if len(ordered) > MOST_REASONS:
        context.say(f"  ... and {len(ordered) - MOST_REASONS} more reasons: --entries lists every entry.")
