"""GET requests to one Redmine over one session: time-outs, bounded repeats, typed errors, and what it all cost.

The key travels in a header only, and only to the host that was configured: redirects are not followed, cookies are
not kept, errors name the address without its query, and no exception of the HTTP library (which would carry the
request's headers) is chained to ours.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError, ConnectionError, RequestException, SSLError, Timeout
from urllib3.exceptions import InvalidHeader
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from studio_support.errors import SourceBroken, SourceError, SourceRefused, SourceUnreachable

Params = Sequence[tuple[str, str]]
_REPEATED = (429, 500, 502, 503, 504)
_LONGEST_RETRY_AFTER_SECONDS = 60.0
_CUT_BODIES = 3
_LOST = "the connection was cut in the middle of the answer"


class _Repeats(Retry):
    """urllib3's Retry that no server can make wait for hours."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        try:
            asked = super().get_retry_after(response)
        except InvalidHeader:
            return None
        return None if asked is None else min(asked, _LONGEST_RETRY_AFTER_SECONDS)


def _repeats(backoff_seconds: float, *, total: int, read: int) -> Retry:
    return _Repeats(
        total=total,
        connect=total,
        read=read,
        status=total,
        redirect=0,
        other=0,
        allowed_methods=frozenset({"GET"}),
        status_forcelist=_REPEATED,
        backoff_factor=backoff_seconds,
        backoff_max=20,
        raise_on_status=False,
        respect_retry_after_header=True,
    )


def _session(api_key: str, retry: Retry) -> Session:
    session = Session()
    # Without this, requests would look for a login for the host in the user's netrc.
    session.auth = _no_login
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"X-Redmine-API-Key": api_key, "User-Agent": "studio-support"})
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry, pool_connections=1, pool_maxsize=2))
    return session


def _no_login(request: PreparedRequest) -> PreparedRequest:
    return request


class Transport:
    """The one way to a Redmine. Safe for two threads at once."""

    def __init__(
        self, url: str, api_key: str, *, timeout_seconds: float, ca_file: str = "", backoff_seconds: float = 0.5
    ) -> None:
        self.url = _checked(url)
        if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
            raise SourceRefused(self.url, "the API key is empty or holds characters that no key has", 401)
        self._timeout_seconds = timeout_seconds
        self._verify: str | None = ca_file or None
        self._session = _session(api_key, _repeats(backoff_seconds, total=4, read=2))
        # A request that makes the server work for long is not repeated when it times out.
        self._once = _session(api_key, _repeats(backoff_seconds, total=2, read=0))
        self._meter = _Meter()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"

    @property
    def requests(self) -> int:
        """Requests made so far, repeated ones included."""
        return self._meter.requests

    @property
    def waited_seconds(self) -> float:
        """Seconds during which at least one request was under way."""
        return self._meter.seconds

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()
        self._once.close()

    def json(self, path: str, params: Params = ()) -> dict[str, Any]:
        """The JSON object behind a path, numbers with a point as Decimal; raises SourceError."""
        for last in (False, True):
            body = self._get(path, params, self._session, self._timeout_seconds, "application/json")
            try:
                answer = json.loads(body, parse_float=Decimal)
            except ValueError:
                if last:
                    raise SourceBroken(self._plain(path), "the answer is not JSON", 200) from None
                continue
            break
        if not isinstance(answer, dict):
            raise SourceBroken(self._plain(path), "the answer is not a JSON object", 200)
        return answer

    def long_read(self, path: str, params: Params, *, extra_seconds: float) -> bytes:
        """The body behind a path that may take `extra_seconds` longer than usual; not repeated on a time-out."""
        return self._get(path, params, self._once, self._timeout_seconds + extra_seconds, "text/csv")

    def _plain(self, path: str) -> str:
        return self.url + path.split("?")[0]

    def _get(self, path: str, params: Params, session: Session, seconds: float, wanted: str) -> bytes:
        for attempt in range(1, _CUT_BODIES + 1):
            with self._meter.running():
                response = self._send(path, params, session, seconds)
                try:
                    body: bytes = response.content
                except ChunkedEncodingError:
                    broken: SourceError = SourceBroken(self._plain(path), _LOST, response.status_code)
                except RequestException:
                    broken = SourceUnreachable(self._plain(path), "no more came of the answer in time")
                else:
                    self._judge(path, response, body, wanted)
                    return body
                finally:
                    response.close()
            if attempt == _CUT_BODIES or session is self._once:
                raise broken
        raise AssertionError("unreachable: the loop returns or raises")

    def _send(self, path: str, params: Params, session: Session, seconds: float) -> Response:
        try:
            response = session.get(
                self.url + path,
                params=list(params),
                timeout=(min(10.0, self._timeout_seconds), seconds),
                allow_redirects=False,
                stream=True,
                verify=self._verify,
            )
        except SSLError:
            raise SourceUnreachable(
                self._plain(path), "the server's certificate is not trusted, or it speaks no TLS"
            ) from None
        except Timeout:
            raise SourceUnreachable(self._plain(path), f"no answer within {seconds:g} s") from None
        except ConnectionError as error:
            slow = "timed out" in str(error).lower()
            reason = f"no answer within {seconds:g} s" if slow else "no connection"
            raise SourceUnreachable(self._plain(path), reason) from None
        except OSError:
            raise SourceUnreachable(self._plain(path), "the request could not be sent (ca_file?)") from None
        history = getattr(response.raw.retries, "history", ())
        self._meter.add(len(history))
        return response

    def _judge(self, path: str, response: Response, body: bytes, wanted: str) -> None:
        status, url = response.status_code, self._plain(path)
        if status in _REPEATED:
            raise SourceUnreachable(url, "the server could not answer, through all repeats", status)
        if 300 <= status < 400:
            host = urlsplit(response.headers.get("Location", "")).netloc or "another page"
            raise SourceBroken(url, f"the server sends us on to {host}; give the final address as url", status)
        if status >= 400:
            raise SourceRefused(url, _said(body) or _REFUSALS.get(status, "refused"), status)
        kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if status != 200 or kind != wanted:
            raise SourceBroken(url, f"the answer is {kind or 'of no kind'}, not {wanted}: no Redmine here?", status)


_REFUSALS = {
    401: "the API key is not accepted",
    403: "the key's user may not see this, or REST is switched off",
    404: "there is nothing at this address, or the key's user may not see it",
    422: "the request is not accepted",
}


def _said(body: bytes) -> str:
    """What the server gives as errors, shortened; "" if it says nothing."""
    try:
        errors = json.loads(body)["errors"]
        return "; ".join(str(error) for error in errors)[:200]
    except (ValueError, KeyError, TypeError):
        return ""


def _checked(url: str) -> str:
    """The address without a slash at the end. Raises SourceRefused, which shows no login that stood in it."""
    shown = "(not an address)"
    try:
        parts = urlsplit(url)
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        right = right and not parts.query and not parts.fragment and (parts.port is None or parts.port > 0)
    except ValueError:
        right = False
    if not right:
        raise SourceRefused(shown, "not an address like https://redmine.example, without login and query")
    return shown


class _Meter:
    """Counts requests, and the time during which at least one was under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._since = 0.0
        self.requests = 0
        self.seconds = 0.0

    def add(self, count: int) -> None:
        with self._lock:
            self.requests += count

    @contextmanager
    def running(self) -> Iterator[None]:
        with self._lock:
            self.requests += 1
            if not self._running:
                self._since = time.monotonic()
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    self.seconds += time.monotonic() - self._since
