"""Commands that write about a ticket: nothing is sent twice, however often and wherever they are killed or repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio_support.errors import Refused
from studio_support.sync.actions import LetterAction
from studio_support.testing.bridge import Fate
from tests.desk_world import Room

ESTIMATE, TASK, DONE, SORRY = (
    "Estimate of the work",
    "Your task is set up",
    "Done",
    "Our apologies for the delay",
)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def count(room: Room, subject: str) -> int:
    return room.letters().count(subject)


def once(*fates: Fate) -> object:
    """The first writes end like this, all later ones well."""
    left = list(fates)
    return lambda what: left.pop(0) if left else "fine"


def test_an_estimate_stands_in_the_ticket_and_is_told_once(room: Room) -> None:
    ticket = room.request()
    number = room.number(ticket)
    first = room.desk().estimate(f"[Ticket#{number}]", 210, note="Design and markup.")
    assert room.tickets.rows[ticket].field("Estimate") == "3:30"
    assert (first.settled, [one.ending for one in first.steps]) == (True, ["done"])
    _, _, text = room.tickets.mailbox[-1]
    assert "3\u00a0hours 30\u00a0minutes" in text
    assert "Design and markup." in text
    again = room.desk().estimate(number, 210)
    assert again.steps == ()
    assert again.said == ("The estimate is 3:30 already, and the client was told.",)
    room.passes()
    assert count(room, ESTIMATE) == 1
    room.desk().estimate(number, 300)
    assert count(room, ESTIMATE) == 2


def test_an_estimate_that_was_written_by_hand_in_other_words_is_the_same(room: Room) -> None:
    ticket = room.request()
    room.tickets.fill(ticket, "Estimate", "3.5")
    room.passes()
    writes = len(room.tickets.writes)
    room.desk().estimate(room.number(ticket), 210)
    assert (count(room, ESTIMATE), len(room.tickets.writes)) == (1, writes)


def test_a_dry_run_shows_the_letter_in_full_and_writes_nothing(room: Room) -> None:
    ticket = room.request()
    writes, known = list(room.tickets.writes), room.bridge().state.known([ticket])
    shown = room.desk().estimate(room.number(ticket), 90, note="With tests.", dry_run=True)
    [step] = [one for one in shown.steps if isinstance(one.action, LetterAction)]
    assert isinstance(step.action, LetterAction)
    assert "1\u00a0hour 30\u00a0minutes" in step.action.letter.text
    assert "With tests." in step.action.letter.text
    assert shown.as_dict()["actions"][0]["letter"]["to"] == "jane@acme.example"
    assert (room.tickets.writes, room.bridge().state.known([ticket])) == (writes, known)


@pytest.mark.parametrize(("fate", "sent"), [("lost", 0), ("done", 1), ("late", 0)])
def test_a_letter_of_unknown_fate_is_left_alone_looked_up_and_sent_once(room: Room, fate: Fate, sent: int) -> None:
    ticket = room.request()
    room.tickets.fate = once("fine", fate)  # type: ignore[assignment]  # the field, then the letter
    first = room.desk().estimate(room.number(ticket), 60)
    assert not first.settled
    assert count(room, ESTIMATE) == sent
    held = room.desk().estimate(room.number(ticket), 60)
    assert [one.key.kind for one in held.held] == ["estimate"]
    room.clock.tick(minutes=3)
    assert room.desk().estimate(room.number(ticket), 60).settled
    room.passes()
    assert count(room, ESTIMATE) == 1


def test_once_the_task_is_set_an_estimate_stands_in_the_ticket_without_a_letter(room: Room) -> None:
    ticket = room.request()
    room.desk().task(room.number(ticket))
    room.tickets.put(ticket, state="open", state_type="open")
    acted = room.desk().estimate(room.number(ticket), 120)
    assert count(room, ESTIMATE) == 0
    assert "the client is not written to" in acted.said[0]


def test_an_older_ticket_is_told_its_estimate_because_a_person_says_so(room: Room) -> None:
    ticket = room.tickets.mail_in()
    room.passes()
    room.desk().estimate(room.number(ticket), 60)
    room.desk().estimate(room.number(ticket), 60)
    room.passes()
    assert room.letters() == [ESTIMATE]


def test_a_closed_ticket_and_an_unknown_field_are_refused(room: Room) -> None:
    ticket = room.request()
    number = room.number(ticket)
    room.tickets.put(ticket, fields=(("Agreed", ""),))
    with pytest.raises(Refused, match="no dynamic field Estimate"):
        room.desk().estimate(number, 60)
    room.tickets.close(ticket)
    with pytest.raises(Refused, match="closed successful"):
        room.desk().approve(number)
    room.tickets.merge(ticket, room.tickets.mail_in())
    with pytest.raises(Refused, match="was merged"):
        room.desk().done(number)


def test_without_a_first_pass_nothing_is_written(room: Room) -> None:
    ticket = room.tickets.mail_in()
    with pytest.raises(Refused, match="No pass has run"):
        room.desk().done(room.number(ticket))


def test_what_is_agreed_stops_the_clock_and_is_said_once(room: Room) -> None:
    ticket = room.request()
    first = room.desk().approve(room.number(ticket))
    assert room.tickets.rows[ticket].field("Agreed") == "1"
    assert first.said[0] == "The client agrees: Agreed is set."
    assert "no estimate" in first.said[1]
    [row] = room.bridge().state.promises([ticket])[ticket]
    assert row.estimated_at == room.clock.now
    assert room.desk().approve(room.number(ticket)).said[0] == "It is agreed already (Agreed: 1)."


def test_a_task_is_made_in_whatever_queue_the_ticket_is(room: Room) -> None:
    ticket = room.request()
    shown = room.desk().task(room.number(ticket), dry_run=True)
    assert (room.issues.rows, len(shown.steps)) == ({}, 4)
    done = room.desk().task(room.number(ticket))
    assert [one.ending for one in done.steps] == ["done"] * 4
    [issue] = room.issues.rows.values()
    assert issue.ticket_field == room.number(ticket)
    assert room.tickets.rows[ticket].field("RedmineIssue") == str(issue.id)
    assert room.tickets.rows[ticket].closed
    assert room.desk().task(room.number(ticket)).said == (f"Its issue is there: #{issue.id}.",)
    room.passes()
    assert (len(room.issues.rows), count(room, TASK)) == (1, 1)


def test_a_task_of_an_older_ticket_is_made_and_its_end_is_told(room: Room) -> None:
    ticket = room.tickets.mail_in()
    room.passes()
    room.desk().task(room.number(ticket))
    [issue] = room.issues.rows
    room.clock.tick(minutes=5)
    room.issues.set(issue, status="Closed")
    room.passes()
    room.passes()
    assert room.letters() == [TASK, DONE]


def test_a_task_that_was_killed_is_gone_on_with_by_cron(room: Room) -> None:
    ticket = room.request()

    def killed(what: str) -> Fate:
        raise KeyboardInterrupt

    room.issues.fate = killed
    with pytest.raises(KeyboardInterrupt):
        room.desk().task(room.number(ticket))
    room.issues.fate = lambda what: "fine"
    room.passes(seconds=30)
    assert room.issues.rows == {}
    room.passes()
    room.passes()
    assert (len(room.issues.rows), count(room, TASK), room.tickets.rows[ticket].closed) == (1, 1, True)


def test_a_task_whose_fate_is_unknown_is_made_once(room: Room) -> None:
    ticket = room.request()
    room.issues.fate = once("late")  # type: ignore[assignment]  # a function of what is written
    assert not room.desk().task(room.number(ticket)).settled
    for _ in range(3):
        room.passes()
    assert (len(room.issues.rows), count(room, TASK)) == (1, 1)


def test_what_is_required_and_lacks_is_named_with_the_commands(room: Room) -> None:
    room.required("estimate", "agreed", "Budget")
    ticket = room.request()
    with pytest.raises(Refused) as refused:
        room.desk().task(room.number(ticket))
    assert "lacks estimate, agreed, Budget" in refused.value.wrong
    assert f"ticket estimate {room.number(ticket)} HOURS" in refused.value.next_step
    room.required("Budget")
    with pytest.raises(Refused, match="lacks Budget"):
        room.desk().task(room.number(ticket))
    assert room.bridge().state.orders([ticket]) == frozenset()


def test_a_ticket_of_nobodys_customer_becomes_no_task(room: Room) -> None:
    room.passes()
    ticket = room.tickets.mail_in(customer="Stranger")
    room.passes()
    with pytest.raises(Refused, match="no client lists its customer"):
        room.desk().task(room.number(ticket))


def test_an_order_that_a_person_meets_by_hand_is_ended(room: Room) -> None:
    ticket = room.request()
    bridge = room.bridge()
    known = bridge.state.known([ticket])[ticket]
    room.desk()._parts.state.order_issue(known, known, room.clock.now)
    room.clock.tick(minutes=1)
    room.issues.by_hand(ticket=room.number(ticket))
    room.passes()
    room.passes()
    assert (len(room.issues.rows), count(room, TASK)) == (1, 1)
    assert bridge.state.orders([ticket]) == frozenset()


def test_done_is_refused_while_work_goes_on_or_was_refused(room: Room) -> None:
    ticket = room.request()
    room.desk().task(room.number(ticket))
    [issue] = room.issues.rows
    with pytest.raises(Refused, match=f"goes on: #{issue} \\(New\\)"):
        room.desk().done(room.number(ticket))
    room.issues.set(issue, status="Rejected")
    with pytest.raises(Refused, match=r"No issue of ticket \d+ is done: #"):
        room.desk().done(room.number(ticket))
    room.issues.down = True
    with pytest.raises(Refused, match="Redmine does not answer"):
        room.desk().done(room.number(ticket))
    assert count(room, DONE) == 0


def test_done_is_told_by_command_or_cron_once(room: Room) -> None:
    ticket = room.request()
    room.desk().task(room.number(ticket))
    [issue] = room.issues.rows
    room.passes()
    room.issues.set(issue, status="Closed")
    room.desk().done(room.number(ticket), note="The old file is kept.")
    assert "The old file is kept." in room.tickets.mailbox[-1][2]
    room.passes()
    again = room.desk().done(room.number(ticket))
    assert "nothing was sent now" in again.said[0]
    assert count(room, DONE) == 1


def test_done_without_an_issue_closes_the_ticket_and_keeps_the_promise(room: Room) -> None:
    ticket = room.request()
    room.desk().done(room.number(ticket))
    [row] = room.bridge().state.promises([ticket])[ticket]
    assert row.estimated_at is not None
    assert room.tickets.rows[ticket].closed
    room.desk().done(room.number(ticket))
    room.passes()
    assert count(room, DONE) == 1
    room.tickets.mail_in("And now the footer, please.", to=ticket)
    room.passes()
    room.desk().done(room.number(ticket))
    room.desk().done(room.number(ticket))
    room.passes()
    assert count(room, DONE) == 2


def test_an_apology_follows_a_missed_promise_once(room: Room) -> None:
    ticket = room.request()
    number = room.number(ticket)
    with pytest.raises(Refused, match="is not missed: it is due 2026-11-23 18:00"):
        room.desk().apologise(number)
    room.clock.tick(hours=9)
    room.desk().apologise(number, note="Our colleague was ill.")
    assert "Our colleague was ill." in room.tickets.mailbox[-1][2]
    again = room.desk().apologise(number)
    assert again.said[0].startswith("The apology was sent on 2026-11-23 19:")
    room.passes()
    assert count(room, SORRY) == 1


def test_nothing_promised_and_a_kept_promise_need_no_apology(room: Room) -> None:
    old = room.tickets.mail_in()
    ticket = room.request()
    with pytest.raises(Refused, match="Nothing was promised"):
        room.desk().apologise(room.number(old))
    room.desk().estimate(room.number(ticket), 60)
    room.clock.tick(hours=12)
    with pytest.raises(Refused, match="was kept: it was due 2026-11-23 18:00"):
        room.desk().apologise(room.number(ticket))


def test_a_warning_that_cron_told_today_is_told_at_the_desk_too(room: Room) -> None:
    room.passes()
    ticket = room.tickets.mail_in(sender="nobody", customer="Stranger")
    room.tickets.put(ticket, customer_user="")
    room.passes()
    told = room.desk().estimate(room.number(ticket), 60)
    assert any("Nobody to send" in one.message or "nobody to send" in one.message for one in told.problems)
    assert room.tickets.mailbox == []


def test_a_letter_over_the_cap_that_no_pass_would_send_is_refused_and_leaves_nothing(room: Room) -> None:
    ticket = room.request()
    caps = "letters_a_day = 1\nletters_a_day_to_one = 1\n\n[store]"
    more = room.file.read_text(encoding="utf-8").replace("[store]", caps)
    room.file.write_text(more, encoding="utf-8")
    for dry_run in (True, False):
        with pytest.raises(Refused, match=r"is not sent: jane@acme\.example was written to 1 times today") as refused:
            room.desk().done(room.number(ticket), dry_run=dry_run)
        assert refused.value.next_step.startswith("Run it again tomorrow.")
    assert not room.tickets.rows[ticket].closed
    assert room.passes().quiet
    room.clock.tick(days=1)
    room.desk().done(room.number(ticket))
    assert count(room, DONE) == 1


def test_an_apology_to_nobody_is_refused(room: Room) -> None:
    room.passes()
    ticket = room.tickets.mail_in(sender="nobody")
    room.tickets.put(ticket, customer_user="")
    room.passes()
    room.clock.tick(hours=12)
    with pytest.raises(Refused, match="obody to send the letter apology to"):
        room.desk().apologise(room.number(ticket))


def test_no_task_while_redmine_is_down(room: Room) -> None:
    ticket = room.request()
    room.issues.down = True
    acted = room.desk().task(room.number(ticket))
    assert not acted.settled
    room.issues.down = False
    room.passes()
    assert (len(room.issues.rows), count(room, TASK)) == (1, 1)


def test_a_request_that_no_pass_has_seen_yet_is_promised_and_set_at_once(room: Room) -> None:
    room.passes()
    room.clock.tick(minutes=1)
    ticket = room.tickets.mail_in()
    room.desk().task(room.number(ticket))
    [row] = room.bridge().state.promises([ticket])[ticket]
    assert (row.round, len(room.issues.rows), count(room, TASK)) == (1, 1, 1)
    sent = len(room.tickets.mailbox)
    room.passes()
    assert len(room.tickets.mailbox) == sent
