"""Passes over fakes and a real store: cursor, writes of unknown outcome, servers that are down, guards, warnings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from studio_support.errors import OtrsBroken, OtrsUnreachable
from studio_support.otrs.model import Attachment
from studio_support.store.engine import open_store
from studio_support.sync.run import Disaster
from studio_support.sync.state_status import status
from studio_support.testing.bridge import Clock, FakeIssues, FakeTickets
from tests.bridge_world import Bridge, bridge_at

BEGUN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url, now=BEGUN)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


def test_a_new_store_begins_now_and_writes_to_nobody(store_url: str) -> None:
    clock = Clock(BEGUN)
    tickets, issues = FakeTickets(clock), FakeIssues(clock)
    old = tickets.mail_in()
    tickets.move(old, "To Redmine")
    clock.tick(hours=1)
    bridge = Bridge(open_store(store_url), clock, tickets, issues)
    assert bridge.run().plan.actions == ()
    assert bridge.since() == BEGUN + timedelta(hours=1)
    for _ in range(3):
        bridge.tickets.answer(old)
        bridge.next()
    assert bridge.tickets.writes == bridge.issues.writes == []
    bridge.store.close()


def test_since_begins_earlier_and_serves_what_arrived_from_then_on(store_url: str) -> None:
    clock = Clock(BEGUN)
    tickets, issues = FakeTickets(clock), FakeIssues(clock)
    tickets.mail_in(subject="too old")
    clock.tick(hours=1)
    tickets.mail_in(subject="new")
    clock.tick(hours=1)
    bridge = Bridge(open_store(store_url), clock, tickets, issues)
    bridge.run(since=BEGUN + timedelta(minutes=30))
    assert [subject for _, subject, _ in tickets.mailbox] == ["received new"]
    bridge.run(since=BEGUN)  # reads more, but what the store may write to stays as it was
    assert len(tickets.mailbox) == 1
    bridge.store.close()


def test_a_mail_of_the_second_in_which_the_store_begins_is_served(store_url: str) -> None:
    """Servers tell times in whole seconds, so such a mail looks older than it is; closings in that second too."""
    clock = Clock(BEGUN + timedelta(milliseconds=400))
    bridge = Bridge(open_store(store_url), clock, FakeTickets(clock), FakeIssues(clock), overlap=timedelta(0))
    bridge.run()
    clock.now = BEGUN
    bridge.tickets.mail_in()
    clock.now = BEGUN + timedelta(milliseconds=900)
    bridge.run()
    assert len(bridge.tickets.mailbox) == 1
    assert bridge.since() == BEGUN
    bridge.store.close()


def test_the_cursor_is_our_clock_at_the_start_less_the_overlap(bridge: Bridge) -> None:
    bridge.clock.tick(hours=2)
    begun = bridge.clock.now
    bridge.tickets.mail_in()
    bridge.run()
    assert bridge.since() == begun - timedelta(minutes=10)


def test_the_cursor_never_passes_a_change_that_was_not_applied(bridge: Bridge) -> None:
    bridge.clock.tick(hours=1)
    arrived = bridge.clock.now
    bridge.tickets.mail_in()
    bridge.clock.tick(minutes=30)
    bridge.fails("not sent")
    done = bridge.run()
    assert [one.ending for one in done.outcomes if one.ending != "done"] == ["not sent"]
    assert bridge.since() == arrived
    assert bridge.next(minutes=30).outcomes[0].ending == "done"
    assert bridge.since() == bridge.clock.now - timedelta(minutes=10)


def test_a_refusal_is_an_answer_and_holds_no_cursor(bridge: Bridge) -> None:
    bridge.clock.tick(hours=1)
    bridge.tickets.mail_in()
    bridge.clock.tick(minutes=30)
    bridge.fails("refused")
    done = bridge.run()
    assert bridge.since() == bridge.clock.now - timedelta(minutes=10)
    assert done.failures[0].message.endswith("refused")
    assert [one.source for one in bridge.next().told] == ["refused-received:1"]
    assert bridge.next().told == ()
    assert bridge.next(minutes=45).told == ()
    assert bridge.letters() == ["received"]
    assert [one.message.split(":")[0] for one in bridge.next().told] == ["It has ended"]


def test_attachments_of_the_client_go_with_the_issue(bridge: Bridge) -> None:
    ticket = bridge.in_queue()
    files = (Attachment("logo.png", "image/png", 3, b"abc"), Attachment("sig.png", "image/png", 1, b"x", inline=True))
    first, *others = bridge.tickets.rows[ticket].articles
    bridge.tickets.put(ticket, articles=(replace(first, attachments=files), *others))
    bridge.next()
    [(issue, sent)] = bridge.issues.made
    assert [file.filename for file in sent] == ["logo.png"]
    assert issue.files


def test_a_dry_run_shows_the_letters_and_writes_nothing(bridge: Bridge) -> None:
    bridge.tickets.mail_in()
    before = bridge.state.cursor()
    shown = bridge.passes.run(dry_run=True)
    assert [type(one).__name__ for one in shown.plan.actions] == ["Remember", "Promise", "Acknowledge", "Remember"]
    assert shown.outcomes == ()
    assert (bridge.tickets.writes, bridge.state.cursor(), bridge.state.known([1])) == ([], before, {})


def test_a_guard_refuses_and_confirm_lets_this_one_pass(bridge: Bridge) -> None:
    bridge.with_rules(max_letters=1)
    bridge.tickets.mail_in(sender="a@acme.example")
    bridge.tickets.mail_in(sender="b@acme.example")
    with pytest.raises(Disaster) as caught:
        bridge.run()
    assert caught.value.wrong == "This pass would make 2 letters; max_letters is 1."
    assert bridge.tickets.writes == []
    assert [one.source for one in bridge.passes.run(dry_run=True).failures] == ["sync"]
    bridge.run(confirm=True)
    assert bridge.letters() == ["received", "received"]


def test_what_is_over_the_cap_is_sent_the_next_day(bridge: Bridge) -> None:
    bridge.with_rules(letters_a_day_to_one=1)
    bridge.tickets.mail_in()
    bridge.tickets.mail_in()
    first = bridge.next()
    assert [one.source for one in first.told] == ["cap-received:2"]
    assert bridge.next().quiet
    assert bridge.next(hours=24).plan.letters == 1
    assert bridge.letters() == ["received", "received"]
    assert bridge.next().quiet


def test_otrs_down_is_an_error_told_once_a_day_and_nothing_is_lost(bridge: Bridge) -> None:
    bridge.tickets.mail_in()
    before = bridge.since()
    bridge.tickets.down = True
    for _ in range(2):
        with pytest.raises(OtrsUnreachable):
            bridge.next()
    assert bridge.since() == before
    assert [one.lasting for one in bridge.state.warned().values()] == [True]
    bridge.tickets.down = False
    assert [one.source for one in bridge.next().told] == ["otrs"]
    assert bridge.letters() == ["received"]
    assert bridge.state.warned() == {}


def test_redmine_down_harms_no_acknowledgement_and_holds_the_cursor(bridge: Bridge) -> None:
    ticket = bridge.in_queue()
    bridge.tickets.mail_in(sender="bob@acme.example")
    bridge.issues.down = True
    before = bridge.since()
    first = bridge.next()
    assert bridge.names(first) == ["Promise", "Acknowledge"]
    assert [one.source for one in first.told] == [one.source for one in first.failures] == ["redmine"]
    second = bridge.next()
    assert (second.told, len(second.failures)) == ((), 1)
    assert bridge.since() == before
    bridge.issues.down = False
    assert [one.message.split(":")[0] for one in bridge.next().told] == ["It has ended"]
    assert bridge.tickets.rows[ticket].closed


def test_a_search_that_ignores_its_filter_is_broken(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge.tickets.mail_in()
    bridge.next()
    bridge.next(days=2)
    monkeypatch.setattr(bridge.tickets, "changed_ids_since", lambda since: (1,))
    with pytest.raises(OtrsBroken):
        bridge.run()


def test_tickets_of_other_queues_are_nobodys_business(bridge: Bridge) -> None:
    bridge.tickets.mail_in(queue="Sales")
    assert bridge.next().quiet
    assert bridge.state.known([1]) == {}


def test_an_issue_that_was_deleted_is_found_within_a_day(bridge: Bridge) -> None:
    bridge.in_queue()
    bridge.next()
    bridge.issues.delete(337)
    assert bridge.next().quiet
    assert [one.source for one in bridge.next(hours=24).told] == ["gone-337:1"]
    assert bridge.state.links(tickets=[1])[0].state == "gone"
    assert bridge.next(hours=25).quiet


def test_a_merged_ticket_brings_its_main_one_along(bridge: Bridge) -> None:
    first = bridge.in_queue()
    bridge.next()
    bridge.clock.tick(hours=1)
    main = bridge.tickets.mail_in(queue="Elsewhere")
    bridge.tickets.merge(first, main)
    bridge.next()
    bridge.issues.set(337, status="Closed")
    bridge.next()
    bridge.next()
    assert bridge.letters().count("done") == 1
    assert bridge.tickets.rows[main].field("RedmineIssue") == "337"
    assert bridge.next(minutes=30).quiet


def test_passes_cost_few_requests(bridge: Bridge) -> None:
    for number in range(1000):
        bridge.tickets.mail_in(sender=f"c{number}@acme.example")
    bridge.with_rules(max_letters=1000, letters="off")
    first = bridge.next()
    assert first.requests <= 30
    assert bridge.next(minutes=30).requests <= 30  # all of them lie within the overlap
    assert bridge.next(minutes=30).requests == 5  # with the clock of OTRS, once an hour
    assert bridge.next(minutes=10).requests == 3


def test_a_trial_week_files_notes_and_counts_them_as_told(bridge: Bridge) -> None:
    bridge.with_rules(letters="note")
    bridge.tickets.mail_in()
    bridge.next()
    [note] = bridge.tickets.ours(1)
    assert (note.visible, note.body.splitlines()[0]) == (False, "jane@acme.example")
    bridge.with_rules(letters="send")
    assert bridge.next().quiet
    assert bridge.tickets.mailbox == []
    assert status(bridge.store, bridge.clock.now, 120).noted == 1
    assert status(bridge.store, bridge.clock.now, 120).open_promises == 1  # a note answers nobody
    bridge.tickets.mail_in(subject="Menu")
    bridge.next()
    assert bridge.letters() == ["received"]
    assert status(bridge.store, bridge.clock.now, 120).noted == 1


def test_letters_that_are_off_are_counted_as_told(bridge: Bridge) -> None:
    bridge.with_rules(letters_by_kind={"received": "off"})
    bridge.tickets.mail_in()
    bridge.next()
    assert bridge.tickets.writes == []
    bridge.with_rules(letters_by_kind={})
    assert bridge.next().quiet


def test_a_letter_to_a_ticket_that_was_closed_since_the_last_pass_begins_a_round(bridge: Bridge) -> None:
    """Nobody saw it closed: its history tells."""
    ticket = bridge.tickets.mail_in()
    bridge.next()
    bridge.clock.tick(minutes=1)
    bridge.tickets.close(ticket)
    bridge.clock.tick(minutes=1)
    bridge.tickets.mail_in("It is wrong again.", to=ticket)
    assert bridge.names(bridge.next()) == ["Promise", "Acknowledge"]
    bridge.tickets.mail_in("And one thing more.", to=ticket)
    assert bridge.names(bridge.next()) == []


def test_a_thank_you_to_such_a_ticket_closes_it_again(bridge: Bridge) -> None:
    ticket = bridge.tickets.mail_in()
    bridge.next()
    bridge.tickets.close(ticket)
    bridge.tickets.mail_in("Thank you!", to=ticket)
    assert bridge.names(bridge.next()) == ["CloseTicket"]
    assert bridge.next().quiet


def test_a_ticket_that_was_split_off_is_acknowledged_and_a_call_asked_for_in_writing(bridge: Bridge) -> None:
    ticket = bridge.tickets.mail_in()
    bridge.next()
    bridge.tickets.split(ticket)
    bridge.tickets.mail_in(channel="phone", by_agent=True)
    bridge.next()
    assert bridge.letters() == ["received", "received", "in_writing"]
    assert bridge.next().quiet


def test_a_history_that_cannot_be_read_stops_nobody(bridge: Bridge) -> None:
    ticket = bridge.tickets.mail_in()
    bridge.next()
    bridge.tickets.mail_in("And the footer.", to=ticket)
    bridge.tickets.secret_history = True
    assert bridge.names(bridge.next()) == []


def test_one_ticket_is_looked_at_for_a_command(bridge: Bridge) -> None:
    ticket = bridge.tickets.mail_in()
    seen = bridge.passes.look(ticket)
    assert [one.id for one in seen.world.tickets] == [ticket]
    assert seen.world.known == {}


def test_an_estimate_in_the_field_is_told_once_and_stops_the_second_clock(bridge: Bridge) -> None:
    ticket = bridge.tickets.mail_in()
    bridge.next()
    bridge.tickets.fill(ticket, "Estimate", "3,5")
    assert bridge.names(bridge.next()) == ["TellEstimate"]
    assert bridge.state.promises([ticket])[ticket][0].estimated_at == bridge.clock.now
    assert bridge.next().quiet
    bridge.tickets.fill(ticket, "Estimate", "5")
    bridge.next()
    assert bridge.letters() == ["received", "estimate", "estimate"]
    assert bridge.next().quiet


def test_an_estimate_that_is_only_filed_stops_no_clock(bridge: Bridge) -> None:
    bridge.with_rules(letters_by_kind={"estimate": "note"})
    ticket = bridge.tickets.mail_in()
    bridge.next()
    bridge.tickets.fill(ticket, "Estimate", "3,5")
    bridge.next()
    assert bridge.state.promises([ticket])[ticket][0].estimated_at is None
    assert bridge.next().quiet


def test_a_persons_answer_stops_the_first_clock_when_it_was_written(bridge: Bridge) -> None:
    ticket = bridge.tickets.mail_in()
    bridge.clock.tick(minutes=2)
    answered = bridge.clock.now
    bridge.tickets.answer(ticket)
    bridge.next()
    assert bridge.state.promises([ticket])[ticket][0].acknowledged_at == answered
    assert bridge.letters() == []
