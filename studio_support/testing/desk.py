"""OTRS in memory as the desk needs it: locks and owners, tickets made by hand, full text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from studio_support.errors import InvalidParameter
from studio_support.otrs.model import Created, HistoryRow, TicketsRead
from studio_support.otrs.write import FieldValue
from studio_support.testing.bridge import ROBOT, Clock, FakeTickets

AGENTS = ("root@localhost", "petrova", "sidorov", "robot")


class DeskTickets(FakeTickets):
    """A DeskPort. `taken_by`: somebody who takes a ticket at the very moment at which the desk does, once."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.taken_by = ""

    def update_ticket(
        self,
        ticket_id: int,
        *,
        state: str | None = None,
        locked: bool | None = None,
        owner: str | None = None,
        fields: Mapping[str, FieldValue] | None = None,
    ) -> None:
        if locked is None and owner is None:
            super().update_ticket(ticket_id, state=state, fields=fields)
            return
        if owner is not None and owner not in AGENTS:
            reason = "TicketUpdate: Ticket->Owner parameter is invalid!"
            raise InvalidParameter(self.url, reason, 200, code="TicketUpdate.InvalidParameter")

        def work() -> int:
            self._change(ticket_id, locked=bool(locked))
            if owner is not None:
                self._change(ticket_id, owner=owner)
            if self.taken_by:
                self._change(ticket_id, owner=self.taken_by, locked=True)
                self.taken_by = ""
            return 0

        self._write(f"lock {ticket_id} {owner or ''}".strip(), work)

    def create_ticket(
        self,
        *,
        title: str,
        queue: str,
        customer_user: str,
        body: str,
        key: str = "",
        channel: Literal["phone", "internal"] = "phone",
    ) -> Created:
        if "@" not in customer_user:
            reason = "TicketCreate: Ticket->CustomerUser parameter is invalid!"
            raise InvalidParameter(self.url, reason, 200, code="TicketCreate.InvalidParameter")
        if queue not in ("Support", "To Redmine"):
            reason = "TicketCreate: Ticket->QueueID or Ticket->Queue parameter is invalid!"
            raise InvalidParameter(self.url, reason, 200, code="TicketCreate.InvalidParameter")

        def work() -> int:
            ticket_id = self.mail_in(
                body, sender=customer_user, subject=title, queue=queue, channel=channel, by_agent=True
            )
            article = self.rows[ticket_id].articles[0]
            self._change(ticket_id, articles=(replace(article, created_by=ROBOT.id),), customer_user=customer_user)
            row = HistoryRow(ticket_id, "NewTicket", key, self.clock.now, ROBOT.id, article.id)
            self.past.setdefault(ticket_id, []).append(row)
            return ticket_id

        ticket_id = self._write(f"new {title}", work)
        return Created(ticket_id, self.rows[ticket_id].number, self.rows[ticket_id].articles[0].id)

    def find_created(self, *, key: str, since: datetime) -> Created | None:
        self._read()
        for ticket_id, rows in self.past.items():
            if any(row.kind == "NewTicket" and row.text == key for row in rows):
                ticket = self.rows[ticket_id]
                return Created(ticket_id, ticket.number, None) if ticket.created_at >= since else None
        return None

    def search_text(self, text: str, *, limit: int = 50) -> TicketsRead:
        self._read()
        found = [
            one
            for one in self.rows.values()
            if all(
                any(word in f"{letter.subject} {letter.body}".casefold() for letter in one.articles)
                for word in text.casefold().split()
            )
        ]
        return TicketsRead(tuple(found[:limit]))
