"""Tickets by id, in batches, with what was asked for of their articles; the history; our own agent.

One id that is missing or forbidden makes the server refuse the whole batch: it is then halved until the id stands
alone, is named, and the others are there. So it is with one that is too heavy to come in time, or at which the server
breaks down, as long as the server answers for tickets without their articles. A ticket whose row is broken is named
likewise and harms no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from studio_support.errors import AccessDenied, InvalidParameter, OtrsBroken, OtrsUnreachable
from studio_support.otrs.calls import Calls
from studio_support.otrs.mapping import (
    BrokenRow,
    agent_of,
    history_of,
    id_of,
    rows_of,
    session_time_of,
    ticket_of,
)
from studio_support.otrs.model import Agent, HistoryRow, Ticket, TicketsRead, Unreadable

IDS_A_CALL = 100
Articles = Literal["none", "first", "all"]
# Names of files without their contents: thanks with a file are no bare thanks.
_ALL = {"AllArticles": 1, "Attachments": 1, "GetAttachmentContents": 0}
_FIRST = {"AllArticles": 1, "ArticleSenderType": ["customer"], "ArticleLimit": 1, "ArticleOrder": "ASC"}
_DENIED = "there is no ticket of this id, or the agent may not see it"


class Reads:
    """What reads tickets by id."""

    def __init__(self, calls: Calls, zone: ZoneInfo) -> None:
        self._calls = calls
        self._zone = zone
        self._me: Agent | None = None

    def me(self) -> Agent:
        """The agent that we are, asked for once."""
        if self._me is None:
            try:
                self._me = agent_of(rows_of(self._calls.whose(), "SessionData"))
            except BrokenRow as broken:
                raise self._calls.broken("SessionGet", str(broken)) from None
        return self._me

    def server_time(self) -> datetime:
        """What the server's clock shows, by a session made for it."""
        try:
            return session_time_of(rows_of(self._calls.whose(anew=True), "SessionData"), self._zone)
        except BrokenRow as broken:
            raise self._calls.broken("SessionGet", str(broken)) from None

    def tickets(self, ids: Sequence[int], *, articles: Articles = "none", fields: bool = True) -> TicketsRead:
        """Tickets by id, ids ascending; those that cannot be read are named."""
        batches = list(self.batches(ids, articles=articles, fields=fields))
        return TicketsRead(
            tuple(ticket for batch in batches for ticket in batch.tickets),
            tuple(one for batch in batches for one in batch.unreadable),
        )

    def batches(self, ids: Sequence[int], *, articles: Articles = "none", fields: bool = True) -> Iterator[TicketsRead]:
        """The same, a hundred at a time, for those who need not hold all of them at once."""
        options: dict[str, object] = {"DynamicFields": int(fields)}
        if articles != "none":
            options |= _FIRST if articles == "first" else _ALL
        asked = sorted(set(ids))
        for start in range(0, len(asked), IDS_A_CALL):
            yield self._batch(asked[start : start + IDS_A_CALL], options)

    def with_files(self, ticket_id: int, *, contents: bool, sender_types: Sequence[str] = ()) -> Ticket | None:
        """One ticket with all articles, their HTML and attachments; None where it is missing or forbidden.

        contents: also the bytes of attachments and the HTML; without them names and sizes come alone. Raises where it
        is there and does not come whole: what is concluded from its articles would be wrong.
        """
        options: dict[str, object] = {"DynamicFields": 1, "AllArticles": 1, "Attachments": 1}
        options |= {"HTMLBodyAsAttachment": 1, "GetAttachmentContents": int(contents)}
        if sender_types:
            options["ArticleSenderType"] = list(sender_types)
        try:
            read = self._checked([ticket_id], self._get([ticket_id], options))
        except (AccessDenied, InvalidParameter):
            return None
        if read.unreadable:
            raise self._calls.broken("TicketGet", read.unreadable[0].reason)
        return read.tickets[0]

    def history(self, ids: Sequence[int]) -> dict[int, tuple[HistoryRow, ...]]:
        """Histories by ticket. Raises AccessDenied if one of them cannot be read."""
        asked, found = sorted(set(ids)), {}
        for start in range(0, len(asked), IDS_A_CALL):
            batch = asked[start : start + IDS_A_CALL]
            answer = self._calls.read("TicketHistoryGet", {"TicketID": ",".join(map(str, batch))})
            try:
                rows = rows_of(answer.get("TicketHistory"), "TicketHistory")
                came = {id_of(row.get("TicketID"), "TicketID"): history_of(row, self._zone) for row in rows}
            except BrokenRow as broken:
                raise self._calls.broken("TicketHistoryGet", str(broken)) from None
            if set(came) != set(batch):
                raise self._calls.broken("TicketHistoryGet", "other tickets came than were asked for")
            found.update(came)
        return found

    def _batch(
        self, ids: Sequence[int], options: Mapping[str, object], failed: OtrsUnreachable | OtrsBroken | None = None
    ) -> TicketsRead:
        """Tickets by id. failed: how a batch that these are a part of ended; it is known that the server is there."""
        try:
            # A part of what did not come in time is not waited for twice, a ticket alone is.
            answer = self._get(ids, options, patient=failed is None or len(ids) == 1)
        except (AccessDenied, InvalidParameter):
            if len(ids) == 1:
                return TicketsRead(unreadable=(Unreadable(ids[0], _DENIED),))
            return self._halves(ids, options, failed)
        except (OtrsUnreachable, OtrsBroken) as error:
            if "AllArticles" not in options:
                raise
            if len(ids) == 1:
                return self._light(ids[0], error)
            if failed is None:
                self._light(ids[0], error)
            return self._halves(ids, options, error)
        return self._checked(ids, answer)

    def _get(self, ids: Sequence[int], options: Mapping[str, object], *, patient: bool = True) -> dict[str, Any]:
        return self._calls.read("TicketGet", {**options, "TicketID": [str(one) for one in ids]}, patient=patient)

    def _halves(
        self, ids: Sequence[int], options: Mapping[str, object], failed: OtrsUnreachable | OtrsBroken | None
    ) -> TicketsRead:
        middle = len(ids) // 2
        left, right = self._batch(ids[:middle], options, failed), self._batch(ids[middle:], options, failed)
        return TicketsRead(left.tickets + right.tickets, left.unreadable + right.unreadable)

    def _light(self, ticket_id: int, error: OtrsUnreachable | OtrsBroken) -> TicketsRead:
        """A ticket that does not come with its articles, named by what comes of it without them.

        Raises the error where nothing comes of that either: then it is not the ticket.
        """
        try:
            read = self._checked([ticket_id], self._get([ticket_id], {"DynamicFields": 0}))
        except (AccessDenied, InvalidParameter):
            return TicketsRead(unreadable=(Unreadable(ticket_id, _DENIED),))
        except (OtrsUnreachable, OtrsBroken):
            raise error from None
        if read.unreadable:
            return read
        return TicketsRead(unreadable=(Unreadable(ticket_id, error.reason, True, read.tickets[0]),))

    def _checked(self, ids: Sequence[int], answer: Mapping[str, Any]) -> TicketsRead:
        tickets: dict[int, Ticket] = {}
        unreadable: dict[int, Unreadable] = {}
        try:
            rows = [(id_of(row.get("TicketID"), "TicketID"), row) for row in rows_of(answer.get("Ticket"), "Ticket")]
        except BrokenRow as broken:
            raise self._calls.broken("TicketGet", str(broken)) from None
        if sorted(row_id for row_id, _ in rows) != sorted(ids):
            raise self._calls.broken("TicketGet", "other tickets came than were asked for")
        for row_id, row in rows:
            try:
                tickets[row_id] = ticket_of(row, self._zone)
            except BrokenRow as broken:
                unreadable[row_id] = Unreadable(row_id, str(broken), True, self._without_articles(row))
        return TicketsRead(
            tuple(tickets[one] for one in sorted(tickets)), tuple(unreadable[one] for one in sorted(unreadable))
        )

    def _without_articles(self, row: Mapping[str, Any]) -> Ticket | None:
        """What a broken row tells of its ticket if only an article is broken."""
        try:
            return ticket_of({**row, "Article": None}, self._zone)
        except BrokenRow:
            return None
