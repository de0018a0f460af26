"""How often somebody may ask for what is not there. Names of 256 bits are not guessed: this keeps a log and a processor
from being filled, and who holds a link is never kept from opening it."""

from __future__ import annotations

from collections import OrderedDict

_SECONDS = 60.0
_REMEMBERED = 10_000


class Misses:
    """Misses by address, so many a minute, all at once or spread. per_minute: 0 for no limit.

    `seconds` below is any clock that only goes forward.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, address: str, seconds: float) -> bool:
        """Counts a miss; whether it is within the limit."""
        if not self._per_minute:
            return True
        left, before = self._left.pop(address, (float(self._per_minute), seconds))
        left = min(self._per_minute, left + (seconds - before) * self._per_minute / _SECONDS)
        allowed = left >= 1
        self._left[address] = (left - 1 if allowed else left, seconds)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        return allowed
