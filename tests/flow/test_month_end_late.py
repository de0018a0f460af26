"""Late time and second thoughts: what is booked after a close, supplements, and invoices that are taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from studio_support.billing.month_plan import EARLIER_MONTHS
from studio_support.errors import InvoiceStateError, IssueDateRefused, MailRefused, UnknownInvoice
from studio_support.results import CloseResult
from tests.office import NOVEMBER, OCTOBER, ON_DECEMBER_2, ON_NOVEMBER_2, ON_OCTOBER_2, SEPTEMBER, Office, opened

ON_OCTOBER_10 = datetime(2026, 10, 10, 8, 0, tzinfo=UTC)
ON_NOVEMBER_3 = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
ON_NOVEMBER_4 = datetime(2026, 11, 4, 8, 0, tzinfo=UTC)
ON_NOVEMBER_5 = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """60.00 an hour up to September, 72.00 from October on; September is closed, then 45 minutes of it are booked."""
    with opened(tmp_path / "studio") as made:
        path = made.folder / "clients" / "acme.toml"
        path.write_text(path.read_text() + '\n[[rates]]\nfrom = 2026-10-01\nper_hour = "72.00"\n')
        made.redmine.book(made.acme, made.anna, 1, date(2026, 9, 15))
        made.studio(ON_OCTOBER_2).close_month(SEPTEMBER)
        made.late = book_late(made, 0.75, date(2026, 9, 20), ON_OCTOBER_10)
        yield made


def book_late(office: Office, hours: float, day: date, booked: datetime) -> str:
    return str(office.redmine.book(office.acme, office.anna, hours, day, created_on=booked))


def of_client(result: CloseResult, client: str) -> list[dict[str, Any]]:
    return [dict(draft) for draft in result.drafts if draft["client"] == client]


def test_late_time_goes_on_the_next_invoice_at_its_own_rate(office: Office) -> None:
    """45 min at 60.00 are 45.00; 105 min at 72.00 are 126.00; 120 min are 144.00: 315.00 in all."""
    assert office.rows("select number from invoices order by id") == ["2026-0001"]

    [acme] = of_client(office.studio(ON_NOVEMBER_2).close_month(OCTOBER), "acme")

    assert (acme["net"], acme["minutes"]) == ("315.00", 270)
    late = [line for line in acme["lines"] if line["heading"] is not None]
    assert [(line["heading"], line["entries"], line["net"]) for line in late] == [
        (EARLIER_MONTHS, [office.late], "45.00")
    ]
    assert (late[0]["rate_per_hour"], late[0]["first_day"], late[0]["last_day"]) == (
        "60.00",
        "2026-09-20",
        "2026-09-20",
    )
    september = office.studio(ON_NOVEMBER_2).reconcile(SEPTEMBER)
    assert september.balanced
    assert september.minutes()["billed"] == 105
    invoices = {row.entry: row.invoice for row in september.rows}
    assert invoices[office.late] == acme["number"]


def test_late_time_is_billed_once_however_often_months_are_closed(office: Office) -> None:
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER)
    office.studio(ON_NOVEMBER_4).close_month(OCTOBER)
    office.studio(ON_NOVEMBER_4).close_month(SEPTEMBER)
    office.studio(ON_DECEMBER_2).close_month(NOVEMBER)
    assert office.rows("select count(*) from allocations where entry = ?", office.late) == [1]


def test_what_comes_after_the_close_waits_for_the_next_invoice(office: Office) -> None:
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER)
    later = book_late(office, 0.5, date(2026, 10, 20), ON_NOVEMBER_3)

    certificate = office.studio(ON_NOVEMBER_4).reconcile(OCTOBER)
    [row] = [row for row in certificate.rows if row.entry == later]
    assert (row.placed, row.minutes) == ("unbilled", 30)
    assert "next invoice" in row.reason
    assert certificate.balanced

    [acme] = of_client(office.studio(ON_DECEMBER_2).close_month(NOVEMBER), "acme")
    assert [(line["heading"], line["entries"]) for line in acme["lines"]] == [(EARLIER_MONTHS, [later])]
    assert acme["net"] == "36.00"


def test_a_supplement_bills_late_time_of_a_closed_month_at_once(office: Office) -> None:
    """Half an hour at 72.00 is 36.00; a quarter more goes on a second supplement."""
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER)
    later = book_late(office, 0.5, date(2026, 10, 20), ON_NOVEMBER_3)

    result = office.studio(ON_NOVEMBER_4).close_month(OCTOBER, supplement=True)
    main, supplement = of_client(result, "acme")
    assert (main["supplement"], supplement["supplement"]) == (0, 1)
    assert ([line["entries"] for line in supplement["lines"]], supplement["net"]) == ([[later]], "36.00")
    facts = office.facts()
    assert office.studio(ON_NOVEMBER_4).close_month(OCTOBER, supplement=True).created == 0
    assert office.facts() == facts

    book_late(office, 0.25, date(2026, 10, 21), ON_NOVEMBER_4)
    third = of_client(office.studio(ON_NOVEMBER_5).close_month(OCTOBER, supplement=True), "acme")
    assert [draft["supplement"] for draft in third] == [0, 1, 2]
    assert third[2]["net"] == "18.00"
    assert office.studio(ON_NOVEMBER_5).reconcile(OCTOBER).minutes()["unbilled"] == 0


def test_a_cancelled_invoice_is_issued_anew_with_every_minute(office: Office) -> None:
    """Late lines too. The number stays taken, the cancellation has the next one, the new invoice the one after."""
    before = of_client(office.studio(ON_NOVEMBER_2).close_month(OCTOBER), "acme")[0]
    assert before["number"] == "2026-0002"
    folder = office.folder / "published" / before["link"].split("/")[3]
    assert (folder / "invoice.html").exists()

    done = office.studio(ON_NOVEMBER_3).cancel("2026-0002", "Wrong address")

    assert (done.number, done.cancels, done.client, str(done.month)) == ("2026-0004", "2026-0002", "acme", "2026-10")
    assert (done.created, done.problems) == (True, ())
    assert not (folder / "invoice.pdf").exists()
    assert office.studio(ON_NOVEMBER_3).documents.link("2026-0002") is None
    shown = office.studio(ON_NOVEMBER_3).documents.shown("2026-0004")
    assert (shown["kind"], shown["cancels"], shown["gross"]) == ("cancellation", "2026-0002", before["gross"])
    assert office.studio(ON_NOVEMBER_3).cancel("2026-0002", "Twice").number == "2026-0004"

    office.write_client("acme", "60.00")
    after = of_client(office.studio(ON_NOVEMBER_4).close_month(OCTOBER), "acme")
    assert [draft["number"] for draft in after] == ["2026-0005"]
    assert after[0]["net"] == "270.00", "all 270 minutes at 60.00 by now"
    entries = {entry for line in after[0]["lines"] for entry in line["entries"]}
    assert entries == {entry for line in before["lines"] for entry in line["entries"]}
    assert office.late in entries
    assert office.studio(ON_NOVEMBER_4).reconcile(OCTOBER).minutes()["unbilled"] == 0
    assert office.studio(ON_NOVEMBER_4).documents.numbers().problems == ()


def test_a_cancellation_leaves_the_other_clients_alone(office: Office) -> None:
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER)
    beta = of_client(office.studio(ON_NOVEMBER_2).close_month(OCTOBER), "beta")
    office.studio(ON_NOVEMBER_3).cancel("2026-0002", "Wrong address")
    assert of_client(office.studio(ON_NOVEMBER_4).close_month(OCTOBER), "beta") == beta


def test_cancellations_may_have_a_series_of_their_own(office: Office) -> None:
    office.write_settings(("[billing]", '[billing]\ncancellation_format = "C-{year}-{number:04d}"'))
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER)
    assert office.studio(ON_NOVEMBER_3).cancel("2026-0002", "Wrong address").number == "C-2026-0001"
    result = office.studio(ON_NOVEMBER_4).close_month(OCTOBER)
    assert [draft["number"] for draft in of_client(result, "acme")] == ["2026-0004"]
    assert office.studio(ON_NOVEMBER_4).documents.numbers().problems == ()


def test_a_letter_that_has_not_left_is_withdrawn(office: Office) -> None:
    """Nobody listens at the mail server's address: letters are made and wait; one invoice is taken back."""
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER)
    with pytest.raises(MailRefused):
        office.studio(ON_NOVEMBER_2).send_month(OCTOBER)
    waiting = "select recipient from letters where state = 'queued' order by recipient"
    assert office.rows(waiting) == ["acme@client.example", "beta@client.example"]

    done = office.studio(ON_NOVEMBER_3).cancel("2026-0002", "Wrong address")

    assert office.rows(waiting) == ["beta@client.example"]
    assert office.rows("select recipient from letters where state = 'withdrawn'") == ["acme@client.example"]
    assert done.letter_waits is False
    shown = office.studio(ON_NOVEMBER_3).send_month(OCTOBER, dry_run=True)
    assert [letter["to"] for letter in shown.letters] == ["beta@client.example"]
    assert [message["number"] for message in shown.messages] == ["2026-0003"]


def test_what_cannot_be_taken_back_is_refused(office: Office) -> None:
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER)
    with pytest.raises(UnknownInvoice):
        office.studio(ON_NOVEMBER_3).cancel("2026-0099", "Why")
    with pytest.raises(IssueDateRefused, match="future"):
        office.studio(ON_NOVEMBER_3).cancel("2026-0002", "Why", issue_date=date(2026, 11, 4))
    with pytest.raises(IssueDateRefused):
        office.studio(ON_NOVEMBER_3).cancel("2026-0002", "Why", issue_date=date(2026, 11, 1))
    done = office.studio(ON_NOVEMBER_3).cancel("2026-0002", "Why")
    with pytest.raises(InvoiceStateError):
        office.studio(ON_NOVEMBER_3).cancel(done.number, "Why")


def test_a_supplement_can_be_taken_back_alone(office: Office) -> None:
    office.studio(ON_NOVEMBER_2).close_month(OCTOBER)
    later = book_late(office, 0.5, date(2026, 10, 20), ON_NOVEMBER_3)
    office.studio(ON_NOVEMBER_4).close_month(OCTOBER, supplement=True)
    office.studio(ON_NOVEMBER_4).cancel("2026-0004", "Not agreed")

    [row] = [row for row in office.studio(ON_NOVEMBER_5).reconcile(OCTOBER).rows if row.entry == later]
    assert row.placed == "unbilled"
    again = of_client(office.studio(ON_NOVEMBER_5).close_month(OCTOBER, supplement=True), "acme")
    assert [draft["number"] for draft in again] == ["2026-0002", "2026-0006"]
    assert again[1]["net"] == "36.00"
