"""The file that holds the secret of links, and how another takes its place without a moment in which both are lost."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio_support.delivery.files import atomic_write, disk, read_if_there, sync_folder
from studio_support.errors import ConfigError

if TYPE_CHECKING:
    from studio_support.config import Settings


@dataclass(frozen=True, slots=True)
class SecretFile:
    """[links] secret_file. The secret to come stands beside it until everything uses it."""

    path: Path

    @classmethod
    def of(cls, config: Settings) -> SecretFile:
        """The file of this configuration; raises ConfigError where a variable holds the secret."""
        section = config.links
        if section.secret_env is not None or section.secret_file is None:
            variable = section.secret_env or "STUDIO_SUPPORT_LINK_SECRET"
            raise ConfigError(
                config.file,
                "links.secret_env",
                f"names the variable {variable}, which cannot be changed from here",
                "Put a new secret into another variable, `export NEW=$(openssl rand -hex 32)`, run `links rotate "
                f"--new-secret-env NEW`, and set {variable} to it from then on.",
            )
        return cls(config.resolve(section.secret_file))

    @property
    def _beside(self) -> Path:
        return self.path.with_name(self.path.name + ".new")

    def coming(self) -> bytes:
        """The secret to come: as an interrupted run left it, or made now."""
        found = (read_if_there(self._beside) or b"").strip()
        if found:
            return found
        made = secrets.token_hex(32).encode()
        atomic_write(self._beside, made + b"\n", 0o600)
        return made

    def settle(self) -> None:
        """The secret to come is the secret from now on."""
        with disk(self.path):
            self._beside.replace(self.path)
            sync_folder(self.path.parent)
