"""`client`: the client book."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio_cli.context import Context
from studio_cli.errors import DONE, PARTLY
from studio_cli.output import Column, Table, amount, emit

if TYPE_CHECKING:
    from studio_support.billing.terms import Client


@click.group(short_help="The client book.")
def client() -> None:
    """The client book: one file a client, one payer under one contract."""


@client.command("list")
@click.pass_obj
def list_(context: Context) -> int:
    """All clients with their projects and today's general rate."""
    studio = context.studio()
    book = studio.book
    today = studio.today()
    columns = [Column("Id"), Column("Name", wide=True), Column("Projects", wide=True), Column("Rate", right=True)]
    columns += [Column("Cur."), Column("Manager"), Column("State")]
    rows = []
    data = []
    for one in book.clients.values():
        general = [
            row
            for row in (*one.rates, *one.price_list)
            if row.specialist is None and row.activity is None and row.from_day <= today
        ]
        rate = str(max(general, key=lambda row: row.from_day).per_hour) if general else ""
        state = "problem" if one.id in book.parked else ("draft" if one.draft else "")
        projects = ", ".join(one.redmine_projects)
        shown = amount(rate) if rate else ""
        rows.append([one.id, one.party.name, projects, shown, one.currency, one.account_manager, state])
        data.append(
            {
                "id": one.id,
                "name": one.party.name,
                "redmine_projects": list(one.redmine_projects),
                "rate_per_hour": rate or None,
                "currency": one.currency,
                "account_manager": one.account_manager,
                "state": state or "ok",
                "file": one.file,
            }
        )
    emit(context, data, [Table(columns, rows)])
    if not rows:
        context.say(
            f"No client yet in {studio.config.clients_folder}: `client discover --write` or `client import FILE`."
        )
    return DONE


@client.command()
@click.argument("client_id", metavar="ID")
@click.pass_obj
def show(context: Context, client_id: str) -> int:
    """One client as it is read from its file, with every rate and tax row."""
    one = context.studio().book.get(client_id)
    data = _plain(one)
    rows = [
        ["rate", row.from_day.isoformat(), row.specialist or "", row.activity or "", str(row.per_hour), row.where]
        for row in (*one.rates, *one.price_list)
    ]
    rows += [["tax", row.from_day.isoformat(), row.category, row.prices, f"{row.rate} %", row.where] for row in one.tax]
    columns = [Column("What"), Column("From"), Column("For"), Column("Activity"), Column("Value", right=True)]
    title = f"{one.id}: {one.party.name}, {', '.join(one.party.address)}"
    emit(context, data, [Table([*columns, Column("Where")], rows, title=title)])
    if context.form == "table":
        context.say(
            f"Projects: {', '.join(one.redmine_projects) or 'none'}. E-mail: {', '.join(one.emails) or 'none'}."
        )
    return DONE


def _plain(one: Client) -> dict[str, Any]:
    from datetime import date
    from decimal import Decimal

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return str(value) if isinstance(value, Decimal | date) else value

    result = plain(asdict(one))
    assert isinstance(result, dict)
    return result


@client.command()
@click.pass_obj
def check(context: Context) -> int:
    """Read every client's file and say what is wrong with it."""
    from studio_cli.bill_tables import show_problems

    book = context.studio().book
    data = {
        "clients": len(book.clients),
        "problems": [problem.as_dict() for problem in book.problems],
        "notices": [notice.as_dict() for notice in book.notices],
    }
    rows = [[problem.client or "", problem.message, problem.next_step] for problem in book.problems]
    columns = [Column("Client"), Column("What", wide=True), Column("Next", wide=True)]
    if context.form == "table":
        show_problems(context, book.problems, book.notices)
    else:
        emit(context, data, [Table(columns, rows)])
    context.say(f"{len(book.clients)} clients, {len(book.parked)} with problems.")
    return PARTLY if book.problems else DONE


@client.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--replace", is_flag=True, help="Also replace files that are there and differ.")
@click.option("--encoding", metavar="NAME", help="Of the file, where it is neither UTF-8 nor marked.")
@click.pass_obj
def import_(context: Context, file: Path, replace: bool, encoding: str | None) -> int:
    """Make client files from a CSV whose header holds their keys, with rate and rate_from."""
    from studio_cli.bill_tables import show_problems
    from studio_support.config.client_import import import_clients

    folder = context.studio().config.clients_folder
    result = import_clients(file, folder, replace_files=replace, encoding=encoding)
    data = {
        "written": list(result.written),
        "unchanged": list(result.unchanged),
        "problems": [problem.as_dict() for problem in result.problems],
    }
    rows = [[one, "written"] for one in result.written] + [[one, "unchanged"] for one in result.unchanged]
    emit(context, data, [Table([Column("Client"), Column("File")], rows)])
    show_problems(context, result.problems, ())
    context.say(f"{len(result.written)} written, {len(result.unchanged)} unchanged, {len(result.problems)} problems.")
    return PARTLY if result.problems else DONE


@client.command()
@click.option("--write", is_flag=True, help="Write draft files; drafts are never billed until completed.")
@click.option("--from", "kept_read", type=click.Path(path_type=Path), metavar="FILE", help="A kept read instead.")
@click.pass_obj
def discover(context: Context, write: bool, kept_read: Path | None) -> int:
    """Projects of Redmine that no client lists."""
    from studio_support.config.discover import drafts_for, unlisted_projects
    from studio_support.config.writing import write_drafts

    studio = context.studio()
    terms = studio.config.terms()
    clients = studio.book.clients
    found = unlisted_projects(studio.projects(kept_read=kept_read), clients.values(), terms.internal_projects)
    country = studio.config.studio.country or ""
    drafts = drafts_for(found, studio.book.taken, country=country, language=terms.language, currency=terms.currency)
    written = write_drafts(studio.config.clients_folder, drafts) if write else ()
    rows = [[draft.project.identifier, draft.project.name, draft.id] for draft in drafts]
    data = [
        {"project": draft.project.identifier, "name": draft.project.name, "client": draft.id, "written": write}
        for draft in drafts
    ]
    emit(context, data, [Table([Column("Project"), Column("Name", wide=True), Column("Draft id")], rows)])
    if not drafts:
        context.say("Every project is listed by a client or internal.")
    elif write:
        context.say(f"{len(written)} draft files written to {studio.config.clients_folder}: complete them one by one.")
    else:
        context.say(f"{len(drafts)} projects that no client lists. `client discover --write` makes draft files.")
    return DONE
