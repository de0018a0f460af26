"""Time sheet and price list: as words, as pages, as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from studio_invoices.annexes import PriceList, PriceRow, TimeRow, TimeSheet
from studio_invoices.model import Invoice, Party
from studio_invoices.pdf import draw, render_pdf
from studio_invoices.sheet_annexes import price_list_words, time_sheet_words
from studio_invoices.timesheet_csv import COLUMNS, time_sheet_csv

Make = Callable[..., Invoice]
SELLER = Party("Webwerk Studio GmbH", ("Lindenallee 12", "20259 Hamburg"), "DE", vat_id="DE136695976")
BUYER = Party("ACME GmbH", ("Hauptstr. 1", "10115 Berlin"), "DE")
ROWS = (
    TimeRow(date(2026, 11, 2), "Anna", "Shop", "Form", 90, "4711", "2026110210000017", "Done & tested", line=1),
    TimeRow(date(2026, 11, 3), "Jan", "Shop", "Mail", 20, label="Goodwill"),
    TimeRow(date(2025, 12, 31), "Anna", "", "Call", 5),
)


def time_sheet(*rows: TimeRow, **values: object) -> TimeSheet:
    period = (date(2026, 11, 1), date(2026, 11, 30))
    made = TimeSheet("2026-0117", date(2026, 11, 30), *period, "en", SELLER, BUYER, rows or ROWS)
    return replace(made, **values)  # type: ignore[arg-type]  # the test's to get right


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def squeezed(text: str) -> str:
    return re.sub("[ \n]", "", text)


def test_a_time_sheet_is_grouped_and_summed() -> None:
    """1:30 + 0:20 = 1:50 for the shop, 0:05 without a project, 1:55 in all; 1:35 of them Anna's."""
    words = time_sheet_words(time_sheet())
    assert [(p.name, p.subtotal_time) for p in words.projects] == [("Shop", "1:50"), ("Other work", "0:05")]
    assert words.total == ("Total", "1:55")
    assert words.annex.facts == (
        ("Client", "ACME GmbH"),
        ("Service period", "November 2026"),
        ("Time, h:mm", "1:55"),
        ("By person", "Anna\u00a01:35 · Jan\u00a00:20"),
    )
    first, second = words.projects[0].entries
    assert (first.day, first.details, first.time) == ("Nov\u00a02", ("#4711", "Ticket 2026110210000017"), "1:30")
    assert (second.details, second.label) == ((), "Goodwill")
    assert words.projects[1].entries[0].day == "Dec\u00a031,\u00a02025"  # another year than the period's


def test_one_person_needs_no_sums_by_person() -> None:
    """The total says it already."""
    assert "By person" not in dict(time_sheet_words(time_sheet(ROWS[0])).annex.facts)


def test_titles_name_the_invoice() -> None:
    """Or say that it is a draft."""
    assert time_sheet_words(time_sheet()).annex.title == "Time sheet for invoice 2026-0117"
    draft = time_sheet_words(time_sheet(invoice_number=None, language="de")).annex
    assert (draft.title, draft.draft_mark) == ("Stundennachweis (Entwurf)", "ENTWURF")


def test_every_word_of_a_time_sheet_is_text_in_the_file() -> None:
    """Client's text literally, whatever it holds."""
    rows = (*ROWS, TimeRow(date(2026, 11, 5), "Ĝ <b>", "Ж", "x" * 90, 1, text="\u05e9 \U0001f3a8 " + "word " * 200))
    text = squeezed("".join(pages_of(render_pdf(time_sheet(*rows, notes=("Checked.",)), "timesheet"))))
    for word in ("Anna", "Nov\u00a02", "#4711·Ticket2026110210000017", "Done&tested", "Goodwill", "Ĝ<b>", "x" * 90):
        assert squeezed(word) in text
    assert "[U+05E9][U+1F3A8]wordword" in text
    assert text.count("word") == 200  # on more lines than a row keeps together
    assert "Checked." in text
    assert "Dec\u00a031,\u00a02025" in text


@pytest.mark.parametrize("count", [1, 2, 29, 30, 31, 400])
def test_every_booking_stands_once_in_order(count: int) -> None:
    """Each page has the column heads; the total is not alone."""
    rows = [TimeRow(date(2026, 11, 2), "Anna", f"P{i * 3 // count}", f"Booking {i}", 10) for i in range(count)]
    pages = pages_of(render_pdf(time_sheet(*rows), "timesheet"))
    assert [int(n) for page in pages for n in re.findall(r"Booking (\d+)", page)] == list(range(count))
    assert all("Person" in page and f"Page {i} of {len(pages)}" in page for i, page in enumerate(pages, start=1))
    assert "Booking" in pages[-1]


def test_a_time_sheet_may_follow_its_invoice(invoice_of: Make) -> None:
    """In one file, with page numbers of its own and an outline that leads to both."""
    drawing = draw(invoice_of(), time_sheet=time_sheet())
    assert [(mark.title, mark.page) for mark in drawing.bookmarks] == [
        ("Invoice 2026-0117", 0),
        ("Time sheet for invoice 2026-0117", 1),
    ]
    content = render_pdf(invoice_of(), time_sheet=time_sheet())
    assert all("Page 1 of 1" in page for page in pages_of(content))
    outline = PdfReader(io.BytesIO(content)).outline
    assert [item.title for item in outline if not isinstance(item, list)] == [mark.title for mark in drawing.bookmarks]


def price_list(*rows: PriceRow, **values: object) -> PriceList:
    made = PriceList(date(2026, 11, 30), "en", "EUR", "net", SELLER, BUYER, rows)
    return replace(made, **values)  # type: ignore[arg-type]  # the test's to get right


def test_a_price_list_says_for_whom_and_from_when() -> None:
    """What is not narrowed is for all."""
    words = price_list_words(
        price_list(
            PriceRow(date(2026, 1, 1), Decimal("95")),
            PriceRow(date(2026, 2, 1), Decimal("120.5"), "Anna", "Advice"),
            contract_number="12",
            contract_date=date(2025, 3, 1),
            notes=("Plus VAT.",),
        )
    )
    assert words.rows == (
        ("Jan\u00a01,\u00a02026", "All specialists", "All activities", "95.00"),
        ("Feb\u00a01,\u00a02026", "Anna", "Advice", "120.50"),
    )
    assert words.annex.facts == (("Client", "ACME GmbH"), ("Contract", "12 of March\u00a01,\u00a02025"))
    assert words.annex.notes == ("Prices valid on November\u00a030,\u00a02026", "Plus VAT.")
    assert words.annex.columns[3] == "Per hour, EUR"
    assert price_list_words(price_list(prices="gross")).annex.columns[3] == "Per hour incl. tax, EUR"


def test_a_price_list_is_one_page_of_text() -> None:
    """And an undated contract, or none, is no error."""
    rows = [PriceRow(date(2026, 1, 1), Decimal(90 + i), f"Person {i}") for i in range(12)]
    (page,) = pages_of(render_pdf(price_list(*rows, contract_number="12"), "prices"))
    assert all(f"Person {i}" in page for i in range(12))
    assert "101.00" in page
    assert "USt" not in page
    assert "DE136695976" in page


def test_csv_has_a_head_and_a_row_a_booking() -> None:
    """Dates and minutes for programs, h:mm for people; lines end in CR LF."""
    content = time_sheet_csv(time_sheet())
    assert content.split("\r\n")[:2] == [
        "date,person,project,issue,task,ticket,text,minutes,time,line,not_charged",
        "2026-11-02,Anna,Shop,4711,Form,2026110210000017,Done & tested,90,1:30,1,",
    ]
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert (rows[1]["line"], rows[1]["not_charged"], rows[1]["issue"]) == ("", "Goodwill", "")
    assert list(rows[0]) == list(COLUMNS)


@pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_csv_holds_no_formulas(text: str) -> None:
    """A spreadsheet would run them; the apostrophe makes it text."""
    sheet = time_sheet(TimeRow(date(2026, 11, 2), text, text, text, 1, text, text, text, text))
    (row,) = csv.DictReader(io.StringIO(time_sheet_csv(sheet), newline=""))
    named = ("person", "project", "issue", "task", "ticket", "text", "not_charged")
    assert [row[name] for name in named] == ["'" + text] * 7


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=50).filter(
        lambda text: text[:1] not in "=+-@\t\r"
    )
)
def test_csv_gives_texts_back(text: str) -> None:
    """Quotes, commas, line breaks."""
    sheet = time_sheet(TimeRow(date(2026, 11, 2), "Anna", "", text, 1))
    (row,) = csv.DictReader(io.StringIO(time_sheet_csv(sheet), newline=""))
    assert row["task"] == text
