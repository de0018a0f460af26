"""The proof of a series: first number, no gap, nothing twice, dates that never go back. Pure, over plain rows.

Domain §3: "issue dates non-decreasing within a series", "number never reused or deleted"; the first number is the
one that the store began the series with, because a series kept by hand may be continued.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from studio_invoices.errors import Problem
from studio_support.billing.ledger_types import SeriesRow

Fault = Literal["first", "gap", "duplicate", "date", "year", "counter"]

# an act bears the last day of its month, and months may be closed in any order
_DATES_MAY_FALL = frozenset({"act"})
_NEXT_STEP = "Compare the store with its last backup; `db check` looks for damage."


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a series. number: of the document it is about, or of the first one that is missing."""

    seller: str
    kind: str
    year: int
    fault: Fault
    number: str
    message: str

    def as_problem(self) -> Problem:
        """For the list of problems of `numbers audit`."""
        year = self.year or "running"
        return Problem(f"series:{self.seller or 'seller'}/{self.kind}/{year}", self.message, _NEXT_STEP)


def audit_series(rows: Iterable[SeriesRow]) -> list[Finding]:
    """Everything that keeps these series from being proved; empty when they are sound."""
    kept = list(rows)
    return [finding for row in kept for finding in _in_series(row)] + list(_printed_twice(kept))


def _in_series(row: SeriesRow) -> Iterator[Finding]:
    documents = sorted(row.documents, key=lambda document: document.series_number)
    expected = row.first_number
    latest = None
    for document in documents:
        counter = document.series_number
        if counter < expected:
            known: Fault = "first" if counter < row.first_number else "duplicate"
            yield _finding(row, known, document.number, _said(known, document.number, counter, row.first_number))
        elif counter > expected:
            missing = f"{expected}" if counter == expected + 1 else f"{expected} to {counter - 1}"
            yield _finding(row, "gap", str(expected), f"Before {document.number}, number {missing} is missing.")
        expected = max(expected, counter + 1)
        if latest is not None and document.issue_date < latest and row.kind not in _DATES_MAY_FALL:
            message = f"{document.number} is dated {document.issue_date}, before {latest} of an earlier number."
            yield _finding(row, "date", document.number, message)
        latest = document.issue_date if latest is None else max(latest, document.issue_date)
        if row.year and document.issue_date.year != row.year:
            message = f"{document.number} is dated {document.issue_date}, but stands in the series of {row.year}."
            yield _finding(row, "year", document.number, message)
    if expected != row.next_number:
        message = f"The next number would be {row.next_number}; after the last document it should be {expected}."
        yield _finding(row, "counter", str(row.next_number), message)


def _said(fault: Fault, number: str, counter: int, first: int) -> str:
    if fault == "first":
        return f"{number} has number {counter}, but the series begins with {first}."
    return f"{number} has number {counter}, which another document of the series has too."


def _printed_twice(rows: Sequence[SeriesRow]) -> Iterator[Finding]:
    """Numbers of invoices and what takes them back; an act is told by its series, whatever else bears its number."""
    rows = [row for row in rows if row.kind not in _DATES_MAY_FALL]
    times = Counter(document.number for row in rows for document in row.documents)
    for row in rows:
        for document in row.documents:
            if times[document.number] > 1:
                times[document.number] = 0  # named once
                yield _finding(row, "duplicate", document.number, f"{document.number} is printed on two documents.")


def _finding(row: SeriesRow, fault: Fault, number: str, message: str) -> Finding:
    return Finding(row.seller, row.kind, row.year, fault, number, message)
