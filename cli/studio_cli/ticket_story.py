"""What `ticket show` prints: one story, from the first letter to the invoice."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from studio_cli.context import Context
from studio_cli.output import Cell, Column, Row, Table, emit, hours, visible
from studio_cli.problems import show_problems

if TYPE_CHECKING:
    from studio_support.desk.story import Story
    from studio_support.sync.state_desk import StoredPromise

_WHO = {
    "client": "client",
    "call": "taken down",
    "us": "studio-support",
    "colleague": "colleague",
    "system": "OTRS itself",
    "note": "internal note",
}
MAILS = (Column("at", "When"), Column("who"), Column("text", "Letters", wide=True))
LETTERS = (Column("at", "When"), Column("kind", "We wrote"), Column("to"), Column("state"), Column("detail", wide=True))
DESK = (Column("at", "When"), Column("person", "Who"), Column("did", "Did"), Column("detail", wide=True))
ISSUES = (
    Column("issue"),
    Column("status"),
    Column("subject", wide=True),
    Column("project", minor=True),
    Column("estimated_minutes", "Estimated", "minutes"),
    Column("booked_minutes", "Booked", "minutes"),
)
INVOICES = (
    Column("invoice"),
    Column("month"),
    Column("line", kind="count"),
    Column("title", wide=True),
    Column("minutes", "Hours", "minutes"),
    Column("net", kind="money"),
    Column("currency", "Cur."),
    Column("state"),
)


def show_story(context: Context, story: Story, zone: str, *, full: bool) -> None:
    """The story; CSV: its letters."""
    if context.form == "json":
        emit(context, story.as_dict(), [])
        return
    local = ZoneInfo(zone)
    if context.form == "csv":
        columns = [Column("at"), Column("who"), Column("from"), Column("channel"), Column("subject")]
        rows: list[list[Cell]] = [[one.as_dict()[column.key] for column in columns] for one in story.mails]
        emit(context, None, [Table(columns, rows)])
        return
    emit(context, None, [_facts(story, local, full=full), *_tables(story, local)])
    show_problems(context, story.problems)


def _facts(story: Story, zone: ZoneInfo, *, full: bool) -> Table:
    ticket = story.ticket
    rows: list[list[Cell]] = [
        ["State", f"{ticket.state}, {ticket.priority}, queue {ticket.queue}"],
        ["Client", _client(story)],
        ["Locked by", story.holder or "nobody"],
    ]
    for row in story.promises:
        name = "Promise" if len(story.promises) == 1 else f"Promise {row.round}"
        rows.append([name, _promise(row, zone)])
        rows.append(["  acknowledged", _stopped(row.acknowledged_at, row.acknowledged_by, zone)])
        rows.append(["  estimated", _stopped(row.estimated_at, row.estimated_by, zone)])
        if full or len(story.promises) == 1:
            rows += [["" if number else "  why", reason] for number, reason in enumerate(row.reasons)]
    if not story.promises:
        rows.append(["Promise", "none was made here"])
    rows.append(["Estimate", _estimate(story)])
    head = visible(f"{ticket.number}: {ticket.title}")
    return Table([Column("what", "Ticket"), Column("value", head, wide=True)], rows)


def _client(story: Story) -> str:
    ticket = story.ticket
    who = ", ".join(word for word in (ticket.customer_user, ticket.customer) if word) or "no customer"
    return f"{story.client} ({who})" if story.client else f"{who}: no client lists it"


def _promise(row: StoredPromise, zone: ZoneInfo) -> str:
    critical = ", critical" if row.critical else ""
    return f"due {row.due_local:%a %Y-%m-%d %H:%M}, received {_at(row.received_at, zone)}{critical}"


def _stopped(at: datetime | None, by: str, zone: ZoneInfo) -> str:
    return "not yet" if at is None else f"{_at(at, zone)} by {by}"


def _estimate(story: Story) -> str:
    if story.estimate_minutes is None:
        told = f"{story.estimate!r} is no number of hours" if story.estimate else "none"
    else:
        told = f"{hours(story.estimate_minutes)} h"
    return f"{told}, agreed" if story.agreed else told


def _tables(story: Story, zone: ZoneInfo) -> list[Table]:
    mails: list[list[Cell]] = []
    said: list[list[Row]] = []
    for mail in story.mails:
        who = _WHO[mail.who] if mail.who in ("us", "system") else f"{_WHO[mail.who]}: {mail.sender}"
        mails.append([_at(mail.at, zone), who, mail.subject or "(no subject)"])
        said.append([["", "", f"| {line}"] for line in mail.lines] if mail.who not in ("us", "system") else [])
    letters: list[list[Cell]] = [
        [
            _at(one.at, zone),
            one.key.kind.replace("_", " "),
            one.recipient,
            {"done": "sent" if one.mode == "send" else one.mode}.get(one.state, one.state),
            one.detail,
        ]
        for one in story.letters
    ]
    desk: list[list[Cell]] = [[_at(one.at, zone), one.person, one.verb, one.what] for one in story.traces]
    issues: list[list[Cell]] = [
        [
            f"#{one.issue}",
            one.status or "not known",
            one.subject,
            one.project,
            one.estimated_minutes,
            one.booked_minutes,
        ]
        for one in story.works
    ]
    invoices: list[list[Cell]] = [[one[column.key] for column in INVOICES] for one in story.invoices]
    return [
        Table(MAILS, mails, details=said),
        Table(LETTERS, letters),
        Table(DESK, desk),
        Table(ISSUES, issues),
        Table(INVOICES, invoices),
    ]


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
