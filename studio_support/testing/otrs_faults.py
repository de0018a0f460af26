"""What can go wrong with a call to the fake Znuny, and what a call was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any, Literal

from studio_support.testing.http_server import Counted

FaultKind = Literal["status", "html", "not_json", "cut", "no_status", "empty", "hang", "slow", "late", "expire", "do"]


@dataclass(slots=True)
class Fault(Counted):
    """Something that goes wrong with calls of an operation ("*": of any).

    kind: status (answered with `status` and `body`), html (200 and a page), no_status (a page without a status line),
    empty (closed without a byte), hang (no answer until the server is closed), slow (answered after `seconds`), late
    (closed at once, done `seconds` later), cut (closed in the middle of the body), not_json (half the body under a
    right length), expire (all sessions end first), do (calls `action` first).
    applied: whether the operation is done all the same; cut, not_json, slow, late, expire and do always do it.
    go_on: what slow and late wait for, `seconds` at most.
    skip: so many calls pass before. times: so many are hit; None: all that follow. when: only calls whose data (as
    merged from address, headers and body) it says yes to.
    """

    operation: str
    kind: FaultKind
    status: int = 500
    body: bytes = b"Internal Server Error"
    applied: bool = False
    seconds: float = 0.1
    action: Callable[[], object] | None = None
    go_on: Event | None = None
    when: Callable[[Mapping[str, Any]], bool] | None = None

    def hits(self, operation: str, told: Mapping[str, Any]) -> bool:
        """Whether it hits this call; counts."""
        return self.operation in ("*", operation) and (self.when is None or self.when(told)) and self.takes()


@dataclass(frozen=True, slots=True)
class Called:
    """A call that came: operation ("" for an unknown route), method, address with query, headers, data as merged."""

    operation: str
    method: str
    target: str
    headers: Mapping[str, str]
    told: Mapping[str, Any]
