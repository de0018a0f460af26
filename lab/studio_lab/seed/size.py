"""The arguments of a seed, and the key under which its database is kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Size:
    """How much is made. `month` (YYYY-MM) is the last of `months` months that have most of the entries."""

    clients: int = 40
    entries: int = 30_000
    months: int = 3
    month: str = "2026-10"
    seed: int = 1
    people: int = 8

    @property
    def issues(self) -> int:
        """Tasks: about one for 25 entries, and three for every client at least."""
        return max(self.entries // 25, 3 * self.clients)

    def describe(self) -> str:
        """The arguments, for people."""
        months = f"{self.months} months to {self.month}"
        return f"{self.clients} clients, {self.entries} entries, {months}, seed {self.seed}"

    def key(self) -> str:
        """Twelve hex digits of these arguments and of the code that makes a world of them."""
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode())
        for source in sorted(Path(__file__).parent.glob("*.py")):
            if source.name != "config_files.py":
                digest.update(source.read_bytes())
        return digest.hexdigest()[:12]

    def window(self) -> list[date]:
        """First days of the months, oldest first."""
        year, month = (int(part) for part in self.month.split("-"))
        return [add_months(date(year, month, 1), back) for back in range(1 - self.months, 1)]

    def horizon(self) -> date:
        """The day after the last one on which anything was booked: the 20th of the month after the window."""
        return add_months(self.window()[-1], 1).replace(day=20)


def add_months(first: date, months: int) -> date:
    """The first day of the month so many months later (or earlier)."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
