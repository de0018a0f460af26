"""The server under the pages: uvicorn, with an end to patience for clients that send or read too slowly.

Requests are parsed by h11: it is strict, in Python, and bounds the size of a request's head.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
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
    """Where to listen. certificate, key: PEM files for TLS of our own; behind_proxy: somebody else speaks TLS."""

    host: str = "127.0.0.1"
    port: int = 8080
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False

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


def refuse_unsafe(listen: Listen) -> None:
    """Raises Refused where invoices would go over the network in the clear."""
    if listen.certificate or listen.behind_proxy or is_loopback(listen.host):
        return
    raise Refused(
        f"{listen.host} can be reached from other machines, and without TLS everybody on the way could read invoices.",
        "Listen on 127.0.0.1 behind a web server that speaks TLS, or give --certificate and --key; where the proxy "
        "is on another machine of yours, say so with --behind-proxy.",
    )


def check_certificate(listen: Listen) -> None:
    """Raises FilesystemError where certificate or key cannot be used, before anything is said to be served."""
    if listen.certificate is None:
        return
    key = listen.key or listen.certificate
    for path in (listen.certificate, key):
        with disk(path), path.open("rb"):
            pass
    try:
        # no question at a terminal that a service has not: a key with a password is refused
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(listen.certificate, key, password="")
    except (OSError, ValueError) as error:
        told = f"is no certificate with its key in PEM form, without a password ({error})"
        raise FilesystemError(listen.certificate, told) from None


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


def server(app: ASGIApp, listen: Listen, protocol: type[ImpatientProtocol] = ImpatientProtocol) -> Server:
    """A server for one socket: `server(...).run(sockets=[...])` serves until it is told to stop (SIGTERM, Ctrl-C)."""
    tls: dict[str, Any] = {}
    if listen.certificate:
        tls = {"ssl_certfile": str(listen.certificate), "ssl_keyfile": str(listen.key or listen.certificate)}
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
        forwarded_allow_ips=_PROXIES,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        **tls,
    )
    return Server(config)
