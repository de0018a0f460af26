"""What both in-memory fakes of the bridge share: a clock moved by hand, counted requests, writes that go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from studio_support.errors import NotSent, OtrsUnreachable, OutcomeUnknown, SourceRefused

Fate = Literal["fine", "refused", "not sent", "lost", "done", "late"]
Chooser = Callable[[str], Fate]
LATE_SECONDS = 20


def always_fine(what: str) -> Fate:
    """Every write goes well."""
    return "fine"


@dataclass
class Clock:
    """The present, moved by hand; writes that are late happen when it is moved past them."""

    now: datetime = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    late: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def tick(self, **by: float) -> None:
        """Moves on."""
        until = self.now + timedelta(**by)
        for at, work in sorted((one for one in self.late if one[0] <= until), key=lambda one: one[0]):
            self.now = max(self.now, at)
            work()
        self.late = [one for one in self.late if one[0] > until]
        self.now = until


class Side:
    """Counts requests and lets writes go wrong."""

    url = "http://side.invalid"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.fate: Chooser = always_fine
        self.requests = 0
        self.down = False
        self.behind = timedelta(0)
        self.writes: list[str] = []

    @property
    def now(self) -> datetime:
        """What the side's own clock shows."""
        return self.clock.now - self.behind

    def _read(self) -> None:
        self.requests += 1
        if self.down:
            raise OtrsUnreachable(self.url, "no connection")

    def _write(self, what: str, work: Callable[[], int]) -> int:
        self.requests += 1
        if self.down:
            raise NotSent(self.url, "no connection")
        self.writes.append(what)
        fate = self.fate(what)
        if fate == "refused":
            raise self._refusal()
        if fate == "not sent":
            raise NotSent(self.url, "no connection")
        if fate == "late":
            self.clock.late.append((self.clock.now + timedelta(seconds=LATE_SECONDS), work))
        if fate in ("late", "lost"):
            raise OutcomeUnknown(self.url, "no answer in time")
        result = work()
        if fate == "done":
            raise OutcomeUnknown(self.url, "the answer was cut off")
        return result

    def _refusal(self) -> SourceRefused:
        return SourceRefused(self.url, "refused", 422)
