"""Acts beside invoices: a series of their own, dated by the month, undone with the invoice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from studio_support.billing.ledger import Ledger
from studio_support.billing.series_audit import audit_series
from studio_support.errors import EntryTaken, Refused
from studio_support.period import Month
from studio_support.store.check import check
from studio_support.testing.drafts import SELLER, draft, entry, order

END = date(2026, 10, 31)
NOVEMBER = Month(2026, 11)


def acts(ledger: Ledger) -> list[tuple[str, str, date]]:
    """(invoice, act, day), in the order of issue."""
    found = [(row.number, ledger.act(row.id)) for row in ledger.invoices()]
    return [(number, act.number, act.act_date) for number, act in found if act is not None]


def test_an_act_has_its_own_number_and_the_last_day_of_the_month(ledger: Ledger) -> None:
    """Beside the second invoice only: it is the first act."""
    ledger.issue(order(draft("acme", entry(1))))
    done = ledger.issue(order(draft("beta", entry(2)), act_date=END))
    assert acts(ledger) == [("2026-0002", "2026-0001", END)]
    document = ledger.act_document(done.invoice_id or 0)
    assert document is not None
    assert (document.number, document.act_date) == ("2026-0001", END)
    assert document.invoice == ledger.invoice("2026-0002").document
    assert ledger.act_document(1) is None


def test_acts_of_earlier_months_may_follow_those_of_later_ones(ledger: Ledger) -> None:
    """Months are closed in any order; the numbers go on, and the audit finds nothing."""
    november = draft("acme", entry(1, spent_on=date(2026, 11, 3)), month=NOVEMBER)
    ledger.issue(order(november, issue_date=date(2026, 12, 1), act_date=NOVEMBER.last_day))
    ledger.issue(order(draft("beta", entry(2)), issue_date=date(2026, 12, 1), act_date=END))
    assert [(act, day) for _, act, day in acts(ledger)] == [("2026-0001", NOVEMBER.last_day), ("2026-0002", END)]
    series = list(ledger.series_rows())
    assert [(row.kind, len(row.documents)) for row in series] == [("act", 2), ("invoice", 2)]
    assert audit_series(series) == []
    assert check(ledger.store.url) == []


def test_the_year_of_an_act_is_that_of_its_day(ledger: Ledger) -> None:
    """December closed in January: the invoice is of the new year, the act of the old one."""
    december = draft("acme", entry(1, spent_on=date(2026, 12, 3)), month=Month(2026, 12))
    seller = replace(SELLER, act_format="A{number}/{year}", first_act_number=57)
    ledger.issue(order(december, seller=seller, issue_date=date(2027, 1, 11), act_date=date(2026, 12, 31)))
    assert acts(ledger) == [("2027-0001", "A57/2026", date(2026, 12, 31))]


def test_a_repeated_close_makes_no_second_act(ledger: Ledger) -> None:
    """What stands is returned as it stands."""
    wanted = order(draft("acme", entry(1)), act_date=END)
    ledger.issue(wanted)
    assert not ledger.issue(wanted).created
    assert len(acts(ledger)) == 1


def test_a_refused_close_takes_no_number_of_an_act(ledger: Ledger) -> None:
    """The number is taken in the invoice's own transaction."""
    ledger.issue(order(draft("acme", entry(1)), act_date=END))
    with pytest.raises(EntryTaken):
        ledger.issue(order(draft("beta", entry(1)), act_date=END))
    ledger.issue(order(draft("beta", entry(2)), act_date=END))
    assert [act for _, act, _ in acts(ledger)] == ["2026-0001", "2026-0002"]


def test_a_cancelled_invoice_has_its_act_corrected(ledger: Ledger) -> None:
    """By an act of the cancellation, dated as it is; an invoice without act gets none."""
    ledger.issue(order(draft("acme", entry(1)), act_date=END))
    ledger.issue(order(draft("beta", entry(2))))
    now, day = datetime(2026, 11, 3, 8, 0, tzinfo=UTC), date(2026, 11, 3)
    for number in ("2026-0001", "2026-0002"):
        ledger.cancel(number, reason="wrong", person="i.petrova", now=now, issue_date=day, seller=SELLER)
    assert acts(ledger) == [("2026-0001", "2026-0001", END), ("2026-0003", "2026-0002", day)]
    cancellation = ledger.act_document(3)
    assert cancellation is not None
    assert (cancellation.invoice.kind, cancellation.invoice.corrects) == ("cancellation", "2026-0001")


def test_an_act_that_would_take_work_back_before_it_was_done_is_refused(ledger: Ledger) -> None:
    """An invoice of the 2nd for work of the 5th: its act is taken back on the 5th at the earliest. None is lost."""
    early, work = date(2026, 10, 2), date(2026, 10, 5)
    ledger.issue(order(draft("acme", entry(1, spent_on=work)), issue_date=early, act_date=END))
    now = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="before the last day of its work, 2026-10-05") as refused:
        ledger.cancel("2026-0001", reason="wrong", person="i.petrova", now=now, issue_date=early, seller=SELLER)
    assert refused.value.next_step == "Date it 2026-10-05 or later."
    assert acts(ledger) == [("2026-0001", "2026-0001", END)]
    done = ledger.cancel("2026-0001", reason="wrong", person="i.petrova", now=now, issue_date=work, seller=SELLER)
    assert done.number == "2026-0002"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE acts SET number = '2026-0002'",
        "UPDATE acts SET act_date = '2026-11-30'",
        "DELETE FROM acts",
        "INSERT OR REPLACE INTO acts SELECT * FROM acts",
    ],
)
def test_an_act_stays_as_it_was_issued(ledger: Ledger, statement: str) -> None:
    """Held by the database itself."""
    ledger.issue(order(draft("acme", entry(1)), act_date=END))
    with pytest.raises(IntegrityError, match="acts: written once"), ledger.store.writing() as connection:
        connection.exec_driver_sql(statement)


def test_the_file_of_an_act_is_recorded_once(ledger: Ledger) -> None:
    """The first sum stays."""
    ledger.issue(order(draft("acme", entry(1)), act_date=END))
    with ledger.store.writing() as connection:
        connection.exec_driver_sql("UPDATE acts SET pdf_sha256 = 'a'")
    with pytest.raises(IntegrityError, match="written once"), ledger.store.writing() as connection:
        connection.exec_driver_sql("UPDATE acts SET pdf_sha256 = 'b'")
    act = ledger.act(1)
    assert act is not None
    assert act.pdf_sha256 == "a"
