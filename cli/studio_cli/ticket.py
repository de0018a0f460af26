"""`ticket`: one ticket by its number, from the first letter to the last."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY
from studio_cli.groups import Group

if TYPE_CHECKING:
    from studio_support.desk.new import Voice
    from studio_support.desk.results import Acted
    from studio_support.desk.ticket_desk import TicketDesk

_number = click.argument("number", metavar="NUMBER")
_dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done, letters in full; nothing is written.")
_force = click.option("--force", is_flag=True, help="Also while somebody else has it locked.")
_note = click.option("--note", default="", metavar="TEXT", help="Words of yours for the letter.")


@click.group(cls=Group, short_help="One ticket: its story, lock, estimate, task, letters; search.")
def ticket() -> None:
    """One ticket: its story, lock, estimate, task, letters; search.

    NUMBER as you have it: 2026112110000015, Ticket#2026112110000015, or a copied subject in quotes. What is written is
    shared with `sync run`: a command that is killed or repeated writes nothing twice.
    """


def _desk(context: Context, *, writes: bool) -> TicketDesk:
    from studio_support.desk.ticket_desk import TicketDesk

    return TicketDesk(context.studio(writes=writes).bridge)


def _end(context: Context, acted: Acted) -> int:
    from studio_cli.ticket_tables import show_acted

    show_acted(context, acted)
    return DONE if acted.settled else PARTLY


@ticket.command()
@_number
@click.option("--full", is_flag=True, help="Also why the promise is what it is.")
@click.pass_obj
def show(context: Context, number: str, full: bool) -> int:
    """Its story: letters, lock, promise, issues, minutes, invoices."""
    from studio_cli.ticket_story import show_story

    studio = context.studio()
    from studio_support.desk.ticket_desk import TicketDesk

    told = TicketDesk(studio.bridge).show(number)
    show_story(context, told, studio.config.studio.timezone, full=full)
    return PARTLY if told.problems else DONE


@ticket.command()
@click.option("--channel", type=click.Choice(["phone", "messenger"]), required=True, help="How it came.")
@click.option("--customer", required=True, metavar="LOGIN", help="The customer user in OTRS: login or address.")
@click.option("--title", required=True, metavar="TEXT", help="What it is about, in a line.")
@click.option("--text", metavar="TEXT", help="What was said (default: from stdin).")
@click.option("--queue", default="", metavar="NAME", help="Default: the first of [otrs] queues.")
@click.option("--again", is_flag=True, help="Another ticket, though one was made today from the same words.")
@_dry_run
@click.pass_obj
def new(
    context: Context,
    channel: Voice,
    customer: str,
    title: str,
    text: str | None,
    queue: str,
    again: bool,
    dry_run: bool,
) -> int:
    """A ticket for what came by phone or messenger.

    The client is asked to confirm it in writing. The same words of the same customer within a day are the same ticket:
    repeat the command without fear.
    """
    from studio_support.desk.new import Call

    said = text if text is not None else _from_stdin()
    if not title.strip() or not customer.strip() or not said.strip():
        raise click.UsageError("Say who asked, what it is about and what was said: none of them may be empty.")
    call = Call(channel, customer.strip(), " ".join(title.split()), said.strip(), queue.strip())
    return _end(context, _desk(context, writes=not dry_run).new(call, again=again, dry_run=dry_run))


def _from_stdin() -> str:
    if sys.stdin.isatty():
        raise click.UsageError("Give what was said with --text, or on stdin.")
    return sys.stdin.buffer.read().decode("utf-8", "replace")


@ticket.command()
@_number
@click.option("--force", is_flag=True, help="Take it from somebody else.")
@_dry_run
@click.pass_obj
def take(context: Context, number: str, force: bool, dry_run: bool) -> int:
    """Lock it for yourself: lock and owner together.

    One that somebody else has locked is refused (exit code 4), and he is named.
    """
    from studio_cli.ticket_tables import show_lock

    show_lock(context, _desk(context, writes=not dry_run).take(number, force=force, dry_run=dry_run))
    return DONE


@ticket.command()
@_number
@click.option("--force", is_flag=True, help="Also one that somebody else has locked.")
@_dry_run
@click.pass_obj
def release(context: Context, number: str, force: bool, dry_run: bool) -> int:
    """Let it go: unlock what you have locked."""
    from studio_cli.ticket_tables import show_lock

    show_lock(context, _desk(context, writes=not dry_run).release(number, force=force, dry_run=dry_run))
    return DONE


@ticket.command(context_settings={"ignore_unknown_options": True})  # "-1" is a wrong HOURS, not an option
@_number
@click.argument("hours", metavar="HOURS")
@_note
@_force
@_dry_run
@click.pass_obj
def estimate(context: Context, number: str, hours: str, note: str, force: bool, dry_run: bool) -> int:
    """Write the estimate into it; the client is told hours and cost.

    HOURS is 3:30, 3.5, 3h30 or 90m. The letter says that the actual time may differ, up or down.
    """
    from studio_support.desk.number import typed_minutes

    minutes = typed_minutes(hours)
    if minutes is None:
        raise click.BadParameter(
            f'"{hours}" is no estimate of a minute or more, up to 1,666 hours: write 3:30, 3.5, 3h30 or 90m.',
            param_hint="HOURS",
        )
    desk = _desk(context, writes=not dry_run)
    return _end(context, desk.estimate(number, minutes, note=note.strip(), force=force, dry_run=dry_run))


@ticket.command()
@_number
@_force
@_dry_run
@click.pass_obj
def approve(context: Context, number: str, force: bool, dry_run: bool) -> int:
    """Write into the ticket that the client has agreed."""
    return _end(context, _desk(context, writes=not dry_run).approve(number, force=force, dry_run=dry_run))


@ticket.command()
@_number
@_force
@_dry_run
@click.pass_obj
def task(context: Context, number: str, force: bool, dry_run: bool) -> int:
    """Make the issue in Redmine now.

    In whatever queue the ticket is, and however old; the client is told that the task is set, and the ticket is closed.
    What [sync] required asks for and the ticket lacks is named (exit code 4).
    """
    return _end(context, _desk(context, writes=not dry_run).task(number, force=force, dry_run=dry_run))


@ticket.command()
@_number
@_note
@_force
@_dry_run
@click.pass_obj
def done(context: Context, number: str, note: str, force: bool, dry_run: bool) -> int:
    """Tell the client that it is done, once.

    While an issue of it is open that is refused (exit code 4). A ticket without an issue is closed.
    """
    return _end(
        context, _desk(context, writes=not dry_run).done(number, note=note.strip(), force=force, dry_run=dry_run)
    )


@ticket.command()
@_number
@_note
@_force
@_dry_run
@click.pass_obj
def apologise(context: Context, number: str, note: str, force: bool, dry_run: bool) -> int:
    """Apologise for a missed promise, once.

    Without one that is refused (exit code 4).
    """
    return _end(
        context, _desk(context, writes=not dry_run).apologise(number, note=note.strip(), force=force, dry_run=dry_run)
    )


@ticket.command()
@click.argument("words", metavar="WORDS", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many tickets.")
@click.pass_obj
def search(context: Context, words: tuple[str, ...], limit: int) -> int:
    """Full text in the archive, the newest first.

    Tickets that have all the words in letters, notes or titles, wherever they stand.
    """
    from studio_cli.ticket_tables import show_hits
    from studio_support.desk.words import sought

    text = " ".join(words)
    if not sought(text):
        raise click.BadParameter("Name the words to look for.", param_hint="WORDS")
    show_hits(context, _desk(context, writes=False).search(text, limit=limit), text, limit)
    return DONE
