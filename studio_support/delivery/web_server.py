"""The server under the pages: uvicorn, with an end to patience for clients that send or read too slowly.

Requests are parsed by h11: it is strict, in Python, and bounds the size of a request's head.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from studio_support.delivery.files import disk
from studio_support.delivery.links import is_loopback
from studio_support.errors import FilesystemError, ListenError, Refused

HEAD_BYTES = 16 * 1024
HEAD_SECONDS = 10.0
ANSWER_SECONDS = 60.0
_PROXIES = ["127.0.0.1", "::1"]


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen. certificate, key: PEM files for TLS of our own; behind_proxy: somebody else speaks TLS.

    proxies: addresses or networks of proxies on other machines that are believed when they say who asks
    (X-Forwarded-For), as those on this machine are; nobody else is.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False
    proxies: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """As a person would type it."""
        return self.at(self.port)

    def at(self, port: int) -> str:
        """The same on another port: the one that was free."""
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{port}"


class ImpatientProtocol(H11Protocol):
    """Drops a connection whose request is not whole in time, or whose answer nobody takes."""

    head_seconds = HEAD_SECONDS
    answer_seconds = ANSWER_SECONDS
    _deadline: asyncio.TimerHandle | None = None
    _watched: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._arm(self.head_seconds)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._watch_answer() and self._deadline is None:
            self._arm(self.head_seconds)  # not anew with each byte: a drop a second is no progress

    def on_response_complete(self) -> None:
        self._disarm()
        super().on_response_complete()
        self._watch_answer()  # to a request that was sent without waiting for this response

    def _watch_answer(self) -> bool:
        """Whether a request is being answered; each has its own time."""
        if self.cycle is None or self.cycle.response_complete:
            return False
        if self._watched is not self.cycle:
            self._watched = self.cycle
            self._disarm()
            self._arm(self.answer_seconds)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def _arm(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self._give_up)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.transport.abort()


class RenewingServer(Server):
    """Takes up a certificate that was renewed, without being started anew: looks every minute."""

    look_every_ticks = 600  # of a tenth of a second

    def __init__(self, config: Config, listen: Listen, told: Callable[[str], None]) -> None:
        super().__init__(config)
        self._listen, self._told = listen, told
        self._taken_up = _stamps(listen)

    async def on_tick(self, counter: int) -> bool:
        if counter % self.look_every_ticks == 0:
            self._look()
        return await super().on_tick(counter)

    def _look(self) -> None:
        found = _stamps(self._listen)
        if found is None or found == self._taken_up or self.config.ssl is None:
            return
        self._taken_up = found  # told once, whatever comes of it
        try:
            renewed = check_certificate(self._listen)
        except FilesystemError:
            self._told("unusable")
            return

        def take(connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
            if renewed is not None:
                connection.context = renewed

        # Not loaded into the context in use: that would keep a former one of another kind of key beside it, and half of
        # a pair would end all that is served.
        self.config.ssl.sni_callback = take
        self._told("renewed")


def _pair(listen: Listen) -> tuple[str, str]:
    return str(listen.certificate), str(listen.key or listen.certificate)


def _stamps(listen: Listen) -> list[tuple[int, int, int]] | None:
    """What tells that certificate or key is another file now; None: there is none, or not at this moment."""
    if listen.certificate is None:
        return None
    try:
        found = [Path(path).stat() for path in _pair(listen)]
    except OSError:
        return None
    return [(stat.st_mtime_ns, stat.st_ino, stat.st_size) for stat in found]


def refuse_unsafe(listen: Listen) -> None:
    """Raises Refused where invoices would go over the network in the clear."""
    if listen.certificate or listen.behind_proxy or is_loopback(listen.host):
        return
    raise Refused(
        f"{listen.host} can be reached from other machines, and without TLS everybody on the way could read invoices.",
        "Listen on 127.0.0.1 behind a web server that speaks TLS, or give --certificate and --key; where the proxy "
        "is on another machine of yours, say so with --behind-proxy.",
    )


def check_certificate(listen: Listen) -> ssl.SSLContext | None:
    """Certificate and key, ready to be used; None where there are none.

    Raises FilesystemError where they cannot be used, before anything is said to be served.
    """
    if listen.certificate is None:
        return None
    for path in _pair(listen):
        with disk(Path(path)), Path(path).open("rb"):
            pass
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # no question at a terminal that a service has not: a key with a password is refused
        context.load_cert_chain(*_pair(listen), password="")
    except (OSError, ValueError) as error:
        told = f"is no certificate with its key in PEM form, without a password ({error})"
        raise FilesystemError(listen.certificate, told) from None
    return context


def listening(listen: Listen) -> socket.socket:
    """A socket that takes connections from now on. Raises ListenError where the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        taken = socket.create_server((listen.host, listen.port), family=family, backlog=512)
        # Head and body are two writes; without this the second waits 40 ms for the client's acknowledgement of the
        # first. (asyncio sets it by itself only where the socket names its protocol.)
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return taken
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise ListenError(listen.address, reason) from error


def server(
    app: ASGIApp,
    listen: Listen,
    protocol: type[ImpatientProtocol] = ImpatientProtocol,
    told: Callable[[str], None] = lambda what: None,
) -> RenewingServer:
    """A server for one socket: `server(...).run(sockets=[...])` serves until it is told to stop (SIGTERM, Ctrl-C).

    told: what became of a certificate that has changed, "renewed" or "unusable" (the former stays in use).
    """
    tls: dict[str, Any] = {}
    if listen.certificate:
        tls = dict(zip(("ssl_certfile", "ssl_keyfile"), _pair(listen), strict=True))
    config = Config(
        app,
        http=protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",  # its lines would hold links
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=[*_PROXIES, *listen.proxies],
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        **tls,
    )
    return RenewingServer(config, listen, told)
