"""The desk: what managers do about tickets, as verbs of one object. The commands `inbox` and `ticket` are thin on it.

    desk = TicketDesk(Studio.from_file().bridge)
    desk.take("Ticket#2026112110000015")
    desk.estimate("2026112110000015", 210, dry_run=True).as_dict()

What writes shares the lock, the intents and the apply of passes: killed or repeated, nothing is done twice.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from studio_support.desk import inbox, locks, new
from studio_support.desk.acts import Acts
from studio_support.desk.new import Call
from studio_support.desk.parts import DeskParts
from studio_support.desk.results import Acted, Hit, Inbox, Lock
from studio_support.desk.story import Story, story
from studio_support.desk.words import sought

if TYPE_CHECKING:
    from studio_support.bridge import Bridge

__all__ = ["Acted", "Call", "Hit", "Inbox", "Lock", "Story", "TicketDesk"]


class TicketDesk:
    """The verbs. Numbers are taken as people type them: with hook, brackets, spaces, in a copied subject.

    All raise WrongTicketNumber (with the likely right ones), UnknownTicket, SourceError, ConfigError, StoreError; those
    that write also LockHeld and Refused: what somebody else has locked is his, unless forced. dry_run: nothing is
    written, letters are shown in full. Who did what is kept and told by the story.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._parts = DeskParts(bridge)
        self._acts = Acts(self._parts)

    def inbox(self, *, mine: bool = False, at_risk: bool = False) -> Inbox:
        """Open promises by due time; mine: of the person at work; at_risk: only what is missed or about to be."""
        return inbox.inbox(self._parts, mine=mine, at_risk=at_risk)

    def show(self, number: str) -> Story:
        """One ticket's story."""
        return story(self._parts, number)

    def new(self, call: Call, *, again: bool = False, dry_run: bool = False) -> Acted:
        """A ticket for what came by voice; the client is asked to confirm it in writing.

        The same words of the same customer within a day are the same ticket, unless `again`.
        """
        parts = self._parts
        parts.begun()
        if dry_run:
            return self._acts.preview(call)
        with parts.locked("ticket new", dry_run=False):
            ticket, fresh = new.made(parts, call, again=again)
            acted = self._acts.follow("new", ticket.id)
            if fresh:
                parts.trace("new", ticket.number, f"{call.channel}, {call.customer}")
        said = () if fresh else (f"The ticket was made before from the same words: {ticket.number}.",)
        return replace(acted, created=fresh, said=said)

    def take(self, number: str, *, force: bool = False, dry_run: bool = False) -> Lock:
        """Lock and owner together, for the person at work; another's lock is refused unless forced."""
        return locks.take(self._parts, number, force=force, dry_run=dry_run)

    def release(self, number: str, *, force: bool = False, dry_run: bool = False) -> Lock:
        """Lets a ticket go."""
        return locks.release(self._parts, number, force=force, dry_run=dry_run)

    def estimate(
        self, number: str, minutes: int, *, note: str = "", force: bool = False, dry_run: bool = False
    ) -> Acted:
        """Writes the estimate into the ticket; the client is told hours and cost. note: for the letter."""
        if minutes < 1:
            raise ValueError("an estimate is a minute or more")
        return self._acts.estimate(number, minutes, note, force=force, dry_run=dry_run)

    def approve(self, number: str, *, force: bool = False, dry_run: bool = False) -> Acted:
        """Writes into the ticket that the client has agreed."""
        return self._acts.approve(number, force=force, dry_run=dry_run)

    def task(self, number: str, *, force: bool = False, dry_run: bool = False) -> Acted:
        """Makes the issue now; the client is told, the ticket closed."""
        return self._acts.task(number, force=force, dry_run=dry_run)

    def done(self, number: str, *, note: str = "", force: bool = False, dry_run: bool = False) -> Acted:
        """Tells the client that it is done, once. note: for the letter."""
        return self._acts.done(number, note, force=force, dry_run=dry_run)

    def apologise(self, number: str, *, note: str = "", force: bool = False, dry_run: bool = False) -> Acted:
        """Apologises for a missed promise, once a round. note: for the letter."""
        return self._acts.apologise(number, note, force=force, dry_run=dry_run)

    def search(self, words: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Tickets that have all the words in letters, notes or titles, the newest first.

        Signs and very short words count as little as in OTRS's index. Raises ValueError where no word is left.
        """
        asked = sought(words)
        if not asked:
            raise ValueError("a search needs words")
        found = self._parts.tickets.search_text(" ".join(asked), limit=limit).tickets
        links = self._parts.bridge.state.links(tickets=[ticket.id for ticket in found])
        return tuple(
            Hit(
                one.number,
                one.title,
                one.state,
                one.queue,
                one.customer,
                one.owner,
                one.created_at,
                tuple(link.issue_id for link in links if link.ticket_id == one.id),
            )
            for one in sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)
        )

    @cached_property
    def person(self) -> str:
        """What OTRS calls the person at work."""
        return self._parts.me
