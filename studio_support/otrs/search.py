"""Searches: ids of tickets, and tickets by what they are, checked against what was asked.

The server ignores what it does not know and then gives every ticket; it gives 500 ids unless a limit is named, and an
empty object when it finds nothing (or does not know the queue). So every search names its limit, and what it brings is
held against the filter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from studio_support.errors import OtrsBroken
from studio_support.otrs.calls import Calls
from studio_support.otrs.mapping import BrokenRow, id_of, text_of, wall_of
from studio_support.otrs.model import Ticket, TicketsRead, Unreadable
from studio_support.otrs.read import Articles, Reads

MOST_IDS = 200_000
_NUMBERS_A_SEARCH = 300
_TWICE = timedelta(hours=3)


class Searches:
    """What finds tickets."""

    def __init__(self, calls: Calls, reads: Reads, zone: ZoneInfo) -> None:
        self._calls = calls
        self._reads = reads
        self._zone = zone

    def ids(self, filters: Mapping[str, object], limit: int = MOST_IDS) -> tuple[int, ...]:
        """Ids of the tickets that the server gives for these parameters, ascending, at most `limit` of them."""
        # Closed tickets may be archived; a server without an archive knows the word as well.
        answer = self._calls.read("TicketSearch", {**filters, "SearchInArchive": "AllTickets", "Limit": limit})
        told = answer.get("TicketID", [])
        try:
            found = {id_of(one, "TicketID") for one in (told if isinstance(told, list) else [told])}
        except BrokenRow as broken:
            raise self._calls.broken("TicketSearch", str(broken)) from None
        if len(found) > limit:
            raise self._calls.broken("TicketSearch", f"{len(found)} tickets came where at most {limit} were asked for")
        return tuple(sorted(found))

    def changed_ids(self, since: datetime, queues: Sequence[str] = ()) -> tuple[int, ...]:
        """Ids of all tickets changed since (inclusive). Raises OtrsBroken where they are more than MOST_IDS."""
        filters: dict[str, object] = {"TicketLastChangeTimeNewerDate": wall_of(since, self._zone)}
        if queues:
            filters["Queues"] = list(queues)
        return self._all(filters)

    def changed(self, since: datetime, queues: Sequence[str], articles: Articles, fields: bool) -> TicketsRead:
        """Tickets changed since; one that was not means that the filter was ignored."""
        oldest = wall_of(since, self._zone)
        found = self._reads.tickets(self.changed_ids(since, queues), articles=articles, fields=fields)
        if any(ticket.changed_wall < oldest for ticket in found.tickets):
            raise self._ignored("TicketLastChangeTimeNewerDate")
        return found

    def numbers(self, numbers: Iterable[str], articles: Articles) -> TicketsRead:
        """Tickets by number. A number without a ticket is simply not among them: unknown and unseen look alike."""
        # A wildcard or a letter would be a search of another kind.
        asked = sorted({number for number in numbers if number.isascii() and number.isdecimal()})
        ids: set[int] = set()
        for start in range(0, len(asked), _NUMBERS_A_SEARCH):
            batch = asked[start : start + _NUMBERS_A_SEARCH]
            ids.update(self.ids({"TicketNumber": batch}, limit=len(batch) + 1))
        found = self._reads.tickets(sorted(ids), articles=articles)
        if not {ticket.number for ticket in found.tickets} <= set(asked):
            raise self._ignored("TicketNumber")
        return found

    def where(
        self,
        *,
        queues: Sequence[str],
        states: Sequence[str],
        state_types: Sequence[str],
        fields: Mapping[str, str],
        customer: str,
        created_since: datetime | None,
        articles: Articles,
    ) -> TicketsRead:
        """Tickets that fit all that is given. Raises ValueError where nothing is."""
        filters: dict[str, object] = {}
        for name, values in (("Queues", queues), ("States", states), ("StateType", state_types)):
            if values:
                filters[name] = list(values)
        filters |= {f"DynamicField_{name}": {"Equals": value} for name, value in fields.items()}
        if customer:
            filters["CustomerIDRaw"] = customer
        if created_since is not None:
            filters["TicketCreateTimeNewerDate"] = wall_of(created_since, self._zone)
        if not filters:
            raise ValueError("a search without a filter gives every ticket")
        asked = _Asked(queues, states, state_types, fields, customer, created_since)
        ids = self._all(filters)
        tickets: list[Ticket] = []
        unreadable: list[Unreadable] = []
        for batch in self._reads.batches(ids, articles=articles):
            if fields and (name := _unknown_field(batch.tickets, fields)):
                raise self._calls.broken("TicketSearch", f"there is no dynamic field {name}, so the search ignored it")
            strangers = [ticket.id for ticket in batch.tickets if not asked.fits(ticket)]
            # A ticket that somebody moved since the search is gone from the next one; an ignored filter is not.
            if strangers and set(strangers) & set(self._all(filters)) and self._still_strange(strangers, asked):
                raise self._ignored(", ".join(filters))
            tickets += [ticket for ticket in batch.tickets if ticket.id not in strangers]
            unreadable += batch.unreadable
        return TicketsRead(tuple(tickets), tuple(unreadable))

    def text(self, text: str, limit: int) -> tuple[int, ...]:
        """Ids of tickets that have all words of a text in letters, notes or titles: the newest, ascending.

        The server would take several words for one phrase, in an index that leaves common words out; so each is
        looked for alone.
        """
        words = text.split()
        if len(words) < 2:
            return self.ids({"Fulltext": f"*{text}*", "SortBy": "Age", "OrderBy": "Down"}, limit=limit)
        found: set[int] = set()
        for place, word in enumerate(sorted(words, key=len, reverse=True)):
            among: dict[str, object] = {"TicketID": sorted(found)} if 0 < len(found) <= _NUMBERS_A_SEARCH else {}
            ids = set(self.ids({"Fulltext": f"*{word}*", **among}))
            found = found & ids if place else ids
            if not found:
                break
        return tuple(sorted(found)[-limit:])

    def _still_strange(self, ids: Sequence[int], asked: _Asked) -> bool:
        again = self._reads.tickets(ids)
        return any(not asked.fits(ticket) for ticket in again.tickets)

    def _all(self, filters: Mapping[str, object]) -> tuple[int, ...]:
        found = self.ids(filters)
        if len(found) >= MOST_IDS:
            raise self._calls.broken("TicketSearch", f"{MOST_IDS} tickets or more fit; ask for less")
        return found

    def _ignored(self, name: str) -> OtrsBroken:
        return self._calls.broken("TicketSearch", f"tickets came that were not asked for: {name} was ignored")


class _Asked:
    """What a search asked for, to be held against what came. The server compares without regard to case."""

    def __init__(
        self,
        queues: Sequence[str],
        states: Sequence[str],
        state_types: Sequence[str],
        fields: Mapping[str, str],
        customer: str,
        created_since: datetime | None,
    ) -> None:
        self._sets = (
            ({one.casefold() for one in queues}, "queue"),
            ({one.casefold() for one in states}, "state"),
            ({one.casefold() for one in state_types}, "state_type"),
            ({customer.casefold()} - {""}, "customer"),
        )
        self._fields = dict(fields)
        # An hour that comes twice is read as the first one: what was created in the second seems older than it is.
        self._oldest = created_since - _TWICE if created_since else None

    def fits(self, ticket: Ticket) -> bool:
        """Whether a ticket is what was asked for."""
        if self._oldest is not None and ticket.created_at < self._oldest:
            return False
        plain = all(not wanted or text_of(getattr(ticket, name)).casefold() in wanted for wanted, name in self._sets)
        return plain and all(
            value.casefold() in (ticket.field(name).casefold(), *ticket.field(name).casefold().split(","))
            for name, value in self._fields.items()
        )


def _unknown_field(tickets: Sequence[Ticket], fields: Mapping[str, str]) -> str:
    """A field that the tickets do not even list. They list every field that there is, unset ones too."""
    listed = {name for ticket in tickets for name, _ in ticket.fields}
    return next((name for name in fields if tickets and name not in listed), "")
