"""A ticket for what came by phone or messenger, made once however often the command is killed or repeated.

What is meant is kept with a digest of its words before OTRS is asked; the id of that row is in the new ticket's
history. So the same words find the ticket again: one of unknown fate after the hold, one that was made for a day.
The call arrived when these words were first told, however long OTRS could not be reached: its promise begins there.
What nobody repeats a pass looks up after the hold, and makes it if it is not there: no call is lost.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast

from studio_invoices.errors import Problem
from studio_support.desk.parts import DeskParts
from studio_support.errors import InvalidParameter, NotSent, Refused, SourceError, SourceRefused, StudioError
from studio_support.otrs.model import Created
from studio_support.sync.model import IntentState
from studio_support.sync.state_desk import NewTicket

Voice = Literal["phone", "messenger"]
SAME_FOR = timedelta(days=1)
CALL_UNDONE = "new:"
"""What is told of calls that a pass could not make begins with it; what follows is the id of the call."""
_CLOCKS_APART = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Call:
    """What came by voice. customer: login or address of the customer user. queue: "" for the first of [otrs] queues."""

    channel: Voice
    customer: str
    title: str
    text: str
    queue: str = ""

    @property
    def digest(self) -> str:
        """The same for the same words of the same customer."""
        words = [self.channel, self.customer.casefold(), " ".join(self.title.split()), self.text.strip()]
        return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()


def made(parts: DeskParts, call: Call, *, again: bool = False) -> tuple[Created, bool]:
    """The ticket of a call, and whether it was made just now. The caller holds the lock.

    Raises Refused while nobody knows what became of an earlier try, SourceError.
    """
    state, now = parts.state, parts.now
    hold = timedelta(seconds=parts.rules.hold_seconds)
    earlier = () if again else state.new_tickets(call.digest)
    for row in earlier:
        if row.state == "done" and row.ticket_id is not None and now < row.at + SAME_FOR:
            return Created(row.ticket_id, row.number, None), False
        if row.state not in ("made", "unknown"):
            continue
        if now < row.at + hold:
            raise Refused(
                f"This ticket was handed over at {parts.wall(row.at)}, and nobody knows yet whether it was made.",
                f"Run the same command again in {int(hold.total_seconds()) // 60 or 1} minutes, or leave it to "
                "`sync run`: it is looked up then, and made if it is not there.",
            )
        found = _found(parts, row)
        if found is not None:
            state.end_new(row.id, "done", ticket_id=found.id, number=found.number)
            return found, False
        state.end_new(row.id, "dropped")
    told = {"channel": call.channel, "customer": call.customer, "said": call.text}
    told["queue"] = call.queue or parts.rules.queues[0]
    called_at = min([now, *(row.called_at for row in earlier if row.called_at and now < row.called_at + SAME_FOR)])
    new_id = state.begin_new(call.digest, now, title=call.title, called_at=called_at, **told)
    return _create(parts, call, new_id), True


def settle(parts: DeskParts) -> tuple[Problem, ...]:
    """Finds out what became of calls of unknown fate whose hold is over, and makes what is not there.

    For a pass, before it looks at tickets; the caller holds the lock. Gives what a person has to do himself; what
    cannot be asked now is left for the next pass. Raises StoreError.
    """
    hold = timedelta(seconds=parts.rules.hold_seconds)
    due = [row for row in parts.state.unfinished_new() if row.at + hold <= parts.now]
    problems: list[Problem] = []
    for row in due:
        try:
            problems += _settle(parts, row)
        except SourceError:
            continue
    return tuple(problems)


def _settle(parts: DeskParts, row: NewTicket) -> tuple[Problem, ...]:
    found = _found(parts, row)
    if found is not None:
        parts.state.end_new(row.id, "done", ticket_id=found.id, number=found.number)
        return ()
    if not row.customer:
        parts.state.end_new(row.id, "dropped")
        return (_undone(row, "it is not there", "Make it again: `ticket new`."),)
    parts.state.end_new(row.id, "made", at=parts.now)
    call = Call(cast(Voice, row.channel), row.customer, row.title, row.said, row.queue)
    try:
        # it is tried again: the command that ordered it has ended
        created = _create(parts, call, row.id, not_sent="unknown")
    except NotSent:
        return ()
    except (SourceRefused, Refused) as error:
        return (_undone(row, str(error), "Correct what is named, then run the same `ticket new` again."),)
    parts.trace("new", created.number, f"{call.channel}, {call.customer}, begun by {row.person}")
    return ()


def _undone(row: NewTicket, why: str, next_step: str) -> Problem:
    said = f'The ticket "{row.title}" that {row.person} ordered was not made: {why}'
    return Problem(f"{CALL_UNDONE}{row.id}", said, next_step)


def _create(parts: DeskParts, call: Call, new_id: int, *, not_sent: IntentState = "failed") -> Created:
    state = parts.state
    try:
        created = parts.tickets.create_ticket(
            title=call.title,
            queue=call.queue or parts.rules.queues[0],
            customer_user=call.customer,
            body=call.text,
            key=_key(parts, new_id, call.digest),
            channel="phone" if call.channel == "phone" else "internal",
        )
    except (NotSent, SourceRefused) as error:
        state.end_new(new_id, not_sent if isinstance(error, NotSent) else "failed", detail=str(error)[:500])
        if isinstance(error, InvalidParameter):
            raise _named(parts, call, error) from None
        raise
    except SourceError as error:
        state.end_new(new_id, "unknown", detail=str(error)[:500])
        raise
    state.end_new(new_id, "done", ticket_id=created.id, number=created.number)
    return created


def _named(parts: DeskParts, call: Call, error: InvalidParameter) -> StudioError:
    """What of the call the server does not know, in the words of who typed it."""
    if "CustomerUser" in error.reason:
        return Refused(
            f'OTRS knows no customer user "{call.customer}".',
            "Give the login or the e-mail address of the customer user; a new person by the address.",
        )
    if "Queue" in error.reason:
        queue = call.queue or parts.rules.queues[0]
        return Refused(f'OTRS knows no queue "{queue}".', "Give another --queue, or correct queues in [otrs].")
    return error


def _found(parts: DeskParts, row: NewTicket) -> Created | None:
    return parts.tickets.find_created(key=_key(parts, row.id, row.digest), since=row.at - _CLOCKS_APART)


def _key(parts: DeskParts, new_id: int, digest: str) -> str:
    """With the digest: a store that was put back from a backup gives the id of one call to another."""
    return f"{parts.bridge.state.mark}/new/{new_id}/{digest[:12]}"
