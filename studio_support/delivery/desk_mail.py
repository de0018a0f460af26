"""Letters as e-mail articles of billing tickets (mail.via = "otrs"): the correspondence stays in one history.

Handed over like letters of the bridge: each bears a key, made from its Message-ID; one whose outcome is unknown is
left alone for a while, then looked up by its key, and repeated only where it is not there. OTRS sends the mail: what is
accepted here is queued there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from types import TracebackType
from typing import Literal, Protocol, Self

from studio_support.delivery.letter import Letter
from studio_support.delivery.outbox_tickets import TicketBook
from studio_support.delivery.outcomes import (
    DIVERTED,
    Accepted,
    NotHandedOver,
    Outcome,
    PermanentFailure,
    TemporaryFailure,
    Uncertain,
)
from studio_support.errors import AuthFailed, MailRefused, MissingRoute, NotSent, SourceError, SourceRefused
from studio_support.otrs.model import Agent, Attachment, Created

_CLOCKS_APART = timedelta(minutes=10)


class Desk(Protocol):
    """What is needed of OTRS; otrs.client.OtrsClient is one."""

    @property
    def url(self) -> str: ...
    def me(self) -> Agent: ...
    def create_ticket(
        self,
        *,
        title: str,
        queue: str,
        customer_user: str,
        body: str,
        key: str,
        channel: Literal["phone", "internal"],
        state: str,
    ) -> Created: ...
    def send_letter(
        self, ticket_id: int, *, to: str, subject: str, text: str, key: str, attachments: Sequence[Attachment]
    ) -> int: ...
    def find_written(self, ticket_id: int, *, key: str) -> int | None: ...
    def find_created(self, *, key: str, since: datetime) -> Created | None: ...


class DeskMailer:
    """Hands letters to OTRS. queue, state: of tickets that are made. hold: how long an unknown outcome is left alone.

    divert_to: as for mail.Mailer.
    """

    def __init__(
        self,
        desk: Desk,
        tickets: TicketBook,
        clock: Callable[[], datetime],
        *,
        queue: str,
        state: str,
        hold: timedelta,
        divert_to: str = "",
    ) -> None:
        self._desk, self._tickets, self._clock = desk, tickets, clock
        self._queue, self._state, self._hold, self._divert_to = queue, state, hold, divert_to
        self._began = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def open(self) -> None:
        """Asks who we are, once. Raises MailRefused."""
        try:
            self._desk.me()
        except SourceError as error:
            raise MailRefused(self._desk.url, error.reason) from None

    def send(self, letter: Letter) -> Outcome:
        """Hands one letter over. Raises MailRefused where OTRS cannot be used at all."""
        self._began = False
        recipient = self._divert_to or letter.recipient
        try:
            ticket = self._ticket(letter, recipient)
            return ticket if not isinstance(ticket, int) else self._article(ticket, letter, recipient)
        except (AuthFailed, MissingRoute) as error:
            raise MailRefused(self._desk.url, error.reason) from None

    def interrupted(self) -> Outcome:
        """What became of the letter in hand when `send` was broken off by Ctrl-C."""
        return Uncertain("interrupted") if self._began else NotHandedOver("interrupted")

    def settled(self, number: str, message_id: str) -> bool | None:
        """Whether a letter in doubt is there; None: it cannot be looked up now."""
        ticket = self._tickets.of(number)
        if ticket is None or ticket.id is None:
            return False
        try:
            return self._desk.find_written(ticket.id, key=_key(message_id)) is not None
        except SourceError:
            return None

    def _article(self, ticket: int, letter: Letter, recipient: str) -> Outcome:
        message = letter.message
        subject, text, diverted = message.subject, message.text, ""
        if self._divert_to:
            diverted = f"{DIVERTED}{self._divert_to}: "
            subject = f"[{letter.recipient}] {subject}"
            text = f"Diverted: this letter was meant for {letter.recipient}\n\n{text}"
        files = [
            Attachment(file.name, f"application/{file.subtype}", len(file.content), file.content)
            for file in message.attachments
        ]
        self._began = True
        try:
            key = _key(letter.message_id)
            article = self._desk.send_letter(
                ticket, to=recipient, subject=subject, text=text, key=key, attachments=files
            )
        except NotSent as error:
            return NotHandedOver(error.reason)
        except (AuthFailed, MissingRoute):
            raise
        except SourceRefused as error:
            return PermanentFailure(error.reason)
        except SourceError as error:
            return Uncertain(error.reason)
        return Accepted(f"{diverted}article {article} of ticket {ticket} in OTRS")

    def _ticket(self, letter: Letter, recipient: str) -> int | Outcome:
        """The document's ticket, made where there is none; or why the letter has to wait."""
        number, now = letter.about, self._clock()
        key = f"billing/{self._tickets.store_id[:16]}/{sha256(number.encode()).hexdigest()[:24]}"
        known = self._tickets.of(number)
        if known is not None and known.id is not None:
            return known.id
        try:
            if known is not None:
                if now - known.begun_at < self._hold:
                    return TemporaryFailure("OTRS did not say whether the ticket was made; it is looked up later")
                found = self._desk.find_created(key=key, since=known.begun_at - _CLOCKS_APART)
                if found is not None:
                    self._tickets.made(number, found.id, found.number)
                    return found.id
        except SourceError as error:
            return NotHandedOver(error.reason)
        self._tickets.begin(number, now)
        return self._made(letter, recipient, key)

    def _made(self, letter: Letter, recipient: str, key: str) -> int | Outcome:
        number = letter.about
        try:
            made = self._desk.create_ticket(
                title=letter.message.subject,
                queue=self._queue,
                customer_user=recipient,
                body=f"Correspondence about {number}.",
                key=key,
                channel="internal",
                state=self._state,
            )
        except NotSent as error:
            self._tickets.not_made(number)
            return NotHandedOver(error.reason)
        except SourceRefused as error:
            self._tickets.not_made(number)
            if isinstance(error, AuthFailed | MissingRoute):
                raise
            return PermanentFailure(error.reason)
        except SourceError as error:
            return TemporaryFailure(error.reason)
        self._tickets.made(number, made.id, made.number)
        return made.id


def _key(message_id: str) -> str:
    """The part of a Message-ID before the @: hexadecimal, the same for ever."""
    return message_id.strip("<>").partition("@")[0]
