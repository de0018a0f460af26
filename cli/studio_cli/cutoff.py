"""`cutoff`: the promise for a request that arrives at a given moment, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from studio_cli.context import Context, parse_instant
from studio_cli.errors import DONE

if TYPE_CHECKING:
    from studio_support.tickets.cutoff import Promise


@click.command()
@click.argument("when", metavar="WHEN")
@click.option("--client", metavar="ID", help="The client who asks: its maximum wait can make the due earlier.")
@click.option("--critical", is_flag=True, help="The client calls it critical (with --client).")
@click.pass_obj
def cutoff(context: Context, when: str, client: str | None, critical: bool) -> int:
    """The promise for a request that arrives at WHEN, and why.

    WHEN is ISO 8601 with an offset, such as 2026-11-02T11:59:30+03:00.
    """
    arrived_at = parse_instant(when, "WHEN")
    if critical and client is None:
        raise click.UsageError("--critical says how a client's request is treated: name the client with --client ID.")
    studio = context.studio()
    promise = studio.promise(arrived_at, client, critical=critical)
    _show(context, promise)
    if critical and studio.promises.policy(client, critical=True).max_wait_minutes is None:
        context.say(f"{client} agreed on no maximum wait (max_wait_minutes), so --critical changes nothing.")
    return DONE


def _show(context: Context, promise: Promise) -> None:
    from studio_cli.output import Cell, Column, Table, emit

    data = promise.as_dict()
    if context.form != "table":
        rows: list[list[Cell]] = [[" ".join(value) if isinstance(value, list) else value for value in data.values()]]
        emit(context, data, [Table([Column(key) for key in data], rows)])
        return
    from studio_support.tickets.calendar import shown_day

    due = promise.due_local
    shown: list[list[Cell]] = [
        ["Due", f"{shown_day(due.date())} {due:%H:%M:%S} {promise.zone}".replace(":00 ", " ", 1)],
        ["", data["due_at"]],
        ["Intake day", shown_day(promise.intake_day)],
    ]
    shown += [["" if number else "Why", reason] for number, reason in enumerate(promise.reasons)]
    shown.append(["Rests on", f"rule {promise.rule}, calendar {promise.calendar}"])
    arrived = f"A request that arrives at {data['arrived_at']}"
    emit(context, data, [Table([Column("what", " "), Column("promise", "The promise", wide=True)], shown, arrived)])
