"""How often somebody may ask for what is not there. Names of 256 bits are not guessed: this keeps a log and a processor
from being filled, and who holds a link is never kept from opening it."""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import AddressValueError, IPv6Address

_SECONDS = 60.0
_REMEMBERED = 10_000
_HOST_BITS = 64


class Misses:
    """Misses by address, so many a minute, all at once or spread. per_minute: 0 for no limit.

    Addresses of IPv6 count by their network of 64 bits: whoever has one has all of it. `seconds` below is any clock
    that only goes forward.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, address: str, seconds: float) -> bool:
        """Counts a miss; whether it is within the limit."""
        if not self._per_minute:
            return True
        address = _household(address)
        left, before = self._left.pop(address, (float(self._per_minute), seconds))
        left = min(self._per_minute, left + (seconds - before) * self._per_minute / _SECONDS)
        allowed = left >= 1
        self._left[address] = (left - 1 if allowed else left, seconds)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        return allowed


def _household(address: str) -> str:
    if ":" not in address:
        return address
    try:
        whole = IPv6Address(address)
    except AddressValueError:
        return address
    return str(whole.ipv4_mapped or int(whole) >> _HOST_BITS)
