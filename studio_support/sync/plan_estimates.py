"""Estimates and what was booked against them: the manager is told at 80 %, and once more when it is used up.

Told once for each estimate: a raised estimate begins anew. The client is never written to about it.
"""

from __future__ import annotations

from collections.abc import Iterator

from studio_support.sync.actions import Warn
from studio_support.sync.world import World

WARN_PERCENT = 80


def overspent(world: World) -> Iterator[Warn]:
    """Warnings for issues at work whose booked minutes have reached the mark."""
    for link in world.going_on:
        estimated, booked = world.spent.get(link.issue_id, (None, None))
        if not estimated or booked is None or booked * 100 < estimated * WARN_PERCENT:
            continue
        mark = 100 if booked >= estimated else WARN_PERCENT
        yield Warn(
            f"spent:{link.issue_id}:{estimated}:{mark}",
            f"ticket {world.known[link.ticket_id].number}: {_hours(booked)} of the estimated {_hours(estimated)}"
            f" are booked on its issue #{link.issue_id} ({booked * 100 // estimated} %)",
            "Agree with the client on more time, or have the work ended; a new estimate in Redmine begins anew.",
            link.ticket_id,
            lasting=False,
        )


def _hours(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d} h"
