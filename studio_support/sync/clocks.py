"""Clocks that differ from ours: how far a server lies behind, and what follows for where reading begins.

A cursor is a time of our clock, and servers find changes by theirs. One that lies further behind than passes overlap
would never show anything as new. Measured: OTRS tells its time in a session, Redmine in what it answers to a new issue.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from studio_support.sync.model import Cursor, Servers

TOLD_SECONDS = 60
"""What is further apart moves promises: noon comes later there."""
_NEVER_MEASURED = timedelta(days=1)


def behind_seconds(before: datetime, told: datetime, after: datetime) -> int:
    """How far a server lies behind, at most, in whole seconds; 0 where it may be right or is ahead.

    told: its time, cut to the second, of some moment between before and after by our clock.
    """
    least = (before - told).total_seconds() - 1
    return ceil((after - told).total_seconds()) if least > 0 else 0


def ahead_seconds(told: datetime, after: datetime) -> int:
    """How far a server is ahead, at least, in whole seconds; 0 where it may be right or lies behind."""
    return max(0, int((told - after).total_seconds()))


def begun_at(now: datetime, servers: Servers) -> datetime:
    """Where the work of a new store begins: what arrives from now on bears a time of the server."""
    return now - timedelta(seconds=servers.otrs_behind_seconds)


def again_from(cursor: Cursor, before: Servers, now: Servers, overlap: timedelta) -> Cursor:
    """The cursor moved back over all that a clock hid which was found to lie behind only now.

    It was right, or as far behind as was known, when it was last looked at; where it never was, a day is read again.
    """
    hidden = timedelta(seconds=now.otrs_behind_seconds)
    if hidden <= overlap + timedelta(seconds=before.otrs_behind_seconds) or now.clock_at is None:
        return cursor
    since = (before.clock_at or now.clock_at - _NEVER_MEASURED) - overlap - hidden
    return replace(cursor, since=max(min(cursor.since, since.replace(microsecond=0)), cursor.start))


def lag(servers: Servers) -> timedelta:
    """How much further than the overlap the next pass looks back."""
    return timedelta(seconds=max(servers.otrs_behind_seconds, servers.redmine_behind_seconds))


def clock_warnings(servers: Servers) -> dict[str, tuple[str, str]]:
    """Message and next step by key, for each clock that lies behind so far that people have to know."""
    found = {}
    for side, name, seconds in (
        ("otrs", "OTRS", servers.otrs_behind_seconds),
        ("redmine", "Redmine", servers.redmine_behind_seconds),
    ):
        if seconds > TOLD_SECONDS:
            found[f"clock:{side}"] = (
                f"the clock of {name} lies {apart(seconds)} behind ours, or its times are read in a wrong zone"
                if side == "otrs"
                else f"the clock of {name} lies {apart(seconds)} behind ours",
                "Set the clocks right on both machines (NTP)"
                + (", and see that timezone in [otrs] is the server's." if side == "otrs" else ".")
                + " Passes look back that much further meanwhile.",
            )
    return found


def apart(seconds: int) -> str:
    """A difference in words."""
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{round(seconds / 60)} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"
