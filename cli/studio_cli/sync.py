"""`sync`: passes between tickets and issues, for cron and for people, and where they stand."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from studio_cli.context import Context, parse_instant
from studio_cli.errors import DONE, FAILED, PARTLY, REFUSED
from studio_cli.groups import Group
from studio_support.counting import counted

if TYPE_CHECKING:
    from studio_support.studio import Studio
    from studio_support.sync.run import Pass

_AGE = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@click.group(cls=Group, short_help="The bridge between tickets and issues: one pass, its state.")
def sync() -> None:
    """The bridge between tickets and issues: one pass, its state.

    Cron runs `sync run` every ten minutes. It prints nothing there when all is well; a failure that lasts is told when
    it begins, once a day while it lasts, and when it ends. The exit code is always true.
    """


@sync.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done, letters in full; nothing is written.")
@click.option("--since", metavar="WHEN", help="Read changes from then on; a new store also begins there.")
@click.option("--confirm", is_flag=True, help="In spite of the guards, this once.")
@click.pass_obj
def run(context: Context, dry_run: bool, since: str | None, confirm: bool) -> int:
    """One pass: read both servers, plan, apply, move the cursor.

    WHEN is ISO 8601 with an offset. A store without a cursor begins now: older tickets are read for links and never
    written to. Exit code 3 where something is left over or lasts, 4 where a guard refuses, 5 where another pass runs.
    """
    from studio_support.errors import SourceError
    from studio_support.sync.run import Disaster

    begins = None if since is None else parse_instant(since, "--since")
    studio = context.studio(writes=not dry_run)
    told = {} if dry_run or context.at_terminal else _told_today(studio)
    try:
        done = studio.sync(dry_run=dry_run, since=begins, confirm=confirm)
    except SourceError:
        if told.get("side:otrs"):
            return FAILED
        raise
    except Disaster:
        if told.get("guard"):
            return REFUSED
        raise
    _show(context, done)
    swept = dry_run or _sweep_links(context, studio)
    return PARTLY if done.failures or not swept else DONE


def _sweep_links(context: Context, studio: Studio) -> bool:
    """Takes down once a day what has expired; False if that failed, which is told once a day too."""
    if not studio.config.has("links"):
        return True
    swept = studio.links.sweep_daily()
    if swept is None or swept.error is None:
        return True
    if context.at_terminal or not swept.told_today:
        from studio_cli.errors import told
        from studio_cli.streams import tell

        wrong, next_step, _ = told(swept.error)
        tell(f"Links that have expired still open: {wrong}\n{next_step}")
    return False


def _told_today(studio: Studio) -> dict[str, bool]:
    return {key: studio.bridge.told_today(key) for key in ("side:otrs", "guard")}


def _show(context: Context, done: Pass) -> None:
    from studio_cli.output import emit
    from studio_cli.problems import show_problems
    from studio_cli.sync_tables import letters_text, pass_table

    wanted = context.form != "table" or context.at_terminal or context.verbose or done.cursor is None
    if wanted:
        emit(context, done.as_dict(), [pass_table(done)])
        if done.cursor is None and context.form == "table":
            letters_text(done)
    told = {one.source for one in done.told}
    more = [one for one in done.failures if one.source not in told] if wanted else []
    problems = (*done.told, *more)
    if done.cursor is None and context.form == "table":
        from studio_cli.sync_tables import warnings_of

        problems = (*problems, *warnings_of(done))
    show_problems(context, problems)
    if wanted and context.form == "table":
        held = f" On hold: {counted(len(done.plan.held), 'write')}, see `sync status`." if done.plan.held else ""
        nothing = "" if any(True for _ in done.plan.actions) else "Nothing to do. "
        context.say(f"{nothing}{done.requests} requests over both servers.{held}")


@sync.command()
@click.option("--max-age", metavar="AGE", help="Exit code 1 if the last pass is older: 30m, 2h, 1d.")
@click.pass_obj
def status(context: Context, max_age: str | None) -> int:
    """Where the bridge stands; asks no server.

    The last pass, promises that are owed, writes of unknown outcome, failures that last.
    """
    from studio_cli.output import emit
    from studio_cli.sync_tables import status_tables

    age = None if max_age is None else parse_age(max_age)
    found = context.studio().bridge.status()
    emit(context, found.as_dict(), status_tables(found))
    if found.unfinished and context.form == "table":
        context.say(
            "Made or unknown: left alone until the time beside it, then the next pass looks it up, and does it if it is"
            " not there.\nFailed: a pass tries it again, each hour where a server refused it; `What lasts` names why."
        )
    if age is not None and found.older_than(age):
        when = (
            "no pass has ended yet" if found.passed_at is None else f"the last pass is of {found.passed_at:%F %T} UTC"
        )
        context.say(f"Too old: {when}. Look whether cron runs `sync run`, and what it says.")
        return FAILED
    return DONE


@sync.command()
@click.option("--since", metavar="WHEN", help="Look at all that changed since then (default: since the first pass).")
@click.pass_obj
def audit(context: Context, since: str | None) -> int:
    """What hangs in the air between tickets and issues.

    Issues without ticket, tickets without issue, numbers with a typing error, clients never told that it is done.
    Numbers with a wrong check digit are shown with the likely right one. Nothing is written. Exit code 3 where
    something was found.
    """
    from studio_cli.output import emit
    from studio_cli.sync_tables import audit_table

    begins = None if since is None else parse_instant(since, "--since")
    findings = context.studio().bridge.audit(begins)
    emit(context, {"findings": [one.as_dict() for one in findings]}, [audit_table(findings)])
    if not findings and context.form == "table":
        context.say("Nothing hangs in the air.")
    return PARTLY if findings else DONE


@sync.command()
@click.argument("number", metavar="NUMBER")
@click.pass_obj
def forget(context: Context, number: str) -> int:
    """Give up a ticket that was deleted in OTRS.

    Nothing waits for it or warns of it any more; what was promised and written stays on record. Refused (exit code 4)
    where OTRS still shows the ticket.
    """
    from studio_cli.output import emit

    known = context.studio(writes=True).bridge.forget(number.strip())
    emit(context, {"ticket": number.strip(), "forgotten": known}, [])
    if context.form == "table":
        context.say("Forgotten." if known else f"Nothing is known of ticket {number}.")
    return DONE


def parse_age(text: str) -> timedelta:
    """30m, 2h, 90s, 1d; raises click.BadParameter."""
    match = _AGE.fullmatch(text.strip())
    if match is None:
        raise click.BadParameter(f'"{text}" is no age such as 30m, 2h or 1d.', param_hint="--max-age")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
