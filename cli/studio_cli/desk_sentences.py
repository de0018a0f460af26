"""What is said of errors of the commands about tickets. Registered by errors.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio_invoices.errors import StudioError
from studio_support.desk.errors import UnknownTicket, WrongTicketNumber

Told = tuple[str, str, int]
FAILED = 1
USAGE = 2


def _wrong_number(error: WrongTicketNumber) -> Told:
    step = (
        f"Likely it is {' or '.join(error.likely)}." if error.likely else "Copy the number from the ticket's subject."
    )
    return f'"{error.written}" is no ticket number: it {error.fault}.', step, USAGE


def _unknown_ticket(error: UnknownTicket) -> Told:
    return (
        f"OTRS shows no ticket {error.number}.",
        "It is not there, or the agent may not see its queue. To find it by words: `ticket search WORDS`.",
        FAILED,
    )


DESK_SENTENCES: tuple[tuple[type[StudioError], Callable[[Any], Told]], ...] = (
    (WrongTicketNumber, _wrong_number),
    (UnknownTicket, _unknown_ticket),
)
