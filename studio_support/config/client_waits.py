"""How long each client waits at most, from clients/*.toml alone: a promise asks for no prices and no [billing]."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio_support.config.client_file import model_of
from studio_support.config.reading import BadFile, check_table, config_error, read_table
from studio_support.errors import ConfigError

CRITICAL_WAIT_MINUTES = 30
"""For what a client calls critical, where its file says max_wait_minutes and nothing of critical requests."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Working minutes that a client waits at most; None: as long as the studio's promise lasts."""

    max_wait_minutes: int | None = None
    critical_wait_minutes: int | None = None

    def minutes(self, *, critical: bool) -> int | None:
        """What holds for a request: for a critical one the shorter of the two."""
        usual = self.max_wait_minutes
        if not critical:
            return usual
        agreed = self.critical_wait_minutes
        if agreed is None and usual is not None:
            agreed = CRITICAL_WAIT_MINUTES
        return min((minutes for minutes in (usual, agreed) if minutes is not None), default=None)


def load_waits(folder: Path) -> dict[str, Waits | ConfigError]:
    """By client id; in place of a file with faults, or of an id that two files have, the error that says so.

    An absent folder has no clients. Raises ConfigError where the folder cannot be read.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml" and not path.name.startswith("."))
    except FileNotFoundError:
        return {}
    except OSError as error:
        wrong, right = f"cannot be read ({error.strerror})", "Check that it is a folder that you may read."
        raise ConfigError(folder, "", wrong, right) from None
    found: dict[str, Waits | ConfigError] = {}
    for path in paths:
        client, waits = _read(path)
        if client in found:
            waits = ConfigError(path, "id", f"{client!r} stands in another file too", "Give each client its own id.")
        found[client] = waits
    return found


def _read(path: Path) -> tuple[str, Waits | ConfigError]:
    try:
        table, text = read_table(path)
        model = check_table(model_of(table), table, text)
    except BadFile as bad:
        written = bad.table.get("id")
        return (written if isinstance(written, str) and written else path.stem), config_error(path, bad.faults)
    return model.id, Waits(model.max_wait_minutes, model.critical_wait_minutes)
