"""What a person reviews of a plan: the change since last month, the order, who was planned."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from studio_support.billing.month_plan import Draft, MonthPlan
from studio_support.period import Month

OCTOBER = Month(2026, 10)


def draft(client: str, net: str = "100.00", *, suspicion: int = 0, flags: tuple[str, ...] = ()) -> Draft:
    amount = Decimal(net)
    made = Draft(client, OCTOBER, "EUR", "net", 60, 60, amount, Decimal(0), amount, "", (), ())
    return replace(made, suspicion=suspicion, flags=flags)


@pytest.mark.parametrize(
    ("last", "percent"),
    [("100.00", 0), ("50.00", 100), ("200.00", -50), ("80.00", 25), ("99.50", 1), ("0.00", None), (None, None)],
)
def test_the_change_is_in_whole_percent_of_last_months_net(last: str | None, percent: int | None) -> None:
    """100.00 after 99.50 is half a percent more, which rounds up; after nothing there is no percentage."""
    before = None if last is None else Decimal(last)
    assert replace(draft("acme"), last_net=before).change_percent == percent


def test_the_most_suspicious_come_first_the_silent_ones_among_them() -> None:
    """A client with no time at all though he used to have some is reviewed; one who never had is not."""
    plan = MonthPlan(
        OCTOBER,
        "",
        (draft("a", "10.00"), draft("b", "20.00"), draft("c", "10.00", suspicion=5), draft("d", "10.00")),
        (draft("silent", "0.00", suspicion=50, flags=("none this month",)), draft("never", "0.00")),
        (),
        (),
        (),
    )
    assert [row.client for row in plan.suspicious_first()] == ["silent", "c", "b", "a", "d"]


def test_every_client_that_was_planned_is_known_by_name() -> None:
    plan = MonthPlan(OCTOBER, "", (draft("b"),), (draft("a"),), (), (), (), parked=("d",), already=("c",))
    assert plan.clients == ("a", "b", "c", "d")
    data = plan.as_dict()
    assert (data["parked"], data["already"]) == (["d"], ["c"])
    assert data["nothing_to_bill"] == [{"client": "a", "flags": [], "last_minutes": None}]
