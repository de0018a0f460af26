"""What happens once must not hold passes up for ever, and what nobody was told must be told later."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from studio_support.desk.ticket_desk import Call
from studio_support.errors import NotSent, OtrsBroken, OtrsUnreachable, OutcomeUnknown, SourceError
from studio_support.store.engine import open_store
from studio_support.sync.actions import TellDone
from studio_support.sync.state_status import status
from tests.bridge_world import Bridge, bridge_at
from tests.desk_world import Room

BEGUN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
CALL = Call("phone", "jane@acme.example", "New prices", "She wants new prices by Friday.")


@pytest.fixture
def bridge(store_url: str) -> Iterator[Bridge]:
    made = bridge_at(store_url, now=BEGUN)
    made.clock.tick(minutes=1)
    yield made
    made.store.close()


@pytest.fixture
def room(tmp_path: Path) -> Room:
    made = Room(tmp_path)
    made.passes()
    made.clock.tick(minutes=1)
    return made


def test_a_redmine_found_to_lie_behind_is_read_again_once_and_not_for_ever(bridge: Bridge) -> None:
    """30 minutes and a second, and the overlap of 10: that far before each later pass reading begins."""
    bridge.in_queue()
    bridge.issues.behind = timedelta(minutes=30)
    bridge.next()
    assert bridge.letters() == ["received", "task_set"]
    for _ in range(3):
        bridge.next(minutes=50)
    cursor = bridge.state.cursor()
    assert cursor is not None
    assert cursor.daily_at is not None
    assert bridge.since() == bridge.clock.now - timedelta(minutes=40)


@pytest.mark.parametrize("error", [OtrsBroken, OtrsUnreachable])
def test_a_session_that_tells_no_time_stops_no_pass(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, error: type[SourceError]
) -> None:
    def broken() -> datetime:
        raise error("http://side.invalid", "UserLastLoginTimestamp is no time")

    monkeypatch.setattr(bridge.tickets, "server_time", broken)
    bridge.clock.tick(hours=1)
    bridge.tickets.mail_in()
    bridge.next()
    assert bridge.letters() == ["received"]


def test_a_heavy_ticket_that_was_moved_away_and_comes_again_is_no_failure_any_more(bridge: Bridge) -> None:
    ticket = bridge.tickets.mail_in()
    bridge.tickets.heavy.add(ticket)
    assert len(bridge.run().failures) == 1
    bridge.tickets.heavy.clear()
    bridge.tickets.move(ticket, "Junk")
    assert ["It has ended" in problem.message for problem in bridge.next().told] == [True]
    assert bridge.next().failures == ()
    assert bridge.state.unread() == set() and bridge.letters() == []


@pytest.mark.parametrize("fate", ["not sent", "refused"])
def test_a_letter_that_had_failed_when_the_backup_was_made_is_not_sent_a_second_time(
    bridge: Bridge, tmp_path: Path, fate: str
) -> None:
    bridge.tickets.mail_in()
    bridge.fails(fate)  # type: ignore[arg-type]  # a Fate
    bridge.run()
    bridge.store.close()
    shutil.copy(tmp_path / "store.db", tmp_path / "backup.db")
    worked = replace(bridge, store=open_store(f"sqlite:///{tmp_path / 'store.db'}"))
    worked.next(hours=2)
    worked.store.close()
    assert bridge.letters() == ["received"]
    restored = replace(bridge, store=open_store(f"sqlite:///{tmp_path / 'backup.db'}"))
    assert restored.passes.run(dry_run=True).plan.letters == 0
    restored.next(hours=2)
    restored.next()
    assert bridge.letters() == ["received"]
    assert status(restored.store, restored.clock.now, 120).unfinished == ()
    restored.store.close()


def lose(room: Room) -> None:
    room.tickets.fate = lambda what: "lost"
    with pytest.raises(OutcomeUnknown):
        room.desk().new(CALL)
    room.tickets.fate = lambda what: "fine"


def stored(room: Room, column: str) -> list[str]:
    with room.bridge().parts.store.engine.begin() as connection:
        return list(connection.execute(text(f"SELECT {column} FROM sync_calls")).scalars())


def test_a_call_that_was_refused_in_a_pass_that_then_stops_is_told_by_the_next_one(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(room)
    with room.bridge().parts.store.engine.begin() as connection:
        connection.execute(text("UPDATE sync_calls SET customer = 'jane'"))

    def down(*_: object, **__: object) -> tuple[int, ...]:
        raise OtrsUnreachable("http://side.invalid", "no answer")

    with monkeypatch.context() as patched:
        patched.setattr(room.tickets, "changed_ids_since", down)
        with pytest.raises(OtrsUnreachable):
            room.passes(minutes=3)
    done = room.passes(minutes=3)
    assert ['"New prices" that anna ordered was not made' in one.message for one in done.failures] == [True]
    assert done.failures[0] in done.told
    assert room.passes(minutes=3).failures == ()


def test_what_was_said_is_kept_until_the_ticket_is_there_and_no_longer(room: Room) -> None:
    lose(room)
    assert stored(room, "said") == [CALL.text]
    room.tickets.fate = lambda what: "not sent"
    room.passes(minutes=3)
    assert stored(room, "said") == [CALL.text]
    room.tickets.fate = lambda what: "fine"
    room.passes(minutes=3)
    assert [ticket.articles[0].body for ticket in room.tickets.rows.values()] == [CALL.text]
    assert stored(room, "said") == [""]


def test_what_was_said_is_not_kept_of_a_call_that_whoever_made_it_knows_to_have_failed(room: Room) -> None:
    room.tickets.fate = lambda what: "not sent"
    with pytest.raises(NotSent):
        room.desk().new(CALL)
    assert stored(room, "said") == [""]


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_command_on_a_store_put_back_from_a_backup_does_not_write_again_what_the_store_has_forgotten(
    room: Room, dry_run: bool
) -> None:
    number = room.number(room.request())
    room.desk().done(number)
    told = room.letters()
    with room.bridge().parts.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM sync_intents WHERE kind = 'done'"))
    room.clock.tick(minutes=5)
    acted = room.desk().done(number, dry_run=dry_run)
    assert room.letters() == told
    assert not any(isinstance(one.action, TellDone) for one in acted.steps)
