"""One ticket's story, and the search that finds it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.desk_world import Room


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_the_story_runs_from_the_first_letter_to_the_issue(room: Room) -> None:
    ticket = room.request()
    number = room.number(ticket)
    room.tickets.auto_reply(ticket)
    room.tickets.answer(ticket, "> quoted\nWe look into it.\n\nAnna")
    room.tickets.answer(ticket, "Careful with this one.", visible=False)
    room.desk().estimate(number, 90)
    room.desk().approve(number)
    room.desk().task(number)
    [issue] = room.issues.rows
    room.issues.minutes[issue] = (90, 45)
    story = room.desk().show(f"AW: [Ticket#{number}] Logo")
    assert [one.who for one in story.mails] == ["client", "us", "system", "colleague", "note", "us", "us"]
    assert story.mails[3].lines == ("We look into it.", "Anna")
    assert (story.estimate_minutes, story.agreed, story.client, story.holder) == (90, True, "acme", "")
    assert [one.key.kind for one in story.letters] == ["received", "estimate", "task_set"]
    [work] = story.works
    assert (work.issue, work.status, work.estimated_minutes, work.booked_minutes) == (issue, "New", 90, 45)
    [promise] = story.promises
    assert promise.reasons[0].startswith("Arrived Mon 2026-11-23 10:10")
    assert (promise.acknowledged_by, story.invoices, story.problems) == ("letter", (), ())
    data = json.loads(json.dumps(story.as_dict()))
    assert data["promises"][0]["due_at"] == "2026-11-23T15:00:00Z"
    assert data["issues"][0]["booked_minutes"] == 45


def test_without_redmine_the_story_says_what_it_cannot_tell(room: Room) -> None:
    ticket = room.request()
    room.desk().task(room.number(ticket))
    room.issues.down = True
    story = room.desk().show(room.number(ticket))
    assert (story.works[0].status, len(story.problems)) == ("", 1)
    room.issues.down = False
    room.issues.rows.clear()
    assert room.desk().show(room.number(ticket)).works[0].status == "gone"


def test_an_invoice_line_with_the_ticket_or_its_issue_ends_the_story(room: Room) -> None:
    ticket = room.request()
    room.desk().task(room.number(ticket))
    [issue] = room.issues.rows
    lines = [
        line(ticket=room.number(ticket), minutes=60),
        line(issue=str(issue), minutes=30),
        line(issue=f"{issue}9", minutes=15),
        line(minutes=15),
    ]
    desk = room.desk()
    store = desk._parts.bridge.parts.store
    with store.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO series (id, seller, kind, year, first_number, next_number) VALUES (1, '', 'i', 0, 1, 2)")
        )
        values = {"basis": json.dumps({"lines": lines})}
        connection.execute(
            text(
                "INSERT INTO invoices (number, series_id, series_number, seller, kind, client, month, currency,"
                " issue_date, minutes, booked_minutes, net, tax, gross, snapshot, basis, plan_hash, issued_at,"
                " issued_by, state) VALUES ('2026-0001', 1, 1, '', 'invoice', 'acme', '2026-11', 'EUR', '2026-12-01',"
                " 120, 120, '1', '0', '1', '{}', :basis, 'x', '2026-12-01T00:00:00.000000Z', 'anna', 'issued')"
            ),
            values,
        )
    found = desk.show(room.number(ticket)).invoices
    assert [(one["invoice"], one["line"], one["minutes"]) for one in found] == [
        ("2026-0001", 1, 60),
        ("2026-0001", 2, 30),
    ]


def line(*, ticket: str = "", issue: str = "", minutes: int) -> dict[str, object]:
    shown = {"ticket": ticket or None, "issue": issue or None, "title": "Logo", "minutes": minutes}
    return {**shown, "booked_minutes": minutes, "net": "10.00"}


def test_a_ticket_that_no_pass_has_seen_has_a_story_too(room: Room) -> None:
    ticket = room.tickets.mail_in(customer="")
    story = room.desk().show(room.number(ticket))
    assert (story.client, story.promises, story.letters, story.estimate_minutes) == (None, (), (), None)


def test_words_are_found_with_their_issues_the_newest_first(room: Room) -> None:
    first = room.request()
    room.desk().task(room.number(first))
    second = room.tickets.mail_in("The logo again.", subject="Footer")
    hits = room.desk().search("  logo ")
    assert [one.number for one in hits] == [room.number(second), room.number(first)]
    assert (hits[0].issues, hits[1].issues) == ((), tuple(room.issues.rows))
    assert hits[1].as_dict()["state"] == "closed successful"
    assert room.desk().search("no such word") == ()
    with pytest.raises(ValueError, match="needs words"):
        room.desk().search(" ")
    with pytest.raises(ValueError, match="a minute or more"):
        room.desk().estimate(room.number(first), 0)
