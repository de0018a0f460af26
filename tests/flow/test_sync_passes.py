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
from studio_support.testing.bridge import Clock, FakeIssues, FakeTickets, Fate
from studio_support.testing.processes import at_once
from tests.bridge_world import Bridge, bridge_at

BEGUN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url, now=BEGUN)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


def fails(bridge: Bridge, *fates: Fate) -> None:
    """The next writes to both servers end like this, all later ones well."""
    left = list(fates)

    def fate(what: str) -> Fate:
        return left.pop(0) if left else "fine"

    bridge.tickets.fate = bridge.issues.fate = fate


def in_queue(bridge: Bridge) -> int:
    """A ticket that was acknowledged and was moved to the queue for Redmine."""
    ticket = bridge.tickets.mail_in()
    bridge.next()
    bridge.tickets.move(ticket, "To Redmine")
    return ticket


def since(bridge: Bridge) -> datetime:
    cursor = bridge.state.cursor()
    assert cursor is not None
    return cursor.since


def test_a_new_store_begins_now_and_writes_to_nobody(store_url: str) -> None:
    clock = Clock(BEGUN)
    tickets, issues = FakeTickets(clock), FakeIssues(clock)
    old = tickets.mail_in()
    tickets.move(old, "To Redmine")
    clock.tick(hours=1)
    bridge = Bridge(open_store(store_url), clock, tickets, issues)
    assert bridge.run().plan.actions == ()
    assert since(bridge) == BEGUN + timedelta(hours=1)
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


def test_the_cursor_is_our_clock_at_the_start_less_the_overlap(bridge: Bridge) -> None:
    bridge.clock.tick(hours=2)
    begun = bridge.clock.now
    bridge.tickets.mail_in()
    bridge.run()
    assert since(bridge) == begun - timedelta(minutes=10)


def test_the_cursor_never_passes_a_change_that_was_not_applied(bridge: Bridge) -> None:
    bridge.clock.tick(hours=1)
    arrived = bridge.clock.now
    bridge.tickets.mail_in()
    bridge.clock.tick(minutes=30)
    fails(bridge, "not sent")
    done = bridge.run()
    assert [one.ending for one in done.outcomes if one.ending != "done"] == ["not sent"]
    assert since(bridge) == arrived
    assert bridge.next(minutes=30).outcomes[0].ending == "done"
    assert since(bridge) == bridge.clock.now - timedelta(minutes=10)


def test_a_refusal_is_an_answer_and_holds_no_cursor(bridge: Bridge) -> None:
    bridge.clock.tick(hours=1)
    bridge.tickets.mail_in()
    bridge.clock.tick(minutes=30)
    fails(bridge, "refused")
    done = bridge.run()
    assert since(bridge) == bridge.clock.now - timedelta(minutes=10)
    assert done.failures[0].message.endswith("refused")
    assert [one.source for one in bridge.next().told] == ["refused-received:1"]
    assert bridge.next().told == ()
    assert [one.message.split(":")[0] for one in bridge.next(minutes=45).told] == ["It has ended"]
    assert bridge.letters() == ["received"]


@pytest.mark.parametrize("fate", ["done", "late", "lost"])
def test_a_letter_of_unknown_outcome_is_held_looked_up_and_sent_once(bridge: Bridge, fate: Fate) -> None:
    bridge.tickets.mail_in()
    fails(bridge, fate)
    first = bridge.run()
    assert [one.ending for one in first.outcomes if one.ending != "done"] == ["unknown"]
    held = bridge.next(seconds=119)
    assert held.outcomes == ()
    assert [intent.key.kind for intent in held.plan.held] == ["received"]
    last = bridge.next(seconds=2)
    assert next(one.ending for one in last.outcomes) == ("done" if fate == "lost" else "found")
    assert bridge.letters() == ["received"]
    assert bridge.state.promises([1])[1][0].acknowledged_at == bridge.clock.now
    assert bridge.run().plan.actions == ()


@pytest.mark.parametrize("fate", ["done", "late", "lost"])
def test_an_issue_of_unknown_outcome_is_one_issue_and_all_after_it_waits(bridge: Bridge, fate: Fate) -> None:
    ticket = in_queue(bridge)
    fails(bridge, fate)
    first = bridge.next()
    assert [one.ending for one in first.outcomes][:4] == ["unknown", "skipped", "skipped", "skipped"]
    assert not bridge.tickets.rows[ticket].closed
    bridge.next(seconds=121)
    bridge.next()
    assert len(bridge.issues.rows) == 1
    assert bridge.letters() == ["received", "task_set"]
    assert bridge.tickets.rows[ticket].closed
    assert bridge.next().plan.actions == ()


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("fate", ["done", "late", "lost", "not sent", "refused"])
def test_whichever_write_of_four_goes_wrong_all_of_it_is_there_in_the_end(
    bridge: Bridge, place: int, fate: Fate
) -> None:
    ticket = in_queue(bridge)
    fails(bridge, *["fine"] * place, fate)  # type: ignore[list-item]
    for _ in range(8):
        bridge.next(minutes=20)
    assert bridge.next().quiet
    assert len(bridge.issues.rows) == 1
    assert bridge.letters() == ["received", "task_set"]
    assert bridge.tickets.rows[ticket].field("RedmineIssue") == "337"
    assert bridge.tickets.rows[ticket].closed


def test_a_note_of_unknown_outcome_is_put_once(bridge: Bridge) -> None:
    ticket = in_queue(bridge)
    bridge.next()
    bridge.tickets.mail_in("And the footer.", to=ticket)
    fails(bridge, "fine", "done")
    bridge.next()
    bridge.next()
    assert len(bridge.issues.notes[337]) == 1
    assert bridge.next(minutes=30).quiet


def test_an_issue_that_a_person_makes_meanwhile_is_taken(bridge: Bridge) -> None:
    ticket = in_queue(bridge)
    made = bridge.passes
    seen = made.look(ticket)
    plan = bridge.passes.run(dry_run=True).plan
    issue = bridge.issues.by_hand(ticket=bridge.tickets.rows[ticket].number)
    made.apply(plan, seen.world)
    assert list(bridge.issues.rows) == [issue]
    assert [link.by for link in bridge.state.links(tickets=[ticket])] == ["field"]


def test_attachments_of_the_client_go_with_the_issue(bridge: Bridge) -> None:
    ticket = in_queue(bridge)
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
    bridge.with_rules(letters_a_day=1)
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
    before = since(bridge)
    bridge.tickets.down = True
    for _ in range(2):
        with pytest.raises(OtrsUnreachable):
            bridge.next()
    assert since(bridge) == before
    assert [one.lasting for one in bridge.state.warned().values()] == [True]
    bridge.tickets.down = False
    assert [one.source for one in bridge.next().told] == ["otrs"]
    assert bridge.letters() == ["received"]
    assert bridge.state.warned() == {}


def test_redmine_down_harms_no_acknowledgement_and_holds_the_cursor(bridge: Bridge) -> None:
    ticket = in_queue(bridge)
    bridge.tickets.mail_in(sender="bob@acme.example")
    bridge.issues.down = True
    before = since(bridge)
    first = bridge.next()
    assert bridge.names(first) == ["Promise", "Acknowledge"]
    assert [one.source for one in first.told] == [one.source for one in first.failures] == ["redmine"]
    second = bridge.next()
    assert (second.told, len(second.failures)) == ((), 1)
    assert since(bridge) == before
    bridge.issues.down = False
    assert [one.message.split(":")[0] for one in bridge.next().told] == ["It has ended"]
    assert bridge.tickets.rows[ticket].closed


def test_a_search_that_ignores_its_filter_is_broken(bridge: Bridge) -> None:
    bridge.tickets.mail_in()
    bridge.next()
    bridge.next(days=2)
    bridge.tickets.changed_ids_since = lambda since, queues=(): (1,)  # type: ignore[method-assign]
    with pytest.raises(OtrsBroken):
        bridge.run()


def test_tickets_of_other_queues_are_nobodys_business(bridge: Bridge) -> None:
    bridge.tickets.mail_in(queue="Sales")
    assert bridge.next().quiet
    assert bridge.state.known([1]) == {}


def test_an_issue_that_was_deleted_is_found_within_a_day(bridge: Bridge) -> None:
    in_queue(bridge)
    bridge.next()
    bridge.issues.delete(337)
    assert bridge.next().quiet
    assert [one.source for one in bridge.next(hours=24).told] == ["gone-337:1"]
    assert bridge.state.links(tickets=[1])[0].state == "gone"
    assert bridge.next(hours=25).quiet


def test_a_merged_ticket_brings_its_main_one_along(bridge: Bridge) -> None:
    first = in_queue(bridge)
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
    assert bridge.next(minutes=30).requests == 3


def test_two_passes_at_once_without_a_lock_write_once(bridge: Bridge, store_url: str) -> None:
    """Each has its own fakes of the servers, so that only the store stands between them: one of them may write."""
    bridge.tickets.mail_in()

    def work() -> int:
        mine = replace(bridge, store=open_store(store_url))
        mine.run()
        mine.store.close()
        return len(mine.tickets.mailbox)

    assert sorted(at_once(work, work)) == [0, 1]


def test_a_trial_week_files_notes_and_counts_them_as_told(bridge: Bridge) -> None:
    bridge.with_rules(letters="note")
    bridge.tickets.mail_in()
    bridge.next()
    [note] = bridge.tickets.ours(1)
    assert (note.visible, note.body.splitlines()[0]) == (False, "jane@acme.example")
    bridge.with_rules(letters="send")
    assert bridge.next().quiet
    assert bridge.tickets.mailbox == []


def test_letters_that_are_off_are_counted_as_told(bridge: Bridge) -> None:
    bridge.with_rules(letters_by_kind={"received": "off"})
    bridge.tickets.mail_in()
    bridge.next()
    assert bridge.tickets.writes == []
    bridge.with_rules(letters_by_kind={})
    assert bridge.next().quiet


@pytest.mark.parametrize("mode", ["note", "off"])
def test_what_a_trial_left_unknown_is_found_too(bridge: Bridge, mode: str) -> None:
    bridge.with_rules(letters=mode)
    bridge.tickets.mail_in()
    fails(bridge, "done")
    bridge.next()
    bridge.next()
    assert len(bridge.tickets.ours(1)) == (1 if mode == "note" else 0)
    assert bridge.next(minutes=30).quiet


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
