"""No page of any layout bears a stray: a heading, a total, a last row or a few lines of notes without company.

What stands on a page is told by its words alone: lines are "Task", projects "Project", notes "Note", small print is
whatever is below them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from studio_invoices.annexes import PriceList, PriceRow, TimeRow, TimeSheet
from studio_invoices.model import Act, Invoice, Kind
from studio_invoices.pdf import draw
from studio_invoices.pdf.shapes import Drawing, Text
from studio_support.testing.documents import BUYER, SELLER, sample_invoice, sample_lines, sample_russian

DAY = date(2026, 11, 30)
LEAST_LINES = 5  # of notes, where nothing else stands on a page
Make = Callable[[int, int, int], Drawing]


def _invoice(count: int, projects: int, notes: int, kind: Kind = "invoice") -> Invoice:
    """So many lines in so many projects; a third of them has a long comment."""
    lines = tuple(
        replace(
            line,
            title=f"Task {i}",
            project=f"Project {i * projects // count}",
            comments=("Said " * 40,) if i % 3 == 2 else (),
        )
        for i, line in enumerate(sample_lines("en", count))
    )
    values: dict[str, Any] = {"lines": lines, "notes": _notes(notes)}
    if kind == "cancellation":
        values |= {"corrects": "2026-0116", "corrects_date": DAY}
    return sample_invoice("en", count, kind, **values)


def _notes(count: int) -> tuple[str, ...]:
    return tuple(f"Note {i}" for i in range(count))


def _russian(count: int, projects: int, notes: int, kind: Kind = "invoice") -> Invoice:
    made = _invoice(count, projects, notes, kind)
    bill = sample_russian(1)
    return replace(made, language="ru", currency="RUB", seller=bill.seller, buyer=bill.buyer, bank=bill.bank)


def _sheet(count: int, projects: int, notes: int) -> TimeSheet:
    rows = tuple(
        TimeRow(DAY, "Ann", f"Project {i * projects // count}", f"Task {i}", 60, text="Said " * (40 * (i % 3 == 2)))
        for i in range(count)
    )
    return TimeSheet("2026-0117", DAY, DAY.replace(day=1), DAY, "en", SELLER, BUYER, rows, _notes(notes))


def _prices(count: int, projects: int, notes: int) -> PriceList:
    rows = tuple(PriceRow(DAY + timedelta(i), Decimal(95), activity=f"Task {i}") for i in range(count))
    return PriceList(DAY, "en", "EUR", "net", SELLER, BUYER, rows, notes=_notes(notes))


LAYOUTS: dict[str, Make] = {
    "invoice": lambda *n: draw(_invoice(*n)),
    "cancellation": lambda *n: draw(_invoice(*n, "cancellation")),
    "bill": lambda *n: draw(_russian(*n)),
    "bill undone": lambda *n: draw(_russian(*n, "cancellation")),
    "act": lambda *n: draw(Act("5", DAY, _russian(*n)), "act"),
    "act undone": lambda *n: draw(Act("5", DAY, _russian(*n, "cancellation")), "act"),
    "time sheet": lambda *n: draw(_sheet(*n), "timesheet"),
    "prices": lambda *n: draw(_prices(*n), "prices"),
}
TOTALS = ("Total", "Всего", "Total due", "Total taken back", "Всего к оплате:", "Всего к уменьшению:", "Всего:")
COMPANY = ("Task", "Payment", "Руководитель", "Said")


def strays(drawing: Drawing) -> list[str]:
    """What stands without company, page by page; empty where all is well."""
    found = []
    foot = 800 if drawing.language == "ru" else 770
    pages = [_body(page, foot) for page in drawing.pages]
    for number, texts in enumerate(pages, start=1):
        headings = [i for i, text in enumerate(texts) if text.startswith("Project ")]
        lines = [i for i, text in enumerate(texts) if text.startswith(("Task ", "Said"))]
        found += [f"{number}: heading {texts[i]}" for i in headings if not any(i < line <= i + 4 for line in lines)]
        totals = [i for i, text in enumerate(texts) if text in TOTALS]
        found += [f"{number}: {texts[i]}" for i in totals if not any(line < i for line in lines)]
        subtotals = [i for i, text in enumerate(texts) if text.startswith("Subtotal")]
        found += [f"{number}: {texts[i]}" for i in subtotals if not any(line < i for line in lines)]
        if number > 1 and not any(text.startswith(COMPANY) for text in texts) and len(texts) < LEAST_LINES:
            found.append(f"{number}: alone {texts}")
    rows = [sum(text.startswith("Task ") for text in texts) for texts in pages]
    last = max((i for i, count in enumerate(rows) if count), default=0)
    # a row with a comment is no small one, and a project that is summed is whole
    if last and rows[last] == 1 and not any(text.startswith(("Said", "Subtotal")) for text in pages[last]):
        found.append(f"{last + 1}: one row")
    return found


def _body(page: tuple[Any, ...], foot: float) -> list[str]:
    """The lines of text between running head and foot, from top to bottom, each as its first words."""
    found = [shape for shape in page if isinstance(shape, Text) and not shape.angle and 62 < shape.y < foot]
    lines: dict[float, Text] = {}
    for text in sorted(found, key=lambda text: (round(text.y), text.x)):
        if text.content.startswith(("Task ", "Project ", "Subtotal")) or text.content in TOTALS:
            lines[round(text.y)] = text
        else:
            lines.setdefault(round(text.y), text)
    return [text.content for _, text in sorted(lines.items())]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_page_bears_a_stray_for_any_number_of_lines(layout: str) -> None:
    """One to forty lines, each with few notes, and with so many that they turn the page."""
    wrong = {}
    for count in range(1, 41):
        for notes in (0, 2, 4 + count * 7 % 40):
            if found := strays(LAYOUTS[layout](count, 1 + count // 6, notes)):
                wrong[count, notes] = found
    assert wrong == {}


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(LAYOUTS)),
    st.integers(1, 90).flatmap(lambda count: st.tuples(st.just(count), st.integers(1, count))),
    st.integers(0, 60),
)
@example("cancellation", (9, 9), 0)  # one line a project
@example("act", (40, 21), 0)
@example("prices", (27, 1), 2)
def test_no_page_bears_a_stray_whatever_is_drawn(layout: str, size: tuple[int, int], notes: int) -> None:
    """Up to ninety lines in as many projects, and a page of notes."""
    assert strays(LAYOUTS[layout](*size, notes)) == []


def test_strays_are_found() -> None:
    """The test can fail: a page of two notes, a heading at a page's end, a total without a line."""

    def page(*texts: str) -> tuple[Text, ...]:
        style = draw(_invoice(1, 1, 0)).pages[0]
        sample = next(shape for shape in style if isinstance(shape, Text))
        return tuple(sample._replace(content=text, y=100.0 + i * 12, angle=0) for i, text in enumerate(texts))

    drawing = draw(_invoice(1, 1, 0))
    first = page("Project 0", "Task 0", "Task 1", "Task 2")
    assert strays(replace(drawing, pages=(first, page("Note 0", "Note 1")))) == ["2: alone ['Note 0', 'Note 1']"]
    assert strays(replace(drawing, pages=((*first, *page(*[""] * 4, "Project 1")), page("Task 3", "Task 4")))) == [
        "1: heading Project 1"
    ]
    assert strays(replace(drawing, pages=(first, page("Total due", "a", "b", "c", "d")))) == ["2: Total due"]
    assert strays(replace(drawing, pages=(first, page("Task 3", "Total due")))) == ["2: one row"]
