"""What is said of letters: a row each for tables and JSON, and problems with the next step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio_invoices.errors import Problem
from studio_support.counting import counted
from studio_support.delivery.limits import Admitted, Limits
from studio_support.delivery.outbox import LetterRow, Outbox
from studio_support.delivery.outcomes import TOO_LARGE
from studio_support.delivery.stored import Selection
from studio_support.errors import LetterUnfit, MailRefused

if TYPE_CHECKING:
    from studio_support.period import Month
    from studio_support.studio import Studio

_ENHANCED = re.compile(r"\b5\.[0-9]{1,3}\.[0-9]{1,3}\b")


def letter_row(letter: LetterRow, state: str) -> dict[str, str]:
    """A letter as JSON. next_attempt_at: RFC 3339 in UTC, "" where it is not put off."""
    later = letter.next_attempt_at
    return {
        "number": letter.number,
        "client": letter.client,
        "kind": letter.kind,
        "to": letter.recipient,
        "state": state,
        "detail": letter.detail,
        "message_id": letter.message_id,
        "next_attempt_at": "" if later is None else later.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def stuck_problems(letters: Iterable[LetterRow]) -> list[Problem]:
    """Letters that will not leave, or not arrive, without a person."""
    return [_stuck(letter) for letter in letters]


def stuck_letters(studio: Studio, month: Month | None) -> tuple[Problem, ...]:
    """Those of a month's documents, or of all."""
    outbox = Outbox(studio.store, studio.clock, studio.person, "nobody@localhost")
    return tuple(stuck_problems(outbox.stuck(Selection(month=None if month is None else str(month)))))


def _stuck(letter: LetterRow) -> Problem:
    what = f"The {'reminder of' if letter.is_reminder else 'letter with'} {letter.number}"
    mend = f"{_mend(letter)}, then `invoice send {letter.number} --again`."
    if letter.state == "uncertain":
        message = f"It is not known whether t{what[1:]} reached {letter.recipient}."
        mend = f"Ask the client, or run `invoice send {letter.number} --again`: it keeps its Message-ID."
    elif letter.state == "bounced":
        message = f"{what} to {letter.recipient} came back: {letter.detail}."
    else:
        message = f"{what} to {letter.recipient} was refused: {letter.detail}."
    return Problem(f"invoice:{letter.number}", message, mend, letter.client)


def _mend(letter: LetterRow) -> str:
    """What a refused or returned letter asks for, by the enhanced status code (RFC 3463, 3) or the bare one."""
    said, file = letter.detail, f"clients/{letter.client}.toml"
    # a server's word begins with its code; ours names what to mend
    if letter.state == "refused" and not said.startswith(("5", "the server takes no addresses", TOO_LARGE)):
        return "Mend that"
    code = next((code for code in _ENHANCED.findall(said) if code != "5.0.0"), "")
    if said.startswith(TOO_LARGE) or code in ("5.2.3", "5.3.4"):
        return f"Take files out of attach in {file}, or let the mail server take larger letters"
    if code.startswith("5.2.") or (not code and said.startswith("552")):
        return f"Ask the client to see to that mailbox, or name another address in {file}"
    if code.startswith("5.7.") or (not code and said.startswith("554")):
        return "Ask who runs the mail server why it is not trusted (`doctor` looks at SPF and DMARC)"
    return f"Correct the address in {file}"


def unfit_problem(letter: Mapping[str, str], error: LetterUnfit) -> Problem:
    """A letter that would be refused before it leaves."""
    number = letter["number"]
    message = f"The letter with {number} to {letter['to']} would be refused: {error.reason}."
    return Problem(f"invoice:{number}", message, "Mend that before it is sent.", letter["client"])


def stopped_problem(error: MailRefused) -> Problem:
    """The run ended before its letters did."""
    return Problem(
        "mail", f"Sending stopped: {error.server}: {error.reason}.", "Look at the mail server, then send again."
    )


def without_link_problem(letter: LetterRow) -> Problem:
    """A letter that waits for a link: that of its document was taken back."""
    return Problem(
        f"invoice:{letter.number}",
        f"The letter with {letter.number} to {letter.recipient} waits: its link was taken back.",
        f"Run `invoice link {letter.number} --renew` and send again, or cancel the document.",
        letter.client,
    )


def nothing_behind_problem(number: str, client: str, recipient: str, month: str, directory: Path) -> Problem:
    """A letter that waits for the copy behind its link."""
    return Problem(
        f"invoice:{number}",
        f"The letter with {number} to {recipient} waits: nothing lies behind its link in {directory}.",
        f"Run `bill close {month}`, which publishes what is missing, and send again.",
        client,
    )


def waiting_problems(
    put_off: Sequence[LetterRow], admitted: Admitted[Any], limits: Limits, again: str
) -> list[Problem]:
    """Letters that wait: put off by a server, or held back by a limit. again: the command that goes on."""
    problems = []
    if put_off:
        first = put_off[0]
        count = "1 letter waits, it is" if len(put_off) == 1 else f"{len(put_off)} letters wait, the first is"
        later = [letter.next_attempt_at for letter in put_off if letter.next_attempt_at is not None]
        when = f" It may be tried again from {min(later).astimezone(UTC):%Y-%m-%d %H:%M} UTC." if later else ""
        message = f"{count} to {first.recipient}: {first.detail or 'not tried yet'}.{when}"
        problems.append(Problem(f"invoice:{first.number}", message, f"Run `{again}` again later."))
    if admitted.beyond_run:
        more = counted(len(admitted.beyond_run), "letter")
        message = f"{more} more than max_letters = {limits.max_letters} in one run."
        problems.append(Problem("mail", message, f"Run `{again}` again, or raise max_letters in [mail]."))
    for recipient in dict.fromkeys(letter.recipient for letter in admitted.beyond_day):
        message = f"{recipient} was handed letters_a_day = {limits.letters_a_day} letters within 24 hours."
        problems.append(Problem("mail", message, f"Run `{again}` again tomorrow, or raise letters_a_day in [mail]."))
    return problems
