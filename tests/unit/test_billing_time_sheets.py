"""Rows of time sheets: every booking of the lines, in an order that a reader can follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from studio_invoices.annexes import TimeRow
from studio_invoices.model import Party
from studio_support.billing.snapshot import to_invoice
from studio_support.billing.terms import Client
from studio_support.billing.time_sheets import rows_of, rows_text, time_rows, time_sheet, wants_sheet
from studio_support.testing.drafts import SELLER, draft, entry

ACME = Client("acme", Party("ACME"), "en", "EUR", documents=("invoice", "timesheet"))
PLAIN = replace(ACME, documents=("invoice", "act"))


def test_a_sheet_is_for_those_who_want_it() -> None:
    assert (wants_sheet(ACME), wants_sheet(PLAIN)) == (True, False)


def test_rows_follow_the_invoices_projects_then_the_days() -> None:
    """Two lines of one project with a line of another between: the project's bookings stand together, by day. What is
    shown and not charged keeps its label."""
    one = draft("acme", entry(1, 60, date(2026, 10, 7)), entry(2, 30, date(2026, 10, 5), user="Bob"))
    (line,) = one.lines
    free = replace(line, title="Under guarantee", label="free", entries=(entry(3, 15, date(2026, 10, 6)),))
    shop = replace(line, project="shop", issue=12, ticket="T1", entries=(entry(4, 45, date(2026, 10, 1)),))
    rows = time_rows(replace(one, lines=(line, shop, free)), ACME)
    assert [(row.project, row.day.day, row.person, row.minutes, row.line, row.label) for row in rows] == [
        ("site", 5, "Bob", 30, 1, None),
        ("site", 6, "Ann", 15, 3, "free"),
        ("site", 7, "Ann", 60, 1, None),
        ("shop", 1, "Ann", 45, 2, None),
    ]
    assert [(row.task, row.issue, row.ticket) for row in rows[2:]] == [
        ("Development", None, None),
        ("Development", "12", "T1"),
    ]


def test_comments_are_for_clients_who_get_comments() -> None:
    made = draft("acme", entry(1, comments=" called Ann "))
    assert [row.text for row in time_rows(made, ACME)] == [""]
    assert [row.text for row in time_rows(made, replace(ACME, comments=True))] == ["called Ann"]


def test_rows_are_kept_whole() -> None:
    """As text and back; the head is the invoice's."""
    made = draft("acme", entry(1, 45))
    invoice = replace(to_invoice(made, ACME, SELLER, date(2026, 11, 2)), number="7", rounding_note="to the quarter")
    row = TimeRow(date(2026, 10, 5), "Ann", "site", "Задача", 45, "5", "T", "text", "label", 1)
    sheet = time_sheet(invoice, (row,))
    assert rows_of(rows_text(sheet)) == (row,)
    assert "Задача" in rows_text(sheet)
    assert (sheet.invoice_number, sheet.issue_date, sheet.language) == ("7", date(2026, 11, 2), "en")
    assert (sheet.period_start, sheet.period_end) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (sheet.seller.name, sheet.buyer.name, sheet.notes) == ("Web Studio", "ACME", ("to the quarter",))
    assert time_sheet(replace(invoice, rounding_note=""), ()).notes == ()
