"""Time sheet and price list as words, in their own language; for the painter, and the time sheet's file name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from studio_invoices.annexes import PriceList, PriceRow, TimeRow, TimeSheet
from studio_invoices.formats import Formats, formats_for, hours_minutes
from studio_invoices.model import Party
from studio_invoices.sheet import legal_lines
from studio_invoices.sheet_money import tax_numbers
from studio_invoices.sheet_types import Pair
from studio_invoices.wording import Labels, labels_for, worded

Texts = tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class TimeEntry:
    """One booking in words; label: why it is not charged."""

    day: str
    task: str
    details: tuple[str, ...]
    text: str
    person: str
    time: str
    label: str


@dataclass(frozen=True, slots=True)
class TimeProject:
    """The bookings of one project."""

    name: str
    continued: str
    entries: tuple[TimeEntry, ...]
    subtotal_label: str
    subtotal_time: str


@dataclass(frozen=True, slots=True)
class Annex:
    """What time sheet and price list have in common: title, facts under it, column heads, notes."""

    labels: Labels
    language: str
    title: str
    seller_name: str
    foot: tuple[tuple[str, ...], ...]
    facts: tuple[Pair, ...]
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    draft_mark: str


@dataclass(frozen=True, slots=True)
class TimeSheetWords:
    """All the words of a time sheet."""

    annex: Annex
    projects: tuple[TimeProject, ...]
    total: Pair


@dataclass(frozen=True, slots=True)
class PriceListWords:
    """All the words of a price list; rows: from when, specialist, activity, price."""

    annex: Annex
    rows: tuple[tuple[str, str, str, str], ...]


def time_sheet_words(sheet: TimeSheet, texts: Texts = ()) -> TimeSheetWords:
    """The words of a time sheet, grouped by project in the order of its rows."""
    labels = worded(labels_for(sheet.language), texts)
    formats = formats_for(sheet.language, "EUR")
    grouped: dict[str, list[TimeRow]] = {}
    minutes: defaultdict[str, int] = defaultdict(int)
    for row in sheet.rows:
        grouped.setdefault(row.project, []).append(row)
        minutes[row.person] += row.minutes
    words, names = labels["timesheet"], labels["document"]
    title = names["timesheet"].format(number=sheet.invoice_number) if sheet.invoice_number else names["timesheet_draft"]
    total = hours_minutes(sheet.minutes)
    people = " · ".join(f"{name}\u00a0{hours_minutes(spent)}" for name, spent in minutes.items())
    return TimeSheetWords(
        annex=Annex(
            labels=labels,
            language=formats.language,
            title=title,
            seller_name=sheet.seller.name,
            foot=_foot(sheet.seller, labels),
            facts=(
                (labels["parties"]["client"], sheet.buyer.name),
                (labels["meta"]["period"], formats.days(sheet.period_start, sheet.period_end)),
                (words["time"], total),
                *([(words["by_person"], people)] if len(minutes) > 1 else []),
            ),
            columns=(words["day"], words["task"], words["person"], words["time"]),
            notes=tuple(note for note in sheet.notes if note),
            draft_mark="" if sheet.invoice_number else names["draft_mark"],
        ),
        projects=tuple(_project(name, rows, labels, formats, sheet.period_end.year) for name, rows in grouped.items()),
        total=(words["total"], total),
    )


def _foot(seller: Party, labels: Labels) -> tuple[tuple[str, ...], ...]:
    words = labels["parties"]
    numbers = tuple(f"{label} {value}" for label, value in tax_numbers(seller, words))
    return (seller.name, *seller.postal_lines), legal_lines(seller, words), numbers


def _project(name: str, rows: list[TimeRow], labels: Labels, formats: Formats, year: int) -> TimeProject:
    words = labels["table"]
    shown = name or words["without_project"]
    return TimeProject(
        name=shown,
        continued=words["continued"].format(project=shown),
        entries=tuple(_entry(row, words["ticket"], formats, year) for row in rows),
        subtotal_label=words["subtotal"].format(project=shown),
        subtotal_time=hours_minutes(sum(row.minutes for row in rows)),
    )


def _entry(row: TimeRow, ticket: str, formats: Formats, year: int) -> TimeEntry:
    details = (f"#{row.issue}" if row.issue else "", ticket.format(ticket=row.ticket) if row.ticket else "")
    return TimeEntry(
        day=formats.short_day(row.day, with_year=row.day.year != year),
        task=row.task,
        details=tuple(detail for detail in details if detail),
        text=row.text,
        person=row.person,
        time=hours_minutes(row.minutes),
        label=row.label or "",
    )


def price_list_words(prices: PriceList, texts: Texts = ()) -> PriceListWords:
    """The words of a price list, rows in its order."""
    labels = worded(labels_for(prices.language), texts)
    formats = formats_for(prices.language, prices.currency)
    words = labels["prices"]
    contract = prices.contract_number
    if contract and prices.contract_date is not None:
        contract = labels["meta"]["contract_dated"].format(number=contract, date=formats.day_held(prices.contract_date))
    facts = ((labels["parties"]["client"], prices.buyer.name), (labels["meta"]["contract"], contract))
    return PriceListWords(
        annex=Annex(
            labels=labels,
            language=formats.language,
            title=labels["document"]["prices"],
            seller_name=prices.seller.name,
            foot=_foot(prices.seller, labels),
            facts=tuple(fact for fact in facts if fact[1]),
            columns=(
                words["from_day"],
                words["specialist"],
                words["activity"],
                words[f"per_hour_{prices.prices}"].format(currency=prices.currency),
            ),
            notes=(words["as_of"].format(date=formats.day_held(prices.as_of)), *prices.notes),
            draft_mark="",
        ),
        rows=tuple(_price(row, words["everyone"], words["everything"], formats) for row in prices.rows),
    )


def _price(row: PriceRow, everyone: str, everything: str, formats: Formats) -> tuple[str, str, str, str]:
    per_hour = formats.decimal(row.per_hour)
    return formats.short_day(row.from_day), row.specialist or everyone, row.activity or everything, per_hour
