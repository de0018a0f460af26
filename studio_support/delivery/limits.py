"""How long a letter waits after a server said "later", and how many letters leave at once. Pure.

RFC 5321, 4.5.4.1: the interval between attempts grows. It begins shorter than the half hour named there: greylisting,
the usual reason, lets a second attempt in after about five minutes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=4)
A_DAY = timedelta(hours=24)


class Addressed(Protocol):
    """Anything with a recipient."""

    @property
    def recipient(self) -> str: ...


L = TypeVar("L", bound=Addressed)


@dataclass(frozen=True, slots=True)
class Limits:
    """max_letters: in one run. letters_a_day: to one recipient within 24 hours, over all documents and runs."""

    max_letters: int = 1000
    letters_a_day: int = 50


@dataclass(frozen=True, slots=True)
class Admitted(Generic[L]):
    """letters: leave now. beyond_run: wait for the next run. beyond_day: their recipients have had enough today."""

    letters: tuple[L, ...] = ()
    beyond_run: tuple[L, ...] = ()
    beyond_day: tuple[L, ...] = ()

    @property
    def beyond(self) -> tuple[L, ...]:
        """All that a limit holds back."""
        return (*self.beyond_run, *self.beyond_day)


def retry_after(deferrals: int) -> timedelta:
    """The wait after a server has put a letter off so often in a row (1, 2, …): 5 minutes, 10, 20, … 4 hours."""
    doublings = min(deferrals, 10) - 1
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def admit(letters: Iterable[L], handed: Mapping[str, int], limits: Limits) -> Admitted[L]:
    """Which letters leave in this run, in their order.

    handed: how many each recipient (casefolded) was handed within the last 24 hours.
    """
    counted = Counter(handed)
    now: list[L] = []
    beyond_run: list[L] = []
    beyond_day: list[L] = []
    for letter in letters:
        who = letter.recipient.casefold()
        if counted[who] >= limits.letters_a_day:
            beyond_day.append(letter)
        elif len(now) >= limits.max_letters:
            beyond_run.append(letter)
        else:
            counted[who] += 1
            now.append(letter)
    return Admitted(tuple(now), tuple(beyond_run), tuple(beyond_day))
