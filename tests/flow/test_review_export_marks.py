"""An export looks for no late time: what is booked meanwhile is told, and the next close from Redmine finds it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studio_support.billing.month_plan import EARLIER_MONTHS
from studio_support.results import Source
from studio_support.testing.redmine_csv import csv_of
from tests.office import NOVEMBER, OCTOBER, ON_DECEMBER_2, ON_NOVEMBER_2, ON_OCTOBER_2, SEPTEMBER, Office, opened

COLUMNS = ("project", "spent_on", "user", "activity", "issue", "comments", "hours", "issue.cf_1")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """September came from Redmine on 2 October; an hour of it was booked on the 10th; October came from an export."""
    with opened(tmp_path / "studio") as made:
        for client, name in (("acme", "ACME site"), ("beta", "Beta shop")):
            path = made.folder / "clients" / f"{client}.toml"
            path.write_text(path.read_text().replace(f'["{client}"]', f'["{name}"]'))
        made.write_settings(('["internal"]', '["internal", "Our own"]'))
        made.redmine.book(made.acme, made.anna, 1, date(2026, 9, 15))
        made.studio(ON_OCTOBER_2).close_month(SEPTEMBER)
        booked = datetime(2026, 10, 10, tzinfo=UTC)
        made.late = str(made.redmine.book(made.acme, made.anna, 0.75, date(2026, 9, 20), created_on=booked))
        yield made


def export(office: Office) -> Source:
    redmine = office.redmine
    path = office.folder.parent / "timelog.csv"
    rows = [row for row in redmine.entries.values() if row.spent_on.month == 10]
    path.write_bytes(csv_of(redmine, redmine.users[1], rows, COLUMNS, "UTF-8"))
    return Source(path, "mdy")


def test_a_close_from_an_export_says_what_it_does_not_look_for(office: Office) -> None:
    closed = office.studio(ON_NOVEMBER_2).close_month(OCTOBER, source=export(office))
    [notice] = [notice for notice in closed.notices if notice.client == "acme"]
    assert "booked since 2026-10-02 for 2026-09 or earlier" in notice.message
    assert "from Redmine" in notice.next_step
    assert "bill close 2026-09 --supplement" in notice.next_step


def test_late_time_that_no_export_showed_is_billed_by_the_next_close_from_redmine(office: Office) -> None:
    """45 minutes at 60.00. October's own rows have other keys in Redmine: told in one problem a client, and nobody
    is parked by it. The month after is rid of them."""
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER, source=export(office))
    office.redmine.book(office.beta, office.boris, 1, date(2026, 11, 20))

    closed = office.studio(ON_DECEMBER_2).close_month(NOVEMBER)

    lines = {
        draft["client"]: [(line["heading"], line["entries"]) for line in draft["lines"]] for draft in closed.drafts
    }
    assert lines["acme"] == [(EARLIER_MONTHS, [office.late])]
    assert set(lines) == {"acme", "beta"}
    [acme, beta] = closed.problems
    assert "4 entries, 4:45 of acme for 2026-10" in acme.message
    assert "closed from csv" in acme.message
    assert "1 entry, 3:00 of beta for 2026-10" in beta.message
    assert "Redmine and an export know the same hours under other keys" in beta.next_step
    assert "2026-0003" in beta.next_step
    january = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)
    assert office.studio(january).close_month(NOVEMBER.next).problems == ()


def test_where_all_came_from_exports_the_last_of_them_is_the_mark(tmp_path: Path, office: Office) -> None:
    """beta's first month: nothing of it is older than the export."""
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER, source=export(office))
    ledger = office.studio(ON_NOVEMBER_2).ledger
    assert ledger.oldest_mark(["acme"]) == ON_OCTOBER_2
    office.write_client("gamma", "10.00")
    path = office.folder / "clients" / "gamma.toml"
    path.write_text(path.read_text().replace('["gamma"]', '["Nothing yet"]'))
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER, clients=["gamma"], source=export(office))
    assert ledger.oldest_mark(["gamma"]) == ON_NOVEMBER_2
