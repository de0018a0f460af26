"""What `doctor` prints: a line a check, with the next step. Errors are worded where all errors are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from studio_cli.context import Context
from studio_cli.errors import sentence
from studio_cli.output import Column, Table, emit

if TYPE_CHECKING:
    from studio_support.doctor import Check

COLUMNS = (
    Column("result"),
    Column("check"),
    Column("detail", "What was found, and what to do", wide=True),
    Column("next_step"),
)


def show_checks(context: Context, checks: Sequence[Check]) -> None:
    """The checks as a table, each next step below its row, as JSON or CSV; and one sentence in sum."""
    data = [worded(check) for check in checks]
    rows = [[row[column.key] for column in COLUMNS] for row in data]
    table = Table(COLUMNS, rows)
    if context.form == "table":
        steps = [[["", "", f"-> {row['next_step']}"]] if row["next_step"] else [] for row in data]
        table = Table(COLUMNS[:3], [row[:3] for row in rows], details=steps)
    emit(context, data, [table])
    if context.form != "table":
        return
    counts = {result: sum(check.result == result for check in checks) for result in ("failed", "warning", "skipped")}
    if counts["failed"]:
        context.say(f"{counts['failed']} failed, {counts['warning']} to look at, {counts['skipped']} skipped.")
    else:
        more = f" {counts['warning']} to look at." if counts["warning"] else ""
        context.say(f"Nothing failed.{more}")


def worded(check: Check) -> dict[str, Any]:
    """The JSON of a check, an error of it in the sentences that people read everywhere."""
    data = check.as_dict()
    if check.error is not None:
        wrong, step, _ = sentence(check.error)
        data |= {"detail": wrong, "next_step": step}
    return data
