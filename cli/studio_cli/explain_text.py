"""`bill explain` in words: the chain behind a figure, line by line, as one would check it by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio_cli.context import Context
from studio_cli.output import Column, Table, emit, hours, visible
from studio_cli.streams import write


def show_explanation(context: Context, explained: Mapping[str, Any]) -> None:
    """JSON as it is; CSV: the entries; for people: text."""
    if context.form != "table":
        emit(context, explained, [_entries_table(explained)])
        return
    lines = _entry_text(explained) if "entry" in explained else _invoice_text(explained)
    write("".join(f"{visible(line)}\n" for line in lines))


def _entries_table(explained: Mapping[str, Any]) -> Table:
    keys = ("line", "entry", "spent_on", "user", "activity", "minutes")
    columns = [Column(key, kind="count" if key == "minutes" else "text") for key in keys]
    chains = explained.get("lines") or [place["chain"] for place in explained["places"] if "chain" in place]
    rows = [
        [str(chain["line"]), entry["id"], entry["spent_on"], entry["user"], entry["activity"], str(entry["minutes"])]
        for chain in chains
        for entry in chain["entries"]
    ]
    return Table(columns, rows)


def _invoice_text(explained: Mapping[str, Any]) -> Iterator[str]:
    who = f"{explained['kind']} {explained['number']} of {explained['client']} for {explained['month']}"
    yield f"{who}, {explained['state']}; issued by {explained['issued_by']} at {explained['issued_at']}"
    for line in explained["lines"]:
        yield ""
        yield from _line_text(line)
    totals = explained.get("totals")
    if totals is None:
        return
    yield ""
    yield f"Net {totals['net']} = sum of the lines"
    for tax in totals["taxes"]:
        yield f"Tax {tax['category']} {tax['rate']} %: {tax['arithmetic']}"
    yield f"Gross {totals['gross']} {explained['currency']} = {totals['net']} + {totals['tax']}"


def _line_text(line: Mapping[str, Any]) -> Iterator[str]:
    task = f"#{line['issue']} " if line["issue"] else ""
    ticket = f" [Ticket {line['ticket']}]" if line["ticket"] else ""
    yield f"Line {line['line']}: {line['project']}: {task}{line['title']}{ticket}"
    for entry in line["entries"]:
        what = f"{entry['user']}, {entry['activity']}"
        yield f"    entry {entry['id']}  {entry['spent_on']}  {hours(entry['minutes']):>6}  {what}"
    yield f"    booked   {hours(line['booked_minutes'])} = {line['booked_minutes']} min"
    yield f"    rounding {line['rounding']}: {hours(line['minutes'])} = {line['minutes']} min charged"
    if line["label"] is None:
        yield f"    rate     {line['rate_per_hour']} per hour, from {line['rate_source']}"
    yield f"    amount   {line['arithmetic']}"


def _entry_text(explained: Mapping[str, Any]) -> Iterator[str]:
    for place in explained["places"]:
        state = "" if place["open"] else " (freed since)"
        where = f" on {place['invoice']}, line {place['line']}" if place["invoice"] else ""
        reason = f": {place['reason']}" if place["reason"] and not where else ""
        yield f"Entry {explained['entry']}: {hours(place['minutes'])} {place['as']}{where}{reason}{state}"
        who = f"closed by {place['closed_by']} at {place['closed_at']}"
        yield f"    {place['client'] or 'no client'}, {place['month']}, {who}"
        if "chain" in place:
            yield from _line_text(place["chain"])
