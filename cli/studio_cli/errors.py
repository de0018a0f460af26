"""Errors become sentences here and nowhere else: what and where, the next step, and the exit code.

0 done or nothing to do, 1 failed, 2 usage, 3 partly done or problems left, 4 refused by a guard, 5 locked.
"""

from __future__ import annotations

import errno
import os
import sys
from functools import singledispatch

import click

from studio_cli.desk_sentences import DESK_SENTENCES
from studio_cli.server_sentences import SENTENCES
from studio_cli.streams import leave, tell
from studio_support import errors as e

DONE, FAILED, USAGE, PARTLY, REFUSED, LOCKED = range(6)
INTERRUPTED = 130  # what shells give a program ended by Ctrl-C


def report(error: BaseException, verbose: bool, *, again: bool = True) -> int:
    """Tells an error on stderr and returns the exit code. A traceback is shown with -vv only.

    again: also what cron was told today already.
    """
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAILED
    if isinstance(error, BrokenPipeError):
        leave(sys.stdout)
        return DONE
    if isinstance(error, click.ClickException):
        tell(_usage(error))
        return USAGE if isinstance(error, click.UsageError) else FAILED
    if verbose:
        import traceback

        tell("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, KeyboardInterrupt | click.Abort):
        tell("Interrupted: what was finished stays; run the same command again to go on where it stopped.")
        return INTERRUPTED
    wrong, next_step, code = told(error)
    if not again and isinstance(error, e.MailRefused | e.MailboxRefused) and error.told_today:
        return code
    tell(f"Error: {wrong}\n{next_step}")
    return code


def _usage(error: click.ClickException) -> str:
    """What is wrong with the command line, and where to look it up."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    message = error.format_message()
    help_of = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else ""
    step = f"Try: {help_of} --help" if help_of else "Try: studio-support --help"
    return f"Error: {message}{'' if message.endswith(('.', '?')) else '.'}\n{step}"


Told = tuple[str, str, int]


def _stopped(text: str) -> str:
    """A sentence with its full stop, whatever the fact at its end brings along."""
    return text if text.endswith((".", "?")) else f"{text}."


def told(error: BaseException) -> Told:
    """(what is wrong, next step, exit code) of an error: whole sentences, on one line where the facts allow it."""
    wrong, next_step, code = sentence(error)
    return _stopped(wrong), _stopped(next_step), code


@singledispatch
def sentence(error: BaseException) -> Told:
    """See told; full stops are added there."""
    kind = type(error).__name__
    return (
        f"An unexpected fault ({kind}) stopped the command.",
        "Run it again with -vv before the command and report what it shows; a run can be repeated without harm.",
        FAILED,
    )


@sentence.register
def _(error: MemoryError) -> Told:
    return (
        "The machine has no memory left.",
        "Close other programs or bill fewer clients at once with --client.",
        FAILED,
    )


@sentence.register
def _(error: OSError) -> Told:
    reason = error.strerror or str(error) or type(error).__name__
    # all our own files are named: an error without a name comes from a stream
    return f"{error.filename or 'standard output'}: {reason}", _mend(reason), FAILED


_ROOM = {os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)} | {"the disk is full"}
_PATH = {
    os.strerror(number) for number in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG)
}
_RIGHT = {os.strerror(number) for number in (errno.EACCES, errno.EPERM, errno.EROFS)}


def _mend(reason: str) -> str:
    """The next step after what the operating system says of a file."""
    if reason in _PATH:
        return "Check the path, then run the same command again."
    if reason == "is not what was issued":
        return "Restore that file from a backup: it was changed, so it is not handed out."
    if reason.startswith("is missing, and would be drawn otherwise"):
        return "Restore that file from a backup, or set [seller.look] as it was when it was issued, and run it again."
    if reason in _ROOM:
        step = "Make room on that disk"
    elif reason in _RIGHT:
        step = "Give yourself the right to read and write there"
    else:
        step = "Look at that file and the disk it is on"
    return f"{step}, then run the same command again: it goes on where it stopped."


@sentence.register
def _(error: e.StudioError) -> Told:
    return f"{error}", "Run with -vv before the command to see where it comes from.", FAILED


_VERBS = frozenset(
    ("begins", "belongs", "cannot", "ends", "has", "holds", "is", "lacks", "must", "names", "needs", "stands", "was")
)


def _about(place: str, wrong: str) -> str:
    """What is wrong with a place: "a.toml is empty.", but "a.toml: there is no such file."."""
    link = " " if wrong.split(" ", 1)[0] in _VERBS else ": "
    return _stopped(f"{place}{link}{wrong}")


def _fault(error: e.ConfigError) -> str:
    line = f"line {error.line}" if error.line else ""
    place = ", ".join(word for word in (line, error.key) if word)
    return f"{place} {error.wrong}." if error.key else _about(place, error.wrong)


def _first_fault(error: e.ConfigError) -> str:
    if not error.key and not error.line:
        return _about(error.file, error.wrong)
    return f"{error.file}{':' if error.key else ','} {_fault(error)}"


@sentence.register
def _(error: e.ConfigError) -> Told:
    if not error.more:
        return _first_fault(error), error.right, FAILED
    others = "".join(f"\nAlso {_fault(fault)} {fault.right}" for fault in error.more)
    wrong = f"{_first_fault(error)} {error.right}{others}"
    return wrong, "Correct all of them, then run the same command again.", FAILED


@sentence.register
def _(error: e.MissingSecret) -> Told:
    return (
        f"{error.key} is not set: {error.source} is empty or missing.",
        f"Put the secret into {error.source}.",
        FAILED,
    )


@sentence.register
def _(error: e.InputFileError) -> Told:
    place = error.file if error.line is None else f"{error.file}, line {error.line}"
    return _about(place, error.wrong), error.next_step, FAILED


@sentence.register
def _(error: e.FilesystemError) -> Told:
    return f"{error.path}: {error.reason}", _mend(error.reason), FAILED


@sentence.register
def _(error: e.SourceUnreachable) -> Told:
    if error.status == 429:
        step = "Nothing was changed. The server asks for a pause: run the same command again in some minutes."
    elif error.status:
        step = "Nothing was changed. Look into the server's log, then run the same command again."
    else:
        step = "Nothing was changed. Check the address and the server, then run the same command again."
    happened = f"failed (HTTP {error.status})" if error.status else "cannot be reached"
    return f"{error.url} {happened}: {error.reason}", step, FAILED


@sentence.register
def _(error: e.SourceRefused) -> Told:
    steps = {
        401: "Check the API key: My account, API access key, in Redmine; and that REST is enabled in its settings.",
        403: "Give the key's user the permission to see this, or enable REST in Redmine's settings.",
        404: "Check the address in [redmine] url, and that the project is not archived.",
    }
    status = f" (HTTP {error.status})" if error.status else ""
    step = steps.get(error.status or 0, "Look into the server's log, then run the same command again.")
    return f"{error.url} refused{status}: {error.reason}", step, FAILED


@sentence.register
def _(error: e.RedmineRefused) -> Told:
    status = f" (HTTP {error.status})" if error.status else ""
    steps = {
        "project": "Give default_project in the client's file, and make the key's user a member of it.",
        "assignee": "Make this person a member of the project, or change assignees in [sync].",
        "status": "Take a status that is in Redmine's list and that the workflow of the key's user allows.",
        "issue": "Look whether the issue was deleted.",
    }
    step = steps.get(error.about, "Correct in Redmine what it names, or the rights of the key's user there.")
    return f"Redmine refused{status}: {error.reason}.", f"Nothing was changed. {step}", FAILED


@sentence.register
def _(error: e.LetterTemplateBroken) -> Told:
    place = error.file if error.line is None else f"{error.file}, line {error.line}"
    return (
        f"{place}: {error.wrong}.",
        "Mend the template, or take it away: the one that comes with us stands in.",
        FAILED,
    )


@sentence.register
def _(error: e.OwnEntriesOnly) -> Told:
    return (
        f"The key's user sees its own time entries only (role {', '.join(error.roles)}), so a month cannot be whole.",
        'Set "View spent time: all time entries" in that role, or use another user\'s key.',
        FAILED,
    )


@sentence.register
def _(error: e.IncompleteRead) -> Told:
    shown = "".join(f"\n  {line}" for line in error.differences[:10])
    return (
        f"The month could not be read whole: {error.reason}.{shown}",
        "Nothing was changed. If people are booking right now, wait a moment and run the same command again.",
        FAILED,
    )


@sentence.register
def _(error: e.SourceBroken) -> Told:
    answer = f"The answer of {error.url}" if "://" in error.url else f"The {error.url}"
    return (
        f"{answer} cannot be trusted: {error.reason}",
        "Nothing was changed. Run the same command again; if it lasts, look at the server or the proxy before it.",
        FAILED,
    )


@sentence.register
def _(error: e.Refused) -> Told:
    return error.wrong, error.next_step, REFUSED


@sentence.register
def _(error: e.LockHeld) -> Told:
    return (
        f"Another run holds the lock: {error.holder}.",
        "Wait until it has ended, then run the same command again.",
        LOCKED,
    )


@sentence.register
def _(error: e.StoreError) -> Told:
    return f"The store {error.url}: {error.wrong}", error.next_step, FAILED


@sentence.register
def _(error: e.MailRefused) -> Told:
    return (
        f"The mail server {error.server} cannot be used: {error.reason}",
        "No letter left. Check [mail], then run the same command again.",
        FAILED,
    )


@sentence.register
def _(error: e.LetterUnfit) -> Told:
    return (
        f"The letter cannot be put together: {error.reason}",
        "Mend what it names, or take `attach` out of the client's file, then run the same command again.",
        FAILED,
    )


@sentence.register
def _(error: e.MailboxRefused) -> Told:
    return (
        f"The mailbox of returned mail, {error.mailbox}, cannot be read: {error.reason}",
        "No letter was marked. Check bounces_maildir or bounces_imap in [mail], then run the same command again.",
        FAILED,
    )


@sentence.register
def _(error: e.ListenError) -> Told:
    return (
        f"Cannot listen on {error.address}: {error.reason}.",
        "Choose another --host or --port, or end what uses it.",
        FAILED,
    )


@sentence.register
def _(error: e.UnknownInvoice) -> Told:
    return f'There is no invoice "{error.number}" in the store.', "Run `invoice list` to see the numbers.", FAILED


@sentence.register
def _(error: e.UnknownLine) -> Told:
    has = "one line" if error.lines == 1 else f"lines 1 to {error.lines}"
    return (
        f"The invoice {error.number} has {has}, no line {error.line}.",
        f"Run `bill explain {error.number}` to see them.",
        FAILED,
    )


@sentence.register
def _(error: e.UnknownClient) -> Told:
    near = f"Did you mean {' or '.join(error.known)}? " if error.known else ""
    return f'There is no client "{error.client}".', f"{near}To see all ids: client list.", USAGE


@sentence.register
def _(error: e.UnknownManager) -> Told:
    return (
        f'No client has the account manager "{error.manager}".',
        f"There are: {', '.join(error.known)}." if error.known else "Write account_manager into the clients' files.",
        USAGE,
    )


@sentence.register
def _(error: e.UnknownEntry) -> Told:
    return (
        f'The entry "{error.entry}" stands nowhere in this store.',
        "Run `bill reconcile MONTH` for its month: every booked minute is listed there.",
        FAILED,
    )


@sentence.register
def _(error: e.NoCalendar) -> Told:
    place = f"{error.country}, {error.subdivision}" if error.subdivision else error.country
    known = f" Known are: {', '.join(error.known[:12])}." if error.known else ""
    return f"There is no calendar of {place}.{known}", "Correct country and subdivision in [studio].", FAILED


@sentence.register
def _(error: e.NoCalendarYear) -> Told:
    known = f"{error.known[0]} to {error.known[-1]}" if error.known else "none"
    step = (
        f"Days are set there by yearly decree: once that is out, update studio-support or write it into "
        f"calendars/{error.calendar}-{error.year}.toml beside the settings (docs/configuration.md)."
        if error.decreed
        else "Later years count once they are near: check the date."
    )
    return (
        f"The calendar {error.calendar} has no data for {error.year}, which is needed (known: {known}).",
        step,
        FAILED,
    )


for kind, words in (*SENTENCES, *DESK_SENTENCES):
    sentence.register(kind, words)
