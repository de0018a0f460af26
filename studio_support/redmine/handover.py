"""Writes to one Redmine: each is handed over once, on a connection of its own, and its end is one of three.

Done; refused or never sent (nothing was changed); unknown: it was handed over and no answer tells. A connection kept
alive may be closed by the server at the moment of the write, which would make an unknown of what was never read.
Nothing is repeated here, redirects are not followed, and the key travels in a header only.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from http.cookiejar import DefaultCookiePolicy
from typing import Any

from requests import PreparedRequest, Response, Session
from requests.exceptions import ConnectTimeout, ProxyError, RequestException, Timeout
from urllib3.exceptions import NameResolutionError, NewConnectionError

from studio_support.errors import NotSent, OutcomeUnknown, RedmineRefused

_CONNECT_SECONDS = 10.0
_BYTES_A_SECOND = 250_000  # a large file may take so much longer than a request of a few lines
_NEVER_CONNECTED = (ConnectTimeout, ProxyError)
_NEVER_CONNECTED_CAUSES = (NewConnectionError, NameResolutionError, socket.gaierror)
_DONE = (200, 201, 204)
_REFUSALS = {
    401: "the API key is not accepted",
    403: "the key's user may not do this here, or the project is closed",
    404: "there is nothing at this address, or the key's user may not see it",
    413: "a server on the way takes no requests of this size",
    422: "the request is not accepted",
    429: "too many requests",
}


class Handover:
    """POST and PUT to a Redmine. url: checked, as Transport has it. Safe for several threads."""

    def __init__(self, url: str, api_key: str, *, timeout_seconds: float, ca_file: str = "") -> None:
        self.url = url
        self._timeout_seconds = timeout_seconds
        self._verify: str | None = ca_file or None
        self._headers = {"X-Redmine-API-Key": api_key, "User-Agent": "studio-support", "Connection": "close"}
        self._lock = threading.Lock()
        self.requests = 0
        self.waited_seconds = 0.0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"

    def send(self, method: str, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """A write as JSON; its answer, {} where there is none. Raises RedmineRefused, NotSent, OutcomeUnknown."""
        return self._sent(method, path, (), json.dumps(body).encode(), "application/json; charset=utf-8")

    def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """A file that stands at no issue yet; the server forgets it if none takes it. Raises like `send`."""
        return self._sent("POST", "/uploads.json", (("filename", name),), content, "application/octet-stream")

    def _sent(
        self, method: str, path: str, params: Sequence[tuple[str, str]], body: bytes, kind: str
    ) -> dict[str, Any]:
        url = self.url + path
        seconds = self._timeout_seconds + len(body) / _BYTES_A_SECOND
        began = time.monotonic()
        try:
            # One session a write: a server that closes without saying so would leave a dead connection for the next.
            with self._session() as session:
                response = session.request(
                    method,
                    url,
                    params=list(params),
                    data=body,
                    headers={"Content-Type": kind},
                    timeout=(min(_CONNECT_SECONDS, self._timeout_seconds), seconds),
                    allow_redirects=False,
                    verify=self._verify,
                )
        except RequestException as error:
            raise _lost(url, error, seconds) from None
        except OSError:
            raise NotSent(url, "the request could not be sent (ca_file?)") from None
        finally:
            with self._lock:
                self.requests += 1
                self.waited_seconds += time.monotonic() - began
        return _judged(url, response)

    def _session(self) -> Session:
        session = Session()
        # Without this, requests would look for a login for the host in the user's netrc.
        session.auth = _no_login
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.update(self._headers)
        return session


def _judged(url: str, response: Response) -> dict[str, Any]:
    status, body = response.status_code, response.content
    if status in _DONE:
        return _answer(url, status, body)
    if status >= 500:
        raise OutcomeUnknown(url, "the server failed while it worked on it", status)
    if 300 <= status < 400:
        raise RedmineRefused(url, "the server sends us on to another address; give the final one as url", status)
    errors = _errors(body)
    raise RedmineRefused(url, "; ".join(errors)[:300] or _REFUSALS.get(status, "refused"), status, errors=errors)


def _answer(url: str, status: int, body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise OutcomeUnknown(url, "the answer is no JSON object", status)
    return answer


def _errors(body: bytes) -> tuple[str, ...]:
    """What the server gives as errors, in its own words."""
    try:
        return tuple(str(error) for error in json.loads(body)["errors"])
    except (ValueError, KeyError, TypeError):
        return ()


def _lost(url: str, error: RequestException, seconds: float) -> NotSent | OutcomeUnknown:
    causes = list(_causes(error))
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in causes):
        return NotSent(url, "the server's certificate is not trusted")
    if isinstance(error, _NEVER_CONNECTED) or any(isinstance(one, _NEVER_CONNECTED_CAUSES) for one in causes):
        return NotSent(url, "no connection")
    if isinstance(error, Timeout):
        return OutcomeUnknown(url, f"no answer within {seconds:g} s")
    return OutcomeUnknown(url, "the connection was closed without a whole answer")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what the HTTP library hides in `reason` and arguments."""
    left: list[object] = [error]
    seen: set[int] = set()
    while left:
        one = left.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


def _no_login(request: PreparedRequest) -> PreparedRequest:
    return request
