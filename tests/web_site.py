"""A studio's pages on a server of the test's own: one document that opens, three that open no more."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from studio_support.config import load_settings
from studio_support.delivery.web_server import ImpatientProtocol
from studio_support.studio import Studio
from studio_support.testing.pages import serving
from tests.world import ENVIRON, NOW, OCTOBER, keep_reading, make_reading, write_world


class Hasty(ImpatientProtocol):
    """Little patience: nobody is asked for a whole request here, so a loaded machine makes nothing fail."""

    head_seconds = 0.05
    answer_seconds = 2.0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.timeout_keep_alive = 1


@dataclass
class Site:
    """A studio with documents 2026-0001 to 2026-0005 and its server. The day can be changed.

    dead: paths of the documents that open no more, by number. names: of the links, as TOKEN (which opens), REVOKED,
    EXPIRED and CANCELLED.
    """

    folder: Path
    served: Any
    hasty: Any
    day: date = date(2026, 12, 1)
    dead: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 9, 0, tzinfo=UTC)

    def studio(self) -> Studio:
        return studio_at(self.folder, self)

    def path(self, number: str) -> str:
        return "/" + "/".join(self.studio().links.show(number).link.rsplit("/", 2)[1:])

    def ask(self, path: str, method: str = "GET", **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=20)
        with closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=named)
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders() if k != "date"}, answer.read())

    def raw(self, data: bytes, *, hasty: bool = False) -> bytes:
        """What comes back for these bytes until the server closes; hasty: from the one with little patience."""
        received = b""
        port = (self.hasty if hasty else self.served).port
        connecting = socket.create_connection(("127.0.0.1", port), timeout=20)
        with connecting as connection, suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(data)
            while part := connection.recv(65536):
                received += part
        return received


@dataclass(frozen=True)
class Reply:
    """A response; its date apart."""

    status: int
    headers: dict[str, str]
    body: bytes


def studio_at(folder: Path, site: Site | None) -> Studio:
    settings = load_settings(folder / "studio-support.toml")
    clock = (lambda: NOW) if site is None else site.now
    return Studio(config=settings, clock=clock, person="i.petrova", environ=ENVIRON)


@contextmanager
def made_site(root: Path) -> Iterator[Site]:
    """2026-0001 opens with act, time sheet and e-invoice, 2026-0005 without; 2026-0002 was taken back, 2026-0003
    expired on 1 December, 2026-0004 was cancelled."""
    folder = root / "studio"
    write_world(folder, 5)
    first = folder / "clients" / "c001.toml"
    first.write_text('documents = ["invoice", "act", "timesheet"]\ne_invoice = "en16931"\n' + first.read_text())
    studio = studio_at(folder, None)
    studio.close_month(OCTOBER, source=keep_reading(make_reading(5, 20), root / "reading"))
    dead = {}
    for number in ("2026-0002", "2026-0003", "2026-0004"):
        dead[number] = "/" + "/".join(studio.links.show(number).link.rsplit("/", 2)[1:])
    studio.links.revoke("2026-0002")
    studio.links.give("2026-0003", expires_on=date(2026, 11, 30))
    studio.cancel("2026-0004", "wrong client")
    live = studio.links.show("2026-0001").link.rsplit("/", 2)[1]
    words = dict(zip(("REVOKED", "EXPIRED", "CANCELLED"), (path.split("/")[1] for path in dead.values()), strict=True))
    site = Site(folder, None, None, dead=dead, names={"TOKEN": live, **words})
    with (
        serving(studio_at(folder, site)) as site.served,
        serving(studio_at(folder, site), protocol=Hasty) as site.hasty,
    ):
        yield site
