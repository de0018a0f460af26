"""The noon promise: a request that arrives before the cutoff is answered the same working day, any other by the
cutoff of the next working day.

Source: the studio's practice ("received, looked at, volume and cost agreed: the same working day if it arrived before
12:00, else by 12:00 of the next working day"). What it leaves open is settled so that the promise is never later than
its words and a later arrival never has an earlier due: noon sharp is late, weekends and holidays count as late. A
promise depends on when the ticket arrived, never on when somebody saw it, and is not made anew when a calendar changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from studio_support.tickets.calendar import A_DAY, Calendar, shown_day

RULE = "noon-1"
"""Names the rule below; another rule gets another name, so that stored promises say which one made them."""

Clock = Literal["acknowledged", "estimated"]
CLOCKS: tuple[Clock, ...] = ("acknowledged", "estimated")


@dataclass(frozen=True, slots=True)
class Policy:
    """How a studio promises. cutoff: wall time. grace_minutes: arrivals up to so long after it count as before it.

    max_wait_minutes: working minutes that this client waits at most; it only ever makes a due earlier. wait_why: the
    words for it in the reasons ("acme: max_wait_minutes"). Raises ValueError for what is no number of minutes.
    """

    cutoff: time = time(12, 0)
    grace_minutes: int = 0
    max_wait_minutes: int | None = None
    wait_why: str = "maximum wait"

    def __post_init__(self) -> None:
        if self.grace_minutes < 0 or (self.max_wait_minutes is not None and self.max_wait_minutes < 1):
            raise ValueError("minutes of grace are 0 or more, those of a wait 1 or more")


@dataclass(frozen=True, slots=True)
class Promise:
    """By when the client is answered, and why.

    received_at, due_at: aware UTC. due_local: due_at on the studio's clock. intake_day: the working day that the
    request belongs to. calendar: version of the calendar's data. Both clocks run against due_at and are measured
    apart.
    """

    received_at: datetime
    zone: str
    intake_day: date
    due_at: datetime
    due_local: datetime
    reasons: tuple[str, ...]
    rule: str
    calendar: str

    def due_for(self, clock: Clock) -> datetime:
        """When a clock runs out (UTC): the request acknowledged, and its volume and cost told, by the same due.

        Raises ValueError for a clock that there is not.
        """
        if clock not in CLOCKS:
            raise ValueError(f"no clock of a promise: {clock!r}")
        return self.due_at

    def as_dict(self) -> dict[str, Any]:
        """As `cutoff` prints it in JSON."""
        return {
            "arrived_at": _utc(self.received_at),
            "zone": self.zone,
            "intake_day": self.intake_day.isoformat(),
            "due_at": _utc(self.due_at),
            "due_local": self.due_local.isoformat(),
            "reasons": list(self.reasons),
            "rule": self.rule,
            "calendar": self.calendar,
        }


def promise(received_at: datetime, calendar: Calendar, policy: Policy) -> Promise:
    """The promise for a request that arrived at an aware instant.

    Due is found as wall time in the calendar's zone first, then taken to UTC: nothing is ever added across a change of
    clocks. Raises ValueError for a naive time, NoCalendarYear where a year is needed that the calendar does not have.
    """
    if received_at.utcoffset() is None:
        raise ValueError("the arrival has no zone")
    arrived_at = received_at.astimezone(UTC)
    local = calendar.local(arrived_at)
    reasons = [f"Arrived {shown_day(local.date())} {local:%H:%M:%S} in {calendar.zone.key}."]
    in_time, why = _in_time(arrived_at, calendar, policy)
    reasons.append(why)
    if in_time:
        intake_day = local.date()
        wall = calendar.closes_on(intake_day)
        reasons += _closing(intake_day, wall, calendar)
    else:
        intake_day = calendar.next_working_day(local.date())
        wall = min(policy.cutoff, calendar.closes_on(intake_day))
        reasons += _next_day(local.date(), intake_day, wall, calendar)
    due_at = calendar.instant(intake_day, wall)
    if policy.max_wait_minutes is not None:
        ends_at = calendar.after_working_minutes(arrived_at, policy.max_wait_minutes, intake_day)
        reasons.append(_wait(ends_at, due_at, calendar, policy))
        due_at = due_at if ends_at is None else min(due_at, ends_at)
    return Promise(
        received_at=arrived_at,
        zone=calendar.zone.key,
        intake_day=intake_day,
        due_at=due_at,
        due_local=calendar.local(due_at),
        reasons=(*reasons, *_doubts(local.date(), intake_day, calendar)),
        rule=RULE,
        calendar=calendar.version_of((local.date(), intake_day)),
    )


def _in_time(arrived_at: datetime, calendar: Calendar, policy: Policy) -> tuple[bool, str]:
    """Whether the request belongs to the day on which it arrived, and why (not)."""
    day = calendar.local(arrived_at).date()
    off = calendar.why_off(day)
    if off:
        return False, f"Not a working day ({off}): it counts as late."
    closes_at = calendar.instant(day, calendar.closes_on(day))
    if arrived_at >= closes_at:
        return False, f"The studio had closed at {calendar.closes_on(day):%H:%M}: it counts as late."
    cutoff_at = calendar.instant(day, policy.cutoff)
    if arrived_at < cutoff_at:
        return True, f"A working day, before the cutoff at {policy.cutoff:%H:%M}: it belongs to that day."
    if arrived_at < cutoff_at + timedelta(minutes=policy.grace_minutes):
        return True, (
            f"A working day, within {policy.grace_minutes} minutes of grace after the cutoff at "
            f"{policy.cutoff:%H:%M}: it belongs to that day."
        )
    return (
        False,
        f"A working day, but not before the cutoff at {policy.cutoff:%H:%M}: late, it belongs to the next one.",
    )


def _closing(day: date, wall: time, calendar: Calendar) -> Iterator[str]:
    short = calendar.year_of(day).short.get(day)
    note = f" (a short day: {short})" if short is not None else ""
    yield f"Due the same day by closing time, {wall:%H:%M}{note}."


def _next_day(arrival_day: date, intake_day: date, wall: time, calendar: Calendar) -> Iterator[str]:
    """What is skipped between the days, a worked weekend, and the due."""
    skipped: list[tuple[str, date, date]] = []
    day = arrival_day + A_DAY
    while day < intake_day:
        why = calendar.why_off(day)
        if skipped and skipped[-1][0] == why:
            skipped[-1] = (why, skipped[-1][1], day)
        else:
            skipped.append((why, day, day))
        day += A_DAY
    if skipped:
        spans = (
            f"{shown_day(first)}{f' to {shown_day(last)}' if last > first else ''} ({why})"
            for why, first, last in skipped
        )
        yield f"Not worked: {', '.join(spans)}."
    worked = calendar.year_of(intake_day).working.get(intake_day)
    if worked is not None:
        yield f"{shown_day(intake_day)} is worked ({worked})."
    yield f"Due on the next working day, {shown_day(intake_day)}, by {wall:%H:%M}."


def _wait(ends_at: datetime | None, due_at: datetime, calendar: Calendar, policy: Policy) -> str:
    wait = f"At most {policy.max_wait_minutes} working minutes ({policy.wait_why})"
    if ends_at is None or ends_at >= due_at:
        return f"{wait}: they end no earlier, so nothing changes."
    local = calendar.local(ends_at)
    return f"{wait}: they end {shown_day(local.date())} {local:%H:%M:%S}, so it is due then."


def _doubts(arrival_day: date, intake_day: date, calendar: Calendar) -> Iterator[str]:
    day = arrival_day
    while day <= intake_day:
        doubt = calendar.year_of(day).unsure.get(day)
        if doubt is not None:
            yield f"Not certain for {shown_day(day)}: {doubt}."
        day += A_DAY


def _utc(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
