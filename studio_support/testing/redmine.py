"""A fake Redmine: a real HTTP server on loopback with the habits that were seen on Redmine 5.0.4, and switches for
everything that can go wrong on the way. For tests of one's own code against studio-support, and for ours.

    with FakeRedmine() as redmine:
        project = redmine.add_project("acme-site", "ACME site")
        anna = redmine.add_user("a.petrova", "Anna", "Petrova")
        redmine.book(project, anna, 1.25, date(2026, 10, 5))
        RedmineSource(redmine.url, redmine.admin_key, ...)

Habits kept: a wrong key gets 200 and empty lists; unknown and malformed filters and sort names are ignored; at most
100 rows a page; hours rounded to two decimals; archived projects vanish; closed projects are listed only when asked
for; roles that see their own entries only; unknown CSV columns are dropped; 401 and 404 have empty bodies.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from studio_support.testing.http_server import Counted, LoopbackServer
from studio_support.testing.redmine_answers import answer_of
from studio_support.testing.redmine_reply import Answer, Query
from studio_support.testing.redmine_world import FakeUser, RedmineWorld
from studio_support.testing.redmine_writes import write_answer

FaultKind = Literal["status", "hang", "late", "stall", "drop", "cut", "not_json", "html", "redirect", "do"]


@dataclass(slots=True)
class Fault(Counted):
    """Something that goes wrong with requests whose path begins with `path` (of one `method`, or of any).

    kind: status (answered with `status`, `body` and `headers`), hang (no answer until the server is closed), stall
    (headers, then nothing), drop (connection closed without an answer), cut (closed in the middle of the body),
    not_json (half the body under a right length), html (200 and a page), redirect (to `location`), do (calls
    `action`, then answers as usual: rows that come and go while paging), late (closed without an answer; a write is
    done `seconds` later).
    applied: whether a write is done all the same; cut, stall, not_json, late and do always do it.
    go_on: what late waits for, `seconds` at most.
    skip: so many requests pass before. times: so many are hit; None: all that follow.
    """

    path: str
    kind: FaultKind
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    location: str = ""
    action: Callable[[], object] | None = None
    method: str = ""
    applied: bool = False
    seconds: float = 0.1
    go_on: threading.Event | None = None

    def hits(self, path: str, method: str = "GET") -> bool:
        """Whether it hits this request; counts."""
        return path.startswith(self.path) and self.method in ("", method) and self.takes()


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came: path, query as pairs, headers in lower case; method and body of a write."""

    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""


class FakeRedmine(RedmineWorld):
    """The server, a context manager. `requests` is what it was asked; `faults` what goes wrong, first match wins.

    rest: False: the REST interface is switched off. login_required: a wrong key gets 401 everywhere.
    ignored: names of filters that are ignored though well formed. csv: False: exports are refused with 403.
    csv_hidden: columns dropped in silence. rational_hours: hours as Redmine 6.0.0 gives them ("1/3").
    most_rows: the cap of a page, whatever is asked. largest_file: in bytes; Redmine's own default is 5 MB.
    required_fields: what a new issue lacks. workflow: steps of status that are allowed, None: all.
    without_ticket_field: projects whose issues do not have it.
    """

    def __init__(self, ticket_field: str = "OTRS ticket", *, login_required: bool = False) -> None:
        super().__init__(ticket_field)
        self.login_required = login_required
        self.rest = True
        self.ignored: set[str] = set()
        self.csv = True
        self.csv_hidden: set[str] = set()
        self.rational_hours = False
        self.most_rows = 100
        self.largest_file = 5 * 1024 * 1024
        self.required_fields: set[str] = set()
        self.workflow: set[tuple[str, str]] | None = None
        self.faults: list[Fault] = []
        self.requests: list[Seen] = []
        self._lock = threading.RLock()
        self._server = LoopbackServer(lambda handler: self._respond(handler))
        self._closing = self._server.closing

    def __enter__(self) -> FakeRedmine:
        self._server.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        """The address, without a slash at the end; of a running server only."""
        return self._server.url

    def fail(self, path: str, kind: FaultKind, **facts: object) -> Fault:
        """Adds a fault and gives it back."""
        fault = Fault(path, kind, **facts)  # type: ignore[arg-type]  # the same names as Fault's own
        self.faults.append(fault)
        return fault

    def asked(self, path: str, method: str = "GET") -> list[Seen]:
        """The requests of a method whose path begins so."""
        return [seen for seen in self.requests if seen.path.startswith(path) and seen.method == method]

    def _respond(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        body = handler.rfile.read(int(headers.get("content-length", "0")))
        seen = Seen(parts.path, pairs, headers, handler.command, body)
        with self._lock:
            self.requests.append(seen)
            fault = next((fault for fault in self.faults if fault.hits(parts.path, seen.method)), None)
        if fault is not None and fault.action is not None:
            with self._lock:
                fault.action()
        answer = self._answer(seen) if _is_done(seen, fault) else Answer(500)
        if fault is not None and fault.kind == "hang":
            self._closing.wait(30)
            handler.close_connection = True
            return
        if fault is not None and fault.kind == "late":
            threading.Thread(target=self._answer_late, args=(seen, fault), daemon=True).start()
        _send(handler, _spoiled(answer, fault), fault.kind if fault else "")
        if fault is not None and fault.kind == "stall":
            handler.wfile.flush()
            self._closing.wait(30)

    def _answer_late(self, seen: Seen, fault: Fault) -> None:
        (fault.go_on or self._closing).wait(fault.seconds)
        self._answer(seen)

    def _answer(self, seen: Seen) -> Answer:
        """The answer to a request, which is done."""
        with self._lock:
            user: FakeUser | None = self.by_key(seen.headers.get("x-redmine-api-key", "")) if self.rest else None
            query = Query(seen.path, seen.query)
            if seen.method == "GET":
                return answer_of(self, user, query)
            return write_answer(self, user, seen.method, query, seen.body)


def _is_done(seen: Seen, fault: Fault | None) -> bool:
    """Whether the request is done at once in spite of the fault: a read always is."""
    if seen.method == "GET" or fault is None:
        return True
    return fault.applied or fault.kind in ("cut", "stall", "not_json", "do")


def _spoiled(answer: Answer, fault: Fault | None) -> Answer:
    if fault is None:
        return answer
    if fault.kind == "status":
        headers = dict(fault.headers)
        return Answer(fault.status, fault.body, headers.pop("Content-Type", "application/json; charset=utf-8"), headers)
    if fault.kind == "not_json":
        return Answer(200, answer.body[: len(answer.body) // 2], answer.kind)
    if fault.kind == "html":
        return Answer(200, b"<html><title>Welcome</title></html>", "text/html; charset=utf-8")
    if fault.kind == "redirect":
        return Answer(302, b"", "text/html", {"Location": fault.location})
    return answer


def _send(handler: BaseHTTPRequestHandler, answer: Answer, kind: str) -> None:
    if kind in ("drop", "late"):
        handler.close_connection = True
        return
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.kind)
    handler.send_header("Content-Length", str(len(answer.body)))
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(answer.body[: len(answer.body) // 2] if kind in ("cut", "stall") else answer.body)
    if kind in ("cut", "stall"):
        handler.close_connection = True


def errors_body(*errors: str) -> bytes:
    """The body of a 422."""
    return json.dumps({"errors": list(errors)}).encode()
