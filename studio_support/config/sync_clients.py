"""The clients as the bridge needs them, from clients/*.toml alone: whose customers, which projects, agreed or not.

A client's file with faults stays in the list with its customers, as far as they can be read, and as one with whom
nothing is agreed now: its requests are answered, and no issue is made for it until the file is mended.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from studio_support.config.client_file import ClientFile, DraftFile, model_of
from studio_support.config.reading import BadFile, check_table, read_table
from studio_support.config.settings import Settings
from studio_support.errors import ConfigError
from studio_support.sync.model import SyncClient


def load_sync_clients(settings: Settings, today: date) -> tuple[SyncClient, ...]:
    """All clients, in order of their files' names; an absent folder has none. today: the studio's day.

    Raises ConfigError where the folder cannot be read.
    """
    folder = settings.clients_folder
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml" and not path.name.startswith("."))
    except FileNotFoundError:
        return ()
    except OSError as error:
        wrong, right = f"cannot be read ({error.strerror})", "Check that it is a folder that you may read."
        raise ConfigError(folder, "", wrong, right) from None
    return tuple(_read(path, settings, today) for path in paths)


def _read(path: Path, settings: Settings, today: date) -> SyncClient:
    try:
        table, text = read_table(path)
        model = check_table(model_of(table), table, text)
    except BadFile as bad:
        written = bad.table.get("id")
        customers = bad.table.get("otrs_customers")
        name = written if isinstance(written, str) and written else path.stem
        return SyncClient(name, name, "", _texts(customers), no_contract=f"has a file with faults ({path.name})")
    return SyncClient(
        id=model.id,
        name=model.name or model.id,
        language=model.language or "",
        customers=model.otrs_customers,
        projects=model.redmine_projects,
        default_project=model.default_project,
        account_manager=model.account_manager,
        letters=model.letters,
        no_contract=_no_contract(model, settings, today),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, Iterable) else ()


def _no_contract(model: ClientFile, settings: Settings, today: date) -> str:
    """Why nothing is agreed with a client today, "" where something is."""
    if isinstance(model, DraftFile):
        return "is a draft"
    rows = [row.from_day for row in model.rates]
    rows += [row.from_day for row in settings.content.price_lists.get(model.price_list, [])]
    return "" if any(day <= today for day in rows) else f"has no rate that holds on {today}"
