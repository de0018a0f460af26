"""Two stores on one server, and a store put back from a backup: no client is written to twice, and people are told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio_support.store.engine import open_store
from studio_support.sync.run import Disaster
from studio_support.sync.state_status import status
from tests.bridge_world import Bridge, bridge_at

BEGUN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def studio(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url, now=BEGUN)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


@pytest.fixture
def laptop(studio: Bridge, tmp_path: Path) -> Iterator[Bridge]:
    """A colleague's machine with a copy of the settings, whose store has just begun."""
    made = replace(studio, store=open_store(f"sqlite:///{tmp_path / 'laptop.db'}"))
    made.run()
    studio.clock.tick(minutes=1)
    yield made
    made.store.close()


def test_a_store_that_sees_another_one_s_letter_writes_none_and_says_what_to_do(studio: Bridge, laptop: Bridge) -> None:
    ticket = studio.tickets.mail_in()
    studio.run()
    with pytest.raises(Disaster) as refused:
        laptop.run()
    assert studio.state.mark in str(refused.value) and laptop.state.mark in str(refused.value)
    assert studio.tickets.rows[ticket].number in str(refused.value)
    assert "--confirm" in refused.value.next_step
    assert studio.letters() == ["received"]


def test_the_store_at_work_is_told_too_and_stops_before_its_next_letter(studio: Bridge, laptop: Bridge) -> None:
    """Both were at work in the same minute: the client has two letters, and gets no further ones."""
    ticket = studio.tickets.mail_in()
    plan = laptop.passes.run(dry_run=True).plan
    seen = laptop.passes.look(ticket)
    studio.run()
    laptop.passes.apply(plan, seen.world)
    assert studio.letters() == ["received", "received"]
    for other in (studio, laptop):
        done = other.run()
        assert [one.source for one in done.told] == [f"store:{(laptop if other is studio else studio).state.mark}"]
        assert len(done.failures) == 1
        assert status(other.store, other.clock.now, 120).warnings[0].message == done.told[0].message
    studio.next(hours=2)  # the ticket lies far behind the cursor; what was seen stays seen
    studio.tickets.mail_in(subject="Menu")
    for other in (studio, laptop):
        with pytest.raises(Disaster):
            other.next()
    assert studio.letters() == ["received", "received"]


def test_confirmed_what_the_other_one_wrote_counts_as_written_and_work_goes_on(studio: Bridge, laptop: Bridge) -> None:
    """The laptop served a ticket alone; when it is stopped, the studio goes on with it where it stands."""
    ticket = studio.tickets.mail_in()
    laptop.run()
    sent = studio.clock.now
    studio.clock.tick(minutes=1)
    with pytest.raises(Disaster):
        studio.run()
    assert studio.run(confirm=True).failures == ()
    assert studio.letters() == ["received"]
    assert studio.state.promises([ticket])[ticket][0].acknowledged_at == sent
    studio.tickets.move(ticket, "To Redmine")
    done = studio.next()
    assert studio.letters() == ["received", "task_set"]
    assert done.failures == () and status(studio.store, studio.clock.now, 120).warnings == ()
    studio.next()
    assert studio.next().quiet


def test_a_trial_store_beside_the_real_one_stops_neither(studio: Bridge, laptop: Bridge) -> None:
    laptop.with_rules(letters="note")
    studio.tickets.mail_in()
    studio.run()
    assert laptop.run().failures == ()
    assert studio.next().failures == ()
    assert studio.letters() == ["received"]
    assert len(studio.tickets.ours(1)) == 2


def test_a_new_store_in_place_of_an_old_one_is_not_stopped_by_what_that_one_wrote_before(
    studio: Bridge, tmp_path: Path
) -> None:
    ticket = studio.in_queue()
    studio.next()
    studio.clock.tick(hours=1)
    new = replace(studio, store=open_store(f"sqlite:///{tmp_path / 'new.db'}"))
    new.run()
    new.clock.tick(minutes=1)
    new.tickets.mail_in("And the footer.", to=ticket)
    new.tickets.mail_in(subject="Menu")
    new.next()
    assert new.letters() == ["received", "task_set", "received"]
    new.store.close()


def test_a_new_store_that_begins_in_the_past_does_not_write_what_the_old_one_has_written(
    studio: Bridge, tmp_path: Path
) -> None:
    studio.tickets.mail_in()
    studio.run()
    studio.clock.tick(hours=1)
    new = replace(studio, store=open_store(f"sqlite:///{tmp_path / 'new.db'}"))
    with pytest.raises(Disaster) as refused:
        new.run(since=BEGUN)
    assert "sync run --since" in refused.value.next_step
    new.run(since=BEGUN, confirm=True)
    assert new.letters() == ["received"]
    new.store.close()


def test_a_store_put_back_from_a_backup_does_not_write_again_what_it_has_forgotten(
    studio: Bridge, tmp_path: Path
) -> None:
    """Backup before noon, two letters after it, then the backup is put back: both count as written."""
    ticket = studio.tickets.mail_in()
    studio.store.close()
    here = Path(studio.store.url.removeprefix("sqlite:///"))
    shutil.copy(here, tmp_path / "backup.db")
    worked = replace(studio, store=open_store(f"sqlite:///{here}"))
    worked.run()
    sent = worked.clock.now
    worked.tickets.move(ticket, "To Redmine")
    worked.next()
    assert worked.letters() == ["received", "task_set"]
    worked.store.close()
    restored = replace(studio, store=open_store(f"sqlite:///{tmp_path / 'backup.db'}"))
    for _ in range(3):
        assert restored.next().failures == ()
    assert restored.letters() == ["received", "task_set"]
    assert list(restored.issues.rows) == [337]
    assert restored.state.promises([ticket])[ticket][0].acknowledged_at == sent
    restored.issues.set(337, status="Closed")
    restored.next()
    assert restored.letters() == ["received", "task_set", "done"]
    restored.store.close()


def test_a_copy_of_the_store_at_work_elsewhere_is_told(studio: Bridge, tmp_path: Path) -> None:
    studio.store.close()
    here = Path(studio.store.url.removeprefix("sqlite:///"))
    shutil.copy(here, tmp_path / "copy.db")
    one = replace(studio, store=open_store(f"sqlite:///{here}"))
    two = replace(studio, store=open_store(f"sqlite:///{tmp_path / 'copy.db'}"))
    ticket = one.tickets.mail_in()
    plan, seen = two.passes.run(dry_run=True).plan, two.passes.look(ticket)
    one.run()
    two.passes.apply(plan, seen.world)
    done = one.run()
    assert ["a copy of this store" in problem.message for problem in done.told] == [True]
    one.store.close()
    two.store.close()


def test_a_server_that_sends_a_letter_when_its_hold_is_over_is_no_other_store(studio: Bridge) -> None:
    """It was looked up, not there, and repeated; then the first one came as well. No client can prevent that."""
    studio.with_rules(hold_seconds=5)
    studio.tickets.mail_in()
    studio.fails("late")
    studio.run()
    studio.next(seconds=6)
    studio.clock.tick(seconds=30)
    assert studio.letters() == ["received", "received"]
    studio.tickets.mail_in(subject="Menu")
    assert studio.next().failures == ()
    assert studio.letters() == ["received", "received", "received"]


def test_letters_of_one_s_own_cost_no_look_into_histories(studio: Bridge) -> None:
    studio.tickets.mail_in()
    studio.next()
    studio.next()
    assert studio.next(minutes=5).requests == 4  # a search, the ticket within the overlap, two to Redmine
