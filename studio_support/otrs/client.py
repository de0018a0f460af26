"""The client of one OTRS or Znuny: what the bridge asks and does, in its own words.

    with OtrsClient(url, "GenericTicketConnectorREST", "robot", password, timezone="UTC") as otrs:
        for ticket in otrs.changed_since(cursor, articles="all").tickets: ...
        otrs.send_letter(ticket.id, to=..., subject=..., text=..., key="ticket/2026112110000015/done/1")

A quiet pass costs one request; n changed tickets cost one search and a call for every hundred of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from studio_support.config.secrets import Secret
from studio_support.otrs.calls import Calls
from studio_support.otrs.letters import checked_key, is_letter, one_line, written_by
from studio_support.otrs.model import Agent, Attachment, Created, HistoryRow, Ticket, TicketsRead
from studio_support.otrs.read import Articles, Reads
from studio_support.otrs.routes import routes_of
from studio_support.otrs.search import Searches
from studio_support.otrs.transport import Transport
from studio_support.otrs.write import FieldValue, Writes


class OtrsClient:
    """Reads raise SourceError (OtrsRefused, OtrsUnreachable, OtrsBroken). Writes raise OtrsRefused and NotSent where
    nothing was changed, OutcomeUnknown where nobody knows; a read that follows tells.

    timezone: OTRSTimeZone of the server, the zone of the times that it hands out. routes: what differs from DEFAULTS.
    """

    def __init__(
        self,
        url: str,
        web_service: str,
        user: str,
        password: Secret | str,
        *,
        timezone: str = "UTC",
        routes: Mapping[str, str] | None = None,
        timeout_seconds: float = 30.0,
        ca_file: str = "",
        backoff_seconds: float = 0.5,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        transport = Transport(url, timeout_seconds=timeout_seconds, ca_file=ca_file)
        secret = Secret(password) if isinstance(password, str) else password
        self._calls = Calls(
            transport,
            web_service,
            user,
            secret,
            routes_of(routes or {}),
            backoff_seconds=backoff_seconds,
            sleep=sleep,
        )
        zone = ZoneInfo(timezone)
        self._reads = Reads(self._calls, zone)
        self._searches = Searches(self._calls, self._reads, zone)
        self._writes = Writes(self._calls)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"

    def __enter__(self) -> OtrsClient:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the session, if there is one."""
        self._calls.close()

    @property
    def url(self) -> str:
        """The server's address."""
        return self._calls.transport.url

    @property
    def requests(self) -> int:
        """Requests made so far, logins and repeats included."""
        return self._calls.transport.requests

    @property
    def waited_seconds(self) -> float:
        """Seconds spent waiting for them."""
        return self._calls.transport.waited_seconds

    def me(self) -> Agent:
        """The agent that the client works as; asked for once, by a session."""
        return self._reads.me()

    def server_time(self) -> datetime:
        """What the server's clock shows (aware UTC, cut to the second): of a session that is made for it and kept.

        It tells the moment in seconds since 1970 and in its own zone. Where the two disagree, `timezone` is not the
        server's, and the earlier one is given: searches go by it. Costs two requests.
        """
        return self._reads.server_time()

    def check(self) -> None:
        """One search for one ticket: address, web service, route and login are right, or it raises what is wrong."""
        self._searches.ids({}, limit=1)

    def has_any(self, queue: str) -> bool:
        """Whether the agent sees any ticket in a queue: an unknown one and an empty one look alike."""
        return bool(self._searches.ids({"Queues": [queue]}, limit=1))

    def changed_since(
        self, since: datetime, *, queues: Sequence[str] = (), articles: Articles = "all", fields: bool = True
    ) -> TicketsRead:
        """Tickets changed since (aware, inclusive, to the second): new articles, notes, fields, locks, titles."""
        return self._searches.changed(since, queues, articles, fields)

    def changed_ids_since(self, since: datetime, *, queues: Sequence[str] = ()) -> tuple[int, ...]:
        """Their ids alone, in one request."""
        return self._searches.changed_ids(since, queues)

    def tickets(self, ids: Sequence[int], *, articles: Articles = "none", fields: bool = True) -> TicketsRead:
        """Tickets by id; articles: none, the first one of the customer, or all."""
        return self._reads.tickets(ids, articles=articles, fields=fields)

    def tickets_by_number(self, numbers: Iterable[str], *, articles: Articles = "none") -> TicketsRead:
        """Tickets by number; a number that is no number, is unknown or unseen brings nothing."""
        return self._searches.numbers(numbers, articles)

    def ticket_by_number(self, number: str, *, articles: Articles = "all") -> Ticket | None:
        """One of them, None if there is none that the agent sees."""
        return self.tickets_by_number([number], articles=articles).by_number().get(number)

    def search(
        self,
        *,
        queues: Sequence[str] = (),
        states: Sequence[str] = (),
        state_types: Sequence[str] = (),
        fields: Mapping[str, str] | None = None,
        customer: str = "",
        created_since: datetime | None = None,
        articles: Articles = "none",
    ) -> TicketsRead:
        """Tickets that fit all that is given. An unknown queue or state finds nothing; an unknown field raises."""
        return self._searches.where(
            queues=queues,
            states=states,
            state_types=state_types,
            fields=fields or {},
            customer=customer,
            created_since=created_since,
            articles=articles,
        )

    def search_text(self, text: str, *, limit: int = 50) -> TicketsRead:
        """Tickets with all words of the text in their letters, notes or titles: the newest, at most `limit`."""
        return self._reads.tickets(self._searches.text(text, limit))

    def ticket_with_files(self, ticket_id: int, *, contents: bool = True) -> Ticket | None:
        """A ticket with all articles, their HTML and attachments; without contents: names and sizes only."""
        return self._reads.with_files(ticket_id, contents=contents)

    def history(self, ids: Sequence[int]) -> dict[int, tuple[HistoryRow, ...]]:
        """The histories of tickets. Raises AccessDenied where one of them cannot be read."""
        return self._reads.history(ids)

    def create_ticket(
        self,
        *,
        title: str,
        queue: str,
        customer_user: str,
        body: str,
        key: str = "",
        channel: Literal["phone", "internal"] = "phone",
        state: str = "new",
        priority: str = "3 normal",
        owner: str = "",
        sender_type: Literal["agent", "customer"] = "agent",
        fields: Mapping[str, FieldValue] | None = None,
    ) -> Created:
        """A ticket made by hand, by phone or messenger. owner: also locks it for that agent."""
        return self._writes.create(
            title=title,
            queue=queue,
            customer_user=customer_user,
            body=body,
            key=key,
            channel=channel,
            state=state,
            priority=priority,
            owner=owner,
            sender_type=sender_type,
            fields=fields or {},
        )

    def update_ticket(
        self,
        ticket_id: int,
        *,
        state: str | None = None,
        queue: str | None = None,
        title: str | None = None,
        priority: str | None = None,
        locked: bool | None = None,
        owner: str | None = None,
        fields: Mapping[str, FieldValue] | None = None,
    ) -> None:
        """Changes what is given. The server takes a lock away from anybody without a word: look before, and after.

        locked=True without an owner locks for our own agent. Closing unlocks.
        """
        lock = None if locked is None else "lock" if locked else "unlock"
        told = {"State": state, "Queue": queue, "Title": None if title is None else one_line(title)}
        told |= {"Priority": priority, "Lock": lock, "Owner": owner}
        self._writes.update(ticket_id, {name: value for name, value in told.items() if value is not None}, fields or {})

    def add_note(self, ticket_id: int, *, subject: str, body: str, key: str = "", visible: bool = False) -> int:
        """An internal note; gives the article's id."""
        return self._writes.note(ticket_id, subject=subject, body=body, key=key, visible=visible)

    def send_letter(
        self,
        ticket_id: int,
        *,
        to: str,
        subject: str,
        text: str,
        key: str,
        cc: Sequence[str] = (),
        attachments: Sequence[Attachment] = (),
    ) -> int:
        """Sends plain text (escaped here) to the customer as an e-mail article that bears the key; gives its id."""
        return self._writes.letter(
            ticket_id, to=to, subject=subject, text=text, key=key, cc=cc, attachments=attachments
        )

    def find_letter(self, ticket: Ticket, *, subject: str, key: str) -> int | None:
        """The article of a letter that may have been sent: by the key in the history, else by the one in its HTML.

        Both only of our own agent. None: it is not there now; a request whose client is gone may still be at work.
        """
        article_id = self.find_written(ticket.id, key=key)
        if article_id is not None:
            return article_id
        whole = self._reads.with_files(ticket.id, contents=True, sender_types=["agent"])
        agent = self.me().id
        ours = (
            article.id
            for article in (whole.articles if whole else ())
            if is_letter(article, subject=subject, number=ticket.number, key=key, agent=agent)
        )
        return min(ours, default=None)

    def find_written(self, ticket_id: int, *, key: str) -> int | None:
        """The article (letter or note) of ours whose line of history bears the key."""
        checked_key(key)
        agent = self.me().id
        rows = self._reads.history([ticket_id])[ticket_id]
        return min((row.article_id or 0 for row in rows if written_by(row, key, agent)), default=None)

    def find_created(self, *, key: str, since: datetime) -> Created | None:
        """A ticket that create_ticket may have made since: the key in its history, by our own agent."""
        agent = self.me().id
        tickets = {ticket.id: ticket for ticket in self.search(created_since=since).tickets}
        for ticket_id, rows in self._reads.history(sorted(tickets)).items():
            for row in rows:
                if written_by(row, key, agent):
                    return Created(ticket_id, tickets[ticket_id].number, row.article_id)
        return None
