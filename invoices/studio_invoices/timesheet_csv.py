"""The time sheet as CSV (RFC 4180), for spreadsheets and for whoever imports it.

Column names are fixed and English, so that an import does not depend on the document's language. A text that a
spreadsheet would take for a formula is preceded by an apostrophe: comments come from many hands.
"""

from __future__ import annotations

from studio_invoices.annexes import TimeSheet

COLUMNS = ("date", "person", "project", "issue", "task", "ticket", "text", "minutes", "time", "line", "not_charged")
_SPECIAL = frozenset(',"\r\n')
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def time_sheet_csv(sheet: TimeSheet) -> str:
    """The rows in their order, a head before them; dates ISO 8601, time as h:mm beside the minutes."""
    lines = [",".join(COLUMNS)]
    for row in sheet.rows:
        hours, minutes = divmod(row.minutes, 60)
        line = "" if row.line is None else str(row.line)
        texts = (row.person, row.project, row.issue or "", row.task, row.ticket or "", row.text)
        figures = (str(row.minutes), f"{hours}:{minutes:02d}", line)
        cells = (row.day.isoformat(), *map(_harmless, texts), *figures, _harmless(row.label or ""))
        lines.append(",".join(map(_quoted, cells)))
    return "\r\n".join([*lines, ""])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.intersection(text) else text


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
