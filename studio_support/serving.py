"""`serve` put together: the pages of a studio's store on a socket, until somebody ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from studio_support.delivery.links import usable_base_url
from studio_support.delivery.web_pages import Pages
from studio_support.errors import ConfigError, Refused

if TYPE_CHECKING:
    from studio_support.delivery.web_server import Listen
    from studio_support.studio import Studio


def pages_of(studio: Studio, misses_per_minute: int = 300) -> Pages:
    """The pages of a studio; they need [store], [studio] and [links] base_url, and no secret.

    Raises ConfigError, StoreError, Refused for links to files.
    """
    config = studio.config
    try:
        base_url = usable_base_url(config.links.base_url)
    except ValueError as error:
        raise ConfigError(config.file, "links.base_url", str(error), "Write an https address.") from None
    if base_url.startswith("file:"):
        raise Refused(
            f"Links begin with {base_url}: they lead to files, and no server can answer them.",
            'Write the address that clients will open into [links] base_url, such as "https://invoices.studio.example".',
        )
    return Pages(
        studio.store, config.files_folder, base_url=base_url, today=studio.today, misses_per_minute=misses_per_minute
    )


def serve(
    studio: Studio,
    listen: Listen,
    *,
    log: Callable[[dict[str, Any]], None],
    ready: Callable[[str, str], None] = lambda address, base_url: None,
    misses_per_minute: int = 300,
) -> None:
    """Serves until SIGTERM or Ctrl-C. log: called with the facts of each fetch. ready: with the address listened on and
    what links begin with, once connections are taken.

    Raises ConfigError, StoreError, Refused (in the clear, links to files), FilesystemError (certificate), ListenError.
    """
    from studio_support.delivery.web import application
    from studio_support.delivery.web_server import check_certificate, listening, refuse_unsafe, server

    refuse_unsafe(listen)
    check_certificate(listen)
    pages = pages_of(studio, misses_per_minute)
    with listening(listen) as socket:
        ready(listen.at(socket.getsockname()[1]), studio.config.links.base_url)
        app = application(pages, studio.clock, log)
        server(app, listen, told=lambda what: log(_of_certificate(studio, what))).run(sockets=[socket])


def _of_certificate(studio: Studio, what: str) -> dict[str, Any]:
    return {"at": f"{studio.clock():%Y-%m-%dT%H:%M:%SZ}", "certificate": what}
