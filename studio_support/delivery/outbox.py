"""The outbox: what is to be mailed, to whom, and what became of it. Each step is a transaction of its own.

queued -> handing over -> accepted | refused | uncertain, or queued again where the server has not taken it; where it
said "later", not before a time that grows from attempt to attempt. A report of non-delivery makes it bounced.
"handing over" is committed before the first byte leaves. Found in a later run, it means that a run died with the
letter in hand: it becomes uncertain, and is never sent again unless a person says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, insert, not_, or_, select, update

from studio_support.billing.audit import add_audit
from studio_support.delivery.addressing import Addressing, Envelope, QueuedDocument, address, distinct
from studio_support.delivery.letter import envelope_address, usable_address
from studio_support.delivery.limits import A_DAY, retry_after
from studio_support.delivery.outcomes import (
    DIVERTED,
    Accepted,
    LetterState,
    Outcome,
    PermanentFailure,
    TemporaryFailure,
)
from studio_support.delivery.readdressing import Readdressing, gone, readdress
from studio_support.delivery.stored import ALL, Selection, narrowed
from studio_support.errors import InvoiceStateError, Refused, UnknownInvoice
from studio_support.store.engine import Store
from studio_support.store.tables import invoices, letters, outbox, receivables

_DETAIL = 500
REMINDER = "reminder "  # how the kind of a reminder's outbox row begins; the days after the due date follow


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter as the store knows it. number, client, month: of its document. kind: of the outbox row.

    detail: the server's last word, or why it is uncertain. changed_at: aware UTC. deferrals: how often in a row the
    server has put it off; next_attempt_at: aware UTC, not tried before, None: at once.
    """

    id: int
    outbox_id: int
    invoice_id: int
    number: str
    client: str
    month: str
    kind: str
    recipient: str
    message_id: str
    state: LetterState
    attempts: int
    detail: str
    changed_at: datetime
    deferrals: int = 0
    next_attempt_at: datetime | None = None

    @property
    def is_reminder(self) -> bool:
        """Whether it reminds of a document, rather than bringing it."""
        return self.kind.startswith(REMINDER)


@dataclass(frozen=True, slots=True)
class Again:
    """What `send_again` did, as recipients. accepted: left alone, the server has them already."""

    queued: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()


class Outbox:
    """The outbox of one store. The caller holds the run's lock while it writes.

    clock: now, aware. person: on whose behalf, for the audit log. sender: its domain ends the Message-IDs.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime], person: str, sender: str) -> None:
        self._store = store
        self._clock = clock
        self._person = person
        self._domain = envelope_address(sender).rpartition("@")[2]

    def recover(self) -> int:
        """Makes uncertain what a dead run was handing over; to be called once, at the start of a run."""
        with self._store.writing() as connection:
            found = connection.execute(
                update(letters)
                .where(letters.c.state == "handing over")
                .values(
                    state="uncertain",
                    detail="the run that was handing it over did not finish",
                    changed_at=self._clock(),
                )
            )
            return found.rowcount

    def plan(self, recipients_of: Callable[[str], Sequence[str]], selection: Selection = ALL) -> Addressing:
        """Who will get what has not been addressed yet; nothing is written.

        recipients_of: addresses of a client, as his file names them now; may raise UnknownClient.
        """
        return address(self.unaddressed(selection), recipients_of)

    def unaddressed(self, selection: Selection = ALL) -> list[QueuedDocument]:
        """Documents that stand and that nobody has been addressed for yet, oldest first."""
        columns = (outbox.c.id, *(invoices.c[name] for name in ("number", "client", "page_sha256", "link_live")))
        query = select(*columns).join(invoices, outbox.c.invoice_id == invoices.c.id)
        query = query.where(outbox.c.state == "queued", invoices.c.state == "issued")
        with self._store.reading() as connection:
            rows = connection.execute(_narrowed(query.where(_wanted()), selection).order_by(outbox.c.id)).all()
        return [QueuedDocument(row.id, row.number, row.client, bool(row.page_sha256), row.link_live) for row in rows]

    def apply(self, plan: Addressing) -> None:
        """Makes one letter an addressee, in one transaction. What somebody else addressed meanwhile stays his."""
        with self._store.writing() as connection:
            for document, envelopes in plan.by_document():
                mine = connection.execute(
                    update(outbox).where(outbox.c.id == document, outbox.c.state == "queued").values(state="addressed")
                )
                if mine.rowcount == 1:
                    self._insert(connection, envelopes)

    def readdressing(
        self, recipients_of: Callable[[str], Sequence[str]], selection: Selection = ALL
    ) -> Readdressing[LetterRow]:
        """What follows from the clients' files for letters that were addressed before; nothing is written."""
        standing = and_(outbox.c.state == "addressed", invoices.c.state == "issued", _wanted())
        return readdress(self._rows(standing, selection), recipients_of)

    def readdress(self, plan: Readdressing[LetterRow]) -> None:
        """Withdraws the letters whose addresses are gone and makes those that go instead, in one transaction. What
        somebody took in hand meanwhile stays his, and nothing goes instead of it."""
        if not plan.withdrawn:
            return
        with self._store.writing() as connection:
            moved: set[int] = set()
            for row, detail in plan.withdrawn:
                if self._move(connection, row, "withdrawn", detail):
                    moved.add(row.outbox_id)
                    told = {"recipient": row.recipient, "detail": detail[:_DETAIL]}
                    add_audit(connection, self._person, "mail withdrawn", f"invoice:{row.number}", told, self._clock())
            self._insert(connection, [envelope for envelope in plan.envelopes if envelope.outbox_id in moved])
            for row in plan.revived:
                if row.outbox_id in moved:
                    self._move(connection, row, "queued", "an address of the client again")
            for row in plan.doubtful:
                if row.outbox_id in moved:  # else nobody would have the letter, and nobody would be told
                    self._move(connection, row, "uncertain", "an address of the client again; may have arrived before")

    def due(self, selection: Selection = ALL, at: datetime | None = None) -> list[LetterRow]:
        """Letters that wait to be handed over, of documents that stand and whose link works, as they are to be tried.

        Oldest first; after those that were never tried come the others, the one tried longest ago first, so that
        letters that break off time after time hold no other up.

        at: only those that may be tried by then; without it also those that a server has put off.
        """
        waiting = and_(letters.c.state == "queued", _sendable())
        if at is not None:
            waiting = and_(waiting, or_(letters.c.next_attempt_at.is_(None), letters.c.next_attempt_at <= at))
        tried = letters.c.handed_at.is_not(None), letters.c.handed_at
        return self._rows(waiting, selection, *tried)

    def handed(self, at: datetime) -> Counter[str]:
        """How many letters each recipient (casefolded) was handed in the 24 hours before."""
        query = select(letters.c.recipient).where(letters.c.handed_at > at - A_DAY)
        with self._store.reading() as connection:
            return Counter(recipient.casefold() for recipient in connection.execute(query).scalars())

    def letters(self, selection: Selection = ALL) -> list[LetterRow]:
        """All letters of the selected documents, withdrawn ones too."""
        return self._rows(letters.c.id.is_not(None), selection)

    def stuck(self, selection: Selection = ALL) -> list[LetterRow]:
        """Letters that will not leave without a person: refused, bounced or uncertain, of documents that stand."""
        states = letters.c.state.in_(("refused", "bounced", "uncertain"))
        return self._rows(and_(states, invoices.c.state == "issued", _wanted()), selection)

    def begin_handover(self, letter: LetterRow) -> int | None:
        """Commits "handing over"; the number of this attempt, None if the letter is not to be sent any more
        (withdrawn, or in somebody else's hands)."""
        now = self._clock()
        with self._store.writing() as connection:
            sendable = select(outbox.c.id).join(invoices, outbox.c.invoice_id == invoices.c.id).where(_sendable())
            mine = connection.execute(
                update(letters)
                .where(letters.c.id == letter.id, letters.c.state == "queued", letters.c.outbox_id.in_(sendable))
                .values(state="handing over", attempts=letters.c.attempts + 1, changed_at=now, handed_at=now)
            )
            if mine.rowcount != 1:
                return None
            attempts = connection.execute(select(letters.c.attempts).where(letters.c.id == letter.id)).scalar_one()
            return int(attempts)

    def finish(self, letter: LetterRow, attempt: int, outcome: Outcome) -> None:
        """Commits what became of this attempt.

        If another run took us for dead meanwhile (uncertain), or a person queued the letter again, the server's
        word still counts: accepted ends it, refused too. A later attempt is left alone.
        """
        replaceable = ["handing over"]
        if isinstance(outcome, Accepted | PermanentFailure):
            replaceable.append("uncertain")
        if isinstance(outcome, Accepted):
            replaceable.append("queued")
        detail = outcome.detail[:_DETAIL]
        now = self._clock()
        put_off = letter.deferrals + 1 if isinstance(outcome, TemporaryFailure) else 0
        facts = {"deferrals": put_off, "next_attempt_at": now + retry_after(put_off) if put_off else None}
        with self._store.writing() as connection:
            connection.execute(
                update(letters)
                .where(letters.c.id == letter.id, letters.c.attempts == attempt, letters.c.state.in_(replaceable))
                .values(state=outcome.state, detail=detail, changed_at=now, **facts)
            )
            told = {"recipient": letter.recipient, "detail": detail}
            add_audit(connection, self._person, f"mail {outcome.state}", f"invoice:{letter.number}", told, now)

    def settle(self, letter: LetterRow, state: LetterState, detail: str) -> None:
        """Ends a doubt: what was uncertain is accepted, or queued again because it is known not to have left."""
        now = self._clock()
        with self._store.writing() as connection:
            doubtful = letters.c.id == letter.id, letters.c.state == "uncertain", letters.c.attempts == letter.attempts
            facts = {"state": state, "detail": detail, "changed_at": now}
            if connection.execute(update(letters).where(*doubtful).values(**facts)).rowcount:
                told = {"recipient": letter.recipient, "detail": detail}
                add_audit(connection, self._person, f"mail {state}", f"invoice:{letter.number}", told, now)

    def send_again(self, number: str, recipients: Sequence[str], *, force: bool = False) -> Again:
        """Queues a document's letters anew on a person's word, with the same Message-IDs.

        Uncertain, refused, bounced and diverted ones; with force accepted ones too. recipients: as the client's file
        names them now: who is new there gets the document, who is gone gets nothing. A reminder that was taken back,
        paid or replaced by a later one, stays so. Raises UnknownInvoice,
        InvoiceStateError, Refused for an address that cannot be one.
        """
        recipients = distinct(recipients)
        for recipient in recipients:
            wrong = usable_address(recipient)
            if wrong is not None:
                raise Refused(f"{recipient!r} {wrong}.", "Correct the client's emails, then send again.")
        with self._store.writing() as connection:
            self._standing(connection, number)
            rows = self._read(connection, letters.c.state != "handing over", Selection(number=number))
            wanted = {recipient.casefold(): recipient for recipient in recipients}
            queued, withdrawn, accepted = [], [], []
            for row in rows:
                if row.recipient.casefold() not in wanted:
                    if row.state != "accepted":
                        self._move(connection, row, "withdrawn", gone(row))
                        withdrawn.append(row.recipient)
                elif row.state == "accepted" and not force and not row.detail.startswith(DIVERTED):
                    accepted.append(row.recipient)
                elif row.state != "queued" and not (row.is_reminder and row.state == "withdrawn"):
                    self._move(connection, row, "queued", f"again, after {row.state}")
                    queued.append(row.recipient)
            added = self._add_new(connection, number, recipients)
            again = Again(tuple(queued), added, tuple(withdrawn), tuple(accepted))
            told = {"queued": again.queued, "added": again.added, "withdrawn": again.withdrawn}
            add_audit(connection, self._person, "mail again", f"invoice:{number}", told, self._clock())
            return again

    def _add_new(self, connection: Connection, number: str, recipients: Sequence[str]) -> tuple[str, ...]:
        query = select(outbox.c.id).join(invoices, outbox.c.invoice_id == invoices.c.id)
        addressed = connection.execute(
            query.where(invoices.c.number == number, outbox.c.state == "addressed", not_(_reminds()))
        ).scalars()
        added: list[str] = []
        for document in addressed.all():
            known = connection.execute(select(letters.c.recipient).where(letters.c.outbox_id == document)).scalars()
            have = {recipient.casefold() for recipient in known}
            new = [recipient for recipient in recipients if recipient.casefold() not in have]
            self._insert(connection, [Envelope(document, recipient) for recipient in new])
            added += new
        return tuple(added)

    def _standing(self, connection: Connection, number: str) -> None:
        state = connection.execute(select(invoices.c.state).where(invoices.c.number == number)).scalar_one_or_none()
        if state is None:
            raise UnknownInvoice(number)
        if state != "issued":
            raise InvoiceStateError(f"{number} is {state}.", "Send the document that replaced it.")

    def _insert(self, connection: Connection, envelopes: Sequence[Envelope]) -> None:
        now = self._clock()
        values = [
            {
                "outbox_id": envelope.outbox_id,
                "recipient": envelope.recipient,
                "message_id": self.message_id(envelope),
                "state": "queued",
                "changed_at": now,
            }
            for envelope in envelopes
        ]
        if values:
            connection.execute(insert(letters), values)

    def message_id(self, envelope: Envelope) -> str:
        """Made from store, outbox row and recipient, once: kept in the row, the same however often it is sent."""
        facts = "\0".join((self._store.id, str(envelope.outbox_id), envelope.recipient))
        return f"<{sha256(facts.encode()).hexdigest()[:40]}@{self._domain}>"

    def _move(self, connection: Connection, row: LetterRow, state: LetterState, detail: str) -> bool:
        """Moves a letter that is as it was read; whether it was."""
        facts = {"state": state, "detail": detail[:_DETAIL], "changed_at": self._clock()}
        as_read = letters.c.id == row.id, letters.c.state == row.state, letters.c.attempts == row.attempts
        moved = connection.execute(update(letters).where(*as_read).values(**facts, deferrals=0, next_attempt_at=None))
        return moved.rowcount == 1

    def _rows(
        self, condition: ColumnElement[bool], selection: Selection, *order: ColumnElement[Any]
    ) -> list[LetterRow]:
        with self._store.reading() as connection:
            return self._read(connection, condition, selection, *order)

    def _read(
        self, connection: Connection, condition: ColumnElement[bool], selection: Selection, *order: ColumnElement[Any]
    ) -> list[LetterRow]:
        query = (
            select(
                letters.c.id,
                letters.c.outbox_id,
                outbox.c.invoice_id,
                *(invoices.c[name] for name in ("number", "client", "month")),
                outbox.c.kind,
                *(letters.c[name] for name in _OF_LETTER),
            )
            .join(outbox, letters.c.outbox_id == outbox.c.id)
            .join(invoices, outbox.c.invoice_id == invoices.c.id)
            .where(condition)
        )
        query = _narrowed(query, selection).order_by(*order, letters.c.id)
        return [LetterRow(*row) for row in connection.execute(query)]


_OF_LETTER = (
    *("recipient", "message_id", "state", "attempts", "detail", "changed_at"),
    *("deferrals", "next_attempt_at"),
)


def _sendable() -> ColumnElement[bool]:
    return and_(outbox.c.state == "addressed", invoices.c.state == "issued", invoices.c.link_live, _wanted())


def _reminds() -> ColumnElement[bool]:
    return outbox.c.kind.startswith(REMINDER, autoescape=True)


def _wanted() -> ColumnElement[bool]:
    """A document always; a reminder while its document is neither paid nor disputed."""
    settled = or_(receivables.c.paid_on.is_not(None), receivables.c.disputed_at.is_not(None))
    return or_(not_(_reminds()), not_(exists().where(receivables.c.invoice_id == outbox.c.invoice_id, settled)))


def _narrowed(query: Select[Any], selection: Selection) -> Select[Any]:
    """Narrowed to the selected documents and letters."""
    if selection.letters != "all":
        query = query.where(_reminds() if selection.letters == "reminders" else not_(_reminds()))
    return narrowed(query, selection)
