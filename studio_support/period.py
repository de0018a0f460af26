"""Months as half-open windows of dates. Redmine's spent_on is a plain date: no time zone at a month's edge."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_FORM = re.compile(r"([0-9]{4})-([0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month: [first_day, end), where `end` is the first day of the next month."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 12 and 1900 <= self.year <= 9998):
            raise ValueError(f"no such month: {self.year}-{self.number}")

    @classmethod
    def parse(cls, text: str) -> Month:
        """From the form 2026-10; raises ValueError for anything else."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(f"not a month like 2026-10: {text!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month that a day lies in."""
        return cls(day.year, day.month)

    @classmethod
    def resolve(cls, text: str, today: date) -> Month:
        """2026-10, or `last` or `this` as seen from today; raises ValueError for anything else."""
        if text == "this":
            return cls.of(today)
        if text == "last":
            return cls.of(today).previous
        return cls.parse(text)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def end(self) -> date:
        """The first day that no longer belongs to the month."""
        return date(self.year + self.number // 12, self.number % 12 + 1, 1)

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def next(self) -> Month:
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> Month:
        return Month(self.year - 1, 12) if self.number == 1 else Month(self.year, self.number - 1)

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day < self.end

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"
