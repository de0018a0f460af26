"""What `client` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio_cli.context import Context
from studio_cli.output import Cell, Column, Table, emit, visible
from studio_cli.problems import show_problems
from studio_support.counting import counted

if TYPE_CHECKING:
    from studio_support.billing.terms import Client
    from studio_support.config import ClientBook
    from studio_support.config.client_import import ImportResult
    from studio_support.config.discover import Draft

CLIENT = (
    Column("id"),
    Column("name", wide=True),
    Column("redmine_projects", "Projects", wide=True),
    Column("rate_per_hour", "Rate", "money"),
    Column("currency", "Cur."),
    Column("account_manager", "Manager"),
    Column("state"),
)
TERM = (
    Column("what"),
    Column("from"),
    Column("specialist", "For"),
    Column("activity"),
    Column("value", kind="money"),
    Column("where", wide=True),
)
WRONG = (Column("client"), Column("message", "What", wide=True), Column("next_step", "Next", wide=True))
FOUND = (Column("project"), Column("name", wide=True), Column("client", "Draft id"), Column("written"))


def show_clients(context: Context, book: ClientBook, today: date) -> None:
    """All clients; rate: today's for everybody, where the client has such a row."""
    data = [_client_json(one, book, today) for one in book.clients.values()]
    rows = [
        [", ".join(row[c.key]) if c.key == "redmine_projects" else row[c.key] for c in CLIENT[:-1]]
        + ["" if row["state"] == "ok" else row["state"]]
        for row in data
    ]
    emit(context, data, [Table(CLIENT, rows)])
    broken = sum(row["state"] == "problem" for row in data)
    if broken and context.form == "table":
        context.say(f"{broken} with problems. To see what is wrong: client check")


def _client_json(one: Client, book: ClientBook, today: date) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.party.name,
        "redmine_projects": list(one.redmine_projects),
        "rate_per_hour": _general_rate(one, today),
        "currency": one.currency,
        "account_manager": one.account_manager,
        "state": "problem" if one.id in book.parked else ("draft" if one.draft else "ok"),
        "file": one.file,
    }


def _general_rate(one: Client, today: date) -> str | None:
    for rates in (one.rates, one.price_list):  # the client's own rows before the price list's
        rows = [row for row in rates if row.specialist is None and row.activity is None and row.from_day <= today]
        if rows:
            return str(max(rows, key=lambda row: row.from_day).per_hour)
    return None


def show_client(context: Context, one: Client) -> None:
    """One client with every row of rates and taxes, and where each stands."""
    rows: list[list[Cell]] = [
        ["rate", row.from_day.isoformat(), row.specialist, row.activity, str(row.per_hour), row.where]
        for row in (*one.rates, *one.price_list)
    ]
    rows += [
        ["tax, %", row.from_day.isoformat(), f"{row.category}, {row.prices} prices", "", str(row.rate), row.where]
        for row in one.tax
    ]
    title = f"{one.id}: {visible(', '.join((one.party.name, *one.party.address)))}"
    emit(context, _plain(asdict(one)), [Table(TERM, rows, title=title)])
    if context.form == "table":
        context.say(f"Projects: {', '.join(one.redmine_projects) or 'none'}")
        context.say(f"E-mail: {', '.join(one.emails) or 'none'}")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal | date) else value


def show_check(context: Context, book: ClientBook) -> None:
    """What is wrong with the files, and how many there are."""
    data = {
        "clients": len(book.clients),
        "problems": [problem.as_dict() for problem in book.problems],
        "notices": [notice.as_dict() for notice in book.notices],
    }
    if context.form != "table":
        rows = [[problem.client, problem.message, problem.next_step] for problem in book.problems]
        emit(context, data, [Table(WRONG, rows)])
        return
    show_problems(context, book.problems, book.notices)
    context.say(f"{counted(len(book.clients), 'client')}, {len(book.parked)} with problems.")


def show_import(context: Context, result: ImportResult) -> None:
    """Which files were written, and which lines were not taken."""
    data = {
        "written": [str(one) for one in result.written],
        "unchanged": [str(one) for one in result.unchanged],
        "problems": [problem.as_dict() for problem in result.problems],
    }
    rows = [[str(one), "written"] for one in result.written] + [[str(one), "unchanged"] for one in result.unchanged]
    emit(context, data, [Table([Column("client"), Column("file")], rows)])
    show_problems(context, result.problems)
    if context.form == "table":
        counts = f"{len(result.written)} written, {len(result.unchanged)} unchanged"
        context.say(f"{counts}, {len(result.problems)} not taken.")


def show_discovered(context: Context, drafts: Sequence[Draft], written: Sequence[Path]) -> None:
    """Projects that no client lists, and the files made for them."""
    names = {path.stem for path in written}
    data = [
        {
            "project": draft.project.identifier,
            "name": draft.project.name,
            "client": draft.id,
            "written": draft.id in names,
        }
        for draft in drafts
    ]
    rows = [
        [draft.project.identifier, draft.project.name, draft.id, "yes" if draft.id in names else ""] for draft in drafts
    ]
    emit(context, data, [Table(FOUND, rows)])
