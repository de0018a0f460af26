"""`db`: the store."""

from __future__ import annotations

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY
from studio_cli.groups import Group


@click.group(cls=Group, short_help="The store: upgrade and check.")
def db() -> None:
    """The store: upgrade and check."""


@db.command()
@click.pass_obj
def upgrade(context: Context) -> int:
    """Bring the store to this version's tables. Back it up first."""
    from studio_cli.output import Column, Table, emit
    from studio_support.store.upgrade import upgrade as upgrade_store

    studio = context.studio()
    before, after = upgrade_store(studio.config.store_url(studio.environ).reveal())
    if context.form != "table":
        columns = [Column("before"), Column("after")]
        emit(context, {"before": before, "after": after}, [Table(columns, [[before, after]])])
    elif before == after:
        context.say(f"Nothing to do: the store has version {after}.")
    else:
        context.say(f"The store has version {after} now; it was {before or 'not there'}.")
    return DONE


@db.command()
@click.pass_obj
def check(context: Context) -> int:
    """Prove the store sound: constraints, sums, frozen documents."""
    from studio_cli.output import Column, Table, emit
    from studio_cli.problems import show_problems
    from studio_support.store.check import check as check_store

    studio = context.studio()
    problems = check_store(studio.config.store_url(studio.environ).reveal())
    data = {"problems": [problem.as_dict() for problem in problems]}
    if context.form != "table":
        rows = [[problem.source, problem.message, problem.next_step] for problem in problems]
        emit(context, data, [Table([Column("source"), Column("message"), Column("next_step")], rows)])
    else:
        show_problems(context, problems)
        if not problems:
            context.say("The store is sound.")
    return PARTLY if problems else DONE
