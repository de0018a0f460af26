"""Writes that are interrupted, late, lost, doubled by a second pass: in the end each is there once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from studio_support.errors import OtrsUnreachable
from studio_support.otrs.model import Ticket
from studio_support.store.engine import open_store
from studio_support.sync.actions import Acknowledge
from studio_support.sync.model import IssueSeen
from studio_support.testing.bridge import Fate
from studio_support.testing.processes import at_once
from tests.bridge_world import Bridge, bridge_at

BEGUN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url, now=BEGUN)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


@pytest.mark.parametrize("fate", ["done", "late", "lost"])
def test_a_letter_of_unknown_outcome_is_held_looked_up_and_sent_once(bridge: Bridge, fate: Fate) -> None:
    bridge.tickets.mail_in()
    bridge.fails(fate)
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
    ticket = bridge.in_queue()
    bridge.fails(fate)
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
    ticket = bridge.in_queue()
    before: list[Fate] = ["fine"] * place
    bridge.fails(*before, fate)
    for _ in range(8):
        bridge.next(minutes=20)
    assert bridge.next().quiet
    assert len(bridge.issues.rows) == 1
    assert bridge.letters() == ["received", "task_set"]
    assert bridge.tickets.rows[ticket].field("RedmineIssue") == "337"
    assert bridge.tickets.rows[ticket].closed


def test_a_note_of_unknown_outcome_is_put_once(bridge: Bridge) -> None:
    ticket = bridge.in_queue()
    bridge.next()
    bridge.tickets.mail_in("And the footer.", to=ticket)
    bridge.fails("fine", "done")
    bridge.next()
    bridge.next()
    assert len(bridge.issues.notes[337]) == 1
    assert bridge.next(minutes=30).quiet


def test_an_issue_that_a_person_makes_meanwhile_is_taken(bridge: Bridge) -> None:
    ticket = bridge.in_queue()
    made = bridge.passes
    seen = made.look(ticket)
    plan = bridge.passes.run(dry_run=True).plan
    issue = bridge.issues.by_hand(ticket=bridge.tickets.rows[ticket].number)
    made.apply(plan, seen.world)
    assert list(bridge.issues.rows) == [issue]
    assert [link.by for link in bridge.state.links(tickets=[ticket])] == ["field"]


def test_two_passes_at_once_without_a_lock_write_once(bridge: Bridge, store_url: str) -> None:
    """Each has its own fakes of the servers, so that only the store stands between them: one of them may write."""
    bridge.tickets.mail_in()

    def work() -> int:
        mine = replace(bridge, store=open_store(store_url))
        mine.run()
        mine.store.close()
        return len(mine.tickets.mailbox)

    assert sorted(at_once(work, work)) == [0, 1]


@pytest.mark.parametrize("mode", ["note", "off"])
def test_what_a_trial_left_unknown_is_found_too(bridge: Bridge, mode: str) -> None:
    bridge.with_rules(letters=mode)
    bridge.tickets.mail_in()
    bridge.fails("done")
    bridge.next()
    bridge.next()
    assert len(bridge.tickets.ours(1)) == (1 if mode == "note" else 0)
    assert bridge.next(minutes=30).quiet


def test_what_cannot_be_looked_up_stays_unknown(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redmine goes down between the reading and the look-up: the issue is neither called done nor made again."""
    bridge.in_queue()
    bridge.fails("done")
    bridge.next()
    bridge.clock.tick(minutes=5)

    def by_ticket(numbers: object) -> tuple[IssueSeen, ...]:
        raise OtrsUnreachable("http://side.invalid", "no connection")

    with monkeypatch.context() as broken:
        broken.setattr(bridge.issues, "by_ticket", by_ticket)
        last = bridge.run()
    assert "cannot be looked up" in last.failures[0].message
    bridge.next()
    assert len(bridge.issues.rows) == 1


def test_a_read_that_fails_before_a_creation_means_that_nothing_was_sent(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = bridge.in_queue()

    def with_files(ticket_id: int, *, contents: bool = True) -> Ticket | None:
        raise OtrsUnreachable("http://side.invalid", "no connection")

    with monkeypatch.context() as broken:
        broken.setattr(bridge.tickets, "ticket_with_files", with_files)
        assert "not sent" in [one.ending for one in bridge.next().outcomes]
    bridge.next()
    assert bridge.tickets.rows[ticket].closed


def test_redmine_going_down_during_the_reading_is_named(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = bridge.in_queue()
    bridge.next()
    bridge.next(minutes=30)

    def issues(ids: object) -> tuple[IssueSeen, ...]:
        raise OtrsUnreachable("http://side.invalid", "no connection")

    with monkeypatch.context() as broken:
        broken.setattr(bridge.issues, "issues", issues)
        assert [one.source for one in bridge.next(hours=25).failures] == ["redmine"]
        bridge.tickets.fill(ticket, "RedmineIssue", "337,4711")
        assert [one.source for one in bridge.next().failures] == ["redmine"]
    assert [one.source for one in bridge.next().told] == ["redmine", "names-4711:1"]


def test_a_stale_plan_writes_nothing_twice(bridge: Bridge) -> None:
    """Two passes planned at the same moment, applied one after the other."""
    bridge.tickets.mail_in()
    made = bridge.passes
    seen = made.look(1)
    plan = made.run(dry_run=True).plan
    made.apply(plan, seen.world)
    outcomes = made.apply(plan, seen.world)
    assert [one.ending for one in outcomes if one.ending != "done"] == ["taken"]
    assert bridge.letters() == ["received"]
    assert len(bridge.state.promises([1])[1]) == 1


def test_what_is_unfinished_can_be_listed(bridge: Bridge) -> None:
    bridge.tickets.mail_in()
    bridge.fails("lost")
    bridge.run()
    [intent] = bridge.state.unfinished()
    assert (intent.key.kind, intent.state, intent.attempts) == ("received", "unknown", 1)


def test_a_done_letter_that_was_not_wanted_any_more_counts_if_it_is_there(bridge: Bridge) -> None:
    bridge.in_queue()
    bridge.next()
    bridge.issues.set(337, status="Closed")
    bridge.fails("done")
    bridge.next()
    bridge.issues.set(337, status="In Progress")
    bridge.next()
    bridge.next(minutes=30)
    bridge.issues.set(337, status="Closed")
    bridge.next()
    assert bridge.letters().count("done") == 2
    assert bridge.next().quiet


def test_an_issue_that_was_not_wanted_any_more_is_linked_if_it_is_there(bridge: Bridge) -> None:
    ticket = bridge.in_queue()
    bridge.fails("done")
    bridge.next()
    bridge.tickets.move(ticket, "Support")
    bridge.issues.set(337, description="", ticket_field=bridge.tickets.rows[ticket].number)
    bridge.next()
    bridge.next()
    assert [link.issue_id for link in bridge.state.links(tickets=[ticket])] == [337]
    assert len(bridge.issues.rows) == 1


def test_a_letter_that_was_off_and_never_called_done_is_called_so(bridge: Bridge) -> None:
    """Killed between the claim and its end: where nothing is sent, nothing is looked up."""
    bridge.with_rules(letters="off")
    bridge.tickets.mail_in()
    plan = bridge.passes.run(dry_run=True).plan
    [action] = [one for one in plan.actions if isinstance(one, Acknowledge)]
    assert bridge.state.claim(action, now=bridge.clock.now, today="2026-11-23")
    bridge.next()
    assert [intent.state for intent in bridge.state.intents([1])[1]] == ["done"]
    assert bridge.tickets.writes == []


def test_an_acknowledgement_that_was_not_wanted_any_more_counts_if_it_is_there(bridge: Bridge) -> None:
    bridge.tickets.mail_in()
    bridge.fails("done")
    bridge.run()
    sent = bridge.clock.now
    bridge.tickets.close(1)
    bridge.next()
    assert bridge.state.promises([1])[1][0].acknowledged_at == sent
    assert bridge.letters() == ["received"]


def test_an_estimate_that_was_not_wanted_any_more_counts_if_it_is_there(bridge: Bridge) -> None:
    ticket = bridge.tickets.mail_in()
    bridge.next()
    bridge.tickets.fill(ticket, "Estimate", "3")
    bridge.fails("done")
    bridge.next(minutes=1)
    bridge.tickets.fill(ticket, "Estimate", "")
    bridge.next()
    bridge.tickets.fill(ticket, "Estimate", "4")
    bridge.next()
    assert bridge.letters() == ["received", "estimate", "estimate"]
    assert sorted(intent.key.round for intent in bridge.state.intents([ticket])[ticket]) == [1, 1, 2]


def test_who_hears_that_the_task_is_set_needs_no_acknowledgement(bridge: Bridge) -> None:
    bridge.tickets.mail_in(queue="To Redmine")
    bridge.fails("lost")
    bridge.run()
    bridge.next()
    assert bridge.letters() == ["task_set"]
    assert bridge.state.promises([1])[1][0].acknowledged_at is not None
