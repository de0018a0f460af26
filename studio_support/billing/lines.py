"""From priced entries to the lines of a draft, and their totals.

A line is one task at one rate, tax and heading; time without an issue is one line per project, activity, rate,
tax and heading. Durations are rounded once (rounding.py), money once per line: minutes x rate / 60, half-up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from studio_invoices.model import Prices
from studio_invoices.money import amount_for_minutes, minor_units
from studio_invoices.totals import TaxKey, Totals, total
from studio_support.billing.month_plan import DraftLine
from studio_support.billing.rounding import charged_minutes
from studio_support.billing.terms import Client, RateRow, Rule, TaxRow
from studio_support.model import Issue, Project, TimeEntry


class Priced(NamedTuple):
    """An entry with the rows that price it. rule: set where it is shown but not charged."""

    entry: TimeEntry
    rate: RateRow | None
    tax: TaxRow
    heading: str | None
    rule: Rule | None = None


def in_currency(rate: Decimal, currency: str) -> Decimal:
    """The same rate with at least the currency's decimals: 95 EUR -> 95.00; never rounds."""
    units = minor_units(currency)
    exponent = rate.as_tuple().exponent
    return rate.quantize(Decimal(1).scaleb(-units)) if isinstance(exponent, int) and -exponent < units else rate


def _key(priced: Priced, client: Client) -> tuple[object, ...]:
    entry, tax = priced.entry, priced.tax
    per_hour = None if priced.rate is None else priced.rate.per_hour
    task = entry.activity if entry.issue_id is None else entry.issue_id
    project = entry.project if entry.project_id is None else entry.project_id
    return (priced.heading, project, task, per_hour, tax.category, tax.rate, _label(priced, client))


def _label(priced: Priced, client: Client) -> str | None:
    """What is printed in place of an amount; "" where nothing was agreed to be said, None for what is charged."""
    if priced.rule is None:
        return None
    labels = dict(priced.rule.label)
    return labels.get(client.language) or labels.get("en") or next(iter(labels.values()), "")


def build_lines(
    client: Client,
    priced: Sequence[Priced],
    issues: Mapping[int, Issue],
    projects: Mapping[int, Project],
    prices: Prices,
) -> tuple[list[DraftLine], Totals]:
    """Lines in printing order (heading, project, issue, activity) and the document's totals.

    priced: in order of id; a line's entries come by day, then in that order.
    """
    groups: dict[tuple[object, ...], list[Priced]] = {}
    for item in priced:
        groups.setdefault(_key(item, client), []).append(item)
    names = _project_names(priced, projects)
    lines = [_line(client, group, issues, names, prices) for group in groups.values()]
    lines.sort(key=_order)
    amounts = [
        ((line.tax_category, line.tax_rate), line.net if line.gross is None else line.gross)
        for line in lines
        if line.charged
    ]
    totals = total(amounts, prices, client.currency, _reasons(priced))
    if prices == "gross":  # a line's net is its share of what is left after the contained tax
        nets = iter(totals.line_nets)
        lines = [replace(line, net=next(nets)) if line.charged else line for line in lines]
    return lines, totals


def _reasons(priced: Sequence[Priced]) -> dict[TaxKey, str]:
    """Reason of each exemption; where it was worded anew in the middle of the time billed, both, oldest first."""
    rows: dict[TaxKey, dict[str, date]] = {}
    for tax in {id(item.tax): item.tax for item in priced if item.rule is None}.values():
        known = rows.setdefault((tax.category, tax.rate), {})
        known[tax.reason] = min(tax.from_day, known.get(tax.reason, tax.from_day))
    return {
        key: "; ".join(sorted(filter(None, known), key=lambda reason: (known[reason], reason)))
        for key, known in rows.items()
    }


def _order(line: DraftLine) -> tuple[object, ...]:
    return (
        line.heading is not None,
        line.project,
        line.issue is None,
        line.issue or 0,
        line.title,
        line.label is not None,
        -line.rate_per_hour,
        line.tax_category,
        line.tax_rate,
        line.label or "",
    )


def _project_names(priced: Sequence[Priced], projects: Mapping[int, Project]) -> dict[tuple[int | None, str], str]:
    """What each project is printed as: its name, with the identifier where two share the name."""
    used = {(p.entry.project_id, p.entry.project) for p in priced}
    counts: dict[str, int] = {}
    for _, name in used:
        counts[name] = counts.get(name, 0) + 1
    result: dict[tuple[int | None, str], str] = {}
    for project_id, name in used:
        known = None if project_id is None else projects.get(project_id)
        told_apart = known.identifier if known is not None and known.identifier else f"#{project_id}"
        result[project_id, name] = f"{name} ({told_apart})" if counts[name] > 1 else name
    return result


def _line(
    client: Client,
    group: Sequence[Priced],
    issues: Mapping[int, Issue],
    names: Mapping[tuple[int | None, str], str],
    prices: Prices,
) -> DraftLine:
    group = sorted(group, key=lambda p: p.entry.spent_on)
    first = group[0]
    entries = tuple(p.entry for p in group)
    booked = sum(entry.minutes for entry in entries)
    label = _label(first, client)
    issue = None if first.entry.issue_id is None else issues.get(first.entry.issue_id)
    minutes = charged_minutes((e.minutes for e in entries), client.rounding) if label is None else 0
    rate = in_currency(first.rate.per_hour if first.rate is not None else Decimal(0), client.currency)
    amount = amount_for_minutes(minutes, rate, client.currency)
    people = tuple(sorted({(entry.user, entry.user_id) for entry in entries}, key=str))
    sources = sorted({p.rate.where for p in group if p.rate is not None})
    return DraftLine(
        project=names[first.entry.project_id, first.entry.project],
        issue=first.entry.issue_id,
        ticket=(issue.ticket or None) if issue is not None else None,
        title=_title(first.entry, issue),
        specialist=people[0][0] if len(people) == 1 else None,
        minutes=minutes,
        booked_minutes=booked,
        rate_per_hour=rate,
        net=amount,
        gross=amount if prices == "gross" else None,
        tax_category=first.tax.category,
        tax_rate=first.tax.rate,
        entries=entries,
        first_day=first.entry.spent_on,
        last_day=group[-1].entry.spent_on,
        rate_source="; ".join(sources),
        heading=first.heading,
        label=label,
        people=tuple(dict.fromkeys(name for name, _ in people)),
        comments=tuple(e.comments for e in entries if e.comments.strip()) if client.comments else (),
    )


def _title(entry: TimeEntry, issue: Issue | None) -> str:
    if entry.issue_id is None:
        return entry.activity
    return issue.subject if issue is not None and issue.subject else f"#{entry.issue_id}"
