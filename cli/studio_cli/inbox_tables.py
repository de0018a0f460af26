"""What `inbox` prints."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from studio_cli.context import Context
from studio_cli.output import Cell, Column, Table, emit
from studio_cli.problems import show_problems

if TYPE_CHECKING:
    from studio_support.desk.results import Inbox, LeftLock, Waiting

PROMISES = (
    Column("due_local", "Due"),
    Column("minutes_left", "Left", "minutes"),
    Column("ticket", whole=True),
    Column("client"),
    Column("title", wide=True),
    Column("locked_by", "Locked by"),
    Column("acknowledged_at", "Acknowl."),
    Column("estimated_at", "Estimated"),
    Column("risk"),
)
ABSENT = (
    Column("stand_in", "For"),
    Column("ticket", whole=True),
    Column("title", wide=True),
    Column("locked_by", "Locked by"),
    Column("away_until", "Away until"),
)


def show_inbox(context: Context, found: Inbox, zone: str, *, at_risk: bool, mine: bool) -> None:
    """Promises, then the locks of those who are away."""
    if context.form == "csv":
        rows: list[list[Cell]] = [[one.as_dict()[column.key] for column in PROMISES] for one in found.waiting]
        emit(context, None, [Table(PROMISES, rows)])
    elif context.form == "json":
        emit(context, found.as_dict(), [])
    else:
        local = ZoneInfo(zone)
        waiting = Table(PROMISES, [_row(one, local) for one in found.waiting])
        left = Table(ABSENT, [_left(one) for one in found.left], "Locked by colleagues who are away")
        emit(context, None, [waiting, left])
    show_problems(context, found.problems)
    if context.form == "table" and not at_risk and not found.waiting:
        context.say("No open promise of yours." if mine else "No open promise.")
    if context.form == "table" and not at_risk and found.old:
        context.say(found.old)


def _row(one: Waiting, zone: ZoneInfo) -> list[Cell]:
    holder = one.holder + (f" (away, for {one.stand_in})" if one.stand_in else "")
    title = f"{one.title} (critical)" if one.critical else one.title
    due = f"{one.due_local:%a %Y-%m-%d %H:%M}"
    clocks = [_clock(at, one.due_local, zone) for at in (one.acknowledged_at, one.estimated_at)]
    return [due, one.minutes_left, one.number, one.client, title, holder, *clocks, one.risk]


def _clock(at: datetime | None, due: datetime, zone: ZoneInfo) -> str:
    """When a clock stopped: the hour, with the day if it is not that of the due; a dash while it runs."""
    if at is None:
        return "-"
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == due.date() else f"{local:%m-%d %H:%M}"


def _left(one: LeftLock) -> list[Cell]:
    return [one.stand_in or "nobody", one.number, one.title, one.holder, one.until]
