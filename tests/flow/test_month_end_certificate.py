"""The certificate of a month: every booked minute in one place, and what changed after the close can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from studio_support.results import Source
from tests.office import NOVEMBER, OCTOBER, ON_DECEMBER_2, Office, opened


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path / "studio") as made:
        yield made


def test_before_a_close_everything_billable_is_unbilled(office: Office) -> None:
    certificate = office.studio().reconcile(OCTOBER)
    assert certificate.balanced
    sums = certificate.minutes()
    assert (sums["booked"], sums["billed"], sums["non_billable"], sums["internal"]) == (495, 0, 60, 30)
    assert sums["unbilled"] == 405


def test_after_a_close_every_minute_has_its_place(office: Office) -> None:
    """495 = 225 of acme and 180 of beta billed, 60 of advice, 30 of the studio's own."""
    office.studio().close_month(OCTOBER)

    certificate = office.studio().reconcile(OCTOBER)

    data = certificate.as_dict()
    assert (data["month"], data["balanced"]) == ("2026-10", True)
    assert data["control"].startswith("CSV export of the same window: 6 rows compared")
    wanted = {"booked": 495, "billed": 405, "non_billable": 60, "internal": 30}
    assert data["minutes"] == {name: wanted.get(name, 0) for name in data["minutes"]}
    assert set(data["minutes"]) == {
        *("booked", "billed", "prepaid", "goodwill", "non_billable", "fixed"),
        *("internal", "before_start", "written_off", "unbilled"),
    }
    by_client = {row["client"]: row for row in data["clients"]}
    assert set(by_client) == {"acme", "beta", None}
    assert (by_client["acme"]["booked"], by_client["acme"]["billed"], by_client["acme"]["non_billable"]) == (
        285,
        225,
        60,
    )
    assert (by_client["beta"]["booked"], by_client["beta"]["billed"]) == (180, 180)
    assert (by_client[None]["booked"], by_client[None]["internal"]) == (30, 30)
    rows = {row["entry"]: row for row in data["entries"]}
    assert rows[str(office.fifth)] == {
        "entry": str(office.fifth),
        "client": "beta",
        "minutes": 180,
        "as": "billed",
        "reason": "line 1",
        "invoice": "2026-0002",
    }
    assert (rows[str(office.advice)]["as"], rows[str(office.advice)]["invoice"]) == ("non_billable", None)
    assert rows[str(office.ours)]["as"] == "internal"
    assert len(rows) == 6


def test_dispositions_are_not_rewritten_by_a_later_configuration(office: Office) -> None:
    office.studio().close_month(OCTOBER)
    office.write_settings(('internal_projects = ["internal"]\n', ""), ('["Consultation"]', "[]"))
    sums = office.studio().reconcile(OCTOBER).minutes()
    assert (sums["billed"], sums["non_billable"], sums["internal"], sums["unbilled"]) == (405, 60, 30, 0)


def test_time_changed_after_the_close_shows(office: Office) -> None:
    """1:15 was billed and 2:00 stands there now: 45 minutes are unbilled, and the month does not balance."""
    office.studio().close_month(OCTOBER)
    office.redmine.entries[office.first].hours = 2

    certificate = office.studio().reconcile(OCTOBER)

    assert not certificate.balanced
    sums = certificate.minutes()
    assert (sums["booked"], sums["billed"], sums["unbilled"]) == (540, 405, 45)
    [row] = [row for row in certificate.rows if row.placed == "unbilled"]
    assert (row.entry, row.minutes) == (str(office.first), 45)
    assert "1:15 then, 2:00 now" in row.reason
    plan = office.studio().plan_month(OCTOBER)
    assert any(f"{office.first}" in notice.source for notice in plan.notices)


def test_time_deleted_after_the_close_shows(office: Office) -> None:
    office.studio().close_month(OCTOBER)
    office.redmine.delete_entry(office.second)

    certificate = office.studio().reconcile(OCTOBER)

    assert not certificate.balanced
    sums = certificate.minutes()
    assert (sums["booked"], sums["billed"], sums["unbilled"]) == (465, 405, -30)
    [row] = [row for row in certificate.rows if row.placed == "unbilled"]
    assert (row.entry, row.minutes) == (str(office.second), -30)
    assert "deleted" in row.reason


def test_time_moved_to_another_month_after_the_close_is_not_billed_twice(office: Office) -> None:
    office.studio().close_month(OCTOBER)
    office.redmine.entries[office.third].spent_on = date(2026, 11, 5)

    assert not office.studio().reconcile(OCTOBER).balanced
    november = office.studio(ON_DECEMBER_2).close_month(NOVEMBER)
    assert november.drafts == ()
    assert office.rows("select count(*) from allocations where entry = ?", str(office.third)) == [1]


def test_internal_time_is_recorded_once(office: Office) -> None:
    office.studio().close_month(OCTOBER)
    office.redmine.book(office.internal, office.boris, 0.25, date(2026, 10, 20))
    office.studio().close_month(OCTOBER)
    office.studio().close_month(OCTOBER)
    assert office.rows("select minutes from allocations where placed = 'internal' order by id") == [30, 15]
    assert office.studio().reconcile(OCTOBER).minutes()["internal"] == 45


def test_what_was_read_is_kept_and_gives_the_same_plan_again(office: Office) -> None:
    plan = office.studio().plan_month(OCTOBER)
    office.studio().reconcile(OCTOBER)
    [kept] = (office.folder / "files" / "readings").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert office.rows("select file from reads") == [f"readings/{kept.name}"]

    replayed = office.studio().plan_month(OCTOBER, source=Source(kept))
    assert replayed.plan == plan.plan
    assert replayed.as_dict() == plan.as_dict()

    office.redmine.entries.clear()  # the file alone is enough
    result = office.studio().close_month(OCTOBER, source=Source(kept), plan_hash=plan.plan)
    assert [draft["net"] for draft in result.drafts] == ["225.00", "270.00"]
    assert office.studio().reconcile(OCTOBER, source=Source(kept)).balanced


def test_the_certificate_of_a_month_with_a_problem_still_balances(office: Office) -> None:
    """A project that nobody lists: its time is unbilled and says why; it is not settled."""
    project = office.redmine.add_project("stray", "Stray")
    office.redmine.book(project, office.anna, 1, date(2026, 10, 12))
    office.studio().close_month(OCTOBER)

    certificate = office.studio().reconcile(OCTOBER)

    assert (certificate.balanced, certificate.settled) == (True, False)
    assert certificate.minutes()["unbilled"] == 60
    assert "Stray" in certificate.problems[0].message


def test_minutes_from_a_thousandth_add_up_as_redmine_shows_them(office: Office) -> None:
    """0.33 h is 20 minutes (19.8), 0.01 h one (0.6), 7.25 h 435, 0 h none: 456 for beta on top of 180."""
    for hours in (0.33, 0.01, 7.25, 0):
        office.redmine.book(office.beta, office.boris, hours, date(2026, 10, 20), issue=office.task_2)
    result = office.studio().close_month(OCTOBER, clients=["beta"])
    assert [draft["minutes"] for draft in result.drafts] == [636]
    assert result.drafts[0]["net"] == "954.00"  # 636 x 90 / 60
    certificate = office.studio().reconcile(OCTOBER)
    assert (certificate.balanced, certificate.minutes()["booked"]) == (True, 951)
