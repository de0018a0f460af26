"""The words of the table: its column heads, the lines grouped by heading and project."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from studio_invoices.formats import Formats, hours_minutes
from studio_invoices.model import Invoice, Kind, Line
from studio_invoices.money import minor_units
from studio_invoices.sheet_types import EARLIER_MONTHS, Project, Row, Section
from studio_invoices.wording import Labels

_AMOUNTS: dict[Kind, str] = {"invoice": "amount", "cancellation": "taken_back", "credit_note": "credited"}


def columns_of(invoice: Invoice, words: Mapping[str, str]) -> tuple[str, str, str, str, str]:
    """The heads of the five columns: number, task, time, rate, amount."""
    amount = words[f"{_AMOUNTS[invoice.kind]}_{invoice.prices}"].format(currency=invoice.currency)
    return words["number"], words["task"], words["time"], words[f"rate_{invoice.prices}"], amount


def sections_of(invoice: Invoice, labels: Labels, formats: Formats) -> tuple[Section, ...]:
    """The lines of the month first, then those of earlier ones; projects in the order in which they come."""
    grouped: dict[str, dict[str, list[Line]]] = {}
    for line in sorted(invoice.lines, key=lambda line: line.heading is not None):
        grouped.setdefault(line.heading or "", {}).setdefault(line.project, []).append(line)
    words = labels["table"]
    several = len({(line.heading, line.project) for line in invoice.lines}) > 1
    mixed = len({(line.tax_category, line.tax_rate) for line in invoice.lines}) > 1
    return tuple(
        Section(
            words["earlier_months"] if heading == EARLIER_MONTHS else heading,
            tuple(_project(name, lines, labels, formats, mixed, several) for name, lines in projects.items()),
        )
        for heading, projects in grouped.items()
    )


def _project(name: str, lines: list[Line], labels: Labels, formats: Formats, mixed: bool, several: bool) -> Project:
    words = labels["table"]
    shown = name or words["without_project"]
    rows = tuple(_row(line, labels, formats, mixed) for line in lines)
    zero = Decimal(0).scaleb(-minor_units(formats.currency))
    return Project(
        name=shown,
        continued=words["continued"].format(project=shown),
        rows=rows,
        # one line among several projects is its own subtotal
        subtotal_label="" if several and len(lines) == 1 else words["subtotal"].format(project=shown),
        subtotal_time=hours_minutes(sum(line.minutes for line in lines)),
        subtotal_amount=formats.decimal(sum((row.value for row in rows), zero)),
    )


def _row(line: Line, labels: Labels, formats: Formats, mixed: bool) -> Row:
    words = labels["table"]
    value = line.net if line.gross is None else line.gross
    free = line.label is not None
    details = (
        f"#{line.issue}" if line.issue else "",
        words["ticket"].format(ticket=line.ticket) if line.ticket else "",
        line.specialist or "",
        formats.days(line.first_day, line.last_day) if line.heading is not None else "",
        words["credits_line"].format(line=line.credits_line) if line.credits_line is not None else "",
        labels["taxes"]["short"].format(rate=formats.percent(line.tax_rate)) if mixed and not free else "",
    )
    return Row(
        number=str(line.number),
        title=line.title,
        details=tuple(detail for detail in details if detail),
        time=hours_minutes(line.minutes),
        booked=""
        if line.booked_minutes == line.minutes
        else words["booked"].format(time=hours_minutes(line.booked_minutes)),
        rate="" if free else formats.decimal(line.rate_per_hour),
        amount="" if free else formats.decimal(value),
        label=(line.label or words["not_charged"]) if free else "",
        comments=line.comments,
        value=value,
    )
