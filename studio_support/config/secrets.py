"""Secrets: read from an environment variable or a file of their owner, and never shown again.

The configuration names the place (``..._env``, ``..._file``); the value lives in a Secret, whose repr, str and
format hold nothing, so that neither a log line nor a traceback can carry it.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from studio_support.errors import ConfigError, MissingSecret


class Secret:
    """A value that is shown by reveal() alone. Cannot be pickled, compared or hashed by its value."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: to be handed to the one call that needs it, and kept nowhere."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def read_secret(
    config: Path, key: str, *, variable: str | None, file: Path | None, environ: Mapping[str, str]
) -> Secret:
    """The secret of a key such as ``redmine.api_key``; the variable is asked first, then the file.

    Raises MissingSecret (nothing there, or empty) and ConfigError (neither place is named, or the file may be
    read by others than its owner).
    """
    if variable is None and file is None:
        raise ConfigError(
            config,
            f"{key}_env",
            "names no place for the secret",
            f"Name an environment variable in {key}_env, or a file that only its owner may read in {key}_file.",
        )
    if variable is not None and environ.get(variable):
        return Secret(environ[variable].strip())
    if file is None:
        raise MissingSecret(key, f"environment variable {variable}")
    return _from_file(config, key, file)


def _from_file(config: Path, key: str, file: Path) -> Secret:
    try:
        mode = file.stat().st_mode
        content = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise MissingSecret(key, f"file {file}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise ConfigError(
            config,
            f"{key}_file",
            f"{file} may be read by others than its owner (mode {stat.S_IMODE(mode):04o})",
            f"Run `chmod 600 {file}`.",
        )
    if not content:
        raise MissingSecret(key, f"file {file}")
    return Secret(content)
