"""A server of pages for tests: a store with documents behind it, on a free loopback port, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from studio_support.delivery.web import application
from studio_support.delivery.web_pages import Pages
from studio_support.delivery.web_server import ImpatientProtocol, Listen, listening, server
from studio_support.serving import pages_of
from studio_support.studio import Studio

_SECONDS = 20


@dataclass
class Served:
    """A running server. log: the facts of each fetch, as `serve` would write them."""

    port: int
    pages: Pages
    log: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def at(self, link: str) -> str:
        """A link of the studio on this server."""
        return f"{self.url}/{'/'.join(link.rsplit('/', 2)[1:])}"


@contextmanager
def serving(
    studio: Studio, *, misses_per_minute: int = 0, protocol: type[ImpatientProtocol] = ImpatientProtocol
) -> Iterator[Served]:
    """Serves a studio's pages until the block ends. misses_per_minute: 0 for no limit."""
    pages = pages_of(studio, misses_per_minute)
    with listening(Listen(port=0)) as socket:
        served = Served(socket.getsockname()[1], pages)
        running = server(application(pages, studio.clock, served.log.append), Listen(port=0), protocol)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            running.should_exit = True
            thread.join(_SECONDS)
            assert not thread.is_alive(), "the server did not end"
