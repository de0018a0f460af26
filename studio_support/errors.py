"""The tree of errors. Each carries facts as attributes; people's sentences stand in studio_cli.errors.

Bad data is not an error: it is a Problem, collected and reported together (see studio_invoices.errors).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from studio_invoices.errors import Problem, StudioError
from studio_support.desk.errors import UnknownTicket, WrongTicketNumber
from studio_support.server_errors import (
    AccessDenied,
    AuthFailed,
    IncompleteRead,
    InvalidParameter,
    MissingRoute,
    NotSent,
    OtrsBroken,
    OtrsRefused,
    OtrsUnreachable,
    OutcomeUnknown,
    OwnEntriesOnly,
    RedmineRefused,
    SourceBroken,
    SourceError,
    SourceRefused,
    SourceUnreachable,
)

__all__ = [
    "AccessDenied",
    "AuthFailed",
    "ClientHeld",
    "ConfigError",
    "EntryTaken",
    "FilesystemError",
    "IncompleteRead",
    "InputFileError",
    "InvalidParameter",
    "InvoiceStateError",
    "IssueDateRefused",
    "LetterTemplateBroken",
    "LetterUnfit",
    "ListenError",
    "LockHeld",
    "MailRefused",
    "MailboxRefused",
    "MissingRoute",
    "MissingSecret",
    "MonthBeforeStart",
    "MonthNotOver",
    "NoCalendar",
    "NoCalendarYear",
    "NotSent",
    "NumberTaken",
    "OtrsBroken",
    "OtrsRefused",
    "OtrsUnreachable",
    "OutcomeUnknown",
    "OwnEntriesOnly",
    "PlanChanged",
    "Problem",
    "RedmineRefused",
    "Refused",
    "SourceBroken",
    "SourceError",
    "SourceKindMixed",
    "SourceRefused",
    "SourceUnreachable",
    "StoreError",
    "StoreTooNew",
    "StudioError",
    "UnknownClient",
    "UnknownEntry",
    "UnknownInvoice",
    "UnknownLine",
    "UnknownManager",
    "UnknownTicket",
    "WrongTicketNumber",
]


class ConfigError(StudioError):
    """A configuration file cannot be used: where (file, key, line), what is wrong, what would be right.

    key: dotted, rows of a list counted from 1 (``billing.tax[2].rate``). line: None where there is none.
    more: the other faults of the same file, so that one run names them all.
    """

    def __init__(
        self,
        file: Path | str,
        key: str,
        wrong: str,
        right: str,
        *,
        line: int | None = None,
        more: Sequence[ConfigError] = (),
    ) -> None:
        super().__init__(f"{file}:{line or 0}: {key}: {wrong}" + (f" (and {len(more)} more)" if more else ""))
        self.file = str(file)
        self.key = key
        self.wrong = wrong
        self.right = right
        self.line = line
        self.more = tuple(more)


class MissingSecret(StudioError):
    """A secret that this command needs is not there. `source` names the variable or file, never its value."""

    def __init__(self, key: str, source: str) -> None:
        super().__init__(f"{key}: no secret in {source}")
        self.key = key
        self.source = source


class InputFileError(StudioError):
    """A file given by a person (CSV export, kept read, import) is not usable: line, what is wrong, what to do."""

    def __init__(self, file: Path | str, line: int | None, wrong: str, next_step: str) -> None:
        super().__init__(f"{file}:{line or 0}: {wrong}")
        self.file = str(file)
        self.line = line
        self.wrong = wrong
        self.next_step = next_step


class FilesystemError(StudioError):
    """Writing or reading a file of ours failed: full disk, read-only folder, missing permission."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = str(path)
        self.reason = reason


class Refused(StudioError):
    """A guard refuses (exit code 4). `wrong` says why, `next_step` what to do."""

    def __init__(self, wrong: str, next_step: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.next_step = next_step


class MonthNotOver(Refused):
    """A month is closed only when it is over in the studio's zone."""

    def __init__(self, month: str, first_day: date) -> None:
        super().__init__(
            f"{month} is not over yet.",
            f"Run `bill preview {month}` to look at it; close it on {first_day} or later.",
        )
        self.month = month
        self.first_day = first_day


class MonthBeforeStart(Refused):
    """The month lies before the first month that is ever billed from this store."""

    def __init__(self, month: str, first_month: str) -> None:
        super().__init__(
            f"{month} lies before {first_month}, the first month billed from this store.",
            f'If {month} is to be billed here too, set first_month = "{month}" in [billing].',
        )
        self.month = month
        self.first_month = first_month


class PlanChanged(Refused):
    """The plan that would be applied is not the one that was looked at."""

    def __init__(self, expected: str, actual: str) -> None:
        super().__init__(
            f"The plan is now {actual}, not {expected}: hours, clients' files or rules changed since.",
            "Run `bill preview` again, look at what changed, and close with the new hash.",
        )
        self.expected = expected
        self.actual = actual


class SourceKindMixed(Refused):
    """A client's month would be billed from two kinds of source (Redmine and CSV): keys would not match."""

    def __init__(self, client: str, month: str, closed_from: str, now_from: str) -> None:
        super().__init__(
            f"{client} {month} was closed from {closed_from}; {now_from} knows the same hours under other keys.",
            f"Use {closed_from} for this client, or leave it out with --client.",
        )
        self.client = client
        self.month = month


class IssueDateRefused(Refused):
    """The issue date lies in the future, before the period's end or before the series' last document."""


class InvoiceStateError(Refused):
    """What was asked is not possible in the invoice's state (cancelling a cancellation, a paid invoice ...)."""


class ClientHeld(Refused):
    """The client is held for that month: a person said that it is not to be closed."""

    def __init__(self, client: str, month: str, reason: str) -> None:
        super().__init__(
            f"{client} is held for {month}" + (f": {reason}" if reason else "."),
            f"Lift it with `bill unhold {month} --client {client}`, then close again.",
        )
        self.client = client
        self.month = month
        self.reason = reason


class EntryTaken(Refused):
    """A time entry stands somewhere already, so it cannot be billed or set aside a second time."""

    def __init__(self, entry: str, where: str) -> None:
        super().__init__(
            f"Time entry {entry} stands already {where}.",
            "Run `bill preview` again: the plan was made before that, and nothing of this client was written.",
        )
        self.entry = entry
        self.where = where


class NumberTaken(Refused):
    """The next number of the series, as it would be printed, is already borne by another document."""

    def __init__(self, number: str, seller: str) -> None:
        super().__init__(
            f"The next number would be {number}, which a document in this store bears already.",
            f"Give {'[sellers.' + seller + ']' if seller else '[seller]'} a number_format that prints other numbers.",
        )
        self.number = number
        self.seller = seller


class LetterTemplateBroken(StudioError):
    """A template of a letter cannot be used. line: None where there is none, or the whole file is meant."""

    def __init__(self, file: Path | str, line: int | None, wrong: str) -> None:
        super().__init__(f"{file}:{line or 0}: {wrong}")
        self.file = str(file)
        self.line = line
        self.wrong = wrong


class LetterUnfit(StudioError):
    """One letter cannot be put together as its client wants it: it is refused, and the others go on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LockHeld(StudioError):
    """Another run holds the lock. `holder` says who, as far as known."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"lock held by {holder}")
        self.holder = holder


class StoreError(StudioError):
    """The store cannot be used: `wrong` and `next_step`."""

    def __init__(self, url: str, wrong: str, next_step: str) -> None:
        super().__init__(f"{url}: {wrong}")
        self.url = url
        self.wrong = wrong
        self.next_step = next_step


class StoreTooNew(StoreError):
    """The store was written by a newer version of studio-support."""


class MailRefused(StudioError):
    """The mail server cannot be used at all (connection, TLS, login); no letter was handed over.

    told_today: an earlier run of the same command named this today.
    """

    told_today: bool = False

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(f"{server}: {reason}")
        self.server = server
        self.reason = reason


class MailboxRefused(StudioError):
    """The mailbox that reports of non-delivery arrive in cannot be read. `mailbox` names it, without a secret.

    told_today: as for MailRefused.
    """

    told_today: bool = False

    def __init__(self, mailbox: str, reason: str) -> None:
        super().__init__(f"{mailbox}: {reason}")
        self.mailbox = mailbox
        self.reason = reason


class ListenError(StudioError):
    """A server of ours cannot listen there: the address is taken, or is not one of this machine."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address}: {reason}")
        self.address = address
        self.reason = reason


class UnknownInvoice(StudioError):
    """No document of this number in the store."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class UnknownLine(StudioError):
    """A document has no line of this number; `lines` says how many it has."""

    def __init__(self, number: str, line: int, lines: int) -> None:
        super().__init__(f"{number}:{line}")
        self.number = number
        self.line = line
        self.lines = lines


class UnknownClient(StudioError):
    """No client file has this id; `known` are the nearest ones."""

    def __init__(self, client: str, known: Sequence[str]) -> None:
        super().__init__(client)
        self.client = client
        self.known = tuple(known)


class UnknownManager(StudioError):
    """No client file names this account manager; `known` are those that are named."""

    def __init__(self, manager: str, known: Sequence[str]) -> None:
        super().__init__(manager)
        self.manager = manager
        self.known = tuple(known)


class UnknownEntry(StudioError):
    """No time entry of this id was billed or set aside in this store."""

    def __init__(self, entry: str) -> None:
        super().__init__(entry)
        self.entry = entry


class NoCalendar(StudioError):
    """No calendar for this country or subdivision. `known`: the nearest ones, or the country's subdivisions."""

    def __init__(self, country: str, subdivision: str, known: Sequence[str]) -> None:
        super().__init__(f"no calendar for {country} {subdivision}".rstrip())
        self.country = country
        self.subdivision = subdivision
        self.known = tuple(known)


class NoCalendarYear(StudioError):
    """A promise would need a year that the calendar has no data for.

    decreed: only years with a file of their own count there, because days are set by yearly decree.
    """

    def __init__(self, calendar: str, year: int, known: Sequence[int], *, decreed: bool) -> None:
        super().__init__(f"calendar {calendar}: no data for {year}")
        self.calendar = calendar
        self.year = year
        self.known = tuple(known)
        self.decreed = decreed
