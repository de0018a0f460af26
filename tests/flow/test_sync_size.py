"""What passes cost over HTTP: many changed tickets, many links, many old tickets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from studio_support.sync.actions import Promise
from tests.bridge_house import BEGUN, JANE, House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as made:
        made.znuny.auto_reply = False
        yield made


def test_a_thousand_changed_tickets_are_read_and_planned_with_at_most_thirty_requests(house: House) -> None:
    """Ten calls for a hundred tickets each, with all their letters, and the few that every pass makes."""
    house.begin()
    tickets = [house.mail(f"Request {number}") for number in range(1000)]
    house.clock.tick(minutes=10)
    shown = house.run(dry_run=True)
    assert sum(isinstance(one, Promise) for one in shown.plan.actions) == len(tickets)
    assert shown.requests <= 30


def test_a_first_run_over_a_hundred_thousand_tickets_works_from_a_date(house: House) -> None:
    """Five of them are as new as the date: those are read, promised and answered, and no other is looked at."""
    znuny = house.znuny
    old = znuny.receive_mail(JANE, "Old", "Long ago.")
    for _ in range(99_999):
        znuny.open_ticket("Old", customer_user="jane@acme.example")
    house.clock.tick(days=1)
    fresh = [house.mail(f"Fresh {number}") for number in range(5)]
    house.clock.tick(minutes=10)
    done = house.run(since=BEGUN + timedelta(hours=1))
    assert house.letters() == {(ticket.id, "received"): 1 for ticket in fresh}
    # one search, one call for the five, what every pass asks of Redmine; then five letters under a session
    assert done.requests <= 4 + len(fresh) + 2
    read = [call.told["TicketID"] for call in znuny.called("TicketGet")]
    assert read == [[str(ticket.id) for ticket in fresh]]
    assert len(old.articles) == 1


def test_a_pass_with_nothing_new_costs_the_same_however_many_links_there_are(house: House) -> None:
    house.begin()
    tickets = [house.mail(f"Request {number}") for number in range(20)]
    house.move(*tickets)
    house.next()
    house.next()
    assert len(house.redmine.issues) == len(tickets)
    assert house.next(minutes=30).plan.actions == ()
    hourly = house.next(minutes=30)
    assert hourly.plan.actions == ()
    assert hourly.requests <= 4 + 2  # once an hour the clock of OTRS is looked at
    quiet = house.next(minutes=10)
    assert quiet.plan.actions == ()
    assert quiet.requests <= 4
