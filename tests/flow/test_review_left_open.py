"""Time that a close left open is mentioned until its month is closed, whatever the client's file says later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.office import NOVEMBER, OCTOBER, ON_DECEMBER_2, ON_NOVEMBER_2, Office, opened


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """acme's first rate begins in November: October, with time booked, has none and parks him."""
    with opened(tmp_path / "studio") as made:
        made.write_settings(("[billing]", '[billing]\nfirst_month = "2026-10"'))
        made.write_client("acme", "60.00", since="2026-11-01")
        made.redmine.book(made.acme, made.anna, 1, date(2026, 11, 5))
        closed = made.studio(ON_NOVEMBER_2).close_month(OCTOBER)
        assert closed.plan.parked == ("acme",)
        yield made


def about_october(office: Office) -> list[str | None]:
    plan = office.studio(ON_DECEMBER_2).plan_month(NOVEMBER)
    return [notice.client for notice in plan.notices if "Earlier months are not closed" in notice.message]


def test_a_month_that_was_parked_is_mentioned_until_it_is_closed(office: Office) -> None:
    assert about_october(office) == ["acme"]
    office.studio(ON_DECEMBER_2).close_month(NOVEMBER)
    assert about_october(office) == ["acme"]
    office.write_client("acme", "60.00")
    office.studio(ON_DECEMBER_2).close_month(OCTOBER)
    assert about_october(office) == []


def test_it_is_remembered_once(office: Office) -> None:
    facts = office.facts()
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER)
    assert office.facts() == facts
    assert office.rows("select client, month from left_open") == [("acme", "2026-10")]


def test_a_client_who_is_new_is_not_told_of_months_before_he_was_known(office: Office) -> None:
    """gamma's file comes in December with rates from November on; so does that of delta, who has no time at all."""
    for client in ("gamma", "delta"):
        office.redmine.add_project(client, client)
        office.write_client(client, "60.00", since="2026-11-01")
    assert about_october(office) == ["acme"]


def test_looking_at_a_month_remembers_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "studio") as made:
        made.studio().close_month(OCTOBER, clients=["beta"])
        made.write_client("acme", "60.00", since="2026-11-01")
        made.studio().plan_month(OCTOBER)
        made.studio().reconcile(OCTOBER)
        assert made.rows("select * from left_open") == []
