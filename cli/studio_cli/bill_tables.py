"""What `bill` prints: drafts, problems with what to do, letters, the certificate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from studio_cli.context import Context
from studio_cli.output import Column, Table, amount, emit, hours

if TYPE_CHECKING:
    from studio_invoices.errors import Problem
    from studio_support.billing.month_plan import Draft, MonthPlan
    from studio_support.billing.reconcile import Certificate
    from studio_support.studio import CloseResult, SendResult

MOST_SHOWN = 20


def show_problems(context: Context, problems: Sequence[Problem], notices: Sequence[Problem]) -> None:
    """Problems and notices on stderr, each with what to do; long lists are cut, JSON has them all."""
    if context.form == "json":
        return
    for word, rows in (("Problem", problems), ("Notice", notices)):
        if word == "Notice" and context.quiet:
            continue
        for row in rows[:MOST_SHOWN]:
            who = f" [{row.client}]" if row.client else ""
            _say(context, f"{word}{who}: {row.message}\n    {row.next_step}", always=word == "Problem")
        if len(rows) > MOST_SHOWN:
            more = f"... and {len(rows) - MOST_SHOWN} more: --format json lists all."
            _say(context, f"{word}: {more}", always=word == "Problem")


def _say(context: Context, text: str, always: bool) -> None:
    import click

    if always or not context.quiet:
        click.echo(text, err=True)


def show_preview(context: Context, plan: MonthPlan, *, flagged: bool, by: str | None) -> None:
    """The drafts of a preview, most suspicious first, and totals per currency."""
    drafts = [draft for draft in plan.drafts if draft.flags or not flagged]
    data = plan.as_dict()
    if flagged:
        data["drafts"] = [row for row in data["drafts"] if row["flags"]]
    emit(context, data, [preview_table(drafts, by)])
    if context.form == "table":
        show_problems(context, plan.problems, plan.notices)
        if plan.skipped:
            context.say(beside_drafts(plan))
        if not plan.drafts and not plan.problems:
            context.say(f"Nothing to bill for {plan.month}.")
        context.say(f"Plan {plan.plan}: `bill close {plan.month} --plan {plan.plan}` closes exactly this.")


def preview_table(drafts: Sequence[Draft], by: str | None = None) -> Table:
    """The drafts in their order, with subtotals by project, task or person on request, and sums per currency."""
    columns = [
        Column("Client"),
        Column("Hours", right=True),
        Column("Net", right=True),
        Column("Cur."),
        Column("Last month", right=True),
        Column("Change", right=True),
        Column("Look at", wide=True),
    ]
    rows: list[list[str]] = []
    for draft in drafts:
        rows.append(_draft_row(draft))
        rows.extend(_subtotals(draft, by))
    return Table(columns, rows, footer=_sums(drafts))


def beside_drafts(plan: MonthPlan) -> str:
    """One sentence: what is on no draft, by its place in the certificate."""
    aside: dict[str, int] = {}
    for row in plan.skipped:
        aside[row.disposed] = aside.get(row.disposed, 0) + row.minutes
    return "Not on these drafts: " + ", ".join(f"{k} {hours(m)}" for k, m in sorted(aside.items())) + "."


def _draft_row(draft: Draft) -> list[str]:
    last = "" if draft.last_minutes is None else hours(draft.last_minutes)
    change = ""
    if draft.last_net:
        percent = (draft.net - draft.last_net) * 100 / draft.last_net
        change = f"{percent.quantize(Decimal(1)):+} %"
    net = amount(str(draft.net))
    return [draft.client, hours(draft.minutes), net, draft.currency, last, change, "; ".join(draft.flags)]


def _subtotals(draft: Draft, by: str | None) -> list[list[str]]:
    if by is None:
        return []
    sums: dict[str, tuple[int, Decimal]] = {}
    for line in draft.lines:
        if by == "person":
            for name in line.people:
                minutes = sum(entry.minutes for entry in line.entries if entry.user == name)
                old = sums.get(name, (0, Decimal(0)))
                sums[name] = (old[0] + minutes, old[1])
            continue
        number = f"#{line.issue} " if line.issue is not None else ""
        key = line.project if by == "project" else f"{number}{line.title}"
        old = sums.get(key, (0, Decimal(0)))
        sums[key] = (old[0] + line.minutes, old[1] + line.net)
    shown = []
    for key, (minutes, net) in sums.items():
        shown.append([f"  {key[:60]}", hours(minutes), "" if by == "person" else amount(str(net)), "", "", "", ""])
    return shown


def _sums(drafts: Iterable[Draft]) -> list[list[str]]:
    sums: dict[str, tuple[int, int, Decimal]] = {}
    for draft in drafts:
        count, minutes, net = sums.get(draft.currency, (0, 0, Decimal(0)))
        sums[draft.currency] = (count + 1, minutes + draft.minutes, net + draft.net)
    return [
        [f"{count} drafts" if count != 1 else "1 draft", hours(minutes), amount(str(net)), currency, "", "", ""]
        for currency, (count, minutes, net) in sorted(sums.items())
    ]


def show_closed(context: Context, result: CloseResult) -> None:
    """What stands issued for the month, with numbers and links."""
    columns = [
        Column("Number"),
        Column("Client"),
        Column("Hours", right=True),
        Column("Net", right=True),
        Column("Gross", right=True),
        Column("Cur."),
        Column("Link"),
    ]
    rows = [
        [
            str(draft["number"]),
            str(draft["client"]),
            hours(draft["minutes"]),
            amount(draft["net"]),
            amount(draft["gross"]),
            str(draft["currency"]),
            str(draft["link"] or ""),
        ]
        for draft in result.drafts
    ]
    emit(context, result.as_dict(), [Table(columns, rows)])
    if context.form != "json":
        show_problems(context, result.problems, result.notices)
        context.say(result.summary)


def show_sent(context: Context, sent: SendResult) -> None:
    """One row a letter, and what to do about those that did not go."""
    columns = [Column("Number"), Column("Client"), Column("To"), Column("State"), Column("Detail", wide=True)]
    rows = [[row["number"], row["client"], row["to"], row["state"], row["detail"]] for row in sent.letters]
    emit(context, sent.as_dict(), [Table(columns, rows)])
    if context.form != "json":
        for text in sent.messages:
            print_text(context, text)
        show_problems(context, sent.problems, ())
        context.say(sent.summary)


def print_text(context: Context, text: str) -> None:
    """Data in words, on stdout."""
    import click

    click.echo(text)


def show_certificate(context: Context, certificate: Certificate, *, entries: bool) -> None:
    """The certificate on one page: per client and in sum, in h:mm."""
    data: dict[str, Any] = certificate.as_dict()
    tables = [certificate_table(data)]
    if entries:
        listed = [
            [row["entry"], row["client"] or "", hours(row["minutes"]), row["as"], row["invoice"] or "", row["reason"]]
            for row in data["entries"]
        ]
        heads = [Column("Entry"), Column("Client"), Column("Time", right=True), Column("As"), Column("Invoice")]
        table = Table([*heads, Column("Reason", wide=True)], listed)
        tables = [table] if context.form == "csv" else [*tables, table]
    emit(context, data, tables)
    if context.form == "json":
        return
    context.say(certificate_verdict(certificate))
    reasons: dict[str, int] = {}
    for entry in certificate.rows:
        if entry.placed == "unbilled":
            reasons[entry.reason] = reasons.get(entry.reason, 0) + entry.minutes
    for reason, minutes in sorted(reasons.items(), key=lambda item: -item[1])[:MOST_SHOWN]:
        context.say(f"  unbilled {hours(minutes)}: {reason}")


def certificate_table(data: Mapping[str, Any]) -> Table:
    """The certificate per client and in sum; `data` is its JSON."""
    sums = data["minutes"]
    places = [name for name in sums if name != "booked" and (sums[name] or name in {"billed", "unbilled"})]
    columns = [Column("Client"), Column("Booked", right=True)]
    columns += [Column(name.replace("_", " ").capitalize(), right=True) for name in places]
    rows = [
        [row["client"] or "(no client)", hours(row["booked"]), *(hours(row[name]) for name in places)]
        for row in data["clients"]
    ]
    footer = [["All", hours(sums["booked"]), *(hours(sums[name]) for name in places)]]
    return Table(columns, rows, footer=footer, title=f"Certificate of {data['month']}")


def certificate_verdict(certificate: Certificate) -> str:
    """One sentence: whether it balances, how much was booked, what proved the read whole."""
    verdict = "balances" if certificate.balanced else "DOES NOT BALANCE"
    return f"{certificate.month} {verdict}: {hours(certificate.booked)} booked. Control: {certificate.control}."
