"""The proof of a series: what breaks it is found and named."""

from __future__ import annotations

from datetime import date

from studio_support.billing.ledger_types import SeriesDocument, SeriesRow
from studio_support.billing.series_audit import audit_series


def series(
    *documents: tuple[int, str, date], first: int = 1, following: int | None = None, year: int = 2026
) -> SeriesRow:
    rows = tuple(SeriesDocument(*document) for document in documents)
    last = max((row.series_number for row in rows), default=first - 1)
    return SeriesRow("", "invoice", year, first, last + 1 if following is None else following, rows)


D1, D2 = date(2026, 11, 1), date(2026, 11, 2)


def test_a_sound_series_has_no_findings() -> None:
    sound = series((1, "2026-0001", D1), (2, "2026-0002", D1), (3, "2026-0003", D2))
    assert audit_series([sound, series(first=58)]) == []


def test_a_series_kept_by_hand_begins_where_it_was_left() -> None:
    assert audit_series([series((58, "2026-0058", D1), first=58)]) == []


def test_a_gap_names_what_is_missing() -> None:
    (one,) = audit_series([series((1, "A1", D1), (3, "A3", D1))])
    assert (one.fault, one.number, one.message) == ("gap", "2", "Before A3, number 2 is missing.")
    (many,) = audit_series([series((1, "A1", D1), (5, "A5", D1))])
    assert many.message == "Before A5, number 2 to 4 is missing."


def test_a_missing_first_number_is_a_gap_and_an_earlier_one_is_named() -> None:
    (gap,) = audit_series([series((2, "A2", D1))])
    assert (gap.fault, gap.number) == ("gap", "1")
    (early,) = audit_series([series((57, "A57", D1), (58, "A58", D1), first=58)])[:1]
    assert (early.fault, early.number) == ("first", "A57")


def test_a_number_given_twice_is_named() -> None:
    (found,) = audit_series([series((1, "A1", D1), (1, "A1b", D1))])
    assert (found.fault, found.number) == ("duplicate", "A1b")


def test_a_number_printed_twice_in_two_series_is_named_once() -> None:
    found = audit_series([series((1, "A1", D1)), series((1, "A1", D1), year=0)])
    assert [(row.fault, row.number) for row in found] == [("duplicate", "A1")]


def test_dates_never_go_back() -> None:
    (found,) = audit_series([series((2, "A2", D1), (1, "A1", D2))])
    assert (found.fault, found.number) == ("date", "A2")


def test_every_date_before_the_latest_is_named() -> None:
    found = audit_series([series((1, "A1", D2), (2, "A2", D1), (3, "A3", D1))])
    assert [row.number for row in found] == ["A2", "A3"]


def test_a_document_of_another_year_is_named() -> None:
    (found,) = audit_series([series((1, "A1", date(2027, 1, 1)))])
    assert (found.fault, found.number) == ("year", "A1")
    assert audit_series([series((1, "A1", date(2027, 1, 1)), year=0)]) == []


def test_a_counter_that_ran_ahead_is_named() -> None:
    (found,) = audit_series([series((1, "A1", D1), following=5)])
    assert (found.fault, found.number) == ("counter", "5")


def test_a_finding_is_a_problem_of_its_series() -> None:
    problem = audit_series([series((2, "A2", D1))])[0].as_problem()
    assert problem.source == "series:seller/invoice/2026"
    assert problem.next_step
    running = audit_series([series((2, "A2", D1), year=0)])[0].as_problem()
    assert running.source == "series:seller/invoice/running"


def test_acts_may_be_dated_back_and_bear_the_number_of_an_invoice() -> None:
    """An act bears the last day of its month, whenever that was closed; a gap among acts is found all the same."""
    acts = SeriesRow("", "act", 2026, 1, 4, (SeriesDocument(1, "2026-0001", D2), SeriesDocument(2, "2026-0002", D1)))
    invoices = series((1, "2026-0001", D1))
    assert [(row.kind, row.fault, row.number) for row in audit_series([invoices, acts])] == [("act", "counter", "4")]
