"""The pages as an ASGI application: requests in, answers of `web_pages` out, a line for the log of each.

A look into the store and a file take place in threads, so that one slow disk does not stop all. No line of the log
holds a link: it names the document and the beginning of the link's digest.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from studio_support.delivery.web_pages import Answer, Asked, Pages
from studio_support.errors import StudioError

HEALTH = "/healthz"
_THREADS = 4
_AGENT = 120

Log = Callable[[dict[str, Any]], None]


class Door:
    """One ASGI application for every path but the health's."""

    def __init__(self, pages: Pages, clock: Callable[[], datetime], log: Log) -> None:
        self._pages = pages
        self._clock = clock
        self._log = log
        self._limiter: CapacityLimiter | None = None  # made inside the event loop that uses it

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        asked = Asked(
            method=request.method,
            path=scope.get("raw_path") or request.url.path.encode(),
            address=request.client.host if request.client else "",
            seconds=monotonic(),
            range=request.headers.get("range"),
            if_range=request.headers.get("if-range"),
        )
        self._limiter = self._limiter or CapacityLimiter(_THREADS)
        try:
            answer = await to_thread.run_sync(self._pages.answer, asked, limiter=self._limiter)
        except Exception as error:  # noqa: BLE001 - a fault of ours too: a stranger is told nothing, the log names it
            answer = self._pages.trouble()
            self._told(answer, asked, request, error=type(error).__name__)
        else:
            if answer.fetched.what != "limited":
                self._told(answer, asked, request)
        response = Response(answer.body, answer.status, answer.headers)
        await response(scope, receive, send)

    def _told(self, answer: Answer, asked: Asked, request: Request, **more: str) -> None:
        fetched = answer.fetched
        named = {"number": fetched.number, "link": fetched.link} if fetched.number else {}
        self._log(
            {
                "at": f"{self._clock():%Y-%m-%dT%H:%M:%SZ}",
                "fetched": fetched.what,
                "method": asked.method[:8],
                "status": answer.status,
                **named,
                "bytes": 0 if asked.method == "HEAD" else len(answer.body),
                "agent": _printable(request.headers.get("user-agent", ""))[:_AGENT],
                **more,
            }
        )


def _printable(text: str) -> str:
    """What a stranger says of himself, without what would steer a terminal."""
    return "".join(character for character in text if character.isprintable())


def application(pages: Pages, clock: Callable[[], datetime], log: Log) -> ASGIApp:
    """The pages behind the links, and `/healthz`. log: called with the facts of each fetch, none of them a secret.

    No router stands before the pages: it would have an answer of its own to what it takes for no path (`*`, a line feed
    in it), unlike that to all else that opens nothing.
    """
    door = Door(pages, clock, log)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == HEALTH and scope["method"] in ("GET", "HEAD"):
            await (await _health(pages))(scope, receive, send)
        else:
            await door(scope, receive, send)

    return app


async def _health(pages: Pages) -> Response:
    try:
        well = await to_thread.run_sync(pages.healthy)
    except StudioError:
        well = False
    return PlainTextResponse("ok\n" if well else "not well\n", 200 if well else 503, {"Cache-Control": "no-store"})
