"""Calls of operations: who we are, which errors are repeated, and what a write's silence means.

The first calls of a run carry login and password in headers: a quiet pass then costs no session. A longer run makes
one session, renewed once when it has ended. Two logins at once would break each other in Znuny's file cache, so they
stand in line. A read is repeated when its answer is broken; a write never is.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from studio_support.config.secrets import Secret
from studio_support.errors import (
    AuthFailed,
    NotSent,
    OtrsBroken,
    OtrsRefused,
    OtrsUnreachable,
    OutcomeUnknown,
    SourceError,
)
from studio_support.otrs.replies import answer_of
from studio_support.otrs.routes import Route
from studio_support.otrs.transport import Lost, Transport

# Password checks cost 30 ms a call, a session 46 ms once and as much to end it.
_CALLS_WITHOUT_SESSION = 3
_ATTEMPTS = 3
_ATTEMPTS_AFTER_TIME_OUT = 2
_LOGIN_HEADERS = ("X-OTRS-Header-UserLogin", "X-OTRS-Header-Password")
_SESSION_HEADER = "X-OTRS-Header-SessionID"


class Calls:
    """Operations of one web service as one agent. Raises SourceError only."""

    def __init__(
        self,
        transport: Transport,
        web_service: str,
        user: str,
        password: Secret,
        routes: Mapping[str, Route],
        *,
        backoff_seconds: float = 0.5,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.transport = transport
        self.web_service = web_service
        self._base = f"/nph-genericinterface.pl/Webservice/{quote(web_service, safe='')}"
        self._user = user
        self._password = password
        self._routes = routes
        self._backoff_seconds = backoff_seconds
        self._sleep = sleep
        # Headers are bytes of no known charset: a login beyond ASCII goes in bodies, hence by session from the start.
        self._fits_headers = all(part.isascii() and part.isprintable() for part in (user, password.reveal()))
        self._calls = 0
        self._session: str | None = None
        self._login = threading.Lock()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.transport.url} {self.web_service}>"

    def address(self, operation: str) -> str:
        """The address of an operation, for errors: without ids and without anything secret."""
        return self.transport.url + self._base + self._routes[operation].path

    def read(self, operation: str, values: Mapping[str, object], *, patient: bool = True) -> dict[str, Any]:
        """The data of an operation that changes nothing; repeated when the answer is broken or none comes.

        patient: also when none comes in time.
        """
        route = self._routes[operation]
        self._calls += 1
        attempt = 1
        while True:
            try:
                return self._authorised(route, values)
            except Lost as lost:
                most = _ATTEMPTS if not lost.timed_out else _ATTEMPTS_AFTER_TIME_OUT if patient else 1
                # This is also how a server answers for a web service that it does not have.
                hint = f"; is there a valid web service {self.web_service}?" if lost.sent and not lost.timed_out else ""
                error: SourceError = OtrsUnreachable(self.address(operation), lost.reason + hint)
            except (OtrsUnreachable, OtrsBroken) as broken:
                most = _ATTEMPTS
                error = broken
            if attempt >= most:
                raise error
            self._sleep(self._backoff_seconds * 2 ** (attempt - 1))
            attempt += 1

    def write(self, operation: str, values: Mapping[str, object]) -> dict[str, Any]:
        """The data of an operation that changes something: handed over once.

        Raises OtrsRefused (nothing was done), NotSent (it never left), OutcomeUnknown (anything else).
        """
        self._calls += 1
        try:
            return self._authorised(self._routes[operation], values, write=True)
        except Lost as lost:
            if lost.sent:
                raise OutcomeUnknown(self.address(operation), lost.reason) from None
            raise NotSent(self.address(operation), lost.reason) from None
        except (OtrsUnreachable, OtrsBroken) as broken:
            raise OutcomeUnknown(broken.url, broken.reason, broken.status) from None

    def unknown(self, operation: str, reason: str) -> OutcomeUnknown:
        """The error for a write whose answer does not say what it should."""
        return OutcomeUnknown(self.address(operation), reason, 200)

    def broken(self, operation: str, reason: str) -> OtrsBroken:
        """The error for an answer that is not what was asked for."""
        return OtrsBroken(self.address(operation), reason, 200)

    def whose(self, *, anew: bool = False) -> list[Any]:
        """What the server knows of our session, as rows of Key and Value. Makes a session; anew: in place of one."""
        if anew:
            self._end_session()
        rows = self.read("SessionGet", {}).get("SessionData")
        if not isinstance(rows, list):
            raise self.broken("SessionGet", "the answer has no data of a session")
        return rows

    def close(self) -> None:
        """Ends our session, if there is one."""
        self._end_session()
        self.transport.close()

    def _end_session(self) -> None:
        """What goes wrong then harms nobody: the server ends it by itself."""
        with self._login:
            session, self._session = self._session, None
        if session is not None:
            headers, body = self._credentials()
            with contextlib.suppress(Lost, SourceError):
                self._answer(self._routes["SessionRemove"], body, {**headers, **self._by_session(session)})

    def _authorised(self, route: Route, values: Mapping[str, object], *, write: bool = False) -> dict[str, Any]:
        """The answer to a call with login or session; a session that has ended is renewed once.

        A call that is turned away at the door has done nothing, so that goes for writes as well.
        """
        by_login = self._session is None and self._fits_headers and self._calls <= _CALLS_WITHOUT_SESSION
        if by_login and route.operation != "SessionGet":
            return self._answer(route, values, self._credentials()[0])
        session = self._before(write, None)
        try:
            return self._answer(route, values, self._by_session(session))
        except AuthFailed:
            return self._answer(route, values, self._by_session(self._before(write, session)))

    def _before(self, write: bool, ended: str | None) -> str:
        """The session in use; a new one if there is none or if it is the one that has ended.

        A login that fails before a write means that the write was not sent. Before a read it is repeated with it.
        """
        attempt = 1
        while True:
            try:
                return self._session_id(ended)
            except (Lost, OtrsUnreachable, OtrsBroken) as error:
                if not write:
                    raise
                if attempt >= _ATTEMPTS or (isinstance(error, Lost) and error.timed_out):
                    raise NotSent(self.address("SessionCreate"), f"no login: {error.reason}") from None
            self._sleep(self._backoff_seconds * 2 ** (attempt - 1))
            attempt += 1

    def _session_id(self, ended: str | None) -> str:
        with self._login:
            if self._session is None or self._session == ended:
                self._session = None
                body = {"UserLogin": self._user, "Password": self._password.reveal()}
                session = self._answer(self._routes["SessionCreate"], body, {}).get("SessionID")
                if not isinstance(session, str) or not re.fullmatch(r"[!-~]+", session):
                    raise self.broken("SessionCreate", "the answer has no session")
                self._session = session
            return self._session

    def _credentials(self) -> tuple[dict[str, str], dict[str, object]]:
        """Login and password as headers, or, where they do not fit into headers, as parts of a body."""
        told = (self._user, self._password.reveal())
        if self._fits_headers:
            return dict(zip(_LOGIN_HEADERS, told, strict=True)), {}
        return {}, {"UserLogin": told[0], "Password": told[1]}

    def _by_session(self, session: str) -> dict[str, str]:
        return {_SESSION_HEADER: session}

    def _answer(self, route: Route, values: Mapping[str, object], headers: Mapping[str, str]) -> dict[str, Any]:
        rest = {key: value for key, value in values.items() if key not in route.names()}
        path, url = self._base + route.filled(values), self.address(route.operation)
        if route.method == "GET":
            reply = self.transport.send("GET", path, headers=headers, params=_pairs(rest))
        else:
            # The server takes an empty object for no content at all.
            body = json.dumps(rest or {"Empty": 1}).encode()
            reply = self.transport.send(route.method, path, headers=headers, body=body)
        return answer_of(url, self.web_service, route, reply.status, reply.body)


def _pairs(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """Values as a query holds them: a list as one key several times."""
    return [(key, str(one)) for key, value in values.items() for one in (value if isinstance(value, list) else [value])]


def refused_before(error: SourceError) -> bool:
    """Whether a write that ended so has certainly changed nothing."""
    return isinstance(error, NotSent | OtrsRefused)
