"""`serve`: the pages behind the links, from the store itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import click

from studio_cli.context import Context
from studio_cli.errors import DONE


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: any free one.")
@click.option("--certificate", type=click.Path(path_type=Path), metavar="FILE", help="PEM, to speak TLS ourselves.")
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="PEM, if it is not in --certificate.")
@click.option("--behind-proxy", is_flag=True, help="A proxy on another machine speaks TLS.")
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    callback=lambda context, option, given: tuple(_network(address) for address in given),
    help="That proxy, or a network, which tells who asks (X-Forwarded-For); may be repeated.",
)
@click.option(
    "--misses", type=click.IntRange(0), default=300, show_default=True, help="Misses a minute and address; 0: any."
)
@click.option("--log", type=click.Path(path_type=Path), metavar="FILE", help="Append the log here, not to stderr.")
@click.pass_obj
def serve(
    context: Context,
    host: str,
    port: int,
    certificate: Path | None,
    key: Path | None,
    behind_proxy: bool,
    proxies: tuple[str, ...],
    misses: int,
    log: Path | None,
) -> int:
    """Serve the pages behind the links.

    From the store and its originals; the published folder is not needed. Nothing is ever written but the log: a line
    of JSON a fetch. A fetch does not mean that a person read the page: mail scanners fetch first. /healthz tells
    whether all is well.
    """
    from studio_support.delivery.web_server import Listen
    from studio_support.serving import serve as serve_pages

    listen = Listen(host, port, certificate, key, behind_proxy, proxies)
    if behind_proxy and not proxies:
        context.say("All that comes through the proxy counts as one address for --misses; name it with --proxy.")
    with _log(context, log) as tell_fetch:
        serve_pages(
            context.studio(),
            listen,
            misses_per_minute=misses,
            log=tell_fetch,
            ready=lambda address, base: context.say(f"Serving {base} on {address}; Ctrl-C ends it."),
        )
    return DONE


def _network(text: str) -> str:
    """An address, or a network in the one way that it is written. Raises BadParameter."""
    try:
        return str(ip_network(text)) if "/" in text else str(ip_address(text))
    except ValueError as error:
        raise click.BadParameter(
            f"{error}. Give an address such as 10.0.0.5, or a network such as 10.0.0.0/24."
        ) from None


@contextmanager
def _log(context: Context, file: Path | None) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Where lines of the log go: a file that the owner alone reads, or stderr."""
    if file is None:
        yield lambda facts: context.say(json.dumps(facts, ensure_ascii=False))
        return
    from studio_support.delivery.files import disk

    with disk(file):
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        yield lambda facts: _append(handle, facts)
    finally:
        os.close(handle)


def _append(handle: int, facts: dict[str, Any]) -> None:
    with suppress(OSError):  # a full disk stops the log, not the pages
        os.write(handle, json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
