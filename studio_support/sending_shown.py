"""What sending would do, shown: each letter as it would leave, and whatever would keep one back. Nothing is written."""

from __future__ import annotations

import email
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import decode_header, make_header
from typing import TYPE_CHECKING, Any

from studio_invoices.errors import Problem
from studio_support.counting import counted
from studio_support.delivery.deliver import DryRun, would_send
from studio_support.delivery.letter import Letter, Message, as_bytes, envelope_address, needs_smtputf8
from studio_support.delivery.limits import Admitted, admit
from studio_support.delivery.outbox import REMINDER, LetterRow
from studio_support.delivery.stored import Selection
from studio_support.errors import LetterUnfit
from studio_support.results import SendResult
from studio_support.sending_words import (
    letter_row,
    nothing_behind_problem,
    stuck_problems,
    unfit_problem,
    waiting_problems,
    without_link_problem,
)

if TYPE_CHECKING:
    from studio_support.sending import Sender
    from studio_support.studio import Studio


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter that would leave. kind: of its outbox row. row: None where it would be made first. message_id: "" where
    its row in the outbox would be made first as well."""

    number: str
    client: str
    kind: str
    recipient: str
    message_id: str = ""
    detail: str = ""
    row: LetterRow | None = None

    def as_row(self, state: str, detail: str = "") -> dict[str, str]:
        """The letter as JSON."""
        if self.row is not None:
            return letter_row(self.row, state) | ({"detail": detail} if detail else {})
        told = {"number": self.number, "client": self.client, "kind": self.kind, "to": self.recipient}
        return {**told, "state": state, "detail": detail or self.detail}


class Showing:
    """Shows what sending the letters of one studio would do now."""

    def __init__(self, studio: Studio, sender: Sender, again: str) -> None:
        self._studio, self._sender, self._again = studio, sender, again

    def shown(self, selection: Selection, more: Sequence[Shown] = ()) -> SendResult:
        """For the selected letters; more: letters that would be made before."""
        sender, now = self._sender, self._studio.clock()
        found = would_send(sender.outbox, sender.recipients, selection, now)
        kind = "reminder" if selection.letters == "reminders" else "document"
        made = [
            Shown(one.number, one.client, kind, one.recipient, sender.outbox.message_id(one))
            for one in found.new.envelopes
        ]
        waiting = [_of(row) for row in found.due]
        admitted = admit([*waiting, *made, *more], sender.outbox.handed(now), sender.limits)
        rows, messages, problems = self._leaving(admitted)
        rows += [one.as_row("would wait", "beyond the limits of [mail]") for one in admitted.beyond]
        rows += self._staying(found)
        stopped = [*found.new.problems, *problems, *stuck_problems(found.stuck), *self._without_link(selection, found)]
        stopped += waiting_problems(found.put_off, admitted, sender.limits, self._again)
        summary = f"{counted(len(messages), 'letter')} would be sent; nothing was."
        return SendResult(tuple(rows), tuple(stopped), summary, tuple(messages))

    def _leaving(self, admitted: Admitted[Shown]) -> tuple[list[dict[str, str]], list[dict[str, Any]], list[Problem]]:
        rows: list[dict[str, str]] = []
        messages: list[dict[str, Any]] = []
        problems: list[Problem] = []
        for one in admitted.letters:
            try:
                message = self._sender.compose(one.number, one.recipient, reminder=one.kind.startswith("reminder"))
                if not self._sender.opens(one.number, one.recipient):
                    month = self._sender.month(one.number)
                    rows.append(one.as_row("would wait", "nothing lies behind its link"))
                    directory = self._studio.config.links_directory
                    problems.append(nothing_behind_problem(one.number, one.client, one.recipient, month, directory))
                    continue
            except LetterUnfit as error:
                rows.append(one.as_row("would be refused", error.reason))
                problems.append(unfit_problem(rows[-1], error))
                continue
            messages.append(self._as_leaving(one, message))
            rows.append(one.as_row("would be sent"))
        return rows, messages, problems

    def _staying(self, found: DryRun) -> list[dict[str, str]]:
        rows = [letter_row(row, "would be withdrawn") | {"detail": detail} for row, detail in found.withdrawn]
        rows += [letter_row(row, "would wait") for row in (*found.held, *found.put_off)]
        return rows + [letter_row(row, row.state) for row in found.stuck]

    def _without_link(self, selection: Selection, found: DryRun) -> list[Problem]:
        """Letters that wait for a link: that of their document was taken back."""
        outbox = self._sender.outbox
        known = {row.id for row in (*outbox.due(selection), *found.held, *(row for row, _ in found.withdrawn))}
        waiting = [row for row in outbox.letters(selection) if row.state == "queued" and row.id not in known]
        return [without_link_problem(row) for row in waiting]

    def _as_leaving(self, one: Shown, message: Message) -> dict[str, Any]:
        """A letter as it would leave: for people, and byte for byte where a mail server is handed it."""
        mail = self._studio.config.mail
        letter = Letter(one.recipient, one.message_id, self._studio.clock(), message, one.number)
        to = mail.divert_to or one.recipient
        files = [{"name": file.name, "bytes": len(file.content)} for file in message.attachments]
        shown: dict[str, Any] = {"number": one.number, "to": one.recipient}
        shown |= {"diverted_to": mail.divert_to} if mail.divert_to else {}
        shown |= {"from": mail.sender, "reply_to": mail.reply_to, "subject": message.subject}
        shown |= {"text": message.text, "html": message.html}
        shown |= {"attachments": ", ".join(file.name for file in message.attachments), "files": files}
        if mail.via == "otrs":
            return shown
        utf8 = needs_smtputf8(mail.sender, mail.reply_to, to)
        raw = as_bytes(letter, mail.sender, reply_to=mail.reply_to, divert_to=mail.divert_to, utf8=utf8)
        head = email.message_from_string(raw.partition(b"\r\n\r\n")[0].decode("utf-8"))
        headers = [[name, " ".join(str(make_header(decode_header(value))).split())] for name, value in head.items()]
        return {**shown, "envelope_to": envelope_address(to), "headers": headers, "bytes": len(raw)}


def reminder(number: str, client: str, step: int, recipient: str, detail: str) -> Shown:
    """A reminder that would be queued."""
    return Shown(number, client, f"{REMINDER}{step}", recipient, detail=detail)


def _of(row: LetterRow) -> Shown:
    return Shown(row.number, row.client, row.kind, row.recipient, row.message_id, row.detail, row)
