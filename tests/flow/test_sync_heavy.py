"""A ticket that is too heavy to be read: it alone waits, is named, and is served when it comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from studio_support.errors import OtrsUnreachable
from studio_support.otrs.model import Ticket
from studio_support.testing.otrs_records import FakeFile, FakeTicket
from tests.bridge_house import House, open_house
from tests.bridge_world import Bridge, bridge_at


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as made:
        made.begin()
        yield made


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


def never_whole(house: House, ticket: FakeTicket, kind: Any = "status") -> None:
    """The server breaks down at the ticket's articles."""

    def when(asked: Mapping[str, Any]) -> bool:
        return str(ticket.id) in asked["TicketID"] and str(asked.get("AllArticles")) == "1"

    house.znuny.fail("TicketGet", kind, when=when, times=None)


@pytest.mark.parametrize("kind", ["status", "cut", "hang"])
def test_one_heavy_ticket_of_many_waits_alone_is_named_and_is_served_in_the_end(house: House, kind: Any) -> None:
    """Five hours later its change lies far behind the cursor, and it is served all the same."""
    tickets = [house.mail(f"Request {number}") for number in range(7)]
    heavy = tickets[3]
    house.timeout_seconds = 1 if kind == "hang" else 30
    never_whole(house, heavy, kind)
    done = house.next()
    assert house.letters() == {(one.id, "received"): 1 for one in tickets if one is not heavy}
    assert [heavy.number in problem.message for problem in done.told] == [True]
    assert [heavy.number in problem.message for problem in done.failures] == [True]
    asked = len(house.znuny.called("TicketGet"))
    later = house.next(hours=5)
    # sought once: now it is asked for alone (at most three times, and once without its articles), the others at once
    assert len(house.znuny.called("TicketGet")) - asked <= 5
    assert later.told == () and len(later.failures) == 1
    house.znuny.faults.clear()
    last = house.next()
    assert house.letters() == {(one.id, "received"): 1 for one in tickets}
    assert ["It has ended" in problem.message for problem in last.told] == [True]
    house.next()
    assert house.next().quiet


def test_the_promise_of_a_heavy_ticket_is_that_of_its_arrival(bridge: Bridge) -> None:
    ticket = bridge.tickets.mail_in()
    arrived = bridge.clock.now
    bridge.tickets.heavy.add(ticket)
    bridge.run()
    bridge.tickets.heavy.clear()
    bridge.next(hours=6)
    [promised] = bridge.state.promises([ticket])[ticket]
    assert promised.received_at == arrived
    assert bridge.letters() == ["received"]
    assert bridge.next().quiet


def test_a_heavy_ticket_of_a_queue_that_nobody_asked_for_is_nobodys_business(bridge: Bridge) -> None:
    ticket = bridge.tickets.mail_in(queue="Junk")
    bridge.tickets.heavy.add(ticket)
    assert bridge.run().told == ()
    bridge.tickets.move(ticket, "Support")
    assert [one.source for one in bridge.next().told] == [f"unreadable:{ticket}"]
    bridge.tickets.move(ticket, "Junk")
    assert ["It has ended" in one.message for one in bridge.next().told] == [True]
    bridge.tickets.heavy.clear()
    bridge.tickets.put(ticket, title="Menu")
    assert bridge.next().plan.actions == ()


def test_a_known_ticket_that_has_become_heavy_keeps_what_it_is_owed(bridge: Bridge) -> None:
    ticket = bridge.in_queue()
    bridge.tickets.heavy.add(ticket)
    other = bridge.tickets.mail_in(subject="Menu")
    done = bridge.next()
    assert [one.source for one in done.told] == [f"unreadable:{ticket}"]
    assert bridge.letters() == ["received", "received"]
    bridge.next(hours=3)
    bridge.tickets.heavy.clear()
    bridge.next()
    assert bridge.letters() == ["received", "received", "task_set"]
    assert bridge.tickets.rows[ticket].closed and not bridge.tickets.rows[other].closed


def test_a_file_that_never_comes_keeps_no_issue_waiting_and_is_named(house: House) -> None:
    """Three tries; in the third the issue is made without it."""
    ticket = house.mail(files=[FakeFile("huge.bin", b"x" * 100)])
    house.next()
    house.move(ticket)
    contents = house.znuny.fail(
        "TicketGet", "status", when=lambda asked: str(asked.get("GetAttachmentContents")) == "1", times=None
    )
    assert contents.times is None
    for _ in range(2):
        house.next()
        assert house.issues(ticket) == []
    done = house.next()
    assert len(house.issues(ticket)) == 1
    [left_out] = [one.detail for one in done.outcomes if one.detail]
    assert "huge.bin" in left_out
    assert house.letters() == {(ticket.id, "received"): 1, (ticket.id, "task_set"): 1}


def test_a_server_that_goes_down_before_the_histories_stops_the_pass(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = bridge.tickets.mail_in()
    bridge.next()
    bridge.clock.tick(minutes=1)
    bridge.tickets.close(ticket)
    bridge.tickets.mail_in("And the footer, too.", to=ticket)

    def down(ids: list[int]) -> dict[int, Ticket]:
        bridge.tickets.down = True
        raise OtrsUnreachable("http://side.invalid", "no connection")

    monkeypatch.setattr(bridge.tickets, "history", down)
    with pytest.raises(OtrsUnreachable):
        bridge.next()
    assert len(bridge.state.promises([ticket])[ticket]) == 1
