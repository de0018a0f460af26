"""What a manager should look at before closing: each flag in words, the most suspicious drafts first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from studio_support.billing.ledger_view import PastMonth
from studio_support.billing.month_plan import DraftLine
from studio_support.billing.terms import Client, RateRow
from studio_support.model import Issue
from studio_support.period import Month

# How much more or less than usual is worth a look, as factors on the mean of the last months.
MUCH_MORE, MUCH_LESS = 2, 2
# How many tasks over their estimate a flag names, and counts for: a line has to be read in two seconds.
MOST_NAMED = 3
WEIGHTS = {"none": 50, "usual": 30, "new client": 20, "new rate": 15, "estimate": 10, "late": 5}


def hours(minutes: int) -> str:
    """Minutes as h:mm, for people: 455 -> 7:35."""
    sign = "-" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def flags_of(
    client: Client,
    month: Month,
    lines: Sequence[DraftLine],
    rates: Sequence[RateRow],
    issues: Mapping[int, Issue],
    past: Sequence[PastMonth],
    ever_billed: bool,
) -> tuple[tuple[str, ...], int]:
    """Flags in words and their summed weight. past: newest first."""
    found: list[tuple[str, str]] = []
    minutes = sum(line.minutes for line in lines)
    if not ever_billed and minutes:
        found.append(("new client", "new client"))
    if not minutes and past and past[0].minutes:
        found.append(("none", f"none this month, {hours(past[0].minutes)} in {past[0].month}"))
    if minutes and past:
        usual = sum(p.minutes for p in past) // len(past)
        if minutes > MUCH_MORE * usual:
            found.append(("usual", f"much more than usual ({hours(usual)})"))
        elif minutes * MUCH_LESS < usual:
            found.append(("usual", f"much less than usual ({hours(usual)})"))
    earliest = min((row.from_day for row in (*client.rates, *client.price_list)), default=None)
    if any(row.from_day in month and row.from_day != earliest for row in rates):
        found.append(("new rate", "new rate"))
    over = _over_estimate(lines, issues)
    if over:
        rest = f" and {len(over) - MOST_NAMED} more" if len(over) > MOST_NAMED else ""
        found.append(("estimate", f"over estimate: {', '.join(over[:MOST_NAMED])}{rest}"))
    late = sum(line.minutes for line in lines if line.heading is not None)
    if late:
        found.append(("late", f"{hours(late)} booked late"))
    further = WEIGHTS["estimate"] * (min(len(over), MOST_NAMED) - 1) if over else 0
    return tuple(text for _, text in found), sum(WEIGHTS[kind] for kind, _ in found) + further


def _over_estimate(lines: Sequence[DraftLine], issues: Mapping[int, Issue]) -> list[str]:
    """Tasks that took longer than estimated, the one that is most over first."""
    here: dict[int, int] = {}
    for line in lines:
        if line.issue is not None:
            here[line.issue] = here.get(line.issue, 0) + line.booked_minutes
    found: list[tuple[int, int, str]] = []
    for issue_id, booked in here.items():
        issue = issues.get(issue_id)
        if issue is None or not issue.estimated_minutes:
            continue
        spent = max(issue.spent_minutes or 0, booked)
        over = spent - issue.estimated_minutes
        if over > 0:
            found.append((-over, issue_id, f"#{issue_id} {hours(spent)} of {hours(issue.estimated_minutes)}"))
    return [text for _, _, text in sorted(found)]
