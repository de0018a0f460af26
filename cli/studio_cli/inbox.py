"""`inbox`: what was promised and is not yet kept, by due time."""

from __future__ import annotations

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY


@click.command(short_help="Open promises by due time, who holds the lock, what will be missed.")
@click.option("--mine", is_flag=True, help="Only what you have locked, or somebody for whom you stand in.")
@click.option("--at-risk", is_flag=True, help="Only what is missed or about to be; silent when all is well.")
@click.pass_obj
def inbox(context: Context, mine: bool, at_risk: bool) -> int:
    """Open promises by due time, who holds the lock, what will be missed.

    At risk is a promise whose due has passed, that has less than an hour of working time left, or whose holder is away
    on the day that it is due. With --at-risk the exit code is 3 where there is one. You are --user; people.toml says
    what OTRS calls you, who is away and who stands in.
    """
    from studio_cli.inbox_tables import show_inbox
    from studio_support.desk.ticket_desk import TicketDesk

    studio = context.studio()
    found = TicketDesk(studio.bridge).inbox(mine=mine, at_risk=at_risk)
    show_inbox(context, found, studio.config.studio.timezone, at_risk=at_risk, mine=mine)
    return PARTLY if found.problems or (at_risk and found.waiting) else DONE
