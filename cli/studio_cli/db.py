"""`db`: the store."""

from __future__ import annotations

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY


@click.group(short_help="The store: upgrade and check.")
def db() -> None:
    """The store: upgrade and check."""


@db.command()
@click.pass_obj
def upgrade(context: Context) -> int:
    """Bring the store to this version's tables. Make a backup first."""
    from studio_support.store.upgrade import upgrade as upgrade_store

    studio = context.studio()
    before, after = upgrade_store(studio.config.store_url(studio.environ).reveal())
    context.say(
        f"The store is up to date: {before or 'new'} -> {after}." if before != after else f"Nothing to do: {after}."
    )
    return DONE


@db.command()
@click.pass_obj
def check(context: Context) -> int:
    """Integrity of the store: constraints, sums of the ledger against what was issued."""
    from studio_cli.bill_tables import show_problems
    from studio_cli.output import Column, Table, emit
    from studio_support.store.check import check as check_store

    studio = context.studio()
    problems = check_store(studio.config.store_url(studio.environ).reveal())
    rows = [[problem.source, problem.message, problem.next_step] for problem in problems]
    data = {"problems": [problem.as_dict() for problem in problems]}
    emit(context, data, [Table([Column("Where"), Column("What", wide=True), Column("Next", wide=True)], rows)])
    show_problems(context, [], [])
    if not problems:
        context.say("The store is sound.")
    return PARTLY if problems else DONE
