"""The front door: one object with the command line's verbs, on a configuration or on parts of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio_support.errors import ConfigError, IssueDateRefused, Problem, Refused, StoreError
from studio_support.parts import Parts
from studio_support.period import Month
from studio_support.results import REDMINE, Cancelled, CloseResult, Reopened, SendResult, Source

if TYPE_CHECKING:
    from studio_support.billing.month_plan import MonthPlan
    from studio_support.billing.reconcile import Certificate
    from studio_support.billing.terms import Seller
    from studio_support.bridge import Bridge
    from studio_support.delivery.outbox_receivables import Receivable
    from studio_support.desk.ticket_desk import TicketDesk
    from studio_support.dunning import BounceResult
    from studio_support.linking import Links
    from studio_support.publishing import Documents
    from studio_support.sync.run import Pass
    from studio_support.tickets.cutoff import Promise

__all__ = ["Cancelled", "CloseResult", "Reopened", "SendResult", "Source", "Studio"]


def seller_named(sellers: Mapping[str, Seller], key: str, file: Path) -> Seller:
    """The seller of this key; raises ConfigError where the configuration has none any more."""
    if key in sellers:
        return sellers[key]
    section = f"sellers.{key}" if key else "seller"
    raise ConfigError(file, section, "is missing, but invoices were issued by it", f"Put [{section}] back.")


class Studio(Parts):
    """A studio: its configuration, store and servers, with the verbs of the command line.

    clock: says the present as an aware instant. person: on whose behalf; every audit row names somebody.
    store, redmine: one's own parts instead of those that the configuration names. lock_wait_seconds: how long to
    wait for another run; on_wait: called with who holds the lock when that begins. progress: called with (what,
    done, total) during long work.
    """

    # the promise

    def promise(self, received_at: datetime, client: str | None = None, *, critical: bool = False) -> Promise:
        """What is promised for a request that arrives at an aware instant; client: who asks, by id.

        Raises ConfigError, UnknownClient, NoCalendarYear, ValueError for a naive time.
        """
        return self.promises.promise(received_at, client, critical=critical)

    # the bridge

    @cached_property
    def bridge(self) -> Bridge:
        """Tickets and issues: passes, and what commands about tickets need."""
        from studio_support.bridge import Bridge

        return Bridge(self)

    def close(self) -> None:
        """Ends sessions at the servers, where any were opened; the studio can be used on."""
        if "bridge" in self.__dict__:
            self.bridge.close()

    @property
    def desk(self) -> TicketDesk:
        """The verbs of the commands `inbox` and `ticket`."""
        from studio_support.desk.ticket_desk import TicketDesk

        return TicketDesk(self.bridge)

    def sync(self, *, dry_run: bool = False, since: datetime | None = None, confirm: bool = False) -> Pass:
        """One pass between OTRS and Redmine. since: reads changes from this aware instant on; confirm: in spite of
        the guards, once. Raises LockHeld, Refused (a guard), SourceError (OTRS), ConfigError, StoreError.
        """
        return self.bridge.run(dry_run=dry_run, since=since, confirm=confirm)

    # the month end

    def plan_month(
        self,
        month: Month,
        *,
        clients: Sequence[str] = (),
        manager: str | None = None,
        source: Source = REDMINE,
        supplement: bool = False,
    ) -> MonthPlan:
        """What a close would do; writes nothing. Raises SourceError, ConfigError, UnknownClient."""
        end = self.month_end(self.ledger_if_there())
        selected = end.select(clients, manager)
        plan, _ = end.plan(self.read(end, month, source, selected), selected, supplement=supplement)
        return plan

    def close_month(
        self,
        month: Month,
        *,
        clients: Sequence[str] = (),
        source: Source = REDMINE,
        plan_hash: str | None = None,
        issue_date: date | None = None,
        supplement: bool = False,
    ) -> CloseResult:
        """Numbers, freezes, renders and publishes; repeated, it finishes what is left.

        Raises Refused (month not over, before the start, another plan, issue date), LockHeld, SourceError.
        """
        documents = self.documents
        end = self.month_end(self.ledger_if_there(), with_files=True)
        selected = end.select(clients)
        end.guard(month)
        day = end.issue_date(month, issue_date)
        with self.locked(f"bill close {month}"):
            ledger = self.ledger
            end = self.month_end(ledger, with_files=True)
            end.guard(month)
            documents.prepare()
            reading = self.read(end, month, source, selected)
            plan, view = end.plan(reading, selected, supplement=supplement)
            plan, issued = end.close(ledger, reading, plan, plan_hash=plan_hash, day=day)
            published = documents.publish(month)
            drafts = documents.issued(month, None if selected is None else tuple(selected))
        fresh = [row for row in issued if row.created]
        return CloseResult(
            plan=plan,
            drafts=tuple(drafts),
            problems=(*plan.problems, *published),
            notices=(*plan.notices, *end.start_notice(view, month, fresh)),
            created=sum(row.number is not None for row in fresh),
            empty=sum(row.number is None for row in fresh),
            requests=reading.requests,
            waited_seconds=reading.waited_seconds,
        )

    def reconcile(self, month: Month, *, source: Source = REDMINE) -> Certificate:
        """The certificate of a month; what was read for it is kept. Raises SourceError, ConfigError."""
        ledger = self.ledger if self.has_store else None
        end = self.month_end(ledger, with_files=ledger is not None)
        reading = self.read(end, month, source, None)
        certificate = end.certify(reading)
        if ledger is not None:
            end.keep_read(ledger, reading)
        return certificate

    def hold(self, month: Month, client: str, reason: str) -> None:
        """Keeps a client from being closed for a month. Raises UnknownClient, Refused if it is closed."""
        self.book.get(client)
        with self.locked(f"bill hold {month}"):
            self.ledger.hold(client, month, reason, person=self.person, now=self.clock())

    def unhold(self, month: Month, client: str) -> bool:
        """Lets a client go; whether it was held."""
        self.book.get(client)
        with self.locked(f"bill unhold {month}"):
            return self.ledger.unhold(client, month, person=self.person, now=self.clock())

    def reopen(self, month: Month, client: str | None, reason: str) -> Reopened:
        """Opens a month again that was closed with nothing to bill. client None: the studio's own time of it.

        Raises UnknownClient, InvoiceStateError (an invoice stands), Refused (no reason), LockHeld.
        """
        if client is not None:
            self.book.get(client)
        with self.locked(f"bill reopen {month}"):
            freed = self.ledger.reopen(client or "", month, reason, person=self.person, now=self.clock())
        return Reopened(month, client, reopened=freed is not None, entries=freed or 0)

    def cancel(self, number: str, reason: str, *, issue_date: date | None = None) -> Cancelled:
        """Takes an invoice back under a number of its own; its month is open again. Repeated: the same cancellation.

        Raises UnknownInvoice, Refused (not an invoice, issue date), LockHeld.
        """
        from studio_support.sending import Sender

        documents = self.documents
        today = self.today()
        day = issue_date or today
        if day > today:
            raise IssueDateRefused(f"{day} lies in the future.", f"Choose a day up to today, {today}.")
        with self.locked(f"invoice cancel {number}"):
            documents.prepare()
            row = self.ledger.invoice(number).row
            done = self.ledger.cancel(
                number,
                reason=reason,
                person=self.person,
                now=self.clock(),
                issue_date=day,
                seller=seller_named(self.config.terms().sellers, row.seller, self.config.file),
            )
            problems = documents.publish(done.month)
        assert done.number is not None, "a cancellation has a number"
        waits = self.config.has("mail") and Sender(self).waits(done.number)
        return Cancelled(done.number, number, row.client, done.month, tuple(problems), done.created, waits)

    # documents and letters

    @property
    def documents(self) -> Documents:
        """Issued documents: files, links, letters, explanations."""
        from studio_support.publishing import Documents

        return Documents(self)

    @property
    def links(self) -> Links:
        """Links of issued documents: shown, given anew, taken back, swept, rotated."""
        from studio_support.linking import Links

        return Links(self)

    def send_month(self, month: Month, *, clients: Sequence[str] = (), dry_run: bool = False) -> SendResult:
        """Mails the links of a month; safe to repeat. Raises MailRefused, LockHeld, UnknownClient."""
        for client in clients:
            self.book.get(client)
        from studio_support.sending import Sender

        if self.ledger_if_there() is None:
            return SendResult((), (), f"Nothing was issued for {month}.")
        sender = Sender(self)
        if dry_run:
            return sender.would_send(month, tuple(clients))
        with self.locked(f"bill send {month}"):
            return sender.send(month, tuple(clients))

    def send_invoice(self, number: str, *, again: bool = False) -> SendResult:
        """Mails one document's link; again: also what is uncertain or refused, under the same Message-ID."""
        from studio_support.sending import Sender

        with self.locked(f"invoice send {number}"):
            return Sender(self).send_one(number, again=again)

    def stuck_letters(self, month: Month | None = None) -> tuple[Problem, ...]:
        """Letters that came back, were refused or are in doubt, of documents that stand."""
        from studio_support.sending_words import stuck_letters

        return () if self.ledger_if_there() is None else stuck_letters(self, month)

    # what follows

    def remind(self, *, dry_run: bool = False) -> SendResult:
        """Reminds of invoices that are due; safe to repeat. Raises MailRefused, LockHeld, ConfigError."""
        from studio_support.dunning import Dunning

        if self.ledger_if_there() is None:
            return SendResult((), (), "Nothing was issued yet.")
        if dry_run:
            return Dunning(self).would_remind()
        with self.locked("bill remind"):
            return Dunning(self).remind()

    def read_bounces(self) -> BounceResult:
        """Marks letters that came back, by the mailbox of [mail]. Raises MailboxRefused, LockHeld, ConfigError."""
        from studio_support.dunning import Dunning

        with self.locked("bill bounces"):
            return Dunning(self).read_bounces()

    def receivables(self) -> dict[str, Receivable]:
        """What is known of invoices' money, by number."""
        from studio_support.delivery.outbox_receivables import receivables_of

        return {} if self.ledger_if_there() is None else receivables_of(self.store)

    def mark_paid(self, number: str, paid_on: date | None = None) -> Receivable:
        """The invoice was paid on that day, today without one. Raises UnknownInvoice, InvoiceStateError, Refused."""
        from studio_support.delivery.outbox_receivables import mark_paid

        day = paid_on or self.today()
        if day > self.today():
            raise Refused(f"{day} lies in the future.", "Note a payment once it is there.")
        with self.locked(f"invoice paid {number}"):
            return mark_paid(self.store, number, day, person=self.person, now=self.clock())

    def mark_unpaid(self, number: str) -> Receivable:
        """It was not paid, after all. Raises UnknownInvoice, InvoiceStateError."""
        from studio_support.delivery.outbox_receivables import mark_paid

        with self.locked(f"invoice paid {number}"):
            return mark_paid(self.store, number, None, person=self.person, now=self.clock())

    def dispute(self, number: str, reason: str | None) -> Receivable:
        """The client disputes it, for this reason; None: no longer. Raises like mark_paid."""
        from studio_support.delivery.outbox_receivables import mark_disputed

        with self.locked(f"invoice dispute {number}"):
            return mark_disputed(self.store, number, reason, person=self.person, now=self.clock())

    def explain(self, what: str) -> dict[str, Any]:
        """The chain behind INVOICE, INVOICE:LINE or entry:ID. Raises UnknownInvoice, UnknownLine, UnknownEntry."""
        from studio_support.explain import explain

        if self.ledger_if_there() is None:
            raise StoreError(
                self.config.store.url or "store", "nothing was closed yet", "Run `bill close MONTH` first."
            )
        return explain(self.ledger, what)

    def write_drafts(self, plan: MonthPlan, folder: Path) -> Path:
        """Watermarked drafts with an index page; returns the index. Raises ConfigError, FilesystemError."""
        from studio_support.draft_pages import write_drafts

        self.documents.check_looks()
        return write_drafts(plan, self.book.clients, self.config.terms(), folder, self.progress, self.config.looks())
