"""Every error has its sentence: what and where, the next step, the exit code."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

import studio_invoices
import studio_support
from studio_cli.errors import FAILED, LOCKED, PARTLY, REFUSED, USAGE, sentence, told
from studio_invoices.errors import StudioError
from studio_support import errors as e

URL = "http://redmine.example/time_entries.json"

SAMPLES: list[tuple[StudioError, int, str]] = [
    (
        e.ConfigError("studio-support.toml", "billing.tax[2].rate", "is missing", "Add it.", line=7),
        FAILED,
        "studio-support.toml: line 7, billing.tax[2].rate is missing.",
    ),
    (
        e.MissingSecret("redmine.api_key_env", "$REDMINE_API_KEY"),
        FAILED,
        "redmine.api_key_env is not set: $REDMINE_API_KEY is empty or missing.",
    ),
    (e.InputFileError("x.csv", 7, "no date here", "Mend it."), FAILED, "x.csv, line 7: no date here."),
    (e.InputFileError("x.csv", None, "the file is empty", "Export again."), FAILED, "x.csv: the file is empty."),
    (e.FilesystemError("out/a.pdf", "No space left on device"), FAILED, "out/a.pdf: No space left on device."),
    (e.SourceUnreachable(URL, "no answer within 30 s"), FAILED, f"{URL} cannot be reached: no answer within 30 s."),
    (e.SourceUnreachable(URL, "no answer", 503), FAILED, f"{URL} failed (HTTP 503): no answer."),
    (e.SourceUnreachable(URL, "too many", 429), FAILED, f"{URL} failed (HTTP 429): too many."),
    (e.SourceRefused(URL, "no right", 403), FAILED, f"{URL} refused (HTTP 403): no right."),
    (e.SourceRefused(URL, "not an address"), FAILED, f"{URL} refused: not an address."),
    (e.SourceBroken(URL, "no JSON"), FAILED, f"The answer of {URL} cannot be trusted: no JSON."),
    (e.OwnEntriesOnly(URL, ["Developer"]), FAILED, "The key's user sees its own time entries only (role Developer)"),
    (e.IncompleteRead(URL, "reads differ", ["entry 7"]), FAILED, "The month could not be read whole: reads differ."),
    (e.SourceError(URL, "something", 500), FAILED, URL),
    (e.Refused("It may not be.", "Do that instead."), REFUSED, "It may not be."),
    (e.MonthNotOver("2026-10", date(2026, 11, 1)), REFUSED, "2026-10 is not over yet."),
    (e.MonthBeforeStart("2026-09", "2026-10"), REFUSED, "2026-09 lies before 2026-10"),
    (e.PlanChanged("aa", "bb"), REFUSED, "The plan is now bb, not aa"),
    (e.SourceKindMixed("acme", "2026-10", "redmine", "csv"), REFUSED, "acme 2026-10 was closed from redmine"),
    (e.IssueDateRefused("It lies in the future.", "Choose today."), REFUSED, "It lies in the future."),
    (e.InvoiceStateError("It is paid.", "Leave it."), REFUSED, "It is paid."),
    (e.ClientHeld("acme", "2026-10", "waits"), REFUSED, "acme is held for 2026-10: waits."),
    (e.EntryTaken("7", "on invoice 2026-0001"), REFUSED, "Time entry 7 stands already on invoice 2026-0001."),
    (e.NumberTaken("2026-0001", ""), REFUSED, "The next number would be 2026-0001"),
    (e.LockHeld("anna, process 7"), LOCKED, "Another run holds the lock: anna, process 7."),
    (e.StoreError("store.db", "it is no store", "Take the backup."), FAILED, "The store store.db: it is no store."),
    (e.StoreTooNew("store.db", "it is newer", "Upgrade."), FAILED, "The store store.db: it is newer."),
    (e.MailRefused("smtp://mail.example", "no TLS"), FAILED, "The mail server smtp://mail.example cannot be used"),
    (
        e.MailboxRefused("imaps://mx.example", "no login"),
        FAILED,
        "The mailbox of returned mail, imaps://mx.example, cannot",
    ),
    (e.LetterUnfit("its e-invoice is faulty"), FAILED, "The letter cannot be put together: its e-invoice is faulty."),
    (e.ListenError("127.0.0.1:80", "taken"), FAILED, "Cannot listen on 127.0.0.1:80: taken."),
    (e.UnknownInvoice("2026-0099"), FAILED, 'There is no invoice "2026-0099" in the store.'),
    (e.UnknownLine("2026-0001", 9, 3), FAILED, "The invoice 2026-0001 has lines 1 to 3, no line 9."),
    (e.UnknownLine("2026-0001", 2, 1), FAILED, "The invoice 2026-0001 has one line, no line 2."),
    (e.UnknownClient("acne", ["acme"]), USAGE, 'There is no client "acne".'),
    (e.UnknownManager("i.petrov", ["i.petrova"]), USAGE, 'No client has the account manager "i.petrov".'),
    (e.UnknownEntry("77"), FAILED, 'The entry "77" stands nowhere in this store.'),
    (
        e.WrongTicketNumber("123456", "has a wrong check digit", ["2026112110000015"]),
        USAGE,
        '"123456" is no ticket number',
    ),
    (e.UnknownTicket("2026112110000015"), FAILED, "OTRS shows no ticket 2026112110000015."),
    (e.RedmineRefused(URL, "Project is invalid", 422), FAILED, ""),
    (e.OtrsUnreachable(URL, "no connection"), FAILED, ""),
    (e.OtrsBroken(URL, "HTML"), FAILED, ""),
    (e.OtrsRefused(URL, "large"), FAILED, ""),
    (e.AuthFailed(URL, "x"), FAILED, ""),
    (e.AccessDenied(URL, "x"), FAILED, ""),
    (e.InvalidParameter(URL, "Queue"), FAILED, ""),
    (e.MissingRoute(URL, "TicketSearch", "POST /TicketSearch", "Desk", "w.yml"), FAILED, "The web service Desk"),
    (e.NotSent(URL, "no connection"), FAILED, ""),
    (e.OutcomeUnknown(URL, "time-out"), PARTLY, ""),
    (e.LetterTemplateBroken("letters/done.ru.txt.j2", 3, "no such name"), FAILED, "letters/done.ru.txt.j2"),
    (e.NoCalendar("XX", "", ("AT", "DE")), FAILED, "There is no calendar of XX"),
    (e.NoCalendarYear("RU", 2028, (2026, 2027), decreed=True), FAILED, ""),
]


def kinds(root: type[StudioError]) -> Iterator[type[StudioError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from kinds(kind)


def public_kinds() -> set[type[StudioError]]:
    return {kind for kind in kinds(StudioError) if kind.__name__ in e.__all__}


@pytest.mark.parametrize(("error", "code", "begins"), SAMPLES, ids=lambda value: type(value).__name__)
def test_an_error_becomes_a_sentence_a_next_step_and_an_exit_code(error: StudioError, code: int, begins: str) -> None:
    wrong, next_step, given = told(error)
    assert given == code
    assert wrong.startswith(begins)
    assert wrong.endswith(".")
    assert next_step.endswith(".")
    assert next_step != wrong
    assert ".." not in wrong + next_step
    assert type(error).__name__ not in wrong, "class names are for developers"


def test_no_kind_of_error_is_forgotten() -> None:
    """Whoever adds an error adds a sample here, and a sentence where its parent's does not do."""
    assert {type(error) for error, _, _ in SAMPLES} == public_kinds()
    assert len(public_kinds()) > 25


def test_every_kind_has_a_sentence_of_its_own_or_its_parents() -> None:
    """None falls to that of the root, which only repeats terse words for developers. SourceError is a parent only."""
    fallback = sentence.dispatch(StudioError)
    left = {kind for kind in public_kinds() if sentence.dispatch(kind) is fallback}
    assert left == {e.SourceError}


def test_errors_of_other_rooms_are_known_by_name() -> None:
    """They are caught where they arise, or children of a public kind; whoever adds one says here that it is so."""
    for package in (studio_support, studio_invoices):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:
                import_module(module.name)
    others = {kind.__name__ for kind in kinds(StudioError)} - {kind.__name__ for kind in public_kinds()}
    looks = {"FontCacheDamaged", "FontUnusable", "LookUnusable", "PictureUnusable"}
    assert others == {"FileConflict", "CreditRefused", "CurrencyMismatch", "Disaster", *looks}


def test_all_faults_of_a_file_are_told_at_once() -> None:
    more = e.ConfigError("a.toml", "links.base_url", "is no address", "Write https://x.", line=9)
    wrong, right, _ = told(e.ConfigError("a.toml", "studio.zone", "is unknown", "Did you mean timezone?", more=[more]))
    first, second = wrong.split("\n")
    assert first == "a.toml: studio.zone is unknown. Did you mean timezone?"
    assert second == "Also line 9, links.base_url is no address. Write https://x."
    assert right == "Correct all of them, then run the same command again."


@pytest.mark.parametrize(
    ("error", "says", "step"),
    [
        (OSError(28, "No space left on device", "a.txt"), "a.txt: No space left on device.", "Make room"),
        (FileNotFoundError(2, "No such file or directory", "a.txt"), "a.txt: No such file", "Check the path"),
        (PermissionError(13, "Permission denied", "a.txt"), "a.txt: Permission denied.", "Give yourself the right"),
        (OSError(5, "Input/output error", Path("a.txt")), "a.txt: Input/output error.", "Look at that file"),
        (MemoryError(), "The machine has no memory left.", "--client"),
        (ZeroDivisionError("x"), "An unexpected fault (ZeroDivisionError) stopped the command.", "-vv"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_nobody_expected_ends_in_a_sentence_too(error: BaseException, says: str, step: str) -> None:
    wrong, next_step, code = told(error)
    assert wrong.startswith(says)
    assert step in next_step
    assert (wrong[-1], next_step[-1], code) == (".", ".", FAILED)
