"""A document as words: the values that painters are handed. Made by `studio_invoices.sheet`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from studio_invoices.wording import Labels

EARLIER_MONTHS = "earlier months"
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. rate and amount are empty where `label` is printed in their place.

    booked: the time booked, where it differs from the time charged. value: the amount, for running sums.
    """

    number: str
    title: str
    details: tuple[str, ...]
    time: str
    booked: str
    rate: str
    amount: str
    label: str
    comments: tuple[str, ...]
    value: Decimal


@dataclass(frozen=True, slots=True)
class Project:
    """The lines of one project under one heading, with their sums; no label where a sum would repeat the only line."""

    name: str
    continued: str
    rows: tuple[Row, ...]
    subtotal_label: str
    subtotal_time: str
    subtotal_amount: str


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading: empty for those of the month, "earlier months" for late ones."""

    heading: str
    projects: tuple[Project, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """One row under the table; note: why there is no tax, or the total in words."""

    label: str
    amount: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """What to do to pay, and where to."""

    sentence: str
    rows: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All the words of one document, in reading order."""

    language: str
    labels: Labels
    title: str
    page_title: str
    statements: tuple[str, ...]
    draft_mark: str
    seller_name: str
    seller_address: tuple[str, ...]
    seller_numbers: tuple[Pair, ...]
    seller_email: str
    seller_contact: tuple[str, ...]
    seller_legal: tuple[str, ...]
    buyer_name: str
    buyer_address: tuple[str, ...]
    period: str
    meta: tuple[Pair, ...]
    columns: tuple[str, str, str, str, str]
    sections: tuple[Section, ...]
    sums: tuple[Sum, ...]
    grand_total: Sum
    payment: Payment | None
    bank: tuple[Pair, ...]
    bank_name: str
    notes: tuple[str, ...]
    small_print: tuple[str, ...]
    decimal: Callable[[Decimal], str]
