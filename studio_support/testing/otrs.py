"""A fake Znuny: a real HTTP server on loopback with the habits that were seen on Znuny 6.5.1, and switches for
everything that can go wrong on the way. For tests of one's own code against studio-support, and for ours.

    with FakeZnuny() as znuny:
        znuny.add_customer("jane@acme.test", "ACME")
        ticket = znuny.receive_mail("jane@acme.test", "The shop is down", "Please help.")
        OtrsClient(znuny.url, znuny.web_service, znuny.user, znuny.password)

Habits kept: errors are HTTP 200 with an Error object; a missing id and a forbidden one look alike, and one of them
fails a whole batch; 500 ids without a limit; unknown parameters are ignored; a search by dynamic field works by POST
alone; a ticket number in an update wins over the id; a request goes on after its client is gone; sessions die; a note
is shown to the customer unless told otherwise; a letter gets its signature as HTML.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from studio_support.testing.http_server import LoopbackServer
from studio_support.testing.otrs_answers import Operations, encoded
from studio_support.testing.otrs_faults import Called, Fault, FaultKind
from studio_support.testing.otrs_world import Clock, OtrsWorld

ROUTES = {
    "SessionCreate": ("POST", "/Session"),
    "SessionGet": ("GET", "/Session/:SessionID"),
    "SessionRemove": ("DELETE", "/Session/:SessionID"),
    "TicketCreate": ("POST", "/Ticket"),
    "TicketGet": ("GET", "/Ticket/:TicketID"),
    "TicketGet list": ("GET POST", "/TicketList"),
    "TicketHistoryGet": ("GET POST", "/TicketHistory/:TicketID"),
    "TicketSearch": ("POST", "/TicketSearch"),
    "TicketSearch query": ("GET", "/Ticket"),
    "TicketUpdate": ("PATCH", "/Ticket/:TicketID"),
}
_HEADERS = {"sessionid": "SessionID", "userlogin": "UserLogin", "password": "Password"}
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Internal Server Error</title></head><body>Oops</body></html>"


class FakeZnuny(OtrsWorld):
    """The server, a context manager. `calls` is what it was asked; `faults` what goes wrong, first match wins.

    logins_at_once: the most logins that were ever under way together; a real server breaks some of such.
    finished: how many calls were worked off, those too whose client was gone.
    """

    web_service = "GenericTicketConnectorREST"
    user = "robot"
    password = "robot-password"  # noqa: S105 - the fake's own, worth nothing anywhere else

    def __init__(self, *, zone: str = "UTC", system_id: str = "10", clock: Clock | None = None) -> None:
        super().__init__(zone=zone, system_id=system_id, clock=clock)
        self.operations = Operations(self)
        self.routes = dict(ROUTES)
        self.calls: list[Called] = []
        self.faults: list[Fault] = []
        self.logins_at_once = 0
        self.finished = 0
        self._logins = 0
        self._lock = threading.RLock()
        self._server = LoopbackServer(lambda handler: self._respond(handler))
        self._closing = self._server.closing

    def __enter__(self) -> FakeZnuny:
        self._server.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        """The address for [otrs] url; of a running server only."""
        return f"{self._server.url}/otrs"

    def fail(self, operation: str, kind: FaultKind, **facts: object) -> Fault:
        """Adds a fault and gives it back."""
        fault = Fault(operation, kind, **facts)  # type: ignore[arg-type]  # the same names as Fault's own
        self.faults.append(fault)
        return fault

    def called(self, operation: str) -> list[Called]:
        """The calls of an operation."""
        return [call for call in self.calls if call.operation == operation]

    def end_sessions(self) -> None:
        """All sessions have ended."""
        with self._lock:
            self.operations.end_sessions()

    def _route(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        for name, (methods, route) in sorted(self.routes.items()):
            pattern = re.sub(r":(\w+)", r"(?P<\1>[^/]+)", route)
            found = re.fullmatch(pattern, path)
            if found and method in methods.split():
                return name.partition(" ")[0], {key: unquote(value) for key, value in found.groupdict().items()}
        return "", {}

    def _respond(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length) if length else b""
        path = parts.path.partition(f"/Webservice/{self.web_service}")[2]
        operation, from_path = self._route(handler.command, path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        told = self._told(handler.command, parts.query, body, from_path, headers)
        with self._lock:
            seen = told if isinstance(told, dict) else {}
            self.calls.append(Called(operation, handler.command, handler.path, headers, seen))
            fault = next((one for one in self.faults if one.hits(operation, seen)), None)
        if not path:
            # There is no web service of this name: the script ends without a word.
            return _hang_up(handler)
        if not operation:
            text = f"HTTP::REST Error while determine Operation for request URI '{path}'."
            return _send(handler, 500, text.encode(), "text/plain")
        if told is None:
            return _send(handler, 500, b"Error while decoding request content.", "text/plain")
        if isinstance(told, list):
            return _raw(handler, _PAGE)
        return self._work(handler, operation, told, fault)

    def _work(self, handler: BaseHTTPRequestHandler, operation: str, told: dict[str, Any], fault: Fault | None) -> None:
        kind = fault.kind if fault else ""
        if fault is None or kind in ("cut", "not_json", "expire", "do"):
            if fault is not None and kind == "expire":
                self.end_sessions()
            if fault is not None and fault.action is not None:
                fault.action()
            answer = self._done(operation, told)
            return _spoiled(handler, answer, kind)
        if kind == "late":
            _hang_up(handler)
        if kind in ("late", "slow"):
            (fault.go_on or self._closing).wait(fault.seconds)
            answer = self._done(operation, told, within=0.0)
            return None if kind == "late" else _send(handler, 200, answer)
        if fault.applied:
            self._done(operation, told)
        if kind == "hang":
            self._closing.wait(30)
            return _hang_up(handler)
        if kind == "no_status":
            return _raw(handler, _PAGE)
        if kind == "empty":
            return _hang_up(handler)
        if kind == "html":
            return _send(handler, 200, _PAGE, "text/html")
        return _send(handler, fault.status, fault.body, "text/plain")

    def _done(self, operation: str, told: dict[str, Any], *, within: float = 0.005) -> bytes:
        """Does it, and gives the answer. Logins take a moment, so that two at once are seen to be two."""
        if operation == "SessionCreate":
            with self._lock:
                self._logins += 1
                self.logins_at_once = max(self.logins_at_once, self._logins)
            self._closing.wait(within)
        with self._lock:
            answer = encoded(self.operations.answer(operation, told))
            self._logins -= operation == "SessionCreate"
            self.finished += 1
        return answer

    def _told(
        self, method: str, query: str, body: bytes, from_path: Mapping[str, str], headers: Mapping[str, str]
    ) -> dict[str, Any] | list[Any] | None:
        """Query, path, headers and body as one; None for a body that is no JSON. A GET's body is not looked at."""
        told: dict[str, Any] = {**_lists(query), **from_path}
        for key, name in _HEADERS.items():
            if value := headers.get(f"x-otrs-header-{key}"):
                told[name] = value
        if method == "GET" or not body:
            return told
        try:
            content = json.loads(body)
        except ValueError:
            return None
        if isinstance(content, list):
            return content
        return {**content, **told} if isinstance(content, dict) and content else None


def _lists(query: str) -> dict[str, Any]:
    """A query as the server reads it: a key that comes twice is a list."""
    found: dict[str, list[str]] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(key, []).append(value)
    return {key: values if len(values) > 1 else values[0] for key, values in found.items()}


def _spoiled(handler: BaseHTTPRequestHandler, answer: bytes, kind: str) -> None:
    if kind == "not_json":
        return _send(handler, 200, answer[: len(answer) // 2])
    if kind == "cut":
        _send(handler, 200, answer[: len(answer) // 2], length=len(answer))
        return _hang_up(handler)
    return _send(handler, 200, answer)


def _send(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str = "application/json", length: int | None = None
) -> None:
    handler.close_connection = True
    handler.send_response(status)
    handler.send_header("Content-Type", f"{kind}; charset=UTF-8")
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(body)


def _raw(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Bytes without a status line."""
    handler.close_connection = True
    handler.wfile.write(content)


def _hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
