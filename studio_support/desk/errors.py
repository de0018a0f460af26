"""Errors of the commands about tickets; see errors.py for the rules."""

from __future__ import annotations

from collections.abc import Sequence

from studio_invoices.errors import StudioError


class WrongTicketNumber(StudioError):
    """What was typed is no ticket number. fault: why. likely: numbers of tickets that one slip of the hand made it."""

    def __init__(self, written: str, fault: str, likely: Sequence[str] = ()) -> None:
        super().__init__(f"{written}: {fault}")
        self.written = written
        self.fault = fault
        self.likely = tuple(likely)


class UnknownTicket(StudioError):
    """OTRS shows no ticket of this number: it is not there, or the agent may not see it."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number
