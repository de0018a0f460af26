"""The plan where something goes wrong for long, is mentioned in passing, or uses up an estimate."""

from __future__ import annotations

import pytest

from studio_support.sync.actions import Acknowledge, Recognise
from tests.sync_worlds import Desktop, later, only


@pytest.mark.parametrize(
    ("attempts", "detail", "told"),
    [
        (2, "no connection", None),
        (3, "no connection", "was tried 3 times and is not known to be done: no connection"),
        (4, "", "was tried 4 times and is not known to be done: no end of it was seen"),
    ],
)
def test_a_write_that_failed_three_times_is_told_and_tried_again(attempts: int, detail: str, told: str | None) -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.promised(ticket, 1, acknowledged=False)
    desktop.wrote(ticket, "received", 1, "failed", attempts=attempts, detail=detail)
    desktop.clock.now = later(desktop.clock, minutes=10)
    assert only(desktop.plan().actions, Acknowledge).look is None
    message = desktop.warnings().get(f"tried-received:{ticket}")
    assert (message is None) if told is None else (message is not None and message.endswith(told))
    assert desktop.remembers().waiting if told else True


def test_a_write_that_the_server_refuses_is_told_as_refused_however_often() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.promised(ticket, 1, acknowledged=False)
    desktop.wrote(ticket, "received", 1, "failed", attempts=9, detail="no such address", refused=True)
    assert list(desktop.warnings()) == [f"refused-received:{ticket}"]


def test_what_the_text_of_a_linked_issue_mentions_is_not_called_missing_what_its_field_names_is() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    issue = desktop.issues.by_hand(description="as in Ticket#2026102110000017")
    desktop.linked(ticket, issue)
    assert desktop.warnings() == {}
    desktop.issues.set(issue, ticket_field="2026102110000017")
    assert list(desktop.warnings()) == [f"dangling:{issue}:2026102110000017"]


def test_an_estimate_that_is_nearly_used_up_is_told_with_the_rest() -> None:
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    issue = desktop.issues.by_hand()
    link = desktop.linked(ticket, issue)
    assert list(desktop.warnings(going_on=(link,), spent={issue: (100, 80)})) == [f"spent:{issue}:100:80"]
    assert desktop.warnings(going_on=(link,), spent={issue: (100, 79)}) == {}


@pytest.mark.parametrize(
    ("kind", "mode", "counts"), [("received", "send", True), ("in_writing", "send", True), ("received", "note", False)]
)
def test_a_letter_that_the_client_has_stops_the_clock_where_the_store_learnt_of_it_late(
    kind: str, mode: str, counts: bool
) -> None:
    """A store put back from a backup finds its letter before its promise is made; a note of a trial is none."""
    desktop = Desktop()
    ticket = desktop.tickets.mail_in()
    desktop.remembered(ticket)
    desktop.promised(ticket, 1, acknowledged=False)
    written = desktop.wrote(ticket, kind, 1, mode=mode)
    desktop.clock.now = later(desktop.clock, minutes=10)
    found = [one for one in desktop.plan().actions if isinstance(one, Recognise)]
    assert [(one.clock, one.at) for one in found] == ([("acknowledged", written.at)] if counts else [])
