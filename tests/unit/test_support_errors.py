"""Errors carry what happened as attributes; their own text is terse and for developers."""

from __future__ import annotations

import inspect
from datetime import date
from pathlib import Path

import pytest

from studio_support import errors
from studio_support.errors import (
    ClientHeld,
    ConfigError,
    EntryTaken,
    FilesystemError,
    IncompleteRead,
    InputFileError,
    LetterUnfit,
    ListenError,
    LockHeld,
    MailboxRefused,
    MailRefused,
    MissingSecret,
    MonthBeforeStart,
    MonthNotOver,
    NumberTaken,
    OwnEntriesOnly,
    PlanChanged,
    Refused,
    SourceError,
    SourceKindMixed,
    SourceUnreachable,
    StoreError,
    StoreTooNew,
    StudioError,
    UnknownClient,
    UnknownEntry,
    UnknownInvoice,
    UnknownLine,
    UnknownManager,
)


def test_every_error_descends_from_the_root() -> None:
    """A host that catches StudioError catches everything that we raise on purpose."""
    classes = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)]
    assert len(classes) > 20
    assert all(issubclass(kind, StudioError) for kind in classes)
    assert {kind.__name__ for kind in classes} <= set(errors.__all__)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            ConfigError("a.toml", "billing.tax[2].rate", "is missing", "Add it."),
            "a.toml:0: billing.tax[2].rate: is missing",
        ),
        (MissingSecret("redmine.api_key", "$KEY"), "redmine.api_key: no secret in $KEY"),
        (ListenError("127.0.0.1:80", "it is taken"), "127.0.0.1:80: it is taken"),
        (InputFileError(Path("x.csv"), 7, "no date", "Mend it."), "x.csv:7: no date"),
        (InputFileError("x.csv", None, "is empty", "Export it again."), "x.csv:0: is empty"),
        (FilesystemError(Path("out/a.pdf"), "disk full"), "out/a.pdf: disk full"),
        (SourceUnreachable("http://redmine.example", "no answer", 503), "http://redmine.example: 503 no answer"),
        (LockHeld("process 12"), "lock held by process 12"),
        (StoreTooNew("sqlite:///a.db", "newer", "Upgrade."), "sqlite:///a.db: newer"),
        (MailRefused("mail.example:25", "no login"), "mail.example:25: no login"),
        (MailboxRefused("imaps://mx.example", "no login"), "imaps://mx.example: no login"),
        (LetterUnfit("its e-invoice is faulty"), "its e-invoice is faulty"),
        (UnknownInvoice("2026-0007"), "2026-0007"),
        (UnknownLine("2026-0007", 9, 3), "2026-0007:9"),
        (UnknownClient("acne", ["acme"]), "acne"),
        (UnknownEntry("12"), "12"),
        (UnknownManager("i.petrov", ["i.petrova"]), "i.petrov"),
    ],
)
def test_the_text_says_where_and_what(error: StudioError, text: str) -> None:
    assert str(error) == text


def test_a_fault_in_a_file_brings_the_others_of_that_file() -> None:
    """One run names them all."""
    second = ConfigError("a.toml", "x", "is no date", "Write 2026-10-01.", line=9)
    first = ConfigError(Path("a.toml"), "y", "is missing", "Add y.", line=3, more=[second])
    assert str(first) == "a.toml:3: y: is missing (and 1 more)"
    assert (first.file, first.key, first.wrong, first.right, first.line) == ("a.toml", "y", "is missing", "Add y.", 3)
    assert first.more == (second,)
    assert second.more == ()


def test_facts_are_attributes() -> None:
    """What the command line needs for its sentences, it does not have to read out of a text."""
    secret = MissingSecret("mail.password", "$MAIL_PASSWORD")
    assert (secret.key, secret.source) == ("mail.password", "$MAIL_PASSWORD")
    broken = InputFileError("x.csv", 7, "no date", "Mend it.")
    assert (broken.file, broken.line, broken.wrong, broken.next_step) == ("x.csv", 7, "no date", "Mend it.")
    disk = FilesystemError(Path("out/a.pdf"), "disk full")
    assert (disk.path, disk.reason) == ("out/a.pdf", "disk full")
    server = SourceError("http://redmine.example", "cut off")
    assert (server.url, server.reason, server.status) == ("http://redmine.example", "cut off", None)
    own = OwnEntriesOnly("http://redmine.example", ["Developer", "Tester"])
    assert own.roles == ("Developer", "Tester")
    assert own.reason == "roles see own time entries only: Developer, Tester"
    partial = IncompleteRead("http://redmine.example", "reads differ", ["row 7"])
    assert (partial.reason, partial.differences) == ("reads differ", ("row 7",))
    store = StoreError("sqlite:///a.db", "is no database", "Restore it.")
    assert (store.url, store.wrong, store.next_step) == ("sqlite:///a.db", "is no database", "Restore it.")
    mail = MailRefused("mail.example:25", "no login")
    assert (mail.server, mail.reason) == ("mail.example:25", "no login")
    client = UnknownClient("acne", ["acme", "acorn"])
    assert (client.client, client.known) == ("acne", ("acme", "acorn"))
    manager = UnknownManager("i.petrov", ["i.petrova"])
    assert (manager.manager, manager.known) == ("i.petrov", ("i.petrova",))
    assert UnknownInvoice("2026-0007").number == "2026-0007"
    assert UnknownEntry("12").entry == "12"
    line = UnknownLine("2026-0007", 9, 3)
    assert (line.number, line.line, line.lines) == ("2026-0007", 9, 3)
    assert LockHeld("process 12").holder == "process 12"


@pytest.mark.parametrize(
    ("refusal", "wrong", "in_next_step"),
    [
        (MonthNotOver("2026-11", date(2026, 12, 1)), "2026-11 is not over yet.", "close it on 2026-12-01 or later"),
        (
            MonthBeforeStart("2026-08", "2026-10"),
            "2026-08 lies before 2026-10, the first month billed from this store.",
            'first_month = "2026-08"',
        ),
        (
            PlanChanged("aaa", "bbb"),
            "The plan is now bbb, not aaa: hours, clients' files or rules changed since.",
            "bill preview",
        ),
        (
            SourceKindMixed("acme", "2026-10", "Redmine", "a CSV file"),
            "acme 2026-10 was closed from Redmine; a CSV file knows the same hours under other keys.",
            "Use Redmine for this client",
        ),
        (
            ClientHeld("acme", "2026-10", "waits for the order number"),
            "acme is held for 2026-10: waits for the order number",
            "bill unhold 2026-10 --client acme",
        ),
        (ClientHeld("acme", "2026-10", ""), "acme is held for 2026-10.", "bill unhold 2026-10 --client acme"),
        (EntryTaken("12", "on 2026-0007"), "Time entry 12 stands already on 2026-0007.", "bill preview"),
        (
            NumberTaken("2026-0007", ""),
            "The next number would be 2026-0007, which a document in this store bears already.",
            "Give [seller] a number_format",
        ),
        (
            NumberTaken("2026-0007", "berlin"),
            "The next number would be 2026-0007, which a document in this store bears already.",
            "Give [sellers.berlin] a number_format",
        ),
    ],
)
def test_a_refusal_says_why_and_what_to_do(refusal: Refused, wrong: str, in_next_step: str) -> None:
    assert refusal.wrong == wrong
    assert in_next_step in refusal.next_step
    assert str(refusal) == wrong
