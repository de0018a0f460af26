"""The thin path on fakes: from a mail to its issue, and back to a "done" that its client gets once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.bridge_world import Bridge, bridge_at


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url)
    yield made
    made.store.close()


def test_a_mail_goes_all_the_way_and_each_letter_is_sent_once(bridge: Bridge) -> None:
    bridge.clock.now = datetime(2026, 11, 23, 8, 59, 30, tzinfo=UTC)
    ticket = bridge.tickets.mail_in()
    number = bridge.tickets.rows[ticket].number
    first = bridge.next()
    assert bridge.names(first) == ["Promise", "Acknowledge"]
    assert bridge.tickets.mailbox == [
        ("jane@acme.example", "received Logo", f"received en {number}, due 23.11. 18:00"),
    ]
    assert bridge.names(bridge.next()) == []
    bridge.tickets.move(ticket, "To Redmine")
    second = bridge.next()
    assert bridge.names(second) == ["CreateIssue", "LinkIssue", "TellTaskSet", "CloseTicket"]
    [(issue_id, issue)] = bridge.issues.rows.items()
    assert issue.ticket_field == number
    assert f"Ticket#{number}" in issue.description
    assert bridge.tickets.rows[ticket].field("RedmineIssue") == str(issue_id)
    assert bridge.tickets.rows[ticket].state == "closed successful"
    assert bridge.letters() == ["received", "task_set"]
    bridge.issues.set(issue_id, status="Closed")
    assert bridge.names(bridge.next()) == ["TellDone"]
    for _ in range(3):
        assert bridge.next().quiet
    assert bridge.letters() == ["received", "task_set", "done"]
    assert bridge.names(bridge.run()) == []


def test_a_pass_with_nothing_new_takes_three_requests(bridge: Bridge) -> None:
    bridge.tickets.mail_in()
    bridge.next()
    assert bridge.next(minutes=30).requests <= 5  # the mail lies within the overlap of the pass before
    assert bridge.next(minutes=30).requests == 5  # with the clock of OTRS, once an hour
    assert bridge.next(minutes=10).requests == 3
