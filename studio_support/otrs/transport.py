"""HTTP to one OTRS: one request at a time as it is told, time-outs, no repeats of its own, and what it all cost.

Logins travel in headers or bodies, never in an address. Redirects are not followed, cookies are not kept, no
exception of the HTTP library (which would carry headers) is chained to ours. Every connection is used once: one that
the server has meanwhile closed would leave the outcome of a write unknown.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

from requests import PreparedRequest, Response, Session
from requests.exceptions import ConnectTimeout, ProxyError, RequestException, Timeout
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError, ReadTimeoutError

from studio_support.errors import OtrsRefused

_CONNECT_SECONDS = 10.0
_CHUNK_BYTES = 1 << 16
# An answer may take long to arrive, but not for ever: so many times the time-out for all of it.
_WHOLE_ANSWER = 10
_NEVER_CONNECTED = (ConnectTimeout, ProxyError)
_NEVER_CONNECTED_CAUSES = (NewConnectionError, NameResolutionError, ssl.SSLCertVerificationError, socket.gaierror)


class Lost(Exception):
    """No whole answer came. sent: whether the server may have the request; timed_out: whether we stopped waiting."""

    def __init__(self, reason: str, *, sent: bool, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.timed_out = timed_out


@dataclass(frozen=True, slots=True)
class Reply:
    """What came: the status and the whole body."""

    status: int
    body: bytes


class Transport:
    """The one way to an OTRS. Safe for several threads."""

    def __init__(self, url: str, *, timeout_seconds: float, ca_file: str = "") -> None:
        self.url = checked_url(url)
        self.timeout_seconds = timeout_seconds
        self._verify: str | None = ca_file or None
        self._session = Session()
        # Without this, requests would look for a login for the host in the user's netrc.
        self._session.auth = _no_login
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update({"User-Agent": "studio-support", "Connection": "close"})
        self._lock = threading.Lock()
        self._requests = 0
        self._seconds = 0.0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"

    @property
    def requests(self) -> int:
        """Requests made so far, repeated ones and logins included."""
        return self._requests

    @property
    def waited_seconds(self) -> float:
        """Seconds spent on requests; those that ran at once count each."""
        return self._seconds

    def close(self) -> None:
        """Lets go of what is held."""
        self._session.close()

    def send(
        self, method: str, path: str, *, headers: Mapping[str, str], params: object = None, body: bytes | None = None
    ) -> Reply:
        """One request. Raises Lost; an answer of any status is a Reply."""
        if body is not None:
            headers = {**headers, "Content-Type": "application/json; charset=utf-8"}
        with self._metered():
            try:
                response = self._session.request(
                    method,
                    self.url + path,
                    params=params,  # type: ignore[arg-type]  # pairs of text, which is one of the forms it takes
                    data=body,
                    headers=dict(headers),
                    timeout=(min(_CONNECT_SECONDS, self.timeout_seconds), self.timeout_seconds),
                    allow_redirects=False,
                    stream=True,
                    verify=self._verify,
                )
            except RequestException as error:
                raise self._lost(error) from None
            except OSError:
                raise Lost("the request could not be sent (ca_file?)", sent=False) from None
            try:
                return Reply(response.status_code, self._whole(response))
            except (HTTPError, OSError) as error:
                late = isinstance(error, ReadTimeoutError | TimeoutError)
                reason = "no more came of the answer in time" if late else "the connection was cut in the answer"
                raise Lost(reason, sent=True, timed_out=late) from None
            finally:
                response.close()

    def _whole(self, response: Response) -> bytes:
        ends_at = time.monotonic() + _WHOLE_ANSWER * self.timeout_seconds
        parts = []
        # read1 gives what is there; read() would wait for a full chunk from a server that sends a byte a second.
        while part := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            parts.append(part)
            if time.monotonic() > ends_at:
                raise TimeoutError
        return b"".join(parts)

    def _lost(self, error: RequestException) -> Lost:
        causes = list(_causes(error))
        if any(isinstance(one, ssl.SSLCertVerificationError) for one in causes):
            return Lost("the server's certificate is not trusted", sent=False)
        if isinstance(error, _NEVER_CONNECTED):
            return Lost("no connection in time", sent=False, timed_out=isinstance(error, ConnectTimeout))
        if any(isinstance(one, _NEVER_CONNECTED_CAUSES) for one in causes):
            return Lost("no connection", sent=False)
        if isinstance(error, Timeout) or any(isinstance(one, ReadTimeoutError | TimeoutError) for one in causes):
            return Lost(f"no answer within {self.timeout_seconds:g} s", sent=True, timed_out=True)
        return Lost("the connection was closed without a proper answer", sent=True)

    @contextmanager
    def _metered(self) -> Iterator[None]:
        began = time.monotonic()
        with self._lock:
            self._requests += 1
        try:
            yield
        finally:
            with self._lock:
                self._seconds += time.monotonic() - began


def _no_login(request: PreparedRequest) -> PreparedRequest:
    return request


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, what it was raised from, and what the HTTP library hides in `reason` and arguments."""
    seen: set[int] = set()
    left: list[object] = [error]
    while left:
        one = left.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


def checked_url(url: str) -> str:
    """The address without a slash at the end. Raises OtrsRefused, which shows no login that stood in it."""
    shown = "(not an address)"
    try:
        parts = urlsplit(url)
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        right = right and not parts.query and not parts.fragment and (parts.port is None or parts.port > 0)
    except ValueError:
        right = False
    if not right:
        raise OtrsRefused(shown, "not an address like https://tickets.example/otrs, without login and query")
    return shown
