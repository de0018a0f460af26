"""Letters put together: the outbox, the mail server of [mail], and the texts that bring a document's link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, cast

from studio_invoices.errors import Problem
from studio_support.delivery.deliver import Delivery, send_mail
from studio_support.delivery.desk_mail import Desk, DeskMailer
from studio_support.delivery.files import FileConflict
from studio_support.delivery.letter import Attachment, Message
from studio_support.delivery.limits import Limits
from studio_support.delivery.link_rows import link_rows
from studio_support.delivery.mail import Mailer, SmtpServer
from studio_support.delivery.message import Messages
from studio_support.delivery.originals import safe_name
from studio_support.delivery.outbox import LetterRow, Outbox
from studio_support.delivery.outbox_tickets import TicketBook
from studio_support.delivery.outbox_told import news_of, once_a_day
from studio_support.delivery.stored import Selection, StoredInvoice, stored_invoices
from studio_support.errors import ConfigError, LetterUnfit, UnknownClient, UnknownInvoice
from studio_support.period import Month
from studio_support.results import SendResult
from studio_support.sending_shown import Showing
from studio_support.sending_words import (
    letter_row,
    nothing_behind_problem,
    stopped_problem,
    stuck_problems,
    waiting_problems,
    without_link_problem,
)

if TYPE_CHECKING:
    from studio_support.studio import Studio


def mailer_of(studio: Studio) -> Mailer:
    """The mail server of [mail], not yet connected. Raises ConfigError, MissingSecret."""
    config = studio.config
    mail = config.mail
    if mail.smtp_url is None:
        raise ConfigError(config.file, "mail.smtp_url", "is missing", 'Write smtp_url = "smtp://…" in [mail].')
    password = config.mail_password(studio.environ)
    ca_file = config.resolve(mail.ca_file) if mail.ca_file else None
    if ca_file is not None and not ca_file.is_file():
        raise ConfigError(config.file, "mail.ca_file", f"names {ca_file}, which is no file", "Name a file in PEM form.")
    try:
        server = SmtpServer(
            mail.smtp_url,
            mail.user or "",
            "" if password is None else password.reveal(),
            timeout_seconds=mail.timeout_seconds,
            ca_file=ca_file,
        )
        return Mailer(server, mail.sender, reply_to=mail.reply_to, divert_to=mail.divert_to)
    except ValueError as error:
        right = "Write addresses like billing@studio.example, and smtp_url like smtp://host:port."
        raise ConfigError(config.file, "mail", str(error), right) from None


def billing_queue(studio: Studio) -> str:
    """The queue of billing tickets. Raises ConfigError for one that the bridge serves."""
    config = studio.config
    queue = config.mail.otrs_queue
    if queue in config.otrs.queues:
        right = "Name a queue of its own, such as Billing: what lies in the others is taken for requests of clients."
        raise ConfigError(config.file, "mail.otrs_queue", f"is {queue!r}, a queue of [otrs]", right)
    return queue


def desk_of(studio: Studio) -> DeskMailer:
    """OTRS as what letters leave by. Raises ConfigError, MissingSecret."""
    from studio_support.bridge import Bridge

    config = studio.config
    mail = config.mail
    return DeskMailer(
        cast(Desk, Bridge(studio).tickets),
        TicketBook(studio.store),
        studio.clock,
        queue=billing_queue(studio),
        state=mail.otrs_state,
        hold=timedelta(seconds=config.sync.hold_seconds),
        divert_to=mail.divert_to,
    )


class Sender:
    """Sends the letters of one studio. The caller holds the lock while anything is sent."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        mail = studio.config.mail
        self.outbox = Outbox(studio.store, studio.clock, studio.person, mail.sender)
        self.limits = Limits(mail.max_letters, mail.letters_a_day)

    @cached_property
    def _mailer(self) -> Mailer | DeskMailer:
        return desk_of(self._studio) if self._studio.config.mail.via == "otrs" else mailer_of(self._studio)

    @cached_property
    def _messages(self) -> Messages:
        return Messages(self._studio.config.mail_templates)

    def recipients(self, client: str) -> tuple[str, ...]:
        """The addresses that the client's file names now. Raises UnknownClient."""
        return self._studio.book.get(client).emails

    def message(self, row: LetterRow) -> Message:
        """What a letter says and carries. Raises UnknownInvoice, LetterTemplateBroken, LetterUnfit."""
        return self.compose(row.number, row.recipient, reminder=row.is_reminder)

    def compose(self, number: str, recipient: str = "", *, reminder: bool = False) -> Message:
        """The letter that brings a document, or reminds of it, by the recipient's own link where he was given one.

        Raises UnknownInvoice, LetterTemplateBroken, LetterUnfit.
        """
        stored = self._stored(number)
        document = stored.document
        link = self._link(stored, recipient)
        if not reminder:
            message = self._messages.compose(document, link)
            return replace(message, attachments=self._attachments(stored))
        overdue = (self._studio.today() - document.due_date).days if document.due_date else 0
        return self._messages.compose(document, link, kind="reminder", overdue_days=max(overdue, 0))

    def _stored(self, number: str) -> StoredInvoice:
        with self._studio.store.reading() as connection:
            found = stored_invoices(connection, Selection(number=number))
        if not found:
            raise UnknownInvoice(number)
        return found[0]

    def _link(self, stored: StoredInvoice, recipient: str) -> str:
        """The recipient's own link, else the document's. Raises LetterUnfit for one that has expired."""
        return self._studio.documents.publisher.link(stored, *self._given(stored, recipient)) or ""

    def _given(self, stored: StoredInvoice, recipient: str) -> tuple[str, int | None]:
        """Whose link it is ("" for the document's own) and of which generation. Raises LetterUnfit."""
        with self._studio.store.reading() as connection:
            good = [row for row in link_rows(connection, [stored.id]) if row.good]
        own = [row for row in good if row.recipient and row.recipient.casefold() == recipient.casefold()]
        given = own or [row for row in good if not row.recipient]
        if not given:
            return "", None
        newest = given[-1]
        if newest.expires_on < self._studio.today():
            option = f" --for {newest.recipient}" if newest.recipient else ""
            step = f"`invoice link {stored.number}{option} --expires DAY` lets it open again"
            raise LetterUnfit(f"its link expired on {newest.expires_on}; {step}")
        return newest.recipient, newest.generation

    def opens(self, number: str, recipient: str) -> bool:
        """Whether a page lies behind the link that his letter brings. Raises UnknownInvoice, LetterUnfit (expired)."""
        publisher, stored = self._studio.documents.publisher, self._stored(number)
        return publisher.copies.holds(publisher.token(stored, *self._given(stored, recipient)))

    def month(self, number: str) -> str:
        """Of which month a document is. Raises UnknownInvoice."""
        return self._stored(number).month

    def _attachments(self, stored: StoredInvoice) -> tuple[Attachment, ...]:
        """The files that the client wants beside the link: none, unless his file says so. Raises LetterUnfit."""
        client = self._studio.book.clients.get(stored.client)
        wanted = () if client is None else client.attach
        name = safe_name(stored.number)
        files = []
        try:
            pdf = self._studio.documents.pdf(stored.number) if "pdf" in wanted else None
            written = self._studio.documents.xml(stored.number) if "xml" in wanted else None
        except FileConflict as error:
            raise LetterUnfit(f"{error.path} {error.reason}; restore it from a backup") from None
        if pdf is not None:
            files.append(Attachment(f"{name}.pdf", "pdf", pdf))
        if written is not None:
            if written.problems:
                raise LetterUnfit(f"its e-invoice is faulty: {written.problems[0].message}")
            files.append(Attachment(f"{name}.xml", "xml", written.xml))
        return tuple(files)

    def would_send(self, month: Month, clients: tuple[str, ...]) -> SendResult:
        """What `send` would do now, with the letters as they would leave; changes nothing."""
        selection = Selection(month=str(month), clients=clients, letters="documents")
        return Showing(self._studio, self, f"bill send {month}").shown(selection)

    def waits(self, number: str) -> bool:
        """Whether a letter with this document has still to be addressed or handed over."""
        selection = Selection(number=number)
        try:
            found = self.outbox.plan(self.recipients, selection)
        except UnknownClient:  # whoever it is for, it was not addressed yet
            return True
        return bool(found.envelopes or found.problems or self.outbox.due(selection))

    def send(self, month: Month, clients: tuple[str, ...]) -> SendResult:
        """Sends what waits. Raises ConfigError; a server that cannot be used comes as MailRefused if nothing left."""
        selection = Selection(month=str(month), clients=clients, letters="documents")
        topic = f"bill send {month}" + (f" {'+'.join(clients)}" if clients else "")
        store, today = self._studio.store, self._studio.today()
        with once_a_day(store, topic, today):
            sent = self.send_selected(selection, f"bill send {month}")
        return replace(sent, news=news_of(store, topic, sent.problems, today))

    def send_one(self, number: str, *, again: bool) -> SendResult:
        """Sends one document's letters, those that a server has put off too; again: those in doubt as well.

        Raises UnknownInvoice, InvoiceStateError.
        """
        selection = Selection(number=number)
        stored = self._stored(number)
        if again:
            self.outbox.recover()
            self.outbox.apply(self.outbox.plan(self.recipients, selection))
            if self._studio.config.mail.via == "otrs":
                with self._mailer as mailer:
                    self._settle(cast(DeskMailer, mailer), selection, asked=True)
            self.outbox.send_again(number, self.recipients(stored.client))
        return self.send_selected(selection, f"invoice send {number}", patient=False)

    def send_selected(self, selection: Selection, command: str, *, patient: bool = True) -> SendResult:
        """Sends what waits of a selection. command: what to run to go on. Raises like `send`."""
        with self._mailer as mailer:
            if isinstance(mailer, DeskMailer):
                self._settle(mailer, selection)
            delivery = send_mail(
                self.outbox,
                mailer,
                recipients_of=self.recipients,
                render_message=self.message,
                clock=self._studio.clock,
                ready=lambda row: self.opens(row.number, row.recipient),
                selection=selection,
                limits=self.limits,
                patient=patient,
            )
        return self._result(delivery, self.outbox.letters(selection), command)

    def _settle(self, desk: DeskMailer, selection: Selection, *, asked: bool = False) -> None:
        """Looks up letters in doubt whose hold is over: what is not in OTRS then has not left, and may again.

        asked: a person is about to send them again; what is there already is found before the hold is over too.
        """
        now = self._studio.clock()
        hold = timedelta(seconds=self._studio.config.sync.hold_seconds)
        for row in self.outbox.stuck(selection):
            over = now - row.changed_at >= hold
            if row.state != "uncertain" or not (over or asked):
                continue
            there = desk.settled(row.number, row.message_id)
            if there:
                self.outbox.settle(row, "accepted", "found in OTRS")
            elif there is False and over:
                self.outbox.settle(row, "queued", "was not in OTRS, and is sent again")

    def _result(self, delivery: Delivery, rows: Iterable[LetterRow], command: str) -> SendResult:
        listed = list(rows)
        if delivery.stopped is not None and not delivery.results:
            raise delivery.stopped
        problems: list[Problem] = [*delivery.problems, *stuck_problems(delivery.stuck)]
        directory = self._studio.config.links_directory
        problems += [
            nothing_behind_problem(row.number, row.client, row.recipient, row.month, directory)
            for row in delivery.unready
        ]
        if delivery.stopped is not None:
            problems.append(stopped_problem(delivery.stopped))
        else:
            may_leave = {row.id for row in delivery.waiting}
            waiting = [row for row in listed if row.state == "queued"]
            problems += [without_link_problem(row) for row in waiting if row.id not in may_leave]
            may_leave -= {row.id for row in (*delivery.unready, *delivery.held)}
            may_leave -= {row.id for row in delivery.admitted.beyond}
            put_off = [row for row in waiting if row.id in may_leave]
            problems += waiting_problems(put_off, delivery.admitted, self.limits, command)
        sent = len(delivery.accepted)
        summary = f"{sent} sent now, {sum(row.state == 'accepted' for row in listed)} accepted in all"
        return SendResult(tuple(letter_row(row, row.state) for row in listed), tuple(problems), f"{summary}.")
