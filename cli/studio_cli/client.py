"""`client`: the client book."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY
from studio_cli.groups import Group
from studio_support.counting import counted


@click.group(cls=Group, short_help="The client book.")
def client() -> None:
    """The client book: one file a client, one payer under one contract."""


@client.command("list")
@click.pass_obj
def list_(context: Context) -> int:
    """All clients with their projects and today's general rate."""
    from studio_cli.client_tables import show_clients

    studio = context.studio()
    show_clients(context, studio.book, studio.today())
    if not studio.book.clients:
        folder = studio.config.clients_folder
        context.say(f"No client yet in {folder}. To begin: client discover --write, or client import FILE")
    return DONE


@client.command()
@click.argument("client_id", metavar="ID")
@click.pass_obj
def show(context: Context, client_id: str) -> int:
    """One client as read from its file, with all rates and taxes."""
    from studio_cli.client_tables import show_client
    from studio_cli.problems import show_problems

    book = context.studio().book
    show_client(context, book.get(client_id))
    own = [problem for problem in book.problems if problem.client == client_id]
    show_problems(context, own, [notice for notice in book.notices if notice.client == client_id])
    return PARTLY if own else DONE


@client.command()
@click.pass_obj
def check(context: Context) -> int:
    """Read every client's file and say what is wrong with it."""
    from studio_cli.client_tables import show_check

    book = context.studio().book
    show_check(context, book)
    return PARTLY if book.problems else DONE


@client.command()
@click.argument("client_id", metavar="[ID]", required=False)
@click.option("--manager", metavar="LOGIN", help="All clients of this account manager, into the folder --out.")
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="File, or folder with --manager.")
@click.pass_obj
def annex(context: Context, client_id: str | None, manager: str | None, out: Path | None) -> int:
    """The price list as PDF: the annex to the contract.

    It holds the prices of the day (--as-of names another) and those agreed from a later one. Nothing is written where
    a name cannot be printed or a price is missing: each problem is named, exit code 3.
    """
    from studio_cli.problems import show_problems
    from studio_support.delivery.files import atomic_write, make_folder
    from studio_support.price_lists import price_annex

    if (client_id is None) == (manager is None):
        raise click.UsageError("Give either the ID of a client, or --manager LOGIN with --out DIR.")
    if out is None and (manager is not None or sys.stdout.isatty()):
        raise click.UsageError("Name a folder with --out." if manager else "Name a file with --out, or redirect.")
    studio = context.studio()
    wanted = [client_id] if client_id else sorted(studio.month_end(None).select((), manager) or ())
    made = [price_annex(studio, one) for one in wanted]
    show_problems(context, [p for one in made for p in one.problems], [n for one in made for n in one.notices])
    for one in made:
        if one.pdf is None:
            continue
        if out is None:
            from studio_cli.streams import write_bytes

            write_bytes(one.pdf)
            continue
        if manager is not None:
            make_folder(out, 0o755)
        target = out / f"{one.client} prices.pdf" if manager is not None else out
        atomic_write(target, one.pdf, 0o644)
        context.say(f"{target} written.")
    return PARTLY if any(one.problems for one in made) else DONE


@client.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--replace", is_flag=True, help="Also replace files that are there and differ.")
@click.option("--encoding", metavar="NAME", help="Of the file, where it is neither UTF-8 nor marked.")
@click.pass_obj
def import_(context: Context, file: Path, replace: bool, encoding: str | None) -> int:
    """Make client files from a CSV.

    Its header holds the keys of a client's file, with rate and rate_from for one row of rates. Lists are separated
    by ; within a cell. Files that are there and differ are kept, unless --replace is given.
    """
    from studio_cli.client_tables import show_import
    from studio_support.config.client_import import import_clients

    folder = context.studio().config.clients_folder
    result = import_clients(file, folder, replace_files=replace, encoding=encoding)
    show_import(context, result)
    return PARTLY if result.problems else DONE


@client.command()
@click.option("--write", is_flag=True, help="Write draft files; drafts are never billed until completed.")
@click.option(
    "--from", "kept_read", type=click.Path(path_type=Path), metavar="FILE", help="Instead of Redmine: a kept read."
)
@click.pass_obj
def discover(context: Context, write: bool, kept_read: Path | None) -> int:
    """Projects of Redmine that no client lists."""
    from studio_cli.client_tables import show_discovered
    from studio_support.config.discover import drafts_for, unlisted_projects
    from studio_support.config.writing import write_drafts

    studio = context.studio()
    terms = studio.config.terms()
    clients = studio.book.clients
    found = unlisted_projects(studio.projects(kept_read=kept_read), clients.values(), terms.internal_projects)
    country = studio.config.studio.country or ""
    drafts = drafts_for(found, studio.book.taken, country=country, language=terms.language, currency=terms.currency)
    written = write_drafts(studio.config.clients_folder, drafts) if write else ()
    show_discovered(context, drafts, written)
    if not drafts:
        context.say("Every project is listed by a client or internal.")
    elif write:
        context.say(
            f"{counted(len(written), 'draft file')} written to {studio.config.clients_folder}: "
            "complete them one by one."
        )
    else:
        context.say(
            f"{counted(len(drafts), 'project')} that no client lists. To make draft files: client discover --write"
        )
    return DONE
