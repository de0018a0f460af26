"""The order of day, month and year in an export, decided once for the whole file.

Redmine writes 2026-10-05, 05.10.2026, 05-10-2026, 05/10/2026 or 10/05/2026. Day and month change places with a slash
only, but a file may have passed through a spreadsheet: every order that fits every row is thought possible.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from studio_support.errors import InputFileError

DateOrder = Literal["dmy", "mdy"]
_ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy")
_YEAR_FIRST = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4})")
_EXPORT_AGAIN = "Export again from Redmine; any of its numeric date formats will do."


def decide_dates(path: Path, texts: Sequence[tuple[int, str]], order: DateOrder | None) -> list[date]:
    """The days of all rows, given with their lines. Raises InputFileError.

    order: what a person says day and month to be; dates with the year first need no order. Without it, an order is
    taken if it alone fits every row, or if both mean the same days.
    """
    if all(_YEAR_FIRST.fullmatch(text.strip()) for _, text in texts):
        return [_day(path, line, text, "ymd") for line, text in texts]
    if order is not None:
        return [_day(path, line, text, order) for line, text in texts]
    fitting: dict[DateOrder, list[date]] = {}
    failures: dict[DateOrder, InputFileError] = {}
    for candidate in _ORDERS:
        try:
            fitting[candidate] = [_day(path, line, text, candidate) for line, text in texts]
        except InputFileError as error:
            failures[candidate] = error
    if not fitting:
        # The order that gets further is the one that was meant: its failure is the row to look at.
        raise max(failures.values(), key=lambda error: error.line or 0)
    if len(fitting) == 2 and fitting["dmy"] != fitting["mdy"]:
        line, text = next(row for row, a, b in zip(texts, *fitting.values(), strict=True) if a != b)
        wrong = f"{text} and all other dates can be read as day/month and as month/day"
        raise InputFileError(path, line, wrong, "Say which it is: --date-order dmy or --date-order mdy.")
    return next(iter(fitting.values()))


def _day(path: Path, line: int, text: str, order: Literal["ymd", "dmy", "mdy"]) -> date:
    match = (_YEAR_FIRST if order == "ymd" else _YEAR_LAST).fullmatch(text.strip())
    if match is None:
        raise InputFileError(path, line, f"no date like those before: {text[:40]!r}", _EXPORT_AGAIN)
    first, second, third = int(match[1]), int(match[3]), int(match[4])
    year, month, day = (
        (first, second, third)
        if order == "ymd"
        else (third, second, first)
        if order == "dmy"
        else (third, first, second)
    )
    try:
        return date(year, month, day)
    except ValueError:
        wrong = f"{text[:40]!r} is no day when read as {order}"
        raise InputFileError(path, line, wrong, "Correct the date, or leave out --date-order.") from None
