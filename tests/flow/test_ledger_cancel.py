"""Taking an invoice back: a document of its own number, everything freed, the month open again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from studio_support.billing.ledger import Ledger
from studio_support.billing.ledger_types import Issued
from studio_support.errors import InvoiceStateError, IssueDateRefused, NumberTaken, Refused, UnknownInvoice
from studio_support.period import Month
from studio_support.store.check import check
from studio_support.store.tables import letters, outbox
from studio_support.testing.drafts import NOW, OCTOBER, SELLER, draft, entry, order

LATER = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)


def cancel(ledger: Ledger, number: str, **more: object) -> Issued:
    values: dict[str, object] = {
        "reason": "wrong client",
        "person": "i.petrova",
        "now": LATER,
        "issue_date": date(2026, 11, 3),
        "seller": SELLER,
    }
    return ledger.cancel(number, **(values | more))  # type: ignore[arg-type]  # the keywords of cancel, some replaced


@pytest.fixture
def issued(ledger: Ledger) -> Issued:
    made = draft("acme", entry(1, 90), entry(2, 30), set_aside=((entry(3, 15), "goodwill", "gift"),))
    return ledger.issue(order(made))


def letter(ledger: Ledger, invoice_id: int | None, recipient: str, state: str) -> None:
    with ledger.store.writing() as connection:
        box = connection.execute(select(outbox.c.id).where(outbox.c.invoice_id == invoice_id)).scalar_one()
        values = {"outbox_id": box, "recipient": recipient, "message_id": recipient, "state": state}
        connection.execute(insert(letters).values(**values, changed_at=NOW))


def mail(ledger: Ledger) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(kind, state) of the outbox and (recipient, state) of the letters."""
    with ledger.store.reading() as connection:
        boxes = [(row.kind, row.state) for row in connection.execute(select(outbox).order_by(outbox.c.id))]
        sent = [(row.recipient, row.state) for row in connection.execute(select(letters).order_by(letters.c.id))]
    return boxes, sent


def test_the_cancellation_has_the_next_number_and_names_the_original(ledger: Ledger, issued: Issued) -> None:
    done = cancel(ledger, "2026-0001")
    assert (done.number, done.created, done.client, done.month) == ("2026-0002", True, "acme", OCTOBER)
    stored = ledger.invoice("2026-0002")
    assert stored.document.number == "2026-0002"
    assert stored.document.kind == "cancellation"
    assert (stored.document.corrects, stored.document.corrects_date) == ("2026-0001", date(2026, 11, 2))
    assert stored.document.reason == "wrong client"
    assert stored.document.issue_date == date(2026, 11, 3)
    assert stored.document.due_date is None
    assert stored.document.lines == ledger.invoice("2026-0001").document.lines
    assert (stored.row.cancels, stored.row.state, stored.row.link_live) == ("2026-0001", "issued", True)


def test_the_original_stays_as_issued_but_for_state_and_link(ledger: Ledger, issued: Issued) -> None:
    before = ledger.invoice("2026-0001")
    cancel(ledger, "2026-0001")
    after = ledger.invoice("2026-0001")
    assert after.document == before.document
    assert after.basis == before.basis
    assert (after.row.state, after.row.link_live, after.row.cancelled_by) == ("cancelled", False, "2026-0002")
    assert [row.number for row in ledger.revoked_links()] == ["2026-0001"]


def test_every_entry_is_freed_and_the_month_can_be_closed_anew(ledger: Ledger, issued: Issued, store_url: str) -> None:
    cancel(ledger, "2026-0001")
    known = ledger.view(OCTOBER, ["acme"], ["1", "2", "3"])
    assert (known.allocations, known.dispositions, known.closed, known.past) == ({}, {}, {}, {})
    again = ledger.issue(order(draft("acme", entry(1, 90), entry(2, 45)), issue_date=date(2026, 11, 3)))
    assert (again.number, again.created) == ("2026-0003", True)
    assert ledger.view(OCTOBER, ["acme"], ["1"]).allocations["1"].invoice == "2026-0003"
    assert check(store_url) == []


def test_repeated_it_names_the_cancellation_that_stands(ledger: Ledger, issued: Issued) -> None:
    first = cancel(ledger, "2026-0001")
    again = cancel(ledger, "2026-0001", reason="another reason")
    assert (again.number, again.invoice_id, again.created) == ("2026-0002", first.invoice_id, False)
    assert len(ledger.invoices()) == 2
    assert ledger.invoice("2026-0002").document.reason == "wrong client"


def test_a_cancelled_month_closed_anew_is_cancelled_by_its_own_document(ledger: Ledger, issued: Issued) -> None:
    cancel(ledger, "2026-0001")
    ledger.issue(order(draft("acme", entry(1)), issue_date=date(2026, 11, 3)))
    assert cancel(ledger, "2026-0003").number == "2026-0004"
    assert [row.cancelled_by for row in ledger.invoices()] == ["2026-0002", None, "2026-0004", None]


def test_what_cannot_be_cancelled(ledger: Ledger, issued: Issued) -> None:
    cancel(ledger, "2026-0001")
    with pytest.raises(InvoiceStateError, match="itself a cancellation"):
        cancel(ledger, "2026-0002")
    with pytest.raises(UnknownInvoice):
        cancel(ledger, "2026-9999")


def test_a_refused_cancellation_writes_nothing(ledger: Ledger, issued: Issued) -> None:
    with pytest.raises(IssueDateRefused, match="before 2026-11-02"):
        cancel(ledger, "2026-0001", issue_date=date(2026, 11, 1))
    with pytest.raises(Refused, match="reason"):
        cancel(ledger, "2026-0001", reason="  ")
    with pytest.raises(ValueError, match="was issued by seller ''"):
        cancel(ledger, "2026-0001", seller=type(SELLER)("de", SELLER.party))
    with pytest.raises(ValueError, match="names a person"):
        cancel(ledger, "2026-0001", person="")
    assert [(row.number, row.state) for row in ledger.invoices()] == [("2026-0001", "issued")]
    assert [row.verb for row in ledger.audit_rows()] == ["close"]
    assert ledger.series_rows()[0].next_number == 2


def test_a_series_of_its_own_for_cancellations_begins_with_one(ledger: Ledger, issued: Issued) -> None:
    own = type(SELLER)("", SELLER.party, first_number=50, cancellation_format="ST-{year}-{number:03d}")
    assert cancel(ledger, "2026-0001", seller=own).number == "ST-2026-001"
    assert [(row.kind, row.next_number) for row in ledger.series_rows()] == [("cancellation", 2), ("invoice", 2)]


def test_a_printed_number_that_another_document_bears_is_refused(ledger: Ledger, issued: Issued) -> None:
    own = type(SELLER)("", SELLER.party, cancellation_format="{year}-{number:04d}")
    with pytest.raises(NumberTaken) as caught:
        cancel(ledger, "2026-0001", seller=own)
    assert caught.value.number == "2026-0001"
    assert len(ledger.invoices()) == 1


def test_mail_that_was_not_handed_over_is_withdrawn_and_nobody_is_told(ledger: Ledger, issued: Issued) -> None:
    letter(ledger, issued.invoice_id, "a@acme.example", "queued")
    letter(ledger, issued.invoice_id, "b@acme.example", "refused")
    cancel(ledger, "2026-0001")
    assert mail(ledger) == (
        [("invoice", "withdrawn")],
        [("a@acme.example", "withdrawn"), ("b@acme.example", "withdrawn")],
    )


@pytest.mark.parametrize("state", ["handing over", "accepted", "uncertain"])
def test_a_client_who_may_have_the_invoice_is_told(ledger: Ledger, issued: Issued, state: str) -> None:
    letter(ledger, issued.invoice_id, "a@acme.example", state)
    letter(ledger, issued.invoice_id, "b@acme.example", "queued")
    cancel(ledger, "2026-0001")
    assert mail(ledger) == (
        [("invoice", "queued"), ("cancellation", "queued")],
        [("a@acme.example", state), ("b@acme.example", "withdrawn")],
    )


def test_the_audit_log_names_who_why_and_what(ledger: Ledger, issued: Issued) -> None:
    cancel(ledger, "2026-0001")
    (row,) = ledger.audit_rows("invoice:2026-0001")
    assert (row.verb, row.person, row.at) == ("cancel", "i.petrova", LATER)
    assert '"by": "2026-0002"' in row.detail
    assert '"entries_freed": 3' in row.detail
    assert '"reason": "wrong client"' in row.detail


def test_a_month_counts_as_open_while_only_a_supplement_of_it_stands(ledger: Ledger, issued: Issued) -> None:
    ledger.issue(order(draft("acme", entry(9), supplement=1)))
    cancel(ledger, "2026-0001")
    known = ledger.view(OCTOBER, ["acme"], ["9"])
    assert known.closed == {}
    assert known.allocations["9"].invoice == "2026-0002"
    ledger.issue(order(draft("acme", entry(1, 90)), issue_date=date(2026, 11, 3)))
    assert [row.supplement for row in ledger.view(OCTOBER, ["acme"], []).closed["acme"]] == [0, 1]


AUGUST, SEPTEMBER = Month(2026, 8), Month(2026, 9)
READ_AUGUST, READ_SEPTEMBER, READ_OCTOBER = (datetime(2026, month, 1, 6, tzinfo=UTC) for month in (9, 10, 11))
SINCE_AUGUST = datetime(2026, 8, 31, 6, tzinfo=UTC)


@pytest.fixture
def three_months(ledger: Ledger) -> None:
    """August, then September with a late entry of August, then October."""
    august, september = date(2026, 8, 9), date(2026, 9, 9)
    ledger.issue(order(draft("acme", entry("a", spent_on=august), month=AUGUST), read_started_at=READ_AUGUST))
    made = draft("acme", entry("s", spent_on=september), entry("late", spent_on=august), month=SEPTEMBER)
    ledger.issue(order(made, read_started_at=READ_SEPTEMBER, late_since=SINCE_AUGUST))
    ledger.issue(order(draft("acme", entry("o")), read_started_at=READ_OCTOBER, late_since=READ_SEPTEMBER))


@pytest.mark.usefixtures("three_months")
def test_freed_late_time_is_sought_again_as_far_back_as_it_was_found(ledger: Ledger) -> None:
    assert ledger.oldest_mark(["acme"]) == READ_OCTOBER
    cancel(ledger, "2026-0002")
    assert ledger.oldest_mark(["acme"]) == SINCE_AUGUST


@pytest.mark.usefixtures("three_months")
def test_once_billed_anew_late_time_is_no_longer_sought(ledger: Ledger) -> None:
    cancel(ledger, "2026-0002")
    made = draft(
        "acme", entry("s", spent_on=date(2026, 9, 9)), entry("late", spent_on=date(2026, 8, 9)), month=SEPTEMBER
    )
    ledger.issue(order(made, issue_date=date(2026, 11, 3), read_started_at=LATER, late_since=SINCE_AUGUST))
    assert ledger.oldest_mark(["acme"]) == READ_OCTOBER


@pytest.mark.usefixtures("three_months")
def test_late_time_that_a_search_as_far_back_did_not_find_is_gone(ledger: Ledger) -> None:
    cancel(ledger, "2026-0002")
    made = draft("acme", entry("s", spent_on=date(2026, 9, 9)), month=SEPTEMBER)
    ledger.issue(order(made, issue_date=date(2026, 11, 3), read_started_at=LATER, late_since=READ_AUGUST))
    assert ledger.oldest_mark(["acme"]) == SINCE_AUGUST  # that one did not look far enough
    more = draft("acme", entry("n", spent_on=date(2026, 11, 2)), month=Month(2026, 11))
    after = LATER + timedelta(minutes=1)  # a read of the very instant of the cancellation may have come before it
    ledger.issue(order(more, issue_date=date(2026, 11, 3), read_started_at=after, late_since=SINCE_AUGUST))
    assert ledger.oldest_mark(["acme"]) == after


@pytest.mark.usefixtures("three_months")
def test_cancelling_a_month_without_late_time_moves_the_mark_to_the_month_before(ledger: Ledger) -> None:
    cancel(ledger, "2026-0003")
    assert ledger.oldest_mark(["acme"]) == READ_SEPTEMBER


@pytest.mark.usefixtures("three_months")
def test_a_cancelled_supplement_held_late_time_of_its_own_month(ledger: Ledger) -> None:
    extra = draft("acme", entry("x", spent_on=date(2026, 10, 8)), supplement=1)
    ledger.issue(order(extra, read_started_at=LATER, late_since=READ_OCTOBER))
    cancel(ledger, "2026-0004")
    november = draft("acme", entry("n", spent_on=date(2026, 11, 2)), month=Month(2026, 11))
    ledger.issue(order(november, issue_date=date(2026, 11, 3), read_started_at=LATER, late_since=LATER))
    assert ledger.oldest_mark(["acme"]) == READ_OCTOBER
