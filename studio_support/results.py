"""What the verbs of a Studio give back; `as_dict()` is the command line's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from studio_invoices.errors import Problem
from studio_support.billing.month_plan import MonthPlan
from studio_support.period import Month


@dataclass(frozen=True, slots=True)
class Source:
    """Where a month is read from: a file given by a person, or Redmine when there is none.

    date_order: how a CSV writes 03/04, where two orders would fit.
    """

    file: Path | None = None
    date_order: Literal["dmy", "mdy"] | None = None


REDMINE = Source()


@dataclass(frozen=True, slots=True)
class CloseResult:
    """A month after `close`. drafts: all that stands issued for the chosen clients, with numbers and links.

    created: how many were issued by this run; empty: clients closed with nothing to bill by this run.
    """

    plan: MonthPlan
    drafts: tuple[Mapping[str, Any], ...]
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    created: int
    empty: int
    requests: int = 0
    waited_seconds: float = 0.0

    @property
    def summary(self) -> str:
        """One sentence for people."""
        parts = [f"{self.plan.month}: {self.created} issued now, {len(self.drafts)} in all"]
        if self.empty:
            parts.append(f"{self.empty} closed with nothing to bill")
        if self.plan.parked:
            parts.append(f"{len(self.plan.parked)} not closed")
        return "; ".join(parts) + "."

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `bill close` (contract)."""
        return {
            **self.plan.as_dict(),
            "drafts": [dict(draft) for draft in self.drafts],
            "problems": [problem.as_dict() for problem in self.problems],
            "notices": [notice.as_dict() for notice in self.notices],
        }


@dataclass(frozen=True, slots=True)
class Cancelled:
    """An invoice taken back: the cancellation's number, what it cancels, and what could not be taken down yet.

    created: False where it had been taken back before. letter_waits: the client has the invoice and is still to be
    told, by `bill send` or `invoice send`.
    """

    number: str
    cancels: str
    client: str
    month: Month
    problems: tuple[Problem, ...] = ()
    created: bool = True
    letter_waits: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `invoice cancel`."""
        return {
            "number": self.number,
            "cancels": self.cancels,
            "client": self.client,
            "month": str(self.month),
            "created": self.created,
            "letter_waits": self.letter_waits,
            "problems": [problem.as_dict() for problem in self.problems],
        }


@dataclass(frozen=True, slots=True)
class Reopened:
    """A month that is open again. client: None for the studio's own time. reopened: False where it was open before.

    entries: how many had been set aside and are free now.
    """

    month: Month
    client: str | None
    reopened: bool
    entries: int

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `bill reopen`."""
        return {
            "month": str(self.month),
            "client": self.client,
            "reopened": self.reopened,
            "entries": self.entries,
        }


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of letters. letters: number, client, to, state, detail.

    messages: what a dry run would send: number, to (diverted_to), subject, text, headers, files and so on.
    news: whether cron is to be told of the problems ("new"), was told ("known"), or that they have ended.
    """

    letters: tuple[Mapping[str, str], ...]
    problems: tuple[Problem, ...]
    summary: str
    messages: tuple[Mapping[str, Any], ...] = ()
    news: Literal["new", "known", "ended", "none"] = "new"

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `bill send` and `invoice send`."""
        return {
            "letters": [dict(letter) for letter in self.letters],
            "problems": [problem.as_dict() for problem in self.problems],
            "messages": [dict(message) for message in self.messages],
        }
