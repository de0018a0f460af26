"""A month that was closed by mistake with nothing to bill is opened again, and every minute of it can be billed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studio_support.billing.month_plan import EARLIER_MONTHS
from studio_support.errors import InvoiceStateError, LockHeld, Refused, UnknownClient
from studio_support.store.locks import exclusive
from tests.office import NOVEMBER, OCTOBER, ON_DECEMBER_2, ON_NOVEMBER_2, ON_OCTOBER_2, SEPTEMBER, Office, opened

ON_NOVEMBER_3 = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
MISTAKE = ('["Consultation"]', '["Consultation", "Development"]')


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """October was closed while all development was free of charge by mistake."""
    with opened(tmp_path / "studio") as made:
        made.write_settings(MISTAKE)
        assert made.studio(ON_NOVEMBER_2).close_month(OCTOBER).drafts == ()
        made.write_settings()
        yield made


def test_a_month_closed_with_nothing_to_bill_by_mistake_is_billed_after_all(office: Office) -> None:
    """105 + 120 minutes at 60.00; the hour of consultation stays free."""
    assert office.studio(ON_NOVEMBER_3).close_month(OCTOBER).drafts == ()

    opened_again = office.studio(ON_NOVEMBER_3).reopen(OCTOBER, "acme", "development was free by mistake")

    assert (opened_again.reopened, opened_again.entries) == (True, 4)
    result = office.studio(ON_NOVEMBER_3).close_month(OCTOBER)
    assert [(draft["client"], draft["net"]) for draft in result.drafts] == [("acme", "225.00")]
    certificate = office.studio(ON_NOVEMBER_3).reconcile(OCTOBER)
    assert certificate.balanced
    assert (certificate.minutes()["billed"], certificate.minutes()["non_billable"]) == (225, 60 + 180)
    [row] = [row for row in office.studio().ledger.audit_rows("client:acme") if row.verb == "reopen"]
    assert (row.person, json.loads(row.detail)["reason"]) == ("tester", "development was free by mistake")
    assert json.loads(row.detail)["entries_freed"] == 4


def test_opening_it_twice_changes_nothing(office: Office) -> None:
    office.studio().reopen(OCTOBER, "acme", "a mistake")
    facts = office.facts()
    again = office.studio().reopen(OCTOBER, "acme", "a mistake")
    assert (again.reopened, again.entries) == (False, 0)
    assert office.facts() == facts


def test_a_month_with_an_invoice_is_opened_by_cancelling_it(office: Office) -> None:
    office.studio().reopen(OCTOBER, "acme", "a mistake")
    office.studio().close_month(OCTOBER)
    facts = office.facts()
    with pytest.raises(InvoiceStateError, match="2026-0001") as refused:
        office.studio().reopen(OCTOBER, "acme", "a mistake")
    assert "invoice cancel 2026-0001" in refused.value.next_step
    assert office.facts() == facts


def test_what_cannot_be_is_refused_before_anything_is_written(office: Office) -> None:
    facts = office.facts()
    with pytest.raises(UnknownClient):
        office.studio().reopen(OCTOBER, "acne", "a mistake")
    with pytest.raises(Refused, match="reason"):
        office.studio().reopen(OCTOBER, "acme", "  ")
    with exclusive(office.studio().store, "billing", "another run", 0.0), pytest.raises(LockHeld):
        office.studio().reopen(OCTOBER, "acme", "a mistake")
    assert office.facts() == facts


def test_an_hour_of_an_earlier_month_that_was_set_aside_with_it_is_found_again(tmp_path: Path) -> None:
    """Booked on 10 October for September, set aside when October was closed on 2 November; opened in December,
    when November is closed already, so that the ordinary search would not go back to it."""
    with opened(tmp_path / "studio") as office:
        office.redmine.book(office.acme, office.anna, 1, date(2026, 9, 15))
        office.studio(ON_OCTOBER_2).close_month(SEPTEMBER)
        booked = datetime(2026, 10, 10, tzinfo=UTC)
        late = office.redmine.book(office.acme, office.anna, 0.75, date(2026, 9, 20), created_on=booked)
        office.write_settings(MISTAKE)
        office.studio(ON_NOVEMBER_2).close_month(OCTOBER)
        office.write_settings()
        office.studio(ON_DECEMBER_2).close_month(NOVEMBER)

        office.studio(ON_DECEMBER_2).reopen(OCTOBER, "acme", "a mistake")
        [acme] = office.studio(ON_DECEMBER_2).close_month(OCTOBER, clients=["acme"]).drafts

        headings = {line["heading"]: line["entries"] for line in acme["lines"] if line["heading"]}
        assert headings == {EARLIER_MONTHS: [str(late)]}


def test_the_studios_own_time_of_a_month_is_opened_again(office: Office) -> None:
    """The project becomes a client's: half an hour, booked before the close, is billed by a supplement."""
    path = office.folder / "clients" / "acme.toml"
    path.write_text(path.read_text().replace('["acme"]', '["acme", "internal"]'))
    office.write_settings(('internal_projects = ["internal"]\n', ""))

    opened_again = office.studio().reopen(OCTOBER, None, "the project is billed")

    assert (opened_again.client, opened_again.reopened, opened_again.entries) == (None, True, 1)
    assert office.studio().reopen(OCTOBER, None, "the project is billed").reopened is False
    assert [row.verb for row in office.studio().ledger.audit_rows("month:2026-10")] == ["set internal", "reopen"]
    office.studio(ON_NOVEMBER_3).reopen(OCTOBER, "acme", "development was free by mistake")
    [acme] = office.studio(ON_NOVEMBER_3).close_month(OCTOBER).drafts
    assert (acme["net"], acme["minutes"]) == ("255.00", 255)


def test_a_held_back_month_is_opened_first(office: Office) -> None:
    with pytest.raises(InvoiceStateError) as refused:
        office.studio().hold(OCTOBER, "acme", "wait")
    assert "bill reopen 2026-10 --client acme" in refused.value.next_step
