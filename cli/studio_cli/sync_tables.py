"""Tables of `sync`: what a pass did or would do, and where the bridge stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_cli.output import Cell, Column, Table, visible
from studio_cli.streams import write
from studio_invoices.errors import Problem
from studio_support.sync.actions import LetterAction, Warn
from studio_support.sync.report import name_of, number_of, shown, told_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio_support.sync.audit import Finding
    from studio_support.sync.run import Pass
    from studio_support.sync.state_status import Status


def pass_table(done: Pass) -> Table:
    """A row an action, in the order in which they ran; what is told of below is not repeated."""
    columns = [
        Column("ticket", whole=True),
        Column("action"),
        Column("about", wide=True),
        Column("ending"),
        Column("detail", wide=True),
    ]
    rows: list[list[Cell]] = []
    if done.cursor is None:
        rows = [
            [number_of(one), name_of(one).replace("_", " "), told_of(one), "planned", ""]
            for one in done.plan.actions
            if shown(one) and name_of(one) != "warn"
        ]
    else:
        rows = [
            [number_of(one.action), name_of(one.action).replace("_", " "), told_of(one.action), one.ending, one.detail]
            for one in done.outcomes
            if shown(one.action) and name_of(one.action) != "warn"
        ]
    return Table(columns, rows)


def letters_text(done: Pass) -> None:
    """The letters of a dry run, in full."""
    for action in done.plan.actions:
        if isinstance(action, LetterAction):
            letter = action.letter
            write(f"\n--- {name_of(action).replace('_', ' ')}, ticket {action.number}, to {visible(letter.to)}\n")
            write(f"Subject: {visible(letter.subject)}\n\n")
            write("\n".join(visible(line) for line in letter.text.splitlines()) + "\n")


def warnings_of(done: Pass) -> tuple[Problem, ...]:
    """What a dry run would tell people of."""
    found = (one for one in done.plan.actions if isinstance(one, Warn))
    return tuple(Problem(one.key, one.message, one.next_step) for one in found)


def status_tables(found: Status) -> list[Table]:
    """The state, then what is on hold, then what lasts."""
    passed = "never" if found.passed_at is None else f"{found.passed_at:%Y-%m-%d %H:%M:%S} UTC"
    start = "" if found.start is None else f"{found.start:%Y-%m-%d %H:%M:%S} UTC"
    facts: list[list[Cell]] = [
        ["Last pass", passed],
        ["Begins at", start],
        ["Tickets known", str(found.tickets)],
        ["Linked issues", str(found.links)],
        ["Open promises", str(found.open_promises)],
        ["Missed so far", str(found.missed)],
    ]
    if found.noted:
        facts.append(
            ["Letters as notes", f"{found.noted}, filed inside and never sent: `letters` decides of new ones only"]
        )
    held: list[list[Cell]] = [
        [
            one.number,
            one.intent.key.kind.replace("_", " "),
            one.intent.state,
            f"{one.intent.at:%Y-%m-%d %H:%M:%S}",
            "" if one.looked_up_at is None else f"{one.looked_up_at:%H:%M:%S}",
            one.intent.detail,
        ]
        for one in found.unfinished
    ]
    lasting: list[list[Cell]] = [
        [f"{one.began_at:%Y-%m-%d %H:%M}", one.message, one.next_step] for one in found.warnings
    ]
    return [
        Table([Column("what", "The bridge"), Column("value", " ", wide=True)], facts),
        Table(
            [
                Column("ticket", whole=True),
                Column("write"),
                Column("state"),
                Column("at", "At (UTC)"),
                Column("looked_up_at", "Looked up at"),
                Column("detail", wide=True),
            ],
            held,
            "Writes that are not known to be done",
        ),
        Table(
            [
                Column("since", "Since (UTC)"),
                Column("problem", wide=True),
                Column("next_step", "What to do", wide=True),
            ],
            lasting,
            "What lasts",
        ),
    ]


def audit_table(findings: Sequence[Finding]) -> Table:
    """A row a finding."""
    columns = [
        Column("kind"),
        Column("ticket", whole=True),
        Column("issue"),
        Column("finding", wide=True),
        Column("next_step", "What to do", wide=True),
    ]
    rows: list[list[Cell]] = [
        [
            one.kind.replace("_", " "),
            one.ticket,
            "" if one.issue is None else f"#{one.issue}",
            one.message,
            one.next_step,
        ]
        for one in findings
    ]
    return Table(columns, rows)
