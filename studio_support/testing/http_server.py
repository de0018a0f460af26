"""What the fake servers share: HTTP on loopback in a thread, and how often something goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext

Respond = Callable[[BaseHTTPRequestHandler], None]


class LoopbackServer:
    """A server on a free port of 127.0.0.1, each request in a thread of its own. closing: set when it ends."""

    def __init__(self, respond: Respond) -> None:
        self.closing = threading.Event()
        self._respond = respond
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Serves until `stop`."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._respond))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Ends it; who still waits for `closing` waits no longer."""
        self.closing.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def speak_tls(self, context: SSLContext) -> None:
        """From the first byte of every further connection; of a running server only."""
        assert self._server is not None
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    @property
    def url(self) -> str:
        """The address, without a slash at the end; of a running server only."""
        if self._server is None:
            raise RuntimeError("the fake server runs inside `with` only")
        return f"http://127.0.0.1:{self._server.server_address[1]}"


@dataclass(slots=True, kw_only=True)
class Counted:
    """How often something goes wrong. skip: so many pass before. times: so many are hit; None: all that follow."""

    skip: int = 0
    times: int | None = 1

    def takes(self) -> bool:
        """Whether it is this one's turn; counts."""
        if self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


def _handler(respond: Respond) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one segment: otherwise each answer waits for a delayed ACK

        def do_GET(self) -> None:
            # A client that is gone is no error of the server's: the work was done.
            try:
                respond(self)
            except OSError:
                self.close_connection = True

        do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

        def finish(self) -> None:
            try:
                super().finish()
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """A fake server is silent."""

        def date_time_string(self, timestamp: float | None = None) -> str:
            return "Thu, 01 Jan 1970 00:00:00 GMT"

    return Handler
