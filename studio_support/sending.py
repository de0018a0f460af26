"""Letters put together: the outbox, the mail server of [mail], and the texts that bring a document's link."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from studio_invoices.errors import Problem
from studio_support.delivery.deliver import Delivery, send_mail, would_send
from studio_support.delivery.letter import Message
from studio_support.delivery.mail import Mailer, SmtpServer
from studio_support.delivery.message import compose
from studio_support.delivery.outbox import LetterRow, Outbox
from studio_support.delivery.stored import Selection, stored_invoices
from studio_support.errors import ConfigError, MailRefused, UnknownClient, UnknownInvoice
from studio_support.period import Month
from studio_support.results import SendResult

if TYPE_CHECKING:
    from studio_support.studio import Studio


class Sender:
    """Sends the letters of one studio. The caller holds the lock while anything is sent."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._outbox = Outbox(studio.store, studio.clock, studio.person, studio.config.mail.sender)

    @cached_property
    def _mailer(self) -> Mailer:
        mail = self._studio.config.mail
        if mail.via != "smtp" or mail.smtp_url is None:
            right = 'Write via = "smtp" and smtp_url = "smtp://…" in [mail].'
            raise ConfigError(self._studio.config.file, "mail.via", f"is {mail.via!r}, which cannot send yet", right)
        password = self._studio.config.mail_password(self._studio.environ)
        server = SmtpServer(mail.smtp_url, mail.user or "", "" if password is None else password.reveal())
        try:
            return Mailer(server, mail.sender, reply_to=mail.reply_to, divert_to=mail.divert_to)
        except ValueError as error:
            right = "Write addresses like billing@studio.example, and smtp_url like smtp://host:port."
            raise ConfigError(self._studio.config.file, "mail", str(error), right) from None

    def recipients(self, client: str) -> tuple[str, ...]:
        """The addresses that the client's file names now. Raises UnknownClient."""
        return self._studio.book.get(client).emails

    def message(self, row: LetterRow) -> Message:
        """The text of a letter. Raises UnknownInvoice."""
        return self._compose(row.number)

    def _compose(self, number: str) -> Message:
        with self._studio.store.reading() as connection:
            found = stored_invoices(connection, Selection(number=number))
        if not found:
            raise UnknownInvoice(number)
        link = self._studio.documents.publisher.link(found[0])
        return compose(found[0].document, link or "")

    def would_send(self, month: Month, clients: tuple[str, ...]) -> SendResult:
        """What `send` would do now, with the letters' full texts; changes nothing."""
        found = would_send(self._outbox, self.recipients, Selection(month=str(month), clients=clients))
        letters = [_row(letter, "would be sent") for letter in found.due]
        letters += [
            {"number": new.number, "client": new.client, "to": new.recipient, "state": "would be sent", "detail": ""}
            for new in found.new.envelopes
        ]
        summary = f"{_letters(len(letters))} would be sent; nothing was."
        return SendResult(
            (*letters, *(_row(row, row.state) for row in found.stuck)),
            (*found.new.problems, *_stuck(found.stuck)),
            summary,
            tuple(self._shown(letter["number"], letter["to"]) for letter in letters),
        )

    def _shown(self, number: str, recipient: str) -> dict[str, str]:
        """A letter as its reader would see it."""
        message = self._compose(number)
        mail = self._studio.config.mail
        diverted = {"diverted_to": mail.divert_to} if mail.divert_to else {}
        return {"number": number, "to": recipient, **diverted, "subject": message.subject, "text": message.text}

    def waits(self, number: str) -> bool:
        """Whether a letter with this document has still to be addressed or handed over."""
        selection = Selection(number=number)
        try:
            found = self._outbox.plan(self.recipients, selection)
        except UnknownClient:  # whoever it is for, it was not addressed yet
            return True
        return bool(found.envelopes or found.problems or self._outbox.due(selection))

    def send(self, month: Month, clients: tuple[str, ...]) -> SendResult:
        """Sends what waits. Raises ConfigError; a server that cannot be used comes as MailRefused if nothing left."""
        return self._send(Selection(month=str(month), clients=clients))

    def send_one(self, number: str, *, again: bool) -> SendResult:
        """Sends one document's letters; again: those in doubt too. Raises UnknownInvoice, InvoiceStateError."""
        selection = Selection(number=number)
        with self._studio.store.reading() as connection:
            found = stored_invoices(connection, selection)
        if not found:
            raise UnknownInvoice(number)
        if again:
            self._outbox.recover()
            self._outbox.apply(self._outbox.plan(self.recipients, selection))
            self._outbox.send_again(number, self.recipients(found[0].client))
        return self._send(selection)

    def _send(self, selection: Selection) -> SendResult:
        with self._mailer as mailer:
            delivery = send_mail(
                self._outbox,
                mailer,
                recipients_of=self.recipients,
                render_message=self.message,
                clock=self._studio.clock,
                selection=selection,
            )
        return self._result(delivery, self._outbox.letters(selection))

    def _result(self, delivery: Delivery, rows: Iterable[LetterRow]) -> SendResult:
        listed = list(rows)
        if delivery.stopped is not None and not delivery.results:
            raise delivery.stopped
        problems = [*delivery.problems, *_stuck(delivery.stuck)]
        if delivery.stopped is not None:
            problems.append(_stopped(delivery.stopped))
        waiting = [row for row in listed if row.state == "queued"]
        if waiting and delivery.stopped is None:
            problems.append(_waiting(waiting))
        sent = len(delivery.accepted)
        summary = f"{sent} sent now, {sum(row.state == 'accepted' for row in listed)} accepted in all"
        return SendResult(tuple(_row(row, row.state) for row in listed), tuple(problems), f"{summary}.")


def _row(letter: LetterRow, state: str) -> dict[str, str]:
    return {
        "number": letter.number,
        "client": letter.client,
        "to": letter.recipient,
        "state": state,
        "detail": letter.detail,
        "message_id": letter.message_id,
    }


def _letters(count: int) -> str:
    return "1 letter" if count == 1 else f"{count} letters"


def _stuck(letters: Iterable[LetterRow]) -> list[Problem]:
    problems = []
    for letter in letters:
        if letter.state == "uncertain":
            message = f"It is not known whether the letter with {letter.number} reached {letter.recipient}."
            step = f"Ask the client, or run `invoice send {letter.number} --again`: it keeps its Message-ID."
        else:
            message = f"The letter with {letter.number} to {letter.recipient} was refused: {letter.detail}."
            step = f"Correct the address in clients/{letter.client}.toml, then `invoice send {letter.number} --again`."
        problems.append(Problem(f"invoice:{letter.number}", message, step, letter.client))
    return problems


def _stopped(error: MailRefused) -> Problem:
    return Problem(
        "mail", f"Sending stopped: {error.server}: {error.reason}.", "Look at the mail server, then send again."
    )


def _waiting(letters: list[LetterRow]) -> Problem:
    first = letters[0]
    count = "1 letter waits, it is" if len(letters) == 1 else f"{len(letters)} letters wait, the first is"
    return Problem(
        f"invoice:{first.number}",
        f"{count} to {first.recipient}: {first.detail or 'not tried yet'}.",
        "Run `bill send` again later: the server asked to wait.",
    )
