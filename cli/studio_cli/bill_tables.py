"""What `bill preview` and `bill close` print: drafts to be reviewed, and what stands issued."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from studio_cli.context import Context
from studio_cli.output import Cell, Column, Table, emit, hours
from studio_cli.problems import show_problems
from studio_support.counting import counted

if TYPE_CHECKING:
    from studio_support.billing.month_plan import Draft, MonthPlan
    from studio_support.billing.subtotals import By
    from studio_support.results import CloseResult, Reopened

DRAFT = (
    Column("client"),
    Column("minutes", "Hours", "minutes"),
    Column("net", kind="money"),
    Column("currency", "Cur."),
    Column("last_net", "Last month", "money"),
    Column("change_percent", "Change", "percent"),
    Column("flags", "Look at", wide=True, style="yellow"),
)
CLOSED = (
    Column("number"),
    Column("client"),
    Column("minutes", "Hours", "minutes"),
    Column("net", kind="money"),
    Column("gross", kind="money"),
    Column("currency", "Cur."),
    Column("link", wide=True, whole=True),
)


def show_preview(context: Context, plan: MonthPlan, *, flagged: bool, by: By | None) -> None:
    """The drafts of a preview, most suspicious first, and totals per currency; then what is to be done."""
    drafts = plan.suspicious_first()
    shown = [draft for draft in drafts if draft.flags or not flagged]
    emit(context, _preview_json(plan, flagged, by), [_preview_table(context, shown, by)])
    show_problems(context, plan.problems, plan.notices)
    if context.form == "table":
        _say_rest(context, plan, len(drafts) - len(shown))


def _preview_json(plan: MonthPlan, flagged: bool, by: By | None) -> dict[str, Any]:
    from studio_support.billing.subtotals import subtotals

    data = plan.as_dict()
    if by is not None:
        for row, draft in zip(data["drafts"], plan.drafts, strict=True):
            row["subtotals"] = [subtotal.as_dict() for subtotal in subtotals(draft, by)]
    if flagged:
        data["drafts"] = [row for row in data["drafts"] if row["flags"]]
    return data


def _preview_table(context: Context, drafts: Sequence[Draft], by: By | None) -> Table:
    if by is None:
        return Table(DRAFT, [_draft_row(draft) for draft in drafts], footer=_sums(drafts))
    from studio_support.billing.subtotals import subtotals

    details: list[list[list[Cell]]] = [
        [[row.name, row.minutes, str(row.net), "", None, None, ""] for row in subtotals(draft, by)] for draft in drafts
    ]
    if context.form != "csv":
        columns = [Column("client", f"Client, {by}", wide=True), *DRAFT[1:]]
        return Table(columns, [_draft_row(draft) for draft in drafts], details=details, footer=_sums(drafts))
    columns = [Column("client"), Column(by), *DRAFT[1:4]]
    rows = [[draft.client, *row[:3], draft.currency] for draft, own in zip(drafts, details, strict=True) for row in own]
    return Table(columns, rows)


def _draft_row(draft: Draft) -> list[Cell]:
    figures: list[Cell] = [draft.minutes, str(draft.net), draft.currency, _text(draft.last_net), draft.change_percent]
    return [draft.client, *figures, "; ".join(draft.flags)]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _sums(drafts: Iterable[Draft]) -> list[list[Cell]]:
    """Totals per currency, and last month's of the same clients."""
    by_currency: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_currency.setdefault(draft.currency, []).append(draft)
    rows: list[list[Cell]] = []
    for currency, own in sorted(by_currency.items()):
        net = sum((draft.net for draft in own), Decimal(0))
        last = sum((draft.last_net for draft in own if draft.last_net is not None), Decimal(0))
        minutes = sum(draft.minutes for draft in own)
        rows.append([counted(len(own), "draft"), minutes, str(net), currency, str(last) if last else None, None, ""])
    return rows


def _say_rest(context: Context, plan: MonthPlan, hidden: int) -> None:
    if hidden:
        context.say(f"{counted(hidden, 'draft')} without flags not shown.")
    if plan.already:
        context.say(f"Closed already: {_some(plan.already)}.")
    if plan.parked:
        context.say(f"Not closed by a close now: {_some(plan.parked)}.")
    aside: dict[str, int] = {}
    for row in plan.skipped:
        aside[row.disposed] = aside.get(row.disposed, 0) + row.minutes
    if any(aside.values()):
        parts = [f"{place.replace('_', ' ')} {hours(minutes)}" for place, minutes in sorted(aside.items()) if minutes]
        context.say(f"Not on these drafts: {', '.join(parts)}.")
    if not plan.drafts:
        context.say(f"Nothing to bill for {plan.month}.")


def _some(names: Sequence[str], most: int = 8) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(sorted(names)[:most]) + rest


def show_closed(context: Context, result: CloseResult) -> None:
    """What stands issued for the month, with numbers and links."""
    rows = [[draft[column.key] for column in CLOSED] for draft in result.drafts]
    footer = _issued_sums(result.drafts)
    emit(context, result.as_dict(), [Table(CLOSED, rows, footer=footer)])
    show_problems(context, result.problems, result.notices)
    if context.form == "table":
        context.say(result.summary)
    if context.verbose and result.requests:
        context.say(f"Redmine was asked {result.requests} times and waited for {result.waited_seconds:.1f} s.")


def show_reopened(context: Context, done: Reopened) -> None:
    """What is open now, and how it is closed again."""
    data = done.as_dict()
    if context.form != "table":
        row: list[Cell] = [data["month"], data["client"] or "", "yes" if done.reopened else "no", str(done.entries)]
        emit(context, data, [Table([Column(key) for key in data], [row])])
        return
    whose = f"The studio's own time of {done.month}" if done.client is None else f"{done.month} of {done.client}"
    if not done.reopened:
        context.say(f"{whose} is open already; nothing was changed.")
        return
    entries = f"{counted(done.entries, 'entry', 'entries')} {'is' if done.entries == 1 else 'are'}"
    only = "" if done.client is None else f" --client {done.client}"
    context.say(f"{whose} is open again, and {entries} free. To close it: bill close {done.month}{only}")


def _issued_sums(drafts: Sequence[Any]) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for currency in sorted({draft["currency"] for draft in drafts}):
        own = [draft for draft in drafts if draft["currency"] == currency]
        net, gross = (str(sum(Decimal(draft[key]) for draft in own)) for key in ("net", "gross"))
        minutes = sum(draft["minutes"] for draft in own)
        rows.append([f"{len(own)} in all", "", minutes, net, gross, currency, ""])
    return rows
