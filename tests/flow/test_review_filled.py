"""An entry of 0:00 that is filled in after its month was closed is billed, once, and the certificate follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studio_support.billing.ledger import Ledger
from studio_support.billing.month_plan import EARLIER_MONTHS
from studio_support.errors import EntryTaken
from studio_support.testing.drafts import draft, entry, order
from tests.office import NOVEMBER, OCTOBER, ON_DECEMBER_2, ON_NOVEMBER_2, Office, opened

ON_NOVEMBER_4 = datetime(2026, 11, 4, 8, 0, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """acme's entry of 12 October, booked then, and one of the 31st, booked on 2 November before the close."""
    with opened(tmp_path / "studio") as made:
        made.old = made.redmine.book(made.acme, made.anna, 0, date(2026, 10, 12))
        booked = datetime(2026, 11, 2, 8, tzinfo=UTC)
        made.young = made.redmine.book(made.acme, made.anna, 0, date(2026, 10, 31), created_on=booked)
        made.idle = made.redmine.book(made.internal, made.anna, 0, date(2026, 10, 13))
        made.studio(ON_NOVEMBER_2).close_month(OCTOBER)
        yield made


def fill(office: Office, entry: int, hours: float = 2) -> None:
    office.redmine.entries[entry].hours = hours


def test_what_the_next_close_finds_goes_on_the_next_invoice(office: Office) -> None:
    """Two hours at 60.00; before that the certificate has them as unbilled, and balances."""
    fill(office, office.young)
    before = office.studio(ON_NOVEMBER_4).reconcile(OCTOBER)
    [row] = [row for row in before.rows if row.entry == str(office.young)]
    assert (row.client, row.minutes, row.placed) == ("acme", 120, "unbilled")
    assert row.reason == "filled in after 2026-10 was closed: goes on the next invoice"
    assert (before.balanced, before.settled, before.minutes()["booked"]) == (True, True, 495 + 120)

    [acme] = office.studio(ON_DECEMBER_2).close_month(NOVEMBER).drafts

    assert [(line["heading"], line["entries"], line["net"]) for line in acme["lines"]] == [
        (EARLIER_MONTHS, [str(office.young)], "120.00")
    ]
    after = office.studio(ON_DECEMBER_2).reconcile(OCTOBER)
    assert (after.settled, after.minutes()["billed"], after.minutes()["unbilled"]) == (True, 405 + 120, 0)
    stood = "select placed, minutes, open from allocations where entry = ? order by id"
    assert office.rows(stood, str(office.young)) == [("non_billable", 0, 0), ("billed", 120, 1)]


def test_what_is_too_old_for_the_next_close_is_billed_by_a_supplement(office: Office) -> None:
    fill(office, office.old)
    plan = office.studio(ON_NOVEMBER_4).plan_month(OCTOBER)
    [problem] = plan.problems
    assert "filled in" in problem.message
    assert "bill close 2026-10 --client acme --supplement" in problem.next_step
    before = office.studio(ON_NOVEMBER_4).reconcile(OCTOBER)
    assert (before.balanced, before.settled, before.minutes()["unbilled"]) == (True, False, 120)

    drafts = office.studio(ON_NOVEMBER_4).close_month(OCTOBER, supplement=True).drafts

    assert [(draft["client"], draft["supplement"], draft["net"]) for draft in drafts] == [
        ("acme", 0, "225.00"),
        ("beta", 0, "270.00"),
        ("acme", 1, "120.00"),
    ]
    assert office.studio(ON_NOVEMBER_4).reconcile(OCTOBER).settled
    assert office.studio(ON_NOVEMBER_4).close_month(OCTOBER, supplement=True).created == 0


def test_an_hour_of_the_studios_own_that_is_filled_in_is_recorded(office: Office) -> None:
    fill(office, office.idle, 1)
    assert office.studio(ON_NOVEMBER_4).reconcile(OCTOBER).balanced
    office.studio(ON_NOVEMBER_4).close_month(OCTOBER)
    assert office.rows("select minutes from allocations where placed = 'internal' and open order by id") == [30, 60]
    certificate = office.studio(ON_NOVEMBER_4).reconcile(OCTOBER)
    assert (certificate.balanced, certificate.minutes()["internal"]) == (True, 90)


def test_an_empty_entry_that_is_deleted_is_missed_by_nobody(office: Office) -> None:
    office.redmine.delete_entry(office.old)
    assert office.studio(ON_NOVEMBER_4).reconcile(OCTOBER).balanced


def test_the_ledger_gives_up_no_place_but_an_empty_one(ledger: Ledger) -> None:
    """15 minutes set aside stay; so do 0 minutes for an order that has no more of them."""
    ledger.issue(
        order(
            draft(
                "acme",
                entry(1),
                set_aside=((entry(2, 0), "non_billable", "empty"), (entry(3, 15), "goodwill", "gift")),
            )
        )
    )
    refused = [
        draft("acme", entry(3, 30), entry(2, 30), supplement=1),
        draft("acme", entry(9), set_aside=((entry(2, 0), "non_billable", "empty"),), supplement=1),
        draft("acme", entry(1, 90), supplement=1),
    ]
    for made in refused:
        with pytest.raises(EntryTaken):
            ledger.issue(order(made))
    assert [row.placed for row in ledger.explain_entry("2")] == ["non_billable"]
    ledger.issue(order(draft("acme", entry(2, 30), supplement=1)))
    assert [(row.placed, row.minutes, row.open) for row in ledger.explain_entry("2")] == [
        ("billed", 30, True),
        ("non_billable", 0, False),
    ]
