"""The servers of a lab, in the order in which they come up, and what each must offer.

A further one is a module with these names, added to SERVERS. A lab has those that all need, and of the OPTIONAL ones
those that it was asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from . import mailsink, postgres, redmine, znuny
from .errors import LabError
from .processes import wait_until
from .state import Lab


class Server(Protocol):
    """What a module must have to be a server of the lab. Each function may be called again and does no harm."""

    name: str
    packages: tuple[str, ...]
    patience_seconds: float

    def configure(self, lab: Lab) -> None:
        """Make what it needs before it can start; those before it in SERVERS run already."""

    def start(self, lab: Lab) -> None:
        """Start it unless it runs."""

    def healthy(self, lab: Lab) -> bool:
        """Whether it answers as it should."""

    def prepare(self, lab: Lab) -> None:
        """Make what it needs once it answers."""

    def stop(self, lab: Lab) -> bool:
        """Stop it; whether it ran."""

    def remove(self, lab: Lab) -> None:
        """Delete what it has outside the lab's folder."""

    def info(self, lab: Lab) -> dict[str, Any]:
        """Addresses, keys and folders for those who use it."""


SERVERS: tuple[Server, ...] = (postgres, redmine, mailsink, znuny)
OPTIONAL = ("redmine", "znuny")


def servers_of(lab: Lab) -> tuple[Server, ...]:
    """Those that the lab has."""
    return tuple(server for server in SERVERS if server.name not in OPTIONAL or server.name in lab.optional)


def bring_up(lab: Lab, servers: Sequence[Server], tell: Callable[[str], None]) -> None:
    """Configure and start these, each waited for.

    Raises:
        LabError: one did not become healthy in time.
    """
    (lab.folder / "log").mkdir(exist_ok=True)
    for server in servers:
        began = time.monotonic()
        server.configure(lab)
        server.start(lab)
        if not wait_until(lambda server=server: server.healthy(lab), server.patience_seconds):  # type: ignore[misc] # a default binds the loop's value
            raise LabError(f"{server.name} does not answer; see {lab.folder / 'log' / (server.name + '.log')}")
        server.prepare(lab)
        tell(f"{server.name} is up ({time.monotonic() - began:.1f} s)")
