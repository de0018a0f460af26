"""Questions to a fake Redmine and its answers, in the forms that all its pages share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio_support.testing.redmine import FakeRedmine

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body, content type and further headers."""

    status: int
    body: bytes = b""
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class Query:
    """A path and its parameters, read as leniently as Redmine does."""

    def __init__(self, path: str, pairs: Iterable[tuple[str, str]]) -> None:
        self.path = path
        self.pairs = tuple(pairs)

    def one(self, name: str) -> str | None:
        """The last value of a parameter, None if it is absent."""
        return next((value for key, value in reversed(self.pairs) if key == name), None)

    def many(self, name: str) -> list[str]:
        """All values of a parameter."""
        return [value for key, value in self.pairs if key == name]

    def day(self, name: str) -> date | None:
        """A date; a malformed one counts as absent: that is the trap."""
        try:
            return date.fromisoformat(self.one(name) or "")
        except ValueError:
            return None

    def page(self, most_rows: int) -> tuple[int, int]:
        """Offset and limit: 25 by default, never more than 100, whatever is asked."""
        limit = _whole(self.one("limit"))
        return max(0, _whole(self.one("offset"))), min(25 if limit < 1 else limit, most_rows)


def _whole(text: str | None) -> int:
    match = re.match(r"-?\d+", text or "")
    return int(match[0]) if match else 0


def as_json(value: object, status: int = 200) -> Answer:
    """An answer of JSON."""
    return Answer(status, json.dumps(value, ensure_ascii=False).encode())


def listed(redmine: FakeRedmine, name: str, rows: list[Any], query: Query, shown: Callable[[Any], object]) -> Answer:
    """A page of a list."""
    offset, limit = query.page(redmine.most_rows)
    part = [shown(row) for row in rows[offset : offset + limit]]
    return as_json({name: part, "total_count": len(rows), "offset": offset, "limit": limit})


def instant(at: datetime) -> str:
    """An instant as the API writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
